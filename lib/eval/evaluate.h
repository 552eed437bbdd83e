/* SPDX-License-Identifier: MIT */
/* From the rows of a stream to metrics: what a label means, and which columns are measured. */
#ifndef AE_EVAL_EVALUATE_H
#define AE_EVAL_EVALUATE_H

#include "eval/label_counts.h"
#include "eval/metrics.h"
#include "io/batch.h"

/* All zero but for one of `normal` and `anomaly`; freed with ae_evaluate_free. */
struct ae_evaluate {
	const char *normal, *anomaly; /* rows of this label are normal, all others anomalies; or the other way round */
	struct ae_metrics *metrics;
	struct ae_label_counts labels; /* of the rows measured */
	size_t label, pred, score;
	bool found; /* a row with that label */
};

/* Exactly one of --normal and --anomaly; a usage error otherwise. */
int ae_evaluate_check(const struct ae_evaluate *measure, struct ae_error *err) AE_MUST_CHECK;
/* Finds the columns: label, and pred or err or both (AE_NO_COLUMN is the one that is not there). */
int ae_evaluate_begin(struct ae_evaluate *measure, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
int ae_evaluate_row(
	struct ae_evaluate *measure, const struct ae_batch *batch, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* After the last row: no rows, or none with that label, is an error; the second lists the labels found. */
int ae_evaluate_end(const struct ae_evaluate *measure, struct ae_error *err) AE_MUST_CHECK;
void ae_evaluate_free(struct ae_evaluate *measure);

#endif
