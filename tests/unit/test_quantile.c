/* SPDX-License-Identifier: MIT */
/* Sorting against the C library's qsort, and the median deviation against sorting the deviations. */
#include "core/quantile.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* What qsort and the definition give. */
static double plain_median_deviation(const double *sorted, size_t n)
{
	double *deviations = malloc(n * sizeof(*deviations));
	double median = ae_median(sorted, n);
	for (size_t i = 0; i < n; i++)
		deviations[i] = fabs(sorted[i] - median);
	qsort(deviations, n, sizeof(*deviations), ascending);
	double deviation = ae_median(deviations, n);
	free(deviations);
	return deviation;
}

/* The i-th of n values: random, few different ones, rising, falling, rising and falling, all alike, and an order that
   makes quicksort with a median of three slow (Musser 1997). */
static double value(int kind, size_t i, size_t n, uint64_t *random)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	double r = (double)(*random >> 11) * 0x1p-53;
	switch (kind) {
	case 0:
		return (r - 0.5) * 1e6;
	case 1:
		return floor(r * 5);
	case 2:
		return (double)i;
	case 3:
		return (double)(n - i);
	case 4:
		return (double)(i < n / 2 ? i : n - i);
	case 5:
		return 0.3;
	default:
		return (double)(i >= n / 2 ? 2 * (i - n / 2 + 1) : i % 2 ? n / 2 + i : i + 1);
	}
}

static void test_sort(size_t n)
{
	uint64_t random = n;
	double *a = malloc((n + 1) * sizeof(*a)), *b = malloc((n + 1) * sizeof(*b));
	for (int kind = 0; kind < 7; kind++) {
		for (size_t i = 0; i < n; i++)
			a[i] = b[i] = value(kind, i, n, &random);
		a[n] = b[n] = -1; /* beyond the end */
		ae_sort_f64(a, n);
		qsort(b, n, sizeof(*b), ascending);
		CHECK(memcmp(a, b, (n + 1) * sizeof(*a)) == 0, "%zu values, kind %d", n, kind);
		if (n == 0)
			continue;
		double deviation = ae_median_deviation(a, n), plain = plain_median_deviation(b, n);
		CHECK(deviation == plain, "%zu values, kind %d: %.17g, not %.17g", n, kind, deviation, plain);
		CHECK(memcmp(a, b, (n + 1) * sizeof(*a)) == 0, "%zu values, kind %d, changed", n, kind);
	}
	free(a);
	free(b);
}

/* Selection against sorting: the values at the ranks, in their bits, and all of them still there. */
static void test_select(size_t n)
{
	uint64_t random = n;
	double *a = malloc(n * sizeof(*a)), *b = malloc(n * sizeof(*b));
	for (int kind = 0; kind < 8; kind++) {
		for (size_t i = 0; i < n; i++)
			a[i] = b[i] = kind < 7     ? value(kind, i, n, &random)
				      : i % 5 == 0 ? -0.0
						   : (double)(i * 7 % 3) - 1;
		size_t ranks[] = {n - 1, n / 4, n / 4 + (n > 4), 3 * n / 4, n / 2, (n - 1) / 2, 0, n / 3};
		size_t count = sizeof(ranks) / sizeof(*ranks) - (size_t)kind % 3;
		ae_select_f64(a, n, ranks, count);
		ae_sort_f64(b, n);
		for (size_t i = 0; i < count; i++) {
			CHECK(memcmp(&a[ranks[i]], &b[ranks[i]], sizeof(*a)) == 0,
				"%zu values, kind %d, rank %zu: %g, not %g", n, kind, ranks[i], a[ranks[i]],
				b[ranks[i]]);
			CHECK(i == 0 || ranks[i - 1] <= ranks[i], "the ranks are sorted");
		}
		qsort(a, n, sizeof(*a), ascending);
		for (size_t i = 0; i < n; i++)
			CHECK(a[i] == b[i], "%zu values, kind %d, value %zu is lost", n, kind, i);
	}
	free(a);
	free(b);
}

/* The order in which equal values came leaves no trace. */
static void test_zeros(void)
{
	double a[] = {0.0, -0.0, 1, -0.0, -1, 0.0, -INFINITY, INFINITY};
	const double wanted[] = {-INFINITY, -1, -0.0, -0.0, 0.0, 0.0, 1, INFINITY};
	ae_sort_f64(a, 8);
	CHECK(memcmp(a, wanted, sizeof(a)) == 0, "-0 before 0");
}

int main(void)
{
	for (size_t n = 0; n < 70; n++)
		test_sort(n);
	for (size_t n = 1; n < 200; n++)
		test_select(n);
	test_select(1000);
	test_select(100001);
	test_sort(1000);
	test_sort(100001);
	test_zeros();
	return check_done();
}
