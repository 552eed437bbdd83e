/* SPDX-License-Identifier: MIT */
/* Quantiles as NumPy's "linear" method gives them, to the bit. */
#ifndef AE_CORE_QUANTILE_H
#define AE_CORE_QUANTILE_H

#include <stddef.h>

/* Sorts ascending, in place and without other memory; -0 comes before 0. No NaN. */
void ae_sort_f64(double *values, size_t n);

/* Moves values so that at each of the ranks, below n, stands what sorting by ae_sort_f64 would leave there, in its
   bits: less work than that by a factor that grows with n. Sorts the ranks. No NaN. */
void ae_select_f64(double *values, size_t n, size_t *ranks, size_t count);

/* The quantile q in [0, 1] of n >= 1 sorted values: numpy.quantile's linear interpolation (numpy/lib, _lerp). */
double ae_quantile(const double *sorted, size_t n, double q);

/* Its interpolation between two neighbours, for t in [0, 1). */
double ae_quantile_between(double a, double b, double t);

/* The first of the two ranks, neighbours, that ae_quantile looks at; the last rank where there is one alone. */
size_t ae_quantile_rank(size_t n, double q);

/* The middle of n >= 1 sorted values, the mean of the two middle ones if n is even, like numpy.median. */
double ae_median(const double *sorted, size_t n);

/* The median absolute deviation from the median, of n >= 1 sorted values, in their bits that of sorting the deviations.
   Neither changes them nor takes memory. */
double ae_median_deviation(const double *sorted, size_t n);

#endif
