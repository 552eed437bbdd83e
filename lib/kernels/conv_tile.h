/* SPDX-License-Identifier: MIT */
/* Shared by the convolution sources: shapes of the register tile, even partitions, and clipping of windows at the
   borders of an image. */
#ifndef AE_KERNELS_CONV_TILE_H
#define AE_KERNELS_CONV_TILE_H

#include <stddef.h>

#include "kernels/simd.h"

/* A register tile has up to TILE_ACCUMULATORS vector accumulators: up to TILE_CHANNELS channels by
   tile_pixels[channels - 1] pixels (in wgrad: by channels of the other image). The largest shapes fill the vector
   registers of the instruction set. TILE_SHAPES(X) expands to X(channels, pixels) for every shape. */
#if defined(__AVX512F__) || defined(AE_KERNEL_TILES_AVX512)
#define TILE_CHANNELS 8
#define TILE_ACCUMULATORS 24
#elif W >= 8
#define TILE_CHANNELS 4
#define TILE_ACCUMULATORS 12
#else
#define TILE_CHANNELS 4
#define TILE_ACCUMULATORS 8
#endif
#define TO_2(X, m) X(m, 1) X(m, 2)
#define TO_3(X, m) TO_2(X, m) X(m, 3)
#define TO_4(X, m) TO_3(X, m) X(m, 4)
#define TO_6(X, m) TO_4(X, m) X(m, 5) X(m, 6)
#define TO_8(X, m) TO_6(X, m) X(m, 7) X(m, 8)
#define TO_12(X, m) TO_8(X, m) X(m, 9) X(m, 10) X(m, 11) X(m, 12)
#if TILE_CHANNELS == 8
#define TILE_SHAPES_6(X) TO_12(X, 1) TO_12(X, 2) TO_8(X, 3) TO_6(X, 4) TO_4(X, 5) TO_4(X, 6)
#define TILE_SHAPES(X) TILE_SHAPES_6(X) TO_3(X, 7) TO_3(X, 8)
static const unsigned tile_pixels[TILE_CHANNELS] = {12, 12, 8, 6, 4, 4, 3, 3};
#elif TILE_ACCUMULATORS == 12
#define TILE_SHAPES(X) TO_12(X, 1) TO_6(X, 2) TO_4(X, 3) TO_3(X, 4)
static const unsigned tile_pixels[TILE_CHANNELS] = {12, 6, 4, 3};
#else
#define TILE_SHAPES(X) TO_8(X, 1) TO_4(X, 2) TO_2(X, 3) TO_2(X, 4)
static const unsigned tile_pixels[TILE_CHANNELS] = {8, 4, 2, 2};
#endif

/* An image of this many floats or more (1 MiB) is taken not to stay in the second-level cache. */
#define L2_FLOATS (1 << 18)

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* The start of the n-th of `parts` nearly equal parts of [0, total); n == parts: total. */
INLINE size_t part_start(size_t total, size_t parts, size_t n)
{
	size_t base = total / parts, more = total % parts;
	return n * base + MIN(n, more);
}

/* The number of tiles of at most `most` that n channels need. */
INLINE size_t tile_count(size_t n, size_t most)
{
	return (n + most - 1) / most;
}

/* The taps [*from, *to) that lie within [0, n) when a window of `taps` begins at `at`. */
INLINE void clip_taps(ptrdiff_t at, size_t taps, size_t n, size_t *from, size_t *to)
{
	ptrdiff_t first = at < 0 ? -at : 0, end = (ptrdiff_t)n - at;
	end = end < (ptrdiff_t)taps ? end : (ptrdiff_t)taps;
	*to = end > 0 ? (size_t)end : 0;
	*from = first < (ptrdiff_t)*to ? (size_t)first : *to;
}

/* Of n windows of `taps`, the first at `left`, `step` apart: those, [*from, *to), that lie entirely within [0, size).
 */
INLINE void inner_windows(ptrdiff_t left, size_t step, size_t taps, size_t size, size_t n, size_t *from, size_t *to)
{
	ptrdiff_t s = (ptrdiff_t)step, room = (ptrdiff_t)size - (ptrdiff_t)taps - left;
	size_t first = left < 0 ? (size_t)((-left + s - 1) / s) : 0;
	size_t end = room < 0 ? 0 : (size_t)(room / s) + 1;
	*to = MIN(end, n);
	*from = MIN(first, *to);
}

#endif
