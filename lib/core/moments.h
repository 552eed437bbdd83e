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

/* The same for values whose mean may be large beside their spread, 1e9 beside 1e-3: there the running mean loses
   digits at each step. Differences from the first value are exact then, and their sums tell whether it did. Where it
   did not, mean and deviation are those of struct ae_moments, to the bit. All zero is an empty series. */
struct ae_offset_moments {
	struct ae_moments running;
	double offset;       /* the first value */
	double sum, squares; /* of the values less the offset */
};

static inline void ae_offset_moments_add(struct ae_offset_moments *moments, double value)
{
	if (moments->running.count == 0)
		moments->offset = value;
	ae_moments_add(&moments->running, value);
	double gap = value - moments->offset;
	moments->sum += gap;
	moments->squares += gap * gap;
}

/* Adds the values of another series. */
static inline void ae_offset_moments_merge(struct ae_offset_moments *moments, const struct ae_offset_moments *other)
{
	if (moments->running.count == 0)
		moments->offset = other->offset;
	double gap = other->offset - moments->offset, count = other->running.count;
	ae_moments_merge(&moments->running, &other->running);
	moments->sum += other->sum + count * gap;
	moments->squares += other->squares + gap * (2 * other->sum + count * gap);
}

/* Mean, and standard deviation of the population; 0 if empty. */
static inline void ae_offset_moments_get(const struct ae_offset_moments *moments, double *mean, double *sd)
{
	double count = moments->running.count, about = count > 0 ? moments->sum / count : 0;
	double m2 = moments->squares - moments->sum * about, spread = m2 > 0 ? sqrt(m2 / count) : 0;
	double exact = moments->offset + about;
	*mean = moments->running.mean;
	*sd = ae_moments_sd(&moments->running);
	/* A billionth of the deviation is less than f32 resolves. */
	if (spread > 0 && isfinite(spread) && fabs(exact - *mean) + fabs(spread - *sd) > 1e-9 * spread) {
		*mean = exact;
		*sd = spread;
	}
}

#endif
