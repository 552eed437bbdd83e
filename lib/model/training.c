/* SPDX-License-Identifier: MIT */
/* Settings and optimiser state go from a model to a training session, and its results back. */
#include "model/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/util.h"
#include "net/net.h"
#include "train/loss.h"
#include "train/schedule.h"

/* Continues from the state in the model. */
static int restore_state(struct ae_session *session, const struct ae_model *model, struct ae_error *err)
{
	const struct ae_model_optimizer *optimizer = &model->optimizer;
	size_t n = ae_net_weight_count(model->net);
	if (!model->has_optimizer)
		return 0;
	struct ae_train_state state = {
		.steps = optimizer->step, .epochs = optimizer->epoch, .moments = n ? optimizer->moments_count / n : 0};
	if (state.moments > sizeof(state.moment) / sizeof(*state.moment) ||
		state.moments * n != optimizer->moments_count)
		return ae_fail(err, "the optimiser's state does not fit the network");
	for (size_t i = 0; i < state.moments; i++)
		state.moment[i] = optimizer->moments + i * n;
	return ae_session_restore(session, &state, err);
}

int ae_model_check_trainable(const struct ae_model *model, struct ae_error *err)
{
	if (model->read.unknown_key)
		return ae_fail(err, "was trained with the setting \"%s\", which this version does not know",
			model->read.unknown_key);
	if (ae_train_settings_check(&model->settings, err) == 0)
		return 0;
	if (model->has_optimizer)
		err->status = AE_STATUS_DATA; /* they came from a file */
	return -1;
}

struct extremes {
	double low, high;
};

static struct extremes target_range(const struct ae_net *net, const struct ae_train_data *data)
{
	struct extremes range = {INFINITY, -INFINITY};
	const unsigned char *values = data->target ? data->target : data->x;
	enum ae_type type = data->target ? data->target_type : data->x_type;
	size_t n = ae_shape_size(ae_net_output(net)), size = ae_type_size(type);
	for (size_t i = 0; i < data->rows * n; i++) {
		double value;
		ae_to_f64(&value, values + i * size, type, 1);
		range.low = value < range.low ? value : range.low;
		range.high = value > range.high ? value : range.high;
	}
	return range;
}

static bool is_within(struct extremes inner, struct extremes outer)
{
	double slack = 1e-6;
	return inner.low >= outer.low - slack && inner.high <= outer.high + slack;
}

static char *format_bound(char text[AE_NUMBER_TEXT], double value)
{
	if (isinf(value))
		strcpy(text, value < 0 ? "-infinity" : "infinity");
	else
		ae_number_format_f64(text, value);
	return text;
}

enum ae_range ae_model_check_range(const struct ae_model *model, const struct ae_train_data *data, struct ae_error *err)
{
	char text[4][AE_NUMBER_TEXT];
	struct extremes output;
	const struct ae_loss *loss = ae_loss_named(model->settings.loss);
	const char *what = data->target ? "target" : "x";
	bool bounded = loss && loss->low < loss->high;
	ae_net_output_range(model->net, &output.low, &output.high);
	if (!bounded && isinf(output.low) && isinf(output.high))
		return AE_RANGE_FITS;
	struct extremes target = target_range(model->net, data);
	ae_number_format_f32(text[0], (float)target.low);
	ae_number_format_f32(text[1], (float)target.high);
	if (bounded && !is_within(output, (struct extremes){loss->low, loss->high})) {
		ae_fail(err, "loss %s takes outputs from %s to %s, but the network's go from %s to %s", loss->name,
			format_bound(text[0], loss->low), format_bound(text[1], loss->high),
			format_bound(text[2], output.low), format_bound(text[3], output.high));
		return AE_RANGE_OUTPUT_NOT_OF_LOSS;
	}
	if (bounded && !is_within(target, (struct extremes){loss->low, loss->high})) {
		ae_fail(err, "%s goes from %s to %s, but loss %s takes values from %s to %s", what, text[0], text[1],
			loss->name, format_bound(text[2], loss->low), format_bound(text[3], loss->high));
		return AE_RANGE_VALUES_NOT_OF_LOSS;
	}
	if (is_within(target, output))
		return AE_RANGE_FITS;
	ae_fail(err, "%s goes from %s to %s, but the network's output only from %s to %s", what, text[0], text[1],
		format_bound(text[2], output.low), format_bound(text[3], output.high));
	return AE_RANGE_NOT_REACHED;
}

/* The first run settles values that the settings leave open, and the model keeps them. */
static void complete_settings(struct ae_train_settings *s)
{
	const struct ae_loss *loss = ae_loss_named(s->loss ? s->loss : ae_loss_name(0));
	if (!s->schedule_epochs && ae_schedule_needs_epochs(s->schedule))
		s->schedule_epochs = s->epochs;
	if (!loss->takes_delta)
		s->huber_delta = 0; /* as version 0.1 wrote it */
}

