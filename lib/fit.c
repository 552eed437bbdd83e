#include "fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "infer.h"
#include "number.h"
#include "outfile.h"

struct ae_train_data ae_fit_rows(const struct ae_dataset *d, size_t first, size_t rows)
{
	struct ae_train_data data = {.rows = rows};
	if (rows == 0)
		return data;
	data.x_type = d->x.type;
	data.x = d->x_data.values.data + first * ae_shape_size(&d->x.shape) * ae_type_size(d->x.type);
	if (d->target.name) {
		data.target_type = d->target.type;
		data.target = d->target_data.values.data +
			      first * ae_shape_size(&d->target.shape) * ae_type_size(d->target.type);
	}
	return data;
}

int ae_fit_scale(const struct ae_scaler *scaler, struct ae_column *column, struct ae_data *data, size_t rows,
	struct ae_error *err)
{
	struct ae_data scaled = {0};
	struct ae_column result = *column;
	result.type = AE_F32;
	if (!ae_scaler_fits(scaler, &column->shape))
		return ae_fail(
			err, "column \"%s\" does not fit the scaler's %zu columns", column->name, scaler->columns);
	float *values = ae_data_resize(&scaled, &result, rows, err);
	if (!values)
		return -1;
	ae_scaler_apply(scaler, values, data->values.data, column->type, rows, &column->shape);
	ae_data_free(data);
	*data = scaled;
	column->type = AE_F32;
	return 0;
}

int ae_fit_check_range(const struct ae_net *net, const struct ae_dataset *d, bool force, struct ae_error *err)
{
	double low, high, least = INFINITY, most = -INFINITY;
	const struct ae_column *column = d->target.name ? &d->target : &d->x;
	const struct ae_data *data = d->target.name ? &d->target_data : &d->x_data;
	size_t n = ae_shape_size(&column->shape), size = ae_type_size(column->type);
	ae_net_output_range(net, &low, &high);
	if (force || (isinf(low) && isinf(high)))
		return 0;
	for (size_t i = 0; i < d->rows * n; i++) {
		double value;
		ae_to_f64(&value, data->values.data + i * size, column->type, 1);
		least = value < least ? value : least;
		most = value > most ? value : most;
	}
	double slack = 1e-6;
	if (least >= low - slack && most <= high + slack)
		return 0;
	char text[4][AE_NUMBER_TEXT];
	ae_number_format_f32(text[0], (float)least);
	ae_number_format_f32(text[1], (float)most);
	if (isinf(high))
		strcpy(text[3], "infinity");
	else
		ae_number_format_f64(text[3], high);
	ae_number_format_f64(text[2], low);
	return ae_fail(err,
		"%s goes from %s to %s, but the network's output only from %s to %s: scale it with "
		"ae-normalize, give the last layer another activation, or --force",
		d->target.name ? "target" : "x", text[0], text[1], text[2], text[3]);
}

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
	struct timespec start, drawn;
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

static int draw(void *arg, size_t step, size_t steps, double loss)
{
	static const char full[] = "========================", empty[] = "                        ";
	struct run *run = arg;
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

static int run_epochs(struct run *run, struct ae_error *err)
{
	for (run->epoch = 0; run->epoch < run->model->settings.epochs; run->epoch++) {
		double loss;
		if (ae_trainer_epoch(run->trainer, draw, run, &loss, err) != 0)
			return -1;
		if (!isfinite(loss))
			return ae_fail(err, "the loss is no longer a number after epoch %llu: a smaller --lr may help",
				(unsigned long long)run->epoch + 1);
		int stop = judge(run, err);
		if (stop < 0 || report(run, loss, err) != 0)
			return -1;
		if (stop)
			break;
	}
	if (run->options->progress)
		fprintf(stderr, "\r\033[K");
	if (run->options->patience)
		memcpy(ae_net_weights(run->model->net), run->best_weights,
			ae_net_weight_count(run->model->net) * sizeof(float));
	return 0;
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
	return ae_trainer_new(&run->trainer, run->model->net, &settings, &run->options->train, err);
}

/* ---- what is known of the training errors ---- */

enum { CHUNK = 256 };

/* Mean and standard deviation of |recon - target| per feature over the training rows; missing cells do not count. */
static int measure_errors(struct ae_model *model, const struct ae_fit_options *o, struct ae_error *err)
{
	const struct ae_train_data *d = &o->train;
	size_t in = ae_shape_size(ae_net_input(model->net)), out = ae_shape_size(ae_net_output(model->net));
	const unsigned char *x = d->x, *target = d->target ? d->target : d->x;
	enum ae_type target_type = d->target ? d->target_type : d->x_type;
	struct ae_infer *infer = NULL;
	float *gathered = ae_calloc(CHUNK * in, sizeof(float), err), *made = ae_calloc(CHUNK * out, sizeof(float), err);
	double *mean = ae_calloc(out, sizeof(double), err), *m2 = ae_calloc(out, sizeof(double), err);
	double *wanted = ae_calloc(out, sizeof(double), err), *count = ae_calloc(out, sizeof(double), err);
	int rc = gathered && made && mean && m2 && wanted && count
			 ? ae_infer_new(&infer, model->net, AE_NET_WHOLE, o->threads, err)
			 : -1;
	for (size_t first = 0; rc == 0 && first < d->rows; first += CHUNK) {
		size_t rows = d->rows - first < CHUNK ? d->rows - first : CHUNK;
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

static int keep_state(struct ae_model *model, const struct ae_trainer *trainer, struct ae_error *err)
{
	struct ae_train_state state;
	ae_trainer_state(trainer, &state);
	size_t n = ae_net_weight_count(model->net);
	model->optimizer = (struct ae_model_optimizer){.step = state.steps, .epoch = state.epochs};
	model->optimizer.moments = ae_calloc(state.moments * n, sizeof(float), err);
	if (!model->optimizer.moments)
		return -1;
	for (size_t i = 0; i < state.moments; i++)
		memcpy(model->optimizer.moments + i * n, state.moment[i], n * sizeof(float));
	model->optimizer.moments_count = state.moments * n;
	model->has_optimizer = true;
	return 0;
}

int ae_fit(struct ae_model *model, const struct ae_fit_options *options, struct ae_error *err)
{
	struct run run = {.model = model, .options = options, .valid_loss = NAN, .best = INFINITY};
	int rc = prepare(&run, err);
	if (rc == 0)
		rc = run_epochs(&run, err);
	if (rc == 0)
		rc = keep_state(model, run.trainer, err);
	if (rc == 0)
		rc = measure_errors(model, options, err);
	if (run.logging && rc == 0)
		rc = ae_outfile_commit(&run.log, false, err);
	else if (run.logging)
		ae_outfile_abandon(&run.log);
	ae_trainer_free(run.trainer);
	free(run.best_weights);
	return rc;
}
