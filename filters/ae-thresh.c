/* SPDX-License-Identifier: MIT */
/* ae-thresh: fit a threshold on err, or apply one. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/alarm_state.h"
#include "cli/compare_thresholds.h"
#include "cli/fixed_threshold.h"
#include "cli/program.h"
#include "cli/thresh_options.h"
#include "core/stop.h"

struct thresh {
	struct ae_follow follow; /* first: ae_follow_idle and _end take the state */
	const struct ae_thresh_options *options;
	const struct ae_program *program;
	const struct ae_schema *in;
	size_t err_column;
	struct ae_fixed_threshold fixed;
	struct ae_buf carried;
	struct ae_data pred, judged_by;
	struct ae_alarm alarm;
	bool alarms, keeps; /* episodes; a state, or at least groups that have one */
	struct ae_series_episodes episodes;
	struct ae_lineage lineage; /* of the present stream */
	uint64_t anomalies;
};

static int choose(struct thresh *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_thresh_options *o = s->options;
	ae_lineage_free(&s->lineage);
	s->lineage = (struct ae_lineage){0};
	int rc = ae_err_lineage(&s->lineage, reader, &s->err_column, err);
	s->fixed.value = o->at;
	if (rc == 0 && o->common.model)
		rc = ae_fixed_threshold_read(&s->fixed, &o->fit, o->common.model, &s->lineage, reader, err);
	if (rc == 0 && o->follow.stream)
		rc = ae_fixed_threshold_need_one(&s->fixed, o->common.model, err);
	return rc;
}

