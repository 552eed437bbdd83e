/* SPDX-License-Identifier: MIT */
/* The filter that puts verdicts beside err, or writes records of episodes instead. */
#include "cli/verdicts.h"

#include <math.h>

#include "cli/alarm_state.h"
#include "cli/fixed_threshold.h"
#include "core/stop.h"

struct verdicts {
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

static int choose(struct verdicts *v, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_thresh_options *o = v->options;
	ae_lineage_free(&v->lineage);
	v->lineage = (struct ae_lineage){0};
	int rc = ae_err_lineage(&v->lineage, reader, &v->err_column, err);
	v->fixed.value = o->at;
	if (rc == 0 && o->common.model)
		rc = ae_fixed_threshold_read(&v->fixed, &o->fit, o->common.model, &v->lineage, reader, err);
	if (rc == 0 && o->follow.stream)
		rc = ae_fixed_threshold_need_one(&v->fixed, o->common.model, err);
	return rc;
}

static int begin_alarm(struct verdicts *v, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_threshold *threshold = v->fixed.model ? v->fixed.model->threshold : NULL;
	bool follows = v->options->follow.stream;
	return ae_alarm_begin(&v->alarm, reader, &v->lineage, v->fixed.group, err) == 0
		       ? ae_alarm_judged_by(&v->alarm, follows ? NULL : threshold, follows ? NAN : v->fixed.value, err)
		       : -1;
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	struct verdicts *v = state;
	v->in = ae_reader_schema(reader);
	if (choose(v, reader, err) != 0 || (v->alarms && begin_alarm(v, reader, err) != 0) ||
		(v->keeps && ae_follow_begin(&v->follow, reader, v->err_column, err) != 0))
		return -1;
	if (v->alarm.instead)
		return ae_alarm_schema(out, err);
	if (ae_schema_copy_head(out, v->in, err) != 0 ||
		ae_carry_columns(out, v->in, 1U << AE_PRED, &v->carried, err) != 0 ||
		!ae_schema_add(out, "pred", AE_PRED, AE_U8, &single, err))
		return -1;
	if (v->options->pvalue && ae_pvalue_add(&v->fixed, out, v->in, v->err_column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

/* The verdicts on the rows of a batch, which becomes that of the rows that are not left out. NULL and *err on failure.
 */
static const struct ae_batch *judge(
	struct verdicts *v, const struct ae_batch *in, unsigned char *pred, double *by, struct ae_error *err)
{
	const double *score = (const void *)in->cols[v->err_column]->values.data;
	if (!v->options->follow.stream)
		return ae_fixed_threshold_judge(&v->fixed, in, score, pred, by, err) == 0 &&
				       (!v->keeps || ae_follow_pass(&v->follow, in, err) == 0)
			       ? in
			       : NULL;
	ssize_t made = ae_follow_rows(&v->follow, in, score, v->fixed.value, pred, by, err);
	if (made < 0 || !(in = ae_series_kept(&v->follow.series, in, err)))
		return NULL;
	v->pred.values.len = (size_t)made;
	return in;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column verdict = {.type = AE_U8}, value = {.type = AE_F64};
	struct verdicts *v = state;
	unsigned char *pred = ae_data_resize(&v->pred, &verdict, in->rows, err);
	double *by = v->alarms ? ae_data_resize(&v->judged_by, &value, in->rows, err) : NULL;
	const double *score = (const void *)in->cols[v->err_column]->values.data;
	if (!pred || (v->alarms && !by) || (v->options->pvalue && ae_pvalue_fill(&v->fixed, in, score, err) != 0) ||
		!(in = judge(v, in, pred, by, err)))
		return -1;
	for (size_t i = 0; i < in->rows; i++)
		v->anomalies += pred[i] == 1;
	score = (const void *)in->cols[v->err_column]->values.data;
	if (v->alarms && ae_alarm_rows(&v->alarm, in, score, by, pred, err) != 0)
		return -1;
	if (v->alarm.instead) {
		ae_alarm_take(&v->alarm, out);
		return 0;
	}
	ae_carry_batch(out, in, &v->carried);
	out->rows = in->rows;
	size_t at = v->carried.len / sizeof(size_t);
	out->cols[at] = &v->pred;
	if (v->options->pvalue)
		out->cols[at + 1] = &v->fixed.pvalue;
	return 0;
}

static int last(void *state, bool final, struct ae_batch *out, struct ae_error *err)
{
	struct verdicts *v = state;
	if (ae_alarm_last(&v->alarm, final, err) != 0)
		return -1;
	if (v->alarm.instead)
		ae_alarm_take(&v->alarm, out);
	return 0;
}

static int end(void *state, struct ae_error *err)
{
	struct verdicts *v = state;
	if (v->alarms && ae_alarm_finish(&v->alarm, err) != 0)
		return -1;
	return v->keeps ? ae_follow_end(&v->follow, err) : 0;
}

static int idle(void *state)
{
	struct verdicts *v = state;
	int again = v->options->follow.stream ? ae_follow_idle(&v->follow) : ae_unseen_tell(&v->fixed.unseen);
	return ae_sooner(again, v->alarms ? ae_alarm_idle(&v->alarm) : 0);
}

/* ---- the whole of it ---- */

static int start(struct verdicts *v, struct ae_error *err)
{
	const struct ae_thresh_options *o = v->options;
	if (ae_follow_start(&v->follow, err) != 0)
		return -1;
	v->alarms = ae_alarm_is_wanted(&o->alarm);
	v->keeps = o->follow.stream || o->follow.series.state;
	v->episodes = ae_alarm_state(&v->alarm);
	v->follow.series.episodes = v->alarms ? &v->episodes : NULL;
	return v->alarms ? ae_alarm_start(&v->alarm, err) : 0;
}

static int run(struct verdicts *v, char *const *files, size_t count, struct ae_error *err)
{
	const struct ae_thresh_options *o = v->options;
	if (start(v, err) != 0)
		return -1;
	const struct ae_filter filter = {.state = v,
		.format = v->alarm.instead ? &ae_alarm_output : &ae_csv_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.last = v->alarms ? last : NULL,
		.settled = o->follow.series.state ? ae_follow_settled : NULL,
		.end = end,
		.threshold_alone = true,
		.also = ae_series_also(&v->follow.series),
		.rejected = o->follow.stream ? &v->follow.series.rejected : NULL};
	int rc = ae_filter_run(&filter, v->program, &o->common, files, count, err);
	if (v->alarms)
		ae_alarm_close(&v->alarm, rc < 0);
	if (rc >= 0)
		ae_unseen_end(&v->fixed.unseen);
	if (o->follow.stream && rc >= 0)
		ae_series_note(&v->follow.series);
	return rc == 0 && o->exit_code && v->anomalies > 0 ? AE_STATUS_ANOMALY : rc;
}

int ae_verdicts_run(const struct ae_thresh_options *o, const struct ae_program *program, char *const *files,
	size_t count, struct ae_error *err)
{
	struct verdicts v = {.options = o,
		.fixed = {.group = AE_NO_COLUMN,
			.unseen = {.program = program, .common = &o->common, .what = "threshold"}},
		.program = program,
		.follow = {.options = &o->follow,
			.series = {.program = program, .common = &o->common, .options = &o->follow.series}},
		.alarm = {.program = program,
			.common = &o->common,
			.options = &o->alarm,
			.series = &o->follow.series,
			.left_out = &v.follow.series.bad}};
	int rc = run(&v, files, count, err);
	ae_follow_free(&v.follow);
	ae_fixed_threshold_free(&v.fixed);
	ae_alarm_free(&v.alarm);
	ae_lineage_free(&v.lineage);
	ae_data_free(&v.judged_by);
	ae_buf_free(&v.carried);
	ae_data_free(&v.pred);
	return rc;
}
