/* SPDX-License-Identifier: MIT */
/* Convolution: forward and backward-data by a register tile, with the epilogue while the sums are in registers. */
#include "kernels/conv.h"

#include <string.h>

#include "kernels/conv_tile.h"
#include "kernels/kernels.h"

/* The register tile: up to TILE_CHANNELS output channels by tile_pixels[channels - 1] output pixels, one vector of sums
   each, over the lanes of a block. For every tap and input channel k:

		     pixel 0  pixel 1  pixel 2   <- load(x) at k, one vector a pixel
       channel 0      sum      sum      sum      <- splat(w[k][0])
       channel 1      sum      sum      sum      <- splat(w[k][1])
       channel 2      sum      sum      sum      <- splat(w[k][2])
       channel 3      sum      sum      sum      <- splat(w[k][3])

   Backward-data of stride 2 is four convolutions of stride 1, in general one for each phase, that is row and column
   within a stride. Every large pixel is reached by the taps of its own phase alone; of a 3x3 kernel with top = left =
   0:

       a b a b      phase a (rows and columns even): taps (0,0) (0,2) (2,0) (2,2)
       c d c d      phase b: taps (0,1) (2,1)
       a b a b      phase c: taps (1,0) (1,2)
       c d c d      phase d: tap  (1,1)

   Forward is one such sub-convolution, with the stride between its windows. */

/* Bytes of input for a strip of outputs, so that it stays in the second-level cache. */
#define STRIP (320 << 10)
/* Floats of output rows computed at a time, in images that stay in the second-level cache. */
#define SMALL (1 << 16)
/* Floats of a cache line. */
#define LINE (64 / sizeof(float))

/* The part of struct ae_conv_epilogue after the biases, for one block and the channels from some first one on. */
struct epilogue {
	const float *scale, *x_coef, *shift;
	float *channel_sums;
	size_t lanes; /* that hold rows of the batch */
	bool relu, self_masked;
	ptrdiff_t mask; /* floats from y to its mask; 0: y holds it already */
	float negative_slope;
};

static struct epilogue epilogue_of(const struct ae_conv_epilogue *e, const float *y, size_t block)
{
	return (struct epilogue){.scale = e->scale,
		.x_coef = e->x_coef,
		.shift = e->shift,
		.channel_sums = e->channel_sums,
		.lanes = e->rows - MIN(block * W, e->rows),
		.relu = e->relu,
		.self_masked = !e->mask,
		.mask = e->mask ? e->mask - y : 0,
		.negative_slope = e->negative_slope};
}

static struct epilogue epilogue_channels(struct epilogue e, size_t first)
{
	if (e.scale) {
		e.scale += first;
		e.x_coef += first;
		e.shift += first;
	}
	if (e.channel_sums)
		e.channel_sums += first * W;
	return e;
}

/* Arguments of a tile kernel: `count` tiles of m channels by p pixels next to each other, in each of some lines. */
struct tile_args {
	const float *x, *w, *bias;
	float *y;
	size_t x_pixel, x_row, x_line, w_row, y_pixel, y_line; /* floats from one to the next */
	size_t rows, depth, count, lines;
	size_t taps, channels; /* that make up depth, and floats from one channel's weights to the next: where m is 1 */
	size_t w_channel;
	struct epilogue epilogue;
	bool y_beyond_l2; /* y is beyond the second-level cache */
	const float *prefetch;
	size_t prefetch_lines; /* cache lines to prefetch from there, per kernel row of a tile */
};

/* Prefetches the memory that a tile will store to, or reads as its mask: otherwise the stores would wait for their
   cache lines one after the other. */
INLINE void prefetch_tile(const float *y, size_t pixel, const unsigned m, const unsigned p)
{
#pragma GCC unroll 24
	for (unsigned j = 0; j < p; j++)
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i += 64 / sizeof(float) / W)
			__builtin_prefetch(y + j * pixel + i * W, 1);
}

/* v, times the slope where the mask is not above 0. Adding 0 turns -0 into 0. */
INLINE vec leaky_relu(vec v, vec mask, float slope)
{
	vec by = blend(mask > splat(0), splat(1), splat(slope));
	return fma_(v, by, splat(0));
}

