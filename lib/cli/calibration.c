/* SPDX-License-Identifier: MIT */
/* Reading the errors that a threshold is fitted on. */
#include "cli/calibration.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/text.h"

struct intake {
	struct ae_calibration *calibration;
	const struct ae_reader *reader;
	struct ae_where *where;
	size_t column, label;
	uint64_t done; /* rows of this stream */
};

static bool is_labelled(const struct ae_calibration *c)
{
	return c->truth.normal || c->truth.anomaly;
}

/* Counts an error of readings beyond f32. */
static int count_beyond(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_calibration *c = in->calibration;
	const struct ae_place place = {batch, row, in->done};
	const char *name = ae_reader_name(in->reader);
	char at[AE_PLACE_TEXT];
	if (c->beyond++ > 0)
		return 0;
	ae_place_format(&place, at);
	return ae_buf_append(&c->first_beyond, name, strlen(name), err) != 0 ||
			       ae_buf_append(&c->first_beyond, ": ", 2, err) != 0
		       ? -1
		       : ae_buf_append(&c->first_beyond, at, strlen(at) + 1, err);
}

/* Where the error of a row goes, NULL if nowhere. */
static int choose(
	struct ae_buf **into, const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_calibration *c = in->calibration;
	*into = &c->normal;
	if (!is_labelled(c))
		return 0;
	enum ae_truth truth = ae_truth_of(&c->truth, batch->cols[in->label], row);
	if (truth == AE_TRUTH_ANOMALY)
		*into = c->classes ? &c->anomalies : NULL;
	if (truth == AE_TRUTH_NONE)
		*into = NULL;
	c->unlabelled += truth == AE_TRUTH_NONE;
	return ae_label_counts_add(&c->seen, batch->cols[in->label], row, 1, err);
}

static int take_row(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_calibration *c = in->calibration;
	struct ae_buf *into;
	double value;
	memcpy(&value, batch->cols[in->column]->values.data + row * sizeof(value), sizeof(value));
	if (isnan(value)) {
		c->without++;
		return 0;
	}
	if (choose(&into, in, batch, row, err) != 0)
		return -1;
	if (!into)
		return 0;
	if (fabs(value) >= AE_BEYOND_F64 && count_beyond(in, batch, row, err) != 0)
		return -1;
	value = ae_number_finite(value);
	if (ae_buf_append(into, &value, sizeof(value), err) != 0 ||
		ae_calibration_groups_add(&c->groups, batch, row, value, into == &c->anomalies, err) != 0)
		return -1;
	return in->label == AE_NO_COLUMN ? 0 : ae_label_counts_add(&c->labels, batch->cols[in->label], row, 1, err);
}

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct intake *in = arg;
	for (size_t row = 0; row < batch->rows; row++)
		if (ae_where_holds(in->where, batch, row) && take_row(in, batch, row, err) != 0)
			return -1;
	in->done += batch->rows;
	return 0;
}

