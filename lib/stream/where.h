/* SPDX-License-Identifier: MIT */
/* Row conditions: --where COL OP VALUE[,VALUE], the same in every program. */
#ifndef AE_STREAM_WHERE_H
#define AE_STREAM_WHERE_H

#include "io/batch.h"

/* A list of conditions that must all hold. */
struct ae_where;

/* Parses conditions such as label=1, time>=2024-03-01 or class!=a,b (= != < <= > >=; several values only with = and
   !=). Column and values may be quoted as in CSV; blanks around unquoted ones do not count. Usage errors name the
   condition. Freed with ae_where_free; no conditions let every row pass. */
int ae_where_parse(struct ae_where **where, const char *const *texts, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* The names of columns in the conditions, as they may stand in a header, for ae_reader_options; they live as long as
   the conditions do. */
char *const *ae_where_names(const struct ae_where *where, size_t *count);
/* Finds the conditions' columns (see ae_element_find) and checks that columns of numbers are compared with numbers.
   Needed again for each schema, which must outlive its use; the cost does not depend on the schema's shapes. */
int ae_where_bind(struct ae_where *where, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Whether all conditions hold. Numbers are compared as their shortest text says, text as exact decimal numbers where
   both sides are numbers, else byte by byte. What is missing equals only missing, and is neither more nor less. */
bool ae_where_holds(const struct ae_where *where, const struct ae_batch *batch, size_t row);
/* Appends the rows of batch for which it holds. */
int ae_where_take(const struct ae_where *where, struct ae_rows *out, const struct ae_schema *schema,
	const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
void ae_where_free(struct ae_where *where);

#endif
