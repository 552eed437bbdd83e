/* SPDX-License-Identifier: MIT */
/* The score of a row: metrics of a reconstruction against its reference, and the verdict on it.
   No function keeps anything: all may be called from any thread. */
#ifndef AE_MODEL_SCORE_H
#define AE_MODEL_SCORE_H

#include <math.h>
#include <stddef.h>

#include "core/tensor.h"
#include "model/lineage.h"

/* The distance of a reconstruction from its reference, NaN if either is. A reference of AE_BEYOND or more in size
   stands for a reading that f32 cannot hold: nothing is near it. */
static inline double ae_score_gap(double recon, double reference)
{
	double gap = fabs(recon - reference);
	return fabs(reference) >= AE_BEYOND_F64 && gap < (double)AE_BEYOND ? (double)AE_BEYOND : gap;
}

/* How a metric is made of the errors of a row's elements. */
enum ae_metric_kind {
	AE_METRIC_WHOLE, /* it is not */
	AE_METRIC_MEAN,
	AE_METRIC_SQUARES, /* the mean of their squares */
	AE_METRIC_ROOT,    /* its root */
	AE_METRIC_LARGEST,
	AE_METRIC_T2,   /* of the latent, with a model's statistics (eval/scoring.h): row is NULL */
	AE_METRIC_T2_Q, /* and of both */
};

/* A metric is a row of the table in score.c, from which --metric's help and errors follow. */
struct ae_metric {
	const char *name;  /* kept in lineages and thresholds, with its modifiers in AE_METRIC_TEXT */
	const char *about; /* "mean absolute error" */
	/* The score of a row of n values: computed in f64, added in the order of the elements, so that it is the same
	   bits everywhere. Values whose reference is NaN are left out. NaN if any value of recon is, or if no value of
	   the reference is left. */
	double (*row)(const double *recon, const double *reference, size_t n);
	/* The error of one feature; NULL if the metric is none of its features'. NaN if either value is. */
	double (*feature)(double recon, double reference);
	enum ae_metric_kind kind;
	/* row() of AE_SCORE_ROWS plain rows of floats (model/score_rows.h); or NULL. */
	bool (*rows)(const float *recon, const float *reference, size_t stride, size_t n, double *score);
};

/* The name of the i-th metric, NULL after the last. */
const char *ae_metric_name(size_t i);
/* NULL if there is none of this name. */
const struct ae_metric *ae_metric_find(const char *name);
/* The metric that rows are scored by if nothing says which: the training loss itself where it is a metric, mae for
   huber, mse for bce and for no loss (""). NULL for a loss that is not known here. */
const struct ae_metric *ae_metric_of_loss(const char *loss);

/* 1: an anomaly, at or above the threshold; 0: normal; 255: no score (NaN). */
unsigned char ae_verdict(double score, double threshold);

#endif
