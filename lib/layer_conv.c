#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layer.h"
#include "util.h"

#define KERNEL_MAX 7
#define STRIDE_MAX 2
#define UNITS_MAX (1 << 16)

/* The number from *text on, which it moves past; 0 if it is none from 1 to max. */
static size_t number(const char **text, size_t max)
{
	size_t n = 0, digits = strspn(*text, "0123456789");
	for (size_t i = 0; i < digits && n <= max; i++)
		n = n * 10 + (size_t)(*text)[i] - '0';
	*text += digits;
	return n <= max ? n : 0;
}

/* "3x3" or "3x3/2". */
static int size_read(struct ae_conv *conv, const char *text)
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

static int conv_read(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	const char *name = layer->kind->name;
	uint64_t units;
	if (value || n < 2)
		return ae_fail_usage(err,
			"expected a number of channels and a kernel size after \"%s\", as in \"%s 16 3x3/2\"", name,
			name);
	if (ae_parse_u64(&units, words[0], 1, UNITS_MAX) != 0)
		return ae_fail_usage(err, "\"%s %s\": expected a number of channels from 1 to %d after \"%s\"", name,
			words[0], UNITS_MAX, name);
	if (size_read(&layer->conv, words[1]) != 0)
		return ae_fail_usage(err,
			"\"%s %s %s\": expected a kernel size from 1x1 to %dx%d, and after a slash the stride, 1 or "
			"%d, as in 3x3/2",
			name, words[0], words[1], KERNEL_MAX, KERNEL_MAX, STRIDE_MAX);
	layer->units = units;
	*used = 2;
	int len = snprintf(layer->text, sizeof(layer->text), "%s %zu %zux%zu", name, layer->units,
		layer->conv.kernel_height, layer->conv.kernel_width);
	if (layer->conv.stride > 1)
		snprintf(layer->text + len, sizeof(layer->text) - (size_t)len, "/%zu", layer->conv.stride);
	return 0;
}

/* TensorFlow's 'same' padding: the odd pixel comes after. */
static size_t pad_before(size_t wide, size_t narrow, size_t kernel, size_t stride)
{
	size_t needed = (narrow - 1) * stride + kernel;
	return needed > wide ? (needed - wide) / 2 : 0;
}

static size_t kernel_of(const struct ae_layer *layer)
{
	return ae_shape_size(&layer->param[0].shape);
}

