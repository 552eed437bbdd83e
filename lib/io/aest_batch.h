/* SPDX-License-Identifier: MIT */
/* The batches of AEST to rows. Nothing here leaves the bytes it is given. */
#ifndef AE_IO_AEST_BATCH_H
#define AE_IO_AEST_BATCH_H

#include "io/batch.h"
#include "io/input.h"

/* A place in a message. */
struct ae_aest_cursor {
	const unsigned char *at, *end;
	bool cut; /* what was to be taken goes on behind the end */
};

/* Each returns 0, or -1 if there is something else, or not all of it. */
int ae_aest_take_array(struct ae_aest_cursor *c, uint64_t *count) AE_MUST_CHECK;
int ae_aest_take_u64(struct ae_aest_cursor *c, uint64_t *value) AE_MUST_CHECK;
int ae_aest_take_bin_head(struct ae_aest_cursor *c, size_t *len) AE_MUST_CHECK;

/* Adds the rows of a message of `count` elements; the cursor stands behind the kind. Errors give the row counted from
   `before`. On failure columns may have got rows that are not counted. */
int ae_aest_add_batch(struct ae_aest_cursor *c, uint64_t count, uint64_t before, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err) AE_MUST_CHECK;

/* The parts of it: n texts; and whether numbers that were added from byte `start` on may stand in the column. */
int ae_aest_add_text(struct ae_data *data, const struct ae_column *column, const unsigned char *bytes, size_t len,
	size_t rows, struct ae_error *err) AE_MUST_CHECK;
int ae_aest_check_numbers(const struct ae_column *column, struct ae_data *data, size_t start, uint64_t before,
	struct ae_error *err) AE_MUST_CHECK;

/* What is kept between messages that are read straight into the columns. All zero at first. */
struct ae_aest_direct {
	bool large;           /* the message before was read so */
	struct ae_buf heads;  /* of the message at hand: all that is no number */
	struct ae_buf pieces; /* what several threads have read at once */
	struct ae_buf places; /* and where numbers stand between them */
};

void ae_aest_direct_free(struct ae_aest_direct *direct);
/* Reads a large batch from the front of the input into the columns, without a buffer between, and waits for all of it.
   1 if its rows were added, -1 and *err on failure. 0 if what comes is something else, small, or odd in any way: then
   all bytes are as they were, and the message is to be read whole; so this says no error of its own but a wrong
   checksum and numbers that may not stand where they do. */
int ae_aest_read_batch(struct ae_aest_direct *direct, struct ae_input *input, uint64_t before,
	const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err) AE_MUST_CHECK;

#endif
