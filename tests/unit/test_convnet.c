/* SPDX-License-Identifier: MIT */
/* Networks with convolutions, batchnorm, dropout, pooling: outputs, losses and gradients against PyTorch's numbers; the
   same bytes for any number of threads, batch position and instruction set; what does not fit is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/rng.h"
#include "expected/convnet.h"
#include "kernels/dispatch.h"
#include "net/infer.h"
#include "net/net.h"
#include "train/trainer.h"

static struct ae_error err;

static float *wave(size_t n, size_t k, float more)
{
	float *x = calloc(n + 1, sizeof(*x));
	for (size_t i = 0; i < n; i++) {
		double v = (double)i;
		x[i] = (float)((double)(float)(sin((double)k + 1.7 * v + 0.001 * v * v) / 2) + (double)more);
	}
	return x;
}

static struct ae_net *parse(const char *text, const struct ae_shape *input)
{
	struct ae_net *net = NULL;
	if (ae_net_parse(&net, text, NULL, NULL, input, &err) != 0) {
		printf("%s: %s\n", text, err.text);
		exit(1);
	}
	return net;
}

static struct ae_train_settings settings(double lr, size_t batch, int threads)
{
	return (struct ae_train_settings){.loss = "mse",
		.huber_delta = 1,
		.epochs = 1,
		.optimizer = "sgd",
		.lr = lr,
		.batch = batch,
		.threads = threads};
}

/* One epoch on a copy of the weights; returns its loss. */
static double epoch(struct ae_net *net, const struct ae_train_settings *s, const struct ae_train_data *data)
{
	struct ae_trainer *trainer = NULL;
	double loss = NAN;
	if (ae_trainer_new(&trainer, net, s, data, &err) != 0 || ae_trainer_epoch(trainer, NULL, NULL, &loss) != 0)
		CHECK(0, "%s", err.text);
	ae_trainer_free(trainer);
	return loss;
}

static void near(const char *what, const char *text, const float *got, const double *expected, size_t n, double most)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++)
		if (!(fabs((double)got[i] - expected[i]) <= most * (1 + fabs(expected[i]))) && wrong++ < 5)
			printf("%s: %s %zu: %.9g, not %.9g\n", text, what, i, (double)got[i], expected[i]);
	CHECK(wrong == 0, "%s: %u of %zu %s", text, wrong, n, what);
}

static void against_pytorch(void)
{
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		const char *text = cases[k].text;
		struct ae_net *net = parse(text, &cases[k].input);
		size_t n = ae_net_weight_count(net), rows = cases[k].rows, in = ae_shape_size(&cases[k].input);
		CHECK(n == cases[k].weights, "%s: %zu weights, not %zu", text, n, cases[k].weights);
		float *w = wave(n, k, strstr(text, "batchnorm") ? 0.7F : 0), *x = wave(rows * in, 2 + k, 0);
		float *t = wave(rows * cases[k].out, 5 + k, 0), *y = calloc(rows * cases[k].out, sizeof(*y));
		memcpy(ae_net_weights(net), w, n * sizeof(*w));
		struct ae_infer *infer = NULL;
		CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, 1, &err) == 0, "%s", err.text);
		CHECK(ae_infer_rows(infer, x, AE_F32, rows, y, &err) == 0, "%s", err.text);
		near("output", text, y, cases[k].applied, rows * cases[k].out, 3e-6);
		ae_infer_free(infer);
		struct ae_train_settings s = settings(1, 100, 2);
		struct ae_train_data data = {x, AE_F32, t, AE_F32, rows};
		double loss = epoch(net, &s, &data);
		CHECK(fabs(loss - cases[k].loss) < 1e-6 * cases[k].loss, "%s: loss %.9g, not %.9g", text, loss,
			cases[k].loss);
		near("weight", text, ae_net_weights(net), cases[k].after, n, 3e-6);
		ae_net_free(net);
		free(w);
		free(x);
		free(t);
		free(y);
	}
	check_group("PyTorch's numbers");
}

