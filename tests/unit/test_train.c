/* SPDX-License-Identifier: MIT */
/* Training runs against PyTorch's numbers (expected/train.py): losses and weights, step by step. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "train/trainer.h"

#include "expected/train.h"

static struct ae_error err;

static struct ae_net *parse(const char *text, const char *act, const char *out, size_t width)
{
	struct ae_net *net = NULL;
	struct ae_shape shape = ae_shape_vector(width);
	if (ae_net_parse(&net, text, act, out, &shape, &err) != 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	return net;
}

static struct ae_trainer *trainer_of(
	struct ae_net *net, const struct ae_train_settings *settings, const struct ae_train_data *data)
{
	struct ae_trainer *trainer = NULL;
	if (ae_trainer_new(&trainer, net, settings, data, &err) != 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	return trainer;
}

static double epochs(struct ae_trainer *trainer, int n)
{
	double loss = 0;
	for (int i = 0; i < n; i++)
		CHECK(ae_trainer_epoch(trainer, NULL, NULL, &loss) == 0, "epoch %d", i);
	return loss;
}

/* PyTorch's numbers: optimisers, losses, decay, the short last batch. */
static void parity(void)
{
	float x[10 * 3];
	for (int r = 0; r < 10; r++)
		for (int c = 0; c < 3; c++)
			x[r * 3 + c] = (float)((1 + cos(3 * r + c + 1)) / 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ae_net *net = parse("3-4-3", "tanh", "sigmoid", 3);
		float *w = ae_net_weights(net);
		for (int j = 0; j < 31; j++)
			w[j] = (float)(sin(j + 1) / 2);
		struct ae_train_settings settings = {.loss = cases[i].loss,
			.huber_delta = 0.25,
			.epochs = 1,
			.optimizer = cases[i].optimizer,
			.lr = cases[i].lr,
			.decay = cases[i].decay,
			.momentum = cases[i].momentum,
			.weight_decay = cases[i].weight_decay,
			.trim = cases[i].trim,
			.batch = 4,
			.threads = 1};
		struct ae_train_data data = {.x = x, .x_type = AE_F32, .rows = 10};
		struct ae_trainer *trainer = trainer_of(net, &settings, &data);
		for (int e = 0; e < 3; e++) {
			double loss = epochs(trainer, 1);
			CHECK(fabs(loss - cases[i].losses[e]) < 1e-6, "case %zu, epoch %d: loss %.9f, not %.9f", i, e,
				loss, cases[i].losses[e]);
		}
		for (int j = 0; j < 31; j++)
			CHECK(fabs((double)w[j] - cases[i].weights[j]) < 2e-6, "case %zu, weight %d: %.9f, not %.9f", i,
				j, (double)w[j], cases[i].weights[j]);
		ae_trainer_free(trainer);
		ae_net_free(net);
	}
	check_group("PyTorch's numbers");
}

#define ROWS 203
#define WIDTH 21

static float rows[ROWS * WIDTH];

static void make_rows(void)
{
	for (int r = 0; r < ROWS; r++)
		for (int c = 0; c < WIDTH; c++)
			rows[r * WIDTH + c] = (float)(0.5 + 0.4 * sin(0.3 * c + 0.7 * r) * cos(0.01 * r));
}

static const struct ae_train_data toy = {.x = rows, .x_type = AE_F32, .rows = ROWS};

static struct ae_train_settings toy_settings(size_t batch, int threads)
{
	return (struct ae_train_settings){.loss = "mse",
		.huber_delta = 1,
		.epochs = 1,
		.optimizer = "adam",
		.lr = 0.01,
		.decay = 1e-3,
		.seed = 9,
		.batch = batch,
		.shuffle = true,
		.threads = threads};
}

static void threads(void)
{
	static const size_t batches[] = {1, 7, 16, 17, 64, 512};
	for (size_t b = 0; b < sizeof(batches) / sizeof(batches[0]); b++) {
		struct ae_net *first = NULL;
		double loss = 0;
		for (int j = 1; j <= 4; j++) {
			struct ae_net *net = parse("21-40-3-40-21", "elu", "sigmoid", WIDTH);
			ae_net_init(net, 5);
			struct ae_train_settings settings = toy_settings(batches[b], j);
			struct ae_trainer *trainer = trainer_of(net, &settings, &toy);
			double now = epochs(trainer, 3), measured;
			CHECK(ae_trainer_evaluate(trainer, &toy, &measured, &err) == 0, "%s", err.text);
			now += measured;
			ae_trainer_free(trainer);
			if (!first) {
				first = net;
				loss = now;
				continue;
			}
			CHECK(memcmp(&now, &loss, sizeof(now)) == 0, "batch %zu: %d threads: loss %.17g, not %.17g",
				batches[b], j, now, loss);
			CHECK(memcmp(ae_net_weights(net), ae_net_weights(first),
				      ae_net_weight_count(net) * sizeof(float)) == 0,
				"batch %zu: %d threads give other weights", batches[b], j);
			ae_net_free(net);
		}
		ae_net_free(first);
	}
	check_group("threads change nothing");
}

