/* SPDX-License-Identifier: MIT */
/* PNM both ways: P5 and P6 images, one after the other. */
#ifndef AE_IO_PNM_H
#define AE_IO_PNM_H

#include "io/source.h"

/* Whether bytes can be the start of P1 to P7; settled with four bytes, or fewer at the end of the input. Few texts
   begin so: those of one column of numbers that is called P5. */
bool ae_pnm_begins(const unsigned char *bytes, size_t len);
/* The images as x of shape [h,w,1] or [h,w,3], or of --shape: samples of one byte as u8, of two as f32, neither scaled.
   All must have the size, channels and maxval of the first. */
int ae_pnm_source(struct ae_source *source, const struct ae_text_rules *rules, struct ae_error *err) AE_MUST_CHECK;

/* Whether a stream can be written: one column of numbers, of shape [h,w,1], [h,w,3] or [h,w]. */
int ae_pnm_check(const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Appends each row as an image of 8 bits, values rounded half to even and clamped to 0..255. NaN is an error that names
   the row, the first of the batch being number `first`. */
int ae_pnm_write_rows(struct ae_buf *out, const struct ae_schema *schema, const struct ae_batch *batch, uint64_t first,
	struct ae_error *err) AE_MUST_CHECK;

#endif
