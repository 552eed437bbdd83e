/* SPDX-License-Identifier: MIT */
/* How fast the compute side is.
     bench_train                    a table: layers alone, training and inference, at 1 and at 2 threads
     bench_train WORKLOAD THREADS [SHARE]
				    training steps of ecg, fashion, denoiser, photos, wide or series, or of a share of
				    them, each timed: "seconds", and their median
     bench_train WORKLOAD flops     multiplications and additions of a step */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/rng.h"
#include "core/util.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "net/infer.h"
#include "net/layer_reduction.h"
#include "net/net_internal.h"
#include "train/trainer.h"

/* A network, and what it is trained on: random numbers of the right shape. */
struct workload {
	const char *name, *net, *out;
	struct ae_shape shape;
	const char *loss;
	bool target; /* rows of their own to be held against, as when denoising */
	size_t batch;
	size_t rows;   /* in the table */
	size_t epochs; /* in the table */
	size_t step_rows;
	size_t steps; /* timed, after one that is not */
};

enum { ECG, FASHION, DENOISER, PHOTOS, WIDE, SERIES, WORKLOADS };
static const struct workload workloads[WORKLOADS] = {
	[ECG] = {.name = "ecg",
		.net = "140-32-16-8-16-32-140",
		.out = "sigmoid",
		.shape = {.rank = 1, .dim = {140}},
		.loss = "mae",
		.batch = 512,
		.rows = 2359,
		.epochs = 20,
		.step_rows = 2048,
		.steps = 100},
	[FASHION] = {.name = "fashion",
		.net = "784-64-784",
		.out = "sigmoid",
		.shape = {.rank = 1, .dim = {784}},
		.loss = "mse",
		.batch = 32,
		.rows = 60000,
		.epochs = 1,
		.step_rows = 6400,
		.steps = 1875},
	[DENOISER] = {.name = "denoiser",
		.net = "conv 16 3x3/2 relu, conv 8 3x3/2 relu | convt 8 3x3/2 relu, "
		       "convt 16 3x3/2 relu, conv 1 3x3 sigmoid",
		.shape = {.rank = 3, .dim = {28, 28, 1}},
		.loss = "mse",
		.target = true,
		.batch = 32,
		.rows = 12000,
		.epochs = 1,
		.step_rows = 3200,
		.steps = 1875},
	[PHOTOS] = {.name = "photos",
		.net = "conv 16 3x3/2 leakyrelu:0.3 batchnorm, conv 32 3x3/2 leakyrelu:0.3 batchnorm, "
		       "conv 64 3x3/2 leakyrelu:0.3 batchnorm, dense 32 | dense 65536, reshape 32x32x64, "
		       "convt 64 3x3/2 leakyrelu:0.3 batchnorm, convt 32 3x3/2 leakyrelu:0.3 batchnorm, "
		       "convt 16 3x3/2 leakyrelu:0.3 batchnorm, conv 3 3x3 sigmoid",
		.shape = {.rank = 3, .dim = {256, 256, 3}},
		.loss = "mse",
		.batch = 32,
		.rows = 64,
		.epochs = 1,
		.step_rows = 64,
		.steps = 5},
	[WIDE] = {.name = "wide",
		.net = "2000-500-2000",
		.shape = {.rank = 1, .dim = {2000}},
		.loss = "mse",
		.batch = 512,
		.rows = 5120,
		.epochs = 1,
		.step_rows = 5120,
		.steps = 40},
	/* Keras's example of anomalies in a time series, examples/nab-keras. */
	[SERIES] = {.name = "series",
		.net = "conv1d 32 7/2 relu, conv1d 16 7/2 relu | convt1d 16 7/2 relu, convt1d 32 7/2 relu, convt1d 1 7",
		.shape = {.rank = 2, .dim = {288, 1}},
		.loss = "mse",
		.batch = 128,
		.rows = 3370,
		.epochs = 1,
		.step_rows = 3200,
		.steps = 250},
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const struct ae_error *err)
{
	fprintf(stderr, "bench_train: %s\n", err->text);
	exit(1);
}

/* Multiplications and additions of a step for one row, forward; taps that fall on the padding count. */
static double op_flops(const struct ae_layer *op)
{
	double pixels = 1;
	if (op->params == 0 || op->param[0].shape.rank < 2)
		return 0;
	if (op->param[0].shape.rank > 2) {
		const struct ae_conv *c = &op->args.conv.shape;
		pixels = (double)(c->small_height * c->small_width);
	}
	return 2 * pixels * (double)ae_shape_size(&op->param[0].shape);
}

/* Of one row: forward, and for training both gradients. */
static double flops(const struct ae_net *net, int training)
{
	double forward = 0;
	for (size_t i = 0; i < ae_net_ops(net); i++)
		forward += op_flops(ae_net_op(net, i));
	return training ? 3 * forward - op_flops(ae_net_op(net, 0)) : forward;
}