/* The epilogue: scales, masks and stores the sums of a tile, and adds the results to the channel sums. One loop per
   kind of activation, because each operation saved frees the multiply units. */
INLINE void finish_tile(const struct tile_args *args, vec sum[TILE_CHANNELS][TILE_ACCUMULATORS], float *y,
	const unsigned m, const unsigned p)
{
	const size_t pixel = args->y_pixel;
	const struct epilogue *e = &args->epilogue;
	const float slope = e->negative_slope, *by = y + e->mask;
	const vec_i32 lanes = lanes_below(e->lanes);
#define EACH(value)                                                                                                    \
	_Pragma("GCC unroll 8") for (unsigned i = 0; i < m; i++)                                                       \
		_Pragma("GCC unroll 24") for (unsigned j = 0; j < p; j++)                                              \
	{                                                                                                              \
		vec v = sum[i][j];                                                                                     \
		sum[i][j] = value;                                                                                     \
		store(y + j * pixel + i * W, sum[i][j]);                                                               \
	}
#define MASK load(by + j * pixel + i * W)
	if (e->scale)
		EACH(mask_and(lanes,
			leaky_relu(fma_(splat(e->scale[i]), v, fma_(splat(e->x_coef[i]), MASK, splat(e->shift[i]))),
				MASK, slope)))
	else if (!e->relu)
		EACH(v)
	else if (slope == 0 && !e->self_masked)
		EACH(mask_and(~(MASK <= splat(0)), v))
	else if (slope == 0)
		EACH(mask_and(~(v <= splat(0)), v))
	else if (!e->self_masked)
		EACH(leaky_relu(v, MASK, slope))
	else
		EACH(leaky_relu(v, v, slope))
#undef MASK
#undef EACH
	if (!e->channel_sums)
		return;
#pragma GCC unroll 8
	for (unsigned i = 0; i < m; i++) {
		vec all = sum[i][0];
#pragma GCC unroll 24
		for (unsigned j = 1; j < p; j++)
			all += sum[i][j];
		store(e->channel_sums + i * W, load(e->channel_sums + i * W) + all);
	}
}

/* One kernel row for a single output channel, which is bound by its loads: with three taps, overlapping windows load
   each pixel once. */
INLINE void accumulate_one_channel(
	const struct tile_args *args, const float *x, const float *w, vec sum[TILE_ACCUMULATORS], const unsigned p)
{
	const size_t x_pixel = args->x_pixel, tap = args->channels * W;
	const bool window = args->taps == 3 && x_pixel == tap && TILE_ACCUMULATORS > 16;
	for (size_t k = 0; k < args->channels; k++, x += W, w += args->w_channel) {
		if (window) {
			vec v[TILE_ACCUMULATORS + 2];
#pragma GCC unroll 24
			for (unsigned j = 0; j < p + 2; j++)
				v[j] = load(x + j * x_pixel);
#pragma GCC unroll 3
			for (unsigned u = 0; u < 3; u++)
#pragma GCC unroll 24
				for (unsigned j = 0; j < p; j++)
					sum[j] = fma_(splat(w[u]), v[j + u], sum[j]);
			continue;
		}
		for (size_t u = 0; u < args->taps; u++)
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++)
				sum[j] = fma_(splat(w[u]), load(x + u * tap + j * x_pixel), sum[j]);
	}
}

INLINE void compute_tile(const struct tile_args *args, size_t t, const unsigned m, const unsigned p)
{
	const size_t x_pixel = args->x_pixel, y_pixel = args->y_pixel, lines = args->prefetch_lines;
	const float *prefetch = args->prefetch + t * args->rows * MIN(lines, args->depth) * LINE;
	for (size_t line = 0; line < args->lines; line++) {
		const float *x_row = args->x + line * args->x_line + t * p * x_pixel, *w_row = args->w;
		float *y = args->y + line * args->y_line + t * p * y_pixel;
		vec sum[TILE_CHANNELS][TILE_ACCUMULATORS];
		if (args->y_beyond_l2) {
			prefetch_tile(y, y_pixel, m, p);
			if (args->epilogue.mask)
				prefetch_tile(y + args->epilogue.mask, y_pixel, m, p);
		}
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i++)
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++)
				sum[i][j] = args->bias ? splat(args->bias[i]) : splat(0);
		for (size_t row = 0; row < args->rows; row++) {
			const float *x = x_row, *w = w_row;
			if (m == 1) {
				for (size_t k = 0; k < lines && k < args->depth; k++, prefetch += LINE)
					__builtin_prefetch(prefetch, 0, 2);
				accumulate_one_channel(args, x, w, sum[0], p);
			}
			for (size_t k = 0; m > 1 && k < args->depth; k++, x += W, w += m) {
				vec v[TILE_ACCUMULATORS];
				if (k < lines) {
					__builtin_prefetch(prefetch, 0, 2);
					prefetch += LINE;
				}
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
			x_row += args->x_row;
			w_row += args->w_row;
		}
		finish_tile(args, sum, y, m, p);
	}
}

