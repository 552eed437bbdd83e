/* SPDX-License-Identifier: MIT */
/* Which labels a stream holds, and how many rows each: programs print it, so that a mix-up of labels is seen. */
#ifndef AE_EVAL_LABEL_COUNTS_H
#define AE_EVAL_LABEL_COUNTS_H

#include "io/batch.h"

enum { AE_LABEL_COUNTS_MOST = 16 };

/* All zero is empty; ae_label_counts_free frees it. */
struct ae_label_counts {
	struct {
		char *label; /* "" where it is missing */
		uint64_t rows;
	} entries[AE_LABEL_COUNTS_MOST]; /* in the order in which they came */
	size_t count;
	uint64_t others; /* rows of labels that came when all entries were taken */
};

/* Counts rows [first, first + rows) of a label column. Labels are compared as text, byte for byte; empty ones, nan and
   NA are one, the missing label. */
int ae_label_counts_add(struct ae_label_counts *counts, const struct ae_data *labels, size_t first, size_t rows,
	struct ae_error *err) AE_MUST_CHECK;
/* "1: 2359, 0: 1639, (empty): 2", cut to size; returns text. */
char *ae_label_counts_format(const struct ae_label_counts *counts, char *text, size_t size);
/* That no row has the label of --normal or, where that is NULL, of --anomaly: an error that lists the labels there are.
   Returns -1. */
int ae_label_counts_fail(
	const struct ae_label_counts *counts, const char *normal, const char *anomaly, struct ae_error *err);
/* Leaves it empty. */
void ae_label_counts_free(struct ae_label_counts *counts);

#endif
