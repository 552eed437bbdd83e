/* SPDX-License-Identifier: MIT */
/* IDX files: one array of unsigned bytes, as MNIST's. As ae_idx_input the array is x of type u8, of --shape if that is
   given. */
#ifndef AE_IO_IDX_H
#define AE_IO_IDX_H

#include "core/tensor.h"

/* The header of an array. */
struct ae_idx {
	uint64_t rows;
	struct ae_shape shape; /* of a row: [h,w,1] for an array of three dimensions, [1] for one */
};

/* Parses the header at the start of bytes[0, len): 1 with its length in *size, 0 if more bytes are needed, -1 and err.
   Elements other than unsigned bytes are an error. */
int ae_idx_header(
	struct ae_idx *idx, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err) AE_MUST_CHECK;

#endif
