/* SPDX-License-Identifier: MIT */
/* ae-thresh --compare: all methods side by side. */
#ifndef AE_CLI_COMPARE_THRESHOLDS_H
#define AE_CLI_COMPARE_THRESHOLDS_H

#include "cli/fit_threshold.h"

/* Reads the errors and prints a table: the value of each method and how many rows it flags; where labels are told
   apart, its precision, recall and F1 too. Writes nothing else. */
int ae_compare_thresholds(const struct ae_fit_options *options, const struct ae_program *program,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err) AE_MUST_CHECK;

#endif
