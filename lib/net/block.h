/* SPDX-License-Identifier: MIT */
/* A block holds `lanes` rows of a batch, transposed: float[features][lanes]. Packing rows into blocks and back.
   Features are in the order of the row, for rows of shape [h,w,c]: float[h][w][c][lanes]. */
#ifndef AE_NET_BLOCK_H
#define AE_NET_BLOCK_H

#include "core/tensor.h"
#include "kernels/kernels.h"

/* n zeroed floats, aligned for any vector, in huge pages where they fill one; NULL with err set when memory is out.
   Freed with free(). */
float *ae_block_alloc(uint64_t n, struct ae_error *err) AE_MUST_CHECK;

/* Packs n <= lanes rows of a number type, rounded to f32, into a block: row order[i] of those at `base` (row i if order
   is NULL). The other lanes are zero. */
void ae_block_gather(const struct ae_kernels *kernels, float *block, const struct ae_shape *shape, const void *base,
	enum ae_type type, const uint32_t *order, size_t n);

/* Unpacks n rows of a block, row-major. */
void ae_block_scatter(
	const struct ae_kernels *kernels, float *rows, const float *block, const struct ae_shape *shape, size_t n);

#endif
