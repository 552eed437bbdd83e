/* SPDX-License-Identifier: MIT */
/* Selection of rows: by condition and place as they come, the last ones and samples from a spool. */
#include "stream/select.h"

#include <stdlib.h>

#include "core/rng.h"
#include "io/source.h"
#include "stream/spool.h"

struct ae_select {
	struct ae_select_options options;
	const struct ae_schema *schema;
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err);
	void *arg;
	struct ae_where *where;
	struct ae_rows held, part;
	struct ae_spool *spool;
	uint64_t passed; /* rows for which where held */
};

int ae_select_new(struct ae_select **out, const struct ae_select_options *options, const struct ae_schema *schema,
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err), void *arg, struct ae_error *err)
{
	struct ae_select *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->options = *options;
	s->schema = schema;
	s->emit = emit;
	s->arg = arg;
	int rc = ae_where_parse(&s->where, options->where, options->where_count, err);
	if (rc == 0)
		rc = ae_where_bind(s->where, schema, err);
	if (rc == 0)
		rc = ae_rows_init(&s->held, schema->count, err);
	if (rc == 0)
		rc = ae_rows_init(&s->part, schema->count, err);
	if (rc == 0 && (options->tail != AE_SELECT_ALL || options->sample != AE_SELECT_ALL))
		rc = ae_spool_new(&s->spool, schema, true, err);
	if (rc != 0) {
		ae_select_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

static int pass_on(struct ae_select *s, const struct ae_batch *batch, struct ae_error *err)
{
	return s->spool ? ae_spool_append(s->spool, batch, err) : s->emit(s->arg, batch, err);
}

int ae_select_rows(struct ae_select *s, const struct ae_batch *batch, struct ae_error *err)
{
	if (s->options.where_count) {
		ae_rows_clear(&s->held);
		if (ae_where_take(s->where, &s->held, s->schema, batch, err) != 0)
			return -1;
		batch = &s->held.batch;
	}
	uint64_t before = s->passed, skip = s->options.skip, head = s->options.head;
	uint64_t first = before < skip ? skip - before : 0, end = batch->rows;
	if (head < UINT64_MAX - skip && before + end > skip + head)
		end = before < skip + head ? skip + head - before : 0;
	s->passed += batch->rows;
	if (first >= end)
		return 0;
	if (first == 0 && end == batch->rows)
		return pass_on(s, batch, err);
	ae_rows_clear(&s->part);
	if (ae_rows_append(&s->part, s->schema, batch, first, end - first, err) != 0)
		return -1;
	return pass_on(s, &s->part.batch, err);
}

bool ae_select_is_full(const struct ae_select *s)
{
	uint64_t skip = s->options.skip, head = s->options.head;
	return head < UINT64_MAX - skip && s->passed >= skip + head;
}

int ae_select_end(struct ae_select *s, struct ae_error *err)
{
	if (!s->spool)
		return 0;
	uint64_t rows = ae_spool_rows(s->spool);
	uint64_t first = s->options.tail < rows ? rows - s->options.tail : 0;
	uint64_t wanted = s->options.sample < rows - first ? s->options.sample : rows - first;
	for (uint64_t row = first; row < rows && wanted > 0; row++) {
		double draw = ae_rng_uniform(s->options.seed, AE_RNG_HI(AE_RNG_SAMPLE, 0), row - first);
		if (draw * (double)(rows - row) >= (double)wanted)
			continue;
		wanted--;
		if (ae_spool_gather(s->spool, row, wanted == 0, s->emit, s->arg, err) != 0)
			return -1;
	}
	return 0;
}

void ae_select_free(struct ae_select *s)
{
	if (!s)
		return;
	ae_where_free(s->where);
	ae_rows_free(&s->held);
	ae_rows_free(&s->part);
	ae_spool_free(s->spool);
	free(s);
}
