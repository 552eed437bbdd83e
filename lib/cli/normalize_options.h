/* SPDX-License-Identifier: MIT */
/* The options of ae-normalize, and what does not go together among them. */
#ifndef AE_CLI_NORMALIZE_OPTIONS_H
#define AE_CLI_NORMALIZE_OPTIONS_H

#include "cli/series.h"
#include "model/scaler.h"

struct ae_normalize_options {
	struct ae_common common;
	struct ae_series_options series; /* of --missing last; its group is that of --fit too */
	const char *fit, *per, *save;
	struct ae_scaler_rule rule; /* what fit says */
	bool invert, n_obs;
	/* After the check: */
	bool per_tensor;
	bool fill_mean, fill_last; /* --missing mean, --missing last: what is read is masked */
	bool observed;             /* n_obs is added */
};

/* The words of --per and of --missing: for the latter those of every program, and two more. */
const char *ae_normalize_per_word(size_t i);
const char *ae_normalize_missing_word(size_t i);
/* A usage error for what does not go together. `program` knows which options were given. */
int ae_normalize_options_check(
	struct ae_normalize_options *options, const struct ae_program *program, struct ae_error *err) AE_MUST_CHECK;

#endif
