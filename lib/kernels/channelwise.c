/* SPDX-License-Identifier: MIT */
/* Per-channel sums, scaling and moments of blocks float[pixels][channels][lanes]; compiled once per instruction set. */
#include "kernels/channelwise.h"

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"

/* Pixels summed in single precision before the partial sum is added in double precision. */
#define CHUNK 64
/* Channels whose sums stay in registers at a time. */
#define CHANNELS 4

/* Horizontal sum in double precision. */
INLINE double lane_sum(vec v)
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

INLINE void sums_chunk(float *g, const float *x, size_t pixels, size_t step, const unsigned n)
{
	vec sum[2 * CHANNELS];
	for (unsigned c = 0; c < n; c++)
		sum[c] = splat(0);
	for (size_t i = 0; i < pixels; i++, x += step)
		for (unsigned c = 0; c < n; c++)
			sum[c] += load(x + c * W);
	for (unsigned c = 0; c < n; c++)
		g[c] += (float)lane_sum(sum[c]);
}

static void sums(float *g, const float *x, size_t pixels, size_t stride, size_t channels)
{
	const size_t step = stride * channels * W;
	for (size_t i = 0; i < pixels; i += CHUNK) {
		size_t c = 0, chunk = pixels - i < CHUNK ? pixels - i : CHUNK;
		for (; c + 2 * CHANNELS <= channels; c += 2 * CHANNELS)
			sums_chunk(g + c, x + i * step + c * W, chunk, step, 2 * CHANNELS);
		for (; c < channels; c++)
			sums_chunk(g + c, x + i * step + c * W, chunk, step, 1);
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

/* n channels (CHANNELS or 1) of at most CHUNK pixels, `step` floats from one to the next. */
INLINE void moments_chunk(double *sum, double *squares, const float *x, const float *dy, const float *about,
	size_t pixels, size_t step, const vec_i32 mask, const unsigned n)
{
	vec s[CHANNELS], q[CHANNELS], middle[CHANNELS];
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
		sum[c] += lane_sum(s[c]);
		squares[c] += lane_sum(q[c]);
	}
}

static void moments(double *sum, double *squares, const float *x, const float *dy, const float *about, size_t pixels,
	size_t channels, size_t rows)
{
	const size_t step = channels * W;
	const vec_i32 mask = lanes_below(rows);
	for (size_t i = 0; i < pixels; i += CHUNK) {
		size_t c = 0, chunk = pixels - i < CHUNK ? pixels - i : CHUNK;
		for (; c < channels; c += c + CHANNELS <= channels ? CHANNELS : 1) {
			const float *at = x + i * step + c * W, *d = dy ? dy + i * step + c * W : NULL;
			if (c + CHANNELS <= channels)
				moments_chunk(sum + c, squares + c, at, d, about + c, chunk, step, mask, CHANNELS);
			else
				moments_chunk(sum + c, squares + c, at, d, about + c, chunk, step, mask, 1);
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
