/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/util.h"
#include "net/layer.h"

static int plain_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	if (value)
		return ae_fail_usage(err, "\"%s:%s\": %s takes no value", layer->type->name, value, layer->type->name);
	*used = 0;
	snprintf(layer->text, sizeof(layer->text), "%s", layer->type->name);
	return 0;
}

static int leakyrelu_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	layer->number = 0.3;
	if (value && ae_parse_real(&layer->number, value, 0, 1e6) != 0)
		return ae_fail_usage(err, "\"leakyrelu:%s\": expected a slope such as 0.3 after \"leakyrelu:\"", value);
	*used = 0;
	char slope[AE_NUMBER_TEXT];
	ae_number_format_f64(slope, layer->number);
	snprintf(layer->text, sizeof(layer->text), "leakyrelu:%s", slope);
	return 0;
}

static int same_shape(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	layer->out = layer->in;
	return 0;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_floats(at, &layer->out);
	if (at->y != at->x)
		memcpy(at->y, at->x, n * sizeof(float));
	if (!layer->fused.skip_forward)
		at->kernels->activation[layer->type->activation].forward(at->y, n, (float)layer->number);
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_floats(at, &layer->out);
	if (!layer->fused.skip_backward)
		at->kernels->activation[layer->type->activation].back(at->dy, at->y, n, (float)layer->number);
	if (at->dx && at->dx != at->dy)
		memcpy(at->dx, at->dy, n * sizeof(float));
}

/* The network leaves "linear" out. */
#define ROW(word, kernel, lo, hi, parser, slope)                                                                       \
	{                                                                                                              \
		.is_piecewise_linear = slope, .name = word, .follows = true, .in_place = true, .in_place_back = true,  \
		.uses_y = true, .low = lo, .high = hi, .activation = kernel, .parse = parser, .bind = same_shape,      \
		.forward = forward, .backward = backward,                                                              \
	}
const struct ae_layer_ops ae_layer_activations[] = {
	ROW("relu", AE_RELU, 0, INFINITY, plain_parse, true),
	ROW("leakyrelu", AE_LEAKYRELU, -INFINITY, INFINITY, leakyrelu_parse, true),
	ROW("sigmoid", AE_SIGMOID, 0, 1, plain_parse, false),
	ROW("tanh", AE_TANH, -1, 1, plain_parse, false),
	ROW("elu", AE_ELU, -1, INFINITY, plain_parse, false),
	ROW("linear", AE_ACTIVATIONS, -INFINITY, INFINITY, plain_parse, false),
	{0},
};
