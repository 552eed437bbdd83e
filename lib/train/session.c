/* SPDX-License-Identifier: MIT */
/* Training runs: the loop over epochs with validation and early stopping, and statistics of the training errors. */
#include "train/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/moments.h"
#include "core/util.h"
#include "net/infer.h"

struct ae_session {
	struct ae_net *net;
	struct ae_session_options options;
	struct ae_trainer *trainer;
	struct ae_session_report report;
	struct ae_session_result last, best; /* of the last complete epoch; of that of the least validation loss */
	float *best_weights;
	struct ae_train_state state; /* counts after the last complete epoch */
	float *snapshot;             /* moments, then weights, after it; NULL without a callback */
	struct ae_error *err;        /* of the callback */
	bool failed, went_back;
};

static size_t weight_bytes(const struct ae_session *s)
{
	return ae_net_weight_count(s->net) * sizeof(float);
}

/* ---- the last complete epoch ---- */

static float *live_vector(const struct ae_session *s, size_t i)
{
	return i == s->state.moments ? ae_net_weights(s->net) : s->state.moment[i];
}

static void snapshot(struct ae_session *s)
{
	ae_trainer_state(s->trainer, &s->state);
	for (size_t i = 0; s->snapshot && i <= s->state.moments; i++)
		memcpy(s->snapshot + i * ae_net_weight_count(s->net), live_vector(s, i), weight_bytes(s));
}

static void restore(struct ae_session *s)
{
	for (size_t i = 0; s->snapshot && i <= s->state.moments; i++)
		memcpy(live_vector(s, i), s->snapshot + i * ae_net_weight_count(s->net), weight_bytes(s));
}

/* ---- epochs ---- */

static int send_report(struct ae_session *s, struct ae_error *err)
{
	return s->options.progress ? s->options.progress(s->options.arg, &s->report, err) : 0;
}

static int after_step(void *arg, size_t step, size_t steps, double loss)
{
	struct ae_session *s = arg;
	s->report.step = step;
	s->report.steps = steps;
	s->report.loss = loss;
	s->report.complete = false;
	int rc = send_report(s, s->err);
	s->failed = rc < 0;
	return rc;
}

static struct ae_session_result result_of(const struct ae_session_report *r)
{
	return (struct ae_session_result){
		.epochs = r->epoch, .kept = r->epoch, .loss = r->loss, .valid_loss = r->valid_loss};
}

/* Validates: 1 if the loss has not been better for so long that training stops. */
static int check_patience(struct ae_session *s, struct ae_error *err)
{
	if (s->options.valid.rows == 0)
		return 0;
	if (ae_trainer_evaluate(s->trainer, &s->options.valid, &s->report.valid_loss, err) != 0)
		return -1;
	if (s->options.patience == 0)
		return 0;
	if (s->best.kept == 0 || s->report.valid_loss < s->best.valid_loss) {
		s->best = result_of(&s->report);
		memcpy(s->best_weights, ae_net_weights(s->net), weight_bytes(s));
	}
	return s->report.epoch - s->best.kept >= s->options.patience;
}

/* One epoch: 0 to go on, 1 stopped by the callback, 2 out of patience, -1 failed. */
static int run_epoch(struct ae_session *s, struct ae_error *err)
{
	double loss;
	s->err = err;
	int rc = ae_trainer_epoch(s->trainer, after_step, s, &loss);
	if (rc != 0) {
		restore(s);
		return s->failed ? -1 : rc;
	}
	if (!isfinite(loss))
		return ae_fail(err, "the loss is no longer a number after epoch %llu: a smaller learning rate may help",
			(unsigned long long)s->report.epoch);
	int patience_over = check_patience(s, err);
	if (patience_over < 0)
		return -1;
	snapshot(s);
	s->last = result_of(&s->report);
	s->report.complete = true;
	rc = send_report(s, err);
	return rc != 0 ? rc : patience_over ? 2 : 0;
}

