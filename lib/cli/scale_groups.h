/* SPDX-License-Identifier: MIT */
/* Scalers of groups on a stream: the table that the header carries. */
#ifndef AE_CLI_SCALE_GROUPS_H
#define AE_CLI_SCALE_GROUPS_H

#include "io/batch.h"
#include "model/model.h"
#include "model/scaler_groups.h"

/* The header's key "scalers", which is no part of the lineage, that has the SHA-256: a packed table. _put replaces what
   is there, and takes it out where the table is empty; _get leaves the table empty where there is none. */
int ae_scale_put_table(struct ae_schema *schema, const struct ae_buf *table, struct ae_error *err) AE_MUST_CHECK;
int ae_scale_get_table(struct ae_buf *table, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;

/* Gives a model, whose preparation is that of the stream, the table of the scalers of groups in it, if there are any.
   A stream that does not carry it is an error. */
int ae_scale_keep_table(struct ae_model *model, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;

#endif
