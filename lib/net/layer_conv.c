/* SPDX-License-Identifier: MIT */
/* 2-D convolution and transposed convolution with TensorFlow's padding 'same'. A transposed convolution is the
   backward-data pass of a convolution, and shares its kernels: see kernels/conv.h.
   x is [blocks][height][width][channels][lanes], w [kernel_height][kernel_width][in channels][out channels]; w of a
   transposed convolution is that of the convolution it is the backward of, with in and out exchanged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"
#include "net/batchnorm_stats.h"
#include "net/layer_fusion.h"
#include "net/layer_reduction.h"

#define KERNEL_MAX 7
#define STRIDE_MAX 2
#define UNITS_MAX (1 << 16)

/* Reads a number from 1 to max at *text and moves past it; 0 if there is none. */
static size_t number(const char **text, size_t max)
{
	size_t n = 0, digits = strspn(*text, "0123456789");
	for (size_t i = 0; i < digits && n <= max; i++)
		n = n * 10 + (size_t)(*text)[i] - '0';
	*text += digits;
	return n <= max ? n : 0;
}

/* "3x3" or "3x3/2". */
static int size_parse(struct ae_conv *conv, const char *text)
{
	conv->kernel_height = number(&text, KERNEL_MAX);
	if (*text++ != 'x')
		return -1;
	conv->kernel_width = number(&text, KERNEL_MAX);
	conv->stride = 1;
	if (*text == '/') {
		text++;
		conv->stride = number(&text, STRIDE_MAX);
	}
	return *text || !conv->kernel_height || !conv->kernel_width || !conv->stride ? -1 : 0;
}

static int conv_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	const char *name = layer->type->name;
	uint64_t units;
	if (value || n < 2)
		return ae_fail_usage(err,
			"expected a number of channels and a kernel size after \"%s\", as in \"%s 16 3x3/2\"", name,
			name);
	if (ae_parse_u64(&units, words[0], 1, UNITS_MAX) != 0)
		return ae_fail_usage(err, "\"%s %s\": expected a number of channels from 1 to %d after \"%s\"", name,
			words[0], UNITS_MAX, name);
	if (size_parse(&layer->args.conv.shape, words[1]) != 0)
		return ae_fail_usage(err,
			"\"%s %s %s\": expected a kernel size from 1x1 to %dx%d, and after a slash the stride, 1 or "
			"%d, as in 3x3/2",
			name, words[0], words[1], KERNEL_MAX, KERNEL_MAX, STRIDE_MAX);
	layer->args.conv.units = units;
	*used = 2;
	int len = snprintf(layer->text, sizeof(layer->text), "%s %zu %zux%zu", name, layer->args.conv.units,
		layer->args.conv.shape.kernel_height, layer->args.conv.shape.kernel_width);
	if (layer->args.conv.shape.stride > 1)
		snprintf(layer->text + len, sizeof(layer->text) - (size_t)len, "/%zu", layer->args.conv.shape.stride);
	return 0;
}

/* TensorFlow's 'same' padding: the odd pixel comes after. */
static size_t pad_before(size_t large, size_t small, size_t kernel, size_t stride)
{
	size_t needed = (small - 1) * stride + kernel;
	return needed > large ? (needed - large) / 2 : 0;
}

static size_t kernel_of(const struct ae_layer *layer)
{
	return ae_shape_size(&layer->param[0].shape);
}

