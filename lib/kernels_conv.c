#include "kernels_conv.h"

#include <stdbool.h>
#include <string.h>

#include "kernels.h"
#include "kernels_vec.h"

/* A tile of up to SUMS sums stays in registers: up to WAYS channels by some pixels. */
#if defined(__AVX512F__)
#define WAYS 8
#define SUMS 24
#elif W >= 8
#define WAYS 4
#define SUMS 12
#else
#define WAYS 4
#define SUMS 8
#endif
/* Bytes of an image that a strip of it may take, to stay in the second-level cache. */
#define STRIP (320 << 10)
/* Pixels that gradient() works through at a time, and floats of a tile in them, for the first-level cache. */
#define PATCH 128
#define PATCH_FLOATS (7 << 10)
/* It packs so many channels at once, and packs at all from so many wide and narrow ones on. */
#define PACK_NARROW 64
#define PACK_WIDE 48
#define PACK_WIDE_MIN 32
#define PACK_NARROW_MIN 16

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* The n-th of `parts` nearly equal parts of `whole` begins here. */
INLINE size_t part(size_t whole, size_t parts, size_t n)
{
	size_t base = whole / parts, more = whole % parts;
	return n * base + MIN(n, more);
}

/* ---- narrow and widen: both gather windows ---- */

/* `count` tiles next to each other, of m channels by p pixels. */
struct run {
	const float *x, *w, *bias;
	float *y;
	size_t x_pixel, x_row, w_row, y_pixel; /* floats from one to the next */
	size_t rows, depth, count;
	bool gated;
	ptrdiff_t gate; /* floats from y to what gates it, 0: its own value does */
	float slope;
};

INLINE void tiles(const struct run *run, const unsigned m, const unsigned p)
{
	const size_t x_pixel = run->x_pixel, y_pixel = run->y_pixel;
	for (size_t t = 0; t < run->count; t++) {
		const float *x_row = run->x + t * p * x_pixel, *w_row = run->w;
		float *y = run->y + t * p * y_pixel;
		vec sum[WAYS][SUMS];
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i++)
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++)
				sum[i][j] = run->bias ? splat(run->bias[i]) : splat(0);
		for (size_t row = 0; row < run->rows; row++) {
			const float *x = x_row, *w = w_row;
			for (size_t k = 0; k < run->depth; k++, x += W, w += m) {
				vec v[SUMS];
#pragma GCC unroll 24
				for (unsigned j = 0; j < p; j++)
					v[j] = load(x + j * x_pixel);
#pragma GCC unroll 8
				for (unsigned i = 0; i < m; i++) {
					vec s = splat(w[i]);
#pragma GCC unroll 24
					for (unsigned j = 0; j < p; j++)
						sum[i][j] = fma_(s, v[j], sum[i][j]);
				}
			}
			x_row += run->x_row;
			w_row += run->w_row;
		}
		if (run->gated) {
			const float *by = y + run->gate;
			vec slope = splat(run->slope);
#pragma GCC unroll 8
			for (unsigned i = 0; i < m; i++)
#pragma GCC unroll 24
				for (unsigned j = 0; j < p; j++) {
					vec gate = run->gate ? load(by + j * y_pixel + i * W) : sum[i][j];
					vec below = fma_(sum[i][j], slope, splat(0));
					sum[i][j] = pick(gate > splat(0), sum[i][j], below);
				}
		}
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i++)
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++)
				store(y + j * y_pixel + i * W, sum[i][j]);
	}
}

/* For every number of channels up to WAYS, as many pixels as there is room for. */
#define RUN(m, p)                                                                                                      \
	static void run_##m##_##p(const struct run *run)                                                               \
	{                                                                                                              \
		tiles(run, m, p);                                                                                      \
	}
#define GRAD(m, p)                                                                                                     \
	static void grad_##m##_##p(const struct patch *patch)                                                          \
	{                                                                                                              \
		patches(patch, m, p);                                                                                  \
	}
