/* SPDX-License-Identifier: MIT */
/* What of a lineage decides the values of rows: what a state that is made of them must go on with. */
#ifndef AE_MODEL_LINEAGE_VALUES_H
#define AE_MODEL_LINEAGE_VALUES_H

#include "model/lineage.h"

/* Packs of the lineage in `blob` what decides values: the preparation, and of scores the model, the metric with its
   reference and units, the statistics and the smoothing. Replaces what `values` held. */
int ae_lineage_pack_values(struct ae_buf *values, const struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Puts the model of `now`, and its statistics, into the place of those in `had`, both so packed, where it is another
   one. */
int ae_lineage_take_model(
	struct ae_buf *had, const struct ae_buf *now, bool *other, struct ae_error *err) AE_MUST_CHECK;
/* An error that says what differs: "the rows of another model". Both are so packed. */
int ae_lineage_check_values(const struct ae_buf *had, const struct ae_buf *now, struct ae_error *err) AE_MUST_CHECK;

/* Whether, models aside, rows of the lineage `now` are prepared and scored as those of `had`: NULL, or what differs, as
   words for a note. */
int ae_lineage_find_otherwise(
	const char **otherwise, const struct ae_buf *had, const struct ae_buf *now, struct ae_error *err) AE_MUST_CHECK;

#endif
