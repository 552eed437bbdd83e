/* How fast the compute side is: training and inference, at 1 and at 2 threads. Prints a table; takes no arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

/* Multiplications and additions of one row: forward, and for training both gradients. */
static double flops(const struct ae_net *net, int training)
{
	double forward = 0, first = 0;
	for (size_t i = 0; i < ae_net_layers(net); i++) {
		forward += 2.0 * (double)ae_net_layer_params(net, i);
		first = i == 0 ? forward : first;
	}
	return training ? 3 * forward - first : forward;
}

static void train(const char *text, const char *out, enum ae_loss loss, size_t rows, size_t batch, int epochs)
{
	struct ae_error err;
	struct ae_net *net;
	size_t width = strtoul(text, NULL, 10);
	struct ae_shape shape = ae_shape_vector(width);
	float *x = malloc(rows * width * sizeof(*x));
	if (!x)
		exit(1);
	for (size_t i = 0; i < rows * width; i++)
		x[i] = (float)ae_rng_uniform(1, 0, i);
	if (ae_net_parse(&net, text, NULL, out, &shape, &err) != 0)
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
		printf("train  %-24s %6zu rows, batch %4zu, %2d epochs, %d threads: %8.2f ms  %6.1f GFLOP/s  loss "
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
	printf("kernels: %s, %u lanes\n", kernels->name, kernels->width);
	train("140-32-16-8-16-32-140", "sigmoid", AE_MAE, 2359, 512, 20);
	train("784-64-784", "sigmoid", AE_MSE, 60000, 32, 1);
	infer("140-32-16-8-16-32-140", "sigmoid", 50000);
	infer("784-64-784", "sigmoid", 20000);
	return 0;
}