INLINE void tiles(const struct tile_args *args, const unsigned m, const unsigned p)
{
	for (size_t t = 0; t < args->count; t++)
		compute_tile(args, t, m, p);
}

/* One function per tile shape. */
#define TILE_KERNEL(m, p)                                                                                              \
	static void tile_##m##_##p(const struct tile_args *args)                                                       \
	{                                                                                                              \
		tiles(args, m, p);                                                                                     \
	}
TILE_SHAPES(TILE_KERNEL)

typedef void tile_kernel(const struct tile_args *args);
#define TILE_KERNEL_AT(m, p) [m - 1][p - 1] = tile_##m##_##p,
static tile_kernel *const tile_kernels[TILE_CHANNELS][TILE_ACCUMULATORS] = {TILE_SHAPES(TILE_KERNEL_AT)};

/* A sub-convolution, for the outputs of one phase: they all have the same taps, except where the window crosses the
   border of the image. */
struct subconv {
	const float *x;
	size_t rows, cols, channels;  /* of the image */
	size_t step_down, step_right; /* pixels from one window to the next */
	ptrdiff_t top, left;          /* where the first window begins */
	size_t kernel_height, kernel_width;
	const float *w, *bias;
	const float *tap_bias; /* see struct ae_conv_epilogue; of the first tap, with strides */
	ptrdiff_t tap_bias_row, tap_bias_col;
	float *y;
	size_t y_row, y_pixel, out_rows, out_cols, out_channels;
	struct epilogue epilogue;
	size_t inner_row0, inner_row1, inner_col0, inner_col1; /* the outputs whose windows lie within the image */
	ptrdiff_t prefetch_row; /* the first row of the image, seen from its first output, that the row of outputs below
			   needs anew */
	bool y_beyond_l2;       /* y is beyond the second-level cache */
	size_t prefetch_parts, first_prefetch_part,
		prefetch_part; /* of what the row below needs, asked for at a time; 0: it is in the cache */
};

/* Sets the outputs whose windows lie entirely within the image. */
static void find_inner_windows(struct subconv *p)
{
	inner_windows(p->top, p->step_down, p->kernel_height, p->rows, p->out_rows, &p->inner_row0, &p->inner_row1);
	inner_windows(p->left, p->step_right, p->kernel_width, p->cols, p->out_cols, &p->inner_col0, &p->inner_col1);
}

/* Outputs from (row, col) on that have the same taps: n to the right in each of `lines` rows, or n down a column. */
struct segment {
	size_t row, col, lines;
	uint32_t n;
	bool down;
};

/* The bias plus per-tap biases of m channels from `first` on, where the taps of kernel rows [row0, row1) and columns
   [col0, col1) lie within the image. */
static void sum_tap_bias(float *bias, const struct subconv *p, size_t first, size_t m, size_t row0, size_t row1,
	size_t col0, size_t col1)
{
	for (size_t o = 0; o < m; o++)
		bias[o] = p->bias ? p->bias[first + o] : 0;
	for (size_t r = row0; r < row1; r++)
		for (size_t c = col0; c < col1; c++) {
			const float *tap =
				p->tap_bias + (ptrdiff_t)r * p->tap_bias_row + (ptrdiff_t)c * p->tap_bias_col;
			for (size_t o = 0; o < m; o++)
				bias[o] += tap[first + o];
		}
}

/* Sets the prefetch of `count` tiles: their part of the cache lines under the segment that only the next row of outputs
   reads. `left` is the column where the first window begins. A segment under one cache line wide has none. */
