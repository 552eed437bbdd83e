/* SPDX-License-Identifier: MIT */
/* Weight gradient (wgrad), panel algorithm: a matrix product whose inner dimension runs over pixels and lanes. The
   channels of one image are transposed into panels float[lanes][PANEL], so that a vector holds channels; each is
   multiplied by the broadcast values of the other image. The side with the fewer vectors in all is transposed. The cost
   model picks it for many channels, which fill the panels and repay the transposition. */
#include <stdbool.h>
#include <string.h>

#include "kernels/conv_tile.h"
#include "kernels/kernels.h"

#define PANEL AE_PANEL_TILE
#define PANEL_VECTORS (PANEL / W)
/* Pixels per segment: their panels stay in the first-level cache. */
#define PIXELS 16
/* Independent accumulators wanted, to hide the latency of multiply-adds: smaller tiles split each sum into several. */
#define CHAINS 8

#define AE_CONV_PANEL JOIN(AE_KERNELS, _conv_panel)
extern const struct ae_conv_wgrad_algorithm AE_CONV_PANEL;
extern const struct ae_kernels AE_KERNELS;

/* Operands of a tile: m features by `vectors` vectors of panels, summed over some pixels. */
struct strip {
	float *sum;
	size_t sum_m, sum_panel; /* strides between features and between panels */
	const float *x;          /* the features, W lanes each */
	size_t x_pixel;
	const float *panel;
	size_t panel_pixel, panel_next;
	size_t pixels;
};

INLINE void strips(const struct strip *at, const unsigned m, const unsigned vectors)
{
	const unsigned most = CHAINS / (m * vectors), chains = most >= 4 ? 4 : most >= 2 ? 2 : 1;
	const size_t x_pixel = at->x_pixel, panel_pixel = at->panel_pixel, next = at->panel_next;
	vec sum[4 * TILE_ACCUMULATORS];
#pragma GCC unroll 24
	for (unsigned i = 0; i < chains * m * vectors; i++)
		sum[i] = splat(0);
	for (size_t pixel = 0; pixel < at->pixels; pixel++) {
		const float *x = at->x + pixel * x_pixel, *panel = at->panel + pixel * panel_pixel;
		for (unsigned lane = 0; lane < W; lane += chains)
#pragma GCC unroll 4
			for (unsigned chain = 0; chain < chains; chain++, x++, panel += PANEL) {
				vec v[TILE_CHANNELS];
#pragma GCC unroll 8
				for (unsigned n = 0; n < vectors; n++)
					v[n] = load(panel + n / PANEL_VECTORS * next + n % PANEL_VECTORS * W);
#pragma GCC unroll 24
				for (unsigned i = 0; i < m; i++) {
					vec s = splat(x[i * W]);
#pragma GCC unroll 8
					for (unsigned n = 0; n < vectors; n++) {
						unsigned to = (chain * m + i) * vectors + n;
						sum[to] = fma_(s, v[n], sum[to]);
					}
				}
			}
	}
#pragma GCC unroll 24
	for (unsigned i = m * vectors; i < chains * m * vectors; i++)
		sum[i % (m * vectors)] += sum[i];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m; i++)
#pragma GCC unroll 8
		for (unsigned n = 0; n < vectors; n++) {
			float *to = at->sum + i * at->sum_m + n / PANEL_VECTORS * at->sum_panel + n % PANEL_VECTORS * W;
			store(to, load(to) + sum[i * vectors + n]);
		}
}

#define STRIP(vectors, m)                                                                                              \
	static void strip_##vectors##_##m(const struct strip *strip)                                                   \
	{                                                                                                              \
		strips(strip, m, vectors);                                                                             \
	}
TILE_SHAPES(STRIP)

typedef void strip_kernel(const struct strip *strip);
#define STRIP_AT(vectors, m) [vectors - 1][m - 1] = strip_##vectors##_##m,
static strip_kernel *const strip_kernels[TILE_CHANNELS][TILE_ACCUMULATORS] = {TILE_SHAPES(STRIP_AT)};

/* All tiles of `features` features from at.x on, by n panels. */
static void tiles(struct strip at, size_t features, size_t n)
{
	size_t vectors = n * PANEL_VECTORS, count = tile_count(features, tile_pixels[vectors - 1]);
	const struct strip start = at;
	for (size_t t = 0; t < count; t++) {
		size_t first = part_start(features, count, t), m = part_start(features, count, t + 1) - first;
		at.x = start.x + first * W;
		at.sum = start.sum + first * start.sum_m;
		strip_kernels[vectors - 1][m - 1](&at);
	}
}

/* The most panels of a tile. */
#define PANELS (TILE_CHANNELS / PANEL_VECTORS)

static size_t panels_of(size_t channels)
{
	return (channels + PANEL - 1) / PANEL;
}

/* Small pixels from (row, col) on where the kernel columns [col0, col1) lie within the image: along a row, or down a
   border column. */
struct segment {
	size_t row, col, pixels;
	bool down;
	size_t col0, col1;
};

typedef void segment_fn(void *arg, const struct segment *segment);

