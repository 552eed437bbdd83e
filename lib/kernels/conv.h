/* SPDX-License-Identifier: MIT */
/* Convolution kernels: one source, compiled once per instruction set (see kernels.h). Images are blocks
   float[height][width][channels][lanes]. A convolution maps the large image to the small one, a transposed convolution
   the small one to the large one. Weights are float[kernel_height][kernel_width][large channels][small channels] for
   both. A tap is one position (row, column) of the kernel. */
#ifndef AE_KERNELS_CONV_H
#define AE_KERNELS_CONV_H

#include <stdbool.h>
#include <stddef.h>

/* Shapes of a convolution: the large image, the small image (small_...) and the kernel. top and left are the padding
   above and to the left of the large image: the window of small pixel (i, j) begins at its row i * stride_height - top
   and column j * stride_width - left. A series is an image of one row. */
#define AE_CONV_KERNEL_MAX 31 /* taps, and stride, along an axis */
struct ae_conv {
	size_t height, width, channels;
	size_t small_height, small_width, small_channels;
	size_t kernel_height, kernel_width, stride_height, stride_width;
	size_t top, left;
};

/* Weights and biases of forward() and backward_data(), and the epilogue: what is applied to the output y while its sums
   are in registers. In this order: biases, scale, ReLU, channel sums. */
struct ae_conv_epilogue {
	const float *packed_weights; /* as pack_forward() or pack_backward_data() wrote them */
	const float *bias;           /* [channels of y]; NULL: 0 */
	/* NULL, or per-tap bias [kernel_height][kernel_width][channels of y]: a pixel of y gets those of its taps that
	   lie within the image. */
	const float *tap_bias;
	/* NULL, or each [channels of y]: y = scale * y + (x_coef * mask + shift). Needs `mask`. The ReLU follows
	   whether `relu` is set or not (negative_slope 1: none), then y is 0 for the rows of the batch from `rows` on.
	 */
	const float *scale, *x_coef, *shift;
	size_t rows;
	/* If set, (leaky) ReLU: y is multiplied by negative_slope where the mask is not above 0. `mask` has the shape
	   of y; NULL: y is its own mask. Backward passes the layer's input. */
	bool relu;
	const float *mask;
	float negative_slope;
	/* NULL, or [channels of y][lanes]: the final y, summed over its pixels, is added. */
	float *channel_sums;
	/* NULL, or called with each tile of finished output while it is in cache: `pixels` pixels from y on, in all
	   channels. Every pixel is in exactly one tile. */
	void (*on_tile)(void *arg, const float *y, size_t pixels);
	void *on_tile_arg;
};

/* Outputs of weight_gradient(), which adds to them. dy is the gradient with respect to the output: the small image, or
   the large one of a transposed convolution. */
struct ae_conv_gradients {
	float *g;    /* the gradient with respect to the weights, in their order */
	float *bias; /* [channels of dy], the gradient with respect to the bias; NULL: neither it nor tap_sums */
	/* NULL, or [kernel_height][kernel_width][channels of dy]: the gradient with respect to a per-tap bias, which is
	   the sum of dy over the pixels where the tap lies within the image. */
	float *tap_sums;
	float *workspace; /* ae_conv_workspace() floats; need not be initialised */
};

/* large and small are the two images; dy is one of them, see struct ae_conv_gradients. */
typedef void ae_conv_weight_gradient(const struct ae_conv_gradients *to, const float *large, const float *small,
	const struct ae_conv *conv, bool transposed, size_t blocks);

/* The direct algorithm is only for convolutions of up to this many weights: it has one vector accumulator for each. */
#define AE_CONV_DIRECT_WEIGHTS_MAX 4096

/* Floats of workspace for weight_gradient(): enough for the sums of either algorithm. */
static inline size_t ae_conv_workspace(const struct ae_conv *conv)
{
	size_t taps = conv->kernel_height * conv->kernel_width, weights = taps * conv->channels * conv->small_channels;
	return taps * (conv->channels + 16) * (conv->small_channels + 16) + conv->channels + conv->small_channels +
	       16 * (weights < AE_CONV_DIRECT_WEIGHTS_MAX ? weights : AE_CONV_DIRECT_WEIGHTS_MAX);
}

#define AE_CONV_WGRAD_ALGORITHMS 2
/* A weight gradient (wgrad) algorithm. It accumulates into sums of its own layout, which are added to g once at the
   end. */
struct ae_conv_wgrad_algorithm {
	/* Estimated cycles per small pixel of a block, at two vector multiply-adds per cycle; HUGE_VAL: the algorithm
	   is not applicable. The constants were measured with AVX-512. */
	double (*cost)(const struct ae_conv *conv);
	/* Accumulates the small rows [from, to) of one block; `first` overwrites the sums. */
	void (*accumulate)(float *sums, bool first, const float *large, const float *small, const struct ae_conv *conv,
		size_t from, size_t to);
	/* Number of floats of the sums. */
	size_t (*sum_floats)(const struct ae_conv *conv);
	/* Adds the sums to g. */
	void (*add)(float *g, const float *sums, const struct ae_conv *conv);
};

struct ae_conv_kernels {
	/* Reorders the weights for forward() and for backward_data(); `packed` has as many floats as w. */
	void (*pack_forward)(float *packed, const float *w, const struct ae_conv *conv);
	void (*pack_backward_data)(float *packed, const float *w, const struct ae_conv *conv);
	/* The convolution. Every value is one chain of fused multiply-adds: the bias first, then kernel rows, kernel
	   columns and channels ascending; with one output channel kernel rows, channels, kernel columns. */
	void (*forward)(float *small, const float *large, const struct ae_conv_epilogue *epilogue,
		const struct ae_conv *conv, size_t blocks);
	/* Backward-data: the gradient of the convolution with respect to the large image, which is the transposed
	   convolution. Every value is one chain: the bias first, then rows, columns and channels of the small image
	   ascending; with one output channel rows, channels, columns. */
	void (*backward_data)(float *large, const float *small, const struct ae_conv_epilogue *epilogue,
		const struct ae_conv *conv, size_t blocks);
	/* Runs the algorithm with the lowest cost. */
	ae_conv_weight_gradient *weight_gradient;
	const struct ae_conv_wgrad_algorithm *algorithms[AE_CONV_WGRAD_ALGORITHMS];
};

#endif
