/* SPDX-License-Identifier: MIT */
/* Weight gradient (wgrad), direct algorithm: one vector accumulator per weight, lanes added at the end. Register tiles
   of accumulators, small channels by features (kernel columns x large channels), sum x * dy over the pixels of a few
   rows and are then added to the sums in memory. It needs no transposition, but a vector of memory per weight. The cost
   model picks it for few weights (never above AE_CONV_DIRECT_WEIGHTS_MAX), that is few channels, where the other
   algorithm would fill its panels with zeros. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/conv_tile.h"
#include "kernels/kernels.h"

/* Floats (40 KiB) of the image of which more is read per pixel, in one pass of the tiles: it stays in the first-level
   cache. */
#define ACROSS (10 << 10)
/* Cost model, measured with AVX-512: cycles to add one accumulator to the sums in memory at the end of a pass; and the
   factor by which loads slow down the multiply-adds, for small images (several rows per pass) and for others. */
#define DIRECT_CYCLES 3
#define DIRECT_MORE 1.1
#define DIRECT_FAR 1.4

#define AE_CONV_DIRECT JOIN(AE_KERNELS, _conv_direct)
extern const struct ae_conv_wgrad_algorithm AE_CONV_DIRECT;

/* Operands of a tile: p features by m small channels (stacked: by m kernel rows), over the pixels of some lines. */
struct patch {
	const float *large, *small;
	size_t large_pixel, small_pixel, pixels;
	size_t large_line, small_line, lines;
	ptrdiff_t small_next; /* stride between the m */
	bool fresh;           /* overwrite `sums` */
	float *sums;
	size_t sums_row, sums_next; /* strides between features, and between the m */
};

INLINE void patches(const struct patch *at, const bool stacked, const unsigned m, const unsigned p)
{
	const size_t large_pixel = at->large_pixel, small_pixel = at->small_pixel, sums_row = at->sums_row;
	const ptrdiff_t small_next = stacked ? at->small_next : W;
	const size_t sums_next = stacked ? at->sums_next : W;
	vec sum[TILE_CHANNELS * TILE_ACCUMULATORS];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m * p; i++)
		sum[i] = splat(0);
	for (size_t line = 0; line < at->lines; line++) {
		const float *x = at->large + line * at->large_line, *y = at->small + line * at->small_line;
		for (size_t pixel = 0; pixel < at->pixels; pixel++, x += large_pixel, y += small_pixel) {
			vec v[TILE_CHANNELS];
#pragma GCC unroll 8
			for (unsigned i = 0; i < m; i++)
				v[i] = load(y + (ptrdiff_t)i * small_next);
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++) {
				vec u = load(x + j * W);
#pragma GCC unroll 8
				for (unsigned i = 0; i < m; i++)
					sum[j * m + i] = fma_(u, v[i], sum[j * m + i]);
			}
		}
	}
#pragma GCC unroll 24
	for (unsigned j = 0; j < p; j++)
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i++) {
			float *to = at->sums + j * sums_row + i * sums_next;
			vec before = at->fresh ? splat(0) : load(to);
			store(to, before + sum[j * m + i]);
		}
}
#define GRAD(m, p)                                                                                                     \
	static void grad_##m##_##p(const struct patch *patch)                                                          \
	{                                                                                                              \
		patches(patch, false, m, p);                                                                           \
	}                                                                                                              \
	static void stacked_##m##_##p(const struct patch *patch)                                                       \
	{                                                                                                              \
		patches(patch, true, m, p);                                                                            \
	}
TILE_SHAPES(GRAD)

typedef void grad_patch(const struct patch *patch);
#define GRAD_AT(m, p) [0][m - 1][p - 1] = grad_##m##_##p, [1][m - 1][p - 1] = stacked_##m##_##p,
static grad_patch *const grads[2][TILE_CHANNELS][TILE_ACCUMULATORS] = {TILE_SHAPES(GRAD_AT)};

struct direct {
	const struct ae_conv *conv;
	const float *large, *small;
	float *sums; /* [kernel_height][kernel_width][channels][small_channels][lanes] */
	bool fresh;  /* overwrite the sums, also by tiles without pixels, which set them to 0 */
};

/* Small rows [top, bottom) and columns [left, right), where the kernel columns [col0, col1) all lie within the image.
 */
struct area {
	size_t top, bottom, left, right, col0, col1;
};

/* The features of an area cut into strips for tiles of m channels: `more` of the strips are one feature wider. */
struct cut {
	size_t m, strips, width, more;
};

static struct cut cut_of(const struct ae_conv *c, const struct area *area, size_t m)
{
	const size_t features = (area->col1 - area->col0) * c->channels,
		     strips = tile_count(features, tile_pixels[m - 1]);
	return (struct cut){m, strips, features / strips, features % strips};
}

