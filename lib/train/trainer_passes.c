/* SPDX-License-Identifier: MIT */
/* The passes over a batch: slices of it run forward and backward in parallel, with a barrier at each reduction. */
#include <math.h>
#include <string.h>

#include "net/block.h"
#include "net/layer_fusion.h"
#include "net/layer_reduction.h"
#include "train/trainer_internal.h"

/* Rows in a block of the batch. */
static size_t rows_in(const struct ae_trainer *t, size_t block)
{
	size_t left = t->count - block * t->lanes;
	return left < t->lanes ? left : t->lanes;
}

/* The arrays of op i, from a block of the batch on. */
static void view(const struct ae_trainer *t, struct ae_layer_blocks *at, size_t i, size_t block)
{
	const struct ae_layer *op = ae_net_op(t->net, i);
	at->weights = ae_net_weights(t->net) + op->offset;
	at->x = (i ? t->y[i - 1] : t->x) + block * ae_shape_size(&op->in) * t->lanes;
	at->y = t->y[i] + block * ae_shape_size(&op->out) * t->lanes;
	at->saved = t->saved[i] + block * t->lanes * op->saved;
	at->partials = t->partials[i] + block / t->slice_blocks * op->partials;
	at->batch_stats = t->learn ? batch_stats_of(t, i) : NULL;
}

static void gather(const struct ae_trainer *t, float *block, const struct ae_shape *shape, const void *rows,
	enum ae_type type, size_t first, size_t n)
{
	size_t bytes = ae_shape_size(shape) * ae_type_size(type);
	if (t->rows_order)
		ae_block_gather(t->kernels, block, shape, rows, type, t->rows_order + first, n);
	else
		ae_block_gather(t->kernels, block, shape, (const char *)rows + first * bytes, type, NULL, n);
}

/* Leaves the gradient with respect to the output in dy. */
static void loss_and_gradient(struct ae_trainer *t, struct worker *worker, size_t block, float *dy)
{
	const float *target = t->x + block * t->in * t->lanes, *output = t->y[t->ops - 1] + block * t->out * t->lanes;
	size_t first = t->from + block * t->lanes, n = rows_in(t, block);
	const void *rows = t->rows->target ? t->rows->target : t->rows->x;
	enum ae_type type = t->rows->target ? t->rows->target_type : t->rows->x_type;
	if (t->rows->target || t->settings.mask) {
		gather(t, worker->target, ae_net_output(t->net), rows, type, first, n);
		target = worker->target;
	}
	if (t->settings.mask && !t->loss->skips_missing)
		ae_fill_nan(worker->target, output, t->out * t->lanes);
	double sum[AE_LANES_MAX] = {0};
	float scale = t->values > 0 ? (float)(1 / t->values) : 0; /* a batch of holes teaches nothing */
	t->loss->block(sum, dy, output, target, t->out, n, scale, (float)t->settings.huber_delta);
	t->block_loss[block] = 0;
	for (size_t i = 0; i < n; i++)
		t->block_loss[block] += sum[i];
	if (t->trims)
		memcpy(t->trim.loss + block * t->lanes, sum, n * sizeof(*sum));
}

/* The arguments that all ops of a slice have in common. */
static struct ae_layer_blocks slice_view(const struct ae_trainer *t, size_t slice, int worker)
{
	size_t first = slice * t->slice_blocks, left = blocks_of(t, t->count) - first;
	size_t rows = t->count - first * t->lanes, most = t->slice_blocks * t->lanes;
	return (struct ae_layer_blocks){.kernels = t->kernels,
		.blocks = left < t->slice_blocks ? left : t->slice_blocks,
		.workspace = t->workers[worker].workspace,
		.rows = rows < most ? rows : most,
		.batch_rows = t->count,
		.first_row = first * t->lanes,
		.training = t->learn ? &t->training : NULL};
}

static bool emits_tiles(const struct ae_layer *op)
{
	return op->type->fusion && op->type->fusion->emits_tiles;
}

static bool takes_tiles(const struct ae_layer *op, bool backward)
{
	const struct ae_layer_reduction *r = op->type->reduction;
	return r && (r->partial_tile || (backward && r->partial_channel_sums));
}

