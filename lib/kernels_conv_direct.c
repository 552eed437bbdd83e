#include <string.h>

#include "kernels.h"
#include "kernels_conv_runs.h"

/* The gradient by the weights where channels are few: lanes are summed up by themselves, in a vector a weight, and
   added at the end. */

/* Floats of the wide image under a run, for the first-level cache. */
#define ACROSS (7 << 10)

#define AE_CONV_DIRECT JOIN(AE_KERNELS, _conv_direct)
extern const struct ae_conv_way AE_CONV_DIRECT;

/* p wide by m narrow channels over a run of pixels. */
struct patch {
	const float *wide, *narrow;
	size_t wide_pixel, narrow_pixel, pixels;
	float *sums;
	size_t sums_row; /* floats from a wide channel to the next */
};

INLINE void patches(const struct patch *at, const unsigned m, const unsigned p)
{
	const size_t wide_pixel = at->wide_pixel, narrow_pixel = at->narrow_pixel, sums_row = at->sums_row;
	const float *x = at->wide, *y = at->narrow;
	vec sum[WAYS * SUMS];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m * p; i++)
		sum[i] = splat(0);
	for (size_t pixel = 0; pixel < at->pixels; pixel++, x += wide_pixel, y += narrow_pixel) {
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
#pragma GCC unroll 24
	for (unsigned j = 0; j < p; j++)
#pragma GCC unroll 8
		for (unsigned i = 0; i < m; i++) {
			float *to = at->sums + j * sums_row + i * W;
			store(to, load(to) + sum[j * m + i]);
		}
}
#define GRAD(m, p)                                                                                                     \
	static void grad_##m##_##p(const struct patch *patch)                                                          \
	{                                                                                                              \
		patches(patch, m, p);                                                                                  \
	}
PAIRS(GRAD)

typedef void grad_patch(const struct patch *patch);
#define GRAD_AT(m, p) [m - 1][p - 1] = grad_##m##_##p,
static grad_patch *const grads[WAYS][SUMS] = {PAIRS(GRAD_AT)};

struct direct {
	const struct ae_conv *conv;
	const float *wide, *narrow;
	float *sums; /* [kernel_height][kernel_width][channels][narrow_channels][lanes] */
};

static void direct_run(void *arg, const struct run *run)
{
	const struct direct *at = arg;
	const struct ae_conv *c = at->conv;
	const size_t out = c->narrow_channels, count = tiles_of(out, WAYS), most = pixels_of[tiles_of(out, count) - 1];
	const size_t features = (run->col1 - run->col0) * c->channels, strips = tiles_of(features, most);
	size_t skip, pixels, wide;
	for (size_t tap = 0; tap < c->kernel_height; tap++) {
		if (!run_taps(c, run, tap, &skip, &pixels, &wide))
			continue;
		size_t first = run->row * c->narrow_width + run->col + skip * run_step_narrow(c, run);
		struct patch patch = {.wide_pixel = run_step_wide(c, run) * c->channels * W,
			.narrow_pixel = run_step_narrow(c, run) * out * W,
			.pixels = pixels,
			.sums_row = out * W};
		for (size_t t = 0; t < count; t++) {
			size_t o = part(out, count, t), m = part(out, count, t + 1) - o;
			for (size_t u = 0; u < strips; u++) {
				size_t f = part(features, strips, u), p = part(features, strips, u + 1) - f;
				size_t row = (tap * c->kernel_width + run->col0) * c->channels + f;
				patch.wide = at->wide + (wide * c->channels + f) * W;
				patch.narrow = at->narrow + (first * out + o) * W;
				patch.sums = at->sums + (row * out + o) * W;
				grads[m - 1][p - 1](&patch);
			}
		}
	}
}

static void direct_rows(
	float *sums, const float *wide, const float *narrow, const struct ae_conv *c, size_t from, size_t to)
{
	struct direct at = {c, wide, narrow, sums};
	each_run(c, from, to, 1 + ACROSS / (c->stride * c->channels * W), direct_run, &at);
}

static size_t weights_of(const struct ae_conv *c)
{
	return c->kernel_height * c->kernel_width * c->channels * c->narrow_channels;
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

const struct ae_conv_way AE_CONV_DIRECT = {.rows = direct_rows, .count = direct_count, .add = direct_add};
