/* SPDX-License-Identifier: MIT */
/* Which rows of a stream pass: --where, then --skip, --head, --tail, --sample. */
#ifndef AE_STREAM_SELECT_H
#define AE_STREAM_SELECT_H

#include "stream/where.h"

#define AE_SELECT_ALL UINT64_MAX

struct ae_select_options {
	const char *const *where;
	size_t where_count;
	uint64_t skip, head; /* head AE_SELECT_ALL: no limit */
	uint64_t tail;       /* AE_SELECT_ALL: no limit */
	uint64_t sample;     /* AE_SELECT_ALL: no sample */
	uint64_t seed;
};

/* Memory: a batch. With tail or sample, all rows that came so far wait in a temporary file, 8 bytes each in memory. */
struct ae_select;

/* emit gets the rows that pass, in the order of the stream; if it returns other than 0, the call returns that. schema
   must outlive the selection. */
int ae_select_new(struct ae_select **select, const struct ae_select_options *options, const struct ae_schema *schema,
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err), void *arg,
	struct ae_error *err) AE_MUST_CHECK;
int ae_select_rows(struct ae_select *select, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
/* Whether no further row can pass, so that reading may stop. */
bool ae_select_is_full(const struct ae_select *select);
/* Emits what waited for the end. The sample is drawn without replacement, a function of the seed and the number of
   rows (selection sampling, Fan et al. 1962). */
int ae_select_end(struct ae_select *select, struct ae_error *err) AE_MUST_CHECK;
void ae_select_free(struct ae_select *select);

#endif
