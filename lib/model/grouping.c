/* SPDX-License-Identifier: MIT */
/* What makes series of rows. */
#include "model/grouping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/timestamp.h"

int ae_grouping_copy(struct ae_grouping *to, const struct ae_grouping *from, struct ae_error *err)
{
	char *group = from->group ? ae_strdup(from->group, err) : NULL;
	if (from->group && !group)
		return -1;
	ae_grouping_free(to);
	*to = (struct ae_grouping){group, from->max_gap};
	return 0;
}

size_t ae_grouping_count(const struct ae_grouping *g)
{
	return (size_t)(g->group != NULL) + (g->max_gap > 0);
}

void ae_grouping_pack(const struct ae_grouping *g, struct ae_pack *pack, const char *group_key, const char *gap_key)
{
	if (g->group) {
		ae_pack_str(pack, group_key);
		ae_pack_str(pack, g->group);
	}
	if (g->max_gap > 0) {
		ae_pack_str(pack, gap_key);
		ae_pack_u64(pack, (uint64_t)g->max_gap);
	}
}

int ae_grouping_take_group(struct ae_grouping *g, const struct ae_value *value, struct ae_error *err)
{
	char *group = ae_value_strdup(value, err);
	if (!group)
		return -1;
	free(g->group);
	g->group = group;
	return 0;
}

int ae_grouping_take_gap(struct ae_grouping *g, const struct ae_value *value)
{
	uint64_t gap;
	if (ae_value_u64(value, &gap) != 0 || gap < 1 || gap > INT64_MAX)
		return -1;
	g->max_gap = (int64_t)gap;
	return 0;
}

const char *ae_grouping_take(struct ae_grouping *g, const struct ae_value *map, struct ae_error *err)
{
	const struct ae_value *group = ae_value_get(map, "group"), *gap = ae_value_get(map, "max_gap");
	if (group && ae_grouping_take_group(g, group, err) != 0)
		return "group";
	return gap && ae_grouping_take_gap(g, gap) != 0 ? "max_gap" : NULL;
}

char *ae_grouping_format(const struct ae_grouping *g, char text[AE_GROUPING_TEXT])
{
	char gap[AE_DURATION_TEXT] = "";
	if (g->max_gap)
		ae_duration_format(g->max_gap, gap);
	snprintf(text, AE_GROUPING_TEXT, "%s%.200s%s%s", g->group ? ", group " : "", g->group ? g->group : "",
		g->max_gap ? ", max-gap " : "", gap);
	return text;
}

void ae_grouping_free(struct ae_grouping *g)
{
	free(g->group);
	*g = (struct ae_grouping){0};
}
