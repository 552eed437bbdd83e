/* SPDX-License-Identifier: MIT */
/* Convolution and transposed convolution with TensorFlow's padding 'same', of images and of series. A transposed
   convolution is the backward-data pass of a convolution, and shares its kernels: see kernels/conv.h.
   x is [blocks][height][width][channels][lanes], w [kernel_height][kernel_width][in channels][out channels]; w of a
   transposed convolution is that of the convolution it is the backward of, with in and out exchanged. A series
   [time,channels] is an image of one row, so its w is [1][kernel][in channels][out channels]. */
#include <stdio.h>
#include <string.h>

#include "net/batchnorm_stats.h"
#include "net/conv_words.h"
#include "net/layer_fusion.h"
#include "net/layer_reduction.h"

extern const struct ae_layer_ops ae_layer_conv, ae_layer_convt, ae_layer_conv1d, ae_layer_convt1d;

/* A convolution reads the large image and makes the small one, a transposed convolution the other way round. */
static bool is_transposed(const struct ae_layer *layer)
{
	return layer->type == &ae_layer_convt || layer->type == &ae_layer_convt1d;
}

static bool is_series(const struct ae_layer *layer)
{
	return layer->type == &ae_layer_conv1d || layer->type == &ae_layer_convt1d;
}

static size_t channels_in(const struct ae_layer *layer)
{
	return ae_layer_channels(layer);
}

static int parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	return ae_conv_words(layer, is_series(layer), value, words, n, used, err);
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

/* In Keras's axes. */
static struct ae_shape kernel_shape(const struct ae_layer *layer)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	const uint32_t height = (uint32_t)c->kernel_height, width = (uint32_t)c->kernel_width;
	const uint32_t large = (uint32_t)c->channels, small = (uint32_t)c->small_channels;
	if (is_series(layer))
		return (struct ae_shape){.rank = 3, .dim = {width, large, small}};
	return (struct ae_shape){.rank = 4, .dim = {height, width, large, small}};
}

/* Sets the two images, and the shape of the output. */
static int bind_images(struct ae_layer *layer, struct ae_error *err)
{
	struct ae_conv *c = &layer->args.conv.shape;
	const uint32_t rank = layer->in.rank, units = (uint32_t)layer->args.conv.units;
	const uint64_t height = rank == 2 ? 1 : layer->in.dim[0], width = layer->in.dim[rank - 2];
	const uint64_t down = c->stride_height, right = c->stride_width;
	const bool transposed = is_transposed(layer);
	const uint64_t out_height = transposed ? height * down : (height + down - 1) / down;
	const uint64_t out_width = transposed ? width * right : (width + right - 1) / right;
	if ((double)out_height * (double)out_width * units > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d values", layer->text, INT32_MAX);
	layer->out = (struct ae_shape){.rank = 3, .dim = {(uint32_t)out_height, (uint32_t)out_width, units}};
	if (rank == 2)
		layer->out = (struct ae_shape){.rank = 2, .dim = {(uint32_t)out_width, units}};
	c->height = transposed ? out_height : height;
	c->width = transposed ? out_width : width;
	c->channels = transposed ? units : channels_in(layer);
	c->small_height = transposed ? height : out_height;
	c->small_width = transposed ? width : out_width;
	c->small_channels = transposed ? channels_in(layer) : units;
	c->top = pad_before(c->height, c->small_height, c->kernel_height, c->stride_height);
	c->left = pad_before(c->width, c->small_width, c->kernel_width, c->stride_width);
	return 0;
}

static int refuse_input(const struct ae_layer *layer, struct ae_error *err)
{
	char wanted[80];
	if (!is_series(layer))
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	if (layer->in.rank != 1)
		return ae_layer_mismatch(layer, "series [time,channels]", err);
	snprintf(wanted, sizeof(wanted), "series [time,channels], as \"reshape %ux1\" makes them", layer->in.dim[0]);
	return ae_layer_mismatch(layer, wanted, err);
}

static int bind(struct ae_layer *layer, struct ae_error *err)
{
	const struct ae_conv *c = &layer->args.conv.shape;
	const size_t area = c->kernel_height * c->kernel_width;
	if (layer->in.rank != (is_series(layer) ? 2 : 3))
		return refuse_input(layer, err);
	if (bind_images(layer, err) != 0)
		return -1;
	layer->params = 2;
	layer->param[0] = (struct ae_layer_param){.name = "kernel",
		.shape = kernel_shape(layer),
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

static void on_tile(void *arg, const float *tile, size_t pixels)
{
	const struct ae_layer_consumer *consumer = arg;
	consumer->layer->type->reduction->partial_tile(consumer->layer, consumer->at, tile, pixels);
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

#define CONVOLUTION(word)                                                                                              \
	const struct ae_layer_ops ae_layer_##word = {.name = #word,                                                    \
		.flags = AE_LAYER_FIRST | AE_LAYER_DX_OVER_X | AE_LAYER_HEAVY_ROWS,                                    \
		.parse = parse,                                                                                        \
		.bind = bind,                                                                                          \
		.forward = forward,                                                                                    \
		.backward = backward,                                                                                  \
		.weight_gradient = weight_gradient,                                                                    \
		.reduction = &reduction,                                                                               \
		.fusion = &fusion};
CONVOLUTION(conv)
CONVOLUTION(convt)
CONVOLUTION(conv1d)
CONVOLUTION(convt1d)