#define TO_2(X, m) X(m, 1) X(m, 2)
#define TO_3(X, m) TO_2(X, m) X(m, 3)
#define TO_4(X, m) TO_3(X, m) X(m, 4)
#define TO_6(X, m) TO_4(X, m) X(m, 5) X(m, 6)
#define TO_8(X, m) TO_6(X, m) X(m, 7) X(m, 8)
#define TO_12(X, m) TO_8(X, m) X(m, 9) X(m, 10) X(m, 11) X(m, 12)
#if WAYS == 8
#define PAIRS_6(X) TO_12(X, 1) TO_12(X, 2) TO_8(X, 3) TO_6(X, 4) TO_4(X, 5) TO_4(X, 6)
#define PAIRS(X) PAIRS_6(X) TO_3(X, 7) TO_3(X, 8)
static const unsigned pixels_of[WAYS] = {12, 12, 8, 6, 4, 4, 3, 3};
#elif SUMS == 12
#define PAIRS(X) TO_12(X, 1) TO_6(X, 2) TO_4(X, 3) TO_3(X, 4)
static const unsigned pixels_of[WAYS] = {12, 6, 4, 3};
#else
#define PAIRS(X) TO_8(X, 1) TO_4(X, 2) TO_2(X, 3) TO_2(X, 4)
static const unsigned pixels_of[WAYS] = {8, 4, 2, 2};
#endif
PAIRS(RUN)

typedef void run_tiles(const struct run *run);
#define RUN_AT(m, p) [m - 1][p - 1] = run_##m##_##p,
static run_tiles *const runs[WAYS][SUMS] = {PAIRS(RUN_AT)};

/* The outputs of one phase: every output pixel has the same taps, but where its window leaves the image. */
struct phase {
	const float *x;
	size_t rows, cols, channels, step; /* of the image; pixels from one window to the next */
	ptrdiff_t top, left;               /* where the first window begins */
	size_t kernel_height, kernel_width;
	const float *w, *bias;
	float *y;
	size_t y_row, y_pixel, out_rows, out_cols, out_channels;
	bool gated;
	ptrdiff_t gate;
	float slope;
	size_t row0, row1, col0, col1; /* the outputs whose windows lie within the image */
};

/* The taps from *from to *to that lie within n when the window of `taps` begins at `at`. */
INLINE void clip(ptrdiff_t at, size_t taps, size_t n, size_t *from, size_t *to)
{
	ptrdiff_t first = at < 0 ? -at : 0, end = (ptrdiff_t)n - at;
	end = end < (ptrdiff_t)taps ? end : (ptrdiff_t)taps;
	*to = end > 0 ? (size_t)end : 0;
	*from = first < (ptrdiff_t)*to ? (size_t)first : *to;
}

/* The windows [*from, *to) of n that lie wholly within `size`. */
INLINE void whole(ptrdiff_t left, size_t step, size_t taps, size_t size, size_t n, size_t *from, size_t *to)
{
	ptrdiff_t s = (ptrdiff_t)step, room = (ptrdiff_t)size - (ptrdiff_t)taps - left;
	size_t first = left < 0 ? (size_t)((-left + s - 1) / s) : 0;
	size_t end = room < 0 ? 0 : (size_t)(room / s) + 1;
	*to = MIN(end, n);
	*from = MIN(first, *to);
}

/* The windows that lie wholly within the image. */
static void find_inside(struct phase *p)
{
	whole(p->top, p->step, p->kernel_height, p->rows, p->out_rows, &p->row0, &p->row1);
	whole(p->left, p->step, p->kernel_width, p->cols, p->out_cols, &p->col0, &p->col1);
}

/* m channels from `first` on of the n outputs from (i, j) on, to the right or down, whose windows leave the image
 * alike.
 */
