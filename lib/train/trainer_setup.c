/* SPDX-License-Identifier: MIT */
/* Sets up a trainer: how a batch is cut into slices and weights into ranges, and where each buffer lies. */
#include <stdlib.h>

#include "core/util.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "train/trainer_internal.h"

/* A batch is cut into slices of whole blocks, by its size and the setting `slices` alone, never by the number of
   threads. A slice has at least so many rows, unless a row is much work. */
#define SLICE_ROWS 16
/* Weight gradients are computed and applied in ranges of about this many multiplications, within these bounds in
   floats. */
#define RANGE_WORK (1 << 19)
#define RANGE_MIN 1024
#define RANGE_MAX 4096

int ae_trainer_check(const struct ae_net *net, const struct ae_train_data *data, struct ae_error *err)
{
	const struct ae_shape *in = ae_net_input(net), *out = ae_net_output(net);
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (data->rows == 0)
		return ae_fail(err, "no rows");
	if (data->rows > UINT32_MAX)
		return ae_fail(err, "more than %u rows", UINT32_MAX);
	if (data->x_type == AE_TEXT || (data->target && data->target_type == AE_TEXT))
		return ae_fail(err, "a network takes numbers, not text");
	if (!data->target && ae_shape_size(in) != ae_shape_size(out))
		return ae_fail(err, "the network makes %s of %s: its output is not like its input",
			ae_shape_format(out, a), ae_shape_format(in, b));
	return 0;
}

/* Cuts all trained weights into ranges, each a multiple of the op's gradient_multiple. */
static int cut_ranges(struct ae_trainer *t, size_t batch, struct ae_error *err)
{
	size_t aim = RANGE_WORK / batch;
	aim = aim < RANGE_MIN ? RANGE_MIN : aim > RANGE_MAX ? RANGE_MAX : aim;
	for (int filling = 0; filling < 2; filling++) {
		t->range_count = 0;
		for (size_t i = t->ops; i-- > 0;) {
			const struct ae_layer *op = ae_net_op(t->net, i);
			if (!op->type->weight_gradient)
				continue;
			size_t trained = 0;
			for (size_t p = 0; p < op->params; p++)
				trained += op->param[p].trained ? ae_shape_size(&op->param[p].shape) : 0;
			size_t tiles = aim / op->gradient_multiple / t->kernels->tile;
			size_t each = (tiles ? tiles : 1) * t->kernels->tile * op->gradient_multiple;
			if (is_wide(op, t->blocks * t->lanes)) {
				if (!t->has_blas && ae_blas_acquire(err) != 0)
					return -1;
				t->has_blas = true;
				each = AE_LAYER_WIDE_ROWS * op->gradient_multiple;
			}
			for (size_t from = 0; from < trained; from += each) {
				struct range range = {i, from, from + each < trained ? from + each : trained};
				if (filling)
					t->ranges[t->range_count] = range;
				t->range_count++;
			}
			t->first_trained = i;
		}
		if (!filling && !(t->ranges = ae_calloc(t->range_count, sizeof(*t->ranges), err)))
			return -1;
	}
	return t->range_count ? 0 : ae_fail(err, "the network has no weights to train");
}

/* Whether y of op i is the memory of its x. */
static bool is_in_place(const struct ae_trainer *t, size_t i)
{
	const struct ae_layer *op = ae_net_op(t->net, i);
	if (op->fused.skip_forward)
		return true;
	return i > 0 && op->type->flags & AE_LAYER_FORWARD_IN_PLACE &&
	       !(op->type->flags & AE_LAYER_BACKWARD_NEEDS_INPUT) &&
	       !(ae_net_op(t->net, i - 1)->type->flags & AE_LAYER_BACKWARD_NEEDS_OUTPUT);
}

bool ae_trainer_replaces(const struct ae_trainer *t, size_t i)
{
	if (i == 0 || !(ae_net_op(t->net, i)->type->flags & AE_LAYER_DX_OVER_X))
		return false;
	for (size_t j = i; j-- > 0;) { /* the ops whose output is in this memory */
		const struct ae_layer *op = ae_net_op(t->net, j);
		if (op->type->flags & AE_LAYER_BACKWARD_NEEDS_OUTPUT && !op->fused.skip_backward)
			return false;
		if (!is_in_place(t, j))
			break;
	}
	return true;
}

