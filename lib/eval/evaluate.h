/* SPDX-License-Identifier: MIT */
/* Evaluates a stream against its labels: which columns count, and what a label means; metrics.h has the arithmetic. */
#ifndef AE_EVAL_EVALUATE_H
#define AE_EVAL_EVALUATE_H

#include "eval/label_counts.h"
#include "eval/metrics.h"
#include "io/batch.h"

/* Start from zero, then set one of `normal` and `anomaly`, which are borrowed; ae_evaluate_free frees the rest. */
struct ae_evaluate {
	const char *normal, *anomaly; /* rows of this label are normal, all others anomalies; or the other way round */
	struct ae_metrics *metrics;
	struct ae_label_counts labels; /* of the rows evaluated */
	uint64_t no_label;             /* rows left out since their label is empty, nan or NA */
	size_t label, pred, score;     /* columns; AE_NO_COLUMN if there is no pred or no score */
	bool found;                    /* a row with the label `normal` or `anomaly` was there */
};

/* Checks that exactly one of `normal` and `anomaly` is set; else a usage error that names the options. */
int ae_evaluate_check(const struct ae_evaluate *evaluate, struct ae_error *err) AE_MUST_CHECK;
/* Finds the columns of a stream's rows: label, and at least one of pred and the score (err of shape []). */
int ae_evaluate_begin(struct ae_evaluate *evaluate, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* What a row says. */
struct ae_judged {
	bool labelled; /* else it is left out, and the rest says nothing */
	bool anomaly;
	uint8_t verdict;
	double score;
};

/* Reads a row of a batch with the columns of that schema, and counts its label. One without a label is left out and
   counted, unless `normal` or `anomaly` is itself such a word: then that is what rows without a label are. */
int ae_evaluate_read(struct ae_evaluate *evaluate, const struct ae_batch *batch, size_t row, struct ae_judged *judged,
	struct ae_error *err) AE_MUST_CHECK;
/* Reads it and adds it to the metrics. */
int ae_evaluate_row(
	struct ae_evaluate *evaluate, const struct ae_batch *batch, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* After the last row. No row at all, no row with any label, or none with that label is an error; the last lists the
   labels found. */
int ae_evaluate_end(const struct ae_evaluate *evaluate, struct ae_error *err) AE_MUST_CHECK;
void ae_evaluate_free(struct ae_evaluate *evaluate);

#endif
