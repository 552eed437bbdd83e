/* SPDX-License-Identifier: MIT */
/* Memory for blocks, and packing. */
#include "net/block.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

float *ae_block_alloc(uint64_t n, struct ae_error *err)
{
	void *memory = NULL;
	size_t bytes = (size_t)n * sizeof(float), align = bytes < HUGE_PAGE ? 64 : HUGE_PAGE;
	if (n > SIZE_MAX / 8 || posix_memalign(&memory, align, n ? bytes : 64) != 0) {
		ae_fail_memory(err);
		return NULL;
	}
#ifdef MADV_HUGEPAGE
	if (align == HUGE_PAGE)
		(void)madvise(memory, bytes, MADV_HUGEPAGE); /* rows of an image lie pages apart */
#endif
	return memset(memory, 0, bytes);
}

void ae_block_gather(const struct ae_kernels *kernels, float *block, const struct ae_shape *shape, const void *base,
	enum ae_type type, const uint32_t *order, size_t n)
{
	size_t width = ae_shape_size(shape);
	size_t bytes = width * ae_type_size(type);
	const void *row[AE_LANES_MAX];
	for (size_t i = 0; i < kernels->lanes; i++)
		row[i] = (const char *)base + (i >= n ? 0 : order ? order[i] : i) * bytes;
	ae_gather *gather = type == AE_F32   ? kernels->gather_f32
			    : type == AE_F64 ? kernels->gather_f64
					     : kernels->gather_u8;
	gather(block, row, n, width);
}

void ae_block_scatter(
	const struct ae_kernels *kernels, float *rows, const float *block, const struct ae_shape *shape, size_t n)
{
	size_t width = ae_shape_size(shape);
	kernels->scatter(rows, width, block, n, width);
}
