/* SPDX-License-Identifier: MIT */
/* What a threshold knows of the errors that it was fitted on: which model, metric and units made them. */
#ifndef AE_MODEL_THRESHOLD_ORIGIN_H
#define AE_MODEL_THRESHOLD_ORIGIN_H

#include "core/msgpack.h"
#include "model/lineage.h"
#include "model/threshold.h"

/* Refuses a threshold that was fitted on scores of another model, metric, reference or units than `lineage` says; what
   either side does not say is let pass. For the message, name is the scores' and path the threshold's file. */
int ae_threshold_match(const struct ae_threshold *threshold, const struct ae_lineage *lineage, const char *name,
	const char *path, struct ae_error *err) AE_MUST_CHECK;

/* Sets what a threshold says of the scores that it is fitted on. */
int ae_threshold_describe(
	struct ae_threshold *threshold, const struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;

/* The keys of it in the threshold's section: their number, their pairs, and reading them from the map, which gives the
   key whose value is bad or missing, or NULL; *err has a text where memory ran out. */
size_t ae_threshold_origin_count(const struct ae_threshold *threshold);
void ae_threshold_origin_pack(const struct ae_threshold *threshold, struct ae_pack *pack);
const char *ae_threshold_origin_take(struct ae_threshold *threshold, const struct ae_value *map, struct ae_error *err);

#endif
