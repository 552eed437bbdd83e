/* SPDX-License-Identifier: MIT */
/* Rows held out of a training: put aside while it reads, written when the model is there. */
#include "cli/holdout.h"

#include <string.h>

#include "cli/program.h"
#include "io/format.h"
#include "model/lineage.h"

int ae_holdout_open(struct ae_holdout *h, const char *path, struct ae_error *err)
{
	const struct ae_writer_options stream = {.format = ae_aest_output.name};
	const struct ae_writer_options options = {.path = path, .suffix_free = &stream};
	if (ae_writer_open(&h->writer, &options, &ae_aest_output, err) != 0)
		return -1;
	if (ae_writer_format(h->writer) == &ae_aest_output)
		return 0;
	return ae_fail_usage(err,
		"--calibrate-out %s: a stream is written there, since %s does not say that its rows were held out: "
		"another name",
		path, ae_writer_format(h->writer)->name);
}

int ae_holdout_begin(struct ae_holdout *h, const struct ae_schema *schema, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_schema_copy(&h->schema, schema, err);
	if (rc == 0)
		rc = ae_lineage_unpack(&lineage, &schema->lineage, err);
	lineage.held_out = true;
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &h->schema.lineage, err);
	ae_lineage_free(&lineage);
	return rc == 0 ? ae_spool_new(&h->spool, &h->schema, true, err) : -1;
}

int ae_holdout_take(struct ae_holdout *h, size_t row, struct ae_error *err)
{
	uint64_t place = ae_spool_rows(h->spool) + row;
	return ae_buf_append(&h->taken, &place, sizeof(place), err);
}

int ae_holdout_batch(struct ae_holdout *h, const struct ae_batch *batch, struct ae_error *err)
{
	return ae_spool_append(h->spool, batch, err);
}

static int write_batch(void *writer, const struct ae_batch *batch, struct ae_error *err)
{
	return ae_writer_rows(writer, batch, err);
}

int ae_holdout_write(struct ae_holdout *h, size_t first, struct ae_outfile **file, struct ae_error *err)
{
	const uint64_t *taken = (const void *)h->taken.data;
	size_t end = h->taken.len / sizeof(*taken);
	if (ae_program_header(h->writer, &h->schema, err) != 0)
		return -1;
	for (size_t i = first; i < end; i++)
		if (ae_spool_gather(h->spool, taken[i], i + 1 == end, write_batch, h->writer, err) != 0)
			return -1;
	*file = ae_writer_file(h->writer);
	return ae_writer_end(h->writer, false, err) == 0 ? ae_writer_finish(h->writer, err) : -1;
}

void ae_holdout_free(struct ae_holdout *h)
{
	ae_writer_abort(h->writer);
	ae_spool_free(h->spool);
	ae_schema_free(&h->schema);
	ae_buf_free(&h->taken);
	*h = (struct ae_holdout){0};
}