static int bind(
	struct ae_layer *layer, const struct ae_shape *wide, const struct ae_shape *narrow, struct ae_error *err)
{
	struct ae_conv *c = &layer->conv;
	c->height = wide->dim[0];
	c->width = wide->dim[1];
	c->channels = wide->dim[2];
	c->narrow_height = narrow->dim[0];
	c->narrow_width = narrow->dim[1];
	c->narrow_channels = narrow->dim[2];
	c->top = pad_before(c->height, c->narrow_height, c->kernel_height, c->stride);
	c->left = pad_before(c->width, c->narrow_width, c->kernel_width, c->stride);
	if ((double)layer->out.dim[0] * layer->out.dim[1] * layer->out.dim[2] > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d values", layer->text, INT32_MAX);
	uint32_t area = (uint32_t)(c->kernel_height * c->kernel_width);
	layer->params = 2;
	layer->param[0] = (struct ae_layer_param){.name = "kernel",
		.shape = {.rank = 4,
			.dim = {(uint32_t)c->kernel_height, (uint32_t)c->kernel_width, (uint32_t)c->channels,
				(uint32_t)c->narrow_channels}},
		.init = AE_INIT_GLOROT,
		.fan_in = area * c->channels,
		.fan_out = area * c->narrow_channels,
		.trained = true};
	layer->param[1] =
		(struct ae_layer_param){.name = "bias", .shape = ae_shape_vector(layer->units), .trained = true};
	double weights = (double)area * (double)c->channels * (double)c->narrow_channels;
	if (weights > INT32_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d weights", layer->text, INT32_MAX);
	layer->weights = kernel_of(layer) + layer->units;
	layer->scratch = ae_conv_work(c);
	layer->share = layer->weights;
	layer->grain = 1;
	return 0;
}

static int conv_bind(struct ae_layer *layer, struct ae_error *err)
{
	uint32_t s = (uint32_t)layer->conv.stride;
	if (layer->in.rank != 3)
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	layer->out = (struct ae_shape){.rank = 3,
		.dim = {(layer->in.dim[0] + s - 1) / s, (layer->in.dim[1] + s - 1) / s, (uint32_t)layer->units}};
	return bind(layer, &layer->in, &layer->out, err);
}

static int convt_bind(struct ae_layer *layer, struct ae_error *err)
{
	uint32_t s = (uint32_t)layer->conv.stride;
	if (layer->in.rank != 3)
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	layer->out = (struct ae_shape){
		.rank = 3, .dim = {layer->in.dim[0] * s, layer->in.dim[1] * s, (uint32_t)layer->units}};
	return bind(layer, &layer->out, &layer->in, err);
}

static void tell(void *arg, const float *piece, size_t pixels)
{
	const struct ae_layer_watch *watch = arg;
	watch->layer->kind->share_piece(watch->layer, watch->at, piece, pixels);
}

/* The activation that the network folded into this step goes over what is made. */
static struct ae_conv_terms forward_terms(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	return (struct ae_conv_terms){.packed = at->scratch,
		.bias = at->weights + kernel_of(layer),
		.gated = layer->fold.output,
		.slope = (float)layer->fold.output_slope,
		.told = at->watch ? tell : NULL,
		.arg = at->watch};
}

/* The gradient goes on through the activation folded into the step before. */
static struct ae_conv_terms backward_terms(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	return (struct ae_conv_terms){.packed = at->scratch,
		.gated = layer->fold.input,
		.gate = at->x,
		.slope = (float)layer->fold.input_slope,
		.told = at->watch ? tell : NULL,
		.arg = at->watch};
}

static void conv_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv_kernels *k = at->kernels->conv;
	struct ae_conv_terms terms = forward_terms(layer, at);
	k->pack_narrow(at->scratch, at->weights, &layer->conv);
	k->narrow(at->y, at->x, &terms, &layer->conv, at->blocks);
}

static void conv_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv *c = &layer->conv;
	const struct ae_conv_kernels *k = at->kernels->conv;
	memset(at->share, 0, layer->share * sizeof(float));
	k->gradient(at->share, at->share + kernel_of(layer), at->x, at->dy, c, false, at->blocks, at->scratch);
	if (!at->dx)
		return;
	struct ae_conv_terms terms = backward_terms(layer, at);
	k->pack_widen(at->scratch, at->weights, c);
	k->widen(at->dx, at->dy, &terms, c, at->blocks);
}

static void convt_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv_kernels *k = at->kernels->conv;
	struct ae_conv_terms terms = forward_terms(layer, at);
	k->pack_widen(at->scratch, at->weights, &layer->conv);
	k->widen(at->y, at->x, &terms, &layer->conv, at->blocks);
}

static void convt_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	const struct ae_conv *c = &layer->conv;
	const struct ae_conv_kernels *k = at->kernels->conv;
	memset(at->share, 0, layer->share * sizeof(float));
	k->gradient(at->share, at->share + kernel_of(layer), at->dy, at->x, c, true, at->blocks, at->scratch);
	if (!at->dx)
		return;
	struct ae_conv_terms terms = backward_terms(layer, at);
	k->pack_narrow(at->scratch, at->weights, c);
	k->narrow(at->dx, at->dy, &terms, c, at->blocks);
}

static void gradient(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t n = at->to - at->from;
	memcpy(at->g, at->shares + at->from, n * sizeof(float));
	for (size_t s = 1; s < at->slices; s++) {
		const float *share = at->shares + s * layer->share + at->from;
		for (size_t i = 0; i < n; i++)
			at->g[i] += share[i];
	}
}

const struct ae_layer_kind ae_layer_convs[] = {
	{.name = "conv",
		.starts = true,
		.folds_output = true,
		.tells = true,
		.folds_input = true,
		.read = conv_read,
		.bind = conv_bind,
		.forward = conv_forward,
		.backward = conv_backward,
		.gradient = gradient},
	{.name = "convt",
		.starts = true,
		.folds_output = true,
		.tells = true,
		.folds_input = true,
		.read = conv_read,
		.bind = convt_bind,
		.forward = convt_forward,
		.backward = convt_backward,
		.gradient = gradient},
	{0},
};
