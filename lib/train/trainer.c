/* SPDX-License-Identifier: MIT */
/* Epochs over batches: a step is the passes over its slices, then weight gradients and the update in ranges. */
#include "train/trainer.h"

#include <string.h>

#include "core/rng.h"
#include "core/util.h"
#include "train/trainer_internal.h"

/* What the loss of a row of the batch at hand is a sum over: the observed values of its target or, with a loss per row,
   the row itself if it has one. */
static size_t row_values(const struct ae_trainer *t, size_t row)
{
	const struct ae_train_data *d = t->rows;
	const unsigned char *target = d->target ? d->target : d->x;
	enum ae_type type = d->target ? d->target_type : d->x_type;
	size_t at = t->rows_order ? t->rows_order[t->from + row] : t->from + row;
	size_t holes = t->settings.mask ? ae_count_nan(target + at * t->out * ae_type_size(type), type, t->out) : 0;
	return t->loss->per_row ? holes < t->out : t->out - holes;
}

/* The loss of the batch at hand is a mean over so many. */
static double count_values(const struct ae_trainer *t)
{
	size_t values = 0;
	if (!t->settings.mask && !t->trims)
		return (double)t->count * (t->loss->per_row ? 1 : (double)t->out);
	for (size_t row = 0; row < t->count; row++) {
		size_t n = row_values(t, row);
		values += n;
		if (t->trims)
			t->trim.values[row] = (double)n;
	}
	return (double)values;
}

static void weight_gradient_task(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	const struct range *range = &t->ranges[task];
	const struct ae_layer *op = ae_net_op(t->net, range->op);
	struct ae_layer_gradient at = {.kernels = t->kernels,
		.x = range->op ? t->y[range->op - 1] : t->x,
		.saved = t->saved[range->op],
		.partials = t->partials[range->op],
		.batch_stats = batch_stats_of(t, range->op),
		.blocks = blocks_of(t, t->count),
		.slices = slices_of(t),
		.from = range->from,
		.to = range->to,
		.g = t->workers[worker].gradient,
		.work = t->workers[worker].work};
	if (is_wide(op, t->blocks * t->lanes))
		at.multiply = ae_blas_multiply;
	op->type->weight_gradient(op, &at);
	size_t offset = op->offset + range->from;
	t->optimizer->apply(ae_net_weights(t->net) + offset, t->state.moment[0] + offset,
		t->state.moments > 1 ? t->state.moment[1] + offset : NULL, at.g, range->to - range->from, &t->update);
}

static struct ae_update update_of(const struct ae_trainer *t)
{
	const struct ae_train_settings *s = &t->settings;
	double rate = s->lr / (1 + s->decay * (double)t->state.steps);
	rate *= ae_schedule_factor(&t->schedule, t->state.epochs, t->epoch_step, t->epoch_steps);
	return ae_update_at(rate, s->momentum, s->weight_decay, t->state.steps);
}

/* Runs the rows at hand, t->count of them from t->from on; returns the sum of their losses. */
static double run_batch(struct ae_trainer *t)
{
	size_t blocks = blocks_of(t, t->count);
	t->trims = t->learn && t->settings.trim != 0;
	t->values = count_values(t);
	ae_trainer_run(t);
	double sum = 0;
	for (size_t i = 0; i < blocks; i++)
		sum += t->block_loss[i];
	if (t->learn) {
		t->update = update_of(t);
		ae_thread_pool_run(t->pool, weight_gradient_task, t, t->range_count);
		t->state.steps++;
	}
	return sum;
}

int ae_trainer_epoch(struct ae_trainer *t, int (*progress)(void *arg, size_t step, size_t steps, double loss),
	void *arg, double *loss)
{
	size_t batch = t->settings.batch, rows = t->data.rows;
	size_t steps = (rows - 1) / batch + 1;
	t->rows = &t->data;
	t->rows_order = t->settings.shuffle ? t->order : NULL;
	t->learn = true;
	t->epoch_steps = steps;
	if (t->settings.shuffle) {
		for (size_t i = 0; i < rows; i++)
			t->order[i] = (uint32_t)i;
		ae_rng_shuffle(t->order, rows, t->settings.seed, AE_RNG_HI(AE_RNG_SHUFFLE, t->state.epochs));
	}
	double sum = 0, values = 0;
	for (size_t step = 0; step < steps; step++) {
		t->epoch_step = step;
		t->from = step * batch;
		t->count = rows - t->from < batch ? rows - t->from : batch;
		sum += run_batch(t);
		values += t->values;
		*loss = sum / values;
		if (progress && progress(arg, step + 1, steps, *loss) != 0)
			return 1;
	}
	t->state.epochs++;
	return 0;
}

int ae_trainer_evaluate(struct ae_trainer *t, const struct ae_train_data *data, double *loss, struct ae_error *err)
{
	if (ae_trainer_check(t->net, data, err) != 0)
		return -1;
	t->rows = data;
	t->rows_order = NULL;
	t->learn = false;
	double sum = 0, values = 0;
	for (t->from = 0; t->from < data->rows; t->from += t->count) {
		size_t most = t->blocks * t->lanes;
		t->count = data->rows - t->from < most ? data->rows - t->from : most;
		sum += run_batch(t);
		values += t->values;
	}
	*loss = sum / values;
	return 0;
}

void ae_trainer_state(const struct ae_trainer *t, struct ae_train_state *state)
{
	*state = t->state;
}

int ae_trainer_restore(struct ae_trainer *t, const struct ae_train_state *state, struct ae_error *err)
{
	if (state->moments != t->state.moments)
		return ae_fail(err, "the optimiser state has %zu vectors where %s has %zu", state->moments,
			t->optimizer->name, t->state.moments);
	t->state.steps = state->steps;
	t->state.epochs = state->epochs;
	for (size_t i = 0; i < state->moments; i++)
		memcpy(t->state.moment[i], state->moment[i], ae_net_weight_count(t->net) * sizeof(float));
	return 0;
}
