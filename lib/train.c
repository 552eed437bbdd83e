#include "train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "block.h"
#include "isa.h"
#include "pool.h"
#include "rng.h"
#include "util.h"

/* A batch is cut into at most this many slices of whole blocks, by its size alone. */
#define SLICES 16
/* And these have at least so many rows, unless a row is much work. */
#define SLICE_ROWS 16
/* Gradients are made and used up in ranges of about this many multiplications, within these bounds in floats. */
#define RANGE_WORK (1 << 19)
#define RANGE_MIN 1024
#define RANGE_MAX 4096

struct range {
	size_t step, from, to;
};

struct scratch {
	float *dy, *dx, *target, *gradient, *work, *lent;
};

/* The gradients that a slice is at, and the room for the next. */
struct slice {
	float *dy, *other;
};

struct ae_trainer {
	struct ae_net *net;
	struct ae_train_settings settings;
	struct ae_train_data data;
	const struct ae_kernels *kernels;
	struct ae_pool *pool;
	size_t steps, first; /* of the network; the first one that is trained */
	size_t in, out;      /* values of a row */
	size_t lanes, blocks, slice_blocks;
	float *memory;
	size_t floats;           /* there */
	float *x, **y, **keep;   /* for all blocks of a batch: the input, and what each step makes and keeps */
	float **shares, **whole; /* what each step keeps for slices and the batch */
	struct scratch *scratch; /* for each worker */
	struct slice *slices;    /* for each slice, with its own arrays only where slices meet */
	size_t slice_count;
	bool meets;
	double *block_loss;
	struct range *ranges;
	size_t range_count;
	uint32_t *order;
	struct ae_train_state state;
	/* The batch at hand: rows order[from ..], or from the first on without an order. */
	const struct ae_train_data *rows;
	const uint32_t *rows_order;
	size_t from, count;
	double values; /* that the loss of the batch is a mean over */
	bool learn;
	struct ae_optim optim;
	struct ae_layer_training training;
	size_t begin, stop; /* steps that run_up() runs: from `begin` up to where slices meet, or the end */
	bool begun;         /* the meeting at `begin` is over */
};

static int check(const struct ae_net *net, const struct ae_train_data *data, struct ae_error *err)
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

static size_t blocks_of(const struct ae_trainer *t, size_t rows)
{
	return (rows + t->lanes - 1) / t->lanes;
}

/* Whether OpenBLAS makes a step's gradient. */
static bool is_wide(const struct ae_layer *step, size_t batch)
{
	return step->kind == &ae_layer_dense && ae_blas_wins(step->weights, batch);
}

/* Ranges of whole grains over all trained weights. */
static int cut_ranges(struct ae_trainer *t, size_t batch, struct ae_error *err)
{
	size_t aim = RANGE_WORK / batch;
	aim = aim < RANGE_MIN ? RANGE_MIN : aim > RANGE_MAX ? RANGE_MAX : aim;
	for (int filling = 0; filling < 2; filling++) {
		t->range_count = 0;
		for (size_t i = t->steps; i-- > 0;) {
			const struct ae_layer *step = ae_net_step(t->net, i);
			if (!step->kind->gradient)
				continue;
			size_t trained = 0;
			for (size_t p = 0; p < step->params; p++)
				trained += step->param[p].trained ? ae_shape_size(&step->param[p].shape) : 0;
			size_t tiles = aim / step->grain / t->kernels->tile;
			size_t each = (tiles ? tiles : 1) * t->kernels->tile * step->grain;
			if (is_wide(step, t->blocks * t->lanes)) {
				if (ae_blas_load(err) != 0)
					return -1;
				each = AE_LAYER_WIDE_ROWS * step->grain;
			}
			for (size_t from = 0; from < trained; from += each) {
				struct range range = {i, from, from + each < trained ? from + each : trained};
				if (filling)
					t->ranges[t->range_count] = range;
				t->range_count++;
			}
			t->first = i;
		}
		if (!filling && !(t->ranges = ae_calloc(t->range_count, sizeof(*t->ranges), err)))
			return -1;
	}
	return t->range_count ? 0 : ae_fail(err, "the network has no weights to train");
}

