/* SPDX-License-Identifier: MIT */
/* How well verdicts and scores agree with the truth, anomaly being the positive class. Values that are undefined (0/0,
   a single class) are NaN. */
#ifndef AE_EVAL_METRICS_H
#define AE_EVAL_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Of one class as the positive one. */
struct ae_metrics_class {
	double precision, recall, f1;
};

struct ae_metrics_result {
	uint64_t rows, anomalies;          /* all rows, and those that are anomalies in truth */
	uint64_t scored, scored_anomalies; /* rows with a score */
	uint64_t no_verdict;     /* rows without a verdict: in no count below, but in the curves if they have a score */
	uint64_t tp, fp, tn, fn; /* with anomaly as the positive class */
	double accuracy;
	struct ae_metrics_class anomaly, normal;
	double prevalence; /* anomalies / rows */
	/* Of the scored rows, NaN unless there are both anomalies and others among them: */
	double roc_auc;        /* ties by midrank (Mann-Whitney) */
	double pr_auc;         /* average precision for anomalies, as scikit-learn's average_precision_score */
	double best_f1;        /* the highest F1 for anomalies that any threshold on the score could have given, */
	double best_threshold; /* and the highest threshold that gives it */
};

/* The rows so far: 8 bytes for each that has a score. */
struct ae_metrics;

int ae_metrics_new(struct ae_metrics **metrics, struct ae_error *err) AE_MUST_CHECK;
/* verdict: 1 anomaly, 0 normal, anything else (AE_PRED_NONE) none. score: higher is more anomalous, NaN is none, and an
   infinite one counts as the largest number of its sign. */
int ae_metrics_add(
	struct ae_metrics *metrics, bool anomaly, uint8_t verdict, double score, struct ae_error *err) AE_MUST_CHECK;
/* The metrics of the rows so far; more rows may follow. Sorts the rows it holds. */
void ae_metrics_end(struct ae_metrics *metrics, struct ae_metrics_result *result);

/* A point of the ROC and precision-recall curves: of the rows with score >= threshold, the anomalies (true positives)
   and the others (false positives). */
struct ae_metrics_point {
	double threshold;
	uint64_t tp, fp;
};

/* Moves on to the point of the next lower score; *point starts from zero. False after the last one, which has all
   scored rows. ae_metrics_end comes first, and no row between. */
bool ae_metrics_next(const struct ae_metrics *metrics, struct ae_metrics_point *point);

void ae_metrics_free(struct ae_metrics *metrics);

#endif
