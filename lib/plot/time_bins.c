/* SPDX-License-Identifier: MIT */
/* Bins that double their width. */
#include "plot/time_bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"

void *ae_time_bins_get(const struct ae_time_bins *bins, size_t i)
{
	return bins->bins + i * bins->size;
}

static void zero(struct ae_time_bins *bins, size_t from, size_t to)
{
	memset(ae_time_bins_get(bins, from), 0, (to - from) * bins->size);
}

/* Bins begin at multiples of their width, so that it does not matter when they were merged. */
static void halve(struct ae_time_bins *bins)
{
	int64_t first = bins->first >> 1;
	size_t used = 0;
	for (size_t i = 0; i < bins->used; i++) {
		size_t to = (size_t)(((bins->first + (int64_t)i) >> 1) - first);
		if (to < used)
			bins->merge(bins->arg, ae_time_bins_get(bins, to), ae_time_bins_get(bins, i));
		else if (to < i)
			memcpy(ae_time_bins_get(bins, to), ae_time_bins_get(bins, i), bins->size);
		used = to + 1;
	}
	bins->first = first;
	bins->used = used;
	bins->shift++;
}

/* Makes room for bin `at`, which is none of those that are there. */
static void widen(struct ae_time_bins *bins, int64_t place)
{
	int64_t at = place >> bins->shift, low, high;
	for (;; halve(bins)) {
		at = place >> bins->shift;
		low = at < bins->first ? at : bins->first;
		high = bins->first + (int64_t)bins->used - 1;
		high = at > high ? at : high;
		if ((uint64_t)high - (uint64_t)low < bins->most)
			break;
	}
	size_t before = (size_t)(bins->first - low), used = (size_t)(high - low) + 1;
	memmove(ae_time_bins_get(bins, before), bins->bins, bins->used * bins->size);
	zero(bins, 0, before);
	zero(bins, before + bins->used, used);
	bins->first = low;
	bins->used = used;
}

void *ae_time_bins_at(struct ae_time_bins *bins, int64_t place, struct ae_error *err)
{
	if (!bins->bins) {
		bins->bins = ae_calloc(bins->most, bins->size, err);
		if (!bins->bins)
			return NULL;
		bins->first = place;
		bins->used = 1;
	}
	uint64_t i = (uint64_t)(place >> bins->shift) - (uint64_t)bins->first;
	if (i >= bins->used) {
		widen(bins, place);
		i = (uint64_t)(place >> bins->shift) - (uint64_t)bins->first;
	}
	return ae_time_bins_get(bins, i);
}

double ae_time_bins_begin(const struct ae_time_bins *bins, size_t i, int64_t from)
{
	int64_t whole = from >> bins->shift;
	double within = (double)((uint64_t)from - ((uint64_t)whole << bins->shift));
	return ldexp((double)(bins->first + (int64_t)i - whole), (int)bins->shift) - within;
}

double ae_time_bins_width(const struct ae_time_bins *bins)
{
	return ldexp(1, (int)bins->shift);
}

void ae_time_bins_reduce(struct ae_time_bins *bins, size_t most, bool (*is_empty)(const void *bin))
{
	for (;; halve(bins)) {
		size_t n = 0;
		for (size_t i = 0; i < bins->used; i++)
			n += !is_empty || !is_empty(ae_time_bins_get(bins, i));
		if (n <= most)
			break;
	}
}

int ae_time_bins_step(
	double *step, const struct ae_time_bins *bins, bool (*is_empty)(const void *bin), struct ae_error *err)
{
	double *gaps = ae_calloc(bins->used, sizeof(*gaps), err);
	size_t n = 0, before = 0;
	if (!gaps)
		return -1;
	for (size_t i = 0; i < bins->used; i++)
		if (!is_empty(ae_time_bins_get(bins, i))) {
			if (i > 0)
				gaps[n++] = (double)(i - before);
			before = i;
		}
	ae_sort_f64(gaps, n);
	*step = (n ? gaps[n / 2] : 1) * ae_time_bins_width(bins);
	free(gaps);
	return 0;
}

enum { GAP = 10 };

bool ae_time_bins_apart(const struct ae_time_bins *bins, double step, size_t before, size_t after)
{
	return (double)(after - before) * ae_time_bins_width(bins) > GAP * step;
}

double ae_time_bins_middle(const struct ae_time_bins *bins, size_t i, int64_t from, double span)
{
	double offset = ae_time_bins_begin(bins, i, from) + (ae_time_bins_width(bins) - 1) / 2;
	return fmin(fmax(offset, 0), span);
}

int ae_time_bins_copy(struct ae_time_bins *dst, const struct ae_time_bins *src, struct ae_error *err)
{
	*dst = *src;
	dst->bins = src->bins ? ae_calloc(src->most, src->size, err) : NULL;
	if (!dst->bins)
		return src->bins ? -1 : 0;
	memcpy(dst->bins, src->bins, src->used * src->size);
	return 0;
}

void ae_time_bins_free(struct ae_time_bins *bins)
{
	free(bins->bins);
	bins->bins = NULL;
	bins->used = 0;
}
