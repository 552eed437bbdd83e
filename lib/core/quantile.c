/* SPDX-License-Identifier: MIT */
/* Sorting and quantiles. */
#include "core/quantile.h"

#include <math.h>

enum { INSERTION_MOST = 24 };

static void swap(double *a, double *b)
{
	double t = *a;
	*a = *b;
	*b = t;
}

static void insertion_sort(double *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t at = i;
		for (; at > 0 && x < v[at - 1]; at--)
			v[at] = v[at - 1];
		v[at] = x;
	}
}

static void sift_down(double *v, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		child += child + 1 < n && v[child] < v[child + 1];
		if (!(v[root] < v[child]))
			return;
		swap(&v[root], &v[child]);
	}
}

static void heap_sort(double *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(v, i, n);
	for (size_t end = n; end-- > 1;) {
		swap(&v[0], &v[end]);
		sift_down(v, 0, end);
	}
}

/* Hoare's partition around the median of three: v[0, result) <= v[result, n), neither empty. n >= 3. */
static size_t partition(double *v, size_t n)
{
	double *middle = &v[n / 2], *last = &v[n - 1];
	if (*middle < *v)
		swap(middle, v);
	if (*last < *v)
		swap(last, v);
	if (*last < *middle)
		swap(last, middle);
	double pivot = *middle;
	size_t low = 0, high = n - 1;
	for (;;) {
		while (v[low] < pivot)
			low++;
		while (pivot < v[high])
			high--;
		if (low >= high)
			return low;
		swap(&v[low++], &v[high--]);
	}
}

/* Introsort (Musser, "Introspective Sorting and Selection Algorithms", 1997): quicksort, and heapsort where that goes
   too deep. */
static void sort(double *v, size_t n, unsigned depth)
{
	while (n > INSERTION_MOST) {
		if (depth-- == 0) {
			heap_sort(v, n);
			return;
		}
		size_t low = partition(v, n), high = n - low;
		if (low < high) {
			sort(v, low, depth);
			v += low;
			n = high;
		} else {
			sort(v + low, high, depth);
			n = low;
		}
	}
	insertion_sort(v, n);
}

/* -0 and 0 are equal; -0 comes first, so that equal values give equal bytes in whatever order they came. */
static void order_zeros(double *v, size_t n)
{
	size_t first = 0, negative = 0;
	while (first < n && v[first] < 0)
		first++;
	size_t end = first;
	for (; end < n && v[end] == 0; end++)
		negative += signbit(v[end]) != 0;
	for (size_t i = first; i < end; i++)
		v[i] = i - first < negative ? -0.0 : 0.0;
}

void ae_sort_f64(double *values, size_t n)
{
	unsigned depth = 0;
	for (size_t left = n; left > 1; left /= 2)
		depth += 2;
	sort(values, n, depth);
	order_zeros(values, n);
}

double ae_quantile_between(double a, double b, double t)
{
	double step = b - a;
	return t >= 0.5 ? b - step * (1 - t) : a + step * t;
}

double ae_quantile(const double *sorted, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	double below = floor(at);
	size_t i = (size_t)below;
	if (i >= n - 1)
		return sorted[n - 1];
	return ae_quantile_between(sorted[i], sorted[i + 1], at - below);
}

double ae_median(const double *sorted, size_t n)
{
	if (n % 2 == 1)
		return sorted[n / 2];
	return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double ae_median_deviation(const double *sorted, size_t n)
{
	/* Away from the median the deviations grow on both sides: the smaller of the next two is the next of all. */
	double median = ae_median(sorted, n), before = 0, deviation = 0;
	size_t right = n / 2, left = right;
	for (size_t taken = 0; taken <= n / 2; taken++) {
		double below = left > 0 ? fabs(sorted[left - 1] - median) : INFINITY;
		double above = right < n ? fabs(sorted[right] - median) : INFINITY;
		before = deviation;
		deviation = below < above ? below : above;
		if (below < above)
			left--;
		else
			right++;
	}
	return n % 2 == 1 ? deviation : (before + deviation) / 2;
}
