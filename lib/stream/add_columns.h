/* SPDX-License-Identifier: MIT */
/* Columns that ae-cat puts beside those of a stream: row numbers, labels and ids from files, another stream. */
#ifndef AE_STREAM_ADD_COLUMNS_H
#define AE_STREAM_ADD_COLUMNS_H

#include "stream/reader.h"

struct ae_add_columns_options {
	bool number;            /* the 0-based row as id */
	const char *label_file; /* npy, IDX, or a line a row */
	const char *id_file;
	const char *set;   /* label=V */
	const char *paste; /* another stream, row by row; where both have ids they must agree */
	/* How the stream was read. Text to paste is read so too, but for what tells of its shape and its lack of a
	   header: items of its COLS that are no name there say nothing, and its own names give x and target. */
	const struct ae_reader_options *in;
};

/* Memory: label and id files whole. */
struct ae_add_columns;

/* Opens the files and fills the empty schema `out` with the stream's columns, without those that are replaced, and then
   the new ones. `in` must outlive it. Usage errors for what contradicts itself. */
int ae_add_columns_new(struct ae_add_columns **add, const struct ae_add_columns_options *options,
	const struct ae_schema *in, struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;
/* Puts the columns beside a batch; *out lives until the next call. An error of AE_STATUS_SIGTERM where the pasted
   stream still did not come a second after SIGTERM. */
int ae_add_columns_rows(struct ae_add_columns *add, const struct ae_batch *in, const struct ae_batch **out,
	struct ae_error *err) AE_MUST_CHECK;
/* After the last row: a file with more rows than the stream is an error. Not called where reading stopped early. */
int ae_add_columns_end(struct ae_add_columns *add, struct ae_error *err) AE_MUST_CHECK;
/* The reader of the pasted stream; NULL if there is none. */
const struct ae_reader *ae_add_columns_pasted(const struct ae_add_columns *add);
void ae_add_columns_free(struct ae_add_columns *add);

#endif