int ae_session_run(struct ae_session *s, struct ae_error *err)
{
	int rc = 0;
	snapshot(s);
	while (rc == 0 && s->state.epochs < s->options.epochs) {
		s->report.epoch = s->state.epochs + 1;
		rc = run_epoch(s, err);
	}
	if (rc < 0 || rc == 1)
		return rc;
	s->went_back = s->best_weights && s->best.kept && s->best.kept != s->state.epochs;
	if (s->went_back)
		memcpy(ae_net_weights(s->net), s->best_weights, weight_bytes(s));
	return 0;
}

struct ae_session_result ae_session_result(const struct ae_session *s)
{
	struct ae_session_result result = s->went_back ? s->best : s->last;
	result.epochs = s->last.epochs;
	return result;
}

int ae_session_evaluate(struct ae_session *s, const struct ae_train_data *data, double *loss, struct ae_error *err)
{
	return ae_trainer_evaluate(s->trainer, data, loss, err);
}

bool ae_session_resumable(const struct ae_session *s)
{
	return !s->went_back;
}

int ae_session_take_state(struct ae_session *s, struct ae_train_state *state, float **moments, struct ae_error *err)
{
	size_t n = ae_net_weight_count(s->net);
	*moments = s->snapshot ? s->snapshot : ae_calloc(s->state.moments * n, sizeof(float), err);
	if (!*moments)
		return -1;
	*state = s->state;
	for (size_t i = 0; i < state->moments; i++) {
		state->moment[i] = *moments + i * n;
		if (!s->snapshot)
			memcpy(state->moment[i], s->state.moment[i], weight_bytes(s));
	}
	s->snapshot = NULL;
	ae_trainer_free(s->trainer);
	s->trainer = NULL;
	return 0;
}

/* ---- objects ---- */

static int allocate(struct ae_session *s, const struct ae_train_settings *settings, const struct ae_train_data *data,
	struct ae_error *err)
{
	size_t n = ae_net_weight_count(s->net);
	if (ae_trainer_new(&s->trainer, s->net, settings, data, err) != 0)
		return -1;
	ae_trainer_state(s->trainer, &s->state);
	if (s->options.patience && !(s->best_weights = ae_calloc(n, sizeof(float), err)))
		return -1;
	if (s->options.progress && !(s->snapshot = ae_calloc(n, (1 + s->state.moments) * sizeof(float), err)))
		return -1;
	return 0;
}

int ae_session_new(struct ae_session **session, struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, const struct ae_session_options *options, struct ae_error *err)
{
	struct ae_session *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->net = net;
	s->options = *options;
	s->report = (struct ae_session_report){.epochs = options->epochs, .valid_loss = NAN};
	if (allocate(s, settings, data, err) != 0) {
		ae_session_free(s);
		return -1;
	}
	*session = s;
	return 0;
}

void ae_session_free(struct ae_session *s)
{
	if (!s)
		return;
	ae_trainer_free(s->trainer);
	free(s->best_weights);
	free(s->snapshot);
	free(s);
}

size_t ae_session_bytes(const struct ae_session *s)
{
	return ae_trainer_bytes(s->trainer);
}

int ae_session_restore(struct ae_session *s, const struct ae_train_state *state, struct ae_error *err)
{
	return ae_trainer_restore(s->trainer, state, err);
}

/* ---- statistics of the training errors ---- */

/* Rows looked at together, unless they hold more values than that. */
enum { CHUNK_MIN = 32, CHUNK_MAX = 256, CHUNK_VALUES = 1 << 20 };

/* Of an output: plain moments, since the mean of an error is of the size of its spread. */
struct output_stats {
	struct ae_moments error;
	double target; /* the sum of the targets */
};

struct error_stats {
	const struct ae_train_data *data;
	struct ae_infer *infer;
	size_t in, out, chunk;
	float *x, *recon, *latent; /* of a chunk of rows */
	double *target;            /* of a row */
	struct output_stats *outputs;
	struct ae_latent_stats *latents; /* NULL: not wanted */
};

