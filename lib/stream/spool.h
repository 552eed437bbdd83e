/* SPDX-License-Identifier: MIT */
/* Rows put aside in an unlinked temporary file, for programs that must see every row before they write the first. */
#ifndef AE_STREAM_SPOOL_H
#define AE_STREAM_SPOOL_H

#include "io/batch.h"

struct ae_spool;

/* A spool for rows of a schema, which must outlive it. The file is in $TMPDIR or /tmp and has no name. Memory: the
   buffers of about a MiB, and, if indexed, 8 bytes a row where a column is text. */
int ae_spool_new(
	struct ae_spool **spool, const struct ae_schema *schema, bool indexed, struct ae_error *err) AE_MUST_CHECK;
int ae_spool_append(struct ae_spool *spool, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
uint64_t ae_spool_rows(const struct ae_spool *spool);
/* Rows that ae_spool_next has not given. */
uint64_t ae_spool_left(const struct ae_spool *spool);
/* Appends the next rows in order to `rows`, up to a usual batch; if rows stays empty there were no more. No append may
   follow. */
int ae_spool_next(struct ae_spool *spool, struct ae_rows *rows, struct ae_error *err) AE_MUST_CHECK;
/* Says which rows ae_spool_gather will be asked for, from the first to the last, in whatever order: many are then read
   at once. rows must live as long. Memory: some 10 MiB and 4 bytes a row. */
void ae_spool_expect(struct ae_spool *spool, const uint32_t *rows, size_t count);
/* Puts row `row` (0-based) of an indexed spool into a batch; emit gets the batch when it is full or holds the `last`
   row that is wanted. If emit returns other than 0, the call returns that. */
int ae_spool_gather(struct ae_spool *spool, uint64_t row, bool last,
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err), void *arg,
	struct ae_error *err) AE_MUST_CHECK;
void ae_spool_free(struct ae_spool *spool);

#endif
