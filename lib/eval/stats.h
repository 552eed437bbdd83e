/* SPDX-License-Identifier: MIT */
/* Statistics of every number of a stream, for people to read. */
#ifndef AE_EVAL_STATS_H
#define AE_EVAL_STATS_H

#include "core/moments.h"
#include "io/batch.h"

struct ae_stats_cell {
	struct ae_moments moments;
	double least, most;
	uint64_t missing;
};

/* All zero is empty. */
struct ae_stats {
	struct ae_stats_cell *cells; /* of all elements of all number columns */
	size_t count;
};

int ae_stats_add(struct ae_stats *stats, const struct ae_schema *schema, const struct ae_batch *batch,
	struct ae_error *err) AE_MUST_CHECK;
/* A line an element on standard output: name, min, max, mean, population standard deviation, missing. Nothing if none
   were added. */
void ae_stats_print(const struct ae_stats *stats, const struct ae_schema *schema);
void ae_stats_free(struct ae_stats *stats);

#endif
