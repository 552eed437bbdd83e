/* SPDX-License-Identifier: MIT */
/* Operator fusion: fewer passes over memory. A (leaky) ReLU is applied by the neighbouring convolution while its values
   are in registers: by the one before it in forward(), by the one after it in backward(). A batch normalisation is
   folded into the convolution after it, which reads the unnormalised input and scales its weights instead. An op that
   was fused into its neighbours stays in the network with y == x and dx == dy (skip_forward, skip_backward). */
#ifndef AE_NET_LAYER_FUSION_H
#define AE_NET_LAYER_FUSION_H

#include "net/layer.h"

struct ae_layer_fusion {
	/* Which neighbours the layer can absorb. */
	bool activation_after;  /* forward(): y *= fused.slope_after where y <= 0, if fused.activation_after */
	bool activation_before; /* backward(): dx *= fused.slope_before where x <= 0, if fused.activation_before */
	/* forward() and backward() do those of fused.batchnorm too; batch_stats are those of fused.batchnorm. */
	bool batchnorm_before;
	/* Properties by which a neighbour can absorb the layer. */
	bool is_piecewise_linear; /* y = x above 0, else args.activation.parameter * x */
	bool is_batchnorm;
	/* forward() reports finished tiles of y, backward() of dx, to at->consumer if that is not NULL. */
	bool emits_tiles;
};

/* Sets `fused` of n ops. The batch normalisation before the latent cut (op `cut`) stays: the latent is its output. */
void ae_layers_fuse(struct ae_layer *ops, size_t n, size_t cut);

#endif