/* Two epochs in batches of 70 of 150 rows. */
static void same_bytes(void)
{
	struct ae_shape input = {.rank = 3, .dim = {6, 6, 1}};
	struct ae_net *net[3];
	for (int i = 0; i < 3; i++) {
		net[i] = parse(
			"conv 5 3x3 relu batchnorm dropout:0.2, conv 3 3x3/2 gelu layernorm | upsample, convt 4 3x3 "
			"relu maxpool silu, convt 1 3x3/2 sigmoid reshape 12x3x1",
			&input);
		ae_net_init(net[i], 1);
		float *x = wave(150 * 36, 3, 0.5F);
		struct ae_train_settings s = settings(0.1, 70, i + 1);
		s.shuffle = true;
		s.optimizer = "adam";
		struct ae_train_data data = {.x = x, .x_type = AE_F32, .rows = 150};
		epoch(net[i], &s, &data);
		epoch(net[i], &s, &data);
		CHECK(i == 0 || memcmp(ae_net_weights(net[0]), ae_net_weights(net[i]),
					ae_net_weight_count(net[0]) * sizeof(float)) == 0,
			"-j 1 and -j %d", i + 1);
		free(x);
	}
	float *x = wave(150 * 36, 4, 0.5F), *y[2] = {calloc(150 * 36, 4), calloc(150 * 36, 4)};
	const char *first = NULL;
	for (unsigned i = 0; ae_isa_name(i); i++) {
		if (strcmp(ae_isa_name(i), "generic") == 0 || !ae_isa_get(i))
			continue;
		setenv("AE_ISA", ae_isa_name(i), 1);
		for (size_t step = 1; step <= 150; step += 149) {
			struct ae_infer *infer = NULL;
			float *to = y[first != NULL];
			CHECK(ae_infer_new(&infer, net[0], AE_NET_WHOLE, 2, &err) == 0, "%s", err.text);
			for (size_t row = 0; row < 150; row += step)
				CHECK(ae_infer_rows(infer, x + row * 36, AE_F32, step, to + row * 36, &err) == 0, "%s",
					err.text);
			ae_infer_free(infer);
			CHECK(!first || memcmp(y[0], y[1], 150 * 36 * sizeof(float)) == 0,
				"%s and %s, %zu rows at a time", first, ae_isa_name(i), step);
			first = first ? first : ae_isa_name(i);
		}
	}
	unsetenv("AE_ISA");
	for (int i = 0; i < 3; i++)
		ae_net_free(net[i]);
	free(x);
	free(y[0]);
	free(y[1]);
	check_group("the same bytes");
}

/* Dropout drops its share, scales the rest, and leaves inference alone. */
static void dropout(void)
{
	struct ae_shape input = ae_shape_vector(50);
	struct ae_net *net = parse("dropout:0.25, dense 1 |", &input);
	float x[50], y = 0, t[400] = {0}, many[400 * 50];
	for (size_t i = 0; i < ae_net_weight_count(net); i++)
		ae_net_weights(net)[i] = i < 50;
	for (size_t i = 0; i < 50; i++)
		x[i] = 1;
	for (size_t i = 0; i < 400 * 50; i++)
		many[i] = 1;
	struct ae_infer *infer = NULL;
	CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, 1, &err) == 0, "%s", err.text);
	CHECK(ae_infer_rows(infer, x, AE_F32, 1, &y, &err) == 0 && y == 50, "%g", (double)y);
	ae_infer_free(infer);
	/* Sums of 50 values of mean 1 and variance 1/3: the mean square is 2500 + 50/3. */
	struct ae_train_data data = {many, AE_F32, t, AE_F32, 400};
	struct ae_train_settings s = settings(0, 32, 1);
	double loss = epoch(net, &s, &data);
	CHECK(fabs(loss - 2516.7) < 60, "%g", loss);
	ae_net_free(net);
	check_group("dropout");
}

static void refused(const char *text, const struct ae_shape *input, int status, const char *expected)
{
	struct ae_net *net = NULL;
	int rc = ae_net_parse(&net, text, NULL, NULL, input, &err);
	CHECK(rc != 0, "%s", text);
	if (rc == 0) {
		ae_net_free(net);
		return;
	}
	CHECK(err.status == status, "%s: status %d", text, err.status);
	CHECK(strcmp(err.text, expected) == 0, "%s: %s", text, err.text);
}

