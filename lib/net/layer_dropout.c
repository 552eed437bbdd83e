/* SPDX-License-Identifier: MIT */
/* Dropout, inverted: kept values are scaled by 1 / (1 - rate) in training, and inference does nothing. */
#include <stdio.h>

#include "core/number.h"
#include "core/rng.h"
#include "core/util.h"
#include "net/layer.h"

/* Bits of the random counter for the step of training; the op's place is above them. */
#define STEP_BITS 40

static int parse(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	if (!value || ae_parse_real(&layer->args.dropout.rate, value, 0, 1) != 0 || layer->args.dropout.rate >= 1)
		return ae_fail_usage(err, "\"dropout%s%s\": expected a share from 0 to below 1, as in \"dropout:0.2\"",
			value ? ":" : "", value ? value : "");
	*used = 0;
	char share[AE_NUMBER_TEXT];
	ae_number_format_f64(share, layer->args.dropout.rate);
	snprintf(layer->text, sizeof(layer->text), "dropout:%s", share);
	return 0;
}

/* Zeroes or scales each value by its own random number, keyed by seed, op, step, row and value: the same ones in
   forward and backward, for any number of threads. */
static void drop(const struct ae_layer *layer, const struct ae_layer_blocks *at, float *values)
{
	size_t n = ae_shape_size(&layer->in), groups = (n + 3) / 4;
	uint64_t hi = AE_RNG_HI(AE_RNG_DROPOUT, (uint64_t)layer->place << STEP_BITS | at->training->step);
	/* A value is dropped where its random number is below this. */
	uint64_t below = (uint64_t)(layer->args.dropout.rate * 0x1p32);
	float scale = (float)(1 / (1 - layer->args.dropout.rate));
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
	ae_layer_copy(layer, at, at->y, at->x);
	if (at->training)
		drop(layer, at, at->y);
}

static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	drop(layer, at, at->dy);
	ae_layer_copy(layer, at, at->dx, at->dy);
}

const struct ae_layer_ops ae_layer_dropout = {
	.name = "dropout",
	.flags = AE_LAYER_FIRST | AE_LAYER_FOLLOWS | AE_LAYER_FORWARD_IN_PLACE | AE_LAYER_BACKWARD_IN_PLACE |
		 AE_LAYER_ONE_LANE,
	.parse = parse,
	.bind = ae_layer_bind_same_shape,
	.forward = forward,
	.backward = backward,
};