static void line(const struct phase *p, size_t i, size_t j, uint32_t n, bool down, size_t first, size_t m)
{
	const size_t pixel = p->channels * W, x_row = p->cols * pixel;
	size_t row0, row1, col0, col1;
	ptrdiff_t top = (ptrdiff_t)(i * p->step) + p->top, left = (ptrdiff_t)(j * p->step) + p->left;
	clip(top, p->kernel_height, p->rows, &row0, &row1);
	clip(left, p->kernel_width, p->cols, &col0, &col1);
	struct run run = {.x_row = x_row,
		.x_pixel = p->step * (down ? x_row : pixel),
		.y_pixel = down ? p->y_row : p->y_pixel,
		.w_row = p->kernel_width * p->channels * m,
		.rows = row1 - row0,
		.depth = (col1 - col0) * p->channels,
		.bias = p->bias ? p->bias + first : NULL,
		.gated = p->gated,
		.gate = p->gate,
		.slope = p->slope};
	run.w = p->w + first * p->kernel_height * p->kernel_width * p->channels + row0 * run.w_row +
		col0 * p->channels * m;
	run.x = p->x + (top + (ptrdiff_t)row0) * (ptrdiff_t)x_row + (left + (ptrdiff_t)col0) * (ptrdiff_t)pixel;
	run.y = p->y + i * p->y_row + j * p->y_pixel + first * W;
	/* Tiles of two widths that differ by one. */
	uint32_t most = pixels_of[m - 1], count = (n + most - 1) / most, width = n / count, wider = n % count;
	run.count = wider;
	if (wider) {
		runs[m - 1][width](&run);
		run.x += wider * (width + 1) * run.x_pixel;
		run.y += wider * (width + 1) * run.y_pixel;
	}
	run.count = count - wider;
	runs[m - 1][width - 1](&run);
}

/* The outputs [from, to) of row i; those at its ends, where windows leave the image, only where the row does so too. */
static void row_channels(const struct phase *p, size_t i, size_t from, size_t to, size_t first, size_t m)
{
	bool inside = i >= p->row0 && i < p->row1;
	for (size_t j = from; !inside && j < MIN(to, p->col0); j++)
		line(p, i, j, 1, false, first, m);
	size_t left = from > p->col0 ? from : p->col0, right = MIN(to, p->col1);
	if (left < right)
		line(p, i, left, (uint32_t)(right - left), false, first, m);
	for (size_t j = from > p->col1 ? from : p->col1; !inside && j < to; j++)
		line(p, i, j, 1, false, first, m);
}

/* The others at the ends of rows: columns, downwards. */
static void end_channels(const struct phase *p, size_t first, size_t m)
{
	for (size_t j = 0; p->row0 < p->row1 && j < p->out_cols; j++)
		if (j < p->col0 || j >= p->col1)
			line(p, p->row0, j, (uint32_t)(p->row1 - p->row0), true, first, m);
		else
			j = p->col1 - 1;
}

/* Row i from column `from` to `to` in all channels; row out_rows stands for the ends of all rows. */
static void phase_row(const struct phase *p, size_t i, size_t from, size_t to)
{
	size_t count = (p->out_channels + WAYS - 1) / WAYS, m = p->out_channels / count, more = p->out_channels % count;
	to = MIN(to, p->out_cols);
	for (size_t t = 0, first = 0, n; t < count; t++, first += n) {
		n = m + (t < more);
		if (i == p->out_rows)
			end_channels(p, first, n);
		else
			row_channels(p, i, from, to, first, n);
	}
}

/* Outputs in a strip: what its rows read stays in the cache. */
static size_t strip(const struct phase *p)
{
	size_t cols = STRIP / sizeof(float) / W / (p->channels * p->kernel_height * p->step);
	return cols < 2 * SUMS ? 2 * SUMS : cols;
}