static int bind(void *arg, struct ae_error *err)
{
	struct intake *in = arg;
	const struct ae_schema *schema = ae_reader_schema(in->reader);
	in->done = 0;
	if (ae_calibration_groups_begin(&in->calibration->groups, schema, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(in->reader));
	return ae_where_bind(in->where, schema, err);
}

int ae_calibration_read(
	struct ae_calibration *c, struct ae_reader *reader, size_t column, struct ae_where *where, struct ae_error *err)
{
	struct intake in = {.calibration = c,
		.reader = reader,
		.where = where,
		.column = column,
		.label = ae_schema_find(ae_reader_schema(reader), AE_LABEL)};
	const struct ae_drain drain = {.rows = take_rows,
		.boundary = bind,
		.arg = &in,
		.otherwise = "err of another model or metric",
		.consequence = "no threshold is fitted on a part"};
	if (is_labelled(c) && ae_schema_need(ae_reader_schema(reader), AE_LABEL, &in.label, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (bind(&in, err) != 0 || ae_reader_drain(reader, &drain, err) != 0)
		return -1;
	c->sample = (struct ae_threshold_sample){.errors = (double *)(void *)c->normal.data,
		.count = c->normal.len / sizeof(double),
		.anomalies = (double *)(void *)c->anomalies.data,
		.anomaly_count = c->anomalies.len / sizeof(double)};
	return 0;
}

static void note_threshold(const struct ae_calibration *c, const struct ae_threshold *t,
	const struct ae_program *program, const struct ae_common *common)
{
	char value[AE_NUMBER_TEXT], error[AE_NUMBER_TEXT];
	size_t flags = ae_threshold_flags(t->value, c->sample.errors, c->sample.count);
	ae_number_format_f64(value, t->value);
	if (c->sample.count > 0 && !ae_threshold_rule_is(&t->rule, AE_TRAIT_ROWLESS) &&
		!ae_threshold_spread(c->sample.errors, c->sample.count)) {
		ae_number_format_f64(error, c->sample.errors[0]);
		ae_note(program, common,
			"the errors have no spread (%zu row%s, all %s): the threshold %s leaves no room above them and "
			"calls %zu of these rows anomalies; fit on rows that vary, or choose it with --fit fixed:V",
			c->sample.count, c->sample.count > 1 ? "s" : "", error, value, flags);
	} else if (ae_threshold_flags_most(&t->rule, flags, c->sample.count)) {
		ae_note(program, common,
			"the threshold %s calls %zu of the %zu rows it was fitted on anomalies, more than half; fit on "
			"normal rows, with a larger number, or choose it with --fit fixed:V",
			value, flags, c->sample.count);
	}
}

/* No row has the label that was given, though rows have labels. */
static bool is_label_missing(const struct ae_calibration *c)
{
	const char *wanted = c->truth.normal ? c->truth.normal : c->truth.anomaly;
	bool found = false;
	for (size_t i = 0; wanted && i < c->seen.count; i++) {
		const char *label = c->seen.entries[i].label;
		found |= ae_number_same_text(label, strlen(label), wanted, strlen(wanted)) ||
			 (!*label && ae_number_is_missing(wanted, strlen(wanted)));
	}
	return wanted && c->seen.count > 0 && c->seen.others == 0 && !found;
}

int ae_calibration_check(const struct ae_calibration *c, const struct ae_threshold_rule *rule, struct ae_error *err)
{
	if (is_label_missing(c))
		return ae_label_counts_fail(&c->seen, c->truth.normal, c->truth.anomaly, err);
	if (c->beyond == 0 || !ae_threshold_rule_is(rule, AE_TRAIT_MEAN))
		return 0;
	return ae_fail(err,
		"%s: err is 1e30 or more, as readings beyond f32 have it, and a mean does not bear it: --where "
		"'err<1e30' leaves such rows out",
		(const char *)c->first_beyond.data);
}

void ae_calibration_note_rows(
	const struct ae_calibration *c, const struct ae_program *program, const struct ae_common *common)
{
	char labels[800];
	if (c->without)
		ae_note(program, common, "%llu row%s without a score left out", (unsigned long long)c->without,
			c->without > 1 ? "s" : "");
	if (c->unlabelled)
		ae_note(program, common, "%llu row%s without a label left out", (unsigned long long)c->unlabelled,
			c->unlabelled > 1 ? "s" : "");
	if (c->labels.count > 1 && !is_labelled(c))
		ae_note(program, common, "fitted on rows of more than one label (%s); --where label=V chooses one",
			ae_label_counts_format(&c->labels, labels, sizeof(labels)));
}

void ae_calibration_note(const struct ae_calibration *c, const struct ae_threshold *threshold,
	const struct ae_program *program, const struct ae_common *common)
{
	char rule[AE_THRESHOLD_TEXT];
	ae_calibration_note_rows(c, program, common);
	if (c->beyond && !ae_threshold_rule_is(&threshold->rule, AE_TRAIT_ROWLESS))
		ae_note(program, common,
			"fitted on %zu error%s of 1e30 or more, as readings beyond f32 have %s (%s): --where "
			"'err<1e30' "
			"leaves such rows out",
			c->beyond, c->beyond > 1 ? "s" : "", c->beyond > 1 ? "them" : "it",
			(const char *)c->first_beyond.data);
	if (ae_threshold_rule_is(&threshold->rule, AE_TRAIT_TAIL) && !threshold->held_out)
		ae_note(program, common,
			"nothing says that these errors are of rows held out of the training (ae-train --calibrate): "
			"those of rows it saw have too short a tail for %s",
			ae_threshold_format(&threshold->rule, rule));
	note_threshold(c, threshold, program, common);
	if (c->groups.name)
		ae_calibration_groups_note(&c->groups, threshold, program, common);
}

void ae_calibration_free(struct ae_calibration *c)
{
	ae_buf_free(&c->normal);
	ae_buf_free(&c->anomalies);
	ae_buf_free(&c->first_beyond);
	ae_calibration_groups_free(&c->groups);
	ae_label_counts_free(&c->labels);
	ae_label_counts_free(&c->seen);
	*c = (struct ae_calibration){0};
}

char *ae_calibration_format(
	const struct ae_calibration *c, const struct ae_threshold *t, char text[AE_CALIBRATION_TEXT])
{
	char value[AE_NUMBER_TEXT], rule[AE_THRESHOLD_TEXT], metric[100], labels[1000], rows[100];
	ae_number_format_f64(value, t->value);
	snprintf(rows, sizeof(rows), "%llu rows", (unsigned long long)t->rows);
	if (ae_threshold_rule_is(&t->rule, AE_TRAIT_CLASSES))
		snprintf(rows, sizeof(rows), "%llu normal rows and %zu anomalies", (unsigned long long)t->rows,
			c->sample.anomaly_count);
	snprintf(text, AE_CALIBRATION_TEXT, "%s %s %s %s%s%s", value, ae_threshold_format(&t->rule, rule),
		*t->metric ? ae_escape_controls(metric, sizeof(metric), t->metric) : "err", rows,
		c->labels.count ? ", label " : "",
		c->labels.count ? ae_label_counts_format(&c->labels, labels, sizeof(labels)) : "");
	return text;
}
