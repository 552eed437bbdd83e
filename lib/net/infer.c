/* SPDX-License-Identifier: MIT */
/* Inference: groups of blocks go through the ops in parallel, each in two buffers that alternate. */
#include "net/infer.h"

#include <math.h>
#include <stdlib.h>

#include "core/crc32.h"
#include "core/thread_pool.h"
#include "core/util.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "net/net_internal.h"

/* Most blocks that a worker takes at once. */
#define GROUP 16
/* And most floats of the widest layer in them, unless one block has more. */
#define GROUP_FLOATS (1 << 18)

/* What a worker found that was not finite. */
struct replaced {
	size_t values, first_row; /* first_row if there are any */
	bool odd;                 /* what is watched is */
};

struct ae_infer {
	const struct ae_net *net;
	size_t first_member, members; /* those that are applied */
	const struct ae_kernels *kernels;
	bool one_lane; /* the ops take kernels of one lane too */
	struct ae_thread_pool *pool;
	size_t first, end; /* ops [first, end) */
	size_t cut;        /* the op before which the latent is given too; 0: none */
	struct ae_shape in, out;
	size_t widest, workspace; /* values of the widest layer; floats of workspace */
	size_t most;              /* blocks of a group */
	float *buffers;           /* for each worker, two groups of blocks of the widest layer, and the workspace; for
				     an ensemble a group of f64 outputs too */
	/* The call in progress. */
	const struct ae_kernels *with;
	const char *x;
	enum ae_type type;
	size_t rows, group;
	float *y, *latent;
	struct ae_infer_watch *watch;
	bool finite;               /* values that are not become AE_BEYOND */
	struct replaced *replaced; /* those that did, for each worker */
};

static uint64_t worker_floats(const struct ae_infer *infer)
{
	uint64_t rows = (uint64_t)infer->most * infer->kernels->lanes;
	uint64_t sums = infer->members > 1 ? rows * ae_shape_size(&infer->out) * (sizeof(double) / sizeof(float)) : 0;
	return 2 * rows * infer->widest + infer->workspace + sums;
}

static int choose_members(struct ae_infer *infer, const struct ae_net *net, enum ae_net_part part, struct ae_error *err)
{
	bool all = ae_net_selected(net) == AE_NET_ALL;
	infer->first_member = all ? 0 : ae_net_selected(net);
	infer->members = all ? ae_net_members(net) : 1;
	if (infer->members > 1 && part != AE_NET_WHOLE)
		return ae_fail(
			err, "an ensemble of %zu networks has a latent for each of them, not one", infer->members);
	return 0;
}

/* What the ops need: shapes, the widest layer, the largest workspace, and the blocks of a group. */
static int measure(struct ae_infer *infer, const struct ae_net *net, enum ae_net_part part, struct ae_error *err)
{
	infer->net = net;
	if (choose_members(infer, net, part, err) != 0)
		return -1;
	infer->first = part == AE_NET_DECODER ? ae_net_cut(net) : 0;
	infer->end = part == AE_NET_ENCODER ? ae_net_cut(net) : ae_net_ops(net);
	infer->cut = part == AE_NET_WHOLE_AND_LATENT ? ae_net_cut(net) : 0;
	infer->in = part == AE_NET_DECODER ? *ae_net_latent(net) : *ae_net_input(net);
	infer->out = part == AE_NET_ENCODER ? *ae_net_latent(net) : *ae_net_output(net);
	infer->widest = ae_shape_size(&infer->in);
	infer->one_lane = true;
	for (size_t i = infer->first; i < infer->end; i++) {
		size_t width = ae_shape_size(&ae_net_op(net, i)->out);
		size_t workspace = (ae_net_op(net, i)->workspace + AE_LANES_MAX - 1) / AE_LANES_MAX * AE_LANES_MAX;
		infer->widest = width > infer->widest ? width : infer->widest;
		infer->workspace = workspace > infer->workspace ? workspace : infer->workspace;
		infer->one_lane &= (ae_net_op(net, i)->type->flags & AE_LAYER_ONE_LANE) != 0;
	}
	if (ae_isa_kernels(&infer->kernels, err) != 0)
		return -1;
	infer->most = GROUP_FLOATS / infer->kernels->lanes / infer->widest;
	infer->most = infer->most < 1 ? 1 : infer->most > GROUP ? GROUP : infer->most;
	return 0;
}

int ae_infer_measure(struct ae_infer_needs *needs, const struct ae_net *net, enum ae_net_part part, int threads,
	struct ae_error *err)
{
	struct ae_infer infer = {0};
	uint64_t workers = (uint64_t)ae_thread_pool_count(threads);
	if (measure(&infer, net, part, err) != 0)
		return -1;
	*needs = (struct ae_infer_needs){
		.bytes = sizeof(float) *
			 (workers * worker_floats(&infer) + (uint64_t)ae_net_members(net) * ae_net_weight_count(net)),
		.in = ae_shape_size(&infer.in),
		.out = ae_shape_size(&infer.out) + (infer.cut ? ae_shape_size(ae_net_latent(net)) : 0),
		.parallel = (size_t)workers * infer.most * infer.kernels->lanes,
	};
	return 0;
}