static struct ae_net *network(const struct workload *w)
{
	struct ae_error err;
	struct ae_net *net;
	if (ae_net_parse(&net, w->net, NULL, w->out, &w->shape, &err) != 0)
		die(&err);
	ae_net_init(net, 1);
	return net;
}

static float *numbers(size_t count, uint64_t seed)
{
	float *x = malloc(count * sizeof(*x));
	if (!x)
		exit(1);
	for (size_t i = 0; i < count; i++)
		x[i] = (float)ae_rng_uniform(seed, 0, i);
	return x;
}

/* What each step does alone on one block that stays where it is: forward, and back with both gradients. */
static void layers(const struct workload *w, const struct ae_kernels *kernels)
{
	struct ae_error err;
	struct ae_net *net = network(w);
	for (size_t i = 0; i < ae_net_ops(net); i++) {
		const struct ae_layer *op = ae_net_op(net, i);
		size_t in = ae_shape_size(&op->in) * kernels->lanes, out = ae_shape_size(&op->out) * kernels->lanes;
		if (op_flops(op) == 0)
			continue;
		float *memory = ae_block_alloc(
			2 * (in + out) + op->saved * kernels->lanes + op->partials + op->workspace + 64, &err);
		float *g = ae_block_alloc(op->weights, &err);
		float *batch_stats =
			ae_block_alloc(op->fused.batchnorm ? op->fused.batchnorm->batch_stats : op->batch_stats, &err);
		if (!memory || !g || !batch_stats)
			die(&err);
		struct ae_layer_blocks at = {
			.kernels = kernels, .blocks = 1, .rows = kernels->lanes, .batch_rows = kernels->lanes};
		at.weights = ae_net_weights(net) + op->offset;
		at.batch_stats = batch_stats;
		at.x = memory;
		at.dx = memory + in;
		at.y = at.dx + in;
		at.dy = at.y + out;
		at.saved = at.dy + out;
		at.partials = at.saved + (op->saved * kernels->lanes + 15) / 16 * 16;
		at.workspace = at.partials + (op->partials + 15) / 16 * 16;
		struct ae_layer_gradient to = {.kernels = kernels,
			.x = at.x,
			.saved = at.saved,
			.partials = at.partials,
			.batch_stats = batch_stats,
			.blocks = 1,
			.slices = 1,
			.to = op->weights,
			.g = g};
		double best[2] = {1e9, 1e9};
		for (int run = 0; run < 20; run++) {
			double start = now();
			op->type->forward(op, &at);
			double middle = now();
			if (op->type->reduction && op->type->reduction->partial_backward)
				op->type->reduction->partial_backward(op, &at);
			op->type->backward(op, &at);
			op->type->weight_gradient(op, &to);
			double end = now();
			best[0] = middle - start < best[0] ? middle - start : best[0];
			best[1] = end - middle < best[1] ? end - middle : best[1];
		}
		double work = op_flops(op) * kernels->lanes * 1e-9;
		printf("layer  %-24s forward %6.1f GFLOP/s, back %6.1f GFLOP/s\n", op->text, work / best[0],
			2 * work / best[1]);
		free(memory);
		free(g);
		free(batch_stats);
	}
	ae_net_free(net);
}

static struct ae_trainer *trainer_of(
	const struct workload *w, struct ae_net *net, const float *x, const float *target, size_t rows, int threads)
{
	struct ae_error err;
	struct ae_trainer *trainer;
	struct ae_train_settings settings = {.loss = w->loss,
		.huber_delta = 1,
		.optimizer = "adam",
		.lr = 0.001,
		.epochs = 1,
		.batch = w->batch,
		.shuffle = true,
		.threads = threads};
	struct ae_train_data data = {.x = x, .x_type = AE_F32, .target = target, .target_type = AE_F32, .rows = rows};
	if (ae_trainer_new(&trainer, net, &settings, &data, &err) != 0)
		die(&err);
	return trainer;
}

static void train(const struct workload *w)
{
	struct ae_net *net = network(w);
	float *x = numbers(w->rows * ae_shape_size(&w->shape), 1);
	float *target = w->target ? numbers(w->rows * ae_shape_size(&w->shape), 2) : NULL;
	for (int threads = 1; threads <= 2; threads++) {
		double best = 1e9, value = 0;
		for (int run = 0; run < 5; run++) {
			double start = now();
			ae_net_init(net, 1);
			struct ae_trainer *trainer = trainer_of(w, net, x, target, w->rows, threads);
			for (size_t i = 0; i < w->epochs; i++)
				if (ae_trainer_epoch(trainer, NULL, NULL, &value) != 0)
					exit(1);
			ae_trainer_free(trainer);
			double took = now() - start;
			best = took < best ? took : best;
		}
		printf("train  %-24.24s %6zu rows, batch %4zu, %2zu epochs, %d threads: %8.2f ms  %6.1f GFLOP/s  loss "
		       "%.6f\n",
			w->net, w->rows, w->batch, w->epochs, threads, best * 1e3,
			flops(net, 1) * (double)(w->rows * w->epochs) / best * 1e-9, value);
	}
	ae_net_free(net);
	free(x);
	free(target);
}

