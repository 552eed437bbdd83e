/* SPDX-License-Identifier: MIT */
/* The public scorer: scale, forward pass, metric and threshold, by the functions that the programs use. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/aefilters.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/thread_pool.h"
#include "model/forward.h"
#include "model/scaler.h"
#include "model/score.h"
#include "model/threshold_origin.h"
#include "net/net.h"

struct ae_scorer {
	const struct ae_model *model;
	const struct ae_metric *metric;
	struct ae_scaler scaler; /* empty where the model was trained on unscaled x */
	int threads;
	uint64_t memory;                                    /* most bytes */
	struct ae_forward *forward_model, *forward_encoder; /* made by the first call that needs them */
	size_t inputs, outputs;
	size_t chunk;              /* rows that are taken at once; 0 until there are buffers */
	float *x, *recon;          /* [chunk][inputs] scaled; [chunk][outputs] */
	double *recon_row, *x_row; /* one row of each */
	struct ae_lineage lineage; /* of the scores */
};

/* ---- the object ---- */

/* A scaler is the one preparation that single rows can go through here. */
static int take_preparation(struct ae_scorer *s, struct ae_error *err)
{
	const struct ae_prep *prep = &s->model->prep;
	for (size_t i = 0; i < prep->count && ae_prep_is_list(prep); i++)
		if (i > 0 || prep->count == 1 || strcmp(prep->steps[i].program, AE_PREP_SCALER) != 0)
			return ae_fail(err,
				"the model's x is prepared by %s, which this library does not do: use the "
				"programs",
				prep->steps[i].program);
	return prep->count == 0 ? 0
				: ae_scaler_unpack(&s->scaler, prep->steps->packed.data, prep->steps->packed.len, err);
}

static int choose_metric(struct ae_scorer *s, const char *name, struct ae_error *err)
{
	const struct ae_threshold *threshold = s->model->threshold;
	const char *loss = s->model->settings.loss;
	bool fitted = threshold && *threshold->metric;
	s->metric = name ? ae_metric_find(name) : fitted ? ae_metric_find(threshold->metric) : ae_metric_of_loss(loss);
	if (s->metric && !s->metric->row)
		return ae_fail(err, "metric %s: this library does not compute it: use the programs", s->metric->name);
	if (!s->metric && name)
		return ae_fail_word(err, "metric", name, ae_metric_name);
	if (!s->metric && fitted)
		return ae_fail(
			err, "the model's threshold is for %s, which is no metric: choose one", threshold->metric);
	if (!s->metric)
		return ae_fail(err, "the model was trained with %s, which is no metric: choose one", loss);
	strcpy(s->lineage.metric, s->metric->name);
	strcpy(s->lineage.reference, "x");
	s->lineage.scaled_err = s->scaler.columns > 0;
	s->lineage.has_digest = true;
	return ae_model_digest(s->model, s->lineage.digest, err);
}

static void free_buffers(struct ae_scorer *s)
{
	free(s->x);
	free(s->recon);
	free(s->recon_row);
	free(s->x_row);
}

/* Buffers for scoring and for encoding, within the limit: of weights there is one copy. */
static int allocate(struct ae_scorer *s, struct ae_error *err)
{
	struct ae_forward_needs needs, encoder;
	char needed[AE_MEMORY_TEXT], limit[AE_MEMORY_TEXT];
	if (s->chunk)
		return 0;
	if (ae_forward_measure(&needs, s->model, AE_NET_WHOLE, s->threads, err) != 0)
		return -1;
	if (ae_net_members(s->model->net) == 1) { /* an ensemble has no encoder */
		if (ae_forward_measure(&encoder, s->model, AE_NET_ENCODER, s->threads, err) != 0)
			return -1;
		needs.bytes += encoder.bytes - sizeof(float) * ae_net_weight_count(s->model->net);
		needs.rows = needs.rows < encoder.rows ? needs.rows : encoder.rows;
	}
	if (needs.bytes > s->memory)
		return ae_fail(err, "the model needs %s, more than %s", ae_memory_format(needs.bytes, needed),
			ae_memory_format(s->memory, limit));
	free_buffers(s);
	s->x = ae_calloc(needs.rows, s->inputs * sizeof(*s->x), err);
	s->recon = ae_calloc(needs.rows, s->outputs * sizeof(*s->recon), err);
	s->recon_row = ae_calloc(s->outputs, sizeof(*s->recon_row), err);
	s->x_row = ae_calloc(s->inputs, sizeof(*s->x_row), err);
	if (!s->x || !s->recon || !s->recon_row || !s->x_row)
		return -1;
	s->chunk = needs.rows;
	return 0;
}

int ae_scorer_new(
	struct ae_scorer **scorer, const struct ae_model *model, const char *metric, int threads, struct ae_error *err)
{
	if (threads < 0 || threads > AE_THREADS_MAX)
		return ae_fail_usage(err, "threads: expected a number from 0 to %d", AE_THREADS_MAX);
	if (!model->net)
		return ae_fail(err, "the model holds no network");
	struct ae_scorer *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->model = model;
	s->threads = threads;
	s->memory = ae_memory_share();
	s->inputs = ae_model_inputs(model);
	s->outputs = ae_model_outputs(model);
	if (take_preparation(s, err) != 0 || choose_metric(s, metric, err) != 0) {
		ae_scorer_free(s);
		return -1;
	}
	*scorer = s;
	return 0;
}

