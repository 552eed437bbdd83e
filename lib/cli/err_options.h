/* SPDX-License-Identifier: MIT */
/* The options of ae-err, and what does not go together among them. */
#ifndef AE_CLI_ERR_OPTIONS_H
#define AE_CLI_ERR_OPTIONS_H

#include "cli/program.h"

/* worst is NaN where it was not given. */
struct ae_err_options {
	struct ae_common common;
	const char *metric, *of;
	uint64_t top, drift; /* drift: 0 where it was not given */
	bool per_feature, n_obs, keep, standardise, last;
	double worst;
};

/* A usage error for what does not. */
int ae_err_options_check(const struct ae_err_options *options, struct ae_error *err) AE_MUST_CHECK;

#endif
