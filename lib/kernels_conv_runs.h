/* How the gradients of a convolution walk over narrow pixels: in runs along rows, or down a column where windows leave
   the image at its sides. */
#ifndef AE_KERNELS_CONV_RUNS_H
#define AE_KERNELS_CONV_RUNS_H

#include <stdbool.h>

#include "kernels_conv.h"
#include "kernels_tile.h"

/* Narrow pixels from (row, col) on, so many in each of some lines, in which the tap columns [col0, col1) are there. */
struct run {
	size_t row, col, pixels, lines;
	size_t col0, col1;
};

typedef void run_fn(void *arg, const struct run *run);

/* Covers the narrow rows [top, bottom) with runs of at most `most` pixels in each of at most `lines` lines; those down
   a column have 1 in each of at most `most`. */
INLINE void each_run(
	const struct ae_conv *c, size_t top, size_t bottom, size_t most, size_t lines, run_fn *fn, void *arg)
{
	size_t whole0, whole1, cols = c->narrow_width, rows = bottom - top;
	whole(-(ptrdiff_t)c->left, c->stride, c->kernel_width, c->width, cols, &whole0, &whole1);
	size_t inside = whole1 - whole0, across = tiles_of(inside, most), down = tiles_of(rows, lines);
	for (size_t i = 0; i < down; i++)
		for (size_t t = 0; t < across; t++) {
			struct run run = {.row = top + part(rows, down, i),
				.col = whole0 + part(inside, across, t),
				.col1 = c->kernel_width};
			run.lines = top + part(rows, down, i + 1) - run.row;
			run.pixels = whole0 + part(inside, across, t + 1) - run.col;
			fn(arg, &run);
		}
	for (size_t j = 0; j < cols; j = j + 1 == whole0 && inside ? whole1 : j + 1) {
		struct run run = {.col = j, .pixels = 1};
		clip((ptrdiff_t)(j * c->stride) - (ptrdiff_t)c->left, c->kernel_width, c->width, &run.col0, &run.col1);
		for (size_t i = top; (j < whole0 || j >= whole1) && run.col0 < run.col1 && i < bottom; i += most) {
			run.row = i;
			run.lines = MIN(most, bottom - i);
			fn(arg, &run);
		}
	}
}

/* Whether tap row `tap` is there for lines of the run: for those from `skip` on, as many as `lines`; `wide` is the wide
   pixel under tap column col0 of the first one's first pixel. */
INLINE bool run_taps(
	const struct ae_conv *c, const struct run *run, size_t tap, size_t *skip, size_t *lines, size_t *wide)
{
	size_t s = c->stride, from, to;
	ptrdiff_t y = (ptrdiff_t)(run->row * s + tap) - (ptrdiff_t)c->top;
	whole(y, s, 1, c->height, run->lines, &from, &to);
	*skip = from;
	*lines = to - from;
	*wide = ((size_t)(y + (ptrdiff_t)(from * s))) * c->width + run->col * s + run->col0 - c->left;
	return from < to;
}

#endif
