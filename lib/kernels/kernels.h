/* SPDX-License-Identifier: MIT */
/* The compute kernels: each source is compiled once per instruction set; dispatch.h says which one runs. A block holds
   as many rows of the batch as a vector register has lanes, transposed: float[features][lanes]. Dense weights are
   row-major, [in][out]. Every output of a dense layer is one chain of fused multiply-adds in ascending order of its
   inputs; of more than AE_CHAIN inputs it is the sum, in order, of such chains of AE_CHAIN inputs each, the first of
   which starts from the bias. So its bits depend neither on the number of lanes nor on the other rows of the block. The
   other sums of dense layers, over outputs and over rows, are chained likewise. Those of convolutions are one chain
   however long. Kernels are pure functions: safe from any thread, and they do not allocate. */
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
/* Terms of a sum that are one chain: the rounding error of a chain grows with its length. */
#define AE_CHAIN 4096
/* Features of a panel (see transpose()), and floats per row of all panels of n features. The two floats of padding keep
   the same panel of successive blocks from falling into the same cache set. */
#define AE_PANEL_TILE 16
#define AE_PANEL(n) (((n) + AE_PANEL_TILE - 1) / AE_PANEL_TILE * AE_PANEL_TILE + 2)

/* Packs `rows` rows of n elements into a block; lanes from `rows` on become 0. */
typedef void ae_gather(float *block, const void *const *row, size_t rows, size_t n);

struct ae_kernels {
	const char *name;
	unsigned lanes; /* rows of a block, a power of two up to AE_LANES_MAX */
	unsigned tile;  /* dense_grad() is fastest on ranges that are a multiple of this */

	ae_gather *gather_f32, *gather_f64, *gather_u8;
	/* Unpacks a block into `rows` rows of n floats, `stride` floats from one to the next. */
	void (*scatter)(float *out, size_t stride, const float *block, size_t rows, size_t n);
	/* Transposes a block of n features into panels float[lanes][AE_PANEL_TILE features], AE_PANEL(n) floats per
	   lane in all; features after the last are 0. */
	void (*transpose)(float *panel, const float *block, size_t n);

	/* y[block][out][lanes] = bias + w^T x[block][in][lanes]. */
	void (*dense)(
		float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks);
	/* Backward-data: dx[block][in][lanes] = w dy[block][out][lanes]. */
	void (*dense_back)(float *dx, const float *dy, const float *w, size_t in, size_t out, size_t blocks);
	/* Weight gradient: overwrites g with rows [from, to) of the gradient with respect to the weights [in][out],
	   with the bias as row `in`, summed over all lanes of the blocks. x[block][in][lanes]; dy comes as transpose()
	   wrote it, panel[block][AE_PANEL(out) * lanes]. */
	void (*dense_grad)(float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to,
		size_t blocks);

	const struct ae_activation_kernel *activation; /* [AE_ACTIVATIONS] */
	const struct ae_loss *losses;                  /* ends with a row without a name */
	const struct ae_optimizer *optimizers;         /* likewise */

	const struct ae_channel_kernels *channel;
	const struct ae_conv_kernels *conv;

	/* The same bits for blocks of one lane, a row as it is: gather, scatter, dense, forward of activations, and
	   scale by channel; all else is NULL. NULL in that table itself. */
	const struct ae_kernels *row;
};

#endif