/* Covers the small rows [top, bottom) with segments of at most `most` pixels. */
INLINE void for_each_segment(const struct ae_conv *c, size_t top, size_t bottom, size_t most, segment_fn *fn, void *arg)
{
	size_t inner0, inner1, cols = c->small_width;
	inner_windows(-(ptrdiff_t)c->left, c->stride_width, c->kernel_width, c->width, cols, &inner0, &inner1);
	size_t inside = inner1 - inner0, count = tile_count(inside, most);
	for (size_t i = top; i < bottom; i++)
		for (size_t t = 0; t < count; t++) {
			size_t from = part_start(inside, count, t), to = part_start(inside, count, t + 1);
			fn(arg, &(struct segment){i, inner0 + from, to - from, false, 0, c->kernel_width});
		}
	for (size_t j = 0; j < cols; j = j + 1 == inner0 && inside ? inner1 : j + 1) {
		struct segment segment = {.col = j, .down = true};
		clip_taps((ptrdiff_t)(j * c->stride_width) - (ptrdiff_t)c->left, c->kernel_width, c->width,
			&segment.col0, &segment.col1);
		for (size_t i = top; (j < inner0 || j >= inner1) && segment.col0 < segment.col1 && i < bottom;
			i += most) {
			segment.row = i;
			segment.pixels = MIN(most, bottom - i);
			fn(arg, &segment);
		}
	}
}

/* Whether kernel row `tap` lies within the image for any pixels of the segment. Sets them: `pixels` from `skip` on, and
   the index of the large pixel under kernel column col0 of the first. */
INLINE bool segment_taps(
	const struct ae_conv *c, const struct segment *segment, size_t tap, size_t *skip, size_t *pixels, size_t *large)
{
	size_t s = c->stride_height, from = 0, to = segment->pixels;
	ptrdiff_t y = (ptrdiff_t)(segment->row * s + tap) - (ptrdiff_t)c->top;
	if (segment->down)
		inner_windows(y, s, 1, c->height, segment->pixels, &from, &to);
	else if (y < 0 || y >= (ptrdiff_t)c->height)
		return false;
	*skip = from;
	*pixels = to - from;
	*large = ((size_t)(y + (ptrdiff_t)(from * s))) * c->width + segment->col * c->stride_width + segment->col0 -
		 c->left;
	return from < to;
}

/* Strides, in pixels of the large and of the small image, from one pixel of a segment to the next. */
INLINE size_t segment_step_large(const struct ae_conv *c, const struct segment *segment)
{
	return segment->down ? c->stride_height * c->width : c->stride_width;
}

INLINE size_t segment_step_small(const struct ae_conv *c, const struct segment *segment)
{
	return segment->down ? c->small_width : 1;
}

/* Small side: panels of small channels; the features are the large channels of a kernel row. */

struct small_side {
	const struct ae_conv *conv;
	const float *large, *small;
	float *sums; /* [kernel_height][kernel_width][channels][panels][PANEL] */
	size_t panels;
};

static void small_segment(void *arg, const struct segment *segment)
{
	const struct small_side *side = arg;
	const struct ae_conv *c = side->conv;
	const size_t small_pixel = c->small_channels * W, step = segment_step_small(c, segment);
	const float *small = side->small + (segment->row * c->small_width + segment->col) * small_pixel;
	float panel[PIXELS * 2 * PANEL * W];
	for (size_t p = 0, few; p < side->panels; p += few) {
		few = MIN(side->panels - p, MIN(2, PANELS));
		struct strip at = {.x_pixel = segment_step_large(c, segment) * c->channels * W,
			.sum_m = side->panels * PANEL,
			.sum_panel = PANEL,
			.panel_next = PANEL * W,
			.panel_pixel = few * PANEL * W};
		for (size_t k = 0; k < segment->pixels; k++)
			AE_KERNELS.transpose(panel + k * at.panel_pixel, small + k * step * small_pixel + p * PANEL * W,
				MIN(few * PANEL, c->small_channels - p * PANEL));
		for (size_t row = 0; row < c->kernel_height; row++) {
			size_t skip, large;
			if (!segment_taps(c, segment, row, &skip, &at.pixels, &large))
				continue;
			at.panel = panel + skip * at.panel_pixel;
			at.x = side->large + large * c->channels * W;
			at.sum = side->sums +
				 ((row * c->kernel_width + segment->col0) * c->channels * side->panels + p) * PANEL;
			tiles(at, (segment->col1 - segment->col0) * c->channels, few);
		}
	}
}

/* Large side: panels of large channels; the features are the small channels. */

struct large_side {
	const struct ae_conv *conv;
	const float *large, *small;
	float *sums; /* [kernel_height][kernel_width][panels][small_channels][PANEL] */
	size_t panels;
};

