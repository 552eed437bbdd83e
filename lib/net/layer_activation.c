/* SPDX-License-Identifier: MIT */
/* The activations: element-wise functions computed by the kernels. */
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
	const float *from = layer->type->flags & AE_LAYER_BACKWARD_NEEDS_INPUT ? at->x : at->y;
	if (!layer->fused.skip_backward)
		at->kernels->activation[layer->args.activation.kernel].back(
			at->dy, from, ae_layer_floats(at, &layer->out), (float)layer->args.activation.parameter);
	ae_layer_copy(layer, at, at->dx, at->dy);
}

static const struct ae_layer_fusion piecewise_linear = {.is_piecewise_linear = true};

#define PARSE_SMOOTH plain_parse
#define PARSE_RECTIFIER plain_parse
#define PARSE_LEAKY slope_parse
#define FUSION_SMOOTH NULL
#define FUSION_RECTIFIER &piecewise_linear
#define FUSION_LEAKY &piecewise_linear
#define ROW(word, NAME, low, high, from, kind)                                                                         \
	[AE_##NAME] = {                                                                                                \
		.name = #word,                                                                                         \
		.flags = AE_LAYER_FOLLOWS | AE_LAYER_ACTIVATION | AE_LAYER_ONE_LANE | AE_LAYER_FORWARD_IN_PLACE |      \
			 AE_LAYER_BACKWARD_IN_PLACE | AE_LAYER_BACKWARD_NEEDS_##from,                                  \
		.output = {low, high},                                                                                 \
		.parse = PARSE_##kind,                                                                                 \
		.bind = ae_layer_bind_same_shape,                                                                      \
		.forward = forward,                                                                                    \
		.backward = backward,                                                                                  \
		.fusion = FUSION_##kind,                                                                               \
	},
const struct ae_layer_ops ae_layer_activations[AE_ACTIVATIONS] = {AE_ACTIVATION_TABLE(ROW)};

const struct ae_layer_ops ae_layer_linear = {
	.name = "linear",
	.flags = AE_LAYER_FOLLOWS | AE_LAYER_ACTIVATION | AE_LAYER_IDENTITY,
	.parse = ae_layer_parse_plain,
};
