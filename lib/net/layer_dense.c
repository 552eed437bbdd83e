/* SPDX-License-Identifier: MIT */
/* Fully connected: y = W^T x + b, W being [in][out]. */
#include <stdio.h>
#include <string.h>

#include "core/util.h"
#include "net/layer.h"

#define UNITS_MAX (1 << 24)

static int dense_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	uint64_t units;
	if (value || n == 0)
		return ae_fail_usage(err, "expected a number of units after \"dense\", as in \"dense 32\"");
	if (ae_parse_u64(&units, words[0], 1, UNITS_MAX) != 0)
		return ae_fail_usage(err, "\"dense %s\": expected a number of units from 1 to %d after \"dense\"",
			words[0], UNITS_MAX);
	layer->args.dense.units = units;
	*used = 1;
	snprintf(layer->text, sizeof(layer->text), "dense %zu", layer->args.dense.units);
	return 0;
}

static int dense_bind(struct ae_layer *layer, struct ae_error *err)
{
	size_t in = ae_shape_size(&layer->in), out = layer->args.dense.units;
	if ((in + (uint64_t)1) * out > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d weights", layer->text, INT32_MAX);
	layer->out = ae_shape_vector(out);
	layer->params = 2;
	layer->param[0] = (struct ae_layer_param){.name = "kernel",
		.shape = {.rank = 2, .dim = {(uint32_t)in, (uint32_t)out}},
		.init = AE_INIT_GLOROT,
		.fan_in = in,
		.fan_out = out,
		.trained = true};
	layer->param[1] = (struct ae_layer_param){.name = "bias", .shape = layer->out, .trained = true};
	layer->weights = (in + 1) * out;
	layer->gradient_multiple = out;
	layer->saved = AE_PANEL(out);
	return 0;
}

static void dense_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t in = ae_shape_size(&layer->in), out = layer->args.dense.units;
	at->kernels->dense(at->y, at->x, at->weights, at->weights + in * out, in, out, at->blocks);
}

/* Saves dy as panels for weight_gradient(): see transpose() in kernels.h. */
static void dense_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t in = ae_shape_size(&layer->in), out = layer->args.dense.units, lanes = at->kernels->lanes;
	for (size_t i = 0; i < at->blocks; i++)
		at->kernels->transpose(at->saved + i * AE_PANEL(out) * lanes, at->dy + i * out * lanes, out);
	if (at->dx)
		at->kernels->dense_back(at->dx, at->dy, at->weights, in, out, at->blocks);
}

/* One matrix product for the whole batch: dW[from, to)[out] = a[to - from][rows] b[rows][out], where a is x with its
   rows in order and b is dy from the panels of dense_backward(). */
static void wide_gradient(const struct ae_layer_gradient *at, size_t in, size_t out, size_t from, size_t to)
{
	size_t lanes = at->kernels->lanes, rows = at->blocks * lanes;
	float *a = at->work, *b = a + AE_LAYER_WIDE_ROWS * rows;
	for (size_t i = from; i < to; i++)
		for (size_t block = 0; block < at->blocks; block++)
			memcpy(a + (i - from) * rows + block * lanes, at->x + (block * in + i) * lanes,
				lanes * sizeof(float));
	for (size_t block = 0; block < at->blocks; block++) {
		const float *panel = at->saved + block * AE_PANEL(out) * lanes;
		for (size_t o = 0; o < out; o += AE_PANEL_TILE)
			for (size_t lane = 0; lane < lanes; lane++, panel += AE_PANEL_TILE)
				memcpy(b + (block * lanes + lane) * out + o, panel,
					(out - o < AE_PANEL_TILE ? out - o : AE_PANEL_TILE) * sizeof(float));
	}
	at->multiply(at->g, a, b, to - from, out, rows);
}

static void dense_weight_gradient(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t in = ae_shape_size(&layer->in), out = layer->args.dense.units;
	size_t from = at->from / out, to = at->to / out, end = to < in ? to : in; /* row `in` is the bias */
	float *rest = at->g;
	if (at->multiply && from < end) {
		wide_gradient(at, in, out, from, end);
		rest += (end - from) * out;
		from = end;
	}
	if (from < to)
		at->kernels->dense_grad(rest, at->x, at->saved, in, out, from, to, at->blocks);
}

const struct ae_layer_ops ae_layer_dense = {
	.name = "dense",
	.flags = AE_LAYER_FIRST | AE_LAYER_MATRIX_GRADIENT | AE_LAYER_ONE_LANE,
	.parse = dense_parse,
	.bind = dense_bind,
	.forward = dense_forward,
	.backward = dense_backward,
	.weight_gradient = dense_weight_gradient,
};
