/* Convolution kernels: one source, compiled once per instruction set (see kernels.h). Images are blocks
   float[height][width][channels][lanes]. A convolution leads from the wide image to the narrow one, a transposed
   convolution back; weights are [kernel_height][kernel_width][wide channels][narrow channels] for both. */
#ifndef AE_KERNELS_CONV_H
#define AE_KERNELS_CONV_H

#include <stdbool.h>
#include <stddef.h>

/* What lies on both sides of a kernel, and where the window of narrow pixel (0, 0) begins: `top` rows above the wide
   image and `left` columns before it. */
struct ae_conv {
	size_t height, width, channels;
	size_t narrow_height, narrow_width, narrow_channels;
	size_t kernel_height, kernel_width, stride;
	size_t top, left;
};

/* What narrow() and widen() make their values from, and the activation that goes over them. */
struct ae_conv_terms {
	const float *packed;
	const float *bias; /* NULL: 0 */
	/* If gated, a value is multiplied by the slope where its gate, of the same place in `gate`, is not above 0;
	   where `gate` is NULL each value is its own gate. */
	bool gated;
	const float *gate;
	float slope;
	/* If not NULL, told of every piece as it is made, while it is in the cache: `pixels` in all channels from y on.
	 */
	void (*told)(void *arg, const float *y, size_t pixels);
	void *arg;
};

/* Adds the convolution's gradient by the weights to g, and to `bias` the sums of the narrow image's channels, or the
   wide one's for a transposed convolution. */
typedef void ae_conv_gradient(float *g, float *bias, const float *wide, const float *narrow, const struct ae_conv *conv,
	bool transposed, size_t blocks, float *work);
/* The part of it for g alone that suits many channels; kernels_conv_gradient.c decides. */
typedef void ae_conv_panel(
	float *g, const float *wide, const float *narrow, const struct ae_conv *conv, size_t blocks, float *work);

/* Floats of `work`. */
static inline size_t ae_conv_work(const struct ae_conv *conv)
{
	return conv->kernel_height * conv->kernel_width * (conv->channels + 16) * (conv->narrow_channels + 16);
}

struct ae_conv_kernels {
	/* Weights as narrow() and widen() take them: as many floats, in another order. */
	void (*pack_narrow)(float *packed, const float *w, const struct ae_conv *conv);
	void (*pack_widen)(float *packed, const float *w, const struct ae_conv *conv);
	/* The convolution: every value is one chain of fused multiply-adds, the bias first, then kernel rows, kernel
	   columns and channels ascending. */
	void (*narrow)(float *narrow, const float *wide, const struct ae_conv_terms *terms, const struct ae_conv *conv,
		size_t blocks);
	/* Its gradient by the wide image, which is the transposed convolution: the bias first, then rows, columns and
	   channels of the narrow image ascending. */
	void (*widen)(float *wide, const float *narrow, const struct ae_conv_terms *terms, const struct ae_conv *conv,
		size_t blocks);
	ae_conv_gradient *gradient;
};

#endif
