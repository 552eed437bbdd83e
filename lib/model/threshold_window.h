/* SPDX-License-Identifier: MIT */
/* A threshold on the last N scores, number by number: their quantile, or peaks over threshold as SPOT has it (Siffer et
   al. 2017) over a sliding window. The memory is the caller's, doubles that start as zeros: the kept ones are the whole
   state, the derived ones follow from them. */
#ifndef AE_MODEL_THRESHOLD_WINDOW_H
#define AE_MODEL_THRESHOLD_WINDOW_H

#include "core/rolling.h"
#include "model/threshold.h"

/* Filled by ae_threshold_window_parse; freed with ae_threshold_window_free. */
struct ae_threshold_window {
	struct ae_threshold_rule rule;
	bool pot;
	uint64_t n; /* scores of a full window, of which `rolling` has room for all or fewer */
	struct ae_rolling rolling;
	double *peaks; /* workspace of pot */
};

/* "pot" or "quantile", with a number behind a colon or without (an ae_words). */
ae_words ae_threshold_window_forms;
/* Reads a rule for windows of n scores; errors are of status AE_STATUS_USAGE. pot needs AE_POT_ROWS of them. */
int ae_threshold_window_parse(
	struct ae_threshold_window *window, const char *text, uint64_t n, struct ae_error *err) AE_MUST_CHECK;

/* The same with as much room as ae_rolling_with_room gives; not to be freed. */
struct ae_threshold_window ae_threshold_window_with_room(const struct ae_threshold_window *window, double count);
size_t ae_threshold_window_kept(const struct ae_threshold_window *window);
size_t ae_threshold_window_derived(const struct ae_threshold_window *window);
/* The value for the next score: that of the last N, NaN while there are fewer. Where pot cannot be fitted to these, it
   stays as it was. */
double ae_threshold_window_value(const struct ae_threshold_window *window, const double *kept, const double *derived);
/* Adds a score, which is not NaN. O(log N); with pot one in some 25 scores, those that come into the tail or leave it,
   takes O(N), for the 2% of the N that are the tail. */
void ae_threshold_window_add(const struct ae_threshold_window *window, double *kept, double *derived, double score);
/* Makes the derived part, which is zero, from the kept one; false if that cannot be one. */
bool ae_threshold_window_restore(
	const struct ae_threshold_window *window, const double *kept, double *derived) AE_MUST_CHECK;
void ae_threshold_window_free(struct ae_threshold_window *window);

#endif
