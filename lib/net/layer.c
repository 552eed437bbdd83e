/* SPDX-License-Identifier: MIT */
/* The table of layers, and what several of them share. */
#include "net/layer.h"

#include <stdio.h>
#include <string.h>

#include "core/util.h"
#include "net/net.h"

/* Every layer ae_layer_NAME; the activations of kernels/activation.h follow. */
#define LAYERS(X)                                                                                                      \
	X(dense)                                                                                                       \
	X(batchnorm)                                                                                                   \
	X(layernorm)                                                                                                   \
	X(dropout)                                                                                                     \
	X(conv)                                                                                                        \
	X(convt)                                                                                                       \
	X(conv1d)                                                                                                      \
	X(convt1d)                                                                                                     \
	X(maxpool)                                                                                                     \
	X(upsample)                                                                                                    \
	X(flatten)                                                                                                     \
	X(reshape)                                                                                                     \
	X(linear)

#define DECLARE(name) extern const struct ae_layer_ops ae_layer_##name;
LAYERS(DECLARE)
extern const struct ae_layer_ops ae_layer_activations[AE_ACTIVATIONS];

const struct ae_layer_ops *ae_layer_type(size_t i)
{
#define ADDRESS(name) &ae_layer_##name,
	static const struct ae_layer_ops *const types[] = {LAYERS(ADDRESS)};
	const size_t n = sizeof(types) / sizeof(types[0]);
	return i < n ? types[i] : i < n + AE_ACTIVATIONS ? &ae_layer_activations[i - n] : NULL;
}

const struct ae_layer_ops *ae_layer_find(const char *name, size_t len)
{
	const struct ae_layer_ops *type;
	for (size_t i = 0; (type = ae_layer_type(i)); i++)
		if (strlen(type->name) == len && memcmp(type->name, name, len) == 0)
			return type;
	return NULL;
}

static const char *word_with(size_t i, unsigned flag)
{
	const struct ae_layer_ops *type;
	for (size_t at = 0; (type = ae_layer_type(at)); at++)
		if (type->flags & flag && i-- == 0)
			return type->name;
	return NULL;
}

const char *ae_layer_first_word(size_t i)
{
	return word_with(i, AE_LAYER_FIRST);
}

const char *ae_layer_later_word(size_t i)
{
	return word_with(i, AE_LAYER_FOLLOWS);
}

const char *ae_activation_word(size_t i)
{
	return word_with(i, AE_LAYER_ACTIVATION);
}

int ae_layer_mismatch(const struct ae_layer *layer, const char *wanted, struct ae_error *err)
{
	char shape[AE_SHAPE_TEXT];
	if (!layer->before)
		return ae_fail(err, "\"%s\" takes %s, but a row of the input is %s", layer->text, wanted,
			ae_shape_format(&layer->in, shape));
	return ae_fail_usage(err, "\"%s\" takes %s, but \"%s\" before it makes %s", layer->text, wanted, layer->before,
		ae_shape_format(&layer->in, shape));
}

int ae_layer_parse_plain(
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

int ae_layer_bind_same_shape(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	layer->out = layer->in;
	return 0;
}

void ae_layer_copy(const struct ae_layer *layer, const struct ae_layer_blocks *at, float *to, const float *from)
{
	if (to && to != from)
		memcpy(to, from, ae_layer_floats(at, &layer->in) * sizeof(*to));
}

void ae_layer_sum_partials(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t n = at->to - at->from;
	memcpy(at->g, at->partials + at->from, n * sizeof(*at->g));
	for (size_t s = 1; s < at->slices; s++) {
		const float *partial = at->partials + s * layer->partials + at->from;
		for (size_t i = 0; i < n; i++)
			at->g[i] += partial[i];
	}
}

size_t ae_layer_work(const struct ae_layer *layer, size_t rows)
{
	return (AE_LAYER_WIDE_ROWS + layer->gradient_multiple) * rows;
}
