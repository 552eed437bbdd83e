/* SPDX-License-Identifier: MIT */
/* Training from memory: what ae-normalize --fit and ae-train do, on the caller's rows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/aefilters.h"
#include "model/scaler.h"
#include "model/training.h"

struct job {
	const struct ae_train_options *options;
	struct ae_model *model;
	const double *x; /* the caller's rows, or `copy` */
	double *copy;    /* the rows that are trained on, where some are left out */
	float *scaled;
	size_t rows, inputs;
	ae_train_progress *progress;
	void *arg;
};

/* ---- settings ---- */

/* What take_settings would take for a default, and what is no setting; ae_train_settings_check has the others. */
static int check_numbers(const struct ae_train_options *o, struct ae_error *err)
{
	if (ae_setting_check(ae_train_setting_at(offsetof(struct ae_train_settings, lr)), o->lr, err) != 0 ||
		ae_setting_check(ae_train_setting_at(offsetof(struct ae_train_settings, weight_decay)), o->weight_decay,
			err) != 0)
		return -1;
	if (!(o->valid >= 0 && o->valid < 1))
		return ae_fail_usage(err, "valid: expected a share from 0 to below 1");
	if (o->patience && o->valid == 0)
		return ae_fail_usage(err, "patience needs validation rows");
	return 0;
}

/* The model owns the schedule's text. */
static int take_schedule(struct ae_model *model, const char *schedule, struct ae_error *err)
{
	if (!schedule)
		return 0;
	char *text = ae_strdup(schedule, err);
	model->settings.schedule = model->read.texts[model->read.text_count] = text;
	model->read.text_count += text != NULL;
	return text ? 0 : -1;
}

static int take_settings(struct job *job, struct ae_error *err)
{
	const struct ae_train_options *o = job->options;
	struct ae_train_settings *s = &job->model->settings;
	size_t loss, optimizer;
	if (check_numbers(o, err) != 0 || ae_loss_find(&loss, o->loss, err) != 0 ||
		ae_optimizer_find(&optimizer, o->optimizer, err) != 0)
		return -1;
	s->loss = ae_loss_name(loss);
	s->optimizer = ae_optimizer_name(optimizer);
	s->lr = o->lr > 0 ? o->lr : s->lr;
	s->decay = o->decay;
	s->momentum = o->momentum;
	s->weight_decay = o->weight_decay > 0 ? o->weight_decay : s->weight_decay;
	s->epochs = o->epochs ? o->epochs : s->epochs;
	s->batch = o->batch ? o->batch : s->batch;
	s->slices = o->slices ? o->slices : s->slices;
	s->warmup = o->warmup;
	s->seed = o->seed;
	s->mask = o->mask != 0;
	return take_schedule(job->model, o->schedule, err) != 0 ? -1 : ae_train_settings_check(s, err);
}

/* Shape, names and network. */
static int describe(struct job *job, struct ae_error *err)
{
	const struct ae_train_options *o = job->options;
	struct ae_model *model = job->model;
	model->input = ae_shape_vector(job->inputs);
	if (o->shape && ae_shape_parse(&model->input, o->shape, err) != 0)
		return ae_fail_in(err, "shape: ");
	if (ae_shape_size(&model->input) != job->inputs)
		return ae_fail(err, "shape %s: a row has %zu values", o->shape, job->inputs);
	if (o->features && !(model->features = ae_calloc(job->inputs, sizeof(*model->features), err)))
		return -1;
	for (; o->features && model->feature_count < job->inputs; model->feature_count++)
		if (!(model->features[model->feature_count] = ae_strdup(o->features[model->feature_count], err)))
			return -1;
	if (ae_net_parse(&model->net, o->net, o->hidden_act, o->out_act, &model->input, err) != 0)
		return -1;
	if (ae_shape_size(ae_net_output(model->net)) != job->inputs)
		return ae_fail(err, "the network makes %zu values of %zu inputs",
			ae_shape_size(ae_net_output(model->net)), job->inputs);
	ae_net_init(model->net, o->seed);
	return 0;
}

/* ---- rows ---- */

static int fit_scaler(struct job *job, struct ae_scaler *scaler, size_t rows, struct ae_error *err)
{
	struct ae_scaler_rule rule;
	struct ae_scaler_fit *fit = NULL;
	const struct ae_shape *shape = &job->model->input;
	if (ae_scaler_parse(&rule, job->options->scaler, err) != 0 ||
		ae_scaler_fit_new(&fit, &rule, job->options->per_tensor != 0, shape, err) != 0)
		return -1;
	int rc = ae_scaler_fit_rows(fit, job->x, AE_F64, rows, err);
	if (rc == 0)
		rc = ae_scaler_fit_end(fit, scaler, err);
	ae_scaler_fit_free(fit);
	return rc;
}

