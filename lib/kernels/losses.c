/* SPDX-License-Identifier: MIT */
/* The losses, compiled once per instruction set. To add one: its function, and its row in the table at the end. */
#include "kernels/losses.h"

#include <math.h>

#include "kernels/simd.h"

/* A loss of the difference alone, v = y - t in single and d in double precision: its gradient with respect to v, and
   `total` with its value added. */
#define LOSS_SUM(name, gradient, total)                                                                                \
	static void name(double *sum, float *dy, const float *y, const float *t, size_t n, size_t rows, float scale,   \
		float delta)                                                                                           \
	{                                                                                                              \
		(void)delta;                                                                                           \
		vec_i32 mask;                                                                                          \
		for (size_t i = 0; i < W; i++)                                                                         \
			mask[i] = i < rows ? -1 : 0;                                                                   \
		vec_f64 sums[2] = {*(const mem_vec_f64 *)sum, *(const mem_vec_f64 *)(sum + W / 2)};                    \
		for (size_t f = 0; f < n * W; f += W) {                                                                \
			vec v = load(y + f) - load(t + f);                                                             \
			store(dy + f, mask_and(mask, gradient));                                                       \
			for (size_t h = 0; h < 2; h++) {                                                               \
				vec_half part = load_half(y + f + h * W / 2) - load_half(t + f + h * W / 2);           \
				vec_f64 d = __builtin_convertvector(part, vec_f64);                                    \
				sums[h] = total;                                                                       \
			}                                                                                              \
		}                                                                                                      \
		*(mem_vec_f64 *)sum = sums[0];                                                                         \
		*(mem_vec_f64 *)(sum + W / 2) = sums[1];                                                               \
	}

#define LOSS(name, gradient, value) LOSS_SUM(name, gradient, sums[h] + (value))

LOSS_SUM(mse, splat(2 * scale) * v, fma_f64(d, d, sums[h]))
LOSS(mae, blend(v > splat(0), splat(scale), mask_and(v < splat(0), splat(-scale))), abs_f64(d))
LOSS(huber, splat(scale) * clamp(v, -delta, delta),
	blend_f64(abs_f64(d) <= (double)delta, d *d * 0.5, (abs_f64(d) - 0.5 * (double)delta) * (double)delta))

/* Natural logarithm of positive normal numbers m 2^e, m in [sqrt(1/2), sqrt(2)): Moshier's polynomial (Cephes logf). */
INLINE vec log_(vec x)
{
	vec_i32 shifted = (vec_i32)x - 0x3f3504f3;
	vec e = __builtin_convertvector(shifted >> 23, vec);
	vec f = (vec)((shifted & 0x7fffff) + 0x3f3504f3) - splat(1);
	vec p = splat(7.0376836292e-2F);
	p = fma_(p, f, splat(-1.1514610310e-1F));
	p = fma_(p, f, splat(1.1676998740e-1F));
	p = fma_(p, f, splat(-1.2420140846e-1F));
	p = fma_(p, f, splat(1.4249322787e-1F));
	p = fma_(p, f, splat(-1.6668057665e-1F));
	p = fma_(p, f, splat(2.0000714765e-1F));
	p = fma_(p, f, splat(-2.4999993993e-1F));
	p = fma_(p, f, splat(3.3333331174e-1F));
	vec square = f * f;
	vec low = fma_(p * f, square, e * splat(-2.12194440e-4F));
	low = fma_(square, splat(-0.5F), low);
	return fma_(e, splat(0.693359375F), f + low);
}

/* Binary cross-entropy, -(t ln p + (1 - t) ln(1 - p)), p being y clipped as Keras does it; where it is clipped there is
   no gradient. */
static void bce(
	double *sum, float *dy, const float *y, const float *t, size_t n, size_t rows, float scale, float unused)
{
	(void)unused;
	const float low = 1e-7F, high = 1 - 1e-7F;
	vec_i32 mask = lanes_below(rows);
	for (size_t f = 0; f < n * W; f += W) {
		float value[W];
		vec p = clamp(load(y + f), low, high), target = load(t + f);
		vec_i32 observed = target == target, inside = p == load(y + f);
		vec gradient = splat(scale) * (p - target) / (p * (splat(1) - p));
		store(dy + f, mask_and(mask & observed & inside, gradient));
		vec loss = fma_(splat(1) - target, log_(splat(1) - p), target * log_(p));
		store(value, mask_and(observed, -loss));
		for (size_t lane = 0; lane < W; lane++)
			sum[lane] += (double)value[lane];
	}
}

/* 1 - y.t / (|y| |t|) over the observed values of a row; squared norms are at least 1e-12, as Keras has it. */
static void cosine(
	double *sum, float *dy, const float *y, const float *t, size_t n, size_t rows, float scale, float unused)
{
	(void)unused;
	double dot[W] = {0}, yy[W] = {0}, tt[W] = {0};
	size_t observed[W] = {0};
	float along[W], against[W]; /* the gradient is along * y - against * t */
	for (size_t f = 0; f < n * W; f++) {
		size_t lane = f % W;
		bool there = t[f] == t[f];
		double a = there ? (double)y[f] : 0, b = there ? (double)t[f] : 0;
		dot[lane] = fma_double(a, b, dot[lane]);
		yy[lane] = fma_double(a, a, yy[lane]);
		tt[lane] = fma_double(b, b, tt[lane]);
		observed[lane] += there;
	}
	for (size_t lane = 0; lane < W; lane++) {
		double norms = sqrt(fmax(yy[lane], 1e-12)) * sqrt(fmax(tt[lane], 1e-12));
		bool counts = observed[lane] > 0, learns = counts && lane < rows;
		sum[lane] += counts ? 1 - dot[lane] / norms : 0;
		against[lane] = learns ? (float)((double)scale / norms) : 0;
		along[lane] = learns && yy[lane] > 1e-12 ? (float)((double)scale * dot[lane] / norms / yy[lane]) : 0;
	}
	for (size_t f = 0; f < n * W; f += W) {
		vec target = load(t + f);
		store(dy + f, mask_and(target == target, fma_(load(along), load(y + f), -(load(against) * target))));
	}
}

#define AE_LOSS_TABLE JOIN(AE_KERNELS, _losses)
extern const struct ae_loss AE_LOSS_TABLE[];
const struct ae_loss AE_LOSS_TABLE[] = {
	{.name = "mse", .metric = "mse", .block = mse},
	{.name = "mae", .metric = "mae", .block = mae},
	/* Huber tends to the absolute error far from 0, where it matters. */
	{.name = "huber", .metric = "mae", .takes_delta = true, .block = huber},
	{.name = "bce", .metric = "mse", .skips_missing = true, .low = 0, .high = 1, .block = bce},
	{.name = "cosine", .metric = "cosine", .per_row = true, .skips_missing = true, .block = cosine},
	{0},
};
