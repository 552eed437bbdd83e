/* SPDX-License-Identifier: MIT */
/* Training from memory: what ae-normalize --fit and ae-train do, on the caller's rows. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/aefilters.h"
#include "core/number.h"
#include "core/share.h"
#include "core/thread_pool.h"
#include "model/scaler.h"
#include "model/training.h"
#include "model/training_warnings.h"

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

/* ---- options ---- */

/* struct ae_train_options of version 0.1, the first one that has its size, ended with this member. */
#define FIRST_SIZE (offsetof(struct ae_train_options, threads) + sizeof(int))

void ae_train_options_init(struct ae_train_options *options, size_t size)
{
	const struct ae_train_settings *s = &ae_train_defaults;
	struct ae_train_options defaults = {.size = size,
		.loss = s->loss,
		.optimizer = s->optimizer,
		.lr = s->lr,
		.decay = s->decay,
		.momentum = s->momentum,
		.weight_decay = s->weight_decay,
		.warmup = s->warmup,
		.slices = s->slices,
		.epochs = s->epochs,
		.batch = s->batch,
		.seed = s->seed,
		.mask = s->mask};
	memset(options, 0, size);
	memcpy(options, &defaults, size < sizeof(defaults) ? size : sizeof(defaults));
}

/* The options of a caller who may know an earlier version's members only. */
static int take_options(struct ae_train_options *own, const struct ae_train_options *given, struct ae_error *err)
{
	if (given->size < FIRST_SIZE || given->size > sizeof(*own))
		return ae_fail_usage(err,
			"options of %zu bytes, expected %zu to %zu: ae_train_options_init sets the size", given->size,
			FIRST_SIZE, sizeof(*own));
	ae_train_options_init(own, sizeof(*own));
	memcpy(own, given, given->size);
	if (own->threads < 0 || own->threads > AE_THREADS_MAX)
		return ae_fail_usage(err, "threads: expected a number from 0 to %d", AE_THREADS_MAX);
	return own->net ? 0 : ae_fail_usage(err, "a network is required");
}

/* ---- settings ---- */

/* What ae_train_settings_check does not see: 0 slices are a setting of old models alone. */
static int check_options(const struct ae_train_options *o, struct ae_error *err)
{
	if (o->slices == 0)
		return ae_fail_usage(err, "slices 0: expected a number from 1 to 65536");
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
	if (check_options(o, err) != 0 || ae_loss_find(&loss, o->loss, err) != 0 ||
		ae_optimizer_find(&optimizer, o->optimizer, err) != 0)
		return -1;
	s->loss = ae_loss_name(loss);
	s->optimizer = ae_optimizer_name(optimizer);
	s->lr = o->lr;
	s->decay = o->decay;
	s->momentum = o->momentum;
	s->weight_decay = o->weight_decay;
	s->epochs = o->epochs;
	s->batch = o->batch;
	s->slices = o->slices;
	s->trim = o->trim;
	s->warmup = o->warmup;
	s->seed = o->seed;
	s->mask = o->mask != 0;
	return take_schedule(job->model, o->schedule, err) != 0 ? -1 : ae_train_settings_check(s, err);
}

/* ---- input and network ---- */

static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static int check_distinct(const char *const *names, size_t count, struct ae_error *err)
{
	const char **sorted = ae_calloc(count, sizeof(*sorted), err);
	if (!sorted)
		return -1;
	memcpy(sorted, names, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_names);
	int rc = 0;
	for (size_t i = 1; i < count && rc == 0; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			rc = ae_fail_usage(err, "features: \"%s\" twice", sorted[i]);
	free(sorted);
	return rc;
}

/* Names are words of one line, each of one input. */
static int take_features(struct ae_model *model, const char *const *names, size_t count, struct ae_error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!names[i] || !*names[i])
			return ae_fail_usage(err, "features: input %zu has no name", i + 1);
		for (const char *c = names[i]; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				return ae_fail_usage(
					err, "features: the name of input %zu has a control character", i + 1);
	}
	if (check_distinct(names, count, err) != 0)
		return -1;
	return ae_model_set_input(model, &model->input, (char *const *)(uintptr_t)names, count, err);
}

