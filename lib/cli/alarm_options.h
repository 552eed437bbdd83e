/* SPDX-License-Identifier: MIT */
/* The options of ae-thresh about episodes. */
#ifndef AE_CLI_ALARM_OPTIONS_H
#define AE_CLI_ALARM_OPTIONS_H

#include <float.h>

#include "cli/opt.h"
#include "model/episodes.h"

struct ae_alarm_options {
	const char *episodes; /* "-": instead of verdicts */
	double clear;         /* NAN: not given */
	uint64_t min_rows;
	const char *k_of_n, *merge, *refractory;
	const char *exec, *exec_timeout, *prom;
};
#define AE_ALARM_DEFAULTS                                                                                              \
	{                                                                                                              \
		.clear = NAN, .min_rows = 1                                                                            \
	}
/* Rows of the program's table. */
#define AE_OPTIONS_ALARM(o_)                                                                                           \
	AE_GROUP("Episodes"),                                                                                          \
		AE_FILE("episodes", 0, &(o_)->episodes, AE_FILE_INSTEAD, "FILE",                                       \
			"a line of JSON when an episode of anomalies begins, and one when it has ended; -: instead "   \
			"of verdicts"),                                                                                \
		AE_TEXT_OPTION("k-of-n", 0, &(o_)->k_of_n, "K/N",                                                      \
			"it begins when K of the last N rows are anomalies; default: 1/1"),                            \
		AE_REAL("clear", 0, &(o_)->clear, -DBL_MAX, DBL_MAX, "VALUE",                                          \
			"it goes on while err is at or above this value; default: the threshold"),                     \
		AE_COUNT("min-rows", 0, &(o_)->min_rows, 1, INT64_MAX, "N", "shorter ones are none"),                  \
		AE_TEXT_OPTION("merge-gap", 0, &(o_)->merge, "ROWS|T",                                                 \
			"those with at most so many rows, or a time such as 90s, between them are one"),               \
		AE_TEXT_OPTION("refractory", 0, &(o_)->refractory, "ROWS|T",                                           \
			"none begins so many rows, or so long, after the end of one"),                                 \
		AE_TEXT_OPTION(                                                                                        \
			"exec", 0, &(o_)->exec, "PROGRAM", "run it once for each of these lines, its standard input"), \
		AE_TEXT_OPTION("exec-timeout", 0, &(o_)->exec_timeout, "T", "kill it after this time; default: 60s"),  \
		AE_FILE_OUT("prom", 0, &(o_)->prom, "FILE", "counts for the textfile collector of node_exporter"),     \
		AE_GOES_WITH("exec-timeout", "exec"),                                                                  \
		AE_GOES_WITH("k-of-n clear min-rows merge-gap refractory", "episodes exec prom")

/* Whether there is to be any episode. */
bool ae_alarm_is_wanted(const struct ae_alarm_options *options);
/* The rules that the options give, but for what is kept of a row; errors are of status AE_STATUS_USAGE. */
int ae_alarm_rules(
	struct ae_episode_rules *rules, const struct ae_alarm_options *options, struct ae_error *err) AE_MUST_CHECK;

#endif