/* The next (backward: previous) op that gathers statistics from the tiles of op i, skipping those fused into their
   neighbours; t->ops if there is none. */
static size_t find_consumer(const struct ae_trainer *t, size_t i, bool backward)
{
	if (!t->learn || !emits_tiles(ae_net_op(t->net, i)))
		return t->ops;
	while (backward ? i-- > t->first_trained : ++i < t->ops) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		if (backward ? op->fused.skip_backward : op->fused.skip_forward && !takes_tiles(op, false))
			continue;
		return takes_tiles(op, backward) ? i : t->ops;
	}
	return t->ops;
}

/* Prepares op `op` (t->ops: none) as the consumer of the tiles that its neighbour writes to its x, or to its dy. */
static struct ae_layer_consumer *attach_consumer(const struct ae_trainer *t, size_t op, size_t first, float *dy,
	struct ae_layer_consumer *slot, struct ae_layer_blocks *at)
{
	if (op == t->ops)
		return NULL;
	view(t, at, op, first);
	at->dy = dy;
	at->consumer = NULL;
	*slot = (struct ae_layer_consumer){ae_net_op(t->net, op), at};
	slot->layer->type->reduction->partial_begin(slot->layer, at);
	return slot;
}

/* Where op i writes dL/dx. */
static float *dx_of(const struct ae_trainer *t, const struct slice *s, size_t i, const struct ae_layer_blocks *at)
{
	if (i == t->first_trained)
		return NULL;
	if (ae_net_op(t->net, i)->type->flags & AE_LAYER_BACKWARD_IN_PLACE)
		return s->dy;
	if (ae_trainer_replaces(t, i))
		return (float *)at->x;
	return s->dy == s->grad_buffer[0] ? s->grad_buffer[1] : s->grad_buffer[0];
}

/* Back-propagates one slice from op `from` to the next op that needs a reduction over the batch, or to the first
   trained op. `reduced`: the reduction of `from` is done. */
static void backward_from(struct ae_trainer *t, size_t slice, int worker, size_t from, bool reduced)
{
	struct slice *s = &t->slices[slice];
	struct ae_layer_blocks at = slice_view(t, slice, worker), other = at;
	struct ae_layer_consumer slot;
	size_t consumer = t->ops;
	for (size_t i = from + 1; i-- > t->first_trained;) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		view(t, &at, i, slice * t->slice_blocks);
		at.dy = s->dy;
		at.stats_done = i == consumer;
		if (op->type->reduction && op->type->reduction->partial_backward && !(reduced && i == from)) {
			op->type->reduction->partial_backward(op, &at);
			if (op->reduces_backward)
				return;
		}
		at.dx = dx_of(t, s, i, &at);
		if (emits_tiles(op))
			consumer = find_consumer(t, i, true);
		at.consumer = emits_tiles(op)
				      ? attach_consumer(t, consumer, slice * t->slice_blocks, at.dx, &slot, &other)
				      : NULL;
		op->type->backward(op, &at);
		s->dy = at.dx;
	}
}

static void backward_task(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	backward_from(t, task, worker, t->stop, true);
}

/* The loss of the blocks of a slice, and its gradient at the end of the network. */
static void end_slice(struct ae_trainer *t, size_t slice, int worker, size_t blocks)
{
	struct slice *s = &t->slices[slice];
	if (!t->reduces)
		memcpy(s->grad_buffer, t->workers[worker].grad_buffer, sizeof(s->grad_buffer));
	s->dy = s->grad_buffer[0];
	for (size_t i = 0; i < blocks; i++)
		loss_and_gradient(t, &t->workers[worker], slice * t->slice_blocks + i, s->dy + i * t->out * t->lanes);
}

/* Rows that are left out have no gradient at the end of the network, and do not count in the loss. */
static void drop_rows(struct ae_trainer *t, size_t slice, size_t rows)
{
	size_t first = slice * t->slice_blocks * t->lanes;
	for (size_t row = 0; row < rows; row++) {
		double *loss = &t->block_loss[(first + row) / t->lanes];
		float *dy = t->slices[slice].dy + row / t->lanes * t->out * t->lanes + row % t->lanes;
		bool dropped = t->trim.dropped[first + row];
		*loss = (row % t->lanes ? *loss : 0) + (dropped ? 0 : t->trim.loss[first + row]);
		for (size_t i = 0; dropped && i < t->out; i++)
			dy[i * t->lanes] = 0;
	}
}

