/* SPDX-License-Identifier: MIT */
/* Scores by a metric with its modifiers: in units of training errors, of the worst elements, of a window's last row;
   and by the distance of the latent. */
#ifndef AE_EVAL_SCORING_H
#define AE_EVAL_SCORING_H

#include "io/batch.h"
#include "model/model.h"
#include "model/score.h"
#include "model/score_rows.h"

/* All zero, then set up to from; freed with ae_scoring_free. */
struct ae_scoring {
	const struct ae_metric *metric;
	bool standardise, last;
	double worst;              /* the share of the elements that counts; 0: all */
	struct ae_model_from from; /* the model that made what is scored; path NULL: any, where ae_scoring_takes_model
				      is false */

	size_t first, n;                     /* the elements that count: [first, first + n) */
	double *unit;                        /* [first + n] of their errors; NULL: 1 */
	double *work;                        /* of a row */
	size_t latents;                      /* values of a latent */
	double *mean;                        /* [latents] */
	double *factor;                      /* the Cholesky factor of their covariance, its lower triangle by rows */
	double t2, q;                        /* what t2q divides by */
	unsigned char stats[AE_DIGEST_SIZE]; /* of the statistics used */
};

/* Whether it needs statistics that a model keeps. */
bool ae_scoring_takes_model(const struct ae_scoring *scoring);
/* A usage error for what does not go together. */
int ae_scoring_check(const struct ae_scoring *scoring, struct ae_error *err) AE_MUST_CHECK;
/* Starts on a stream: errors against `reference` (NULL for t2 alone), latents of `latents` values. Holds the model, if
   there is one, against the lineage, which then gets the metric's word and the digest of the statistics; of text there
   is none. */
int ae_scoring_begin(struct ae_scoring *scoring, const struct ae_column *reference, size_t latents, bool text,
	struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;
/* The score of a row, whole rows of recon and reference, and the latent where the metric takes it. */
double ae_scoring_row(struct ae_scoring *scoring, const double *recon, const double *reference, const double *latent);
/* The scores of AE_SCORE_ROWS rows of f32, `size` values each, at once. False where they are to be made row by row. */
bool ae_scoring_rows(const struct ae_scoring *scoring, const float *recon, const float *reference, size_t size,
	double *score) AE_MUST_CHECK;
/* The error of element i of the row. */
double ae_scoring_feature(const struct ae_scoring *scoring, const double *recon, const double *reference, size_t i);
void ae_scoring_free(struct ae_scoring *scoring);

#endif
