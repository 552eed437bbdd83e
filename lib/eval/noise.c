/* SPDX-License-Identifier: MIT */
/* Adds noise to values. */
#include "eval/noise.h"

#include <math.h>

#include "core/rng.h"

/* Each kind of noise has its own stream of random numbers. */
enum { GAUSSIAN, SALT_PEPPER, MASK };

static double disturb(const struct ae_noise *noise, double value, uint64_t i)
{
	if (noise->gaussian > 0)
		value += noise->gaussian * ae_rng_normal(noise->seed, AE_RNG_HI(AE_RNG_NOISE, GAUSSIAN), i);
	if (noise->salt_pepper > 0) {
		double draw = ae_rng_uniform(noise->seed, AE_RNG_HI(AE_RNG_NOISE, SALT_PEPPER), i);
		if (draw < noise->salt_pepper)
			value = draw < noise->salt_pepper / 2 ? noise->low : noise->high;
	}
	if (noise->mask > 0 && ae_rng_uniform(noise->seed, AE_RNG_HI(AE_RNG_NOISE, MASK), i) < noise->mask)
		value = 0;
	if (noise->clip)
		value = value < noise->low ? noise->low : value > noise->high ? noise->high : value;
	return value;
}

void ae_noise_add(const struct ae_noise *noise, void *values, enum ae_type type, size_t n, uint64_t first, size_t rows)
{
	float *f32 = values;
	double *f64 = values;
	for (size_t i = 0; i < rows * n; i++) {
		uint64_t at = first * n + i;
		if (type == AE_F32)
			f32[i] = isnan(f32[i]) ? f32[i] : ae_f32_of(disturb(noise, f32[i], at));
		else
			f64[i] = isnan(f64[i]) ? f64[i] : disturb(noise, f64[i], at);
	}
}