static void plan_prefetch(
	struct tile_args *args, const struct subconv *p, const struct segment *at, ptrdiff_t left, uint32_t count)
{
	const size_t pixel = p->channels * W, across = at->n * p->step_right * pixel / LINE;
	if (!p->prefetch_parts || at->down || !args->rows || across == 0)
		return;
	size_t all = across * p->step_down, from = part_start(all, p->prefetch_parts, p->prefetch_part);
	size_t lines = part_start(all, p->prefetch_parts, p->prefetch_part + 1) - from;
	ptrdiff_t row = (ptrdiff_t)(at->row * p->step_down) + p->prefetch_row + (ptrdiff_t)(from / across);
	args->prefetch = p->x + row * (ptrdiff_t)args->x_row + left * (ptrdiff_t)pixel + (from % across) * LINE;
	args->prefetch_lines = row < (ptrdiff_t)p->rows ? (lines + count * args->rows - 1) / (count * args->rows) : 0;
}

/* Computes n pixels by m channels in `count` tiles of two widths that differ by one. */
static void run_tiles(struct tile_args *args, uint32_t n, uint32_t count, size_t m)
{
	uint32_t width = n / count, wider = n % count;
	args->count = wider;
	if (wider) {
		tile_kernels[m - 1][width](args);
		args->x += wider * (width + 1) * args->x_pixel;
		args->y += wider * (width + 1) * args->y_pixel;
		args->prefetch += wider * args->rows * MIN(args->prefetch_lines, args->depth) * LINE;
	}
	args->count = count - wider;
	tile_kernels[m - 1][width - 1](args);
}

/* Computes m channels from `first` on of a segment. */
static void segment_channels(const struct subconv *p, struct segment at, size_t first, size_t m)
{
	const size_t pixel = p->channels * W, x_row = p->cols * pixel;
	const uint32_t most = tile_pixels[m - 1], count = (at.n + most - 1) / most;
	size_t row0, row1, col0, col1;
	float bias[TILE_CHANNELS];
	ptrdiff_t top = (ptrdiff_t)(at.row * p->step_down) + p->top,
		  left = (ptrdiff_t)(at.col * p->step_right) + p->left;
	clip_taps(top, p->kernel_height, p->rows, &row0, &row1);
	clip_taps(left, p->kernel_width, p->cols, &col0, &col1);
	struct tile_args args = {.x_row = x_row,
		.x_pixel = at.down ? p->step_down * x_row : p->step_right * pixel,
		.x_line = p->step_down * x_row,
		.y_pixel = at.down ? p->y_row : p->y_pixel,
		.y_line = p->y_row,
		.lines = at.lines,
		.w_row = p->kernel_width * p->channels * m,
		.taps = col1 - col0,
		.channels = p->channels,
		.w_channel = p->kernel_width,
		.rows = row1 - row0,
		.depth = (col1 - col0) * p->channels,
		.bias = p->bias ? p->bias + first : NULL,
		.epilogue = epilogue_channels(p->epilogue, first),
		.y_beyond_l2 = p->y_beyond_l2};
	args.w = p->w + first * p->kernel_height * p->kernel_width * p->channels + row0 * args.w_row +
		 col0 * (p->out_channels > 1 ? p->channels * m : 1);
	args.x = p->x + (top + (ptrdiff_t)row0) * (ptrdiff_t)x_row + (left + (ptrdiff_t)col0) * (ptrdiff_t)pixel;
	args.y = p->y + at.row * p->y_row + at.col * p->y_pixel + first * W;
	if (p->tap_bias) {
		sum_tap_bias(bias, p, first, m, row0, row1, col0, col1);
		args.bias = bias;
	}
	plan_prefetch(&args, p, &at, left, count);
	run_tiles(&args, at.n, count, m);
}

/* Computes columns [from, to) of `lines` rows from i on: rows whose windows lie within the image, without their border
   columns (end_channels() computes those), or a single border row with them. */