static int bind(
	struct ae_layer *layer, const struct ae_shape *large, const struct ae_shape *small, struct ae_error *err)
{
	struct ae_conv *c = &layer->args.conv.shape;
	c->height = large->dim[0];
	c->width = large->dim[1];
	c->channels = large->dim[2];
	c->small_height = small->dim[0];
	c->small_width = small->dim[1];
	c->small_channels = small->dim[2];
	c->top = pad_before(c->height, c->small_height, c->kernel_height, c->stride);
	c->left = pad_before(c->width, c->small_width, c->kernel_width, c->stride);
	if ((double)layer->out.dim[0] * layer->out.dim[1] * layer->out.dim[2] > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d values", layer->text, INT32_MAX);
	uint32_t area = (uint32_t)(c->kernel_height * c->kernel_width);
	layer->params = 2;
	layer->param[0] = (struct ae_layer_param){.name = "kernel",
		.shape = {.rank = 4,
			.dim = {(uint32_t)c->kernel_height, (uint32_t)c->kernel_width, (uint32_t)c->channels,
				(uint32_t)c->small_channels}},
		.init = AE_INIT_GLOROT,
		.fan_in = area * c->channels,
		.fan_out = area * c->small_channels,
		.trained = true};
	layer->param[1] = (struct ae_layer_param){
		.name = "bias", .shape = ae_shape_vector(layer->args.conv.units), .trained = true};
	double weights = (double)area * (double)c->channels * (double)c->small_channels;
	if (weights > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d weights", layer->text, INT32_MAX);
	layer->weights = kernel_of(layer) + layer->args.conv.units;
	layer->workspace = layer->weights + ae_conv_workspace(c);
	layer->partials = layer->weights + (area + AE_LANES_MAX) * layer->args.conv.units;
	layer->gradient_multiple = 1;
	return 0;
}

static int conv_bind(struct ae_layer *layer, struct ae_error *err)
{
	uint32_t s = (uint32_t)layer->args.conv.shape.stride;
	if (layer->in.rank != 3)
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	layer->out = (struct ae_shape){.rank = 3,
		.dim = {(layer->in.dim[0] + s - 1) / s, (layer->in.dim[1] + s - 1) / s,
			(uint32_t)layer->args.conv.units}};
	return bind(layer, &layer->in, &layer->out, err);
}

static int convt_bind(struct ae_layer *layer, struct ae_error *err)
{
	uint32_t s = (uint32_t)layer->args.conv.shape.stride;
	if (layer->in.rank != 3)
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	layer->out = (struct ae_shape){
		.rank = 3, .dim = {layer->in.dim[0] * s, layer->in.dim[1] * s, (uint32_t)layer->args.conv.units}};
	layer->args.conv.transposed = true;
	return bind(layer, &layer->out, &layer->in, err);
}

static void on_tile(void *arg, const float *tile, size_t pixels)
{
	const struct ae_layer_consumer *consumer = arg;
	consumer->layer->type->reduction->partial_tile(consumer->layer, consumer->at, tile, pixels);
}

/* A convolution reads the large image and makes the small one, a transposed convolution the other way round. */
static bool is_transposed(const struct ae_layer *layer)
{
	return layer->args.conv.transposed;
}

static size_t channels_in(const struct ae_layer *layer)
{
	return layer->in.dim[2];
}

/* The input and the output channel of weight i of the kernel. */
static size_t input_of(const struct ae_layer *layer, size_t i)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	return is_transposed(layer) ? i % c->small_channels : i / c->small_channels % c->channels;
}

static size_t output_of(const struct ae_layer *layer, size_t i)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	return is_transposed(layer) ? i / c->small_channels % c->channels : i % c->small_channels;
}

/* Size of an array float[kernel_height][kernel_width][output channels]: one value for every tap, a tap being one
   position of the kernel; and the place in it of weight i. */
static size_t tap_values(const struct ae_layer *layer)
{
	return layer->args.conv.shape.kernel_height * layer->args.conv.shape.kernel_width * layer->args.conv.units;
}

static size_t tap_of(const struct ae_layer *layer, size_t i)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	return i / (c->channels * c->small_channels) * layer->args.conv.units + output_of(layer, i);
}

/* Folds the batch normalisation before this op, z = scale x + shift, into the weights:
     W z + b = (W scale) x + (W shift) + b.
   The second term is a bias for every tap, since a tap over the zero padding gets no shift. Returns W scale, and sets
   *tap_shift to W shift summed over the input channels. Both are in the workspace, after the packed weights. */
static const float *fold_batchnorm(
	const struct ae_layer *layer, const struct ae_layer_blocks *at, const float **tap_shift)
{
	const struct ae_layer *batchnorm = layer->fused.batchnorm;
	size_t n = kernel_of(layer), channels = channels_in(layer), taps = tap_values(layer);
	float *w = at->workspace + n, *shifts = w + n, *scale = shifts + taps, *shift = scale + channels;
	ae_batchnorm_forward_coefficients(scale, shift, at->weights + batchnorm->offset - layer->offset,
		at->batch_stats ? ae_layer_doubles(at->batch_stats) : NULL, channels);
	memset(shifts, 0, taps * sizeof(*shifts));
	for (size_t i = 0; i < n; i++) {
		size_t c = input_of(layer, i);
		w[i] = at->weights[i] * scale[c];
		shifts[tap_of(layer, i)] += at->weights[i] * shift[c];
	}
	*tap_shift = shifts;
	return w;
}