/* The tiles of channels one after the other, each [taps][wide channels][channels of the tile]. */
static void pack_narrow(float *packed, const float *w, const struct ae_conv *conv)
{
	size_t out = conv->narrow_channels, count = (out + WAYS - 1) / WAYS;
	size_t depth = conv->kernel_height * conv->kernel_width * conv->channels;
	for (size_t t = 0; t < count; t++) {
		size_t first = part(out, count, t), end = part(out, count, t + 1);
		for (size_t k = 0; k < depth; k++)
			for (size_t o = first; o < end; o++)
				*packed++ = w[k * out + o];
	}
}

static void narrow(
	float *y, const float *x, const struct ae_conv_terms *terms, const struct ae_conv *conv, size_t blocks)
{
	struct phase p = {.rows = conv->height,
		.cols = conv->width,
		.channels = conv->channels,
		.step = conv->stride,
		.top = -(ptrdiff_t)conv->top,
		.left = -(ptrdiff_t)conv->left,
		.kernel_height = conv->kernel_height,
		.kernel_width = conv->kernel_width,
		.w = terms->packed,
		.bias = terms->bias,
		.gated = terms->gated,
		.slope = terms->slope,
		.y_pixel = conv->narrow_channels * W,
		.y_row = conv->narrow_width * conv->narrow_channels * W,
		.out_rows = conv->narrow_height,
		.out_cols = conv->narrow_width,
		.out_channels = conv->narrow_channels};
	size_t cols = strip(&p);
	find_inside(&p);
	for (size_t b = 0; b < blocks; b++) {
		p.x = x + b * conv->height * conv->width * conv->channels * W;
		p.y = y + b * conv->narrow_height * p.y_row;
		p.gate = terms->gate ? terms->gate - y : 0;
		for (size_t j = 0; j < p.out_cols; j += cols)
			for (size_t i = 0; i < p.out_rows; i++)
				phase_row(&p, i, j, j + cols);
		phase_row(&p, p.out_rows, 0, 0);
	}
}

/* Of the wide pixels `offset`, offset + stride and so on: which taps reach them, from the nearest narrow pixel back:
   last - i * stride for i < count, and which narrow pixel tap `last` connects to the first of those wide pixels. */
struct taps {
	size_t last, count;
	ptrdiff_t first;
};

static struct taps taps_of(size_t offset, size_t before, size_t kernel, size_t stride)
{
	/* Wide pixel offset + i * stride = narrow * stride + tap - before. */
	size_t tap = (offset + before) % stride;
	struct taps taps = {0};
	if (tap >= kernel)
		return taps;
	taps.count = (kernel - 1 - tap) / stride + 1;
	taps.last = tap + (taps.count - 1) * stride;
	taps.first = ((ptrdiff_t)(offset + before) - (ptrdiff_t)taps.last) / (ptrdiff_t)stride;
	return taps;
}

/* Phase after phase, the tiles of channels one after the other, each [taps][narrow channels][channels of the tile]. */
static void pack_widen(float *packed, const float *w, const struct ae_conv *conv)
{
	size_t out = conv->channels, in = conv->narrow_channels, count = (out + WAYS - 1) / WAYS, s = conv->stride;
	for (size_t phase = 0; phase < s * s; phase++) {
		struct taps v = taps_of(phase / s, conv->top, conv->kernel_height, s);
		struct taps h = taps_of(phase % s, conv->left, conv->kernel_width, s);
		for (size_t t = 0; t < count; t++) {
			size_t first = part(out, count, t), end = part(out, count, t + 1);
			for (size_t tap = 0; tap < v.count * h.count; tap++) {
				size_t row = v.last - tap / h.count * s, col = h.last - tap % h.count * s;
				const float *from = w + (row * conv->kernel_width + col) * out * in;
				for (size_t k = 0; k < in; k++)
					for (size_t o = first; o < end; o++)
						*packed++ = from[o * in + k];
			}
		}
	}
}