int ae_model_session_new(struct ae_session **session, struct ae_model *model, const struct ae_train_data *data,
	const struct ae_session_options *options, int threads, struct ae_error *err)
{
	struct ae_session_options o = *options;
	if (ae_model_check_trainable(model, err) != 0)
		return -1;
	complete_settings(&model->settings);
	struct ae_train_settings settings = model->settings;
	settings.threads = threads;
	if (ae_net_selected(model->net) != AE_NET_ALL)
		settings.seed += ae_net_selected(model->net);
	o.epochs = settings.epochs;
	if (ae_session_new(session, model->net, &settings, data, &o, err) != 0)
		return -1;
	if (restore_state(*session, model, err) == 0)
		return 0;
	ae_session_free(*session);
	*session = NULL;
	return -1;
}

bool ae_model_goes_on(const struct ae_model *model)
{
	return model->has_optimizer ? model->optimizer.epoch < model->settings.epochs : model->losses.epochs == 0;
}

void ae_model_drop_optimizer(struct ae_model *model)
{
	free(model->optimizer.moments);
	model->optimizer = (struct ae_model_optimizer){0};
	model->has_optimizer = false;
}

int ae_model_take_session(struct ae_model *model, struct ae_session *session, struct ae_error *err)
{
	struct ae_train_state state;
	float *moments;
	ae_model_drop_optimizer(model);
	if (ae_session_take_state(session, &state, &moments, err) != 0)
		return -1;
	model->optimizer = (struct ae_model_optimizer){.step = state.steps,
		.epoch = state.epochs,
		.moments = moments,
		.moments_count = state.moments * ae_net_weight_count(model->net)};
	model->has_optimizer = true;
	if (!ae_session_resumable(session))
		ae_model_drop_optimizer(model);
	struct ae_session_result r = ae_session_result(session);
	if (r.epochs > 0)
		model->losses = (struct ae_model_losses){
			.epochs = r.epochs, .kept = r.kept, .loss = r.loss, .valid_loss = r.valid_loss};
	/* Of a training that was stopped nothing was measured, and those of the model that it resumed are not its own;
	   of a member alone they are never an ensemble's. */
	if (!model->stats.has_digest || ae_net_members(model->net) > 1)
		ae_model_drop_stats(model);
	return ae_model_drop_stale_stats(model, err);
}

/* Moves them into the statistics, if they are good. */
static void take_latents(struct ae_model_latent *to, struct ae_latent_stats *stats, bool good)
{
	if (good && ae_latent_stats_end(stats)) {
		*to = (struct ae_model_latent){.count = stats->n,
			.rows = (uint64_t)stats->rows,
			.shrinkage = stats->shrinkage,
			.mean = stats->mean,
			.covariance = stats->covariance};
		stats->mean = stats->covariance = NULL;
	}
	ae_latent_stats_free(stats);
}

int ae_model_measure_errors(
	struct ae_model *model, const struct ae_train_data *data, int threads, double *mean_row, struct ae_error *err)
{
	size_t out = ae_shape_size(ae_net_output(model->net));
	struct ae_model_stats *s = &model->stats;
	ae_model_drop_stats(model);
	s->err_mean = ae_calloc(out, sizeof(double), err);
	s->err_sd = ae_calloc(out, sizeof(double), err);
	s->err_count = s->err_mean && s->err_sd ? out : 0;
	if (!s->err_count || ae_model_digest(model, s->digest, err) != 0)
		return -1;
	s->has_digest = true;
	struct ae_latent_stats latents = {0};
	bool wanted =
		ae_net_members(model->net) == 1 && ae_shape_size(ae_net_latent(model->net)) <= AE_LATENT_STATS_MOST;
	int rc = ae_train_error_stats(
		model->net, data, threads, s->err_mean, s->err_sd, mean_row, wanted ? &latents : NULL, err);
	take_latents(&s->latent, &latents, rc == 0 && wanted);
	return rc;
}

int ae_model_copy_weights(struct ae_model *model, const struct ae_model *from, struct ae_error *err)
{
	if (!from->net)
		return ae_fail(err, "holds no network");
	if (strcmp(ae_net_text(model->net), ae_net_text(from->net)) != 0 ||
		!ae_shape_equal(ae_net_input(model->net), ae_net_input(from->net)))
		return ae_fail(err, "holds another network: %s", ae_net_text(from->net));
	if (ae_net_members(from->net) > 1)
		return ae_fail(err, "holds an ensemble, which are no weights to begin with");
	memcpy(ae_net_weights(model->net), ae_net_weights(from->net), ae_net_weight_count(model->net) * sizeof(float));
	return 0;
}
