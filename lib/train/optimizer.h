/* SPDX-License-Identifier: MIT */
/* Optimisers: Keras's rules on ranges of the flat vector, so that threads can share a step. */
#ifndef AE_TRAIN_OPTIMIZER_H
#define AE_TRAIN_OPTIMIZER_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "kernels/kernels.h"

enum ae_optimizer { AE_ADAM, AE_SGD, AE_OPTIMIZERS };

/* "adam", "sgd". */
const char *ae_optimizer_name(enum ae_optimizer optimizer);
/* A usage error that lists the names if there is no such optimiser. */
int ae_optimizer_find(enum ae_optimizer *optimizer, const char *name, struct ae_error *err) AE_MUST_CHECK;
/* Vectors of the weights' length that it keeps: 2 for adam (first and second moment), 1 for sgd (velocity). */
size_t ae_optimizer_moments(enum ae_optimizer optimizer);

/* One step's numbers. */
struct ae_optim {
	enum ae_optimizer optimizer;
	struct ae_adam adam;
	float rate, momentum;
};

/* `step` counts the steps done before this one; the rate is lr / (1 + decay * step). Adam: beta 0.9 and 0.999,
   w -= rate * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + 1e-7), t = step + 1. Sgd: velocity = momentum * velocity -
   rate * g, w += velocity. */
struct ae_optim ae_optim_step(enum ae_optimizer optimizer, double lr, double decay, double momentum, uint64_t step);

/* Moves n weights by their gradient g. */
void ae_optim_apply(const struct ae_optim *optim, const struct ae_kernels *kernels, float *w, float *moment1,
	float *moment2, const float *g, size_t n);

#endif