/* The way back of a slice of a batch of which it is known which rows are left out. */
static void trimmed_task(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	struct ae_layer_blocks at = slice_view(t, task, worker);
	end_slice(t, task, worker, at.blocks);
	drop_rows(t, task, at.rows);
	backward_from(t, task, worker, t->ops - 1, false);
}

static void take_rows(struct ae_trainer *t, size_t first, size_t blocks)
{
	for (size_t i = first; i < first + blocks; i++) {
		float *x = t->x + i * t->in * t->lanes;
		gather(t, x, ae_net_input(t->net), t->rows->x, t->rows->x_type, t->from + i * t->lanes, rows_in(t, i));
		if (t->settings.mask)
			ae_fill_nan(x, NULL, t->in * t->lanes);
	}
}

/* Ops [begin, stop) of a slice; then its partial sums for the reduction there, or the loss and back-propagation. */
static void forward_task(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	struct ae_layer_blocks at = slice_view(t, task, worker), other = at;
	struct ae_layer_consumer slot;
	size_t first = task * t->slice_blocks;
	if (!t->begin_reduced)
		take_rows(t, first, at.blocks);
	for (size_t i = t->begin; i < t->stop; i++) {
		view(t, &at, i, first);
		at.consumer = attach_consumer(t, find_consumer(t, i, false), first, NULL, &slot, &other);
		at.stats_done = at.stats_done || at.consumer;
		ae_net_op(t->net, i)->type->forward(ae_net_op(t->net, i), &at);
	}
	if (t->stop < t->ops) {
		view(t, &at, t->stop, first);
		ae_net_op(t->net, t->stop)->type->reduction->partial_forward(ae_net_op(t->net, t->stop), &at);
		return;
	}
	end_slice(t, task, worker, at.blocks);
	if (t->learn && !t->trims)
		backward_from(t, task, worker, t->ops - 1, false);
}

static struct ae_layer_reduction_args reduction_args(const struct ae_trainer *t, size_t i)
{
	return (struct ae_layer_reduction_args){.partials = t->partials[i],
		.slices = slices_of(t),
		.slice_rows = t->slice_blocks * t->lanes,
		.rows = t->count,
		.weights = ae_net_weights(t->net) + ae_net_op(t->net, i)->offset,
		.batch_stats = batch_stats_of(t, i)};
}

/* A barrier, forward_task() of all slices to the next, and a reduction, until the end of the network. The last of the
   tasks goes on to the loss and back to the last reduction. */
static void forward_batch(struct ae_trainer *t)
{
	t->begin = 0;
	t->begin_reduced = false;
	for (;;) {
		t->stop = t->begin + t->begin_reduced;
		while (t->stop < t->ops && !(t->learn && ae_net_op(t->net, t->stop)->reduces_forward))
			t->stop++;
		ae_thread_pool_run(t->pool, forward_task, t, slices_of(t));
		if (t->stop == t->ops)
			return;
		struct ae_layer_reduction_args at = reduction_args(t, t->stop);
		ae_net_op(t->net, t->stop)->type->reduction->reduce_forward(ae_net_op(t->net, t->stop), &at);
		t->begin = t->stop;
		t->begin_reduced = true;
	}
}

/* The same back, from each op that reduces dy to the next. */
static void backward_batch(struct ae_trainer *t)
{
	for (size_t i = t->ops; i-- > t->first_trained;) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		if (!op->reduces_backward)
			continue;
		struct ae_layer_reduction_args at = reduction_args(t, i);
		op->type->reduction->reduce_backward(op, &at);
		t->stop = i;
		ae_thread_pool_run(t->pool, backward_task, t, slices_of(t));
	}
}

void ae_trainer_run(struct ae_trainer *t)
{
	t->training = (struct ae_layer_training){t->settings.seed, t->state.steps};
	forward_batch(t);
	if (t->trims) {
		t->values = ae_trim_choose(&t->trim, t->settings.trim, t->count);
		ae_thread_pool_run(t->pool, trimmed_task, t, slices_of(t));
	}
	if (t->learn && t->reduces)
		backward_batch(t);
}
