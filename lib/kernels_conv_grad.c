#include <stdbool.h>
#include <string.h>

#include "kernels.h"
#include "kernels_tile.h"

/* Pixels that are worked through at a time, and floats of a tile in them, for the first-level cache. */
#define PATCH 128
#define PATCH_FLOATS (7 << 10)

/* Floats of both images that stay in the second-level cache. */
#define BAND (128 << 10)
#define KERNEL_MAX 7

#define AE_CONV_GRADIENT JOIN(AE_KERNELS, _conv_gradient)

#define AE_CONV_PANEL JOIN(AE_KERNELS, _conv_panel)
extern const struct ae_conv_way AE_CONV_PANEL;
#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)
extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;

/* p wide by m narrow channels over a patch of pixels. */
struct patch {
	const float *wide, *narrow;
	size_t wide_row, wide_pixel, narrow_row, narrow_pixel, rows, cols;
	float *g;
	size_t g_row;
};

INLINE void patches(const struct patch *at, const unsigned m, const unsigned p)
{
	const size_t wide_pixel = at->wide_pixel, narrow_pixel = at->narrow_pixel;
	vec sum[WAYS * SUMS + W];
#pragma GCC unroll 24
	for (unsigned i = 0; i < m * p; i++)
		sum[i] = splat(0);
	for (size_t row = 0; row < at->rows; row++) {
		const float *x = at->wide + row * at->wide_row, *y = at->narrow + row * at->narrow_row;
		for (size_t col = 0; col < at->cols; col++, x += wide_pixel, y += narrow_pixel) {
			vec v[WAYS];
#pragma GCC unroll 8
			for (unsigned i = 0; i < m; i++)
				v[i] = load(y + i * W);
#pragma GCC unroll 24
			for (unsigned j = 0; j < p; j++) {
				vec u = load(x + j * W);
#pragma GCC unroll 8
				for (unsigned i = 0; i < m; i++)
					sum[j * m + i] = fma_(u, v[i], sum[j * m + i]);
			}
		}
	}
	/* Lanes summed W sums at a time: as a square of vectors turned over. */
#pragma GCC unroll 6
	for (unsigned first = 0; first < m * p; first += W) {
		vec turned[W], total = splat(0);
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			turned[i] = first + i < m * p ? sum[first + i] : splat(0);
		turn(turned);
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			total += turned[i];
#pragma GCC unroll 16
		for (unsigned i = 0; i < W; i++)
			if (first + i < m * p)
				at->g[(first + i) / m * at->g_row + (first + i) % m] += total[i];
	}
}
#define GRAD(m, p)                                                                                                     \
	static void grad_##m##_##p(const struct patch *patch)                                                          \
	{                                                                                                              \
		patches(patch, m, p);                                                                                  \
	}
PAIRS(GRAD)

typedef void grad_patch(const struct patch *patch);
#define GRAD_AT(m, p) [m - 1][p - 1] = grad_##m##_##p,
static grad_patch *const grads[WAYS][SUMS] = {PAIRS(GRAD_AT)};

/* All pairs of `wide` and `narrow` channels over one patch. */
static void patch_direct(struct patch at, size_t wide, size_t narrow)
{
	size_t count = tiles_of(narrow, WAYS);
	const struct patch start = at;
	for (size_t t = 0; t < count; t++) {
		size_t o = part(narrow, count, t), m = part(narrow, count, t + 1) - o;
		size_t most = pixels_of[m - 1], tiles_wide = tiles_of(wide, most);
		for (size_t u = 0; u < tiles_wide; u++) {
			size_t c = part(wide, tiles_wide, u), p = part(wide, tiles_wide, u + 1) - c;
			at.wide = start.wide + c * W;
			at.narrow = start.narrow + o * W;
			at.g = start.g + c * start.g_row + o;
			grads[m - 1][p - 1](&at);
		}
	}
}

