/* SPDX-License-Identifier: MIT */
/* Batch normalisation over all axes but the last: y = gamma (x - mean) / sqrt(variance + 0.001) + beta, mean and
   variance being those of the batch in training, reduced over its slices, and moving averages in inference. */
#include <string.h>

#include "net/batchnorm_stats.h"
#include "net/layer_fusion.h"
#include "net/layer_reduction.h"

#define MOMENTUM 0.99F
/* A slice's partials: doubles sum[channels] and squares[channels], then the pivot. In forward() partial_forward() turns
   them into the mean and the sum of squares about it; in backward() they are the sums of dy and of dy (x - pivot). */
enum { SUM, SQUARES, PARTIALS };

static int bind(struct ae_layer *layer, struct ae_error *err)
{
	static const char *const names[AE_BATCHNORM_WEIGHTS] = {"gamma", "beta", "mean", "variance"};
	(void)err;
	size_t channels = ae_layer_channels(layer);
	layer->out = layer->in;
	layer->params = AE_BATCHNORM_WEIGHTS;
	for (size_t i = 0; i < AE_BATCHNORM_WEIGHTS; i++)
		layer->param[i] = (struct ae_layer_param){.name = names[i],
			.shape = ae_shape_vector(channels),
			.init = i == AE_GAMMA || i == AE_VARIANCE ? AE_INIT_ONE : AE_INIT_ZERO,
			.trained = i == AE_GAMMA || i == AE_BETA};
	layer->weights = AE_BATCHNORM_WEIGHTS * channels;
	layer->gradient_multiple = 1;
	layer->partials = PARTIALS * channels * sizeof(double) / sizeof(float) + (channels + 2) / 2 * 2;
	layer->batch_stats = AE_BATCH_STATS * channels * sizeof(double) / sizeof(float);
	layer->workspace = 3 * channels;
	layer->reduces_forward = layer->reduces_backward = true;
	layer->rows_min = ae_shape_size(&layer->in) == channels ? 2 : 1;
	return 0;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_channels(layer), pixels = ae_layer_pixels(layer);
	float *scale = at->workspace, *shift = scale + n;
	if (layer->fused.skip_forward)
		return;
	ae_batchnorm_forward_coefficients(
		scale, shift, at->weights, at->batch_stats ? ae_layer_doubles(at->batch_stats) : NULL, n);
	at->kernels->channel->scale(at->y, at->x, scale, shift, at->blocks * pixels, n);
}

/* The pivot of the shifted sums, float[channels], followed by a flag: pivot set. */
static float *pivot_of(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	return at->partials + PARTIALS * ae_layer_channels(layer) * sizeof(double) / sizeof(float);
}

static void partial_begin(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	memset(at->partials, 0, layer->partials * sizeof(float));
}

/* Sums of d and d^2, d = x - pivot, the pivot being the first values of the slice, which keeps the squares small; in
   backward() of dy and dy d, about the mean of the batch. */
static void partial_tile(
	const struct ae_layer *layer, const struct ae_layer_blocks *at, const float *tile, size_t pixels)
{
	size_t n = ae_layer_channels(layer), lanes = at->kernels->lanes, block = ae_shape_size(&layer->in) * lanes;
	size_t first = (size_t)(tile - (at->dy ? at->dy : at->x)), row = first / block * lanes;
	const double *batch_stats = ae_layer_doubles(at->batch_stats);
	double *partial = ae_layer_doubles(at->partials);
	float *pivot = pivot_of(layer, at), *pivot_set = pivot + n;
	for (size_t c = 0; *pivot_set == 0 && c < n; c++)
		pivot[c] = at->dy ? (float)batch_stats[AE_BATCH_MEAN * n + c] : tile[c * lanes];
	*pivot_set = 1;
	size_t rows = at->rows - row < lanes ? at->rows - row : lanes;
	at->kernels->channel->moments(
		partial, partial + n, at->x + first, at->dy ? tile : NULL, pivot, pixels, n, at->dy ? lanes : rows);
}

/* The partials of a slice in one go, unless a neighbour's tiles have brought them. */
static void partial_all(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t pixels = ae_layer_pixels(layer);
	if (at->stats_done || (at->dy && layer->fused.skip_backward))
		return;
	partial_begin(layer, at);
	for (size_t b = 0; b < at->blocks; b++)
		partial_tile(layer, at, (at->dy ? at->dy : at->x) + ae_layer_floats(at, &layer->in) / at->blocks * b,
			pixels);
}

static void partial_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_channels(layer), pixels = ae_layer_pixels(layer);
	double *partial = ae_layer_doubles(at->partials);
	const float *pivot = pivot_of(layer, at);
	partial_all(layer, at);
	/* The mean, and the squares about it instead of about the pivot. */
	double count = (double)at->rows * (double)pixels;
	for (size_t c = 0; c < n; c++) {
		double mean = partial[SUM * n + c] / count;
		partial[SQUARES * n + c] -= mean * mean * count;
		partial[SUM * n + c] = (double)pivot[c] + mean;
	}
}

