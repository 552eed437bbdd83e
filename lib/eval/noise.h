/* SPDX-License-Identifier: MIT */
/* Noise for denoising autoencoders: a function of seed, row and element, independent of how rows come in batches. */
#ifndef AE_EVAL_NOISE_H
#define AE_EVAL_NOISE_H

#include <stdbool.h>

#include "core/tensor.h"

/* The noise to add. A kind whose amount is 0 adds nothing. */
struct ae_noise {
	double gaussian;    /* standard deviation of the normal noise added, in the unit of the values */
	double salt_pepper; /* fraction of the elements set to low or high, each with equal probability */
	double mask;        /* fraction of the elements set to 0 */
	bool clip;          /* to [low, high] */
	double low, high;   /* also the values of salt and pepper */
	uint64_t seed;
};

/* Adds noise to `rows` rows of n numbers (f32 or f64) in place; `first` is the number of the first row in its stream.
   In this order: gaussian, salt and pepper, mask, clip. NaN stays NaN. Normal numbers by Box and Muller (1958) from
   Philox4x32-10 (rng.h). */
void ae_noise_add(const struct ae_noise *noise, void *values, enum ae_type type, size_t n, uint64_t first, size_t rows);

#endif