/* One piece of memory, from which buffers are taken in turn; with memory NULL they are only counted. */
struct arena {
	float *memory;
	uint64_t used;
};

/* The next floats, `each` for n, aligned for any vector. */
static float *take(struct arena *arena, size_t n, size_t each)
{
	float *at = arena->memory ? arena->memory + arena->used : NULL;
	arena->used += ((uint64_t)n * each + AE_LANES_MAX - 1) / AE_LANES_MAX * AE_LANES_MAX;
	return at;
}

static void take_grad_buffers(const struct ae_trainer *t, struct arena *arena, float *grad_buffer[2])
{
	size_t widest = t->out;
	for (size_t i = t->first_trained + 1; i < t->ops; i++) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		size_t in = ae_shape_size(&op->in);
		if (in > widest && !(op->type->flags & AE_LAYER_BACKWARD_IN_PLACE) && !ae_trainer_replaces(t, i))
			widest = in;
	}
	for (int i = 0; i < 2; i++)
		grad_buffer[i] = take(arena, t->slice_blocks * t->lanes, widest);
}

static void take_ops(struct ae_trainer *t, struct arena *arena)
{
	t->x = take(arena, t->blocks * t->lanes, t->in);
	for (size_t i = 0; i < t->ops; i++) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		if (is_in_place(t, i))
			t->y[i] = i ? t->y[i - 1] : t->x;
		else
			t->y[i] = take(arena, t->blocks * t->lanes, ae_shape_size(&op->out));
		t->saved[i] = take(arena, t->blocks * t->lanes, op->saved);
		t->partials[i] = take(arena, t->slice_count, op->partials);
		t->batch_stats[i] = take(arena, 1, op->batch_stats);
	}
}

static void take_workers(struct ae_trainer *t, struct arena *arena)
{
	size_t workspace = 0, work = 0, longest = 0, batch = t->blocks * t->lanes;
	for (size_t i = 0; i < t->ops; i++) {
		const struct ae_layer *op = ae_net_op(t->net, i);
		workspace = op->workspace > workspace ? op->workspace : workspace;
		if (is_wide(op, batch) && ae_layer_work(op, batch) > work)
			work = ae_layer_work(op, batch);
	}
	for (size_t i = 0; i < t->range_count; i++) {
		size_t length = t->ranges[i].to - t->ranges[i].from;
		longest = length > longest ? length : longest;
	}
	for (int i = 0; i < ae_thread_pool_threads(t->pool); i++) {
		if (!t->reduces)
			take_grad_buffers(t, arena, t->workers[i].grad_buffer);
		t->workers[i].workspace = take(arena, 1, workspace);
		t->workers[i].target = take(arena, t->lanes, t->out);
		t->workers[i].gradient = take(arena, 1, longest);
		t->workers[i].work = take(arena, 1, work);
	}
}

/* Places all buffers in `memory`, or with NULL none; returns the floats that they take. */
static uint64_t lay_out(struct ae_trainer *t, float *memory)
{
	struct arena arena = {.memory = memory};
	take_ops(t, &arena);
	take_workers(t, &arena);
	for (size_t i = 0; t->reduces && i < t->slice_count; i++)
		take_grad_buffers(t, &arena, t->slices[i].grad_buffer);
	for (size_t i = 0; i < t->state.moments; i++)
		t->state.moment[i] = take(&arena, 1, ae_net_weight_count(t->net));
	return arena.used;
}

static bool has_heavy_rows(const struct ae_net *net)
{
	for (size_t i = 0; i < ae_net_ops(net); i++)
		if (ae_net_op(net, i)->type->flags & AE_LAYER_HEAVY_ROWS)
			return true;
	return false;
}

/* Notes whether an op reduces over the batch, and refuses batches too small for it. */
static int check_batch(struct ae_trainer *t, const struct ae_layer *op, size_t batch, struct ae_error *err)
{
	t->reduces = t->reduces || op->reduces_forward;
	if (batch >= op->rows_min)
		return 0;
	if (t->settings.batch < op->rows_min)
		return ae_fail_usage(err, "\"%s\" needs batches of at least %zu rows", op->text, op->rows_min);
	return ae_fail(err, "\"%s\" needs at least %zu rows", op->text, op->rows_min);
}