/* Cuts all floats out of one piece of memory: with memory NULL only counts them. */
static size_t lay_out(struct ae_trainer *t, float *memory)
{
	size_t lanes = t->lanes, used = 0, widest = t->in, longest = 0, lent = 0, work = 0;
#define TAKE(to, n)                                                                                                    \
	do {                                                                                                           \
		if (memory)                                                                                            \
			(to) = memory + used;                                                                          \
		used += ((n) + AE_LANES_MAX - 1) / AE_LANES_MAX * AE_LANES_MAX;                                        \
	} while (0)
	TAKE(t->x, t->blocks * t->in * lanes);
	for (size_t i = 0; i < t->steps; i++) {
		const struct ae_layer *step = ae_net_step(t->net, i);
		size_t width = ae_shape_size(&step->out);
		widest = width > widest ? width : widest;
		if (step->kind->in_place && i > 0 && !ae_net_step(t->net, i - 1)->kind->uses_y)
			t->y[i] = t->y[i - 1];
		else
			TAKE(t->y[i], t->blocks * width * lanes);
		TAKE(t->keep[i], t->blocks * lanes * step->keep);
		TAKE(t->shares[i], t->slice_count * step->share);
		TAKE(t->whole[i], step->whole);
		lent = step->scratch > lent ? step->scratch : lent;
	}
	for (size_t i = 0; i < t->steps; i++) {
		const struct ae_layer *step = ae_net_step(t->net, i);
		if (is_wide(step, t->blocks * lanes) && ae_layer_work(step, t->blocks * lanes) > work)
			work = ae_layer_work(step, t->blocks * lanes);
	}
	for (size_t i = 0; i < t->range_count; i++) {
		size_t length = t->ranges[i].to - t->ranges[i].from;
		longest = length > longest ? length : longest;
	}
	for (int i = 0; i < ae_pool_threads(t->pool); i++) {
		if (!t->meets) {
			TAKE(t->scratch[i].dy, t->slice_blocks * widest * lanes);
			TAKE(t->scratch[i].dx, t->slice_blocks * widest * lanes);
		}
		TAKE(t->scratch[i].lent, lent);
		TAKE(t->scratch[i].target, t->out * lanes);
		TAKE(t->scratch[i].gradient, longest);
		TAKE(t->scratch[i].work, work);
	}
	for (size_t i = 0; t->meets && i < t->slice_count; i++) {
		TAKE(t->slices[i].dy, t->slice_blocks * widest * lanes);
		TAKE(t->slices[i].other, t->slice_blocks * widest * lanes);
	}
	for (size_t i = 0; i < t->state.moments; i++)
		TAKE(t->state.moment[i], ae_net_weight_count(t->net));
#undef TAKE
	return used;
}

static bool has_images(const struct ae_net *net)
{
	for (size_t i = 0; i < ae_net_steps(net); i++)
		if (ae_net_step(net, i)->conv.stride)
			return true;
	return false;
}

/* Notes layers whose slices meet, and refuses batches they can learn nothing from. */
static int check_batch(struct ae_trainer *t, const struct ae_layer *step, size_t batch, struct ae_error *err)
{
	t->meets = t->meets || step->kind->meet_forward;
	if (batch >= step->rows_min)
		return 0;
	if (t->settings.batch < step->rows_min)
		return ae_fail_usage(err, "\"%s\" needs batches of at least %zu rows", step->text, step->rows_min);
	return ae_fail(err, "\"%s\" needs at least %zu rows", step->text, step->rows_min);
}