static void row_channels(
	const struct subconv *p, size_t i, size_t lines, size_t from, size_t to, size_t first, size_t m)
{
	bool inside = i >= p->inner_row0 && i < p->inner_row1;
	struct segment end = {.row = i, .lines = 1, .n = 1};
	for (end.col = from; !inside && end.col < MIN(to, p->inner_col0); end.col++)
		segment_channels(p, end, first, m);
	size_t left = from > p->inner_col0 ? from : p->inner_col0, right = MIN(to, p->inner_col1);
	if (left < right)
		segment_channels(p,
			(struct segment){.row = i, .col = left, .lines = lines, .n = (uint32_t)(right - left)}, first,
			m);
	for (end.col = from > p->inner_col1 ? from : p->inner_col1; !inside && end.col < to; end.col++)
		segment_channels(p, end, first, m);
}

/* The border columns of the inner rows, each as one segment downwards. */
static void end_channels(const struct subconv *p, size_t first, size_t m)
{
	struct segment end = {
		.row = p->inner_row0, .lines = 1, .n = (uint32_t)(p->inner_row1 - p->inner_row0), .down = true};
	for (end.col = 0; end.n > 0 && end.col < p->out_cols; end.col++)
		if (end.col < p->inner_col0 || end.col >= p->inner_col1)
			segment_channels(p, end, first, m);
		else
			end.col = p->inner_col1 - 1;
}

/* Computes rows [i, end), columns [from, to), in all channels; i == out_rows: the border columns of the inner rows. */
static void subconv_rows(struct subconv *p, size_t i, size_t end, size_t from, size_t to)
{
	size_t count = (p->out_channels + TILE_CHANNELS - 1) / TILE_CHANNELS, m = p->out_channels / count,
	       more = p->out_channels % count;
	to = MIN(to, p->out_cols);
	for (size_t t = 0, first = 0, n; t < count; t++, first += n) {
		n = m + (t < more);
		p->prefetch_part = p->first_prefetch_part + t;
		if (i == p->out_rows) {
			end_channels(p, first, n);
			continue;
		}
		for (size_t row = i, lines; row < MIN(end, p->out_rows); row += lines) {
			lines = row >= p->inner_row0 && row < p->inner_row1 ? MIN(end, p->inner_row1) - row : 1;
			row_channels(p, row, lines, from, to, first, n);
		}
	}
}

/* Output rows computed at a time: several for small images. */
static size_t rows_at_a_time(const struct subconv *p)
{
	const size_t in = p->rows * p->cols * p->channels * W, row = p->out_cols * p->out_channels * W;
	return in >= L2_FLOATS || p->out_rows * row >= L2_FLOATS ? 1 : 1 + SMALL / row;
}

/* Output columns of a strip: the input rows under it stay in cache. */
static size_t strip(const struct subconv *p)
{
	size_t cols = STRIP / sizeof(float) / W / (p->channels * p->kernel_height * p->step_right);
	return cols < 2 * TILE_ACCUMULATORS ? 2 * TILE_ACCUMULATORS : cols;
}

/* Packs the weights of a single output channel as [rows][in][cols]. `row` and `col` are the strides of w between kernel
   rows and columns. */
static float *pack_one(float *packed, const float *w, size_t rows, size_t cols, size_t in, ptrdiff_t row, ptrdiff_t col)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < in; k++)
			for (size_t u = 0; u < cols; u++)
				*packed++ = w[(ptrdiff_t)r * row + (ptrdiff_t)u * col + (ptrdiff_t)k];
	return packed;
}

/* Layout: one tile of output channels after the other, each [taps][large channels][channels of the tile]; with a single
   output channel [kernel rows][large channels][kernel columns]. */
static void pack_forward(float *packed, const float *w, const struct ae_conv *conv)
{
	size_t out = conv->small_channels, count = (out + TILE_CHANNELS - 1) / TILE_CHANNELS;
	size_t depth = conv->kernel_height * conv->kernel_width * conv->channels;
	if (out == 1) {
		pack_one(packed, w, conv->kernel_height, conv->kernel_width, conv->channels,
			(ptrdiff_t)(conv->kernel_width * conv->channels), (ptrdiff_t)conv->channels);
		return;
	}
	if (count == 1)
		memcpy(packed, w, depth * out * sizeof(*w));
	for (size_t t = 0; count > 1 && t < count; t++) {
		size_t first = part_start(out, count, t), end = part_start(out, count, t + 1);
		for (size_t k = 0; k < depth; k++)
			for (size_t o = first; o < end; o++)
				*packed++ = w[k * out + o];
	}
}

