/* SPDX-License-Identifier: MIT */
/* Judges each score by the window of its group, and then puts it there. */
#include "cli/follow.h"

#include <math.h>
#include <stdio.h>

#include "model/score.h"

int ae_follow_check(const struct ae_follow_options *o, struct ae_error *err)
{
	if (!o->stream && (o->window != UINT64_MAX || o->hold))
		return ae_fail_usage(err, "--window and --hold-anomalies go with --stream");
	if (!o->stream && !o->episodes && (o->series.group || o->series.max_gap || o->series.state))
		return ae_fail_usage(err,
			"--group goes with --fit, --stream, --episodes, --exec and --prom; --max-gap and --state with "
			"the latter four");
	if (o->stream && o->window == UINT64_MAX)
		return ae_fail_usage(err, "--stream needs --window N");
	return 0;
}

int ae_follow_start(struct ae_follow *f, struct ae_error *err)
{
	const struct ae_follow_options *o = f->options;
	if (!o->stream)
		return o->series.state ? ae_series_start(&f->series, err) : 0;
	if (ae_threshold_window_parse(&f->window, o->stream, o->window, err) != 0)
		return -1;
	return ae_series_start(&f->series, err);
}

static void needs(void *arg, double first, size_t *count, size_t *derived)
{
	const struct ae_threshold_window with = ae_threshold_window_with_room(arg, first);
	*count = ae_threshold_window_kept(&with);
	*derived = ae_threshold_window_derived(&with) * sizeof(double);
}

static bool restore(void *arg, unsigned char *values, double first)
{
	const struct ae_threshold_window with = ae_threshold_window_with_room(arg, first), *window = &with;
	double *kept = (void *)values;
	return ae_threshold_window_restore(window, kept, kept + ae_threshold_window_kept(window));
}

/* Without --stream no window is kept: the series has the file of --state alone, and no groups. */
static int begin_alone(struct ae_follow *f, const struct ae_reader *reader, size_t column, struct ae_error *err)
{
	const struct ae_series_layout layout = {
		.type = AE_F64, .settings = "episodes", .column = column, .of_any_model = true};
	int rc = ae_series_begin(&f->series, reader, &layout, err);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

int ae_follow_begin(struct ae_follow *f, const struct ae_reader *reader, size_t column, struct ae_error *err)
{
	char rule[AE_THRESHOLD_TEXT];
	if (!f->options->stream)
		return begin_alone(f, reader, column, err);
	snprintf(f->settings, sizeof(f->settings), "%s, window %llu%s", ae_threshold_format(&f->window.rule, rule),
		(unsigned long long)f->options->window, f->options->hold ? ", anomalies held" : "");
	const struct ae_series_layout layout = {.type = AE_F64,
		.count = ae_threshold_window_kept(&f->window),
		.derived = ae_threshold_window_derived(&f->window) * sizeof(double),
		.needs = needs,
		.restore = restore,
		.arg = &f->window,
		.settings = f->settings,
		.column = column};
	int rc = ae_series_begin(&f->series, reader, &layout, err);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

/* The verdict on a score, or -1 and *err. */
static int judge(struct ae_follow *f, struct ae_series_group *group, double score, double until, double *by,
	struct ae_error *err)
{
	double *kept = (void *)group->values;
	struct ae_threshold_window with = ae_threshold_window_with_room(&f->window, kept[0]);
	double value = ae_threshold_window_value(&with, kept, kept + ae_threshold_window_kept(&with));
	group->rows++;
	if (isnan(value))
		value = until;
	if (by)
		*by = value;
	unsigned char verdict = isnan(value) ? AE_PRED_NONE : ae_verdict(score, value);
	if (!isnan(score) && !(f->options->hold && verdict == 1)) {
		if (ae_series_grow(&f->series, &group, err) != 0)
			return -1;
		kept = (void *)group->values;
		with = ae_threshold_window_with_room(&f->window, kept[0] + 1);
		ae_threshold_window_add(&with, kept, kept + ae_threshold_window_kept(&with), score);
	}
	return verdict;
}

ssize_t ae_follow_rows(struct ae_follow *f, const struct ae_batch *in, const double *score, double until,
	unsigned char *pred, double *values, struct ae_error *err)
{
	ssize_t made = 0;
	for (size_t row = 0; row < in->rows; row++) {
		struct ae_series_group *group;
		int good = ae_series_row(&f->series, in, row, &group, err);
		if (good < 0)
			return -1;
		if (good) {
			int verdict = judge(f, group, score[row], until, values ? &values[made] : NULL, err);
			if (verdict < 0)
				return -1;
			pred[made++] = (unsigned char)verdict;
		}
	}
	return made;
}

int ae_follow_pass(struct ae_follow *f, const struct ae_batch *in, struct ae_error *err)
{
	return ae_series_kept(&f->series, in, err) ? 0 : -1;
}

int ae_follow_idle(void *state)
{
	struct ae_follow *f = state;
	return ae_series_idle(&f->series);
}

int ae_follow_settled(void *state)
{
	struct ae_follow *f = state;
	return ae_series_settled(&f->series);
}

int ae_follow_end(void *state, struct ae_error *err)
{
	struct ae_follow *f = state;
	return ae_series_last(&f->series, err);
}

void ae_follow_free(struct ae_follow *f)
{
	ae_series_free(&f->series);
	ae_threshold_window_free(&f->window);
}
