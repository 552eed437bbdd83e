/* SPDX-License-Identifier: MIT */
/* Metrics as text for people and as JSON. */
#ifndef AE_EVAL_METRICS_FORMAT_H
#define AE_EVAL_METRICS_FORMAT_H

#include "eval/metrics.h"

enum { AE_METRICS_TEXT = 4000 };

/* The metrics as some lines of text, or as one line of JSON, where what is undefined is null; no_label: rows without a
   label, which are not in the result. Returns text. */
char *ae_metrics_format(
	const struct ae_metrics_result *result, uint64_t no_label, bool json, char text[AE_METRICS_TEXT]);

#endif
