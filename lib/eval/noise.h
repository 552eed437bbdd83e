/* SPDX-License-Identifier: MIT */
/* Noise for denoising autoencoders: a function of seed, row and element, whatever the batches. */
#ifndef AE_EVAL_NOISE_H
#define AE_EVAL_NOISE_H

#include <stdbool.h>

#include "core/tensor.h"

struct ae_noise {
	double gaussian;    /* standard deviation of what is added */
	double salt_pepper; /* share of the elements set to high or low, evenly */
	double mask;        /* share of the elements set to 0 */
	bool clip;
	double low, high; /* of clip, salt and pepper; 0 and 1 without clip */
	uint64_t seed;
};

/* Adds noise to `rows` rows of n numbers (f32 or f64) in place; `first` is the number of the first row in its stream.
   In this order: gaussian, salt and pepper, mask, clip. NaN stays NaN. Normal numbers by Box and Muller (1958) from
   Philox4x32-10 (rng.h). */
void ae_noise_add(const struct ae_noise *noise, void *values, enum ae_type type, size_t n, uint64_t first, size_t rows);

#endif