static int set_up(struct ae_trainer *t, struct ae_error *err)
{
	if (t->settings.batch == 0)
		return ae_fail_usage(err, "a batch has at least one row");
	if (check(t->net, &t->data, err) != 0 || ae_isa_kernels(&t->kernels, err) != 0 ||
		ae_pool_new(&t->pool, t->settings.threads, err) != 0)
		return -1;
	size_t batch = t->settings.batch < t->data.rows ? t->settings.batch : t->data.rows;
	t->lanes = t->kernels->lanes;
	t->steps = ae_net_steps(t->net);
	t->in = ae_shape_size(ae_net_input(t->net));
	t->out = ae_shape_size(ae_net_output(t->net));
	t->blocks = blocks_of(t, batch);
	t->slice_blocks = (t->blocks + SLICES - 1) / SLICES;
	if (!has_images(t->net) && t->slice_blocks * t->lanes < SLICE_ROWS)
		t->slice_blocks = SLICE_ROWS / t->lanes;
	t->state.moments = ae_optimizer_moments(t->settings.optimizer);
	t->slice_count = (t->blocks + t->slice_blocks - 1) / t->slice_blocks;
	for (size_t i = 0; i < t->steps; i++)
		if (check_batch(t, ae_net_step(t->net, i), batch, err) != 0)
			return -1;
	t->y = ae_calloc(t->steps, sizeof(*t->y), err);
	t->keep = ae_calloc(t->steps, sizeof(*t->keep), err);
	t->shares = ae_calloc(t->steps, sizeof(*t->shares), err);
	t->whole = ae_calloc(t->steps, sizeof(*t->whole), err);
	t->slices = ae_calloc(t->slice_count, sizeof(*t->slices), err);
	t->scratch = ae_calloc((size_t)ae_pool_threads(t->pool), sizeof(*t->scratch), err);
	t->block_loss = ae_calloc(t->blocks, sizeof(*t->block_loss), err);
	t->order = ae_calloc(t->settings.shuffle ? t->data.rows : 1, sizeof(*t->order), err);
	if (!t->y || !t->keep || !t->shares || !t->whole || !t->slices || !t->scratch || !t->block_loss || !t->order ||
		cut_ranges(t, batch, err) != 0)
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
	ae_pool_free(t->pool);
	free(t->y);
	free(t->keep);
	free(t->shares);
	free(t->whole);
	free(t->slices);
	free(t->scratch);
	free(t->block_loss);
	free(t->order);
	free(t->ranges);
	free(t->memory);
	free(t);
}

size_t ae_trainer_bytes(const struct ae_trainer *t)
{
	return t->floats * sizeof(float);
}

/* Rows in a block of the batch. */
static size_t rows_in(const struct ae_trainer *t, size_t block)
{
	size_t left = t->count - block * t->lanes;
	return left < t->lanes ? left : t->lanes;
}

/* Step i's arrays from a block of the batch on. */
static void view(const struct ae_trainer *t, struct ae_layer_blocks *at, size_t i, size_t block)
{
	const struct ae_layer *step = ae_net_step(t->net, i);
	at->weights = ae_net_weights(t->net) + step->offset;
	at->x = (i ? t->y[i - 1] : t->x) + block * ae_shape_size(&step->in) * t->lanes;
	at->y = t->y[i] + block * ae_shape_size(&step->out) * t->lanes;
	at->keep = t->keep[i] + block * t->lanes * step->keep;
	at->share = t->shares[i] + block / t->slice_blocks * step->share;
	at->whole = t->learn ? t->whole[i] : NULL;
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

/* NaN in `block` becomes what `other` has there, or 0. */
static void fill_holes(float *block, const float *other, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(block[i]))
			block[i] = other ? other[i] : 0;
}

/* Observed values of the target in the batch at hand. */
static double count_values(const struct ae_trainer *t)
{
	const struct ae_train_data *d = t->rows;
	const unsigned char *target = d->target ? d->target : d->x;
	enum ae_type type = d->target ? d->target_type : d->x_type;
	size_t holes = 0;
	for (size_t row = t->from; t->settings.mask && type != AE_U8 && row < t->from + t->count; row++) {
		const void *values = target + (t->rows_order ? t->rows_order[row] : row) * t->out * ae_type_size(type);
		const float *f32 = values;
		const double *f64 = values;
		for (size_t i = 0; i < t->out; i++)
			holes += type == AE_F32 ? isnan(f32[i]) : isnan(f64[i]);
	}
	return (double)t->count * (double)t->out - (double)holes;
}

/* Leaves the gradient by the output in dy. */
static void measure(struct ae_trainer *t, struct scratch *scratch, size_t block, float *dy)
{
	const float *target = t->x + block * t->in * t->lanes, *made = t->y[t->steps - 1] + block * t->out * t->lanes;
	size_t first = t->from + block * t->lanes, n = rows_in(t, block);
	const void *rows = t->rows->target ? t->rows->target : t->rows->x;
	enum ae_type type = t->rows->target ? t->rows->target_type : t->rows->x_type;
	if (t->rows->target || t->settings.mask) {
		gather(t, scratch->target, ae_net_output(t->net), rows, type, first, n);
		target = scratch->target;
	}
	if (t->settings.mask) /* no gap there, so neither loss nor gradient */
		fill_holes(scratch->target, made, t->out * t->lanes);
	double sum[AE_LANES_MAX] = {0};
	float scale = t->values > 0 ? (float)(1 / t->values) : 0; /* a batch of holes teaches nothing */
	t->kernels->loss[t->settings.loss](sum, dy, made, target, t->out, n, scale, (float)t->settings.huber_delta);
	t->block_loss[block] = 0;
	for (size_t i = 0; i < n; i++)
		t->block_loss[block] += sum[i];
}