/* One panel of large channels in large row y, for small columns [from, from + n). Panels outside the image are 0. */
static void large_segment(const struct large_side *side, size_t y, size_t p, size_t from, size_t n)
{
	const struct ae_conv *c = side->conv;
	const size_t down = c->stride_height, s = c->stride_width, size = PANEL * W,
		     small_pixel = c->small_channels * W;
	const size_t cols = (n - 1) * s + c->kernel_width;
	float panel[(PIXELS + AE_CONV_KERNEL_MAX) * PANEL * W];
	for (size_t k = 0; k < cols; k++) {
		ptrdiff_t x = (ptrdiff_t)(from * s + k) - (ptrdiff_t)c->left;
		if (x < 0 || x >= (ptrdiff_t)c->width)
			memset(panel + k * size, 0, size * sizeof(*panel));
		else
			AE_KERNELS.transpose(panel + k * size,
				side->large + ((y * c->width + (size_t)x) * c->channels + p * PANEL) * W,
				MIN(PANEL, c->channels - p * PANEL));
	}
	for (size_t row = (y + c->top) % down; row < c->kernel_height; row += down) {
		if (y + c->top < row || (y + c->top - row) / down >= c->small_height)
			continue;
		struct strip at = {.sum_m = PANEL,
			.sum_panel = side->panels * c->small_channels * PANEL,
			.x = side->small + ((y + c->top - row) / down * c->small_width + from) * small_pixel,
			.x_pixel = small_pixel,
			.panel_pixel = s * size,
			.panel_next = size,
			.pixels = n};
		for (size_t col = 0, few; col < c->kernel_width; col += few) {
			few = MIN(c->kernel_width - col, PANELS);
			at.panel = panel + col * size;
			at.sum = side->sums + (row * c->kernel_width + col) * at.sum_panel +
				 p * c->small_channels * PANEL;
			tiles(at, c->small_channels, few);
		}
	}
}

static void large_rows(const struct large_side *side, size_t top, size_t bottom)
{
	const struct ae_conv *c = side->conv;
	size_t count = tile_count(c->small_width, MAX(1, PIXELS / c->stride_width));
	for (size_t y = top; y < bottom; y++)
		for (size_t t = 0; t < count; t++)
			for (size_t p = 0; p < side->panels; p++) {
				size_t from = part_start(c->small_width, count, t);
				large_segment(side, y, p, from, part_start(c->small_width, count, t + 1) - from);
			}
}

/* Whether to transpose the small side: it makes no more vectors than the large side. */
static bool in_small(const struct ae_conv *c)
{
	return panels_of(c->small_channels) * c->channels <= panels_of(c->channels) * c->small_channels;
}

/* Cost model, measured with AVX-512: cycles to transpose one panel; and the factor on the multiply-adds if a kernel row
   has fewer than FEW_SUMS accumulators, too few to keep the multiply units busy. */
#define PANEL_CYCLES 80
#define FEW_SUMS 16
#define FEW_MORE 1.4

static double panel_cost(const struct ae_conv *c)
{
	const double taps = (double)(c->kernel_height * c->kernel_width),
		     area = (double)(c->stride_height * c->stride_width);
	const double half = (double)PANEL / 2, small = (double)c->small_channels;
	if (in_small(c))
		return (double)panels_of(c->small_channels) * (taps * (double)c->channels * half + PANEL_CYCLES);
	double busy = c->kernel_width * c->small_channels < FEW_SUMS ? FEW_MORE : 1;
	return (double)panels_of(c->channels) * (taps * small * half * busy + PANEL_CYCLES * area);
}

static size_t panel_sum_floats(const struct ae_conv *c)
{
	size_t taps = c->kernel_height * c->kernel_width;
	return in_small(c) ? taps * c->channels * panels_of(c->small_channels) * PANEL
			   : taps * panels_of(c->channels) * PANEL * c->small_channels;
}

static void panel_accumulate(float *sums, bool first, const float *large, const float *small, const struct ae_conv *c,
	size_t from, size_t to)
{
	if (first)
		memset(sums, 0, panel_sum_floats(c) * sizeof(*sums));
	if (in_small(c)) {
		struct small_side side = {c, large, small, sums, panels_of(c->small_channels)};
		for_each_segment(c, from, to, PIXELS, small_segment, &side);
	} else {
		struct large_side side = {c, large, small, sums, panels_of(c->channels)};
		large_rows(&side, MIN(from * c->stride_height, c->height), MIN(to * c->stride_height, c->height));
	}
}

static void panel_add(float *g, const float *sums, const struct ae_conv *c)
{
	const size_t taps = c->kernel_height * c->kernel_width, out = c->small_channels;
	const size_t row = panels_of(out) * PANEL, panels = panels_of(c->channels);
	if (in_small(c)) {
		for (size_t k = 0; k < taps * c->channels; k++)
			for (size_t o = 0; o < out; o++)
				*g++ += sums[k * row + o];
		return;
	}
	for (size_t tap = 0; tap < taps; tap++)
		for (size_t k = 0; k < c->channels; k++)
			for (size_t o = 0; o < out; o++)
				*g++ += sums[((tap * panels + k / PANEL) * out + o) * PANEL + k % PANEL];
}

const struct ae_conv_wgrad_algorithm AE_CONV_PANEL = {
	.cost = panel_cost, .accumulate = panel_accumulate, .sum_floats = panel_sum_floats, .add = panel_add};
