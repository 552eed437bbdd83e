/* SPDX-License-Identifier: MIT */
/* The columns that ae-err holds against each other. */
#ifndef AE_CLI_ERR_COLUMNS_H
#define AE_CLI_ERR_COLUMNS_H

#include "cli/err_options.h"
#include "model/lineage.h"
#include "model/score.h"

/* AE_NO_COLUMN where the metric takes none. */
struct ae_err_columns {
	size_t recon;     /* x with --of x */
	size_t reference; /* target, or else x */
	size_t latent;
	size_t observed; /* whose values --n-obs counts; AE_NO_COLUMN where n_obs is there, or is not asked for */
};

/* Errors name the input. An x with values of its reconstruction is no reference for that. */
int ae_err_columns_choose(struct ae_err_columns *columns, const struct ae_err_options *options,
	const struct ae_reader *reader, const struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;
/* Adds to the output's schema what they become: err, and with --per-feature that of `features` elements. */
int ae_err_columns_add(const struct ae_err_columns *columns, const struct ae_err_options *options,
	const struct ae_schema *in, size_t features, struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;

#endif