void ae_scorer_limit_memory(struct ae_scorer *s, uint64_t bytes)
{
	s->memory = bytes;
}

void ae_scorer_free(struct ae_scorer *s)
{
	if (!s)
		return;
	ae_forward_free(s->forward_model);
	ae_forward_free(s->forward_encoder);
	ae_scaler_free(&s->scaler);
	free_buffers(s);
	free(s);
}

/* ---- rows ---- */

/* Scales rows into s->x. *missing: whether any value is. `first` is the number of the first row, for the error. */
static int scale(struct ae_scorer *s, const double *x, size_t first, size_t rows, bool *missing, struct ae_error *err)
{
	for (size_t i = 0; i < rows * s->inputs; i++)
		if (isinf(x[i])) {
			char text[AE_NUMBER_TEXT];
			ae_number_format_f64(text, x[i]);
			return ae_fail(err, "row %zu, input %zu: %s is too large for the network",
				first + i / s->inputs + 1, i % s->inputs + 1, text);
		}
	if (s->scaler.columns)
		ae_scaler_apply(&s->scaler, s->x, x, AE_F64, rows, &s->model->input);
	else
		ae_to_f32(s->x, x, AE_F64, rows * s->inputs);
	*missing = ae_count_nan(s->x, AE_F32, rows * s->inputs) > 0;
	return 0;
}

/* At most a chunk of rows through the model or its encoder; s->x has them scaled. */
static int run(struct ae_scorer *s, enum ae_net_part part, const double *x, size_t first, size_t rows, float *out,
	struct ae_error *err)
{
	struct ae_forward **forward = part == AE_NET_WHOLE ? &s->forward_model : &s->forward_encoder;
	bool missing = false;
	if (!*forward && ae_forward_new(forward, s->model, part, s->threads, err) != 0)
		return -1;
	if (scale(s, x + first * s->inputs, first, rows, &missing, err) != 0)
		return -1;
	return ae_forward_rows(*forward, s->x, AE_F32, missing, rows, out, err);
}

static size_t next_chunk(const struct ae_scorer *s, size_t first, size_t rows)
{
	return rows - first < s->chunk ? rows - first : s->chunk;
}

int ae_scorer_encode(struct ae_scorer *s, const double *x, size_t rows, float *latent, struct ae_error *err)
{
	size_t size = ae_model_latents(s->model);
	if (allocate(s, err) != 0)
		return -1;
	for (size_t first = 0, n; first < rows; first += n) {
		n = next_chunk(s, first, rows);
		if (run(s, AE_NET_ENCODER, x, first, n, latent + first * size, err) != 0)
			return -1;
	}
	return 0;
}

int ae_scorer_reconstruct(struct ae_scorer *s, const double *x, size_t rows, float *recon, struct ae_error *err)
{
	/* A network of dense layers alone gives vectors; its reconstruction has the shape that x had. */
	const struct ae_shape *shape = s->outputs == s->inputs ? &s->model->input : ae_net_output(s->model->net);
	if (s->scaler.columns && !ae_scaler_fits(&s->scaler, shape))
		return ae_fail(err, "the scaler of x does not fit the %zu values of a reconstruction", s->outputs);
	if (allocate(s, err) != 0)
		return -1;
	for (size_t first = 0, n; first < rows; first += n) {
		float *out = recon + first * s->outputs;
		n = next_chunk(s, first, rows);
		if (run(s, AE_NET_WHOLE, x, first, n, out, err) != 0)
			return -1;
		if (s->scaler.columns)
			ae_scaler_invert_f32(&s->scaler, out, out, n, shape);
	}
	return 0;
}

int ae_scorer_score(struct ae_scorer *s, const double *x, size_t rows, double *score, struct ae_error *err)
{
	if (s->outputs != s->inputs)
		return ae_fail(err, "the model makes %zu values of %zu inputs: there is nothing to hold them against",
			s->outputs, s->inputs);
	if (allocate(s, err) != 0)
		return -1;
	for (size_t first = 0, n; first < rows; first += n) {
		n = next_chunk(s, first, rows);
		if (run(s, AE_NET_WHOLE, x, first, n, s->recon, err) != 0)
			return -1;
		for (size_t row = 0; row < n; row++) {
			ae_to_f64(s->recon_row, s->recon + row * s->outputs, AE_F32, s->outputs);
			ae_to_f64(s->x_row, s->x + row * s->inputs, AE_F32, s->inputs);
			score[first + row] = s->metric->row(s->recon_row, s->x_row, s->inputs);
		}
	}
	return 0;
}

int ae_scorer_verdict(
	const struct ae_scorer *s, const double *score, size_t rows, unsigned char *verdict, struct ae_error *err)
{
	const struct ae_threshold *threshold = s->model->threshold;
	if (!threshold)
		return ae_fail(err, "the model holds no threshold");
	if (ae_threshold_match(threshold, &s->lineage, "scores", "the model", err) != 0)
		return -1;
	if (threshold->groups.column)
		return ae_fail(
			err, "the model's threshold has values for groups of rows, which the library does not know");
	for (size_t i = 0; i < rows; i++)
		verdict[i] = ae_verdict(score[i], threshold->value);
	return 0;
}
