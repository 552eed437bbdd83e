/* SPDX-License-Identifier: MIT */
/* The measures of a stream of verdicts: of all rows, of their events, and group by group. */
#include "cli/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/timestamp.h"
#include "eval/metrics_format.h"
#include "model/lineage.h"
#include "stream/group_column.h"
#include "stream/groups.h"

/* A column of the table of groups. */
struct measure {
	const char *heading, *json;
	size_t at; /* a double in struct ae_metrics_shown */
	enum { OF_ROWS, OF_EVENTS, OF_ADJUSTED } of;
};

#define AT(member) offsetof(struct ae_metrics_shown, member)
static const struct measure measures[] = {
	{"precision", "precision", AT(rows.anomaly.precision), OF_ROWS},
	{"recall", "recall", AT(rows.anomaly.recall), OF_ROWS},
	{"F1", "f1", AT(rows.anomaly.f1), OF_ROWS},
	{"ROC-AUC", "roc_auc", AT(rows.roc_auc), OF_ROWS},
	{"PR-AUC", "pr_auc", AT(rows.pr_auc), OF_ROWS},
	{"best F1", "best_f1", AT(rows.best_f1), OF_ROWS},
	{"ev-prec", "event_precision", AT(series.event.precision), OF_EVENTS},
	{"ev-recall", "event_recall", AT(series.event.recall), OF_EVENTS},
	{"delay", "mean_delay", AT(series.mean_delay), OF_EVENTS},
	{"adj-F1", "adjusted_f1", AT(series.adjusted.f1), OF_ADJUSTED},
	{"rand-F1", "random_f1", AT(series.random.f1), OF_ADJUSTED},
};
enum { MEASURES = sizeof(measures) / sizeof(*measures) };

static double value_of(const struct ae_metrics_shown *shown, size_t i)
{
	double value;
	memcpy(&value, (const char *)shown + measures[i].at, sizeof(value));
	return value;
}

