/* SPDX-License-Identifier: MIT */
/* Convolution kernels: one source, compiled once per instruction set (see kernels.h). Images are blocks
   float[height][width][channels][lanes]. A convolution leads from the large image to the small one, a transposed
   convolution back; weights are [kernel_height][kernel_width][large channels][small channels] for both. */
#ifndef AE_KERNELS_CONV_H
#define AE_KERNELS_CONV_H

#include <stdbool.h>
#include <stddef.h>

/* What lies on both sides of a kernel, and where the window of small pixel (0, 0) begins: `top` rows above the large
   image and `left` columns before it. */
struct ae_conv {
	size_t height, width, channels;
	size_t small_height, small_width, small_channels;
	size_t kernel_height, kernel_width, stride;
	size_t top, left;
};

/* What forward() and backward_data() make their values y from, and what goes over them. */
struct ae_conv_epilogue {
	const float *packed;
	const float *bias; /* NULL: 0 */
	/* If not NULL, more of a bias: of each tap that lies within the image, [kernel_height][kernel_width][channels
	   of y]. */
	const float *taps;
	/* If not NULL, one of each for every channel: y becomes scale * y + (x_coef * mask + shift), and zero in the
	   lanes from `rows` on; then the ReLU follows. */
	const float *scale, *x_coef, *shift;
	size_t rows;
	/* If set, a value is multiplied by the slope where its mask, of the same place in `mask`, is not above 0;
	   where `mask` is NULL each value is its own mask. */
	bool relu;
	const float *mask;
	float negative_slope;
	float *sums; /* NULL, or [channels of y][lanes]: what becomes of y is added to them, over its pixels */
	/* If not NULL, called with every piece as it is made, while it is in the cache: `pixels` in all channels from y
	 * on.
	 */
	void (*on_tile)(void *arg, const float *y, size_t pixels);
	void *on_tile_arg;
};

/* What weight_gradient() adds to, dy being the gradient by the small image, or by the large one for a transposed
 * convolution.
 */
struct ae_conv_gradients {
	float *g;    /* the gradient by the weights */
	float *bias; /* sums of dy's channels; NULL: they and those of taps are not asked for */
	float *taps; /* NULL or [kernel_height][kernel_width][channels of dy]: over what each tap connects to the image
		      */
	float *workspace; /* ae_conv_workspace() floats, whatever they hold */
};

typedef void ae_conv_weight_gradient(const struct ae_conv_gradients *to, const float *large, const float *small,
	const struct ae_conv *conv, bool transposed, size_t blocks);

/* Weights up to which each may have a vector of sums. */
#define AE_CONV_DIRECT_WEIGHTS_MAX 4096

static inline size_t ae_conv_workspace(const struct ae_conv *conv)
{
	size_t taps = conv->kernel_height * conv->kernel_width, weights = taps * conv->channels * conv->small_channels;
	return taps * (conv->channels + 16) * (conv->small_channels + 16) + conv->channels + conv->small_channels +
	       16 * (weights < AE_CONV_DIRECT_WEIGHTS_MAX ? weights : AE_CONV_DIRECT_WEIGHTS_MAX);
}

#define AE_CONV_WGRAD_ALGORITHMS 2
/* One way to make the gradient by the weights, for weight_gradient(): sums over the small rows [from, to) of one block,
   the first ones whatever `sums` holds. */
struct ae_conv_wgrad_algorithm {
	/* What a small pixel takes, in cycles of two vectors of sums, as measured; HUGE_VAL: this way does not go. */
	double (*cost)(const struct ae_conv *conv);
	void (*accumulate)(float *sums, bool first, const float *large, const float *small, const struct ae_conv *conv,
		size_t from, size_t to);
	/* How many floats they are, and what adds them to g. */
	size_t (*sum_floats)(const struct ae_conv *conv);
	void (*add)(float *g, const float *sums, const struct ae_conv *conv);
};

struct ae_conv_kernels {
	/* Weights as forward() and backward_data() take them: as many floats, in another order. */
	void (*pack_forward)(float *packed, const float *w, const struct ae_conv *conv);
	void (*pack_backward_data)(float *packed, const float *w, const struct ae_conv *conv);
	/* The convolution: every value is one chain of fused multiply-adds, the bias first, then kernel rows, kernel
	   columns and channels ascending; to one channel alone kernel rows, channels and kernel columns. */
	void (*forward)(float *small, const float *large, const struct ae_conv_epilogue *epilogue,
		const struct ae_conv *conv, size_t blocks);
	/* Its gradient by the large image, which is the transposed convolution: the bias first, then rows, columns and
	   channels of the small image ascending; to one channel alone rows, channels and columns. */
	void (*backward_data)(float *large, const float *small, const struct ae_conv_epilogue *epilogue,
		const struct ae_conv *conv, size_t blocks);
	ae_conv_weight_gradient *weight_gradient;
	const struct ae_conv_wgrad_algorithm
		*algorithms[AE_CONV_WGRAD_ALGORITHMS]; /* of which weight_gradient() takes the fastest */
};

#endif