/* Rows [first, first + rows) through the network. */
static int reconstruct(struct error_stats *s, size_t first, size_t rows, struct ae_error *err)
{
	const struct ae_train_data *d = s->data;
	size_t n = rows * s->in;
	ae_to_f32(s->x, (const char *)d->x + first * s->in * ae_type_size(d->x_type), d->x_type, n);
	if (!ae_all_finite(s->x, n))
		ae_fill_nan(s->x, NULL, n);
	if (ae_infer_rows(s->infer, s->x, AE_F32, rows, s->recon, err) != 0)
		return -1;
	if (s->latents)
		ae_latent_stats_add(s->latents, s->latent, rows);
	return 0;
}

static void add_row(struct error_stats *s, size_t row, const float *recon)
{
	const struct ae_train_data *d = s->data;
	const char *target = d->target ? d->target : d->x;
	enum ae_type type = d->target ? d->target_type : d->x_type;
	ae_to_f64(s->target, target + row * s->out * ae_type_size(type), type, s->out);
	for (size_t i = 0; i < s->out; i++) {
		double gap = fabs((double)recon[i] - s->target[i]);
		if (!isnan(gap)) {
			ae_moments_add(&s->outputs[i].error, gap);
			s->outputs[i].target += s->target[i];
		}
	}
}

static int alloc_stats(struct error_stats *s, const struct ae_net *net, int threads, struct ae_error *err)
{
	size_t chunk = CHUNK_VALUES / (s->in > s->out ? s->in : s->out);
	s->chunk = chunk < CHUNK_MIN ? CHUNK_MIN : chunk > CHUNK_MAX ? CHUNK_MAX : chunk;
	s->x = ae_calloc(s->chunk, s->in * sizeof(float), err);
	s->recon = ae_calloc(s->chunk, s->out * sizeof(float), err);
	s->target = ae_calloc(s->out, sizeof(double), err);
	s->outputs = ae_calloc(s->out, sizeof(*s->outputs), err);
	if (!s->x || !s->recon || !s->target || !s->outputs)
		return -1;
	if (ae_infer_new(&s->infer, net, s->latents ? AE_NET_WHOLE_AND_LATENT : AE_NET_WHOLE, threads, err) != 0)
		return -1;
	size_t n = ae_shape_size(ae_net_latent(net));
	if (!s->latents)
		return 0;
	s->latent = ae_calloc(s->chunk, n * sizeof(float), err);
	if (!s->latent || ae_latent_stats_begin(s->latents, n, s->chunk, err) != 0)
		return -1;
	ae_infer_latent_to(s->infer, s->latent);
	return 0;
}

int ae_train_error_stats(const struct ae_net *net, const struct ae_train_data *data, int threads, double *mean,
	double *sd, double *mean_row, struct ae_latent_stats *latents, struct ae_error *err)
{
	struct error_stats s = {.data = data,
		.latents = latents,
		.in = ae_shape_size(ae_net_input(net)),
		.out = ae_shape_size(ae_net_output(net))};
	int rc = alloc_stats(&s, net, threads, err);
	for (size_t first = 0; rc == 0 && first < data->rows; first += s.chunk) {
		size_t rows = data->rows - first < s.chunk ? data->rows - first : s.chunk;
		rc = reconstruct(&s, first, rows, err);
		for (size_t row = 0; rc == 0 && row < rows; row++)
			add_row(&s, first + row, s.recon + row * s.out);
	}
	for (size_t i = 0; rc == 0 && i < s.out; i++) {
		const struct output_stats *output = &s.outputs[i];
		mean[i] = output->error.mean;
		sd[i] = ae_moments_sd(&output->error);
		if (mean_row)
			mean_row[i] = output->target / fmax(output->error.count, 1);
	}
	free(s.x);
	free(s.recon);
	free(s.latent);
	free(s.target);
	free(s.outputs);
	ae_infer_free(s.infer);
	return rc;
}
