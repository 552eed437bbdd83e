/* SPDX-License-Identifier: MIT */
/* The options of ae-thresh, and what does not go together among them. */
#ifndef AE_CLI_THRESH_OPTIONS_H
#define AE_CLI_THRESH_OPTIONS_H

#include "cli/alarm_options.h"
#include "cli/fit_threshold.h"
#include "cli/follow.h"

struct ae_thresh_options {
	struct ae_common common;
	struct ae_fit_options fit;
	double at; /* NAN: not given */
	struct ae_follow_options follow;
	struct ae_alarm_options alarm;
	bool exit_code, pvalue;
};

/* A usage error for what does not. The --group of a fit goes from the options of --stream to those of the fit. */
int ae_thresh_options_check(struct ae_thresh_options *options, struct ae_error *err) AE_MUST_CHECK;

#endif
