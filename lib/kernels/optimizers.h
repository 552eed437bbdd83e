/* SPDX-License-Identifier: MIT */
/* Optimisers: a table with one row for each, Keras's rules on ranges of the flat weight vector. */
#ifndef AE_KERNELS_OPTIMIZERS_H
#define AE_KERNELS_OPTIMIZERS_H

#include <stdbool.h>
#include <stddef.h>

/* One step's numbers. */
struct ae_update {
	float rate;      /* learning rate */
	float adam_rate; /* the same with Adam's bias corrections: rate * sqrt(1 - 0.999^t) / (1 - 0.9^t) */
	float momentum, weight_decay;
};

struct ae_optimizer {
	const char *name;                    /* at most 15 characters */
	size_t moments;                      /* vectors of the weights' length that it keeps, at most 2 */
	bool takes_momentum, decays_weights; /* uses momentum; uses weight_decay */
	/* Moves n weights w by their gradient g; moment2 is NULL with one moment. */
	void (*apply)(
		float *w, float *moment1, float *moment2, const float *g, size_t n, const struct ae_update *update);
};

#endif
