/* SPDX-License-Identifier: MIT */
/* The gradient checker: what the trainer computes as the gradient against central differences of the loss.
   A new layer, activation or loss is one row in test_gradients.c. */
#ifndef GRADCHECK_H
#define GRADCHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/rng.h"
#include "train/trainer.h"

/* How near to the differences a gradient must be: absolute + relative * |difference|. */
struct gradcheck_limits {
	double step, absolute, relative;
	bool single; /* the loss takes the weights in single precision, and may have kinks (relu, mae, maxpool) */
};

/* A loss computed from the weights at w. */
typedef double gradcheck_loss(void *arg, const double *w);

/* Ends the test where it cannot go on. */
static inline void gradcheck_require(int rc, const char *what, const struct ae_error *err)
{
	if (rc == 0)
		return;
	printf("not ok - %s: %s\n", what, err->text);
	exit(1);
}

/* The slope of the loss along w[i] on both sides of it; returns the slope of both together. */
static inline double gradcheck_slopes(
	gradcheck_loss *loss, void *arg, double *w, size_t i, double step, bool single, double slopes[2])
{
	double kept = w[i], middle = loss(arg, w), at[2] = {kept - step, kept + step}, value[2];
	for (int side = 0; side < 2; side++) {
		w[i] = at[side] = single ? (double)(float)at[side] : at[side];
		value[side] = loss(arg, w);
		slopes[side] = (value[side] - middle) / (at[side] - kept);
	}
	w[i] = kept;
	return (value[1] - value[0]) / (at[1] - at[0]);
}

/* A central difference with a step and with half of it. *doubt bounds what a kink within the step does to the result:
   a kink at distance s makes the slopes of both sides differ by c (1 - s/step), where a smooth loss has a difference
   that halves with the step. */
static inline double gradcheck_difference(
	gradcheck_loss *loss, void *arg, double *w, size_t i, const struct gradcheck_limits *limits, double *doubt)
{
	double slopes[2], halves[2];
	double whole = gradcheck_slopes(loss, arg, w, i, limits->step, limits->single, slopes);
	*doubt = 0;
	if (!limits->single)
		return whole;
	double half = gradcheck_slopes(loss, arg, w, i, limits->step / 2, limits->single, halves);
	*doubt = fabs(whole - half) + fabs(slopes[1] - slopes[0] - 2 * (halves[1] - halves[0]));
	return half;
}

/* The gradient g with respect to the network's weights against differences of `loss`. A weight with a kink near it is
   held to what the differences can tell; at least two thirds of the weights must have none. */
static inline void gradcheck_compare(const char *what, struct ae_net *net, const double *g, gradcheck_loss *loss,
	void *arg, const struct gradcheck_limits *limits)
{
	size_t n = ae_net_weight_count(net), trained = 0, doubtful = 0;
	double largest = 0, *w = calloc(n + 1, sizeof(*w));
	for (size_t i = 0; i < n; i++)
		w[i] = (double)ae_net_weights(net)[i];
	for (size_t p = 0; p < ae_net_params(net); p++) {
		const struct ae_param *param = ae_net_param(net, p);
		for (size_t i = 0; param->trained && i < ae_shape_size(&param->shape); i++, trained++) {
			size_t at = param->offset + i;
			double doubt, expected = gradcheck_difference(loss, arg, w, at, limits, &doubt);
			double most = limits->absolute + limits->relative * fabs(expected);
			doubtful += doubt > 4 * most;
			largest = fmax(largest, fabs(expected));
			CHECK(fabs(g[at] - expected) <= most + doubt, "%s: %s[%zu]: gradient %.9g, not %.9g", what,
				param->name, i, g[at], expected);
		}
	}
	CHECK(largest > 100 * limits->absolute, "%s: the largest gradient is %g", what, largest);
	CHECK(doubtful * 3 <= trained, "%s: kinks at %zu of %zu weights", what, doubtful, trained);
	free(w);
}

/* ---- a network under its own trainer ---- */

/* One step of plain gradient descent over all rows; returns the loss before it. With lr 1 the weights lose their
   gradient, with lr 0 only the loss is computed, as in training: batch statistics, the same dropout every time. */
static inline double gradcheck_step(struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, double lr, const char *what)
{
	struct ae_train_settings s = *settings;
	struct ae_trainer *trainer = NULL;
	struct ae_error err;
	double loss = NAN;
	s.optimizer = "sgd";
	s.batch = data->rows;
	s.lr = lr;
	s.decay = s.momentum = 0;
	gradcheck_require(ae_trainer_new(&trainer, net, &s, data, &err), what, &err);
	gradcheck_require(ae_trainer_epoch(trainer, NULL, NULL, &loss), what, &err);
	ae_trainer_free(trainer);
	return loss;
}