/* One block: the phases of a row of windows before the next row. */
static void widen_block(const struct phase *p, size_t phases, size_t rows, size_t cols)
{
	size_t most = strip(p);
	for (size_t j = 0; j < cols; j += most)
		for (size_t i = 0; i < rows; i++)
			for (size_t n = 0; n < phases; n++)
				if (i < p[n].out_rows)
					phase_row(&p[n], i, j, j + most);
	for (size_t n = 0; n < phases; n++)
		phase_row(&p[n], p[n].out_rows, 0, 0);
}

#define STRIDE_MAX 2

static void widen(
	float *y, const float *x, const struct ae_conv_terms *terms, const struct ae_conv *conv, size_t blocks)
{
	struct phase p[STRIDE_MAX * STRIDE_MAX];
	size_t s = conv->stride, row = conv->width * conv->channels * W;
	for (size_t b = 0; b < blocks; b++) {
		const float *w = terms->packed;
		for (size_t n = 0; n < s * s; n++) {
			struct taps v = taps_of(n / s, conv->top, conv->kernel_height, s);
			struct taps h = taps_of(n % s, conv->left, conv->kernel_width, s);
			bool any = v.count > 0 && h.count > 0;
			p[n] = (struct phase){.rows = conv->narrow_height,
				.cols = conv->narrow_width,
				.channels = conv->narrow_channels,
				.step = 1,
				.top = v.first,
				.left = h.first,
				.kernel_height = any ? v.count : 0,
				.kernel_width = any ? h.count : 0,
				.w = w,
				.bias = terms->bias,
				.gated = terms->gated,
				.gate = terms->gate ? terms->gate - y : 0,
				.slope = terms->slope,
				.y_pixel = s * conv->channels * W,
				.y_row = s * row,
				.out_rows = (conv->height - MIN(n / s, conv->height) + s - 1) / s,
				.out_cols = (conv->width - MIN(n % s, conv->width) + s - 1) / s,
				.out_channels = conv->channels};
			p[n].x = x + b * conv->narrow_height * conv->narrow_width * conv->narrow_channels * W;
			p[n].y = y + b * conv->height * row + n / s * row + n % s * conv->channels * W;
			find_inside(&p[n]);
			w += v.count * h.count * conv->narrow_channels * conv->channels;
		}
		widen_block(p, s * s, (conv->height + s - 1) / s, (conv->width + s - 1) / s);
	}
}

/* ---- the gradient by the weights ---- */

/* p wide by m narrow channels over a patch of pixels. */
struct patch {
	const float *wide, *narrow;
	size_t wide_row, wide_pixel, narrow_row, narrow_pixel, rows, cols;
	float *g;
	size_t g_row;
};

INLINE void patches(const struct patch *at, const unsigned m, const unsigned p)
{
	const size_t wide_pixel = at->wide_pixel, narrow_pixel = at->narrow_pixel;
	vec sum[WAYS * SUMS + W];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m * p; i++)
		sum[i] = splat(0);
	for (size_t row = 0; row < at->rows; row++) {
		const float *x = at->wide + row * at->wide_row, *y = at->narrow + row * at->narrow_row;
		for (size_t col = 0; col < at->cols; col++, x += wide_pixel, y += narrow_pixel) {
			vec v[WAYS];
#pragma GCC unroll 8
			for (unsigned i = 0; i < m; i++)
				v[i] = load(y + i * W);
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++) {
				vec u = load(x + j * W);
#pragma GCC unroll 8
				for (unsigned i = 0; i < m; i++)
					sum[j * m + i] = fma_(u, v[i], sum[j * m + i]);
			}
		}
	}
	/* Lanes summed W sums at a time: as a square of vectors turned over. */
#pragma GCC unroll 6
	for (unsigned first = 0; first < m * p; first += W) {
		vec turned[W], total = splat(0);
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			turned[i] = first + i < m * p ? sum[first + i] : splat(0);
		turn(turned);
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			total += turned[i];
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			if (first + i < m * p)
				at->g[(first + i) / m * at->g_row + (first + i) % m] += total[i];
	}
}
PAIRS(GRAD)

