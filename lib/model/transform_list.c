/* SPDX-License-Identifier: MIT */
/* The step of ae-transform, packed. */
#include "model/transform_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/transform.h"

int ae_transform_list_pack(const struct ae_transform_list *list, struct ae_buf *blob, struct ae_error *err)
{
	struct ae_pack pack = {.out = blob, .err = err};
	blob->len = 0;
	ae_pack_map(&pack, 1 + (list->group != NULL) + (list->max_gap > 0));
	ae_pack_str(&pack, "steps");
	ae_pack_str(&pack, list->steps);
	if (list->group) {
		ae_pack_str(&pack, "group");
		ae_pack_str(&pack, list->group);
	}
	if (list->max_gap > 0) {
		ae_pack_str(&pack, "max_gap");
		ae_pack_u64(&pack, (uint64_t)list->max_gap);
	}
	return pack.failed ? -1 : 0;
}

static char *take_text(const struct ae_value *value, struct ae_error *err)
{
	const char *bytes;
	size_t len;
	return ae_value_str(value, &bytes, &len) == 0 && !memchr(bytes, '\0', len) ? ae_strndup(bytes, len, err) : NULL;
}

/* Whether the steps are some, in the one spelling that they have. */
static bool are_steps(const char *text, struct ae_error *err)
{
	struct ae_transform transform = {0};
	char *again = NULL;
	if (ae_transform_parse(&transform, text, err) == 0)
		again = ae_transform_text(&transform, err);
	bool are = again && *text && strcmp(again, text) == 0;
	free(again);
	ae_transform_free(&transform);
	return are;
}

/* The key whose value is bad or missing, NULL if all is well. */
static const char *take_map(struct ae_transform_list *list, const struct ae_value *map, struct ae_error *err)
{
	const struct ae_value *group = ae_value_get(map, "group"), *max_gap = ae_value_get(map, "max_gap");
	uint64_t gap = 0;
	list->steps = take_text(ae_value_get(map, "steps"), err);
	if (!list->steps || !are_steps(list->steps, err))
		return "steps";
	if (group && !(list->group = take_text(group, err)))
		return "group";
	if (max_gap && (ae_value_u64(max_gap, &gap) != 0 || gap < 1 || gap > INT64_MAX))
		return "max_gap";
	list->max_gap = (int64_t)gap;
	return ae_value_count(map) == 1u + (group != NULL) + (max_gap != NULL) ? NULL : "keys";
}

int ae_transform_list_unpack(struct ae_transform_list *list, const struct ae_buf *blob, struct ae_error *err)
{
	struct ae_error why = {0};
	ae_transform_list_free(list);
	const struct ae_value *map = ae_value_packed(blob->data, blob->len, "transforms", err);
	if (!map)
		return -1;
	const char *bad = take_map(list, map, &why);
	if (!bad)
		return 0;
	ae_transform_list_free(list);
	if (*why.text)
		return ae_fail(err, "transforms: %s", why.text);
	return ae_fail(err, "transforms: bad or missing \"%s\"", bad);
}

void ae_transform_list_free(struct ae_transform_list *list)
{
	free(list->steps);
	free(list->group);
	*list = (struct ae_transform_list){0};
}