/* With fused.activation_after a (leaky) ReLU is applied to y in registers. */
static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv_kernels *k = at->kernels->conv;
	const float *w = at->weights;
	struct ae_conv_epilogue epilogue = {.packed_weights = at->workspace,
		.bias = at->weights + kernel_of(layer),
		.relu = layer->fused.activation_after,
		.negative_slope = (float)layer->fused.slope_after,
		.on_tile = at->consumer ? on_tile : NULL,
		.on_tile_arg = at->consumer};
	if (layer->fused.batchnorm)
		w = fold_batchnorm(layer, at, &epilogue.tap_bias);
	if (is_transposed(layer)) {
		k->pack_backward_data(at->workspace, w, &layer->args.conv.shape);
		k->backward_data(at->y, at->x, &epilogue, &layer->args.conv.shape, at->blocks);
	} else {
		k->pack_forward(at->workspace, w, &layer->args.conv.shape);
		k->forward(at->y, at->x, &epilogue, &layer->args.conv.shape, at->blocks);
	}
}

/* Sums of dy, float[output channels][lanes], after those of partial_backward(). NULL with a batch normalisation fused,
   which needs sums for every tap. */
static float *partial_channel_sums(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	return layer->fused.batchnorm ? NULL : at->partials + layer->weights + tap_values(layer);
}

static void partial_begin(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	float *sums = partial_channel_sums(layer, at);
	if (sums)
		memset(sums, 0, AE_LANES_MAX * layer->args.conv.units * sizeof(*sums));
}

/* The weight gradient of the slice, computed here while dy is in cache and its memory still holds it: partials are
   dL/dw[kernel] with respect to x as it is, dL/dbias, and with a batch normalisation fused the sums of dy for every
   tap. */
static void partial_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	bool transposed = is_transposed(layer);
	struct ae_conv_gradients to = {.g = at->partials,
		.bias = at->partials + kernel_of(layer),
		.tap_sums = layer->fused.batchnorm ? at->partials + layer->weights : NULL,
		.workspace = at->workspace};
	const float *sums = at->stats_done ? partial_channel_sums(layer, at) : NULL;
	memset(at->partials, 0, (layer->weights + tap_values(layer)) * sizeof(float));
	if (sums) {
		at->kernels->channel->sums(to.bias, sums, 1, 1, layer->args.conv.units);
		to.bias = NULL;
	}
	at->kernels->conv->weight_gradient(&to, transposed ? at->dy : at->x, transposed ? at->x : at->dy,
		&layer->args.conv.shape, transposed, at->blocks);
}

/* Batchnorm's backward needs sum(dL/dz) and sum(dL/dz x) per channel, z = scale x + shift being its output. z is never
   stored; but dL/dz is this op's backward-data pass of dy, so both follow from what partial_backward() has:
     sum(dL/dz_c)     = sum of w[i] S[tap of i]  over the weights i of input channel c,
     sum(dL/dz_c x_c) = sum of w[i] G[i],
   S being the sums of dy for every tap and G the weight gradient with respect to x. */
static void reduce_backward(const struct ae_layer *layer, const struct ae_layer_reduction_args *at)
{
	size_t n = channels_in(layer);
	double *batch = ae_layer_doubles(at->batch_stats), *sum = batch + AE_BATCH_DY * n,
	       *product = batch + AE_BATCH_DY_X * n;
	memset(sum, 0, n * sizeof(*sum));
	memset(product, 0, n * sizeof(*product));
	for (size_t s = 0; s < at->slices; s++) {
		const float *partial = at->partials + s * layer->partials;
		for (size_t i = 0; i < kernel_of(layer); i++) {
			size_t c = input_of(layer, i);
			double w = (double)at->weights[i];
			sum[c] += w * (double)partial[layer->weights + tap_of(layer, i)];
			product[c] += w * (double)partial[i];
		}
	}
	for (size_t c = 0; c < n; c++)
		product[c] = (product[c] - batch[AE_BATCH_MEAN * n + c] * sum[c]) * batch[AE_BATCH_INV_STD * n + c];
}