typedef void grad_patch(const struct patch *patch);
#define GRAD_AT(m, p) [m - 1][p - 1] = grad_##m##_##p,
static grad_patch *const grads[WAYS][SUMS] = {PAIRS(GRAD_AT)};

/* The tiles that n channels come in, at most `most` in each. */
INLINE size_t tiles_of(size_t n, size_t most)
{
	return (n + most - 1) / most;
}

/* n channels of a patch in `count` tiles, each pixel after pixel. Read in the order of memory, which the processor
   fetches ahead. */
static void pack_pixels(
	float *packed, const float *x, size_t row, size_t pixel, size_t n, size_t count, const struct patch *at)
{
	const size_t pixels = at->rows * at->cols;
	size_t done = 0;
	for (size_t i = 0; i < at->rows; i++)
		for (size_t j = 0; j < at->cols; j++, done++) {
			const float *from = x + i * row + j * pixel;
			for (size_t t = 0; t < count; t++) {
				size_t first = part(n, count, t), m = part(n, count, t + 1) - first;
				float *to = packed + (first * pixels + done * m) * W;
				for (size_t k = 0; k < m; k++, from += W)
					store(to + k * W, load(from));
			}
		}
}

/* All pairs of `wide` and `narrow` channels over one patch, where it is. */
static void patch_direct(struct patch at, size_t wide, size_t narrow)
{
	size_t count = tiles_of(narrow, WAYS);
	const struct patch start = at;
	for (size_t t = 0; t < count; t++) {
		size_t o = part(narrow, count, t), m = part(narrow, count, t + 1) - o;
		size_t most = pixels_of[m - 1], tiles_wide = tiles_of(wide, most);
		for (size_t u = 0; u < tiles_wide; u++) {
			size_t c = part(wide, tiles_wide, u), p = part(wide, tiles_wide, u + 1) - c;
			at.wide = start.wide + c * W;
			at.narrow = start.narrow + o * W;
			at.g = start.g + c * start.g_row + o;
			grads[m - 1][p - 1](&at);
		}
	}
}

/* The same for many channels: pixels lie so far apart there that they compete for few places in the cache, so tiles
   are packed first. */
static void patch_packed(const struct patch *start, size_t wide, size_t narrow)
{
	float packed_narrow[PATCH * PACK_NARROW * W], packed_wide[PATCH * PACK_WIDE * W];
	const size_t pixels = start->rows * start->cols;
	for (size_t o0 = 0; o0 < narrow; o0 += PACK_NARROW) {
		size_t n = MIN(narrow - o0, PACK_NARROW), count = tiles_of(n, WAYS);
		size_t most = pixels_of[(n + count - 1) / count - 1];
		pack_pixels(
			packed_narrow, start->narrow + o0 * W, start->narrow_row, start->narrow_pixel, n, count, start);
		for (size_t c0 = 0; c0 < wide; c0 += PACK_WIDE) {
			size_t nw = MIN(wide - c0, PACK_WIDE), tiles_wide = tiles_of(nw, most);
			pack_pixels(packed_wide, start->wide + c0 * W, start->wide_row, start->wide_pixel, nw,
				tiles_wide, start);
			for (size_t u = 0; u < tiles_wide; u++)
				for (size_t t = 0; t < count; t++) {
					size_t c = part(nw, tiles_wide, u), p = part(nw, tiles_wide, u + 1) - c;
					size_t o = part(n, count, t), m = part(n, count, t + 1) - o;
					struct patch at = {.wide = packed_wide + c * pixels * W,
						.narrow = packed_narrow + o * pixels * W,
						.wide_pixel = p * W,
						.narrow_pixel = m * W,
						.rows = 1,
						.cols = pixels,
						.g = start->g + (c0 + c) * start->g_row + o0 + o,
						.g_row = start->g_row};
					grads[m - 1][p - 1](&at);
				}
		}
	}
}

