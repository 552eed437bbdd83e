/* SPDX-License-Identifier: MIT */
/* The column that says of which group a row is, as of which machine in a log of many. */
#ifndef AE_STREAM_GROUP_COLUMN_H
#define AE_STREAM_GROUP_COLUMN_H

#include "core/number.h"
#include "io/batch.h"

/* Finds the column that an option names, by name or role; it has one value a row. Errors begin with the option,
   "--group", and do not name the input. */
int ae_group_column_find(size_t *column, const struct ae_schema *schema, const char *option, const char *name,
	struct ae_error *err) AE_MUST_CHECK;
/* The name of a row's group, as text files have it, not NUL-terminated: it lives until the next call with the same
 * room. */
const char *ae_group_column_name(const struct ae_schema *schema, const struct ae_batch *batch, size_t column,
	size_t row, char room[AE_NUMBER_TEXT], size_t *len);
/* How many rows from `row` on are of one group. */
size_t ae_group_column_run(const struct ae_schema *schema, const struct ae_batch *batch, size_t column, size_t row);

#endif