/* Shape, names and network. */
static int describe(struct job *job, struct ae_error *err)
{
	const struct ae_train_options *o = job->options;
	struct ae_model *model = job->model;
	model->input = ae_shape_vector(job->inputs);
	if (o->shape && ae_shape_parse(&model->input, o->shape, err) != 0)
		return ae_fail_in(err, "shape: ");
	if (o->shape && ae_shape_size(&model->input) != job->inputs)
		return ae_fail(err, "shape %s: a row has %zu values", o->shape, job->inputs);
	if (o->features && take_features(model, o->features, job->inputs, err) != 0)
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

/* Nothing is fitted on AE_BEYOND or more. */
static int check_size(const struct job *job, size_t rows, struct ae_error *err)
{
	size_t i;
	char text[AE_NUMBER_TEXT];
	if (ae_count_beyond(job->x, AE_F64, rows * job->inputs, &i) == 0)
		return 0;
	ae_number_format_f64(text, job->x[i]);
	return ae_fail(err, "row %zu, input %zu: %s is too large: nothing is fitted on 1e30 or more",
		i / job->inputs + 1, i % job->inputs + 1, text);
}

static int scale_rows(struct job *job, const struct ae_scaler *scaler, struct ae_error *err)
{
	size_t i, n = job->rows * job->inputs;
	struct ae_buf packed = {0};
	job->scaled = ae_calloc(n, sizeof(*job->scaled), err);
	int rc = job->scaled ? ae_scaler_pack(scaler, &packed, err) : -1;
	if (rc == 0)
		rc = ae_prep_append(&job->model->prep, AE_PREP_SCALER, &packed, &job->model->input, NULL, 0, err);
	ae_buf_free(&packed);
	if (rc != 0)
		return -1;
	if (ae_scaler_apply(scaler, job->scaled, job->x, AE_F64, job->rows, &job->model->input) == 0)
		return 0;
	(void)ae_count_beyond(job->scaled, AE_F32, n, &i);
	return ae_fail(err, "row %zu, input %zu: the scaled value is too large for f32", i / job->inputs + 1,
		i % job->inputs + 1);
}

static int prepare_rows(struct job *job, size_t rows, struct ae_error *err)
{
	struct ae_scaler scaler = {0};
	if (rows == 0)
		return ae_fail(err, "no rows to train on");
	if (check_size(job, rows, err) != 0)
		return -1;
	int rc = job->options->scaler ? fit_scaler(job, &scaler, rows, err) : 0;
	if (rc == 0)
		rc = choose_rows(job, rows, err);
	if (rc == 0 && job->options->scaler)
		rc = scale_rows(job, &scaler, err);
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

/* As ae-train does, of the first rows; nothing is printed, but the model keeps the warnings. */
static int warn_ranges(struct job *job, size_t rows, struct ae_error *err)
{
	const struct ae_shape *input = &job->model->input;
	size_t columns = input->dim[input->rank - 1];
	if (job->scaled || columns < 2)
		return 0;
	double *low = ae_calloc(columns, 2 * sizeof(*low), err);
	if (!low)
		return -1;
	double *high = low + columns;
	for (size_t j = 0; j < columns; j++) {
		low[j] = INFINITY;
		high[j] = -INFINITY;
	}
	for (size_t i = 0; i < rows * job->inputs; i++) {
		low[i % columns] = fmin(low[i % columns], job->x[i]);
		high[i % columns] = fmax(high[i % columns], job->x[i]);
	}
	int rc = ae_model_warn_ranges(job->model, low, high, columns, err);
	free(low);
	return rc;
}

/* What is measured under the last weights. A training that was stopped has no warnings. */
static int finish(struct job *job, struct ae_session *session, const struct ae_train_data *data,
	const struct ae_train_data *valid, bool whole, struct ae_error *err)
{
	struct ae_model *m = job->model;
	int threads = job->options->threads;
	double *mean_row = ae_calloc(ae_shape_size(ae_net_output(m->net)), sizeof(*mean_row), err);
	int rc = mean_row ? ae_model_measure_errors(m, data, threads, mean_row, err) : -1;
	if (rc == 0 && whole)
		rc = ae_model_warn_loss(m, session, data, valid, mean_row, err);
	if (rc == 0 && whole)
		rc = ae_model_warn_units(m, data, threads, err);
	if (rc == 0)
		rc = ae_model_take_session(m, session, err);
	if (!whole)
		ae_model_drop_warnings(m);
	free(mean_row);
	return rc;
}

static int train(struct job *job, struct ae_error *err)
{
	const struct ae_train_options *o = job->options;
	size_t valid = ae_share_up(o->valid, job->rows);
	if (valid >= job->rows)
		return ae_fail(err, "valid leaves none of %zu rows for training", job->rows);
	struct ae_train_data data = rows_of(job, 0, job->rows - valid);
	struct ae_train_data all = rows_of(job, 0, job->rows);
	struct ae_session *session = NULL;
	if (!o->force && ae_model_check_range(job->model, &all, err) != AE_RANGE_FITS)
		return -1;
	struct ae_session_options options = {.valid = rows_of(job, job->rows - valid, valid),
		.patience = o->patience,
		.progress = job->progress ? on_report : NULL,
		.arg = job};
	if (warn_ranges(job, data.rows, err) != 0 ||
		ae_model_session_new(&session, job->model, &data, &options, o->threads, err) != 0)
		return -1;
	int stopped = ae_session_run(session, err);
	int rc = stopped < 0 ? -1 : finish(job, session, &data, &options.valid, stopped == 0, err);
	ae_session_free(session);
	if (rc == 0 && o->strip)
		ae_model_drop_optimizer(job->model);
	return rc;
}

int ae_model_train(struct ae_model **model, const struct ae_train_options *options, const double *x, size_t rows,
	size_t inputs, ae_train_progress *progress, void *arg, struct ae_error *err)
{
	struct ae_train_options own;
	struct job job = {.options = &own, .x = x, .inputs = inputs, .progress = progress, .arg = arg};
	if (take_options(&own, options, err) != 0)
		return -1;
	if (inputs == 0 || inputs > INT32_MAX)
		return ae_fail_usage(err, "%zu inputs: expected 1 to %d", inputs, INT32_MAX);
	if (rows > SIZE_MAX / sizeof(*x) / inputs)
		return ae_fail_usage(err, "%zu rows of %zu inputs are more than memory can hold", rows, inputs);
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
