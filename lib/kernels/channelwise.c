/* SPDX-License-Identifier: MIT */
/* Per-channel sums, scaling and moments of blocks float[pixels][channels][lanes]; compiled once per instruction set. */
#include "kernels/channelwise.h"

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"

/* Values summed up in single precision before they go into a sum in double precision. */
#define RUN 64
/* Channels whose sums stay in registers together. */
#define TOGETHER 4

INLINE double across(vec v)
{
	float lanes[W];
	double part[W / 2];
	store(lanes, v);
	*(mem_vec_f64 *)part = __builtin_convertvector(load_half(lanes), vec_f64) +
			       __builtin_convertvector(load_half(lanes + W / 2), vec_f64);
	for (size_t n = W / 4; n > 0; n /= 2)
		for (size_t i = 0; i < n; i++)
			part[i] += part[i + n];
	return part[0];
}

INLINE void sums_run(float *g, const float *x, size_t pixels, size_t step, const unsigned n)
{
	vec sum[2 * TOGETHER];
	for (unsigned c = 0; c < n; c++)
		sum[c] = splat(0);
	for (size_t i = 0; i < pixels; i++, x += step)
		for (unsigned c = 0; c < n; c++)
			sum[c] += load(x + c * W);
	for (unsigned c = 0; c < n; c++)
		g[c] += (float)across(sum[c]);
}

static void sums(float *g, const float *x, size_t pixels, size_t apart, size_t channels)
{
	const size_t step = apart * channels * W;
	for (size_t i = 0; i < pixels; i += RUN) {
		size_t c = 0, run = pixels - i < RUN ? pixels - i : RUN;
		for (; c + 2 * TOGETHER <= channels; c += 2 * TOGETHER)
			sums_run(g + c, x + i * step + c * W, run, step, 2 * TOGETHER);
		for (; c < channels; c++)
			sums_run(g + c, x + i * step + c * W, run, step, 1);
	}
}

static void scale(float *y, const float *x, const float *a, const float *b, size_t pixels, size_t channels)
{
	for (size_t i = 0; i < pixels; i++)
		for (size_t c = 0; c < channels; c++, x += W, y += W)
			store(y, fma_(splat(a[c]), load(x), splat(b[c])));
}

static void scale_both(float *z, const float *x, const float *y, const float *a, const float *b, const float *c,
	size_t pixels, size_t channels, size_t rows, float slope)
{
	const vec_i32 mask = lanes_below(rows);
	const vec below = splat(slope);
	for (size_t i = 0; i < pixels; i++)
		for (size_t n = 0; n < channels; n++, x += W, y += W, z += W) {
			vec gate = load(y);
			vec v = mask_and(mask, fma_(splat(a[n]), load(x), fma_(splat(b[n]), gate, splat(c[n]))));
			store(z, blend(gate > splat(0), v, v * below));
		}
}

/* TOGETHER channels or one over at most RUN pixels `step` floats apart. */
INLINE void moments_run(double *sum, double *squares, const float *x, const float *dy, const float *about,
	size_t pixels, size_t step, const vec_i32 mask, const unsigned n)
{
	vec s[TOGETHER], q[TOGETHER], middle[TOGETHER];
	for (unsigned c = 0; c < n; c++) {
		s[c] = q[c] = splat(0);
		middle[c] = splat(about[c]);
	}
	for (size_t i = 0; i < pixels * step; i += step)
		for (unsigned c = 0; c < n; c++) {
			vec d = mask_and(mask, load(x + i + c * W) - middle[c]);
			vec v = dy ? mask_and(mask, load(dy + i + c * W)) : d;
			s[c] += v;
			q[c] = fma_(v, d, q[c]);
		}
	for (unsigned c = 0; c < n; c++) {
		sum[c] += across(s[c]);
		squares[c] += across(q[c]);
	}
}

static void moments(double *sum, double *squares, const float *x, const float *dy, const float *about, size_t pixels,
	size_t channels, size_t rows)
{
	const size_t step = channels * W;
	const vec_i32 mask = lanes_below(rows);
	for (size_t i = 0; i < pixels; i += RUN) {
		size_t c = 0, run = pixels - i < RUN ? pixels - i : RUN;
		for (; c < channels; c += c + TOGETHER <= channels ? TOGETHER : 1) {
			const float *at = x + i * step + c * W, *d = dy ? dy + i * step + c * W : NULL;
			if (c + TOGETHER <= channels)
				moments_run(sum + c, squares + c, at, d, about + c, run, step, mask, TOGETHER);
			else
				moments_run(sum + c, squares + c, at, d, about + c, run, step, mask, 1);
		}
	}
}

#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)

extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;
const struct ae_channel_kernels AE_CHANNEL_KERNELS = {
	.sums = sums,
	.scale = scale,
	.scale_both = scale_both,
	.moments = moments,
};
