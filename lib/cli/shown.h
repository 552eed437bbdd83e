/* SPDX-License-Identifier: MIT */
/* What pictures show of a model. */
#ifndef AE_CLI_SHOWN_H
#define AE_CLI_SHOWN_H

#include "cli/program.h"
#include "model/metric_text.h"

/* The metric of err in the reader's stream, "" if unknown, and the threshold in the file of -m, checked against the
   stream; without -m, and with a note where it has a value for each group of rows, *value stays. */
int ae_shown_threshold(double *value, char metric[AE_METRIC_TEXT], const struct ae_reader *reader,
	const struct ae_program *program, const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;
/* The epoch whose weights the model of -m has; without -m *epoch stays. */
int ae_shown_kept(uint64_t *epoch, const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

#endif
