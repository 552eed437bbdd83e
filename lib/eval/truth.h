/* SPDX-License-Identifier: MIT */
/* What a label means: --normal LABEL and --anomaly LABEL. */
#ifndef AE_EVAL_TRUTH_H
#define AE_EVAL_TRUTH_H

#include "io/batch.h"

/* Rows of the label `normal` are normal and all others anomalies, or the other way round; one of them is NULL, or both:
   then nobody says. */
struct ae_labels {
	const char *normal, *anomaly;
};

enum ae_truth { AE_TRUTH_NORMAL, AE_TRUTH_ANOMALY, AE_TRUTH_NONE };

/* What a row is. One without a label (empty, nan or NA) is nothing, unless `normal` or `anomaly` is such a word itself.
   One of them is set. */
enum ae_truth ae_truth_of(const struct ae_labels *labels, const struct ae_data *column, size_t row);

#endif
