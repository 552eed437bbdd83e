/* SPDX-License-Identifier: MIT */
/* Whether a threshold is for errors of this lineage. */
#ifndef AE_MODEL_THRESHOLD_MATCH_H
#define AE_MODEL_THRESHOLD_MATCH_H

#include "model/lineage.h"
#include "model/threshold.h"

/* Refuses errors of another model, metric, reference or units; what either side does not say is let pass. name is the
   stream's and path the threshold's file, for the message. */
int ae_threshold_match(const struct ae_threshold *threshold, const struct ae_lineage *lineage, const char *name,
	const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
