/* SPDX-License-Identifier: MIT */
/* Verdicts on err, by a threshold that is given, one of a model, or one that follows the stream. */
#ifndef AE_CLI_VERDICTS_H
#define AE_CLI_VERDICTS_H

#include "cli/thresh_options.h"

/* Reads the files and writes verdicts, or what options->alarm wants instead, with its files beside. Returns the status
   of the program, AE_STATUS_ANOMALY with options->exit_code and an anomaly, or -1 and *err. */
int ae_verdicts_run(const struct ae_thresh_options *options, const struct ae_program *program, char *const *files,
	size_t count, struct ae_error *err) AE_MUST_CHECK;

#endif