static void refused_sizes(void)
{
	struct ae_shape flat = ae_shape_vector(12), image = {.rank = 3, .dim = {28, 28, 1}};
	refused("conv1d 4", &image, AE_STATUS_USAGE,
		"network: expected a number of channels and a kernel size after \"conv1d\", as in \"conv1d 16 7/2\"");
	refused("convt1d 4 5", &image, AE_STATUS_DATA,
		"network: \"convt1d 4 5\" takes series [time,channels], but a row of the input is [28,28,1]");
	refused("conv1d 4 5", &flat, AE_STATUS_DATA,
		"network: \"conv1d 4 5\" takes series [time,channels], as \"reshape 12x1\" makes them, but a row of "
		"the "
		"input is [12]");
	static const char *const sizes[] = {"3", "3x", "x3", "3x32", "0x3", "3x3/32", "3x3/0", "3x3/", "3x3x3",
		"3x3/2x", "3x3/x2", "3x3/2x32", "3x3/2x2x2", "4294967299x3"};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[64], expected[240];
		snprintf(text, sizeof(text), "conv 4 %s", sizes[i]);
		snprintf(expected, sizeof(expected),
			"network: \"%s\": expected a kernel size from 1x1 to 31x31, and after a slash the stride, from "
			"1 "
			"to 31, as in 3x3/2, or one for each axis, as in 3x5/1x2",
			text);
		refused(text, &image, AE_STATUS_USAGE, expected);
	}
	static const char *const lengths[] = {"x", "0", "32", "7/", "7/0", "7/32", "7x1", "1x7", "7/2x1"};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char text[64], expected[240];
		snprintf(text, sizeof(text), "conv1d 4 %s", lengths[i]);
		snprintf(expected, sizeof(expected),
			"network: \"%s\": expected a kernel size from 1 to 31, and after a slash the stride, from 1 to "
			"31, as in 7/2",
			text);
		refused(text, &image, AE_STATUS_USAGE, expected);
	}
	check_group("sizes that are refused");
}

static void refusals(void)
{
	struct ae_shape flat = ae_shape_vector(12), image = {.rank = 3, .dim = {28, 28, 1}};
	refused("conv 4 3x3", &flat, AE_STATUS_DATA,
		"network: \"conv 4 3x3\" takes images [height,width,channels], but a row of the input is [12]");
	refused("dense 9, convt 4 3x3/2", &image, AE_STATUS_USAGE,
		"network: \"convt 4 3x3/2\" takes images [height,width,channels], but \"dense 9\" before it makes [9]");
	refused("dense 9 relu, reshape 3x3x2", &image, AE_STATUS_USAGE,
		"network: \"reshape 3x3x2\" takes 18 values, but \"dense 9 relu\" before it makes [9]");
	refused("conv 4 3x3 sigmoid flatten maxpool", &image, AE_STATUS_USAGE,
		"network: \"maxpool\" takes images [height,width,channels] of 2x2 pixels or more, but \"conv 4 3x3 "
		"sigmoid flatten\" before it makes [3136]");
	refused("conv 4", &image, AE_STATUS_USAGE,
		"network: expected a number of channels and a kernel size after \"conv\", as in \"conv 16 3x3/2\"");
	refused("dropout:1", &flat, AE_STATUS_USAGE,
		"network: \"dropout:1\": expected a share from 0 to below 1, as in \"dropout:0.2\"");
	refused("dense 4 batchnorm:2", &flat, AE_STATUS_USAGE, "network: \"batchnorm:2\": batchnorm takes no value");
	refused("reshape 3x4x1x1", &flat, AE_STATUS_USAGE,
		"network: \"reshape 3x4x1x1\": expected height, width and channels, as in \"reshape 32x32x64\", or "
		"time "
		"and channels, as in \"reshape 36x8\"");
	refused("reshape 5x2", &flat, AE_STATUS_DATA,
		"network: \"reshape 5x2\" takes 10 values, but a row of the input is [12]");
	refused("reshape 1x12x1, maxpool", &flat, AE_STATUS_USAGE,
		"network: \"maxpool\" takes images [height,width,channels] of 2x2 pixels or more, but \"reshape "
		"1x12x1\" before it makes [1,12,1]");
	struct ae_net *net = parse("dense 12 batchnorm |", &flat);
	struct ae_trainer *trainer = NULL;
	float x[12] = {0};
	struct ae_train_data data = {.x = x, .x_type = AE_F32, .rows = 1};
	struct ae_train_settings s = settings(1, 1, 1);
	CHECK(ae_trainer_new(&trainer, net, &s, &data, &err) != 0, "one row");
	CHECK(err.status == AE_STATUS_USAGE && strstr(err.text, "\"batchnorm\" needs batches of at least 2 rows"), "%s",
		err.text);
	ae_net_free(net);
	check_group("refusals");
}

int main(void)
{
	against_pytorch();
	same_bytes();
	dropout();
	refused_sizes();
	refusals();
	return check_done();
}
