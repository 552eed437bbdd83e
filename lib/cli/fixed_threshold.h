/* SPDX-License-Identifier: MIT */
/* A threshold of -m FILE that ae-thresh applies, and p-values by the errors that it keeps. */
#ifndef AE_CLI_FIXED_THRESHOLD_H
#define AE_CLI_FIXED_THRESHOLD_H

#include "cli/fit_threshold.h"
#include "cli/unseen.h"

/* Start with group AE_NO_COLUMN and what `unseen` starts with, the rest zero. */
struct ae_fixed_threshold {
	double value;
	struct ae_model *model; /* whose threshold it is, or NULL */
	struct ae_data pvalue;  /* of the rows of a batch */
	const struct ae_schema *in;
	size_t group;            /* the column, where groups have values of their own, else AE_NO_COLUMN */
	struct ae_unseen unseen; /* groups that have none */
};

/* Takes the threshold of the model in a file, which must be for errors of this lineage. */
int ae_fixed_threshold_read(struct ae_fixed_threshold *fixed, const struct ae_fit_options *options, const char *path,
	const struct ae_lineage *lineage, const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
/* An error if groups have values of their own. */
int ae_fixed_threshold_need_one(
	const struct ae_fixed_threshold *fixed, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Adds the column to the schema of the output. A model was read. */
int ae_pvalue_add(const struct ae_fixed_threshold *fixed, struct ae_schema *out, const struct ae_schema *in,
	size_t err_column, struct ae_error *err) AE_MUST_CHECK;
int ae_pvalue_fill(struct ae_fixed_threshold *fixed, const struct ae_batch *in, const double *score,
	struct ae_error *err) AE_MUST_CHECK;
/* The verdicts on the rows of a batch, by the values of their groups, which go into `values` unless it is NULL. */
int ae_fixed_threshold_judge(struct ae_fixed_threshold *fixed, const struct ae_batch *in, const double *score,
	unsigned char *pred, double *values, struct ae_error *err) AE_MUST_CHECK;
void ae_fixed_threshold_free(struct ae_fixed_threshold *fixed);

#endif