int ae_infer_new(
	struct ae_infer **infer, const struct ae_net *net, enum ae_net_part part, int threads, struct ae_error *err)
{
	struct ae_infer *result = ae_calloc(1, sizeof(*result), err);
	if (!result)
		return -1;
	if (measure(result, net, part, err) != 0 || ae_thread_pool_new(&result->pool, threads, err) != 0)
		goto failed;
	uint64_t floats = (uint64_t)ae_thread_pool_threads(result->pool) * worker_floats(result);
	result->buffers = ae_block_alloc(floats, err);
	result->replaced = ae_calloc((size_t)ae_thread_pool_threads(result->pool), sizeof(*result->replaced), err);
	if (!result->buffers || !result->replaced)
		goto failed;
	*infer = result;
	return 0;
failed:
	ae_infer_free(result);
	return -1;
}

void ae_infer_free(struct ae_infer *infer)
{
	if (!infer)
		return;
	ae_thread_pool_free(infer->pool);
	free(infer->buffers);
	free(infer->replaced);
	free(infer);
}

const struct ae_shape *ae_infer_input(const struct ae_infer *infer)
{
	return &infer->in;
}

const struct ae_shape *ae_infer_output(const struct ae_infer *infer)
{
	return &infer->out;
}

struct ae_thread_pool *ae_infer_pool(const struct ae_infer *infer)
{
	return infer->pool;
}

static size_t blocks_of(const struct ae_infer *infer, size_t rows)
{
	return (rows + infer->with->lanes - 1) / infer->with->lanes;
}

/* Replaces what is not finite in blocks of `width` values a row, of which the first is row `at`, and adds what was; the
   padding is not. */
static void make_finite(struct replaced *replaced, float *y, size_t width, size_t lanes, size_t at, size_t rows)
{
	for (size_t first = 0; first < rows; first += lanes, y += width * lanes)
		for (size_t i = 0; i < width * lanes; i++) {
			if (isfinite(y[i]))
				continue;
			y[i] = isinf(y[i]) ? copysignf(AE_BEYOND, y[i]) : AE_BEYOND;
			size_t row = first + i % lanes;
			if (row >= rows)
				continue;
			if (replaced->values++ == 0 || at + row < replaced->first_row)
				replaced->first_row = at + row;
		}
}

/* Puts the values of rows from the one at `at` on, in blocks, into out. */
static void scatter(const struct ae_infer *infer, float *out, const float *blocks, const struct ae_shape *shape,
	size_t at, size_t rows)
{
	size_t lanes = infer->with->lanes, n = ae_shape_size(shape);
	for (size_t i = 0; i < rows; i += lanes)
		ae_block_scatter(
			infer->with, out + (at + i) * n, blocks + i * n, shape, rows - i < lanes ? rows - i : lanes);
}

/* A group of rows at hand, and the buffers of its worker. */
struct group {
	size_t at, rows; /* the first one, and how many */
	int worker;
	float *now, *other, *workspace;
	double *sums;
};

static void gather(const struct ae_infer *infer, struct group *g)
{
	size_t lanes = infer->with->lanes, in = ae_shape_size(&infer->in);
	for (size_t i = 0; i < g->rows; i += lanes)
		ae_block_gather(infer->with, g->now + i * in, &infer->in,
			infer->x + (g->at + i) * in * ae_type_size(infer->type), infer->type, NULL,
			g->rows - i < lanes ? g->rows - i : lanes);
}

/* The rows through all ops; the outputs are in g->now. */
static void run_ops(const struct ae_infer *infer, struct group *g, const float *weights)
{
	gather(infer, g);
	for (size_t i = infer->first; i < infer->end; i++) {
		const struct ae_layer *op = ae_net_op(infer->net, i);
		float *now = g->now,
		      *y = (op->type->flags & AE_LAYER_FORWARD_IN_PLACE) || op->fused.skip_forward ? now : g->other;
		struct ae_layer_blocks b = {.kernels = infer->with,
			.weights = weights + op->offset,
			.blocks = blocks_of(infer, g->rows),
			.rows = g->rows,
			.x = now,
			.y = y,
			.workspace = g->workspace};
		op->type->forward(op, &b);
		if (infer->finite)
			make_finite(&infer->replaced[g->worker], y, ae_shape_size(&op->out), infer->with->lanes, g->at,
				g->rows);
		g->other = y == now ? g->other : now;
		g->now = y;
		if (infer->latent && i + 1 == infer->cut)
			scatter(infer, infer->latent, y, ae_net_latent(infer->net), g->at, g->rows);
	}
}

