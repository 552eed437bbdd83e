/* SPDX-License-Identifier: MIT */
/* Which labels a stream holds, and how many rows each: the check against silent mix-ups. */
#ifndef AE_EVAL_LABEL_COUNTS_H
#define AE_EVAL_LABEL_COUNTS_H

#include "io/batch.h"

enum { AE_TALLY_LABELS = 16 };

struct ae_label_counts {
	struct {
		char *label;
		uint64_t rows;
	} entries[AE_TALLY_LABELS];
	size_t count;
	uint64_t others; /* rows with a label that found no entry left */
};

/* Counts rows [first, first + rows) of a label column. */
int ae_label_counts_add(struct ae_label_counts *tally, const struct ae_data *labels, size_t first, size_t rows,
	struct ae_error *err) AE_MUST_CHECK;
/* "1: 2359, 0: 1639"; returns text. */
char *ae_label_counts_format(const struct ae_label_counts *tally, char *text, size_t size);
void ae_label_counts_free(struct ae_label_counts *tally);

#endif
