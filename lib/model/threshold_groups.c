/* SPDX-License-Identifier: MIT */
/* Thresholds of groups. Their quantiles are f32, since 100,000 groups would have no room in a section as f64; rounded
   up, an error is never rarer by them than it is. */
#include "model/threshold_groups.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "core/number.h"
#include "core/quantile.h"
#include "core/text.h"
#include "model/group_table.h"
#include "model/threshold.h"

static float round_up(double value)
{
	if (value >= FLT_MAX)
		return FLT_MAX;
	if (value <= -FLT_MAX)
		return -FLT_MAX;
	float f = (float)value;
	return (double)f < value ? nextafterf(f, FLT_MAX) : f;
}

int ae_threshold_groups_add(struct ae_threshold_groups *g, char *name, const struct ae_threshold_rule *rule,
	const struct ae_threshold_sample *sorted, struct ae_error *err)
{
	struct ae_threshold_group *group = &g->groups[g->count];
	if (ae_threshold_value(&group->value, rule, sorted, err) != 0)
		return -1;
	group->name = name;
	group->rows = sorted->count;
	for (size_t i = 0; i < AE_GROUP_QUANTILES; i++) {
		double q = (double)i / (AE_GROUP_QUANTILES - 1);
		group->quantiles[i] = round_up(ae_quantile(sorted->errors, sorted->count, q));
	}
	g->count++;
	return 0;
}

const struct ae_threshold_group *ae_threshold_groups_find(
	const struct ae_threshold_groups *g, const char *name, size_t len)
{
	return ae_group_find(g->groups, g->count, sizeof(*g->groups), name, len);
}

void ae_threshold_group_errors(double errors[AE_GROUP_QUANTILES], const struct ae_threshold_group *group)
{
	for (size_t i = 0; i < AE_GROUP_QUANTILES; i++)
		errors[i] = group->quantiles[i];
}

char *ae_threshold_groups_format(const struct ae_threshold_groups *g, char text[AE_GROUPS_TEXT])
{
	char column[200], low[AE_NUMBER_TEXT], high[AE_NUMBER_TEXT];
	double least = INFINITY, most = -INFINITY;
	for (size_t i = 0; i < g->count; i++) {
		least = fmin(least, g->groups[i].value);
		most = fmax(most, g->groups[i].value);
	}
	ae_number_format_f64(low, least);
	ae_number_format_f64(high, most);
	ae_escape_controls(column, sizeof(column), g->column);
	if (g->count > 0)
		snprintf(text, AE_GROUPS_TEXT, "values by %s from %s to %s, groups %zu", column, low, high, g->count);
	else
		snprintf(text, AE_GROUPS_TEXT, "values by %s, groups 0", column);
	return text;
}

void ae_threshold_groups_pack(const struct ae_threshold_groups *g, struct ae_pack *pack)
{
	if (!g->column)
		return;
	ae_pack_str(pack, "group");
	ae_pack_str(pack, g->column);
	ae_pack_str(pack, "groups");
	ae_pack_array(pack, g->count);
	for (size_t i = 0; i < g->count; i++) {
		const struct ae_threshold_group *group = &g->groups[i];
		ae_pack_array(pack, 4);
		ae_pack_str(pack, group->name);
		ae_pack_u64(pack, group->rows);
		ae_pack_f64(pack, group->value);
		ae_pack_numbers(pack, group->quantiles, sizeof(*group->quantiles), AE_GROUP_QUANTILES);
	}
}

static int take_quantiles(struct ae_threshold_group *group, const struct ae_value *value)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(value, &bytes, &len) != 0 || len != sizeof(group->quantiles))
		return -1;
	ae_copy_little_endian(group->quantiles, bytes, sizeof(*group->quantiles), AE_GROUP_QUANTILES);
	for (size_t i = 0; i < AE_GROUP_QUANTILES; i++)
		if (!isfinite(group->quantiles[i]) || (i > 0 && group->quantiles[i] < group->quantiles[i - 1]))
			return -1;
	return 0;
}

static int take_group(struct ae_threshold_groups *g, const struct ae_value *value, uint64_t rows, struct ae_error *err)
{
	struct ae_threshold_group *group = &g->groups[g->count];
	if (ae_value_count(value) != 4 || !(group->name = ae_value_strdup(ae_value_at(value, 0), err)))
		return -1;
	g->count++;
	if (g->count > 1 && strcmp(group[-1].name, group->name) >= 0)
		return -1;
	if (ae_value_u64(ae_value_at(value, 1), &group->rows) != 0 || group->rows < AE_GROUP_ROWS || group->rows > rows)
		return -1;
	if (ae_value_f64(ae_value_at(value, 2), &group->value) != 0 || !isfinite(group->value))
		return -1;
	return take_quantiles(group, ae_value_at(value, 3));
}

const char *ae_threshold_groups_take(
	struct ae_threshold_groups *g, const struct ae_value *map, uint64_t rows, struct ae_error *err)
{
	const struct ae_value *column = ae_value_get(map, "group"), *list = ae_value_get(map, "groups"), *value;
	if (!column)
		return NULL;
	if (!(g->column = ae_value_strdup(column, err)))
		return "group";
	if (!ae_value_is_array(list) || ae_value_count(list) > AE_GROUPS_MAX)
		return "groups";
	g->groups = ae_calloc(ae_value_count(list), sizeof(*g->groups), err);
	if (!g->groups)
		return "groups";
	for (struct ae_walk walk = ae_walk_in(list); ae_walk_next(&walk, &value);) {
		if (take_group(g, value, rows, err) != 0)
			return "groups";
		rows -= g->groups[g->count - 1].rows;
	}
	return NULL;
}

void ae_threshold_groups_free(struct ae_threshold_groups *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->groups[i].name);
	free(g->groups);
	free(g->column);
	*g = (struct ae_threshold_groups){0};
}