/* One kernel row over narrow rows [from, to) and the columns [left, right) whose taps col0 to col1 are all there. */
static void gradient_patch(float *g, const float *wide, const float *narrow, const struct ae_conv *conv, size_t row,
	size_t from, size_t to, size_t left, size_t right, size_t col0, size_t col1)
{
	const size_t s = conv->stride, pixel = conv->channels * W;
	size_t top0 = row < conv->top ? (conv->top - row + s - 1) / s : 0;
	size_t end = conv->height + conv->top > row ? (conv->height + conv->top - row + s - 1) / s : 0;
	from = from < top0 ? top0 : from;
	to = MIN(to, end);
	if (from >= to || left >= right || col0 >= col1)
		return;
	struct patch at = {.wide_row = s * conv->width * pixel,
		.wide_pixel = s * pixel,
		.narrow_pixel = conv->narrow_channels * W,
		.narrow_row = conv->narrow_width * conv->narrow_channels * W,
		.rows = to - from,
		.cols = right - left,
		.g_row = conv->narrow_channels};
	at.wide = wide + (from * s + row - conv->top) * conv->width * pixel + (left * s + col0 - conv->left) * pixel;
	at.narrow = narrow + from * at.narrow_row + left * at.narrow_pixel;
	at.g = g + (row * conv->kernel_width + col0) * conv->channels * at.g_row;
	size_t channels = (col1 - col0) * conv->channels;
	patch_direct(at, channels, conv->narrow_channels);
}

static void direct_rows(
	float *g, const float *wide, const float *narrow, const struct ae_conv *conv, size_t top, size_t bottom)
{
	size_t whole0, whole1, cols = conv->narrow_width;
	whole(-(ptrdiff_t)conv->left, conv->stride, conv->kernel_width, conv->width, cols, &whole0, &whole1);
	size_t m = MIN(conv->narrow_channels, WAYS), patch = MIN(PATCH, PATCH_FLOATS / W / (m + pixels_of[m - 1]));
	size_t across = MIN(patch, whole1 - whole0), down = across ? patch / across : bottom - top;
	for (size_t i = top; i < bottom; i += down)
		for (size_t j = whole0; j < whole1; j += across)
			for (size_t row = 0; row < conv->kernel_height; row++)
				gradient_patch(g, wide, narrow, conv, row, i, MIN(i + down, bottom), j,
					MIN(j + across, whole1), 0, conv->kernel_width);
	for (size_t j = 0; j < cols; j = j + 1 == whole0 && whole1 > whole0 ? whole1 : j + 1) {
		size_t col0, col1;
		if (j >= whole0 && j < whole1)
			continue;
		clip((ptrdiff_t)(j * conv->stride) - (ptrdiff_t)conv->left, conv->kernel_width, conv->width, &col0,
			&col1);
		for (size_t row = 0; row < conv->kernel_height; row++)
			gradient_patch(g, wide, narrow, conv, row, top, bottom, j, j + 1, col0, col1);
	}
}

static const struct ae_conv_way direct = {.rows = direct_rows};

/* What row_sums() adds up: columns first, first + step, ... of a row of dy. Of those, tap column u connects [from[u],
   to[u]) to the image, if it is in `taps`. */
struct columns {
	size_t first, step, count;
	bool taps[KERNEL_MAX];
	size_t from[KERNEL_MAX], to[KERNEL_MAX];
};

static struct columns columns_of(const struct ae_conv *c, bool transposed, size_t first)
{
	struct columns at = {.first = first, .step = transposed ? c->stride : 1};
	size_t cols = transposed ? c->width : c->narrow_width;
	at.count = first < cols ? (cols - first + at.step - 1) / at.step : 0;
	for (size_t u = 0; u < c->kernel_width; u++) {
		ptrdiff_t apart = (ptrdiff_t)u - (ptrdiff_t)c->left;
		if (!transposed) {
			at.taps[u] = true;
			whole(apart, c->stride, 1, c->width, cols, &at.from[u], &at.to[u]);
			continue;
		}
		ptrdiff_t from =
			(ptrdiff_t)(u + c->left * (c->stride - 1)) - (ptrdiff_t)first; /* apart - first, mod stride */
		at.taps[u] = from % (ptrdiff_t)c->stride == 0;
		from = (apart - (ptrdiff_t)first) / (ptrdiff_t)c->stride;
		ptrdiff_t to = from + (ptrdiff_t)c->narrow_width;
		at.from[u] = MIN((size_t)(from < 0 ? 0 : from), at.count);
		at.to[u] = MIN((size_t)(to < 0 ? 0 : to), at.count);
	}
	return at;
}

/* Whether row y of dy is connected to the image by tap row t. */
static bool connects(const struct ae_conv *c, bool transposed, size_t y, size_t t)
{
	if (!transposed)
		return y * c->stride + t >= c->top && y * c->stride + t - c->top < c->height;
	return y + c->top >= t && (y + c->top - t) % c->stride == 0 && (y + c->top - t) / c->stride < c->narrow_height;
}