static void forward(
	float *y, const float *x, const struct ae_conv_epilogue *epilogue, const struct ae_conv *conv, size_t blocks)
{
	struct subconv p = {.rows = conv->height,
		.cols = conv->width,
		.channels = conv->channels,
		.step_down = conv->stride_height,
		.step_right = conv->stride_width,
		.top = -(ptrdiff_t)conv->top,
		.left = -(ptrdiff_t)conv->left,
		.kernel_height = conv->kernel_height,
		.kernel_width = conv->kernel_width,
		.w = epilogue->packed_weights,
		.bias = epilogue->bias,
		.tap_bias = epilogue->tap_bias,
		.tap_bias_row = (ptrdiff_t)(conv->kernel_width * conv->small_channels),
		.tap_bias_col = (ptrdiff_t)conv->small_channels,
		.y_pixel = conv->small_channels * W,
		.y_row = conv->small_width * conv->small_channels * W,
		.out_rows = conv->small_height,
		.out_cols = conv->small_width,
		.out_channels = conv->small_channels};
	size_t cols = strip(&p);
	find_inner_windows(&p);
	p.prefetch_row = p.top + (ptrdiff_t)p.kernel_height;
	p.y_beyond_l2 = p.out_rows * p.out_cols * p.out_channels * W >= L2_FLOATS;
	if (p.rows * p.cols * p.channels * W >= L2_FLOATS)
		p.prefetch_parts = tile_count(p.out_channels, TILE_CHANNELS);
	const size_t lines = rows_at_a_time(&p);
	for (size_t b = 0; b < blocks; b++) {
		p.x = x + b * conv->height * conv->width * conv->channels * W;
		p.y = y + b * conv->small_height * p.y_row;
		p.epilogue = epilogue_of(epilogue, y, b);
		subconv_rows(&p, p.out_rows, p.out_rows, 0, 0);
		for (size_t j = 0; j < p.out_cols; j += cols)
			for (size_t i = 0; i < p.out_rows; i += lines) {
				subconv_rows(&p, i, i + lines, j, j + cols);
				for (size_t row = i; epilogue->on_tile && row < MIN(i + lines, p.out_rows); row++)
					epilogue->on_tile(epilogue->on_tile_arg, p.y + row * p.y_row + j * p.y_pixel,
						MIN(cols, p.out_cols - j));
			}
	}
}

/* One phase in one dimension: large pixels offset, offset + stride, ... are connected by taps last - i * stride,
   i < count, to successive small pixels. Tap `last` connects the first large pixel to small pixel `first`. */
struct phase {
	size_t offset, last, count;
	ptrdiff_t first;
	size_t taps_before;         /* those of the phases with smaller offsets */
	size_t out, inner0, inner1; /* the large pixels, and those all of whose taps lie within the small image */
};

static struct phase phase_of(size_t offset, size_t before, size_t kernel, size_t stride)
{
	/* Large pixel offset + i * stride = small * stride + tap - before. */
	size_t tap = (offset + before) % stride;
	struct phase phase = {.offset = offset};
	if (tap >= kernel)
		return phase;
	phase.count = (kernel - 1 - tap) / stride + 1;
	phase.last = tap + (phase.count - 1) * stride;
	phase.first = ((ptrdiff_t)(offset + before) - (ptrdiff_t)phase.last) / (ptrdiff_t)stride;
	return phase;
}

/* Of every row offset and of every column offset within a stride. */
struct phases {
	struct phase down[AE_CONV_KERNEL_MAX], right[AE_CONV_KERNEL_MAX];
};

static void axis_phases(struct phase *phases, size_t before, size_t kernel, size_t stride, size_t large, size_t small)
{
	for (size_t i = 0, taps = 0; i < stride; taps += phases[i++].count) {
		phases[i] = phase_of(i, before, kernel, stride);
		phases[i].taps_before = taps;
		phases[i].out = (large - MIN(i, large) + stride - 1) / stride;
		inner_windows(phases[i].first, 1, phases[i].count, small, phases[i].out, &phases[i].inner0,
			&phases[i].inner1);
	}
}

static void find_phases(struct phases *phases, const struct ae_conv *c)
{
	axis_phases(phases->down, c->top, c->kernel_height, c->stride_height, c->height, c->small_height);
	axis_phases(phases->right, c->left, c->kernel_width, c->stride_width, c->width, c->small_width);
}