/* Adds the outputs of a member to the sums; after the last one g->now becomes their mean. */
static void average(const struct ae_infer *infer, struct group *g, size_t member)
{
	size_t n = blocks_of(infer, g->rows) * infer->with->lanes * ae_shape_size(&infer->out);
	for (size_t i = 0; i < n; i++)
		g->sums[i] = member ? g->sums[i] + (double)g->now[i] : (double)g->now[i];
	for (size_t i = 0; member + 1 == infer->members && i < n; i++)
		g->now[i] = (float)(g->sums[i] / (double)infer->members);
}

/* Before a group is computed: its rows are read for that. */
static void watch_inputs(const struct ae_infer *infer, const struct group *g)
{
	size_t in = ae_shape_size(&infer->in), first;
	const char *x = infer->x + g->at * in * ae_type_size(infer->type);
	infer->replaced[g->worker].odd |= ae_count_above(x, infer->type, infer->watch->large, g->rows * in, &first) > 0;
}

/* And behind it. */
static void watch_results(const struct ae_infer *infer, const struct group *g, size_t task)
{
	size_t out = ae_shape_size(&infer->out);
	const float *y = infer->y + g->at * out;
	infer->replaced[g->worker].odd |= !ae_all_finite(y, g->rows * out);
	if (!infer->watch->sums)
		return;
	struct ae_crc32_run *runs = (void *)infer->watch->sums->data;
	runs[task].end = (g->at + g->rows) * out * sizeof(*y);
	runs[task].sum = ae_crc32(0, y, g->rows * out * sizeof(*y));
}

static void run_group(void *arg, size_t task, int worker)
{
	const struct ae_infer *infer = arg;
	size_t half = infer->most * infer->widest * infer->kernels->lanes, most = infer->group * infer->with->lanes;
	float *buffers = infer->buffers + (size_t)worker * worker_floats(infer);
	struct group g = {.at = task * most, .worker = worker, .now = buffers, .other = buffers + half};
	g.rows = infer->rows - g.at < most ? infer->rows - g.at : most;
	g.workspace = buffers + 2 * half;
	g.sums = (void *)(g.workspace + infer->workspace);
	if (infer->watch)
		watch_inputs(infer, &g);
	for (size_t i = 0; i < infer->members; i++) {
		run_ops(infer, &g, ae_net_member_weights(infer->net, infer->first_member + i));
		if (infer->members > 1)
			average(infer, &g, i);
	}
	scatter(infer, infer->y, g.now, &infer->out, g.at, g.rows);
	if (infer->watch)
		watch_results(infer, &g, task);
}

static size_t count_groups(const struct ae_infer *infer)
{
	return (blocks_of(infer, infer->rows) + infer->group - 1) / infer->group;
}

static void prepare(struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out)
{
	infer->with = rows == 1 && infer->one_lane ? infer->kernels->row : infer->kernels;
	infer->x = x;
	infer->type = type;
	infer->rows = rows;
	infer->y = out;
	/* About four groups for each thread. */
	infer->group = blocks_of(infer, rows) / (4 * (size_t)ae_thread_pool_threads(infer->pool));
	infer->group = infer->group < 1 ? 1 : infer->group > infer->most ? infer->most : infer->group;
}

static void run(struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out)
{
	prepare(infer, x, type, rows, out);
	ae_thread_pool_run(infer->pool, run_group, infer, count_groups(infer));
}

void ae_infer_latent_to(struct ae_infer *infer, float *latent)
{
	infer->latent = latent;
}

int ae_infer_rows(
	struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out, struct ae_error *err)
{
	if (type == AE_TEXT)
		return ae_fail(err, "a network takes numbers, not text");
	run(infer, x, type, rows, out);
	return 0;
}

int ae_infer_rows_watched(struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out,
	struct ae_infer_watch *watch, struct ae_error *err)
{
	if (type == AE_TEXT)
		return ae_infer_rows(infer, x, type, rows, out, err);
	prepare(infer, x, type, rows, out);
	size_t bytes = count_groups(infer) * sizeof(struct ae_crc32_run);
	if (watch->sums) {
		watch->sums->len = 0;
		if (ae_buf_reserve(watch->sums, bytes, err) != 0)
			return -1;
		watch->sums->len = bytes;
	}
	infer->watch = watch;
	ae_thread_pool_run(infer->pool, run_group, infer, count_groups(infer));
	infer->watch = NULL;
	watch->odd = false;
	for (int i = 0; i < ae_thread_pool_threads(infer->pool); i++) {
		watch->odd |= infer->replaced[i].odd;
		infer->replaced[i].odd = false;
	}
	return 0;
}

size_t ae_infer_rows_finite(struct ae_infer *infer, const float *x, size_t rows, float *out, size_t *first)
{
	size_t values = 0;
	infer->finite = true;
	run(infer, x, AE_F32, rows, out);
	infer->finite = false;
	*first = rows;
	for (int i = 0; i < ae_thread_pool_threads(infer->pool); i++) {
		const struct replaced *replaced = &infer->replaced[i];
		if (replaced->values > 0 && replaced->first_row < *first)
			*first = replaced->first_row;
		values += replaced->values;
		infer->replaced[i] = (struct replaced){0};
	}
	return values;
}
