/* How fast the compute side is: training and inference, at 1 and at 2 threads. Prints a table; takes no arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "block.h"
#include "infer.h"
#include "isa.h"
#include "rng.h"
#include "train.h"
#include "util.h"

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
static double step_flops(const struct ae_layer *step)
{
	const struct ae_conv *c = &step->conv;
	double pixels = c->stride ? (double)(c->narrow_height * c->narrow_width) : 1;
	return step->params && step->param[0].shape.rank > 1 ? 2 * pixels * (double)ae_shape_size(&step->param[0].shape)
							     : 0;
}

/* Of one row: forward, and for training both gradients. */
static double flops(const struct ae_net *net, int training)
{
	double forward = 0;
	for (size_t i = 0; i < ae_net_steps(net); i++)
		forward += step_flops(ae_net_step(net, i));
	return training ? 3 * forward - step_flops(ae_net_step(net, 0)) : forward;
}

static struct ae_shape shape_of(const char *text)
{
	return ae_shape_vector(strtoul(text, NULL, 10));
}

/* What each step does alone on one block that stays where it is: forward, and back with both gradients. */
static void layers(const char *text, const struct ae_shape *shape, const struct ae_kernels *kernels)
{
	struct ae_error err;
	struct ae_net *net;
	if (ae_net_parse(&net, text, NULL, NULL, shape, &err) != 0)
		die(&err);
	ae_net_init(net, 1);
	for (size_t i = 0; i < ae_net_steps(net); i++) {
		const struct ae_layer *step = ae_net_step(net, i);
		size_t in = ae_shape_size(&step->in) * kernels->lanes, out = ae_shape_size(&step->out) * kernels->lanes;
		if (step_flops(step) == 0)
			continue;
		float *memory = ae_block_alloc(2 * (in + out) + step->keep * kernels->lanes + step->share + step->scratch + 64, &err);
		float *g = ae_block_alloc(step->weights, &err);
		if (!memory || !g)
			die(&err);
		struct ae_layer_blocks at = {.kernels = kernels, .blocks = 1, .rows = kernels->lanes, .batch_rows = kernels->lanes};
		at.weights = ae_net_weights(net) + step->offset;
		at.x = memory;
		at.dx = memory + in;
		at.y = at.dx + in;
		at.dy = at.y + out;
		at.keep = at.dy + out;
		at.share = at.keep + (step->keep * kernels->lanes + 15) / 16 * 16;
		at.scratch = at.share + (step->share + 15) / 16 * 16;
		struct ae_layer_gradient to = {.kernels = kernels,
			.x = at.x,
			.keep = at.keep,
			.shares = at.share,
			.blocks = 1,
			.slices = 1,
			.to = step->weights,
			.g = g};
		double best[2] = {1e9, 1e9};
		for (int run = 0; run < 20; run++) {
			double start = now();
			step->kind->forward(step, &at);
			double middle = now();
			step->kind->backward(step, &at);
			step->kind->gradient(step, &to);
			double end = now();
			best[0] = middle - start < best[0] ? middle - start : best[0];
			best[1] = end - middle < best[1] ? end - middle : best[1];
		}
		double work = step_flops(step) * kernels->lanes * 1e-9;
		printf("layer  %-24s forward %6.1f GFLOP/s, back %6.1f GFLOP/s\n", step->text, work / best[0],
			2 * work / best[1]);
		free(memory);
		free(g);
	}
	ae_net_free(net);
}

