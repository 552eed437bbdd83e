/* SPDX-License-Identifier: MIT */
/* Kernels that treat every channel alike, on blocks float[pixels][channels][lanes]; compiled once per instruction
   set (see kernels.h). */
#ifndef AE_KERNELS_CHANNELWISE_H
#define AE_KERNELS_CHANNELWISE_H

#include <stddef.h>

struct ae_channel_kernels {
	/* Adds every channel's sum over lanes and pixels, each `apart` pixels from the next, to g. */
	void (*sums)(float *g, const float *x, size_t pixels, size_t apart, size_t channels);
	/* y = a * x + b, with one a and b for each channel. */
	void (*scale)(float *y, const float *x, const float *a, const float *b, size_t pixels, size_t channels);
	/* z = a * x + (b * y + c), times the slope where y is not above 0; lanes from `rows` on become zero. One block.
	 */
	void (*scale_both)(float *z, const float *x, const float *y, const float *a, const float *b, const float *c,
		size_t pixels, size_t channels, size_t rows, float slope);
	/* Adds every channel's sum of d and of d * d to sum and squares, d being x - about; with dy those of dy and of
	   dy * d. The first `rows` lanes of one block. */
	void (*moments)(double *sum, double *squares, const float *x, const float *dy, const float *about,
		size_t pixels, size_t channels, size_t rows);
};

#endif
