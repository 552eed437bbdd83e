/* SPDX-License-Identifier: MIT */
/* Trimmed batches: the rows of the largest losses give no gradient, so a few rows that are unlike the others do not
   teach (least trimmed squares: Rousseeuw, "Least Median of Squares Regression", 1984). */
#ifndef AE_TRAIN_TRIM_H
#define AE_TRAIN_TRIM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* Of a batch; each array has a place for every row of it. */
struct ae_trim {
	double *loss;   /* of a row: a sum over its values */
	double *values; /* how many these are; 0: the row has no loss */
	bool *dropped;
	double *sorted;
};

int ae_trim_init(struct ae_trim *trim, size_t rows, struct ae_error *err) AE_MUST_CHECK;
void ae_trim_free(struct ae_trim *trim);

/* How many of so many rows a share leaves out: their product, rounded down. */
size_t ae_trim_count(double share, size_t rows);

/* Sets dropped[0, rows) from loss and values: that share of the rows that have a loss, those of the largest mean
   losses; of equal ones those that stand last. Returns the values of all rows that are kept. */
double ae_trim_choose(struct ae_trim *trim, double share, size_t rows);

#endif
