/* SPDX-License-Identifier: MIT */
/* 2x2 max pooling and nearest-neighbour upsampling by 2. */
#include <string.h>

#include "net/layer.h"

static int maxpool_bind(struct ae_layer *layer, struct ae_error *err)
{
	if (layer->in.rank != 3 || layer->in.dim[0] < 2 || layer->in.dim[1] < 2)
		return ae_layer_mismatch(layer, "images [height,width,channels] of 2x2 pixels or more", err);
	layer->out =
		(struct ae_shape){.rank = 3, .dim = {layer->in.dim[0] / 2, layer->in.dim[1] / 2, layer->in.dim[2]}};
	return 0;
}

static int upsample_bind(struct ae_layer *layer, struct ae_error *err)
{
	if (layer->in.rank != 3)
		return ae_layer_mismatch(layer, "images [height,width,channels]", err);
	if ((double)ae_shape_size(&layer->in) * 4 > INT32_MAX)
		return ae_fail_usage(err, "\"upsample\": more than %d values", INT32_MAX);
	layer->out =
		(struct ae_shape){.rank = 3, .dim = {layer->in.dim[0] * 2, layer->in.dim[1] * 2, layer->in.dim[2]}};
	return 0;
}

/* Calls fn for every pixel of the small image, at `small`, with the first of its four pixels in the large one, at
   `large` and in `values`, which may be NULL. A pixel is `pixel` floats, a row of the large image `row`. */
typedef void each_pixel(float *small, const float *values, float *large, size_t pixel, size_t row);

static void walk(const struct ae_shape *small, const struct ae_shape *large, const struct ae_layer_blocks *at, float *a,
	const float *v, float *b, each_pixel *fn)
{
	size_t pixel = small->dim[2] * at->kernels->lanes, row = large->dim[1] * pixel;
	for (size_t block = 0; block < at->blocks; block++) {
		for (size_t i = 0; i < small->dim[0]; i++)
			for (size_t j = 0; j < small->dim[1]; j++) {
				size_t near = (i * small->dim[1] + j) * pixel, far = 2 * i * row + 2 * j * pixel;
				fn(a + near, v ? v + far : NULL, b + far, pixel, row);
			}
		a += ae_shape_size(small) * at->kernels->lanes;
		v = v ? v + ae_shape_size(large) * at->kernels->lanes : NULL;
		b += ae_shape_size(large) * at->kernels->lanes;
	}
}

static void take_largest(float *small, const float *values, float *large, size_t pixel, size_t row)
{
	(void)values;
	for (size_t i = 0; i < pixel; i++) {
		float m = large[i];
		m = large[pixel + i] > m ? large[pixel + i] : m;
		m = large[row + i] > m ? large[row + i] : m;
		small[i] = large[row + pixel + i] > m ? large[row + pixel + i] : m;
	}
}

/* The gradient goes to the largest of the four, the first among equals. */
static void give_largest(float *small, const float *values, float *large, size_t pixel, size_t row)
{
	for (size_t i = 0; i < pixel; i++) {
		size_t at[4] = {i, pixel + i, row + i, row + pixel + i}, best = 0;
		for (size_t k = 1; k < 4; k++)
			best = values[at[k]] > values[at[best]] ? k : best;
		for (size_t k = 0; k < 4; k++)
			large[at[k]] = k == best ? small[i] : 0;
	}
}

static void spread(float *small, const float *values, float *large, size_t pixel, size_t row)
{
	(void)values;
	memcpy(large, small, pixel * sizeof(float));
	memcpy(large + pixel, small, pixel * sizeof(float));
	memcpy(large + row, small, pixel * sizeof(float));
	memcpy(large + row + pixel, small, pixel * sizeof(float));
}

static void add_up(float *small, const float *values, float *large, size_t pixel, size_t row)
{
	(void)values;
	for (size_t i = 0; i < pixel; i++)
		small[i] = (large[i] + large[pixel + i]) + (large[row + i] + large[row + pixel + i]);
}

static void maxpool_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	walk(&layer->out, &layer->in, at, at->y, NULL, (float *)at->x, take_largest);
}

static void maxpool_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (!at->dx)
		return;
	/* Odd pixels at the end belong to no window. */
	if (layer->in.dim[0] % 2 || layer->in.dim[1] % 2)
		memset(at->dx, 0, ae_layer_floats(at, &layer->in) * sizeof(float));
	walk(&layer->out, &layer->in, at, at->dy, at->x, at->dx, give_largest);
}

static void upsample_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	walk(&layer->in, &layer->out, at, (float *)at->x, NULL, at->y, spread);
}

static void upsample_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (at->dx)
		walk(&layer->in, &layer->out, at, at->dx, NULL, at->dy, add_up);
}

const struct ae_layer_ops ae_layer_maxpool = {
	.name = "maxpool",
	.flags = AE_LAYER_FIRST | AE_LAYER_FOLLOWS | AE_LAYER_BACKWARD_NEEDS_INPUT,
	.parse = ae_layer_parse_plain,
	.bind = maxpool_bind,
	.forward = maxpool_forward,
	.backward = maxpool_backward,
};
const struct ae_layer_ops ae_layer_upsample = {
	.name = "upsample",
	.flags = AE_LAYER_FIRST | AE_LAYER_FOLLOWS,
	.parse = ae_layer_parse_plain,
	.bind = upsample_bind,
	.forward = upsample_forward,
	.backward = upsample_backward,
};
