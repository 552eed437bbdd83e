/* SPDX-License-Identifier: MIT */
/* Metrics as text for people and as JSON. */
#ifndef AE_EVAL_METRICS_FORMAT_H
#define AE_EVAL_METRICS_FORMAT_H

#include "eval/events.h"

enum { AE_METRICS_TEXT = 4000 };

/* What is shown of some rows. */
struct ae_metrics_shown {
	struct ae_metrics_result rows;
	uint64_t no_label; /* rows without a label, which are not among them */
	struct ae_events_result series;
	bool events, adjusted; /* what of the series is shown */
};

/* The metrics as some lines of text. Returns text. */
char *ae_metrics_format(const struct ae_metrics_shown *shown, char text[AE_METRICS_TEXT]);
/* The members of an object of JSON, without its braces; what is undefined is null. Returns text. */
char *ae_metrics_format_json(const struct ae_metrics_shown *shown, char text[AE_METRICS_TEXT]);

#endif
