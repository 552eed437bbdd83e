/* SPDX-License-Identifier: MIT */
/* A line of the shape of x and both activations, and a network's text: the canonical text is the same network, and a
   row's result does not depend on the rows beside it. */
#include "fuzz.h"

#include <string.h>

#include "fuzz_net.h"

static char *word(const struct fuzz_words *words, size_t i)
{
	return i < words->count && *words->word[i] ? (char *)(uintptr_t)words->word[i] : NULL;
}

static void check_text(const struct ae_net *net)
{
	struct ae_net *again;
	struct ae_error err;
	FUZZ_CHECK(ae_net_parse(&again, ae_net_text(net), NULL, NULL, ae_net_input(net), &err) == 0, "%s: %s",
		ae_net_text(net), err.text);
	FUZZ_CHECK(
		strcmp(ae_net_text(net), ae_net_text(again)) == 0, "%s, then %s", ae_net_text(net), ae_net_text(again));
	FUZZ_CHECK(ae_net_weight_count(net) == ae_net_weight_count(again), "%s", ae_net_text(net));
	FUZZ_CHECK(ae_net_encoder_layers(net) == ae_net_encoder_layers(again), "%s", ae_net_text(net));
	ae_net_free(again);
}

static void check_rows(struct ae_net *net)
{
	enum { ROWS = 5 };
	size_t in = ae_shape_size(ae_net_input(net)), out = ae_shape_size(ae_net_output(net));
	struct ae_infer *infer;
	struct ae_error err;
	float *x = ae_calloc(ROWS * in, sizeof(*x), &err);
	float *y = ae_calloc((ROWS + 1) * out, sizeof(*y), &err);
	FUZZ_CHECK(x && y && ae_infer_new(&infer, net, AE_NET_WHOLE, 1, &err) == 0, "%s", err.text);
	ae_net_init(net, 1);
	for (size_t i = 0; i < ROWS * in; i++)
		x[i] = (float)(i % 7) - 3;
	FUZZ_CHECK(ae_infer_rows(infer, x, AE_F32, ROWS, y, &err) == 0, "%s", err.text);
	for (size_t row = 0; row < ROWS; row++) {
		FUZZ_CHECK(ae_infer_rows(infer, x + row * in, AE_F32, 1, y + ROWS * out, &err) == 0, "%s", err.text);
		FUZZ_CHECK(memcmp(y + row * out, y + ROWS * out, out * sizeof(*y)) == 0, "row %zu: %s", row,
			ae_net_text(net));
	}
	ae_infer_free(infer);
	free(x);
	free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct fuzz_words words;
	struct ae_shape shape;
	struct ae_error err;
	struct ae_net *net;
	fuzz_take_words(&words, &input);
	char *text = ae_strndup((const char *)input.at, input.left, &err);
	if (words.count && text && ae_shape_parse(&shape, words.word[0], &err) == 0) {
		if (ae_net_parse(&net, text, word(&words, 1), word(&words, 2), &shape, &err) == 0) {
			check_text(net);
			if (fuzz_net_is_small(net))
				check_rows(net);
			ae_net_free(net);
		}
	}
	free(text);
	return 0;
}