static bool is_shown(const struct ae_measure *m, size_t i)
{
	return measures[i].of == OF_ROWS || (measures[i].of == OF_EVENTS ? m->events : m->adjusted);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static struct ae_measure_group *groups_of(const struct ae_measure *m, size_t *count)
{
	*count = m->groups.len / sizeof(struct ae_measure_group);
	return (struct ae_measure_group *)(void *)m->groups.data;
}

static int find_by(struct ae_measure *m, struct ae_error *err)
{
	if (ae_group_column_find(&m->by_column, m->schema, "--by", m->by, err) != 0)
		return -1;
	return ae_groups_new(&m->numbers, AE_MEASURE_GROUPS, sizeof(uint64_t), err);
}

/* Events are runs of one series: where the lineage says which column tells series apart, it is looked at. */
static int find_series(struct ae_measure *m, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	if (!m->events && !m->adjusted)
		return 0;
	int rc = ae_lineage_unpack(&lineage, &m->schema->lineage, err);
	if (rc == 0)
		rc = ae_lineage_group(&m->grouped, &lineage, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || !m->grouped)
		return rc;
	m->grouped_column = ae_schema_find_name(m->schema, m->grouped, strlen(m->grouped));
	if (m->grouped_column == AE_NO_COLUMN || ae_shape_size(&m->schema->cols[m->grouped_column].shape) != 1) {
		free(m->grouped);
		m->grouped = NULL;
	}
	return 0;
}

static int watch_series(struct ae_measure *m, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	char number[AE_NUMBER_TEXT];
	size_t len;
	const char *name = ae_group_column_name(m->schema, batch, m->grouped_column, row, number, &len);
	if (!m->series.data)
		return ae_buf_append(&m->series, name, len, err) == 0 ? ae_buf_append(&m->series, "", 1, err) : -1;
	m->mixed |= len + 1 != m->series.len || memcmp(name, m->series.data, len) != 0;
	return 0;
}

int ae_measure_begin(struct ae_measure *m, const struct ae_schema *schema, struct ae_error *err)
{
	m->schema = schema;
	m->time = ae_schema_find(schema, AE_TIME);
	if (ae_evaluate_begin(&m->evaluate, schema, err) != 0)
		return -1;
	if ((m->events || m->adjusted) && m->evaluate.pred == AE_NO_COLUMN)
		return ae_fail(err, "--%s needs verdicts, a column pred, as ae-thresh writes it",
			m->events ? "events" : "point-adjust");
	return m->by ? find_by(m, err) : find_series(m, err);
}

static struct ae_measure_group *add_group(struct ae_measure *m, const char *name, size_t len, struct ae_error *err)
{
	struct ae_measure_group group = {0};
	if (ae_buf_reserve(&m->groups, sizeof(group), err) != 0)
		return NULL;
	group.name = ae_strndup(name, len, err);
	if (!group.name || ae_metrics_new(&group.metrics, err) != 0) {
		free(group.name);
		return NULL;
	}
	memcpy(m->groups.data + m->groups.len, &group, sizeof(group));
	m->groups.len += sizeof(group);
	return (struct ae_measure_group *)(void *)(m->groups.data + m->groups.len - sizeof(group));
}

static struct ae_measure_group *group_of(
	struct ae_measure *m, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	char number[AE_NUMBER_TEXT];
	size_t len, count;
	const char *name = ae_group_column_name(m->schema, batch, m->by_column, row, number, &len);
	uint64_t *place = ae_groups_state(m->numbers, name, len, err); /* counted from 1; 0 is a new group */
	if (!place)
		return NULL;
	if (ae_groups_forgotten(m->numbers) > 0) {
		ae_fail(err, "--by %s: more than %d groups", m->by, AE_MEASURE_GROUPS);
		return NULL;
	}
	struct ae_measure_group *groups = groups_of(m, &count);
	if (*place > 0)
		return &groups[*place - 1];
	*place = count + 1;
	return add_group(m, name, len, err);
}

/* The time of a row, or NULL. */
static const struct ae_time *time_of(
	const struct ae_measure *m, const struct ae_batch *batch, size_t row, struct ae_time *time)
{
	size_t len;
	if (m->time == AE_NO_COLUMN || m->schema->cols[m->time].type != AE_TEXT)
		return NULL;
	const char *text = ae_data_text(batch->cols[m->time], row, &len);
	return ae_time_parse(time, text, len) == AE_TIMESTAMP_NOT ? NULL : time;
}

static int add(struct ae_metrics *metrics, const struct ae_judged *judged, struct ae_error *err)
{
	return ae_metrics_add(metrics, judged->anomaly, judged->verdict, judged->score, err);
}

int ae_measure_row(struct ae_measure *m, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_judged judged;
	struct ae_time time;
	struct ae_measure_group *group = NULL;
	struct ae_events *events = &m->all;
	if (ae_evaluate_read(&m->evaluate, batch, row, &judged, err) != 0)
		return -1;
	if (m->by) {
		group = group_of(m, batch, row, err);
		if (!group)
			return -1;
		group->no_label += !judged.labelled;
		events = &group->events;
	}
	if (!judged.labelled)
		return 0;
	if (add(m->evaluate.metrics, &judged, err) != 0 || (group && add(group->metrics, &judged, err) != 0))
		return -1;
	if (!m->events && !m->adjusted)
		return 0;
	if (m->grouped && !m->mixed && watch_series(m, batch, row, err) != 0)
		return -1;
	return ae_events_add(events, judged.anomaly, judged.verdict, time_of(m, batch, row, &time), err);
}

void ae_measure_boundary(struct ae_measure *m)
{
	size_t count;
	struct ae_measure_group *groups = groups_of(m, &count);
	ae_events_break(&m->all);
	for (size_t i = 0; i < count; i++)
		ae_events_break(&groups[i].events);
}

/* ---- results ---------------------------------------------------------------------------------------------------- */

static int end(const struct ae_measure *m, struct ae_metrics *metrics, const struct ae_events *events,
	uint64_t no_label, struct ae_metrics_shown *shown, struct ae_error *err)
{
	*shown = (struct ae_metrics_shown){.no_label = no_label, .events = m->events, .adjusted = m->adjusted};
	ae_metrics_end(metrics, &shown->rows);
	return ae_events_end(events, &shown->series, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ae_measure_group *)a)->name, ((const struct ae_measure_group *)b)->name);
}

/* The mean of a measure over the groups in which it is defined. */
static double mean_of(const struct ae_metrics_shown *shown, size_t count, size_t i)
{
	double sum = 0, defined = 0;
	for (size_t group = 0; group < count; group++) {
		double value = value_of(&shown[group], i);
		sum += isnan(value) ? 0 : value;
		defined += !isnan(value);
	}
	return defined > 0 ? sum / defined : NAN;
}

static void print_value(double value, const char *heading)
{
	int width = strlen(heading) > 7 ? (int)strlen(heading) : 7;
	if (isnan(value))
		printf("  %*s", width, "-");
	else
		printf(value < 100 ? "  %*.4f" : "  %*.1f", width, value);
}

/* Of a group whose cells are empty too. */
static const char *shown_name(const char *name)
{
	return *name ? name : "(empty)";
}

static void print_line(const struct ae_measure *m, const char *name, int width, const struct ae_metrics_shown *shown)
{
	char text[200];
	printf("%-*s", width, ae_escape_controls(text, sizeof(text), shown_name(name)));
	printf("  %9llu  %9llu", (unsigned long long)shown->rows.rows, (unsigned long long)shown->rows.anomalies);
	for (size_t i = 0; i < MEASURES; i++)
		if (is_shown(m, i))
			print_value(value_of(shown, i), measures[i].heading);
	printf("\n");
}

