/* SPDX-License-Identifier: MIT */
/* Drift: how far the recent errors are from those of the training, feature by feature. For features with training
   errors of mean m and standard deviation s, each row's |recon - reference| goes into a mean that weighs exponentially
   over N rows, and its distance from m counts in standard errors: in units of what the mean of such errors, if they
   were independent, would vary by. The drift of a row is that of the feature which has moved most. */
#ifndef AE_EVAL_DRIFT_H
#define AE_EVAL_DRIFT_H

#include "eval/scoring.h"
#include "model/model.h"

enum { AE_DRIFT_MOST = 100000000 };

/* Of the errors of a feature. */
struct ae_drift_mean {
	double sum, left; /* the weights of the errors add up to 1 - left */
	uint64_t rows;
};

/* Start from zero, then set span; freed with ae_drift_free. */
struct ae_drift {
	uint64_t span;                /* N, from 1 on; 0: no drift is wanted */
	struct ae_column column;      /* the reference, a shallow copy */
	size_t first, n;              /* the elements that count */
	double *mean, *sd;            /* [first + n] of the training */
	struct ae_drift_mean *recent; /* likewise */
	struct ae_data value, name;   /* of a batch */
};

/* Starts anew on a stream that is scored so by the model `from`, and adds the columns drift and drift_feature, of role
   pass. */
int ae_drift_begin(struct ae_drift *drift, const struct ae_column *column, const struct ae_scoring *scoring,
	const struct ae_model_from *from, struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;
/* Forgets the rows. */
void ae_drift_clear(struct ae_drift *drift);
/* Adds a row, recon and reference whole; what is NaN in either counts not. NaN and no name until a feature has had N
   errors. */
int ae_drift_row(
	struct ae_drift *drift, const double *recon, const double *reference, struct ae_error *err) AE_MUST_CHECK;
void ae_drift_free(struct ae_drift *drift);

#endif
