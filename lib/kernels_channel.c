#include "kernels_channel.h"

#include <string.h>

#include "kernels.h"
#include "kernels_vec.h"

#define NV (AE_LANES / W)
/* Values summed up in single precision before they go into a sum in double precision. */
#define RUN 32

INLINE ints lanes_below(size_t rows, size_t vector)
{
	ints mask;
	for (size_t i = 0; i < W; i++)
		mask[i] = vector * W + i < rows ? -1 : 0;
	return mask;
}

static void sums(float *g, const float *x, size_t pixels, size_t channels)
{
	float lanes[AE_LANES];
	for (size_t c = 0; c < channels; c++) {
		vec sum[NV];
		for (size_t h = 0; h < NV; h++)
			sum[h] = splat(0);
		for (size_t i = 0; i < pixels; i++)
			for (size_t h = 0; h < NV; h++)
				sum[h] += load(x + (i * channels + c) * AE_LANES + h * W);
		for (size_t h = 0; h < NV; h++)
			store(lanes + h * W, sum[h]);
		for (size_t i = 0; i < AE_LANES; i++)
			g[c] += lanes[i];
	}
}

static void scale(float *y, const float *x, const float *a, const float *b, size_t pixels, size_t channels)
{
	for (size_t i = 0; i < pixels; i++)
		for (size_t c = 0; c < channels; c++)
			for (size_t h = 0; h < NV; h++, x += W, y += W)
				store(y, fma_(splat(a[c]), load(x), splat(b[c])));
}

static void scale_both(float *z, const float *x, const float *y, const float *a, const float *b, const float *c,
	size_t pixels, size_t channels, size_t rows)
{
	ints mask[NV];
	for (size_t h = 0; h < NV; h++)
		mask[h] = lanes_below(rows, h);
	for (size_t i = 0; i < pixels; i++)
		for (size_t n = 0; n < channels; n++)
			for (size_t h = 0; h < NV; h++, x += W, y += W, z += W) {
				vec more = fma_(splat(b[n]), load(y), splat(c[n]));
				store(z, keep(mask[h], fma_(splat(a[n]), load(x), more)));
			}
}

/* One channel over at most RUN pixels `step` floats apart. */
INLINE void moments_run(double *sum, double *squares, const float *x, const float *dy, float about, size_t pixels,
	size_t step, const ints *mask)
{
	float lanes[2][AE_LANES];
	for (size_t h = 0; h < NV; h++) {
		vec s = splat(0), q = splat(0);
		for (size_t i = h * W; i < pixels * step; i += step) {
			vec d = keep(mask[h], load(x + i) - splat(about));
			vec v = dy ? keep(mask[h], load(dy + i)) : d;
			s += v;
			q = fma_(v, d, q);
		}
		store(lanes[0] + h * W, s);
		store(lanes[1] + h * W, q);
	}
	for (size_t i = 0; i < AE_LANES; i++) {
		*sum += (double)lanes[0][i];
		*squares += (double)lanes[1][i];
	}
}

static void moments(double *sum, double *squares, const float *x, const float *dy, const float *about, size_t pixels,
	size_t channels, size_t rows)
{
	const size_t step = channels * AE_LANES;
	ints mask[NV];
	for (size_t h = 0; h < NV; h++)
		mask[h] = lanes_below(rows, h);
	for (size_t i = 0; i < pixels; i += RUN) {
		size_t run = pixels - i < RUN ? pixels - i : RUN;
		for (size_t c = 0; c < channels; c++)
			moments_run(sum + c, squares + c, x + i * step + c * AE_LANES,
				dy ? dy + i * step + c * AE_LANES : NULL, about[c], run, step, mask);
	}
}

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)

extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;
const struct ae_channel_kernels AE_CHANNEL_KERNELS = {
	.sums = sums,
	.scale = scale,
	.scale_both = scale_both,
	.moments = moments,
};