/* The backward-data pass. With a batch normalisation fused its backward, dx = scale dz + (x_coef x + shift), is the
   epilogue. */
static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv_kernels *k = at->kernels->conv;
	const struct ae_layer *batchnorm = layer->fused.batchnorm;
	struct ae_conv_epilogue epilogue = {.packed_weights = at->workspace,
		.relu = layer->fused.activation_before,
		.mask = at->x,
		.negative_slope = (float)layer->fused.slope_before,
		.rows = at->rows,
		.on_tile = at->consumer && at->consumer->layer->type->reduction->partial_tile ? on_tile : NULL,
		.on_tile_arg = at->consumer};
	if (!at->dx)
		return;
	if (at->consumer && at->consumer->layer->type->reduction->partial_channel_sums)
		epilogue.channel_sums = at->consumer->layer->type->reduction->partial_channel_sums(
			at->consumer->layer, at->consumer->at);
	if (batchnorm) {
		size_t n = channels_in(layer), pixels = ae_shape_size(&layer->in) / n;
		float *scale = at->workspace + kernel_of(layer), *x_coef = scale + n, *shift = x_coef + n;
		ae_batchnorm_backward_coefficients(scale, x_coef, shift,
			at->weights + batchnorm->offset - layer->offset, ae_layer_doubles(at->batch_stats), n,
			(double)at->batch_rows * (double)pixels);
		epilogue.scale = scale;
		epilogue.x_coef = x_coef;
		epilogue.shift = shift;
		epilogue.negative_slope = batchnorm->fused.activation_before ? (float)batchnorm->fused.slope_before : 1;
	}
	if (is_transposed(layer)) {
		k->pack_forward(at->workspace, at->weights, &layer->args.conv.shape);
		k->forward(at->dx, at->dy, &epilogue, &layer->args.conv.shape, at->blocks);
	} else {
		k->pack_backward_data(at->workspace, at->weights, &layer->args.conv.shape);
		k->backward_data(at->dx, at->dy, &epilogue, &layer->args.conv.shape, at->blocks);
	}
}

/* dL/dw is the sum of the slices' G; with a batch normalisation fused it is scale G + shift S. */
static void weight_gradient(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t kernel = kernel_of(layer), channels = channels_in(layer);
	ae_layer_sum_partials(layer, at);
	if (!layer->fused.batchnorm)
		return;
	const double *scale = ae_layer_doubles(at->batch_stats) + AE_BATCH_SCALE * channels;
	const double *shift = ae_layer_doubles(at->batch_stats) + AE_BATCH_SHIFT * channels;
	for (size_t i = at->from; i < at->to && i < kernel; i++) {
		size_t c = input_of(layer, i);
		float taps = 0;
		for (size_t s = 0; s < at->slices; s++)
			taps += at->partials[s * layer->partials + layer->weights + tap_of(layer, i)];
		at->g[i - at->from] = at->g[i - at->from] * (float)scale[c] + (float)shift[c] * taps;
	}
}

static const struct ae_layer_reduction reduction = {
	.partial_backward = partial_backward,
	.reduce_backward = reduce_backward,
	.partial_begin = partial_begin,
	.partial_channel_sums = partial_channel_sums,
};

static const struct ae_layer_fusion fusion = {
	.activation_after = true,
	.activation_before = true,
	.batchnorm_before = true,
	.emits_tiles = true,
};

#define FLAGS (AE_LAYER_FIRST | AE_LAYER_DX_OVER_X | AE_LAYER_HEAVY_ROWS)
const struct ae_layer_ops ae_layer_conv = {
	.name = "conv",
	.flags = FLAGS,
	.parse = conv_parse,
	.bind = conv_bind,
	.forward = forward,
	.backward = backward,
	.weight_gradient = weight_gradient,
	.reduction = &reduction,
	.fusion = &fusion,
};
const struct ae_layer_ops ae_layer_convt = {
	.name = "convt",
	.flags = FLAGS,
	.parse = conv_parse,
	.bind = convt_bind,
	.forward = forward,
	.backward = backward,
	.weight_gradient = weight_gradient,
	.reduction = &reduction,
	.fusion = &fusion,
};