static size_t slices_of(const struct ae_trainer *t)
{
	return (blocks_of(t, t->count) + t->slice_blocks - 1) / t->slice_blocks;
}

/* What every step of a slice has in common. */
static struct ae_layer_blocks slice_view(const struct ae_trainer *t, size_t slice, int worker)
{
	size_t first = slice * t->slice_blocks, left = blocks_of(t, t->count) - first;
	size_t rows = t->count - first * t->lanes, most = t->slice_blocks * t->lanes;
	return (struct ae_layer_blocks){.kernels = t->kernels,
		.blocks = left < t->slice_blocks ? left : t->slice_blocks,
		.scratch = t->scratch[worker].lent,
		.rows = rows < most ? rows : most,
		.batch_rows = t->count,
		.first_row = first * t->lanes,
		.training = t->learn ? &t->training : NULL};
}

/* Goes back from step `from`, which has met already if `met`, to the next one where slices meet, or to the first. */
static void descend(struct ae_trainer *t, size_t slice, int worker, size_t from, bool met)
{
	struct slice *s = &t->slices[slice];
	struct ae_layer_blocks at = slice_view(t, slice, worker);
	for (size_t i = from + 1; i-- > t->first;) {
		const struct ae_layer *step = ae_net_step(t->net, i);
		view(t, &at, i, slice * t->slice_blocks);
		at.dy = s->dy;
		if (step->kind->share_backward && !(met && i == from)) {
			step->kind->share_backward(step, &at);
			return;
		}
		at.dx = i == t->first ? NULL : step->kind->in_place_back ? s->dy : s->other;
		step->kind->backward(step, &at);
		if (!step->kind->in_place_back && at.dx) {
			s->other = s->dy;
			s->dy = at.dx;
		}
	}
}

static void run_down(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	descend(t, task, worker, t->stop, true);
}

static void take_rows(struct ae_trainer *t, size_t first, size_t blocks)
{
	for (size_t i = first; i < first + blocks; i++) {
		float *x = t->x + i * t->in * t->lanes;
		gather(t, x, ae_net_input(t->net), t->rows->x, t->rows->x_type, t->from + i * t->lanes, rows_in(t, i));
		if (t->settings.mask)
			fill_holes(x, NULL, t->in * t->lanes);
	}
}

/* Steps [begin, stop) of a slice; then its share of the meeting there, or the loss and the way back. */
static void run_up(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	struct slice *s = &t->slices[task];
	struct ae_layer_blocks at = slice_view(t, task, worker);
	size_t first = task * t->slice_blocks;
	if (!t->begun)
		take_rows(t, first, at.blocks);
	for (size_t i = t->begin; i < t->stop; i++) {
		view(t, &at, i, first);
		ae_net_step(t->net, i)->kind->forward(ae_net_step(t->net, i), &at);
	}
	if (t->stop < t->steps) {
		view(t, &at, t->stop, first);
		ae_net_step(t->net, t->stop)->kind->share_forward(ae_net_step(t->net, t->stop), &at);
		return;
	}
	if (!t->meets)
		*s = (struct slice){t->scratch[worker].dy, t->scratch[worker].dx};
	for (size_t i = 0; i < at.blocks; i++)
		measure(t, &t->scratch[worker], first + i, s->dy + i * t->out * t->lanes);
	if (t->learn)
		descend(t, task, worker, t->steps - 1, false);
}

static struct ae_layer_meeting meeting(const struct ae_trainer *t, size_t i)
{
	return (struct ae_layer_meeting){.shares = t->shares[i],
		.slices = slices_of(t),
		.slice_rows = t->slice_blocks * t->lanes,
		.rows = t->count,
		.weights = ae_net_weights(t->net) + ae_net_step(t->net, i)->offset,
		.whole = t->whole[i]};
}