static void print_table(const struct ae_measure *m, const struct ae_measure_group *groups,
	const struct ae_metrics_shown *shown, size_t count, const struct ae_metrics_shown *all)
{
	int width = 4;
	for (size_t i = 0; i < count && width < 40; i++) {
		int len = (int)strlen(shown_name(groups[i].name));
		width = len > width ? len : width;
	}
	width = width < 40 ? width : 40;
	printf("%-*s  %9s  %9s", width, "", "rows", "anomalies");
	for (size_t i = 0; i < MEASURES; i++)
		if (is_shown(m, i))
			printf("  %7s", measures[i].heading);
	printf("\n");
	for (size_t i = 0; i < count; i++)
		print_line(m, groups[i].name, width, &shown[i]);
	printf("%-*s  %9s  %9s", width, "mean", "", "");
	for (size_t i = 0; i < MEASURES; i++)
		if (is_shown(m, i))
			print_value(mean_of(shown, count, i), measures[i].heading);
	printf("\n");
	print_line(m, "all", width, all);
	printf("\n");
}

/* A string of JSON; bytes that are no UTF-8 become U+FFFD. */
static void print_json_string(const char *text)
{
	putchar('"');
	for (size_t len = strlen(text), n; len > 0; text += n, len -= n) {
		uint32_t code = 0xfffd;
		n = ae_utf8_parse(text, len, &code);
		if (n == 0)
			printf("\\ufffd");
		else if (code < 0x20 || code == '"' || code == '\\')
			printf("\\u%04x", (unsigned)code);
		else
			fwrite(text, 1, n, stdout);
		n += n == 0;
	}
	putchar('"');
}

static void print_json(const struct ae_measure *m, const struct ae_measure_group *groups,
	const struct ae_metrics_shown *shown, size_t count, const struct ae_metrics_shown *all)
{
	char text[AE_METRICS_TEXT], number[AE_NUMBER_TEXT];
	printf("{%s", ae_metrics_format_json(all, text));
	if (m->by) {
		printf(", \"by\": ");
		print_json_string(m->schema->cols[m->by_column].name);
		printf(", \"groups\": [");
		for (size_t i = 0; i < count; i++) {
			printf("%s{\"group\": ", i > 0 ? ", " : "");
			print_json_string(groups[i].name);
			printf(", %s}", ae_metrics_format_json(&shown[i], text));
		}
		printf("], \"mean\": {");
		for (size_t i = 0, before = 0; i < MEASURES; i++) {
			double mean = mean_of(shown, count, i);
			if (!is_shown(m, i))
				continue;
			if (isfinite(mean))
				ae_number_format_f64(number, mean);
			printf("%s\"%s\": %s", before++ ? ", " : "", measures[i].json,
				isfinite(mean) ? number : "null");
		}
		printf("}");
	}
	printf("}\n");
}

/* Sorts the groups and makes their results. NULL and *err on failure. */
static struct ae_metrics_shown *end_groups(struct ae_measure *m, struct ae_error *err)
{
	size_t count;
	struct ae_measure_group *groups = groups_of(m, &count);
	struct ae_metrics_shown *shown = ae_calloc(count + 1, sizeof(*shown), err);
	if (count > 0)
		qsort(groups, count, sizeof(*groups), by_name);
	for (size_t i = 0; shown && i < count; i++) {
		struct ae_measure_group *g = &groups[i];
		if (end(m, g->metrics, &g->events, g->no_label, &shown[i], err) != 0 ||
			ae_events_append(&m->all, &g->events, err) != 0) {
			free(shown);
			return NULL;
		}
	}
	return shown;
}

int ae_measure_print(struct ae_measure *m, struct ae_error *err)
{
	size_t count;
	char text[AE_METRICS_TEXT];
	struct ae_metrics_shown all, *shown = end_groups(m, err);
	const struct ae_measure_group *groups = groups_of(m, &count);
	int rc = shown ? end(m, m->evaluate.metrics, &m->all, m->evaluate.no_label, &all, err) : -1;
	if (rc == 0 && m->json) {
		print_json(m, groups, shown, count, &all);
	} else if (rc == 0) {
		if (m->by)
			print_table(m, groups, shown, count, &all);
		fputs(ae_metrics_format(&all, text), stdout);
	}
	free(shown);
	return rc;
}

void ae_measure_free(struct ae_measure *m)
{
	size_t count;
	struct ae_measure_group *groups = groups_of(m, &count);
	for (size_t i = 0; i < count; i++) {
		free(groups[i].name);
		ae_metrics_free(groups[i].metrics);
		ae_events_free(&groups[i].events);
	}
	free(m->grouped);
	ae_buf_free(&m->series);
	ae_buf_free(&m->groups);
	ae_groups_free(m->numbers);
	ae_events_free(&m->all);
	ae_evaluate_free(&m->evaluate);
}
