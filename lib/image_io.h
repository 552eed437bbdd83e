/* Files and streams of images: IDX, and PNM both ways. */
#ifndef AE_IMAGE_IO_H
#define AE_IMAGE_IO_H

#include "source.h"

/* ---- IDX: one array of unsigned bytes, as MNIST's ---- */

/* What an array's header says. */
struct ae_idx {
	uint64_t rows;
	struct ae_shape shape; /* of a row: [h,w,1] for an array of three dimensions, [1] for one */
};

/* Whether bytes can be the start of an IDX file; no text begins so. */
bool ae_idx_begins(const unsigned char *bytes, size_t len);
/* Parses the header at the start of bytes[0, len): 1 with its length in *size, 0 if more bytes are needed, -1 and err.
   Elements other than unsigned bytes are an error. */
int ae_idx_header(
	struct ae_idx *idx, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err) AE_MUST_CHECK;
/* The array as x of type u8, of --shape if that is given. */
int ae_idx_source(struct ae_source *source, const struct ae_text_rules *rules, struct ae_error *err) AE_MUST_CHECK;

/* ---- PNM: P5 and P6 images, one behind the other ---- */

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
