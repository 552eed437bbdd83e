/* SPDX-License-Identifier: MIT */
/* AEST version 1, the stream's binary encoding (section 2 of the format, ae-stream(5)). */
#ifndef AE_IO_AEST_H
#define AE_IO_AEST_H

#include "io/source.h"

#define AE_AEST_VERSION 1

/* Whether bytes can be the start of an AEST stream (fewer than 7 may not tell: they count if they match so far). */
bool ae_aest_begins(const unsigned char *bytes, size_t len);

int ae_aest_source(struct ae_source *source, struct ae_error *err) AE_MUST_CHECK;

/* Appends a whole message to out. */
int ae_aest_write_header(struct ae_buf *out, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Rows [first, first + rows) as one batch. */
int ae_aest_write_batch(struct ae_buf *out, const struct ae_schema *schema, const struct ae_batch *batch, size_t first,
	size_t rows, struct ae_error *err) AE_MUST_CHECK;
int ae_aest_write_end(struct ae_buf *out, uint64_t rows, bool stopped, struct ae_error *err) AE_MUST_CHECK;

#endif