static int begin_alarm(struct thresh *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_threshold *threshold = s->fixed.model ? s->fixed.model->threshold : NULL;
	bool follows = s->options->follow.stream;
	return ae_alarm_begin(&s->alarm, reader, &s->lineage, s->fixed.group, err) == 0
		       ? ae_alarm_judged_by(&s->alarm, follows ? NULL : threshold, follows ? NAN : s->fixed.value, err)
		       : -1;
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	struct thresh *s = state;
	s->in = ae_reader_schema(reader);
	if (choose(s, reader, err) != 0 || (s->alarms && begin_alarm(s, reader, err) != 0) ||
		(s->keeps && ae_follow_begin(&s->follow, reader, s->err_column, err) != 0))
		return -1;
	if (s->alarm.instead)
		return ae_alarm_schema(out, err);
	if (ae_schema_copy_head(out, s->in, err) != 0 ||
		ae_carry_columns(out, s->in, 1U << AE_PRED, &s->carried, err) != 0 ||
		!ae_schema_add(out, "pred", AE_PRED, AE_U8, &single, err))
		return -1;
	if (s->options->pvalue && ae_pvalue_add(&s->fixed, out, s->in, s->err_column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

/* The verdicts on the rows of a batch, which becomes that of the rows that are not left out. NULL and *err on failure.
 */
static const struct ae_batch *judge(
	struct thresh *s, const struct ae_batch *in, unsigned char *pred, double *by, struct ae_error *err)
{
	const double *score = (const void *)in->cols[s->err_column]->values.data;
	if (!s->options->follow.stream)
		return ae_fixed_threshold_judge(&s->fixed, in, score, pred, by, err) == 0 &&
				       (!s->keeps || ae_follow_pass(&s->follow, in, err) == 0)
			       ? in
			       : NULL;
	ssize_t made = ae_follow_rows(&s->follow, in, score, s->fixed.value, pred, by, err);
	if (made < 0 || !(in = ae_series_kept(&s->follow.series, in, err)))
		return NULL;
	s->pred.values.len = (size_t)made;
	return in;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column verdict = {.type = AE_U8}, value = {.type = AE_F64};
	struct thresh *s = state;
	unsigned char *pred = ae_data_resize(&s->pred, &verdict, in->rows, err);
	double *by = s->alarms ? ae_data_resize(&s->judged_by, &value, in->rows, err) : NULL;
	const double *score = (const void *)in->cols[s->err_column]->values.data;
	if (!pred || (s->alarms && !by) || (s->options->pvalue && ae_pvalue_fill(&s->fixed, in, score, err) != 0) ||
		!(in = judge(s, in, pred, by, err)))
		return -1;
	for (size_t i = 0; i < in->rows; i++)
		s->anomalies += pred[i] == 1;
	score = (const void *)in->cols[s->err_column]->values.data;
	if (s->alarms && ae_alarm_rows(&s->alarm, in, score, by, pred, err) != 0)
		return -1;
	if (s->alarm.instead) {
		ae_alarm_take(&s->alarm, out);
		return 0;
	}
	ae_carry_batch(out, in, &s->carried);
	out->rows = in->rows;
	size_t at = s->carried.len / sizeof(size_t);
	out->cols[at] = &s->pred;
	if (s->options->pvalue)
		out->cols[at + 1] = &s->fixed.pvalue;
	return 0;
}

static int last(void *state, bool final, struct ae_batch *out, struct ae_error *err)
{
	struct thresh *s = state;
	if (ae_alarm_last(&s->alarm, final, err) != 0)
		return -1;
	if (s->alarm.instead)
		ae_alarm_take(&s->alarm, out);
	return 0;
}

static int end(void *state, struct ae_error *err)
{
	struct thresh *s = state;
	if (s->alarms && ae_alarm_finish(&s->alarm, err) != 0)
		return -1;
	return s->keeps ? ae_follow_end(&s->follow, err) : 0;
}

static int idle(void *state)
{
	struct thresh *s = state;
	int again = s->options->follow.stream ? ae_follow_idle(&s->follow) : ae_unseen_tell(&s->fixed.unseen);
	return ae_sooner(again, s->alarms ? ae_alarm_idle(&s->alarm) : 0);
}

static int run(struct ae_thresh_options *o, struct thresh *s, char *const *files, size_t count, struct ae_error *err)
{
	const struct ae_program *program = s->program;
	if (ae_thresh_options_check(o, err) != 0 || ae_follow_start(&s->follow, err) != 0)
		return -1;
	s->alarms = ae_alarm_is_wanted(&o->alarm);
	s->keeps = o->follow.stream || o->follow.series.state;
	s->episodes = ae_alarm_state(&s->alarm);
	s->follow.series.episodes = s->alarms ? &s->episodes : NULL;
	if (s->alarms && ae_alarm_start(&s->alarm, err) != 0)
		return -1;
	const struct ae_filter filter = {.state = s,
		.format = s->alarm.instead ? &ae_alarm_output : &ae_csv_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.last = s->alarms ? last : NULL,
		.settled = o->follow.series.state ? ae_follow_settled : NULL,
		.end = end,
		.threshold_alone = true,
		.also = ae_series_also(&s->follow.series),
		.rejected = o->follow.stream ? &s->follow.series.rejected : NULL};
	if (o->fit.method)
		return ae_fit_threshold(&o->fit, program, &o->common, files, count, err);
	if (o->fit.compare)
		return ae_compare_thresholds(&o->fit, program, &o->common, files, count, err);
	int rc = ae_filter_run(&filter, program, &o->common, files, count, err);
	if (s->alarms)
		ae_alarm_close(&s->alarm, rc < 0);
	if (rc >= 0)
		ae_unseen_end(&s->fixed.unseen);
	if (o->follow.stream && rc >= 0)
		ae_series_note(&s->follow.series);
	return rc == 0 && o->exit_code && s->anomalies > 0 ? AE_STATUS_ANOMALY : rc;
}

int main(int argc, char **argv)
{
	struct ae_thresh_options o = {.common = {.threads = 1, .in.no_inputs = true},
		.follow = AE_FOLLOW_DEFAULTS,
		.alarm = AE_ALARM_DEFAULTS,
		.at = NAN,
		.fit.bootstrap = UINT64_MAX};
	const struct ae_opt table[] = {
		AE_GROUP("Threshold"),
		AE_OPTIONS_FIT(&o.fit),
		AE_FILE("model", 'm', &o.common.model, AE_FILE_READ | AE_FILE_WRITTEN, "FILE",
			"with --fit: put it there; else: apply the one in FILE"),
		AE_OPTION_RELOAD(&o.common),
		AE_REAL("at", 0, &o.at, -DBL_MAX, DBL_MAX, "VALUE", "apply this value"),
		AE_FLAG("pvalue", 0, &o.pvalue, "with -m: append the share of calibration errors that are as large"),
		AE_FLAG("exit-code", 0, &o.exit_code, "exit 3 if there was an anomaly"),
		AE_OPTIONS_FOLLOW(&o.follow),
		AE_OPTIONS_ALARM(&o.alarm),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-thresh", "--fit METHOD | -m FILE | --at VALUE [options] [file ...]",
		"Fits a threshold on err, or applies one: adds the column pred.", table, sizeof(table) / sizeof(*table),
		NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);

	struct ae_error err;
	struct thresh s = {.options = &o,
		.fixed = {.group = AE_NO_COLUMN,
			.unseen = {.program = &program, .common = &o.common, .what = "threshold"}},
		.program = &program,
		.follow = {.options = &o.follow,
			.series = {.program = &program, .common = &o.common, .options = &o.follow.series}},
		.alarm = {.program = &program,
			.common = &o.common,
			.options = &o.alarm,
			.series = &o.follow.series,
			.left_out = &s.follow.series.bad}};
	int rc = run(&o, &s, argv + first, (size_t)(argc - first), &err);
	ae_follow_free(&s.follow);
	ae_fixed_threshold_free(&s.fixed);
	ae_alarm_free(&s.alarm);
	ae_lineage_free(&s.lineage);
	ae_data_free(&s.judged_by);
	ae_buf_free(&s.carried);
	ae_data_free(&s.pred);
	return ae_program_finish(program.name, rc, &err);
}
