/* SPDX-License-Identifier: MIT */
/* The interface of an output format: it turns schema and rows into bytes for the writer, as ae_source is the interface
   of an input format. */
#ifndef AE_IO_ENCODER_H
#define AE_IO_ENCODER_H

#include "io/batch.h"

/* Bytes of the output that stay where they are: those of a batch, behind byte `at` of what is encoded. */
struct ae_lent {
	size_t at;
	const unsigned char *bytes;
	size_t len;
};

/* One output in some format. The writer calls, for each stream, begin(), then rows() any number of times, then end();
   after the last stream finish(); and free() in any case. All append to `out`, which the writer writes and empties
   between the calls. Errors name row and column, not the file. */
struct ae_encoder {
	void *state;
	/* The header of a stream, or what is wrong with such a stream in this format. schema lives until the next
	   begin() or free(). */
	int (*begin)(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err);
	/* Rows [first, first + rows), as one batch if the format has batches. If it fails in a format of lines, the
	   whole rows before the one that is wrong stand in `out`, and nothing of that one. */
	int (*rows)(void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out,
		struct ae_error *err);
	/* The same, but for long runs of the batch's bytes, which are not copied: struct ae_lent, appended to `lent` in
	   order, says where they belong. NULL: the format has none. */
	int (*lend)(void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out,
		struct ae_buf *lent, struct ae_error *err);
	/* The end of a stream that was read to its end, or stopped. May be NULL. */
	int (*end)(void *state, bool stopped, struct ae_buf *out, struct ae_error *err);
	/* The rest, of a format that must know all rows before it can write. Returns 1 if it is to be called again for
	   more, 0 if that was all, and -1 with *err set. May be NULL. */
	int (*finish)(void *state, struct ae_buf *out, struct ae_error *err);
	/* Appends a line as rows are, in which nothing has a value: the rows of a log of a format without header are
	   told by it. NULL: by the header. */
	int (*sample)(void *state, struct ae_buf *out, struct ae_error *err);
	/* The first text since begin() that was no UTF-8, which is what the format writes, and what stands for it; "":
	   none. NULL: the format writes any bytes. */
	const char *(*replaced)(void *state);
	/* From now on cells may hold line ends. NULL: the format knows no lines. */
	void (*multiline)(void *state);
	/* From now on rows are written without the line of names before them. NULL: the format has no such line. */
	void (*headerless)(void *state);
	void (*free)(void *state);
};

#endif
