/* SPDX-License-Identifier: MIT */
/* The compute kernels: one source, compiled once per instruction set (see dispatch.h for which one runs).
   A block is as many rows of the batch as a vector register has lanes, feature by feature:
   float[features][lanes]. Row-major weights are [in][out]. Every output is one chain of fused multiply-adds in
   ascending order of its inputs, so its bits depend neither on the number of lanes nor on the neighbouring ones. */
#ifndef AE_KERNELS_KERNELS_H
#define AE_KERNELS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/activation.h"
#include "kernels/channelwise.h"
#include "kernels/conv.h"
#include "kernels/losses.h"
#include "kernels/optimizers.h"

#define AE_LANES_MAX 16
/* Features of a tile in a dense layer's transposed gradient (see transpose), and the floats of a row in all its tiles:
   two more, lest the same tile of every block compete for one place in the cache. */
#define AE_PANEL_TILE 16
#define AE_PANEL(n) (((n) + AE_PANEL_TILE - 1) / AE_PANEL_TILE * AE_PANEL_TILE + 2)

/* Rows of n elements become a block; lanes from `rows` on become zero. */
typedef void ae_gather(float *block, const void *const *row, size_t rows, size_t n);

struct ae_kernels {
	const char *name;
	unsigned lanes; /* rows of a block, a power of two up to AE_LANES_MAX */
	unsigned tile;  /* rows that dense_grad() does best in multiples of */

	ae_gather *gather_f32, *gather_f64, *gather_u8;
	/* The way back: writes `rows` rows of n floats, `stride` floats apart. */
	void (*scatter)(float *out, size_t stride, const float *block, size_t rows, size_t n);
	/* A block of n features as tiles float[lanes][AE_PANEL_TILE features], AE_PANEL(n) floats a row, zeros after
	   the last feature. */
	void (*transpose)(float *panel, const float *block, size_t n);

	/* y[block][out][lanes] = bias + w^T x[block][in][lanes]. */
	void (*dense)(
		float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks);
	/* dx[block][in][lanes] = w dy[block][out][lanes]. */
	void (*dense_back)(float *dx, const float *dy, const float *w, size_t in, size_t out, size_t blocks);
	/* Rows [from, to) of the gradient of the kernel [in][out] with the bias as row `in` below it, over whole
	   blocks: x[block][in][lanes] and dy as transpose() made it, panel[block][AE_PANEL(out) * lanes]. */
	void (*dense_grad)(float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to,
		size_t blocks);

	const struct ae_activation_kernel *activation; /* [AE_ACTIVATIONS] */
	const struct ae_loss *losses;                  /* a row without a name ends it */
	const struct ae_optimizer *optimizers;         /* likewise */

	const struct ae_channel_kernels *channel;
	const struct ae_conv_kernels *conv;
};

#endif
