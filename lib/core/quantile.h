/* SPDX-License-Identifier: MIT */
/* Quantiles as NumPy's "linear" method gives them, to the bit. */
#ifndef AE_CORE_QUANTILE_H
#define AE_CORE_QUANTILE_H

#include <stddef.h>

/* Sorts ascending, in place and without other memory; -0 comes before 0. No NaN. */
void ae_sort_f64(double *values, size_t n);

/* The quantile q in [0, 1] of n >= 1 sorted values: numpy.quantile's linear interpolation (numpy/lib, _lerp). */
double ae_quantile(const double *sorted, size_t n, double q);

/* Its interpolation between two neighbours, for t in [0, 1). */
double ae_quantile_between(double a, double b, double t);

/* The middle of n >= 1 sorted values, the mean of the two middle ones if n is even, like numpy.median. */
double ae_median(const double *sorted, size_t n);

/* The median absolute deviation from the median, of n >= 1 sorted values, in their bits that of sorting the deviations.
   Neither changes them nor takes memory. */
double ae_median_deviation(const double *sorted, size_t n);

#endif
