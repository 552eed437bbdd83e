/* Layers that only move values. */
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "layer.h"

#define LANE_BYTES (AE_LANES * sizeof(float))

static int flatten_read(
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

/* Between channels first and the order of the rows, channels last. */
static void flatten_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_shape_size(&layer->in), channels = ae_block_channels(&layer->in), pixels = n / channels;
	for (size_t i = 0; i < at->blocks * n; i++) {
		size_t in = i % n % channels * pixels + i % n / channels;
		memcpy(at->y + i * AE_LANES, at->x + (i / n * n + in) * AE_LANES, LANE_BYTES);
	}
}

static void flatten_backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_shape_size(&layer->in), channels = ae_block_channels(&layer->in), pixels = n / channels;
	for (size_t i = 0; at->dx && i < at->blocks * n; i++) {
		size_t in = i % n % channels * pixels + i % n / channels;
		memcpy(at->dx + (i / n * n + in) * AE_LANES, at->dy + i * AE_LANES, LANE_BYTES);
	}
}

const struct ae_layer_kind ae_layer_flatten = {
	.name = "flatten",
	.starts = true,
	.read = flatten_read,
	.bind = flatten_bind,
	.forward = flatten_forward,
	.backward = flatten_backward,
};
