/* SPDX-License-Identifier: MIT */
/* Errors by group. */
#include "cli/calibration_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"
#include "core/text.h"
#include "model/group_table.h"
#include "stream/group_column.h"

/* What is kept of a group. */
struct errors {
	struct ae_buf normal, anomalies;
};

int ae_calibration_groups_begin(struct ae_calibration_groups *g, const struct ae_schema *in, struct ae_error *err)
{
	if (!g->name)
		return 0;
	g->in = in;
	if (ae_group_column_find(&g->column, in, "--group", g->name, err) != 0)
		return -1;
	/* One more than there may be: so no group is ever forgotten. */
	return g->groups ? 0 : ae_groups_new(&g->groups, AE_GROUPS_MAX + 1, sizeof(struct errors), err);
}

int ae_calibration_groups_add(struct ae_calibration_groups *g, const struct ae_batch *batch, size_t row, double error,
	bool anomaly, struct ae_error *err)
{
	char room[AE_NUMBER_TEXT];
	size_t len;
	if (!g->name)
		return 0;
	const char *name = ae_group_column_name(g->in, batch, g->column, row, room, &len);
	struct errors *errors = ae_groups_state(g->groups, name, len, err);
	if (!errors)
		return -1;
	if (ae_groups_count(g->groups) > AE_GROUPS_MAX)
		return ae_fail(err, "--group: more than %d groups", AE_GROUPS_MAX);
	return ae_buf_append(anomaly ? &errors->anomalies : &errors->normal, &error, sizeof(error), err);
}

/* ---- fitting ---- */

struct entry {
	char *name;
	struct ae_threshold_sample sample;
};

struct entries {
	struct entry *list;
	size_t count;
	struct ae_error *err;
};

static struct ae_threshold_sample sample_of(const struct errors *errors)
{
	return (struct ae_threshold_sample){.errors = (double *)(void *)errors->normal.data,
		.count = errors->normal.len / sizeof(double),
		.anomalies = (double *)(void *)errors->anomalies.data,
		.anomaly_count = errors->anomalies.len / sizeof(double)};
}

static int list_group(void *arg, const void *key, size_t len, const void *state)
{
	struct entries *e = arg;
	struct entry *entry = &e->list[e->count];
	if (len > 0 && memchr(key, '\0', len))
		return ae_fail(e->err, "--group: a name with a NUL byte");
	entry->name = ae_strndup(len ? key : "", len, e->err);
	if (!entry->name)
		return -1;
	entry->sample = sample_of(state);
	e->count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Passes the name on to *out where the group gets an entry. */
static void fit_group(struct ae_calibration_groups *g, struct ae_threshold_groups *out,
	const struct ae_threshold_rule *rule, struct entry *entry)
{
	struct ae_error why = {0};
	char name[200];
	if (entry->sample.count < AE_GROUP_ROWS) {
		g->few++;
		return;
	}
	ae_sort_f64(entry->sample.errors, entry->sample.count);
	ae_sort_f64(entry->sample.anomalies, entry->sample.anomaly_count);
	ae_escape_controls(name, sizeof(name), entry->name);
	if (!ae_threshold_spread(entry->sample.errors, entry->sample.count)) {
		g->same++;
	} else if (ae_threshold_groups_add(out, entry->name, rule, &entry->sample, &why) != 0) {
		if (g->unfit++ == 0)
			snprintf(g->why, sizeof(g->why), "\"%s\": %.290s", name, why.text);
	} else {
		entry->name = NULL;
		size_t flags = ae_threshold_flags(
			out->groups[out->count - 1].value, entry->sample.errors, entry->sample.count);
		if (ae_threshold_flags_most(rule, flags, entry->sample.count) && g->most++ == 0)
			strcpy(g->first, name);
	}
}

int ae_calibration_groups_fit(struct ae_calibration_groups *g, struct ae_threshold_groups *out,
	const struct ae_threshold_rule *rule, struct ae_error *err)
{
	struct entries e = {.err = err};
	if (!g->name)
		return 0;
	size_t count = ae_groups_count(g->groups);
	out->column = ae_strdup(g->name, err);
	out->groups = out->column ? ae_calloc(count, sizeof(*out->groups), err) : NULL;
	e.list = out->groups ? ae_calloc(count, sizeof(*e.list), err) : NULL;
	int rc = e.list ? ae_groups_each(g->groups, list_group, &e) : -1;
	if (rc == 0 && e.count > 0)
		qsort(e.list, e.count, sizeof(*e.list), by_name);
	for (size_t i = 0; rc == 0 && i < e.count; i++)
		fit_group(g, out, rule, &e.list[i]);
	for (size_t i = 0; i < e.count; i++)
		free(e.list[i].name);
	free(e.list);
	return rc;
}

void ae_calibration_groups_note(const struct ae_calibration_groups *g, const struct ae_threshold *t,
	const struct ae_program *program, const struct ae_common *common)
{
	char rule[AE_THRESHOLD_TEXT];
	size_t all = ae_groups_count(g->groups);
	if (g->few)
		ae_note(program, common,
			"%zu of %zu groups ha%s fewer than %d normal rows: the value of all rows holds", g->few, all,
			g->few == 1 ? "s" : "ve", AE_GROUP_ROWS);
	if (g->same)
		ae_note(program, common, "%zu of %zu groups ha%s errors without spread: the value of all rows holds",
			g->same, all, g->same == 1 ? "s" : "ve");
	if (g->most)
		ae_note(program, common,
			"%zu of %zu groups ha%s a value that calls more than half of the rows it was fitted on "
			"anomalies, "
			"the first is \"%s\"; fit on normal rows, or with a larger number",
			g->most, all, g->most == 1 ? "s" : "ve", g->first);
	if (g->unfit)
		ae_note(program, common, "%zu of %zu groups cannot have %s: the value of all rows holds (%s)", g->unfit,
			all, ae_threshold_format(&t->rule, rule), g->why);
}

/* The states are ours, though a walk shows them as constants. */
static int free_group(void *arg, const void *key, size_t len, const void *state)
{
	struct errors errors;
	(void)arg, (void)key, (void)len;
	memcpy(&errors, state, sizeof(errors));
	ae_buf_free(&errors.normal);
	ae_buf_free(&errors.anomalies);
	return 0;
}

void ae_calibration_groups_free(struct ae_calibration_groups *g)
{
	if (g->groups)
		ae_groups_each(g->groups, free_group, NULL);
	ae_groups_free(g->groups);
	g->groups = NULL;
}
