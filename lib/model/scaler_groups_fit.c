/* SPDX-License-Identifier: MIT */
/* Fitting a scaler for each group of rows. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "model/scaler_groups.h"

struct group {
	char *name;
	uint64_t rows;
	struct ae_scaler_fit *fit;
};

struct ae_scaler_groups_fit {
	struct ae_scaler_rule rule;
	bool per_tensor;
	struct ae_shape shape;
	void *tree;         /* of struct group, by name */
	struct ae_buf name; /* of the group that is looked for */
	struct group **groups;
	size_t count, cap;
};

int ae_scaler_groups_fit_new(struct ae_scaler_groups_fit **fit, const struct ae_scaler_rule *rule, bool per_tensor,
	const struct ae_shape *shape, struct ae_error *err)
{
	*fit = ae_calloc(1, sizeof(**fit), err);
	if (!*fit)
		return -1;
	(*fit)->rule = *rule;
	(*fit)->per_tensor = per_tensor;
	(*fit)->shape = *shape;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

static int by_name_in_list(const void *a, const void *b)
{
	return by_name(*(struct group *const *)a, *(struct group *const *)b);
}

static void free_group(struct group *group)
{
	if (group) {
		ae_scaler_fit_free(group->fit);
		free(group->name);
	}
	free(group);
}

static int make_room(struct ae_scaler_groups_fit *fit, struct ae_error *err)
{
	if (fit->count == AE_GROUPS_MAX)
		return ae_fail(err, "--group: more than %d groups", AE_GROUPS_MAX);
	if (fit->count < fit->cap)
		return 0;
	size_t cap = fit->cap ? 2 * fit->cap : 64;
	struct group **groups = realloc(fit->groups, cap * sizeof(struct group *));
	if (!groups)
		return ae_fail_memory(err);
	fit->groups = groups;
	fit->cap = cap;
	return 0;
}

/* A new group of that name, in the tree; NULL on failure. */
static struct group *new_group(struct ae_scaler_groups_fit *fit, const char *name, struct ae_error *err)
{
	struct group *group = make_room(fit, err) == 0 ? ae_calloc(1, sizeof(*group), err) : NULL;
	if (group && (group->name = ae_strdup(name, err)) &&
		ae_scaler_fit_new(&group->fit, &fit->rule, fit->per_tensor, &fit->shape, err) == 0) {
		if (tsearch(group, &fit->tree, by_name))
			return fit->groups[fit->count++] = group;
		ae_fail_memory(err);
	}
	free_group(group);
	return NULL;
}

static struct group *group_of(struct ae_scaler_groups_fit *fit, const char *name, size_t len, struct ae_error *err)
{
	if (len > 0 && memchr(name, '\0', len)) {
		ae_fail(err, "--group: a name with a NUL byte");
		return NULL;
	}
	if (ae_buf_set(&fit->name, name, len, err) != 0 || ae_buf_append(&fit->name, "", 1, err) != 0)
		return NULL;
	const struct group key = {.name = (char *)fit->name.data};
	struct group *const *found = tfind(&key, &fit->tree, by_name);
	return found ? *found : new_group(fit, key.name, err);
}

int ae_scaler_groups_fit_rows(struct ae_scaler_groups_fit *fit, const char *name, size_t len, const void *x,
	enum ae_type type, size_t rows, struct ae_error *err)
{
	struct group *group = group_of(fit, name, len, err);
	if (!group)
		return -1;
	group->rows += rows;
	return ae_scaler_fit_rows(group->fit, x, type, rows, err);
}

static void count_partly(
	struct ae_scaler_groups_partly *partly, const struct ae_scaler_fit *fit, const struct ae_scaler_group *group)
{
	const bool *which;
	partly->all++;
	if (ae_scaler_fit_constant(fit, &which) == 0 || partly->count++ > 0)
		return;
	partly->name = group->name;
	while (!which[partly->column])
		partly->column++;
}

int ae_scaler_groups_fit_end(struct ae_scaler_groups_fit *fit, struct ae_scaler_groups *groups,
	struct ae_scaler_groups_partly *partly, struct ae_error *err)
{
	*partly = (struct ae_scaler_groups_partly){0};
	if (fit->count > 0)
		qsort(fit->groups, fit->count, sizeof(*fit->groups), by_name_in_list);
	groups->groups = ae_calloc(fit->count, sizeof(*groups->groups), err);
	if (!groups->groups)
		return -1;
	for (size_t i = 0; i < fit->count; i++) {
		struct group *group = fit->groups[i];
		if (group->rows < AE_GROUP_ROWS)
			continue;
		struct ae_scaler_group *out = &groups->groups[groups->count];
		if (!(out->name = ae_strdup(group->name, err)))
			return -1;
		groups->count++;
		ae_scaler_fit_fall_back(group->fit, &groups->all, AE_GROUP_ROWS);
		if (ae_scaler_fit_end(group->fit, &out->scaler, err) != 0)
			return ae_fail_in(err, "group \"%s\": ", group->name);
		count_partly(partly, group->fit, out);
	}
	return 0;
}

void ae_scaler_groups_fit_free(struct ae_scaler_groups_fit *fit)
{
	if (!fit)
		return;
	for (size_t i = 0; i < fit->count; i++) {
		tdelete(fit->groups[i], &fit->tree, by_name);
		free_group(fit->groups[i]);
	}
	free(fit->groups);
	ae_buf_free(&fit->name);
	free(fit);
}
