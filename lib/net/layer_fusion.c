/* SPDX-License-Identifier: MIT */
/* Decides which ops of a network are fused. */
#include "net/layer_fusion.h"

static const struct ae_layer_fusion *fusion_of(const struct ae_layer *op)
{
	static const struct ae_layer_fusion none;
	return op->type->fusion ? op->type->fusion : &none;
}

/* The activation ops[i] goes to the op before it, and then, for backward(), to the one after it. */
static void fuse_activation(struct ae_layer *ops, size_t i, size_t n)
{
	struct ae_layer *before = &ops[i - 1], *op = &ops[i], *next = op + 1;
	if (!fusion_of(op)->is_piecewise_linear || !fusion_of(before)->activation_after)
		return;
	op->fused.skip_forward = before->fused.activation_after = true;
	before->fused.slope_after = op->args.activation.parameter;
	if (i + 1 == n || !fusion_of(next)->activation_before)
		return;
	op->fused.skip_backward = next->fused.activation_before = true;
	next->fused.slope_before = op->args.activation.parameter;
}

void ae_layers_fuse(struct ae_layer *ops, size_t n, size_t cut)
{
	for (size_t i = 1; i < n; i++)
		fuse_activation(ops, i, n);
	for (size_t i = 0; i + 1 < n; i++) {
		struct ae_layer *op = &ops[i], *next = op + 1;
		if (!fusion_of(op)->is_batchnorm || !fusion_of(next)->batchnorm_before || i + 1 == cut)
			continue;
		op->fused.skip_forward = op->fused.skip_backward = true;
		next->fused.batchnorm = op;
		next->stats_op = op->place;
		op->reduces_backward = false;
		next->reduces_backward = true;
	}
}
