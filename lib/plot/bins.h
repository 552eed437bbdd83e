/* SPDX-License-Identifier: MIT */
/* The bins of a histogram of several groups: where they lie, and how many values each holds. */
#ifndef AE_PLOT_BINS_H
#define AE_PLOT_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct ae_bins_group {
	const double *values; /* finite */
	size_t n;
	uint64_t *counts; /* [bins + 2]: below the bins, in them from the lowest on, and above; heap */
};

/* Set bins, logarithmic and groups; the values of logarithmic bins are above 0. */
struct ae_bins {
	size_t bins;
	bool logarithmic;
	struct ae_bins_group *groups;
	size_t group_count;

	double low, high;      /* the ends of the bins */
	double least, most;    /* values */
	uint64_t below, above; /* the values that no bin holds */
};

/* Sets the ends to those of the values. Where a few of them, one in a hundred at most, are so far away that all others
   would share a bin, the ends are those of the others. There is a value, and the ends are not the same. */
void ae_bins_find_ends(struct ae_bins *bins);
/* Fills the counts, below and above; low and high are set. */
int ae_bins_count(struct ae_bins *bins, struct ae_error *err) AE_MUST_CHECK;
/* Where bin i begins, and bin i - 1 ends; i may be beyond the bins. */
double ae_bins_edge(const struct ae_bins *bins, double i);
/* The largest of all counts, of what is below and above too if `outside`. */
uint64_t ae_bins_highest(const struct ae_bins *bins, bool outside);
/* The distance of some five ticks between two values that differ: 1, 2 or 5 times a power of ten. */
double ae_bins_tick(double low, double high);

#endif
