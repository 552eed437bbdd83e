/* SPDX-License-Identifier: MIT */
/* Missing values of x replaced by those of its reconstruction. */
#ifndef AE_CLI_IMPUTE_H
#define AE_CLI_IMPUTE_H

#include "io/batch.h"
#include "model/lineage.h"
#include "model/model.h"

/* Whether a model at `path` can fill the holes of a column x: it was trained with masked values, since others leave
   rows with a hole uncomputed, and reconstructs as many values as x has. Says in the lineage that x was filled. */
int ae_impute_begin(const struct ae_model *model, const char *path, const struct ae_column *x,
	const struct ae_shape *recon, struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;
/* Values of x, rows of them, with recon[rows][...] in their holes; where recon is missing too they stay. The others
   keep their bits. *filled becomes `in` itself where there is no hole, else `made`. */
int ae_impute_rows(struct ae_data **filled, struct ae_data *made, const struct ae_column *x, struct ae_data *in,
	const float *recon, size_t rows, struct ae_error *err) AE_MUST_CHECK;

#endif
