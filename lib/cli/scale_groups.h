/* SPDX-License-Identifier: MIT */
/* Scalers of groups on a stream: which rows are of which group, and the table that the header carries. */
#ifndef AE_CLI_SCALE_GROUPS_H
#define AE_CLI_SCALE_GROUPS_H

#include "core/number.h"
#include "io/batch.h"
#include "model/model.h"
#include "model/scaler_groups.h"

/* Finds the column of --group. Errors do not name the input. */
int ae_scale_find_group(
	size_t *column, const struct ae_schema *schema, const char *name, struct ae_error *err) AE_MUST_CHECK;

/* The name of a row's group, as text files have it: it lives until the next call with the same room. */
const char *ae_scale_group_name(const struct ae_schema *schema, const struct ae_batch *batch, size_t column, size_t row,
	char room[AE_NUMBER_TEXT], size_t *len);
/* How many rows from `row` on are of one group. */
size_t ae_scale_group_run(const struct ae_schema *schema, const struct ae_batch *batch, size_t column, size_t row);

/* The header's key "scalers", which is no part of the lineage, that has the SHA-256: a packed table. _put replaces what
   is there, and takes it out where the table is empty; _get leaves the table empty where there is none. */
int ae_scale_put_table(struct ae_schema *schema, const struct ae_buf *table, struct ae_error *err) AE_MUST_CHECK;
int ae_scale_get_table(struct ae_buf *table, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;

/* Gives a model, whose preparation is that of the stream, the table of the scalers of groups in it, if there are any.
   A stream that does not carry it is an error. */
int ae_scale_keep_table(struct ae_model *model, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;

#endif
