/* SPDX-License-Identifier: MIT */
/* Which features made a row's error: their names and shares. */
#ifndef AE_EVAL_ATTRIBUTION_H
#define AE_EVAL_ATTRIBUTION_H

#include "io/batch.h"

enum { AE_BLAME_MOST = 16 };

/* All zero but for top. Each gap |made - reference| counts in units of the root mean square of the same gap in
   training, so that a feature that is always noisy does not take all blame; without a model all units are 1. A share is
   a feature's squared gap over the sum of all. */
struct ae_attribution {
	uint64_t top;
	struct ae_column column; /* a copy of what is held to account; borrowed */
	double *unit;
	size_t count;
	double *gap;
	struct ae_data name[AE_BLAME_MOST], share[AE_BLAME_MOST];
};

/* Adds the columns top1, top1_share, top2 ... of role pass to the schema; path may be NULL. */
int ae_attribution_begin(struct ae_attribution *blame, const struct ae_column *column, const char *path,
	struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;
void ae_attribution_clear(struct ae_attribution *blame);
/* Adds a row; where nothing was computed the names are empty and the shares missing. */
int ae_attribution_row(
	struct ae_attribution *blame, const double *made, const double *reference, struct ae_error *err) AE_MUST_CHECK;
/* Puts the 2 * top columns into a batch. */
void ae_attribution_columns(struct ae_attribution *blame, struct ae_data **cols);
void ae_attribution_free(struct ae_attribution *blame);

#endif