/* Leaves out the rows that have missing values, or with a mask nothing else. */
static int choose_rows(struct job *job, size_t rows, struct ae_error *err)
{
	size_t n = job->inputs;
	bool all = job->options->mask == 0;
	for (size_t row = 0; row < rows; row++) {
		size_t nans = ae_count_nan(job->x + row * n, AE_F64, n);
		bool taken = nans == 0 || (!all && nans < n);
		if (!taken && !job->copy) {
			job->copy = ae_calloc(rows * n, sizeof(*job->copy), err);
			if (!job->copy)
				return -1;
			memcpy(job->copy, job->x, row * n * sizeof(*job->copy));
		}
		if (taken && job->copy)
			memcpy(job->copy + job->rows * n, job->x + row * n, n * sizeof(*job->copy));
		job->rows += taken;
	}
	if (job->copy)
		job->x = job->copy;
	return job->rows > 0 ? 0 : ae_fail(err, "no row is left for training: all %zu have missing values", rows);
}

static int check_finite(const struct job *job, size_t rows, struct ae_error *err)
{
	for (size_t i = 0; i < rows * job->inputs; i++)
		if (isinf(job->x[i]) || isinf((float)job->x[i]))
			return ae_fail(err, "row %zu, input %zu: %g is too large", i / job->inputs + 1,
				i % job->inputs + 1, job->x[i]);
	return 0;
}

static int prepare_rows(struct job *job, size_t rows, struct ae_error *err)
{
	struct ae_scaler scaler = {0};
	if (rows == 0)
		return ae_fail(err, "no rows to train on");
	if (check_finite(job, rows, err) != 0)
		return -1;
	int rc = job->options->scaler ? fit_scaler(job, &scaler, rows, err) : 0;
	if (rc == 0)
		rc = choose_rows(job, rows, err);
	if (rc == 0 && job->options->scaler) {
		rc = ae_scaler_pack(&scaler, &job->model->scaler, err);
		job->scaled = ae_calloc(job->rows * job->inputs, sizeof(*job->scaled), err);
		if (rc == 0 && job->scaled)
			ae_scaler_apply(&scaler, job->scaled, job->x, AE_F64, job->rows, &job->model->input);
		rc = rc == 0 && job->scaled ? 0 : -1;
	}
	ae_scaler_free(&scaler);
	return rc;
}

static struct ae_train_data rows_of(const struct job *job, size_t first, size_t rows)
{
	struct ae_train_data data = {.rows = rows, .x_type = job->scaled ? AE_F32 : AE_F64};
	size_t at = first * job->inputs;
	data.x = job->scaled ? (const void *)(job->scaled + at) : (const void *)(job->x + at);
	return data;
}

/* ---- the run ---- */

static int on_report(void *arg, const struct ae_session_report *report, struct ae_error *err)
{
	const struct job *job = arg;
	(void)err;
	if (!report->complete)
		return 0;
	return job->progress(job->arg, report->epoch, report->loss, report->valid_loss) != 0;
}

static int train(struct job *job, struct ae_error *err)
{
	const struct ae_train_options *o = job->options;
	size_t held_out = (size_t)ceil(o->valid * (double)job->rows);
	if (held_out >= job->rows)
		return ae_fail(err, "valid %g leaves no row for training", o->valid);
	struct ae_train_data data = rows_of(job, 0, job->rows - held_out);
	struct ae_train_data all = rows_of(job, 0, job->rows);
	struct ae_session *session = NULL;
	if (!o->force && ae_model_check_range(job->model, &all, err) != AE_RANGE_FITS)
		return -1;
	struct ae_session_options options = {.valid = rows_of(job, job->rows - held_out, held_out),
		.patience = o->patience,
		.progress = job->progress ? on_report : NULL,
		.arg = job};
	if (ae_model_session_new(&session, job->model, &data, &options, o->threads, err) != 0)
		return -1;
	int rc = ae_session_run(session, err) < 0 ? -1 : ae_model_take_session(job->model, session, err);
	ae_session_free(session);
	if (rc == 0 && o->strip)
		ae_model_drop_optimizer(job->model);
	return rc == 0 ? ae_model_measure_errors(job->model, &data, o->threads, err) : -1;
}

int ae_model_train(struct ae_model **model, const struct ae_train_options *options, const double *x, size_t rows,
	size_t inputs, ae_train_progress *progress, void *arg, struct ae_error *err)
{
	struct job job = {.options = options, .x = x, .inputs = inputs, .progress = progress, .arg = arg};
	if (!options->net || inputs == 0)
		return ae_fail_usage(err, "a network and at least one input are required");
	if (ae_model_new(&job.model, err) != 0)
		return -1;
	int rc = take_settings(&job, err);
	if (rc == 0)
		rc = describe(&job, err);
	if (rc == 0)
		rc = prepare_rows(&job, rows, err);
	if (rc == 0)
		rc = train(&job, err);
	free(job.copy);
	free(job.scaled);
	if (rc == 0)
		*model = job.model;
	else
		ae_model_free(job.model);
	return rc;
}
