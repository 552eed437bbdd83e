/* SPDX-License-Identifier: MIT */
/* A series of any length in a fixed number of bins of equal width: where a place lies outside, the bins double their
   width and two and two become one. So one pass is enough, in whatever order the places come, and the bins are the same
   in any order. */
#ifndef AE_PLOT_TIME_BINS_H
#define AE_PLOT_TIME_BINS_H

#include "core/util.h"

/* Start from zero, then set size, most, merge and arg; freed with ae_time_bins_free. */
struct ae_time_bins {
	size_t size; /* of a bin, in bytes */
	size_t most; /* bins, at least 2 */
	/* Adds what `from` holds to `into`. A bin of zeros holds nothing. */
	void (*merge)(void *arg, void *into, const void *from);
	void *arg;

	unsigned char *bins; /* [used], those of places first * 2^shift and so on */
	int64_t first;
	size_t used;
	unsigned shift; /* a bin is 2^shift places wide */
};

/* The bin of a place, until the next call; NULL and *err if memory is out. */
void *ae_time_bins_at(struct ae_time_bins *bins, int64_t place, struct ae_error *err);
/* Bin i. */
void *ae_time_bins_get(const struct ae_time_bins *bins, size_t i);
/* Where bin i begins, in places from `from` on. */
double ae_time_bins_begin(const struct ae_time_bins *bins, size_t i, int64_t from);
double ae_time_bins_width(const struct ae_time_bins *bins);
/* Merges neighbours until there are at most so many, of those that are not empty where is_empty is given. */
void ae_time_bins_reduce(struct ae_time_bins *bins, size_t most, bool (*is_empty)(const void *bin));
/* The median distance of neighbouring bins that are not empty, in places. */
int ae_time_bins_step(double *step, const struct ae_time_bins *bins, bool (*is_empty)(const void *bin),
	struct ae_error *err) AE_MUST_CHECK;
/* Whether two bins, between which none has rows, are apart for much longer than such a step. */
bool ae_time_bins_apart(const struct ae_time_bins *bins, double step, size_t before, size_t after);
/* The middle of bin i, in places from `from` on, at least 0 and at most `span`. */
double ae_time_bins_middle(const struct ae_time_bins *bins, size_t i, int64_t from, double span);
/* Makes dst a copy. */
int ae_time_bins_copy(struct ae_time_bins *dst, const struct ae_time_bins *src, struct ae_error *err) AE_MUST_CHECK;
void ae_time_bins_free(struct ae_time_bins *bins);

#endif
