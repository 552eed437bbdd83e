/* SPDX-License-Identifier: MIT */
#include "cli/fit.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/number.h"
#include "core/outfile.h"
#include "net/infer.h"

/* ---- progress ---- */

struct run {
	struct ae_model *model;
	const struct ae_fit_options *options;
	struct ae_trainer *trainer;
	struct ae_outfile log;
	bool logging;
	uint64_t epoch;
	double valid_loss; /* of the epoch before, NaN if none */
	double best;
	uint64_t best_epoch;
	float *best_weights;
	struct ae_train_state safe_state;
	float *safe; /* moments and weights after the last complete epoch, for the checkpoint */
	struct timespec start, drawn;
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

/* A signal handler can reach nothing but static storage. */
static volatile sig_atomic_t caught;

static void catch_signal(int signum)
{
	caught = signum;
}

/* The second signal of a kind ends the program at once. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = catch_signal, .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int draw(void *arg, size_t step, size_t steps, double loss)
{
	static const char full[] = "========================", empty[] = "                        ";
	struct run *run = arg;
	if (caught)
		return 1;
	if (!run->options->progress || (step < steps && seconds_since(&run->drawn) < 0.1))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &run->drawn);
	double epochs = (double)run->model->settings.epochs;
	double done = ((double)run->epoch + (double)step / (double)steps) / epochs;
	double left = done > 0 ? seconds_since(&run->start) * (1 - done) / done : 0;
	int bar = (int)(24.0 * (double)step / (double)steps);
	char valid[40] = "";
	if (!isnan(run->valid_loss))
		snprintf(valid, sizeof(valid), " valid %.6g", run->valid_loss);
	fprintf(stderr, "\repoch %llu/%llu [%.*s%.*s] step %zu/%zu loss %.6g%s left %d:%02d\033[K",
		(unsigned long long)run->epoch + 1, (unsigned long long)run->model->settings.epochs, bar, full,
		24 - bar, empty, step, steps, loss, valid, (int)left / 60, (int)left % 60);
	fflush(stderr);
	return 0;
}

static int report(struct run *run, double loss, struct ae_error *err)
{
	char a[AE_NUMBER_TEXT], b[AE_NUMBER_TEXT] = "", line[3 * AE_NUMBER_TEXT];
	ae_number_format_f64(a, loss);
	if (!isnan(run->valid_loss))
		ae_number_format_f64(b, run->valid_loss);
	if (run->options->lines && !run->options->progress)
		fprintf(stderr, "%s: epoch %llu/%llu loss %.6g%s%s\n", run->options->program,
			(unsigned long long)run->epoch + 1, (unsigned long long)run->model->settings.epochs, loss,
			*b ? " valid " : "", b);
	if (!run->logging)
		return 0;
	int len = snprintf(line, sizeof(line), "%llu,%s,%s\n", (unsigned long long)run->epoch + 1, a, b);
	return ae_write_all(run->log.fd, line, (size_t)len, run->log.path, err);
}

/* ---- epochs ---- */

/* Looks at the validation loss: 1 if it has not been better for so long that training stops. */
static int judge(struct run *run, struct ae_error *err)
{
	const struct ae_fit_options *o = run->options;
	if (o->valid.rows == 0)
		return 0;
	if (ae_trainer_evaluate(run->trainer, &o->valid, &run->valid_loss, err) != 0)
		return -1;
	if (o->patience == 0)
		return 0;
	if (run->valid_loss < run->best) {
		run->best = run->valid_loss;
		run->best_epoch = run->epoch;
		memcpy(run->best_weights, ae_net_weights(run->model->net),
			ae_net_weight_count(run->model->net) * sizeof(float));
	}
	return run->epoch - run->best_epoch >= o->patience;
}

/* Keeps what the checkpoint would hold, or puts it back. */
static void keep_safe(struct run *run, bool back)
{
	struct ae_train_state state;
	size_t n = ae_net_weight_count(run->model->net), bytes = n * sizeof(float);
	ae_trainer_state(run->trainer, &state);
	if (!run->safe)
		return;
	for (size_t i = 0; i <= state.moments; i++) {
		float *live = i == state.moments ? ae_net_weights(run->model->net) : state.moment[i];
		memcpy(back ? live : run->safe + i * n, back ? run->safe + i * n : live, bytes);
	}
}

static int run_epochs(struct run *run, struct ae_error *err)
{
	struct ae_train_state state;
	ae_trainer_state(run->trainer, &state);
	for (run->epoch = state.epochs; run->epoch < run->model->settings.epochs; run->epoch++) {
		double loss;
		ae_trainer_state(run->trainer, &run->safe_state);
		keep_safe(run, false);
		int rc = ae_trainer_epoch(run->trainer, draw, run, &loss, err);
		if (rc != 0) {
			keep_safe(run, true);
			return rc;
		}
		if (!isfinite(loss))
			return ae_fail(err, "the loss is no longer a number after epoch %llu: a smaller --lr may help",
				(unsigned long long)run->epoch + 1);
		int stop = judge(run, err);
		if (stop < 0 || report(run, loss, err) != 0)
			return -1;
		if (stop)
			break;
	}
	ae_trainer_state(run->trainer, &run->safe_state);
	if (run->options->progress)
		fprintf(stderr, "\r\033[K");
	return 0;
}

/* Goes on from the state that the model brings. */
static int restore_state(struct run *run, struct ae_error *err)
{
	struct ae_model_optimizer *kept = &run->model->optimizer;
	size_t n = ae_net_weight_count(run->model->net);
	if (!run->model->has_optimizer)
		return 0;
	struct ae_train_state state = {
		.steps = kept->step, .epochs = kept->epoch, .moments = n ? kept->moments_count / n : 0};
	if (state.moments > 2 || state.moments * n != kept->moments_count)
		return ae_fail(err, "the optimiser's state does not fit the network");
	for (size_t i = 0; i < state.moments; i++)
		state.moment[i] = kept->moments + i * n;
	return ae_trainer_restore(run->trainer, &state, err);
}

static size_t row_bytes(const struct ae_net *net, const struct ae_train_data *d)
{
	return d->rows * (ae_shape_size(ae_net_input(net)) * ae_type_size(d->x_type) +
				 (d->target ? ae_shape_size(ae_net_output(net)) * ae_type_size(d->target_type) : 0));
}

static void note_memory(const struct run *run)
{
	const struct ae_net *net = run->model->net;
	const struct ae_fit_options *o = run->options;
	if (o->lines)
		fprintf(stderr, "%s: memory: rows %zu bytes, a batch's activations and gradients %zu, %zu weights\n",
			o->program, row_bytes(net, &o->train) + row_bytes(net, &o->valid),
			ae_trainer_bytes(run->trainer), ae_net_weight_count(net));
}

static int prepare(struct run *run, struct ae_error *err)
{
	const struct ae_model_settings *s = &run->model->settings;
	struct ae_train_settings settings = {.huber_delta = s->huber_delta,
		.lr = s->lr,
		.decay = s->decay,
		.momentum = s->momentum,
		.seed = s->seed,
		.batch = s->batch,
		.shuffle = true,
		.mask = s->missing_mask,
		.threads = run->options->threads};
	if (ae_loss_find(&settings.loss, s->loss, err) != 0 ||
		ae_optimizer_find(&settings.optimizer, s->optimizer, err) != 0)
		return -1;
	if (run->options->patience) {
		run->best_weights = ae_calloc(ae_net_weight_count(run->model->net), sizeof(float), err);
		if (!run->best_weights)
			return -1;
	}
	if (run->options->log) {
		static const char head[] = "epoch,loss,valid_loss\n";
		if (ae_outfile_open(&run->log, run->options->log, err) != 0)
			return -1;
		run->logging = true;
		if (ae_write_all(run->log.fd, head, strlen(head), run->log.path, err) != 0)
			return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &run->start);
	if (ae_trainer_new(&run->trainer, run->model->net, &settings, &run->options->train, err) != 0)
		return -1;
	if (run->options->checkpoint) {
		size_t n = ae_net_weight_count(run->model->net);
		run->safe = ae_calloc(n, (1 + ae_optimizer_moments(settings.optimizer)) * sizeof(float), err);
		if (!run->safe)
			return -1;
		catch_signals();
	}
	note_memory(run);
	return restore_state(run, err);
}

/* ---- what is known of the training errors ---- */

/* Rows looked at together, unless they hold more values than that. */
enum { CHUNK_MIN = 32, CHUNK_MAX = 256, CHUNK_VALUES = 1 << 20 };

/* Mean and standard deviation of |recon - target| per feature over the training rows; missing cells do not count. */
static int measure_errors(struct ae_model *model, const struct ae_fit_options *o, struct ae_error *err)
{
	const struct ae_train_data *d = &o->train;
	size_t in = ae_shape_size(ae_net_input(model->net)), out = ae_shape_size(ae_net_output(model->net));
	const unsigned char *x = d->x, *target = d->target ? d->target : d->x;
	enum ae_type target_type = d->target ? d->target_type : d->x_type;
	struct ae_infer *infer = NULL;
	size_t chunk = CHUNK_VALUES / (in > out ? in : out);
	chunk = chunk < CHUNK_MIN ? CHUNK_MIN : chunk > CHUNK_MAX ? CHUNK_MAX : chunk;
	float *gathered = ae_calloc(chunk * in, sizeof(float), err), *made = ae_calloc(chunk * out, sizeof(float), err);
	double *mean = ae_calloc(out, sizeof(double), err), *m2 = ae_calloc(out, sizeof(double), err);
	double *wanted = ae_calloc(out, sizeof(double), err), *count = ae_calloc(out, sizeof(double), err);
	int rc = gathered && made && mean && m2 && wanted && count
			 ? ae_infer_new(&infer, model->net, AE_NET_WHOLE, o->threads, err)
			 : -1;
	for (size_t first = 0; rc == 0 && first < d->rows; first += chunk) {
		size_t rows = d->rows - first < chunk ? d->rows - first : chunk;
		ae_to_f32(gathered, x + first * in * ae_type_size(d->x_type), d->x_type, rows * in);
		for (size_t i = 0; i < rows * in; i++)
			if (isnan(gathered[i]))
				gathered[i] = 0;
		rc = ae_infer_rows(infer, gathered, AE_F32, rows, made, err);
		for (size_t row = 0; rc == 0 && row < rows; row++) {
			ae_to_f64(wanted, target + (first + row) * out * ae_type_size(target_type), target_type, out);
			for (size_t i = 0; i < out; i++) {
				double gap = fabs((double)made[row * out + i] - wanted[i]);
				if (isnan(gap))
					continue;
				double delta = gap - mean[i]; /* Welford 1962 */
				mean[i] += delta / ++count[i];
				m2[i] += delta * (gap - mean[i]);
			}
		}
	}
	for (size_t i = 0; rc == 0 && i < out; i++)
		m2[i] = count[i] > 0 ? sqrt(m2[i] / count[i]) : 0;
	free(gathered);
	free(made);
	free(wanted);
	free(count);
	ae_infer_free(infer);
	free(model->err_mean);
	free(model->err_sd);
	model->err_mean = mean;
	model->err_sd = m2;
	model->err_count = mean && m2 ? out : 0;
	return rc;
}

/* The optimiser's state as it was after the last complete epoch. */
static int keep_state(struct run *run, struct ae_error *err)
{
	struct ae_model *model = run->model;
	const struct ae_train_state *state = &run->safe_state;
	size_t n = ae_net_weight_count(model->net);
	free(model->optimizer.moments);
	model->optimizer = (struct ae_model_optimizer){.step = state->steps, .epoch = state->epochs};
	model->has_optimizer = false;
	model->optimizer.moments = run->safe ? run->safe : ae_calloc(state->moments * n, sizeof(float), err);
	run->safe = NULL;
	if (!model->optimizer.moments)
		return -1;
	for (size_t i = 0; i < state->moments; i++)
		memcpy(model->optimizer.moments + i * n, state->moment[i], n * sizeof(float));
	model->optimizer.moments_count = state->moments * n;
	model->has_optimizer = true;
	return 0;
}

static void drop_state(struct ae_model *model)
{
	free(model->optimizer.moments);
	model->optimizer = (struct ae_model_optimizer){0};
	model->has_optimizer = false;
}

/* With patience the best weights are the result; the state of later ones is no use then. */
static void settle(struct run *run)
{
	const struct ae_fit_options *o = run->options;
	if (o->patience)
		memcpy(ae_net_weights(run->model->net), run->best_weights,
			ae_net_weight_count(run->model->net) * sizeof(float));
	if (o->strip || (o->patience && run->best_epoch + 1 != run->safe_state.epochs))
		drop_state(run->model);
}

static int write_checkpoint(struct run *run, struct ae_error *err)
{
	const struct ae_fit_options *o = run->options;
	if (ae_model_write(run->model, o->checkpoint, err) != 0)
		return -1;
	fprintf(stderr, "%s%s: stopped in epoch %llu; --resume %s goes on after epoch %llu\n",
		o->progress ? "\r\033[K" : "", o->program, (unsigned long long)run->epoch + 1, o->checkpoint,
		(unsigned long long)run->safe_state.epochs);
	return caught;
}

int ae_fit(struct ae_model *model, const struct ae_fit_options *options, struct ae_error *err)
{
	struct run run = {.model = model, .options = options, .valid_loss = NAN, .best = INFINITY};
	int rc = prepare(&run, err);
	if (rc == 0)
		rc = run_epochs(&run, err);
	bool stopped = rc == 1;
	if (rc >= 0 && (rc = keep_state(&run, err)) == 0) {
		ae_trainer_free(run.trainer);
		run.trainer = NULL;
		rc = stopped ? write_checkpoint(&run, err) : 0;
	}
	if (rc == 0) {
		settle(&run);
		rc = measure_errors(model, options, err);
	}
	if (run.logging && rc >= 0)
		rc = ae_outfile_commit(&run.log, false, err) == 0 ? rc : -1;
	else if (run.logging)
		ae_outfile_abandon(&run.log);
	ae_trainer_free(run.trainer);
	free(run.best_weights);
	free(run.safe);
	return rc;
}
