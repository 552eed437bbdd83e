/* SPDX-License-Identifier: MIT */
/* Statistics of every number of a stream. */
#ifndef AE_EVAL_STATS_H
#define AE_EVAL_STATS_H

#include "core/moments.h"
#include "io/batch.h"

/* Of one element of a column, over the rows. */
struct ae_stats_cell {
	struct ae_offset_moments moments; /* of the values that are there */
	double least, most;               /* if there are any */
	uint64_t missing;                 /* NaN, or no verdict */
};

/* All zero is empty; ae_stats_free frees it. */
struct ae_stats {
	struct ae_stats_cell *cells; /* column after column, ae_stats_cells of each; NULL before the first rows */
	size_t count;
};

/* The cells of a column: its elements, or 0 if it is text. */
size_t ae_stats_cells(const struct ae_column *column);
/* Adds the rows of a batch; the schema is that of the rows before. */
int ae_stats_add(struct ae_stats *stats, const struct ae_schema *schema, const struct ae_batch *batch,
	struct ae_error *err) AE_MUST_CHECK;
/* Leaves it empty. */
void ae_stats_free(struct ae_stats *stats);

#endif
