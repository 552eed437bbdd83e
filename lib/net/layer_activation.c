/* SPDX-License-Identifier: MIT */
/* The activations: element-wise functions computed by the kernels. */
#include <math.h>
#include <stdio.h>

#include "core/number.h"
#include "core/util.h"
#include "net/layer_fusion.h"

extern const struct ae_layer_ops ae_layer_activations[AE_ACTIVATIONS], ae_layer_linear;

static int plain_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	layer->args.activation.kernel = (enum ae_activation)(layer->type - ae_layer_activations);
	return ae_layer_parse_plain(layer, value, words, n, used, err);
}

/* An activation with a slope below 0, "leakyrelu:0.3". */
static int slope_parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	const char *name = layer->type->name;
	char slope[AE_NUMBER_TEXT];
	(void)words;
	(void)n;
	layer->args.activation.kernel = (enum ae_activation)(layer->type - ae_layer_activations);
	layer->args.activation.parameter = 0.3;
	if (value && ae_parse_real(&layer->args.activation.parameter, value, 0, 1e6) != 0)
		return ae_fail_usage(err, "\"%s:%s\": expected a slope such as 0.3 after \"%s:\"", name, value, name);
	*used = 0;
	ae_number_format_f64(slope, layer->args.activation.parameter);
	snprintf(layer->text, sizeof(layer->text), "%s:%s", name, slope);
	return 0;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	ae_layer_copy(layer, at, at->y, at->x);
	if (!layer->fused.skip_forward)
		at->kernels->activation[layer->args.activation.kernel].forward(
			at->y, ae_layer_floats(at, &layer->out), (float)layer->args.activation.parameter);
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (!layer->fused.skip_backward)
		at->kernels->activation[layer->args.activation.kernel].back(
			at->dy, at->y, ae_layer_floats(at, &layer->out), (float)layer->args.activation.parameter);
	ae_layer_copy(layer, at, at->dx, at->dy);
}

static const struct ae_layer_fusion piecewise_linear = {.is_piecewise_linear = true};

#define FLAGS                                                                                                          \
	(AE_LAYER_FOLLOWS | AE_LAYER_FORWARD_IN_PLACE | AE_LAYER_BACKWARD_IN_PLACE | AE_LAYER_BACKWARD_NEEDS_OUTPUT)
#define ROW(word, low, high, parser, fusable)                                                                          \
	{                                                                                                              \
		.name = word, .flags = FLAGS, .output = {low, high}, .parse = parser,                                  \
		.bind = ae_layer_bind_same_shape, .forward = forward, .backward = backward, .fusion = fusable,         \
	}
const struct ae_layer_ops ae_layer_activations[AE_ACTIVATIONS] = {
	[AE_RELU] = ROW("relu", 0, INFINITY, plain_parse, &piecewise_linear),
	[AE_LEAKYRELU] = ROW("leakyrelu", -INFINITY, INFINITY, slope_parse, &piecewise_linear),
	[AE_SIGMOID] = ROW("sigmoid", 0, 1, plain_parse, NULL),
	[AE_TANH] = ROW("tanh", -1, 1, plain_parse, NULL),
	[AE_ELU] = ROW("elu", -1, INFINITY, plain_parse, NULL),
};

const struct ae_layer_ops ae_layer_linear = {
	.name = "linear",
	.flags = AE_LAYER_FOLLOWS | AE_LAYER_IDENTITY,
	.parse = ae_layer_parse_plain,
};
