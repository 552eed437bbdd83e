/* SPDX-License-Identifier: MIT */
/* Row conditions: --where COL OP V[,V], the same in every program. */
#ifndef AE_STREAM_WHERE_H
#define AE_STREAM_WHERE_H

#include "io/batch.h"

/* A list of conditions that must all hold. */
struct ae_where;

/* Parses conditions such as label=1, time>=2024-03-01 or class!=a,b (= != < <= > >=; several values only with = and
   !=). Usage errors name the condition. Freed with ae_where_free; no conditions let every row pass. */
int ae_where_parse(struct ae_where **where, const char *const *texts, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Finds the conditions' columns: a column's name, else a feature's, else a role. Needed again for each schema. */
int ae_where_bind(struct ae_where *where, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
bool ae_where_holds(const struct ae_where *where, const struct ae_batch *batch, size_t row);
/* Appends the rows of batch for which it holds. */
int ae_where_take(const struct ae_where *where, struct ae_rows *out, const struct ae_schema *schema,
	const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
void ae_where_free(struct ae_where *where);

#endif