/* Forward and, in training, back, with a barrier at every meeting. */
static void run_steps(struct ae_trainer *t)
{
	t->training = (struct ae_layer_training){t->settings.seed, t->state.steps};
	t->begin = 0;
	t->begun = false;
	for (;;) {
		t->stop = t->begin + t->begun;
		while (t->stop < t->steps && !(t->learn && ae_net_step(t->net, t->stop)->kind->meet_forward))
			t->stop++;
		ae_pool_run(t->pool, run_up, t, slices_of(t));
		if (t->stop == t->steps)
			break;
		struct ae_layer_meeting at = meeting(t, t->stop);
		ae_net_step(t->net, t->stop)->kind->meet_forward(ae_net_step(t->net, t->stop), &at);
		t->begin = t->stop;
		t->begun = true;
	}
	for (size_t i = t->steps; t->learn && t->meets && i-- > t->first;) {
		const struct ae_layer *step = ae_net_step(t->net, i);
		if (!step->kind->meet_backward)
			continue;
		struct ae_layer_meeting at = meeting(t, i);
		step->kind->meet_backward(step, &at);
		t->stop = i;
		ae_pool_run(t->pool, run_down, t, slices_of(t));
	}
}

static void run_range(void *arg, size_t task, int worker)
{
	struct ae_trainer *t = arg;
	const struct range *range = &t->ranges[task];
	const struct ae_layer *step = ae_net_step(t->net, range->step);
	struct ae_layer_gradient at = {.kernels = t->kernels,
		.x = range->step ? t->y[range->step - 1] : t->x,
		.keep = t->keep[range->step],
		.shares = t->shares[range->step],
		.whole = t->whole[range->step],
		.blocks = blocks_of(t, t->count),
		.slices = slices_of(t),
		.from = range->from,
		.to = range->to,
		.g = t->scratch[worker].gradient,
		.work = t->scratch[worker].work};
	if (is_wide(step, t->blocks * t->lanes))
		at.multiply = ae_blas_multiply;
	step->kind->gradient(step, &at);
	size_t offset = step->offset + range->from;
	ae_optim_apply(&t->optim, t->kernels, ae_net_weights(t->net) + offset, t->state.moment[0] + offset,
		t->state.moments > 1 ? t->state.moment[1] + offset : NULL, at.g, range->to - range->from);
}

/* Runs the rows at hand, t->count of them from t->from on; returns the sum of their losses. */
static double run_batch(struct ae_trainer *t)
{
	size_t blocks = blocks_of(t, t->count);
	t->values = count_values(t);
	run_steps(t);
	double sum = 0;
	for (size_t i = 0; i < blocks; i++)
		sum += t->block_loss[i];
	if (t->learn) {
		t->optim = ae_optim_step(
			t->settings.optimizer, t->settings.lr, t->settings.decay, t->settings.momentum, t->state.steps);
		ae_pool_run(t->pool, run_range, t, t->range_count);
		t->state.steps++;
	}
	return sum;
}

int ae_trainer_epoch(struct ae_trainer *t, int (*progress)(void *arg, size_t step, size_t steps, double loss),
	void *arg, double *loss, struct ae_error *err)
{
	(void)err;
	size_t batch = t->settings.batch, rows = t->data.rows;
	size_t steps = (rows - 1) / batch + 1;
	t->rows = &t->data;
	t->rows_order = t->settings.shuffle ? t->order : NULL;
	t->learn = true;
	if (t->settings.shuffle) {
		for (size_t i = 0; i < rows; i++)
			t->order[i] = (uint32_t)i;
		ae_rng_shuffle(t->order, rows, t->settings.seed, AE_RNG_HI(AE_RNG_SHUFFLE, t->state.epochs));
	}
	double sum = 0, values = 0;
	for (size_t step = 0; step < steps; step++) {
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
	if (check(t->net, data, err) != 0)
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
			ae_optimizer_name(t->settings.optimizer), t->state.moments);
	t->state.steps = state->steps;
	t->state.epochs = state->epochs;
	for (size_t i = 0; i < state->moments; i++)
		memcpy(t->state.moment[i], state->moment[i], ae_net_weight_count(t->net) * sizeof(float));
	return 0;
}