/* Runs the tiles of all features of the area for kernel row `tap` (stacked: from it on). `large` is the first large
   pixel, `first` the first small channel. */
INLINE void direct_features(const struct direct *at, const struct area *area, const struct cut *cut, size_t tap,
	const float *large, size_t first, struct patch *patch)
{
	const struct ae_conv *c = at->conv;
	const size_t row = (tap * c->kernel_width + area->col0) * c->channels;
	grad_patch *const *grad = grads[patch->small_next != W][cut->m - 1];
	for (size_t u = 0, f = 0, p; u < cut->strips; u++, f += p) {
		p = cut->width + (u < cut->more);
		patch->large = large + f * W;
		patch->sums = at->sums + ((row + f) * c->small_channels + first) * W;
		grad[p - 1](patch);
	}
}

static struct patch direct_patch(const struct direct *at, const struct area *area)
{
	const struct ae_conv *c = at->conv;
	return (struct patch){.large_pixel = c->stride_width * c->channels * W,
		.large_line = c->stride_height * c->width * c->channels * W,
		.small_pixel = c->small_channels * W,
		.small_line = c->small_width * c->small_channels * W,
		.pixels = area->left < area->right ? area->right - area->left : 0,
		.fresh = at->fresh,
		.small_next = W,
		.sums_next = W,
		.sums_row = c->small_channels * W};
}

/* The large pixel in row y under the area's first kernel column. */
static const float *large_at(const struct direct *at, const struct area *area, size_t y)
{
	const struct ae_conv *c = at->conv;
	return at->large + (y * c->width + area->left * c->stride_width + area->col0 - c->left) * c->channels * W;
}

typedef void sum_area(const struct direct *at, const struct area *area);

static void sum_plain(const struct direct *at, const struct area *area)
{
	const struct ae_conv *c = at->conv;
	const size_t s = c->stride_height, out = c->small_channels, count = tile_count(out, TILE_CHANNELS);
	struct patch patch = direct_patch(at, area);
	for (size_t t = 0; t < count; t++) {
		size_t o = part_start(out, count, t);
		const struct cut cut = cut_of(c, area, part_start(out, count, t + 1) - o);
		for (size_t tap = 0; tap < c->kernel_height; tap++) {
			size_t from = area->top,
			       to = area->bottom; /* the lines where the kernel row lies within the image */
			while (from < to && from * s + tap < c->top)
				from++;
			while (from < to && (to - 1) * s + tap >= c->height + c->top)
				to--;
			patch.lines = to - from;
			patch.small = at->small + ((from * c->small_width + area->left) * out + o) * W;
			bool any = patch.lines && patch.pixels;
			if (any || at->fresh)
				direct_features(at, area, &cut, tap,
					any ? large_at(at, area, from * s + tap - c->top) : at->large, o, &patch);
		}
	}
}

/* Stacked: the kernel rows that connect the same large row take the place of the small channels in a tile. */
static void sum_stacked(const struct direct *at, const struct area *area)
{
	const struct ae_conv *c = at->conv;
	const size_t s = c->stride_height, out = c->small_channels;
	struct patch patch = direct_patch(at, area);
	struct cut cut = {0};
	patch.lines = 1;
	patch.small_next = -(ptrdiff_t)patch.small_line;
	patch.sums_next = s * c->kernel_width * c->channels * out * W;
	for (size_t y = area->top * s; y < MIN(area->bottom * s, c->height); y++) {
		/* Kernel row tap + i * s connects it to small row `row` - i. */
		size_t row = (y + c->top) / s, tap = (y + c->top) % s, taps = 0;
		while (row >= c->small_height && tap < c->kernel_height) {
			row--;
			tap += s;
		}
		while (tap + taps * s < c->kernel_height && taps <= row)
			taps++;
		if (taps && taps != cut.m)
			cut = cut_of(c, area, taps);
		for (size_t o = 0; taps && o < out; o++) {
			patch.small = at->small + ((row * c->small_width + area->left) * out + o) * W;
			direct_features(at, area, &cut, tap, large_at(at, area, y), o, &patch);
		}
	}
}

/* Each kernel column separately, over the columns of `all` where it lies within the image. */
static void sum_apart(const struct direct *at, sum_area *sum, struct area all)
{
	const struct ae_conv *c = at->conv;
	struct area area = all;
	for (area.col0 = 0; area.col0 < c->kernel_width; area.col0++) {
		size_t from, to;
		inner_windows((ptrdiff_t)area.col0 - (ptrdiff_t)c->left, c->stride_width, 1, c->width, c->small_width,
			&from, &to);
		area.left = MAX(from, all.left);
		area.right = MIN(to, all.right);
		area.col1 = area.col0 + 1;
		if (area.left < area.right || at->fresh)
			sum(at, &area);
	}
}