/* One kernel row over narrow rows [from, to) and the columns [left, right) whose taps col0 to col1 are all there. */
static void gradient_patch(float *g, const float *wide, const float *narrow, const struct ae_conv *conv, size_t row,
	size_t from, size_t to, size_t left, size_t right, size_t col0, size_t col1)
{
	const size_t s = conv->stride, pixel = conv->channels * W;
	size_t top0 = row < conv->top ? (conv->top - row + s - 1) / s : 0;
	size_t end = conv->height + conv->top > row ? (conv->height + conv->top - row + s - 1) / s : 0;
	from = from < top0 ? top0 : from;
	to = MIN(to, end);
	if (from >= to || left >= right || col0 >= col1)
		return;
	struct patch at = {.wide_row = s * conv->width * pixel,
		.wide_pixel = s * pixel,
		.narrow_pixel = conv->narrow_channels * W,
		.narrow_row = conv->narrow_width * conv->narrow_channels * W,
		.rows = to - from,
		.cols = right - left,
		.g_row = conv->narrow_channels};
	at.wide = wide + (from * s + row - conv->top) * conv->width * pixel + (left * s + col0 - conv->left) * pixel;
	at.narrow = narrow + from * at.narrow_row + left * at.narrow_pixel;
	at.g = g + (row * conv->kernel_width + col0) * conv->channels * at.g_row;
	size_t channels = (col1 - col0) * conv->channels;
	if (channels >= PACK_WIDE_MIN && conv->narrow_channels >= PACK_NARROW_MIN && at.rows * at.cols <= PATCH)
		patch_packed(&at, channels, conv->narrow_channels);
	else
		patch_direct(at, channels, conv->narrow_channels);
}

static void gradient_block(float *g, const float *wide, const float *narrow, const struct ae_conv *conv)
{
	size_t whole0, whole1, rows = conv->narrow_height, cols = conv->narrow_width;
	whole(-(ptrdiff_t)conv->left, conv->stride, conv->kernel_width, conv->width, cols, &whole0, &whole1);
	size_t m = MIN(conv->narrow_channels, WAYS), patch = MIN(PATCH, PATCH_FLOATS / W / (m + pixels_of[m - 1]));
	size_t across = MIN(patch, whole1 - whole0), down = across ? patch / across : rows;
	for (size_t i = 0; across && i < rows; i += down)
		for (size_t j = whole0; j < whole1; j += across)
			for (size_t row = 0; row < conv->kernel_height; row++)
				gradient_patch(g, wide, narrow, conv, row, i, MIN(i + down, rows), j,
					MIN(j + across, whole1), 0, conv->kernel_width);
	for (size_t j = 0; j < cols; j = j + 1 == whole0 && whole1 > whole0 ? whole1 : j + 1) {
		size_t col0, col1;
		if (j >= whole0 && j < whole1)
			continue;
		clip((ptrdiff_t)(j * conv->stride) - (ptrdiff_t)conv->left, conv->kernel_width, conv->width, &col0,
			&col1);
		for (size_t row = 0; row < conv->kernel_height; row++)
			gradient_patch(g, wide, narrow, conv, row, 0, rows, j, j + 1, col0, col1);
	}
}

static void gradient(float *g, const float *wide, const float *narrow, const struct ae_conv *conv, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++) {
		gradient_block(g, wide, narrow, conv);
		wide += conv->height * conv->width * conv->channels * W;
		narrow += conv->narrow_height * conv->narrow_width * conv->narrow_channels * W;
	}
}

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define AE_CONV_KERNELS JOIN(AE_KERNELS, _conv)

extern const struct ae_conv_kernels AE_CONV_KERNELS;
const struct ae_conv_kernels AE_CONV_KERNELS = {
	.pack_narrow = pack_narrow,
	.pack_widen = pack_widen,
	.narrow = narrow,
	.widen = widen,
	.gradient = gradient,
};
