/* SPDX-License-Identifier: MIT */
/* Per-channel kernels on blocks float[pixels][channels][lanes]; compiled once per instruction set (see kernels.h). Pure
   functions: safe from any thread. */
#ifndef AE_KERNELS_CHANNELWISE_H
#define AE_KERNELS_CHANNELWISE_H

#include <stddef.h>

struct ae_channel_kernels {
	/* g[channels] += x summed over lanes and `pixels` pixels, every `stride`-th of x. */
	void (*sums)(float *g, const float *x, size_t pixels, size_t stride, size_t channels);
	/* y = a * x + b, with a[channels] and b[channels]. */
	void (*scale)(float *y, const float *x, const float *a, const float *b, size_t pixels, size_t channels);
	/* z = a * x + (b * y + c) with a, b, c [channels], times `slope` where y is not above 0 (ReLU mask); 0 in the
	   lanes from `rows` on. One block. */
	void (*scale_both)(float *z, const float *x, const float *y, const float *a, const float *b, const float *c,
		size_t pixels, size_t channels, size_t rows, float slope);
	/* Shifted moments, d = x - about[channels]: adds d to sum[channels] and d * d to squares[channels], over the
	   pixels and the first `rows` lanes of one block. With dy not NULL adds dy and dy * d instead: the sums of
	   batch normalisation's backward. */
	void (*moments)(double *sum, double *squares, const float *x, const float *dy, const float *about,
		size_t pixels, size_t channels, size_t rows);
};

#endif
