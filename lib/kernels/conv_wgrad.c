/* SPDX-License-Identifier: MIT */
/* The weight gradient (wgrad) of a convolution: chooses the algorithm, walks the image in bands of rows that stay in
   cache, and sums dy for the bias and for every kernel tap. */
#include <stdbool.h>
#include <string.h>

#include "kernels/conv_tile.h"
#include "kernels/kernels.h"

/* Floats of both images per band of rows (512 KiB), so that dy is still in the second-level cache when it is summed. */
#define BAND (128 << 10)

#define AE_CONV_GRADIENT JOIN(AE_KERNELS, _conv_gradient)
extern ae_conv_weight_gradient AE_CONV_GRADIENT;

#define AE_CONV_DIRECT JOIN(AE_KERNELS, _conv_direct)
extern const struct ae_conv_wgrad_algorithm AE_CONV_DIRECT;
#define AE_CONV_PANEL JOIN(AE_KERNELS, _conv_panel)
extern const struct ae_conv_wgrad_algorithm AE_CONV_PANEL;
#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)
extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;

/* Columns first, first + step, ... of a row of dy. Kernel column u connects those from from[u] to to[u] - 1 to the
   image, if has_tap[u]. */
struct columns {
	size_t first, step, count;
	bool has_tap[AE_CONV_KERNEL_MAX];
	size_t from[AE_CONV_KERNEL_MAX], to[AE_CONV_KERNEL_MAX];
};

static struct columns columns_of(const struct ae_conv *c, bool transposed, size_t first)
{
	struct columns at = {.first = first, .step = transposed ? c->stride_width : 1};
	size_t cols = transposed ? c->width : c->small_width;
	at.count = first < cols ? (cols - first + at.step - 1) / at.step : 0;
	for (size_t u = 0; u < c->kernel_width; u++) {
		ptrdiff_t apart = (ptrdiff_t)u - (ptrdiff_t)c->left;
		if (!transposed) {
			at.has_tap[u] = true;
			inner_windows(apart, c->stride_width, 1, c->width, cols, &at.from[u], &at.to[u]);
			continue;
		}
		ptrdiff_t from = (ptrdiff_t)(u + c->left * (c->stride_width - 1)) -
				 (ptrdiff_t)first; /* apart - first, mod stride */
		at.has_tap[u] = from % (ptrdiff_t)c->stride_width == 0;
		from = (apart - (ptrdiff_t)first) / (ptrdiff_t)c->stride_width;
		ptrdiff_t to = from + (ptrdiff_t)c->small_width;
		at.from[u] = MIN((size_t)(from < 0 ? 0 : from), at.count);
		at.to[u] = MIN((size_t)(to < 0 ? 0 : to), at.count);
	}
	return at;
}

/* Whether kernel row t connects row y of dy to the image. */
static bool connects(const struct ae_conv *c, bool transposed, size_t y, size_t t)
{
	const size_t s = c->stride_height;
	if (!transposed)
		return y * s + t >= c->top && y * s + t - c->top < c->height;
	return y + c->top >= t && (y + c->top - t) % s == 0 && (y + c->top - t) / s < c->small_height;
}

/* Adds columns [first, end) of `at` in row y, which are connected by the same taps, to the bias and the tap sums. */
static void add_columns(const struct ae_conv_gradients *to, const float *row, const struct ae_conv *c, bool transposed,
	size_t y, const struct columns *at, size_t first, size_t end)
{
	size_t channels = transposed ? c->channels : c->small_channels;
	float *sum = to->workspace;
	if (first >= end)
		return;
	memset(sum, 0, channels * sizeof(*sum));
	AE_CHANNEL_KERNELS.sums(
		sum, row + (at->first + first * at->step) * channels * W, end - first, at->step, channels);
	for (size_t o = 0; o < channels; o++)
		to->bias[o] += sum[o];
	for (size_t t = 0; t < c->kernel_height; t++)
		for (size_t u = 0; connects(c, transposed, y, t) && u < c->kernel_width; u++)
			if (at->has_tap[u] && first >= at->from[u] && end <= at->to[u])
				for (size_t o = 0; o < channels; o++)
					to->tap_sums[(t * c->kernel_width + u) * channels + o] += sum[o];
}

/* Adds row y of dy to the bias and the tap sums: inner columns at once, border columns one by one. */
static void row_sums(
	const struct ae_conv_gradients *to, const float *dy, const struct ae_conv *c, bool transposed, size_t y)
{
	size_t channels = transposed ? c->channels : c->small_channels, cols = transposed ? c->width : c->small_width;
	const float *row = dy + y * cols * channels * W;
	for (size_t first = 0; first < (transposed ? c->stride_width : 1); first++) {
		struct columns at = columns_of(c, transposed, first);
		size_t inside0 = 0, inside1 = at.count;
		for (size_t u = 0; u < c->kernel_width; u++) {
			inside0 = at.has_tap[u] && at.from[u] > inside0 ? at.from[u] : inside0;
			inside1 = at.has_tap[u] ? MIN(inside1, at.to[u]) : inside1;
		}
		inside0 = MIN(inside0, at.count);
		inside1 = inside1 > inside0 ? inside1 : inside0;
		for (size_t i = 0; i < at.count; i++)
			if (i < inside0 || i >= inside1)
				add_columns(to, row, c, transposed, y, &at, i, i + 1);
		add_columns(to, row, c, transposed, y, &at, inside0, inside1);
	}
}

static const struct ae_conv_wgrad_algorithm *choose_algorithm(const struct ae_conv *c)
{
	return AE_CONV_DIRECT.cost(c) < AE_CONV_PANEL.cost(c) ? &AE_CONV_DIRECT : &AE_CONV_PANEL;
}

/* Adds the rows of dy that belong to the small rows [from, end) to the bias, and to the tap sums if there are any. */
static void add_sums(const struct ae_conv_gradients *to, const float *dy, const struct ae_conv *c, bool transposed,
	size_t from, size_t end)
{
	size_t channels = transposed ? c->channels : c->small_channels, cols = transposed ? c->width : c->small_width;
	if (transposed) {
		from = MIN(from * c->stride_height, c->height);
		end = MIN(end * c->stride_height, c->height);
	}
	if (!to->tap_sums)
		AE_CHANNEL_KERNELS.sums(to->bias, dy + from * cols * channels * W, (end - from) * cols, 1, channels);
	for (size_t y = from; to->tap_sums && y < end; y++)
		row_sums(to, dy, c, transposed, y);
}

/* Works in bands of rows, so that the sums of dy read it from the second-level cache. */
void AE_CONV_GRADIENT(const struct ae_conv_gradients *to, const float *large, const float *small,
	const struct ae_conv *c, bool transposed, size_t blocks)
{
	const struct ae_conv_wgrad_algorithm *algorithm = choose_algorithm(c);
	const size_t large_row = c->width * c->channels * W, small_row = c->small_width * c->small_channels * W;
	const size_t band = 1 + BAND / (c->stride_height * large_row + small_row);
	struct ae_conv_gradients then = *to;
	float *sums = to->workspace;
	then.workspace = sums + algorithm->sum_floats(c);
	for (size_t b = 0; b < blocks; b++) {
		for (size_t i = 0; i < c->small_height; i += band) {
			size_t end = MIN(i + band, c->small_height);
			algorithm->accumulate(sums, b == 0 && i == 0, large, small, c, i, end);
			if (to->bias)
				add_sums(&then, transposed ? large : small, c, transposed, i, end);
		}
		large += c->height * large_row;
		small += c->small_height * small_row;
	}
	algorithm->add(to->g, sums, c);
}
