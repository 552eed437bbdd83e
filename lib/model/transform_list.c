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
	ae_pack_map(&pack, 1 + ae_grouping_count(&list->by));
	ae_pack_str(&pack, "steps");
	ae_pack_str(&pack, list->steps);
	ae_grouping_pack(&list->by, &pack, "group", "max_gap");
	return pack.failed ? -1 : 0;
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
	list->steps = ae_value_strdup(ae_value_get(map, "steps"), err);
	if (!list->steps || !are_steps(list->steps, err))
		return "steps";
	const char *bad = ae_grouping_take(&list->by, map, err);
	if (bad)
		return bad;
	return ae_value_count(map) == 1 + ae_grouping_count(&list->by) ? NULL : "keys";
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
	ae_grouping_free(&list->by);
	*list = (struct ae_transform_list){0};
}
