/* SPDX-License-Identifier: MIT */
/* ae-thresh --stream: a threshold that follows the scores of a group. */
#ifndef AE_CLI_FOLLOW_H
#define AE_CLI_FOLLOW_H

#include "cli/series.h"
#include "model/threshold_window.h"

struct ae_follow_options {
	const char *stream; /* NULL: no threshold follows */
	uint64_t window;    /* UINT64_MAX: not given */
	bool hold;
	bool episodes; /* whose --group and --max-gap they are too */
	struct ae_series_options series;
};
#define AE_FOLLOW_DEFAULTS                                                                                             \
	{                                                                                                              \
		.window = UINT64_MAX, .series = AE_SERIES_DEFAULTS                                                     \
	}
/* Rows of the program's table. */
#define AE_OPTIONS_FOLLOW(o_)                                                                                          \
	AE_GROUP("A threshold that follows the stream"),                                                               \
		AE_WORD("stream", 0, &(o_)->stream, "METHOD", ae_threshold_window_forms,                               \
			"judge a score by the last ones before it: %s"),                                               \
		AE_COUNT("window", 0, &(o_)->window, 2, AE_ROLLING_MOST, "N", "so many scores"),                       \
		AE_FLAG("hold-anomalies", 0, &(o_)->hold, "the window does not take the scores of anomalies"),         \
		AE_GOES_WITH("max-groups", "stream episodes exec prom"),                                               \
		AE_OPTIONS_SERIES(&(o_)->series,                                                                       \
			"a window, a series of episodes, with --fit a value, for the rows that are equal in this "     \
			"column")

/* Without --stream it keeps nothing of groups, but the file of --state for what stands beside them (series.episodes).
   Start with options and series as it wants to start; freed with ae_follow_free. */
struct ae_follow {
	const struct ae_follow_options *options;
	struct ae_threshold_window window;
	struct ae_series series;
	char settings[120]; /* for the state */
};

/* What is wrong in the options whatever the stream is; also where nothing follows it. A usage error. */
int ae_follow_check(const struct ae_follow_options *options, struct ae_error *err) AE_MUST_CHECK;
/* Nothing without --stream and --state. Settings of a method that are wrong are a usage error. */
int ae_follow_start(struct ae_follow *follow, struct ae_error *err) AE_MUST_CHECK;
/* For each stream, with --stream or --state: err is in this column. */
int ae_follow_begin(
	struct ae_follow *follow, const struct ae_reader *reader, size_t column, struct ae_error *err) AE_MUST_CHECK;
/* The verdicts on the rows that are not left out (ae_series_kept); before a window is full, by the value `until`, none
   if that is NaN. `values`, unless it is NULL, gets what each was judged by. How many, or -1. */
ssize_t ae_follow_rows(struct ae_follow *follow, const struct ae_batch *in, const double *score, double until,
	unsigned char *pred, double *values, struct ae_error *err) AE_MUST_CHECK;
/* With --state alone: these rows have come. */
int ae_follow_pass(struct ae_follow *follow, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
/* idle(), settled() and end() of a filter whose state begins with a struct ae_follow. */
int ae_follow_idle(void *state);
int ae_follow_settled(void *state);
int ae_follow_end(void *state, struct ae_error *err) AE_MUST_CHECK;
void ae_follow_free(struct ae_follow *follow);

#endif
