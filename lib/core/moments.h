/* SPDX-License-Identifier: MIT */
/* Count, mean and variance of a series of values, in one pass and without the cancellation that a sum of squares has
   where the mean is large. Adding a value: Welford, "Note on a method for calculating corrected sums of squares and
   products", Technometrics 4 (1962). Merging two series: Chan, Golub and LeVeque, "Updating formulae and a pairwise
   algorithm for computing sample variances", Stanford STAN-CS-79-773 (1979). */
#ifndef AE_CORE_MOMENTS_H
#define AE_CORE_MOMENTS_H

#include <math.h>

/* All zero is an empty series. A plain value: copy it, share it between threads as any other. */
struct ae_moments {
	double count; /* of values, a whole number */
	double mean;  /* in the unit of the values */
	double m2;    /* sum of squared deviations from the mean, in that unit squared */
};

/* Adds a value, which must not be NaN. The result depends on the order of the values in its last bits. Inline, since
   fitting a scaler calls it for every value of a stream. */
static inline void ae_moments_add(struct ae_moments *moments, double value)
{
	double delta = value - moments->mean;
	moments->count++;
	moments->mean += delta / moments->count;
	moments->m2 += delta * (value - moments->mean);
}

/* Adds the values of another series. */
static inline void ae_moments_merge(struct ae_moments *moments, const struct ae_moments *other)
{
	if (other->count == 0)
		return;
	double count = moments->count + other->count, delta = other->mean - moments->mean;
	moments->m2 += other->m2 + delta * delta * (moments->count * (other->count / count));
	moments->mean += delta * (other->count / count);
	moments->count = count;
}

/* Standard deviation of the population (divided by count, not count - 1), in the unit of the values; 0 if empty. */
static inline double ae_moments_sd(const struct ae_moments *moments)
{
	return moments->count > 0 ? sqrt(moments->m2 / moments->count) : 0;
}

#endif