/* Joins means and squares of slices by Chan, Golub and LeVeque (1979), and moves the moving averages. ae_moments_merge
   multiplies in another order, which would change the last bits of trained models. */
static void reduce_forward(const struct ae_layer *layer, const struct ae_layer_reduction_args *at)
{
	size_t n = ae_layer_channels(layer), pixels = ae_layer_pixels(layer);
	double *batch_stats = ae_layer_doubles(at->batch_stats);
	for (size_t c = 0; c < n; c++) {
		double count = 0, mean = 0, squares = 0;
		for (size_t s = 0; s < at->slices; s++) {
			const double *partial = ae_layer_doubles(at->partials + s * layer->partials);
			size_t left = at->rows - s * at->slice_rows;
			double more = (double)(left < at->slice_rows ? left : at->slice_rows) * (double)pixels;
			double apart = partial[SUM * n + c] - mean;
			mean += apart * more / (count + more);
			squares += partial[SQUARES * n + c] + apart * apart * count * more / (count + more);
			count += more;
		}
		double variance = squares > 0 ? squares / count : 0;
		ae_batchnorm_set(batch_stats, at->weights, c, n, mean, variance);
		float *moving = at->weights + AE_MEAN * n + c;
		moving[0] += (1 - MOMENTUM) * ((float)mean - moving[0]);
		moving[n] += (1 - MOMENTUM) * ((float)variance - moving[n]);
	}
}

static void reduce_backward(const struct ae_layer *layer, const struct ae_layer_reduction_args *at)
{
	size_t n = ae_layer_channels(layer);
	double *batch_stats = ae_layer_doubles(at->batch_stats);
	for (size_t c = 0; c < n; c++) {
		double sum = 0, product = 0;
		for (size_t s = 0; s < at->slices; s++) {
			const double *partial = ae_layer_doubles(at->partials + s * layer->partials);
			sum += partial[SUM * n + c];
			product += partial[SQUARES * n + c];
		}
		double inv_std = batch_stats[AE_BATCH_INV_STD * n + c], off = batch_stats[AE_BATCH_MEAN * n + c];
		off -= (double)(float)off; /* the pivot was the mean rounded to float */
		batch_stats[AE_BATCH_DY * n + c] = sum;
		batch_stats[AE_BATCH_DY_X * n + c] = (product - off * sum) * inv_std;
	}
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_channels(layer), pixels = ae_layer_pixels(layer);
	size_t lanes = at->kernels->lanes;
	if (!at->dx || layer->fused.skip_backward)
		return;
	float below = layer->fused.activation_before ? (float)layer->fused.slope_before : 1;
	float *scale = at->workspace, *x_coef = scale + n, *shift = x_coef + n;
	ae_batchnorm_backward_coefficients(scale, x_coef, shift, at->weights, ae_layer_doubles(at->batch_stats), n,
		(double)at->batch_rows * (double)pixels);
	for (size_t b = 0; b < at->blocks; b++) {
		size_t first = b * pixels * n * lanes;
		size_t rows = at->rows - b * lanes < lanes ? at->rows - b * lanes : lanes;
		at->kernels->channel->scale_both(
			at->dx + first, at->dy + first, at->x + first, scale, x_coef, shift, pixels, n, rows, below);
	}
}

static void weight_gradient(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t n = ae_layer_channels(layer);
	const double *batch_stats = ae_layer_doubles(at->batch_stats);
	for (size_t i = at->from; i < at->to; i++)
		at->g[i - at->from] =
			(float)(i < n ? batch_stats[AE_BATCH_DY_X * n + i] : batch_stats[AE_BATCH_DY * n + i - n]);
}

static const struct ae_layer_reduction reduction = {
	.partial_forward = partial_forward,
	.reduce_forward = reduce_forward,
	.partial_backward = partial_all,
	.reduce_backward = reduce_backward,
	.partial_begin = partial_begin,
	.partial_tile = partial_tile,
};

static const struct ae_layer_fusion fusion = {.is_batchnorm = true, .activation_before = true};

const struct ae_layer_ops ae_layer_batchnorm = {
	.name = "batchnorm",
	.flags = AE_LAYER_FIRST | AE_LAYER_FOLLOWS | AE_LAYER_BACKWARD_IN_PLACE | AE_LAYER_BACKWARD_NEEDS_INPUT |
		 AE_LAYER_ONE_LANE,
	.parse = ae_layer_parse_plain,
	.bind = bind,
	.forward = forward,
	.backward = backward,
	.weight_gradient = weight_gradient,
	.reduction = &reduction,
	.fusion = &fusion,
};
