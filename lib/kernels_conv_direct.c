#include <math.h>
#include <string.h>

#include "kernels.h"
#include "kernels_conv_runs.h"

/* The gradient by the weights where channels are few: lanes are summed up by themselves, in a vector a weight, and
   added at the end. */

/* Floats under a run of the image of which more is read for a pixel, for the first-level cache. */
#define ACROSS (7 << 10)
/* Cycles to put a vector of sums by at the end of a run; what loads make of the others, and where they are of no image
   that is small. */
#define DIRECT_CYCLES 3
#define DIRECT_MORE 1.1
#define DIRECT_FAR 1.4

#define AE_CONV_DIRECT JOIN(AE_KERNELS, _conv_direct)
extern const struct ae_conv_way AE_CONV_DIRECT;

/* p wide by m narrow channels, or rows of taps, over the pixels of some lines. */
struct patch {
	const float *wide, *narrow;
	size_t wide_pixel, narrow_pixel, pixels;
	size_t wide_line, narrow_line, lines;
	ptrdiff_t narrow_next; /* floats from one of the m to the next */
	float *sums;
	size_t sums_row, sums_next; /* floats from a wide channel to the next, from one of the m to the next */
};

INLINE void patches(const struct patch *at, const bool stacked, const unsigned m, const unsigned p)
{
	const size_t wide_pixel = at->wide_pixel, narrow_pixel = at->narrow_pixel, sums_row = at->sums_row;
	const ptrdiff_t narrow_next = stacked ? at->narrow_next : W;
	const size_t sums_next = stacked ? at->sums_next : W;
	vec sum[WAYS * SUMS];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m * p; i++)
		sum[i] = splat(0);
	for (size_t line = 0; line < at->lines; line++) {
		const float *x = at->wide + line * at->wide_line, *y = at->narrow + line * at->narrow_line;
		for (size_t pixel = 0; pixel < at->pixels; pixel++, x += wide_pixel, y += narrow_pixel) {
			vec v[WAYS];
#pragma GCC unroll 8
			for (unsigned i = 0; i < m; i++)
				v[i] = load(y + (ptrdiff_t)i * narrow_next);
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
			store(to, load(to) + sum[j * m + i]);
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
PAIRS(GRAD)

typedef void grad_patch(const struct patch *patch);
#define GRAD_AT(m, p) [0][m - 1][p - 1] = grad_##m##_##p, [1][m - 1][p - 1] = stacked_##m##_##p,
static grad_patch *const grads[2][WAYS][SUMS] = {PAIRS(GRAD_AT)};

struct direct {
	const struct ae_conv *conv;
	const float *wide, *narrow;
	float *sums; /* [kernel_height][kernel_width][channels][narrow_channels][lanes] */
};

/* All features of the run's taps from `tap` on, from the wide pixel at `wide`; m channels from `first` on, or rows of
   taps. */
INLINE void direct_features(const struct direct *at, const struct run *run, size_t tap, const float *wide, size_t first,
	size_t m, struct patch *patch)
{
	const struct ae_conv *c = at->conv;
	const size_t features = (run->col1 - run->col0) * c->channels, strips = tiles_of(features, pixels_of[m - 1]);
	const size_t row = (tap * c->kernel_width + run->col0) * c->channels;
	const size_t least = features / strips, more = features % strips;
	grad_patch *const *grad = grads[patch->narrow_next != W][m - 1];
	for (size_t u = 0, f = 0, p; u < strips; u++, f += p) {
		p = least + (u < more);
		patch->wide = wide + f * W;
		patch->sums = at->sums + ((row + f) * c->narrow_channels + first) * W;
		grad[p - 1](patch);
	}
}

static struct patch direct_patch(const struct direct *at, const struct run *run)
{
	const struct ae_conv *c = at->conv;
	return (struct patch){.wide_pixel = c->stride * c->channels * W,
		.wide_line = c->stride * c->width * c->channels * W,
		.narrow_pixel = c->narrow_channels * W,
		.narrow_line = c->narrow_width * c->narrow_channels * W,
		.pixels = run->pixels,
		.narrow_next = W,
		.sums_next = W,
		.sums_row = c->narrow_channels * W};
}

static void direct_run(void *arg, const struct run *run)
{
	const struct direct *at = arg;
	const struct ae_conv *c = at->conv;
	const size_t out = c->narrow_channels, count = tiles_of(out, WAYS);
	struct patch patch = direct_patch(at, run);
	size_t skip, wide;
	for (size_t t = 0; t < count; t++) {
		size_t o = part(out, count, t), m = part(out, count, t + 1) - o;
		for (size_t tap = 0; tap < c->kernel_height; tap++) {
			if (!run_taps(c, run, tap, &skip, &patch.lines, &wide))
				continue;
			size_t first = (run->row + skip) * c->narrow_width + run->col;
			patch.narrow = at->narrow + (first * out + o) * W;
			direct_features(at, run, tap, at->wide + wide * c->channels * W, o, m, &patch);
		}
	}
}

/* One channel by all rows of taps that reach the same wide row, where all tap columns are there. */
static void stacked_run(void *arg, const struct run *run)
{
	const struct direct *at = arg;
	const struct ae_conv *c = at->conv;
	const size_t s = c->stride;
	if (run->col1 - run->col0 < c->kernel_width) {
		direct_run(arg, run);
		return;
	}
	struct patch patch = direct_patch(at, run);
	const size_t row = patch.narrow_line;
	patch.lines = 1;
	patch.narrow_next = -(ptrdiff_t)row;
	patch.sums_next = s * c->kernel_width * c->channels * c->narrow_channels * W;
	for (size_t y = run->row * s; y < MIN((run->row + run->lines) * s, c->height); y++) {
		size_t low = y + c->top, tap = low % s, taps = 0;
		while (tap <= low && (low - tap) / s >= c->narrow_height)
			tap += s;
		while (tap + taps * s < c->kernel_height && tap + taps * s <= low)
			taps++;
		const float *wide = at->wide + (y * c->width + run->col * s - c->left) * c->channels * W;
		for (size_t o = 0; taps && o < c->narrow_channels; o++) {
			patch.narrow = at->narrow + (low - tap) / s * row + (run->col * c->narrow_channels + o) * W;
			direct_features(at, run, tap, wide, o, taps, &patch);
		}
	}
}

static size_t weights_of(const struct ae_conv *c)
{
	return c->kernel_height * c->kernel_width * c->channels * c->narrow_channels;
}

/* Whether rows of taps stand for channels. */
static bool is_stacked(const struct ae_conv *c)
{
	return c->kernel_height > c->narrow_channels * c->stride && c->kernel_height <= WAYS;
}

/* Pixels of a run, and how many lines that are. */
static size_t run_pixels(const struct ae_conv *c, size_t *lines)
{
	const size_t m = part(c->narrow_channels, tiles_of(c->narrow_channels, WAYS), 1);
	const size_t pixel = (!is_stacked(c) && m > pixels_of[m - 1] ? m : c->stride * c->channels) * W;
	const size_t most = 1 + ACROSS / pixel;
	*lines = most < c->narrow_width ? 1 : most / c->narrow_width;
	return most;
}

static double direct_cycles(const struct ae_conv *c)
{
	size_t lines, most = run_pixels(c, &lines);
	double run = (double)(MIN(most, c->narrow_width) * lines), weights = (double)weights_of(c);
	if (weights_of(c) > AE_CONV_FEW)
		return HUGE_VAL;
	return weights / 2 * (lines > 1 ? DIRECT_MORE : DIRECT_FAR) + weights * DIRECT_CYCLES / run;
}

static void direct_rows(
	float *sums, const float *wide, const float *narrow, const struct ae_conv *c, size_t from, size_t to)
{
	struct direct at = {c, wide, narrow, sums};
	size_t lines, most = run_pixels(c, &lines);
	each_run(c, from, to, most, lines, is_stacked(c) ? stacked_run : direct_run, &at);
}

static size_t direct_count(const struct ae_conv *c)
{
	return weights_of(c) * W;
}

/* W sums at a time, as a square of vectors turned over. */
static void direct_add(float *g, const float *sums, const struct ae_conv *c)
{
	const size_t n = weights_of(c);
	for (size_t k = 0; k < n; k += W) {
		float total[W];
		vec v[W], sum = splat(0);
		for (size_t i = 0; i < W; i++)
			v[i] = k + i < n ? load(sums + (k + i) * W) : splat(0);
		turn(v);
		for (size_t i = 0; i < W; i++)
			sum += v[i];
		store(total, sum);
		for (size_t i = 0; i < MIN(W, n - k); i++)
			g[k + i] += total[i];
	}
}

const struct ae_conv_way AE_CONV_DIRECT = {
	.cycles = direct_cycles, .rows = direct_rows, .count = direct_count, .add = direct_add};