/* Transposes m rows of n floats into n rows of m. */
INLINE void transpose_tile(float *to, const float *from, size_t n, const size_t m)
{
	for (size_t k = 0; k < n; k++, to += m)
#pragma GCC unroll 8
		for (size_t o = 0; o < m; o++)
			to[o] = from[o * n + k];
}

/* One phase of pack_backward_data(). Returns the end of what it wrote. */
static float *pack_phase(
	float *packed, const float *w, const struct ae_conv *conv, const struct phase *down, const struct phase *right)
{
	const size_t out = conv->channels, in = conv->small_channels, count = tile_count(out, TILE_CHANNELS);
	if (out == 1 && down->count * right->count > 0) {
		ptrdiff_t col = -(ptrdiff_t)(conv->stride_width * in),
			  row = -(ptrdiff_t)(conv->stride_height * conv->kernel_width * in);
		const float *from = w + (down->last * conv->kernel_width + right->last) * in;
		return pack_one(packed, from, down->count, right->count, in, row, col);
	}
	for (size_t t = 0; t < count; t++) {
		size_t first = part_start(out, count, t), end = part_start(out, count, t + 1);
		for (size_t tap = 0; tap < down->count * right->count; tap++) {
			size_t row = down->last - tap / right->count * conv->stride_height,
			       col = right->last - tap % right->count * conv->stride_width;
			const float *from = w + ((row * conv->kernel_width + col) * out + first) * in;
			if (end - first == TILE_CHANNELS)
				transpose_tile(packed, from, in, TILE_CHANNELS);
			else
				transpose_tile(packed, from, in, end - first);
			packed += in * (end - first);
		}
	}
	return packed;
}

/* Layout: for each phase one tile of output channels after the other, each [taps][small channels][channels of the
   tile]; with a single output channel [tap rows][small channels][tap columns]. */
static void pack_backward_data(float *packed, const float *w, const struct ae_conv *conv)
{
	struct phases phases;
	find_phases(&phases, conv);
	for (size_t i = 0; i < conv->stride_height; i++)
		for (size_t j = 0; j < conv->stride_width; j++)
			packed = pack_phase(packed, w, conv, &phases.down[i], &phases.right[j]);
}

/* What the sub-convolutions of all phases have in common, but for the block's images and its epilogue. */
static struct subconv phases_subconv(
	const struct ae_conv_epilogue *epilogue, const struct ae_conv *conv, const struct phases *phases)
{
	const size_t s = conv->stride_height, row = conv->width * conv->channels * W;
	const struct phase *last = &phases->down[s - 1];
	struct subconv p = {.rows = conv->small_height,
		.cols = conv->small_width,
		.channels = conv->small_channels,
		.step_down = 1,
		.step_right = 1,
		.bias = epilogue->bias,
		.tap_bias_row = -(ptrdiff_t)(s * conv->kernel_width * conv->channels),
		.tap_bias_col = -(ptrdiff_t)(conv->stride_width * conv->channels),
		.y_pixel = conv->stride_width * conv->channels * W,
		.y_row = s * row,
		.out_channels = conv->channels,
		.y_beyond_l2 = conv->height * row >= L2_FLOATS,
		.prefetch_row = last->first + (ptrdiff_t)last->count};
	if (p.rows * p.cols * p.channels * W >= L2_FLOATS)
		p.prefetch_parts = s * conv->stride_width * tile_count(p.out_channels, TILE_CHANNELS);
	return p;
}

/* The sub-convolution of one phase: the large pixels of rows down.offset + i * stride_height and columns
   right.offset + j * stride_width. */