static void train(const char *text, const char *out, const struct ae_shape *shape, enum ae_loss loss, size_t rows,
	size_t batch, int epochs)
{
	struct ae_error err;
	struct ae_net *net;
	size_t width = ae_shape_size(shape);
	float *x = malloc(rows * width * sizeof(*x));
	if (!x)
		exit(1);
	for (size_t i = 0; i < rows * width; i++)
		x[i] = (float)ae_rng_uniform(1, 0, i);
	if (ae_net_parse(&net, text, NULL, out, shape, &err) != 0)
		die(&err);
	for (int threads = 1; threads <= 2; threads++) {
		struct ae_train_settings settings = {.loss = loss,
			.huber_delta = 1,
			.optimizer = AE_ADAM,
			.lr = 0.001,
			.batch = batch,
			.shuffle = true,
			.threads = threads};
		struct ae_train_data data = {.x = x, .x_type = AE_F32, .rows = rows};
		double best = 1e9, value = 0;
		for (int run = 0; run < 5; run++) {
			struct ae_trainer *trainer;
			double start = now();
			ae_net_init(net, 1);
			if (ae_trainer_new(&trainer, net, &settings, &data, &err) != 0)
				die(&err);
			for (int i = 0; i < epochs; i++)
				if (ae_trainer_epoch(trainer, NULL, NULL, &value, &err) != 0)
					die(&err);
			ae_trainer_free(trainer);
			double took = now() - start;
			best = took < best ? took : best;
		}
		printf("train  %-24.24s %6zu rows, batch %4zu, %2d epochs, %d threads: %8.2f ms  %6.1f GFLOP/s  loss "
		       "%.6f\n",
			text, rows, batch, epochs, threads, best * 1e3,
			flops(net, 1) * (double)rows * epochs / best * 1e-9, value);
	}
	ae_net_free(net);
	free(x);
}

static void infer(const char *text, const char *out, size_t rows)
{
	struct ae_error err;
	struct ae_net *net;
	size_t width = strtoul(text, NULL, 10);
	struct ae_shape shape = ae_shape_vector(width);
	float *x = calloc(rows * width, sizeof(*x)), *y = calloc(rows * width, sizeof(*y));
	if (!x || !y)
		exit(1);
	if (ae_net_parse(&net, text, NULL, out, &shape, &err) != 0)
		die(&err);
	ae_net_init(net, 1);
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
		printf("infer  %-24s %6zu rows, %d threads: %.0f rows/s  %6.1f GFLOP/s; one row %.1f us\n", text, rows,
			threads, (double)rows / best, flops(net, 0) * (double)rows / best * 1e-9, single * 1e6);
	}
	ae_net_free(net);
	free(x);
	free(y);
}

int main(void)
{
	struct ae_error err;
	const struct ae_kernels *kernels;
	if (ae_isa_kernels(&kernels, &err) != 0)
		die(&err);
	printf("kernels: %s, %u lanes\n", kernels->name, kernels->lanes);
	static const char denoiser[] = "conv 16 3x3/2 relu, conv 8 3x3/2 relu | convt 8 3x3/2 relu, "
				       "convt 16 3x3/2 relu, conv 1 3x3 sigmoid";
	static const char photos[] = "conv 16 3x3/2 leakyrelu:0.3 batchnorm, conv 32 3x3/2 leakyrelu:0.3 batchnorm, "
				     "conv 64 3x3/2 leakyrelu:0.3 batchnorm, dense 32 | dense 65536, reshape 32x32x64, "
				     "convt 64 3x3/2 leakyrelu:0.3 batchnorm, convt 32 3x3/2 leakyrelu:0.3 batchnorm, "
				     "convt 16 3x3/2 leakyrelu:0.3 batchnorm, conv 3 3x3 sigmoid";
	static const char ecg[] = "140-32-16-8-16-32-140", fashion[] = "784-64-784";
	struct ae_shape small = {.rank = 3, .dim = {28, 28, 1}}, large = {.rank = 3, .dim = {256, 256, 3}};
	struct ae_shape beat = shape_of(ecg), flat = shape_of(fashion);
	layers(denoiser, &small, kernels);
	layers(photos, &large, kernels);
	train(ecg, "sigmoid", &beat, AE_MAE, 2359, 512, 20);
	train(fashion, "sigmoid", &flat, AE_MSE, 60000, 32, 1);
	train(denoiser, NULL, &small, AE_MSE, 12000, 32, 1);
	train(photos, NULL, &large, AE_MSE, 64, 32, 1);
	infer("140-32-16-8-16-32-140", "sigmoid", 50000);
	infer("784-64-784", "sigmoid", 20000);
	return 0;
}
