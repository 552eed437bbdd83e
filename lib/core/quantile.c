/* SPDX-License-Identifier: MIT */
/* Sorting, selection and quantiles. */
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

/* v[0, n) holds the ranks [base, base + n), of which `count` are wanted. */
static void select(double *v, size_t n, size_t base, const size_t *ranks, size_t count, unsigned depth)
{
	while (count > 0 && n > INSERTION_MOST) {
		if (depth-- == 0) {
			heap_sort(v, n);
			return;
		}
		size_t low = partition(v, n), before = 0;
		while (before < count && ranks[before] < base + low)
			before++;
		select(v, low, base, ranks, before, depth);
		v += low;
		n -= low;
		base += low;
		ranks += before;
		count -= before;
	}
	if (count > 0)
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

static unsigned most_depth(size_t n)
{
	unsigned depth = 0;
	for (; n > 1; n /= 2)
		depth += 2;
	return depth;
}

void ae_sort_f64(double *values, size_t n)
{
	sort(values, n, most_depth(n));
	order_zeros(values, n);
}

/* The zeros among v[ranks] become -0 or 0, as order_zeros would have it. */
static void order_selected_zeros(double *v, size_t n, const size_t *ranks, size_t count)
{
	size_t below = 0, negative = 0, i = 0;
	while (i < count && v[ranks[i]] != 0)
		i++;
	if (i == count)
		return;
	for (size_t at = 0; at < n; at++) {
		below += v[at] < 0;
		negative += v[at] == 0 && signbit(v[at]) != 0;
	}
	for (; i < count; i++)
		if (v[ranks[i]] == 0)
			v[ranks[i]] = ranks[i] - below < negative ? -0.0 : 0.0;
}

void ae_select_f64(double *values, size_t n, size_t *ranks, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t at = i; at > 0 && ranks[at] < ranks[at - 1]; at--) {
			size_t rank = ranks[at];
			ranks[at] = ranks[at - 1];
			ranks[at - 1] = rank;
		}
	select(values, n, 0, ranks, count, most_depth(n));
	order_selected_zeros(values, n, ranks, count);
}

double ae_quantile_between(double a, double b, double t)
{
	double step = b - a;
	return t >= 0.5 ? b - step * (1 - t) : a + step * t;
}

size_t ae_quantile_rank(size_t n, double q)
{
	size_t i = (size_t)floor((double)(n - 1) * q);
	return i < n - 1 ? i : n - 1;
}

double ae_quantile(const double *sorted, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	size_t i = ae_quantile_rank(n, q);
	if (i == n - 1)
		return sorted[i];
	return ae_quantile_between(sorted[i], sorted[i + 1], at - floor(at));
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