static struct subconv phase_subconv(struct subconv p, const struct ae_conv_epilogue *epilogue,
	const struct ae_conv *conv, const struct phase *down, const struct phase *right)
{
	const bool any = down->count > 0 && right->count > 0;
	const size_t taps = down->taps_before * conv->kernel_width + down->count * right->taps_before;
	p.top = down->first;
	p.left = right->first;
	p.kernel_height = any ? down->count : 0;
	p.kernel_width = any ? right->count : 0;
	p.w = epilogue->packed_weights + taps * conv->small_channels * conv->channels;
	p.y += (down->offset * conv->width + right->offset) * conv->channels * W;
	p.out_rows = down->out;
	p.out_cols = right->out;
	p.inner_row0 = any ? down->inner0 : 0;
	p.inner_row1 = any ? down->inner1 : p.out_rows;
	p.inner_col0 = any ? right->inner0 : 0;
	p.inner_col1 = any ? right->inner1 : p.out_cols;
	if (epilogue->tap_bias && any)
		p.tap_bias = epilogue->tap_bias + (down->last * conv->kernel_width + right->last) * conv->channels;
	p.first_prefetch_part =
		(down->offset * conv->stride_width + right->offset) * tile_count(p.out_channels, TILE_CHANNELS);
	return p;
}

/* Rows [i, end), columns [from, to) of all phases; i == height: the border columns of their inner rows. */
static void phases_rows(const struct subconv *all, const struct ae_conv_epilogue *epilogue, const struct ae_conv *conv,
	const struct phases *phases, size_t i, size_t end, size_t from, size_t to)
{
	for (size_t n = 0; n < conv->stride_height * conv->stride_width; n++) {
		struct subconv p = phase_subconv(*all, epilogue, conv, &phases->down[n / conv->stride_width],
			&phases->right[n % conv->stride_width]);
		if (i == conv->height)
			subconv_rows(&p, p.out_rows, p.out_rows, 0, 0);
		else if (i < p.out_rows)
			subconv_rows(&p, i, end, from, to);
	}
}

/* One block: all phases of a few rows before the next rows, so that their input is still in cache. */
static void backward_data_block(const struct subconv *p, const struct ae_conv_epilogue *epilogue,
	const struct ae_conv *conv, const struct phases *phases)
{
	const size_t down = conv->stride_height, right = conv->stride_width, pixel = conv->channels * W;
	const struct subconv first = phase_subconv(*p, epilogue, conv, &phases->down[0], &phases->right[0]);
	const size_t most = strip(&first), lines = rows_at_a_time(&first);
	phases_rows(p, epilogue, conv, phases, conv->height, conv->height, 0, 0);
	for (size_t j = 0; j * right < conv->width; j += most)
		for (size_t i = 0; i * down < conv->height; i += lines) {
			phases_rows(p, epilogue, conv, phases, i, i + lines, j, j + most);
			for (size_t row = i * down; epilogue->on_tile && row < MIN((i + lines) * down, conv->height);
				row++)
				epilogue->on_tile(epilogue->on_tile_arg, p->y + (row * conv->width + j * right) * pixel,
					MIN(most * right, conv->width - j * right));
		}
}

static void backward_data(
	float *y, const float *x, const struct ae_conv_epilogue *epilogue, const struct ae_conv *conv, size_t blocks)
{
	struct phases phases;
	find_phases(&phases, conv);
	struct subconv p = phases_subconv(epilogue, conv, &phases);
	for (size_t b = 0; b < blocks; b++) {
		p.x = x + b * conv->small_height * conv->small_width * conv->small_channels * W;
		p.y = y + b * conv->height * conv->width * conv->channels * W;
		p.epilogue = epilogue_of(epilogue, y, b);
		backward_data_block(&p, epilogue, conv, &phases);
	}
}

#define AE_CONV_KERNELS JOIN(AE_KERNELS, _conv)
#define AE_CONV_GRADIENT JOIN(AE_KERNELS, _conv_gradient)
#define AE_CONV_DIRECT JOIN(AE_KERNELS, _conv_direct)
#define AE_CONV_PANEL JOIN(AE_KERNELS, _conv_panel)

extern ae_conv_weight_gradient AE_CONV_GRADIENT;
extern const struct ae_conv_wgrad_algorithm AE_CONV_DIRECT, AE_CONV_PANEL;
extern const struct ae_conv_kernels AE_CONV_KERNELS;
const struct ae_conv_kernels AE_CONV_KERNELS = {
	.pack_forward = pack_forward,
	.pack_backward_data = pack_backward_data,
	.forward = forward,
	.backward_data = backward_data,
	.weight_gradient = AE_CONV_GRADIENT,
	.algorithms = {&AE_CONV_DIRECT, &AE_CONV_PANEL},
};