/* Loss, optimiser and schedule by the settings. */
static int choose_methods(struct ae_trainer *t, struct ae_error *err)
{
	size_t loss, optimizer;
	if (ae_loss_find(&loss, t->settings.loss, err) != 0 ||
		ae_optimizer_find(&optimizer, t->settings.optimizer, err) != 0)
		return -1;
	t->loss = &t->kernels->losses[loss];
	t->optimizer = &t->kernels->optimizers[optimizer];
	return ae_schedule_parse(&t->schedule, &t->settings, err);
}

static int set_up(struct ae_trainer *t, struct ae_error *err)
{
	if (ae_train_settings_check(&t->settings, err) != 0 || ae_trainer_check(t->net, &t->data, err) != 0 ||
		ae_isa_kernels(&t->kernels, err) != 0 || ae_thread_pool_new(&t->pool, t->settings.threads, err) != 0)
		return -1;
	if (choose_methods(t, err) != 0)
		return -1;
	size_t batch = t->settings.batch < t->data.rows ? t->settings.batch : t->data.rows;
	t->lanes = t->kernels->lanes;
	t->ops = ae_net_ops(t->net);
	t->in = ae_shape_size(ae_net_input(t->net));
	t->out = ae_shape_size(ae_net_output(t->net));
	t->blocks = blocks_of(t, batch);
	size_t slices = t->settings.slices ? t->settings.slices : ae_train_defaults.slices;
	t->slice_blocks = (t->blocks - 1) / slices + 1;
	if (!has_heavy_rows(t->net) && t->slice_blocks * t->lanes < SLICE_ROWS)
		t->slice_blocks = SLICE_ROWS / t->lanes;
	t->state.moments = t->optimizer->moments;
	t->slice_count = (t->blocks + t->slice_blocks - 1) / t->slice_blocks;
	for (size_t i = 0; i < t->ops; i++)
		if (check_batch(t, ae_net_op(t->net, i), batch, err) != 0)
			return -1;
	t->y = ae_calloc(t->ops, sizeof(*t->y), err);
	t->saved = ae_calloc(t->ops, sizeof(*t->saved), err);
	t->partials = ae_calloc(t->ops, sizeof(*t->partials), err);
	t->batch_stats = ae_calloc(t->ops, sizeof(*t->batch_stats), err);
	t->slices = ae_calloc(t->slice_count, sizeof(*t->slices), err);
	t->workers = ae_calloc((size_t)ae_thread_pool_threads(t->pool), sizeof(*t->workers), err);
	t->block_loss = ae_calloc(t->blocks, sizeof(*t->block_loss), err);
	if (t->settings.trim != 0 && ae_trim_init(&t->trim, t->blocks * t->lanes, err) != 0)
		return -1;
	t->order = ae_calloc(t->settings.shuffle ? t->data.rows : 1, sizeof(*t->order), err);
	if (!t->y || !t->saved || !t->partials || !t->batch_stats || !t->slices || !t->workers || !t->block_loss ||
		!t->order || cut_ranges(t, batch, err) != 0)
		return -1;
	t->floats = lay_out(t, NULL);
	t->memory = ae_block_alloc(t->floats, err);
	if (!t->memory)
		return -1;
	lay_out(t, t->memory);
	return 0;
}

int ae_trainer_new(struct ae_trainer **trainer, struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, struct ae_error *err)
{
	struct ae_trainer *t = ae_calloc(1, sizeof(*t), err);
	if (!t)
		return -1;
	t->net = net;
	t->settings = *settings;
	t->data = *data;
	if (set_up(t, err) != 0) {
		ae_trainer_free(t);
		return -1;
	}
	*trainer = t;
	return 0;
}

void ae_trainer_free(struct ae_trainer *t)
{
	if (!t)
		return;
	ae_thread_pool_free(t->pool);
	if (t->has_blas)
		ae_blas_release();
	free(t->y);
	free(t->saved);
	free(t->partials);
	free(t->batch_stats);
	free(t->slices);
	free(t->workers);
	free(t->block_loss);
	ae_trim_free(&t->trim);
	free(t->order);
	free(t->ranges);
	free(t->memory);
	free(t);
}

size_t ae_trainer_bytes(const struct ae_trainer *t)
{
	return (size_t)t->floats * sizeof(float);
}
