/* SPDX-License-Identifier: MIT */
/* Flatten and reshape: they only change the shape, since a block holds values in the order of the row. */
#include <stdio.h>
#include <string.h>

#include "core/util.h"
#include "net/layer.h"

static int flatten_bind(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	layer->out = ae_shape_vector(ae_shape_size(&layer->in));
	return 0;
}

/* "32x32x64", or "36x8" of a series. */
static int shape_parse(struct ae_shape *shape, const char *at)
{
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
	return shape->rank < 2 || *at ? -1 : 0;
}

static int reshape_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	const struct ae_shape *shape = &layer->out;
	if (value || n == 0)
		return ae_fail_usage(
			err, "expected a shape after \"reshape\", as in \"reshape 32x32x64\" or \"reshape 36x8\"");
	if (shape_parse(&layer->out, words[0]) != 0)
		return ae_fail_usage(err,
			"\"reshape %s\": expected height, width and channels, as in \"reshape 32x32x64\", or time and "
			"channels, as in \"reshape 36x8\"",
			words[0]);
	*used = 1;
	int len = snprintf(layer->text, sizeof(layer->text), "reshape %ux%u", shape->dim[0], shape->dim[1]);
	if (shape->rank == 3)
		snprintf(layer->text + len, sizeof(layer->text) - (size_t)len, "x%u", shape->dim[2]);
	return 0;
}

static int reshape_bind(struct ae_layer *layer, struct ae_error *err)
{
	double size = (double)layer->out.dim[0] * layer->out.dim[1];
	if (layer->out.rank == 3)
		size *= layer->out.dim[2];
	if (size != (double)ae_shape_size(&layer->in)) {
		char wanted[32];
		snprintf(wanted, sizeof(wanted), "%.0f values", size);
		return ae_layer_mismatch(layer, wanted, err);
	}
	return 0;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	ae_layer_copy(layer, at, at->y, at->x);
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	ae_layer_copy(layer, at, at->dx, at->dy);
}

#define FLAGS                                                                                                          \
	(AE_LAYER_FIRST | AE_LAYER_FOLLOWS | AE_LAYER_FORWARD_IN_PLACE | AE_LAYER_BACKWARD_IN_PLACE | AE_LAYER_ONE_LANE)
const struct ae_layer_ops ae_layer_flatten = {
	.name = "flatten",
	.flags = FLAGS,
	.parse = ae_layer_parse_plain,
	.bind = flatten_bind,
	.forward = forward,
	.backward = backward,
};
const struct ae_layer_ops ae_layer_reshape = {
	.name = "reshape",
	.flags = FLAGS,
	.parse = reshape_parse,
	.bind = reshape_bind,
	.forward = forward,
	.backward = backward,
};
