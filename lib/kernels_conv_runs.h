/* How the gradients of a convolution walk over narrow pixels: in runs along a row, or down a column where windows leave
   the image at its sides. */
#ifndef AE_KERNELS_CONV_RUNS_H
#define AE_KERNELS_CONV_RUNS_H

#include <stdbool.h>

#include "kernels_conv.h"
#include "kernels_tile.h"

/* Narrow pixels from (row, col) on in which the tap columns [col0, col1) are there. */
struct run {
	size_t row, col, pixels;
	bool down;
	size_t col0, col1;
};

typedef void run_fn(void *arg, const struct run *run);

/* Covers the narrow rows [top, bottom) with runs of at most `most` pixels. */
INLINE void each_run(const struct ae_conv *c, size_t top, size_t bottom, size_t most, run_fn *fn, void *arg)
{
	size_t whole0, whole1, cols = c->narrow_width;
	whole(-(ptrdiff_t)c->left, c->stride, c->kernel_width, c->width, cols, &whole0, &whole1);
	size_t inside = whole1 - whole0, count = tiles_of(inside, most);
	for (size_t i = top; i < bottom; i++)
		for (size_t t = 0; t < count; t++) {
			size_t from = part(inside, count, t), to = part(inside, count, t + 1);
			fn(arg, &(struct run){i, whole0 + from, to - from, false, 0, c->kernel_width});
		}
	for (size_t j = 0; j < cols; j = j + 1 == whole0 && inside ? whole1 : j + 1) {
		struct run run = {.col = j, .down = true};
		clip((ptrdiff_t)(j * c->stride) - (ptrdiff_t)c->left, c->kernel_width, c->width, &run.col0, &run.col1);
		for (size_t i = top; (j < whole0 || j >= whole1) && run.col0 < run.col1 && i < bottom; i += most) {
			run.row = i;
			run.pixels = MIN(most, bottom - i);
			fn(arg, &run);
		}
	}
}

/* Whether tap row `tap` is there for pixels of the run: for those from `skip` on, as many as `pixels`; `wide` is the
   first one's wide pixel under tap column col0. */
INLINE bool run_taps(
	const struct ae_conv *c, const struct run *run, size_t tap, size_t *skip, size_t *pixels, size_t *wide)
{
	size_t s = c->stride, from = 0, to = run->pixels;
	ptrdiff_t y = (ptrdiff_t)(run->row * s + tap) - (ptrdiff_t)c->top;
	if (run->down)
		whole(y, s, 1, c->height, run->pixels, &from, &to);
	else if (y < 0 || y >= (ptrdiff_t)c->height)
		return false;
	*skip = from;
	*pixels = to - from;
	*wide = ((size_t)(y + (ptrdiff_t)(from * s))) * c->width + run->col * s + run->col0 - c->left;
	return from < to;
}

/* Wide pixels from one pixel of the run to the next, and narrow ones. */
INLINE size_t run_step_wide(const struct ae_conv *c, const struct run *run)
{
	return run->down ? c->stride * c->width : c->stride;
}

INLINE size_t run_step_narrow(const struct ae_conv *c, const struct run *run)
{
	return run->down ? c->narrow_width : 1;
}

#endif
