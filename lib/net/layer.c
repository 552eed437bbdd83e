/* SPDX-License-Identifier: MIT */
#include "net/layer.h"

#include <string.h>

#include "core/util.h"

#define TYPES_MAX 32

static size_t types(const struct ae_layer_ops *list[TYPES_MAX])
{
	static const struct ae_layer_ops *const single[] = {&ae_layer_dense, &ae_layer_batchnorm, &ae_layer_dropout};
	static const struct ae_layer_ops *const tables[] = {
		ae_layer_convs, ae_layer_pools, ae_layer_shapes, ae_layer_activations};
	size_t n = 0;
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		list[n++] = single[i];
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct ae_layer_ops *type = tables[i]; type->name; type++)
			list[n++] = type;
	return n;
}

const struct ae_layer_ops *ae_layer_find(const char *name, size_t len)
{
	const struct ae_layer_ops *list[TYPES_MAX];
	size_t n = types(list);
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]->name) == len && memcmp(list[i]->name, name, len) == 0)
			return list[i];
	return NULL;
}

const char *ae_layer_nearest(const char *name, bool starts)
{
	const struct ae_layer_ops *list[TYPES_MAX];
	const char *names[TYPES_MAX + 1] = {NULL};
	size_t n = types(list), m = 0;
	for (size_t i = 0; i < n; i++)
		if (starts ? list[i]->starts : list[i]->follows)
			names[m++] = list[i]->name;
	return ae_nearest(name, names);
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
