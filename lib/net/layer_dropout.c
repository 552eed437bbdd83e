/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/rng.h"
#include "core/util.h"
#include "net/layer.h"

/* Bits of a random counter that count steps of training; above them the layer's number. */
#define STEP_BITS 40

static int parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	if (!value || ae_parse_real(&layer->number, value, 0, 1) != 0 || layer->number >= 1)
		return ae_fail_usage(err, "\"dropout%s%s\": expected a share from 0 to below 1, as in \"dropout:0.2\"",
			value ? ":" : "", value ? value : "");
	*used = 0;
	char share[AE_NUMBER_TEXT];
	ae_number_format_f64(share, layer->number);
	snprintf(layer->text, sizeof(layer->text), "dropout:%s", share);
	return 0;
}

static int bind(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	layer->out = layer->in;
	return 0;
}

/* Scales the values that stay and makes the others zero, in both directions the same ones. */
static void drop(const struct ae_layer *layer, const struct ae_layer_blocks *at, float *values)
{
	size_t n = ae_shape_size(&layer->in), groups = (n + 3) / 4;
	uint64_t hi = AE_RNG_HI(AE_RNG_DROPOUT, (uint64_t)layer->place << STEP_BITS | at->training->step);
	/* A value is dropped where its random number is below this. */
	uint64_t below = (uint64_t)(layer->number * 0x1p32);
	float scale = (float)(1 / (1 - layer->number));
	size_t lanes = at->kernels->lanes;
	for (size_t row = 0; row < at->blocks * lanes; row++) {
		float *lane = values + row / lanes * n * lanes + row % lanes;
		for (size_t group = 0; group < groups; group++) {
			uint32_t word[4];
			ae_rng(word, at->training->seed, hi, (at->first_row + row) * groups + group);
			for (size_t i = 0; i < 4 && 4 * group + i < n; i++) {
				float *v = lane + (4 * group + i) * lanes;
				*v = word[i] < below ? 0 : *v * scale;
			}
		}
	}
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	if (at->y != at->x)
		memcpy(at->y, at->x, ae_layer_floats(at, &layer->in) * sizeof(float));
	if (at->training)
		drop(layer, at, at->y);
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	drop(layer, at, at->dy);
	if (at->dx && at->dx != at->dy)
		memcpy(at->dx, at->dy, ae_layer_floats(at, &layer->in) * sizeof(float));
}

const struct ae_layer_ops ae_layer_dropout = {
	.name = "dropout",
	.starts = true,
	.follows = true,
	.in_place = true,
	.in_place_back = true,
	.parse = parse,
	.bind = bind,
	.forward = forward,
	.backward = backward,
};
