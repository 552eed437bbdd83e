/* SPDX-License-Identifier: MIT */
/* How far the value of a threshold would move with other rows: the bootstrap (Efron 1979). */
#ifndef AE_MODEL_THRESHOLD_INTERVAL_H
#define AE_MODEL_THRESHOLD_INTERVAL_H

#include "model/threshold.h"

struct ae_threshold_interval {
	double low, high; /* the quantiles 0.025 and 0.975 of the values of the resamples */
	uint64_t fitted;  /* resamples that have a value */
};

/* Draws as many rows with replacement, of each class, `resamples` times. A sample that is sorted; a function of it and
   the seed alone. An error if no resample has a value. Takes 12 bytes a row. */
int ae_threshold_bootstrap(struct ae_threshold_interval *interval, const struct ae_threshold_rule *rule,
	const struct ae_threshold_sample *sorted, uint64_t resamples, uint64_t seed,
	struct ae_error *err) AE_MUST_CHECK;

#endif