/* The trainer's gradient with respect to the network's weights, which stay as they are. */
static inline void gradcheck_gradient(struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, double *g, const char *what)
{
	size_t n = ae_net_weight_count(net);
	float *kept = calloc(n + 1, sizeof(*kept)), *w = ae_net_weights(net);
	memcpy(kept, w, n * sizeof(*w));
	gradcheck_step(net, settings, data, 1, what);
	for (size_t i = 0; i < n; i++)
		g[i] = (double)kept[i] - (double)w[i];
	memcpy(w, kept, n * sizeof(*w));
	free(kept);
}

struct gradcheck_training {
	struct ae_net *net;
	const struct ae_train_settings *settings;
	const struct ae_train_data *data;
	const char *what;
};

static inline double gradcheck_training_loss(void *arg, const double *w)
{
	const struct gradcheck_training *t = arg;
	for (size_t i = 0; i < ae_net_weight_count(t->net); i++)
		ae_net_weights(t->net)[i] = (float)w[i];
	return gradcheck_step(t->net, t->settings, t->data, 0, t->what);
}

static inline float *gradcheck_draw(size_t n, uint64_t seed, uint64_t stream, bool uniform)
{
	float *x = calloc(n + 1, sizeof(*x));
	for (size_t i = 0; i < n; i++)
		x[i] = uniform ? (float)(0.05 + 0.9 * ae_rng_uniform(seed, stream, i))
			       : (float)ae_rng_normal(seed, stream, i);
	return x;
}

static inline void gradcheck_text(const char *text, const struct ae_shape *input, const char *loss, uint64_t seed)
{
	enum { ROWS = 21 };
	struct ae_error err;
	struct ae_net *net = NULL;
	struct ae_train_settings settings = {.loss = loss, .huber_delta = 0.3, .epochs = 1, .threads = 2};
	gradcheck_require(ae_net_parse(&net, text, NULL, NULL, input, &err), text, &err);
	size_t n = ae_net_weight_count(net);
	float *x = gradcheck_draw(ROWS * ae_shape_size(input), seed, 1, false),
	      *t = gradcheck_draw(ROWS * ae_shape_size(ae_net_output(net)), seed, 2, true);
	double *g = calloc(n + 1, sizeof(*g));
	ae_net_init(net, seed);
	for (size_t p = 0; p < ae_net_params(net); p++) { /* biases that are not 0, scales that are not 1 */
		const struct ae_param *param = ae_net_param(net, p);
		for (size_t i = 0; param->trained && param->shape.rank == 1 && i < param->shape.dim[0]; i++)
			ae_net_weights(net)[param->offset + i] += (float)(0.2 * ae_rng_normal(seed, 3 + p, i));
	}
	struct ae_train_data data = {.x = x, .x_type = AE_F32, .target = t, .target_type = AE_F32, .rows = ROWS};
	struct gradcheck_training training = {net, &settings, &data, text};
	gradcheck_gradient(net, &settings, &data, g, text);
	settings.threads = 1;
	gradcheck_compare(text, net, g, gradcheck_training_loss, &training,
		&(struct gradcheck_limits){.step = 1.0 / 512, .absolute = 5e-5, .relative = 5e-3, .single = true});
	ae_net_free(net);
	free(x);
	free(t);
	free(g);
}

/* The gradient with respect to every weight of the network `text` for rows of shape `input`, under `loss`. Then the
   same below a layer with weights of its own, which get their gradient through this network's input: so the gradient
   with respect to the input is checked as well. */
static inline void gradcheck(const char *text, struct ae_shape input, const char *loss, uint64_t seed)
{
	char below[600];
	if (input.rank == 3)
		snprintf(below, sizeof(below), "conv %u 3x3, %s", input.dim[2], text);
	else if (input.rank == 2)
		snprintf(below, sizeof(below), "conv1d %u 3, %s", input.dim[1], text);
	else
		snprintf(below, sizeof(below), "dense %zu, %s", ae_shape_size(&input), text);
	gradcheck_text(text, &input, loss, seed);
	gradcheck_text(below, &input, loss, seed);
	snprintf(below, sizeof(below), "%s, loss %s", text, loss);
	check_group(below);
}

#endif
