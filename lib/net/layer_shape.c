/* SPDX-License-Identifier: MIT */
/* Layers that only name values anew: a block holds them in the order of the row, whatever its shape. */
#include <stdio.h>
#include <string.h>

#include "core/util.h"
#include "net/layer.h"

static int flatten_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	if (value)
		return ae_fail_usage(err, "\"flatten:%s\": flatten takes no value", value);
	*used = 0;
	snprintf(layer->text, sizeof(layer->text), "flatten");
	return 0;
}

static int flatten_bind(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	layer->out = ae_shape_vector(ae_shape_size(&layer->in));
	return 0;
}

static int reshape_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	if (value || n == 0)
		return ae_fail_usage(
			err, "expected height, width and channels after \"reshape\", as in \"reshape 32x32x64\"");
	const char *at = words[0];
	struct ae_shape *shape = &layer->out;
	for (shape->rank = 0; shape->rank < 3; at++) {
		char digits[16] = "";
		size_t len = strspn(at, "0123456789");
		uint64_t dim;
		memcpy(digits, at, len < sizeof(digits) ? len : sizeof(digits) - 1);
		if (ae_parse_u64(&dim, digits, 1, 1 << 24) != 0)
			break;
		shape->dim[shape->rank++] = (uint32_t)dim;
		at += len;
		if (*at != 'x')
			break;
	}
	if (shape->rank != 3 || *at)
		return ae_fail_usage(err,
			"\"reshape %s\": expected height, width and channels, as in \"reshape 32x32x64\"", words[0]);
	*used = 1;
	snprintf(layer->text, sizeof(layer->text), "reshape %ux%ux%u", shape->dim[0], shape->dim[1], shape->dim[2]);
	return 0;
}

static int reshape_bind(struct ae_layer *layer, struct ae_error *err)
{
	double size = (double)layer->out.dim[0] * layer->out.dim[1] * layer->out.dim[2];
	if (size != (double)ae_shape_size(&layer->in)) {
		char wanted[32];
		snprintf(wanted, sizeof(wanted), "%.0f values", size);
		return ae_layer_mismatch(layer, wanted, err);
	}
	return 0;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (at->y != at->x)
		memcpy(at->y, at->x, ae_layer_floats(at, &layer->in) * sizeof(float));
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (at->dx && at->dx != at->dy)
		memcpy(at->dx, at->dy, ae_layer_floats(at, &layer->in) * sizeof(float));
}

#define ROW(word, parser, binder)                                                                                      \
	{                                                                                                              \
		.name = word, .starts = true, .follows = true, .in_place = true, .in_place_back = true,                \
		.parse = parser, .bind = binder, .forward = forward, .backward = backward,                             \
	}
const struct ae_layer_ops ae_layer_shapes[] = {
	ROW("flatten", flatten_parse, flatten_bind),
	ROW("reshape", reshape_parse, reshape_bind),
	{0},
};
