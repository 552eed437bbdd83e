/* SPDX-License-Identifier: MIT */
/* Finds the ends of a histogram and counts. */
#include "plot/bins.h"

#include <float.h>
#include <math.h>

#include "core/util.h"

/* Fewer bins show no shape that something far away could flatten. */
enum { BINS_LEAST = 10 };

static double place(const struct ae_bins *bins, double value)
{
	return bins->logarithmic ? log10(value) : value;
}

/* The number of a value's place in counts. */
static size_t slot(const struct ae_bins *bins, double value)
{
	double low = place(bins, bins->low), high = place(bins, bins->high);
	if (value < bins->low)
		return 0;
	if (value > bins->high)
		return bins->bins + 1;
	double at = (place(bins, value) - low) / (high - low) * (double)bins->bins;
	return at < (double)bins->bins ? 1 + (size_t)at : bins->bins;
}

/* Widens ends that are the same. */
static void part(struct ae_bins *bins)
{
	double half = fabs(bins->low) > 1e15 ? fabs(bins->low) / 2 : 0.5;
	if (bins->low != bins->high)
		return;
	bins->low = bins->logarithmic ? bins->low / 2 : fmax(bins->low - half, -DBL_MAX);
	bins->high = fmin(bins->logarithmic ? bins->high * 2 : bins->high + half, DBL_MAX);
}

/* The least and the most of the values from low to high. */
static void find_values(const struct ae_bins *bins, double low, double high, double *least, double *most)
{
	*least = INFINITY;
	*most = -INFINITY;
	for (size_t i = 0; i < bins->group_count; i++)
		for (size_t k = 0; k < bins->groups[i].n; k++) {
			double value = bins->groups[i].values[k];
			if (value < low || value > high)
				continue;
			*least = fmin(*least, value);
			*most = fmax(*most, value);
		}
}

static size_t count_outside(const struct ae_bins_group *group, double low, double high)
{
	size_t outside = 0;
	for (size_t k = 0; k < group->n; k++)
		outside += group->values[k] < low || group->values[k] > high;
	return outside;
}

/* Whether the values outside of low and high are few: of all, and of each group. */
static bool are_few(const struct ae_bins *bins, double low, double high)
{
	size_t outside = 0, all = 0;
	for (size_t i = 0; i < bins->group_count; i++) {
		const struct ae_bins_group *group = &bins->groups[i];
		size_t of_group = count_outside(group, low, high);
		if (of_group > 1 && of_group > group->n / 10)
			return false;
		outside += of_group;
		all += group->n;
	}
	return outside > 0 && outside <= (all < 100 ? 1 : all / 100) && all - outside >= 4;
}

/* The ends of the values in the first or the last bin, if few lie outside of it. */
static bool find_crowd(const struct ae_bins *bins, double *low, double *high)
{
	double width = (bins->high - bins->low) / (double)bins->bins;
	double ends[][2] = {{bins->low, bins->low + width}, {bins->high - width, bins->high}};
	for (size_t i = 0; i < 2; i++)
		if (are_few(bins, ends[i][0], ends[i][1])) {
			find_values(bins, ends[i][0], ends[i][1], low, high);
			return *low < *high;
		}
	return false;
}

void ae_bins_find_ends(struct ae_bins *bins)
{
	double low, high;
	find_values(bins, -INFINITY, INFINITY, &bins->least, &bins->most);
	bins->low = bins->least;
	bins->high = bins->most;
	while (!bins->logarithmic && bins->bins >= BINS_LEAST && find_crowd(bins, &low, &high)) {
		bins->low = low;
		bins->high = high;
	}
	part(bins);
}

int ae_bins_count(struct ae_bins *bins, struct ae_error *err)
{
	for (size_t i = 0; i < bins->group_count; i++) {
		struct ae_bins_group *group = &bins->groups[i];
		group->counts = ae_calloc(bins->bins + 2, sizeof(*group->counts), err);
		if (!group->counts)
			return -1;
		for (size_t k = 0; k < group->n; k++)
			group->counts[slot(bins, group->values[k])]++;
		bins->below += group->counts[0];
		bins->above += group->counts[bins->bins + 1];
	}
	return 0;
}

double ae_bins_edge(const struct ae_bins *bins, double i)
{
	double low = place(bins, bins->low), high = place(bins, bins->high);
	double at = low + i * (high - low) / (double)bins->bins;
	if (!isfinite(at))
		at = low + i / (double)bins->bins * (high - low);
	return bins->logarithmic ? fmin(pow(10, at), DBL_MAX) : at;
}

uint64_t ae_bins_highest(const struct ae_bins *bins, bool outside)
{
	uint64_t highest = 0;
	for (size_t i = 0; i < bins->group_count; i++)
		for (size_t k = 0; k < bins->bins + 2; k++)
			if ((outside || (k > 0 && k <= bins->bins)) && bins->groups[i].counts[k] > highest)
				highest = bins->groups[i].counts[k];
	return highest;
}

double ae_bins_tick(double low, double high)
{
	double rough = (high - low) / 5, power = pow(10, floor(log10(rough)));
	double times = rough / power;
	return power * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
}
