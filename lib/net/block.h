/* SPDX-License-Identifier: MIT */
/* Blocks: rows of a batch, as many as the kernels have lanes, float[features][lanes], and their way from and to rows.
   Features are in the order of the row: h, w, c, lane for rows of shape [h,w,c]. */
#ifndef AE_NET_BLOCK_H
#define AE_NET_BLOCK_H

#include "core/tensor.h"
#include "kernels/kernels.h"

/* n zeroed floats, aligned for any vector; NULL and err set when memory is out. Freed with free(). */
float *ae_block_alloc(size_t n, struct ae_error *err) AE_MUST_CHECK;

/* Rows of a number type, rounded to f32, into a block: row order[i] for i < n <= lanes (row i if order is NULL) of the
   rows at `base`; the other lanes are zero. */
void ae_block_gather(const struct ae_kernels *kernels, float *block, const struct ae_shape *shape, const void *base,
	enum ae_type type, const uint32_t *order, size_t n);

/* n rows out of a block, row-major. */
void ae_block_scatter(
	const struct ae_kernels *kernels, float *rows, const float *block, const struct ae_shape *shape, size_t n);

#endif
