/* SPDX-License-Identifier: MIT */
/* The scores of ae-err: what its options, the columns and the lineage of a stream make of them. */
#ifndef AE_CLI_ERR_SCORING_H
#define AE_CLI_ERR_SCORING_H

#include "cli/err_columns.h"
#include "eval/scoring.h"

/* For each stream: begins the scoring, and makes the lineage that of its scores. Without --metric it is by the loss of
   the training. Errors name the input. */
int ae_err_scoring_begin(struct ae_scoring *scoring, const struct ae_err_options *options,
	const struct ae_err_columns *at, const struct ae_reader *reader, struct ae_lineage *lineage,
	struct ae_error *err) AE_MUST_CHECK;

#endif
