/* SPDX-License-Identifier: MIT */
/* ae-smooth: the score of a row becomes that of the last rows of its group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/series.h"
#include "core/rolling.h"
#include "model/lineage.h"

struct options {
	struct ae_common common;
	struct ae_series_options series;
	uint64_t n[3]; /* as enum ae_rolling_kind has them; 0: not given */
};

struct state {
	const struct options *options;
	struct ae_rolling rolling;
	char settings[AE_ROLLING_TEXT]; /* the same as text */
	const struct ae_schema *in;
	size_t err; /* the column of the score */
	struct ae_series series;
	struct ae_buf carried;
	struct ae_data smooth;
};

/* Which one it is. */
static int choose(struct state *s, struct ae_error *err)
{
	size_t given = 0;
	for (size_t i = 0; i < sizeof(s->options->n) / sizeof(*s->options->n); i++) {
		if (!s->options->n[i])
			continue;
		given++;
		s->rolling = (struct ae_rolling){.kind = (enum ae_rolling_kind)i, .n = s->options->n[i]};
	}
	return given == 1 ? 0 : ae_fail_usage(err, "one of --ewma N, --mean N and --median N is required");
}

static int find_columns(struct state *s, struct ae_error *err)
{
	s->err = ae_schema_score(s->in);
	if (s->err == AE_NO_COLUMN)
		return ae_schema_need(s->in, AE_ERR, &s->err, err) == 0
			       ? ae_fail(err, "err is that of each feature: the score is needed, one number a row")
			       : ae_fail_more(err, ": ae-err makes the score");
	if (ae_schema_find(s->in, AE_PRED) != AE_NO_COLUMN)
		return ae_fail(err, "there are verdicts already: use ae-smooth before ae-thresh");
	return 0;
}

/* Says in the lineage how err was smoothed. */
static int record(struct state *s, struct ae_buf *blob, struct ae_error *err)
{
	const struct ae_grouping by = {(char *)(uintptr_t)s->series.options->group, s->series.max_gap};
	struct ae_lineage lineage = {0};
	char text[AE_GROUPING_TEXT];
	int rc = ae_lineage_unpack(&lineage, blob, err);
	if (rc == 0 && lineage.smooth[0])
		rc = ae_fail(err, "err is smoothed already, by %s%s", lineage.smooth,
			ae_grouping_format(&lineage.smooth_by, text));
	if (rc == 0)
		rc = ae_grouping_copy(&lineage.smooth_by, &by, err);
	if (rc == 0) {
		ae_rolling_format(&s->rolling, lineage.smooth);
		rc = ae_lineage_pack(&lineage, blob, err);
	}
	ae_lineage_free(&lineage);
	return rc;
}

static bool restore(void *arg, unsigned char *values)
{
	const struct ae_rolling *rolling = arg;
	double *kept = (void *)values;
	return ae_rolling_restore(rolling, kept, kept + ae_rolling_kept(rolling));
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct state *s = state;
	struct ae_series_layout layout = {.type = AE_F64,
		.count = ae_rolling_kept(&s->rolling),
		.derived = ae_rolling_derived(&s->rolling) * sizeof(double),
		.restore = restore,
		.arg = &s->rolling,
		.settings = ae_rolling_format(&s->rolling, s->settings)};
	s->in = ae_reader_schema(reader);
	int rc = find_columns(s, err);
	layout.column = s->err;
	if (rc != 0 || ae_series_begin(&s->series, reader, &layout, err) != 0 ||
		ae_schema_copy_head(out, s->in, err) != 0 || record(s, &out->lineage, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	out->cols[s->err].type = AE_F64;
	return 0;
}

static double smooth(const struct state *s, struct ae_series_group *group, double value)
{
	double *kept = (void *)group->values, *derived = kept + ae_rolling_kept(&s->rolling);
	if (isnan(value))
		return NAN;
	ae_rolling_add(&s->rolling, kept, derived, value);
	return ae_rolling_value(&s->rolling, kept, derived);
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct state *s = state;
	const struct ae_column *column = &s->in->cols[s->err];
	size_t width = ae_type_size(column->type), made = 0;
	s->smooth.values.len = 0;
	if (ae_buf_reserve(&s->smooth.values, ae_product(in->rows, sizeof(double)), err) != 0)
		return -1;
	double *values = (void *)s->smooth.values.data;
	for (size_t row = 0; row < in->rows; row++) {
		struct ae_series_group *group;
		double value;
		int good = ae_series_row(&s->series, in, row, &group, err);
		if (good < 0)
			return -1;
		if (!good)
			continue;
		ae_to_f64(&value, in->cols[s->err]->values.data + row * width, column->type, 1);
		values[made++] = smooth(s, group, value);
	}
	const struct ae_batch *kept = ae_series_kept(&s->series, in, err);
	if (!kept)
		return -1;
	s->smooth.values.len = made * sizeof(double);
	ae_carry_batch(out, kept, &s->carried);
	out->cols[s->err] = &s->smooth;
	out->rows = made;
	return 0;
}

static int idle(void *state)
{
	struct state *s = state;
	return ae_series_idle(&s->series);
}

static int end(void *state, struct ae_error *err)
{
	struct state *s = state;
	return ae_series_last(&s->series, err);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in = {.results = true}}, .series = AE_SERIES_DEFAULTS};
	const struct ae_opt table[] = {
		AE_GROUP("Smoothing, one of these"),
		AE_COUNT("ewma", 0, &o.n[AE_ROLLING_EWMA], 1, AE_ROLLING_MOST, "N",
			"exponentially weighted mean of span N: the last row weighs 2 / (N + 1)"),
		AE_COUNT("mean", 0, &o.n[AE_ROLLING_MEAN], 1, AE_ROLLING_MOST, "N", "mean of the last N rows"),
		AE_COUNT("median", 0, &o.n[AE_ROLLING_MEDIAN], 1, AE_ROLLING_MOST, "N", "median of the last N rows"),
		AE_GROUP("Groups"),
		AE_OPTIONS_SERIES(&o.series, "the rows before are those that are equal in this column"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-smooth", "--ewma N|--mean N|--median N [options] [file ...]",
		"Smooths the score of each row by those before it.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct state s = {.options = &o, .series = {.program = &program, .common = &o.common, .options = &o.series}};
	const struct ae_filter filter = {.state = &s,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.end = end,
		.also = ae_series_also(&s.series)};
	int rc = choose(&s, &err);
	if (rc == 0)
		rc = ae_series_start(&s.series, &err);
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0)
		ae_series_note(&s.series);
	ae_series_free(&s.series);
	ae_buf_free(&s.carried);
	ae_data_free(&s.smooth);
	return ae_program_finish(program.name, rc, &err);
}
