/* SPDX-License-Identifier: MIT */
/* The column n_obs: how many values of x were observed in a row, so that a score of few tells itself from one of all.
   It counts what came, before anything was put in for what is missing. */
#ifndef AE_EVAL_OBSERVED_H
#define AE_EVAL_OBSERVED_H

#include "io/batch.h"

#define AE_OBSERVED_NAME "n_obs"

/* All zero before ae_observed_begin; freed with ae_observed_free. */
struct ae_observed {
	size_t column; /* of the input, whose values are counted */
	const struct ae_column *counted;
	struct ae_data numbers; /* of a batch */
};

/* The column n_obs that a stream has already, AE_NO_COLUMN if there is none. */
size_t ae_observed_find(const struct ae_schema *schema);
/* The same, where it is a number that can be added up, as ae_observed_begin makes it. */
size_t ae_observed_find_number(const struct ae_schema *schema);
/* Appends n_obs to `out`: a number a row, of the values in `column` of `in`, which outlives the rows. */
int ae_observed_begin(struct ae_observed *observed, const struct ae_schema *in, size_t column, struct ae_schema *out,
	struct ae_error *err) AE_MUST_CHECK;
/* Counts those of a batch, in observed->numbers until the next one. */
int ae_observed_rows(struct ae_observed *observed, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
void ae_observed_free(struct ae_observed *observed);

#endif
