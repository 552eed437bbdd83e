/* SPDX-License-Identifier: MIT */
/* Which rows of a batch are left out. */
#include "train/trim.h"

#include <math.h>
#include <stdlib.h>

#include "core/quantile.h"
#include "core/share.h"
#include "core/util.h"

int ae_trim_init(struct ae_trim *trim, size_t rows, struct ae_error *err)
{
	trim->loss = ae_calloc(rows, sizeof(*trim->loss), err);
	trim->values = ae_calloc(rows, sizeof(*trim->values), err);
	trim->dropped = ae_calloc(rows, sizeof(*trim->dropped), err);
	trim->sorted = ae_calloc(rows, sizeof(*trim->sorted), err);
	return trim->loss && trim->values && trim->dropped && trim->sorted ? 0 : -1;
}

void ae_trim_free(struct ae_trim *trim)
{
	free(trim->loss);
	free(trim->values);
	free(trim->dropped);
	free(trim->sorted);
}

size_t ae_trim_count(double share, size_t rows)
{
	return ae_share_down(share, rows);
}

/* A loss that is no number is as bad as any. */
static double mean_loss(const struct ae_trim *trim, size_t row)
{
	double mean = trim->loss[row] / trim->values[row];
	return isnan(mean) ? INFINITY : mean;
}

double ae_trim_choose(struct ae_trim *trim, double share, size_t rows)
{
	size_t n = 0, above = 0;
	double kept = 0;
	for (size_t row = 0; row < rows; row++)
		if (trim->values[row] > 0)
			trim->sorted[n++] = mean_loss(trim, row);
	size_t drop = ae_trim_count(share, n);
	ae_sort_f64(trim->sorted, n);
	double least = drop ? trim->sorted[n - drop] : INFINITY;
	while (above < drop && trim->sorted[n - 1 - above] > least)
		above++;
	size_t equal = drop - above;
	for (size_t row = rows; row-- > 0;) {
		double loss = trim->values[row] > 0 ? mean_loss(trim, row) : 0;
		bool last = trim->values[row] > 0 && loss == least && equal > 0;
		equal -= last;
		trim->dropped[row] = last || loss > least;
		kept += trim->dropped[row] ? 0 : trim->values[row];
	}
	return kept;
}
