/* SPDX-License-Identifier: MIT */
/* Attribution: which features a row's reconstruction error comes from, by name, with their shares of it. */
#ifndef AE_EVAL_ATTRIBUTION_H
#define AE_EVAL_ATTRIBUTION_H

#include "io/batch.h"

enum { AE_ATTRIBUTION_MOST = 16 };

/* Start from zero, then set top, at most AE_ATTRIBUTION_MOST; freed with ae_attribution_free.
   The error |recon - reference| of a feature counts in units of the root mean square that it had in training, so that
   features which are always noisy do not come first; without a model all units are 1. The share of a feature is its
   squared error over the sum of all. A feature of a window, x of shape [rows,columns] with named columns, is a column:
   its squared errors in all rows are summed. */
struct ae_attribution {
	uint64_t top;            /* features to name */
	struct ae_column column; /* the reference, a shallow copy: its names must outlive the attribution */
	size_t first, end;       /* the elements that count: [first, end) */
	size_t count;            /* of features; element first + i is of feature i % count */
	double *unit;            /* [end]; NULL: all are 1 */
	double *squares;         /* [count], of the present row */
	struct ae_data name[AE_ATTRIBUTION_MOST], share[AE_ATTRIBUTION_MOST]; /* [top], rows since the last clear */
};

struct ae_model;
struct ae_model_from;

/* Mean and standard deviation of each feature's training error, each [elements of column], heap, or NULL after an
   error. Another number of them than the column has is an error. */
int ae_error_stats(double **mean, double **sd, const struct ae_column *column, const struct ae_model *model,
	const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The root mean square of each feature's training error, *unit[elements of column], heap. Another number of them than
   the column has is an error. */
int ae_error_units(double **unit, const struct ae_column *column, const struct ae_model *model, const char *path,
	struct ae_error *err) AE_MUST_CHECK;

struct ae_scoring;

/* Starts on a stream whose reference is `column`, scored with `scoring`, whose elements and, if any, units are taken.
   Adds the columns top1, top1_share, top2 ... of role pass to `out`. from is the model whose training errors are else
   the units, or its path is NULL; one of another number of features is an error. */
int ae_attribution_begin(struct ae_attribution *attribution, const struct ae_column *column,
	const struct ae_scoring *scoring, const struct ae_model_from *from, struct ae_schema *out,
	struct ae_error *err) AE_MUST_CHECK;
/* Forgets the rows. */
void ae_attribution_clear(struct ae_attribution *attribution);
/* Adds a row, recon and reference whole. NaN in either counts as no error; if the first that counts is NaN the row was
   not computed, and its names are empty and its shares NaN. */
int ae_attribution_row(struct ae_attribution *attribution, const double *recon, const double *reference,
	struct ae_error *err) AE_MUST_CHECK;
/* Puts the 2 * top columns of the rows into a batch, which borrows them. */
void ae_attribution_columns(struct ae_attribution *attribution, struct ae_data **cols);
void ae_attribution_free(struct ae_attribution *attribution);

#endif
