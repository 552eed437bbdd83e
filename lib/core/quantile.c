/* SPDX-License-Identifier: MIT */
/* Sorting and quantiles. */
#include "core/quantile.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void ae_sort_f64(double *values, size_t n)
{
	if (n > 1)
		qsort(values, n, sizeof(*values), ascending);
}

double ae_quantile(const double *sorted, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	double below = floor(at);
	size_t i = (size_t)below;
	if (i >= n - 1)
		return sorted[n - 1];
	double t = at - below;
	double step = sorted[i + 1] - sorted[i];
	return t >= 0.5 ? sorted[i + 1] - step * (1 - t) : sorted[i] + step * t;
}

double ae_median(const double *sorted, size_t n)
{
	if (n % 2 == 1)
		return sorted[n / 2];
	return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}
