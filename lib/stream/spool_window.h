/* SPDX-License-Identifier: MIT */
/* Rows of a spool's file that are wanted in an order of their own: read block by block, as many at a time as fit into
   a window of memory. */
#ifndef AE_STREAM_SPOOL_WINDOW_H
#define AE_STREAM_SPOOL_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/util.h"

/* The file of a spool: rows one after the other. */
struct ae_spool_file {
	int fd;
	uint64_t bytes, rows;
	uint64_t row_bytes;    /* of every row; 0 where text makes them differ */
	struct ae_buf offsets; /* uint64_t where each row begins, if they differ */
};

/* Where a row begins in the file, and where it ends. */
uint64_t ae_spool_find(const struct ae_spool_file *file, uint64_t row, uint64_t *end);
int ae_spool_read(const struct ae_spool_file *file, void *bytes, uint64_t start, uint64_t end,
	struct ae_error *err) AE_MUST_CHECK;

/* All zero, then ae_spool_window_expect. It takes some 10 MiB and 4 bytes a row of the file, 256 MiB at most, and never
   less than a row. */
struct ae_spool_window {
	const uint32_t *rows; /* all that are wanted, in order */
	size_t count;
	size_t next;           /* rows[next] is given next */
	size_t first, end;     /* rows[first, end) are in memory */
	struct ae_buf bytes;   /* theirs, one after the other */
	struct ae_buf places;  /* uint64_t where each begins in bytes, and the end of the last one */
	struct ae_buf ordered; /* uint32_t which they are, by the blocks of the file */
	struct ae_buf blocks;  /* uint32_t where those of a block end in `ordered`, [blocks + 1] */
	struct ae_buf block;   /* bytes of the file */
};

/* rows must live as long as they are read. */
void ae_spool_window_expect(struct ae_spool_window *window, const uint32_t *rows, size_t count);
/* The bytes of row rows[next]; NULL and *err if it fails. They live until the next call. */
const unsigned char *ae_spool_window_next(struct ae_spool_window *window, const struct ae_spool_file *file, size_t *len,
	struct ae_error *err) AE_MUST_CHECK;
void ae_spool_window_free(struct ae_spool_window *window);

#endif