/* Columns [from, to) of `at` in row y, in which the same taps are connected. */
static void add_columns(const struct ae_conv_sums *to, const float *row, const struct ae_conv *c, bool transposed,
	size_t y, const struct columns *at, size_t first, size_t end)
{
	size_t channels = transposed ? c->channels : c->narrow_channels;
	float *sum = to->work;
	if (first >= end)
		return;
	memset(sum, 0, channels * sizeof(*sum));
	AE_CHANNEL_KERNELS.sums(
		sum, row + (at->first + first * at->step) * channels * W, end - first, at->step, channels);
	for (size_t o = 0; o < channels; o++)
		to->bias[o] += sum[o];
	for (size_t t = 0; t < c->kernel_height; t++)
		for (size_t u = 0; connects(c, transposed, y, t) && u < c->kernel_width; u++)
			if (at->taps[u] && first >= at->from[u] && end <= at->to[u])
				for (size_t o = 0; o < channels; o++)
					to->taps[(t * c->kernel_width + u) * channels + o] += sum[o];
}

/* Row y of dy. */
static void row_sums(const struct ae_conv_sums *to, const float *dy, const struct ae_conv *c, bool transposed, size_t y)
{
	size_t channels = transposed ? c->channels : c->narrow_channels, cols = transposed ? c->width : c->narrow_width;
	const float *row = dy + y * cols * channels * W;
	if (!to->taps) {
		AE_CHANNEL_KERNELS.sums(to->bias, row, cols, 1, channels);
		return;
	}
	for (size_t first = 0; first < (transposed ? c->stride : 1); first++) {
		struct columns at = columns_of(c, transposed, first);
		size_t inside0 = 0, inside1 = at.count;
		for (size_t u = 0; u < c->kernel_width; u++) {
			inside0 = at.taps[u] && at.from[u] > inside0 ? at.from[u] : inside0;
			inside1 = at.taps[u] ? MIN(inside1, at.to[u]) : inside1;
		}
		inside0 = MIN(inside0, at.count);
		inside1 = inside1 > inside0 ? inside1 : inside0;
		for (size_t i = 0; i < at.count; i++)
			if (i < inside0 || i >= inside1)
				add_columns(to, row, c, transposed, y, &at, i, i + 1);
		add_columns(to, row, c, transposed, y, &at, inside0, inside1);
	}
}

/* Where padding to whole panels at most doubles the work. */
static bool suits_panels(const struct ae_conv *conv)
{
	size_t a = conv->channels, b = conv->narrow_channels;
	return 2 * a >= (a + AE_PANEL_TILE - 1) / AE_PANEL_TILE * AE_PANEL_TILE ||
	       2 * b >= (b + AE_PANEL_TILE - 1) / AE_PANEL_TILE * AE_PANEL_TILE;
}

/* Rows are taken so many at a time that they stay in the second-level cache for the sums. */
extern ae_conv_gradient AE_CONV_GRADIENT;
void AE_CONV_GRADIENT(const struct ae_conv_sums *to, const float *wide, const float *narrow, const struct ae_conv *c,
	bool transposed, size_t blocks)
{
	const struct ae_conv_way *way = suits_panels(c) ? &AE_CONV_PANEL : &direct;
	const size_t wide_row = c->width * c->channels * W, narrow_row = c->narrow_width * c->narrow_channels * W;
	const size_t band = 1 + BAND / (c->stride * wide_row + narrow_row);
	struct ae_conv_sums then = *to;
	float *sums = way->add ? to->work : to->g;
	if (way->add) {
		memset(sums, 0, way->count(c) * sizeof(*sums));
		then.work = sums + way->count(c);
	}
	for (size_t b = 0; b < blocks; b++) {
		for (size_t i = 0; i < c->narrow_height; i += band) {
			size_t end = MIN(i + band, c->narrow_height);
			way->rows(sums, wide, narrow, c, i, end);
			size_t first = transposed ? MIN(i * c->stride, c->height) : i;
			size_t last = transposed ? MIN(end * c->stride, c->height) : end;
			for (size_t y = first; y < last; y++)
				row_sums(&then, transposed ? wide : narrow, c, transposed, y);
		}
		wide += c->height * wide_row;
		narrow += c->narrow_height * narrow_row;
	}
	if (way->add)
		way->add(to->g, sums, c);
}
