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
   digits at each step. Blocks of values, summed as differences from their first one and merged under a mean of two
   doubles, tell whether it did. Where it did not, mean and deviation are those of struct ae_moments, to the bit. Values
   whose squares are more than a double holds do no harm. All zero is an empty series. */
struct ae_offset_moments {
	struct ae_moments running;
	/* private */
	struct ae_moments blocks; /* of the blocks before the present one */
	double low;               /* what blocks.mean leaves out */
	double offset;            /* the first value of the present block */
	double sum, squares;      /* of its values less that */
	double unit;              /* all of this is in it; 0 stands for 1 */
	double limit;             /* values from this size on are rare, and looked at closely; 0 makes all of them so */
	int left;                 /* values until the present block is full; 0: there is none */
};

/* Values of a block: their differences from one of them cancel no more digits than this number has. */
enum { AE_MOMENTS_BLOCK = 256 };

/* Parts of ae_offset_moments_add: the value in the series' unit, which may change; the present block's end. */
double ae_offset_moments_prepare(struct ae_offset_moments *moments, double value);
void ae_offset_moments_end_block(struct ae_offset_moments *moments);

/* Adds a finite value. */
static inline void ae_offset_moments_add(struct ae_offset_moments *moments, double value)
{
	if (fabs(value) >= moments->limit)
		value = ae_offset_moments_prepare(moments, value);
	if (moments->left == 0) {
		moments->offset = value;
		moments->left = AE_MOMENTS_BLOCK;
	}
	ae_moments_add(&moments->running, value);
	double gap = value - moments->offset;
	moments->sum += gap;
	moments->squares += gap * gap;
	if (--moments->left == 0)
		ae_offset_moments_end_block(moments);
}

/* Adds the values of another series. */
void ae_offset_moments_merge(struct ae_offset_moments *moments, const struct ae_offset_moments *other);
/* Mean, and standard deviation of the population; 0 if empty. */
void ae_offset_moments_get(const struct ae_offset_moments *moments, double *mean, double *sd);

#endif
