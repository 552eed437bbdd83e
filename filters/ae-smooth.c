/* SPDX-License-Identifier: MIT */
/* ae-smooth: the score of a row becomes that of the last rows of its group. */
#include <math.h>
#include <string.h>

#include "cli/series_filter.h"
#include "core/rolling.h"
#include "model/lineage.h"

struct options {
	struct ae_common common;
	struct ae_series_options series;
	uint64_t n[3]; /* as enum ae_rolling_kind has them; 0: not given */
};

struct smoothing {
	struct ae_rolling rolling;
	char settings[AE_ROLLING_TEXT]; /* the same as text */
	enum ae_type type;              /* of err before */
};

/* Which one it is. */
static int choose(struct smoothing *s, const struct options *o, struct ae_error *err)
{
	size_t given = 0;
	for (size_t i = 0; i < sizeof(o->n) / sizeof(*o->n); i++) {
		if (!o->n[i])
			continue;
		given++;
		s->rolling = (struct ae_rolling){.kind = (enum ae_rolling_kind)i, .n = o->n[i]};
	}
	return given == 1 ? 0 : ae_fail_usage(err, "one of --ewma N, --mean N and --median N is required");
}

static int find_score(const struct ae_schema *in, size_t *column, struct ae_error *err)
{
	*column = ae_schema_score(in);
	if (*column == AE_NO_COLUMN)
		return ae_schema_need(in, AE_ERR, column, err) == 0
			       ? ae_fail(err, "err is that of each feature: the score is needed, one number a row")
			       : ae_fail_more(err, ": ae-err makes the score");
	if (ae_schema_find(in, AE_PRED) != AE_NO_COLUMN)
		return ae_fail(err, "there are verdicts already: use ae-smooth before ae-thresh");
	return 0;
}

static bool restore(void *arg, unsigned char *values, double first)
{
	const struct ae_rolling with = ae_rolling_with_room(arg, first);
	double *kept = (void *)values;
	return ae_rolling_restore(&with, kept, kept + ae_rolling_kept(&with));
}

static void needs(void *arg, double first, size_t *count, size_t *derived)
{
	const struct ae_rolling with = ae_rolling_with_room(arg, first);
	*count = ae_rolling_kept(&with);
	*derived = ae_rolling_derived(&with) * sizeof(double);
}

static int begin(struct ae_series_filter *f, const struct ae_reader *reader, struct ae_series_layout *layout,
	struct ae_error *err)
{
	struct smoothing *s = f->own;
	(void)reader;
	*layout = (struct ae_series_layout){.type = AE_F64,
		.count = ae_rolling_kept(&s->rolling),
		.derived = ae_rolling_derived(&s->rolling) * sizeof(double),
		.needs = needs,
		.restore = restore,
		.arg = &s->rolling,
		.of_any_model = true,
		.settings = ae_rolling_format(&s->rolling, s->settings)};
	if (find_score(f->in, &layout->column, err) != 0)
		return -1;
	s->type = f->in->cols[layout->column].type;
	return 0;
}

/* Says in the lineage how err was smoothed. */
static int describe(const struct ae_series_filter *f, struct ae_schema *out, struct ae_error *err)
{
	const struct smoothing *s = f->own;
	const struct ae_grouping *by = &f->series.by;
	struct ae_lineage lineage = {0};
	char text[AE_GROUPING_TEXT];
	int rc = ae_lineage_unpack(&lineage, &out->lineage, err);
	if (rc == 0 && lineage.smooth[0])
		rc = ae_fail(err, "err is smoothed already, by %s%s", lineage.smooth,
			ae_grouping_format(&lineage.smooth_by, text));
	if (rc == 0)
		rc = ae_grouping_copy(&lineage.smooth_by, by, err);
	if (rc == 0) {
		ae_rolling_format(&s->rolling, lineage.smooth);
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	}
	ae_lineage_free(&lineage);
	out->cols[f->column].type = AE_F64;
	return rc;
}

static enum ae_series_made smooth(struct ae_series_filter *f, struct ae_series_group *group, const unsigned char *in,
	unsigned char *out, struct ae_error *err)
{
	const struct smoothing *s = f->own;
	double value;
	group->rows++;
	ae_to_f64(&value, in, s->type, 1);
	if (!isnan(value)) {
		if (ae_series_grow(&f->series, &group, err) != 0)
			return AE_SERIES_FAILED;
		double *kept = (void *)group->values;
		const struct ae_rolling with = ae_rolling_with_room(&s->rolling, kept[0] + 1);
		ae_rolling_add(&with, kept, kept + ae_rolling_kept(&with), value);
		value = ae_rolling_value(&with, kept, kept + ae_rolling_kept(&with));
	} else {
		value = NAN;
	}
	memcpy(out, &value, sizeof(value));
	return AE_SERIES_MADE;
}

static const struct ae_series_kind smoothing = {.begin = begin, .describe = describe, .row = smooth};

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
	struct smoothing s = {0};
	struct ae_series_filter filter = {.kind = &smoothing,
		.own = &s,
		.series = {.program = &program, .common = &o.common, .options = &o.series}};
	int rc = choose(&s, &o, &err);
	if (rc == 0)
		rc = ae_series_filter_run(&filter, NULL, argv + first, (size_t)(argc - first), &err);
	ae_series_filter_free(&filter);
	return ae_program_finish(program.name, rc, &err);
}