struct laps {
	double *seconds, last;
	size_t count, wanted;
};

static int lap(void *arg, size_t op, size_t steps, double loss)
{
	struct laps *laps = arg;
	double at = now();
	(void)op;
	(void)steps;
	(void)loss;
	laps->seconds[laps->count++] = at - laps->last;
	laps->last = at;
	return laps->count == laps->wanted;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void time_steps(const struct workload *w, int threads, double share)
{
	size_t steps = 1 + (size_t)(share * (double)(w->steps - 1));
	struct ae_net *net = network(w);
	float *x = numbers(w->step_rows * ae_shape_size(&w->shape), 1);
	float *target = w->target ? numbers(w->step_rows * ae_shape_size(&w->shape), 2) : NULL;
	struct laps laps = {.seconds = malloc((steps + 1) * sizeof(double)), .wanted = steps + 1};
	if (!laps.seconds)
		exit(1);
	struct ae_trainer *trainer = trainer_of(w, net, x, target, w->step_rows, threads);
	int state = 0;
	while (state == 0) {
		double loss;
		laps.last = now();
		state = ae_trainer_epoch(trainer, lap, &laps, &loss);
	}
	double *timed = laps.seconds + 1;
	qsort(timed, steps, sizeof(*timed), ascending);
	double median = (timed[(steps - 1) / 2] + timed[steps / 2]) / 2;
	printf("seconds %.9f\n", median);
	ae_trainer_free(trainer);
	ae_net_free(net);
	free(laps.seconds);
	free(x);
	free(target);
}

static void print_flops(const struct workload *w)
{
	struct ae_net *net = network(w);
	printf("%.0f\n", flops(net, 1) * (double)w->batch);
	ae_net_free(net);
}

static void infer(const struct workload *w, size_t rows)
{
	struct ae_error err;
	struct ae_net *net = network(w);
	size_t width = ae_shape_size(&w->shape);
	float *x = calloc(rows * width, sizeof(*x)), *y = calloc(rows * width, sizeof(*y));
	if (!x || !y)
		exit(1);
	for (int threads = 1; threads <= 2; threads++) {
		struct ae_infer *infer;
		double best = 1e9, single = 1e9;
		if (ae_infer_new(&infer, net, AE_NET_WHOLE, threads, &err) != 0)
			die(&err);
		for (int run = 0; run < 5; run++) {
			double start = now();
			if (ae_infer_rows(infer, x, AE_F32, rows, y, &err) != 0)
				die(&err);
			double took = now() - start;
			best = took < best ? took : best;
			start = now();
			for (size_t i = 0; i < 1000; i++)
				if (ae_infer_rows(infer, x + i * width, AE_F32, 1, y, &err) != 0)
					die(&err);
			took = (now() - start) / 1000;
			single = took < single ? took : single;
		}
		ae_infer_free(infer);
		printf("infer  %-24s %6zu rows, %d threads: %.0f rows/s  %6.1f GFLOP/s; one row %.1f us\n", w->net,
			rows, threads, (double)rows / best, flops(net, 0) * (double)rows / best * 1e-9, single * 1e6);
	}
	ae_net_free(net);
	free(x);
	free(y);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && argc < 5 && i < WORKLOADS; i++) {
		const struct workload *w = &workloads[i];
		bool count = strcmp(argv[2], "flops") == 0;
		if (strcmp(argv[1], w->name) != 0 || (!count && atoi(argv[2]) <= 0))
			continue;
		if (count)
			print_flops(w);
		else
			time_steps(w, atoi(argv[2]), argc == 4 ? atof(argv[3]) : 1);
		return 0;
	}
	if (argc != 1) {
		fprintf(stderr, "usage: bench_train [ecg|fashion|denoiser|photos|wide|series THREADS|flops [SHARE]]\n");
		return 2;
	}
	struct ae_error err;
	const struct ae_kernels *kernels;
	if (ae_isa_kernels(&kernels, &err) != 0)
		die(&err);
	printf("kernels: %s, %u lanes\n", kernels->name, kernels->lanes);
	layers(&workloads[DENOISER], kernels);
	layers(&workloads[PHOTOS], kernels);
	layers(&workloads[SERIES], kernels);
	for (size_t i = 0; i < WORKLOADS; i++)
		train(&workloads[i]);
	infer(&workloads[ECG], 50000);
	infer(&workloads[FASHION], 20000);
	return 0;
}