static size_t weights_of(const struct ae_conv *c)
{
	return c->kernel_height * c->kernel_width * c->channels * c->small_channels;
}

/* Whether to use sum_stacked(): more kernel rows than small channels. */
static bool is_stacked(const struct ae_conv *c)
{
	return c->kernel_height > c->small_channels * c->stride_height && c->kernel_height <= TILE_CHANNELS;
}

/* Small channels (stacked: kernel rows) of a tile. */
static size_t tile_channels_of(const struct ae_conv *c)
{
	return is_stacked(c) ? tile_count(c->kernel_height, c->stride_height)
			     : part_start(c->small_channels, tile_count(c->small_channels, TILE_CHANNELS), 1);
}

/* Whether the small image is the one of which more is read per pixel, and which is kept in the first-level cache. */
static bool keeps_small(const struct ae_conv *c)
{
	return !is_stacked(c) && tile_channels_of(c) > tile_pixels[tile_channels_of(c) - 1];
}

/* Pixels of a line, and lines, per pass. */
static size_t pixels_at_a_time(const struct ae_conv *c, size_t *lines)
{
	const size_t pixel = (keeps_small(c) ? tile_channels_of(c) : c->stride_width * c->channels) * W;
	const size_t most = 1 + ACROSS / pixel;
	*lines = most < c->small_width ? 1 : most / c->small_width;
	return most;
}

static double direct_cost(const struct ae_conv *c)
{
	size_t lines, most = pixels_at_a_time(c, &lines);
	double pixels = (double)(MIN(most, c->small_width) * lines), weights = (double)weights_of(c);
	if (weights_of(c) > AE_CONV_DIRECT_WEIGHTS_MAX)
		return HUGE_VAL;
	return weights / 2 * (lines > 1 ? DIRECT_MORE : DIRECT_FAR) + weights * DIRECT_CYCLES / pixels;
}

static size_t direct_sum_floats(const struct ae_conv *c)
{
	return weights_of(c) * W;
}

/* Kernel columns are taken one by one; or together, if there are too few channels for full tiles or each would read the
   large row again. Then the border columns, where some of them lie outside the image, come last. */
static void direct_accumulate(float *sums, bool first, const float *large, const float *small, const struct ae_conv *c,
	size_t from, size_t to)
{
	const bool stacked = is_stacked(c);
	const bool together = c->channels < 2 * tile_pixels[tile_channels_of(c) - 1] || !(stacked || keeps_small(c));
	sum_area *sum = stacked ? sum_stacked : sum_plain;
	struct direct at = {c, large, small, sums, first && !stacked && !together};
	size_t left = 0, right = c->small_width, lines, most = pixels_at_a_time(c, &lines);
	if (first && !at.fresh)
		memset(sums, 0, direct_sum_floats(c) * sizeof(*sums));
	if (together)
		inner_windows(
			-(ptrdiff_t)c->left, c->stride_width, c->kernel_width, c->width, c->small_width, &left, &right);
	size_t down = tile_count(to - from, lines), across = tile_count(right - left, most);
	for (size_t i = 0; i < down; i++)
		for (size_t t = 0; t < across; t++, at.fresh = false) {
			struct area area = {.top = from + part_start(to - from, down, i),
				.bottom = from + part_start(to - from, down, i + 1),
				.left = left + part_start(right - left, across, t),
				.right = left + part_start(right - left, across, t + 1),
				.col1 = c->kernel_width};
			if (together)
				sum(&at, &area);
			else
				sum_apart(&at, sum, area);
		}
	for (size_t j = 0; together && j < c->small_width; j = j + 1 == left && left < right ? right : j + 1) {
		struct area area = {.top = from, .bottom = to, .left = j, .right = j + 1};
		clip_taps((ptrdiff_t)(j * c->stride_width) - (ptrdiff_t)c->left, c->kernel_width, c->width, &area.col0,
			&area.col1);
		if ((j < left || j >= right) && area.col0 < area.col1)
			sum(&at, &area);
	}
}

static void direct_add(float *g, const float *sums, const struct ae_conv *c)
{
	const size_t n = weights_of(c);
	for (size_t k = 0; k < n; k += W) {
		float total[W];
		vec v[W];
#pragma GCC unroll 16
		for (size_t i = 0; i < W; i++)
			v[i] = k + i < n ? load(sums + (k + i) * W) : splat(0);
		store(total, sum_lanes(v));
		for (size_t i = 0; i < MIN(W, n - k); i++)
			g[k + i] += total[i];
	}
}

const struct ae_conv_wgrad_algorithm AE_CONV_DIRECT = {
	.cost = direct_cost, .accumulate = direct_accumulate, .sum_floats = direct_sum_floats, .add = direct_add};