static void resume(void)
{
	for (size_t optimizer = 0; ae_optimizer_name(optimizer); optimizer++) {
		struct ae_train_settings settings = toy_settings(32, 2);
		settings.optimizer = ae_optimizer_name(optimizer);
		settings.momentum = 0.5;
		struct ae_net *whole = parse("21-8-21", "relu", "sigmoid", WIDTH),
			      *parts = parse("21-8-21", "relu", "sigmoid", WIDTH);
		ae_net_init(whole, 1);
		ae_net_init(parts, 1);
		struct ae_trainer *a = trainer_of(whole, &settings, &toy);
		double once = epochs(a, 20);
		struct ae_trainer *b = trainer_of(parts, &settings, &toy);
		epochs(b, 10);
		struct ae_train_state state;
		ae_trainer_state(b, &state);
		CHECK(state.epochs == 10 && state.steps == 70, "%d epochs, %d steps", (int)state.epochs,
			(int)state.steps);
		struct ae_trainer *c = trainer_of(parts, &settings, &toy);
		CHECK(ae_trainer_restore(c, &state, &err) == 0, "%s", err.text);
		ae_trainer_free(b);
		double twice = epochs(c, 10);
		CHECK(memcmp(&once, &twice, sizeof(once)) == 0, "loss %.17g, not %.17g", twice, once);
		CHECK(memcmp(ae_net_weights(whole), ae_net_weights(parts),
			      ae_net_weight_count(whole) * sizeof(float)) == 0,
			"other weights");
		state.moments = 3 - state.moments;
		CHECK(ae_trainer_restore(c, &state, &err) == -1, "another optimiser's state is taken");
		ae_trainer_free(a);
		ae_trainer_free(c);
		ae_net_free(whole);
		ae_net_free(parts);
	}
	check_group("resume");
}

static void types(void)
{
	uint8_t bytes[ROWS * WIDTH];
	float floats[ROWS * WIDTH];
	double doubles[ROWS * WIDTH];
	for (int i = 0; i < ROWS * WIDTH; i++) {
		bytes[i] = (uint8_t)(3 * rows[i]);
		floats[i] = (float)bytes[i];
		doubles[i] = bytes[i];
	}
	const struct ae_train_data data[] = {
		{.x = floats, .x_type = AE_F32, .rows = ROWS},
		{.x = bytes, .x_type = AE_U8, .rows = ROWS},
		{.x = doubles, .x_type = AE_F64, .target = bytes, .target_type = AE_U8, .rows = ROWS},
		{.x = bytes, .x_type = AE_U8, .target = doubles, .target_type = AE_F64, .rows = ROWS},
	};
	double first = 0;
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		struct ae_net *net = parse("21-8-21", "relu", "linear", WIDTH);
		ae_net_init(net, 1);
		struct ae_train_settings settings = toy_settings(20, 2);
		struct ae_trainer *trainer = trainer_of(net, &settings, &data[i]);
		double loss = epochs(trainer, 2);
		first = i ? first : loss;
		CHECK(memcmp(&loss, &first, sizeof(loss)) == 0, "data %zu: loss %.17g, not %.17g", i, loss, first);
		ae_trainer_free(trainer);
		ae_net_free(net);
	}
	check_group("number types");
}

static int stop_at(void *arg, size_t step, size_t steps, double loss)
{
	size_t *last = arg;
	CHECK(step == *last + 1 && steps == 7 && loss > 0, "step %zu of %zu, loss %g", step, steps, loss);
	*last = step;
	return step == 5;
}

static void learns(void)
{
	struct ae_net *net = parse("21-16-2-16-21", "tanh", "sigmoid", WIDTH);
	ae_net_init(net, 3);
	struct ae_train_settings settings = toy_settings(32, 1);
	settings.decay = 0;
	struct ae_trainer *trainer = trainer_of(net, &settings, &toy);
	double before, loss, after;
	CHECK(ae_trainer_evaluate(trainer, &toy, &before, &err) == 0, "%s", err.text);
	loss = epochs(trainer, 100);
	CHECK(ae_trainer_evaluate(trainer, &toy, &after, &err) == 0, "%s", err.text);
	CHECK(after < before / 10 && fabs(after - loss) < before / 50, "from %g to %g, %g", before, after, loss);
	size_t last = 0;
	CHECK(ae_trainer_epoch(trainer, stop_at, &last, &loss) == 1, "not stopped");
	CHECK(last == 5, "stopped after %zu", last);
	struct ae_train_state state;
	ae_trainer_state(trainer, &state);
	CHECK(state.epochs == 100 && state.steps == 705, "%d epochs, %d steps", (int)state.epochs, (int)state.steps);
	ae_trainer_free(trainer);
	ae_net_free(net);
	check_group("the loss falls");
}

static void refusals(void)
{
	struct ae_trainer *trainer;
	struct ae_net *net = parse("21-8-20", NULL, NULL, WIDTH);
	struct ae_train_settings settings = toy_settings(32, 1);
	CHECK(ae_trainer_new(&trainer, net, &settings, &toy, &err) == -1, "20 of 21");
	CHECK(strstr(err.text, "[20] of [21]") != NULL, "%s", err.text);
	ae_net_free(net);
	net = parse("21-8-21", NULL, NULL, WIDTH);
	struct ae_train_data none = {.x = rows, .x_type = AE_F32};
	CHECK(ae_trainer_new(&trainer, net, &settings, &none, &err) == -1, "no rows");
	settings.batch = 0;
	CHECK(ae_trainer_new(&trainer, net, &settings, &toy, &err) == -1 && err.status == AE_STATUS_USAGE, "no batch");
	ae_net_free(net);
	net = parse("flatten |", NULL, NULL, WIDTH);
	settings.batch = 1;
	CHECK(ae_trainer_new(&trainer, net, &settings, &toy, &err) == -1, "nothing to train");
	ae_net_free(net);
	check_group("refusals");
}

int main(void)
{
	make_rows();
	parity();
	threads();
	resume();
	types();
	learns();
	refusals();
	return check_done();
}
