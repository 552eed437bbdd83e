#include "kernels.h"
#include "kernels_tile.h"

/* Pixels that are worked through at a time, and floats of a tile in them, for the first-level cache. */
#define PATCH 128
#define PATCH_FLOATS (7 << 10)
/* So many channels are packed at once, and packed at all from so many wide and narrow ones on. */
#define PACK_NARROW 64
#define PACK_WIDE 48
#define PACK_WIDE_MIN 32
#define PACK_NARROW_MIN 16

#define AE_CONV_GRADIENT JOIN(AE_KERNELS, _conv_gradient)
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

/* n channels of a patch in `count` tiles, each pixel after pixel. Read in the order of memory, which the processor
   fetches ahead. */
static void pack_pixels(
	float *packed, const float *x, size_t row, size_t pixel, size_t n, size_t count, const struct patch *at)
{
	const size_t pixels = at->rows * at->cols;
	size_t done = 0;
	for (size_t i = 0; i < at->rows; i++)
		for (size_t j = 0; j < at->cols; j++, done++) {
			const float *from = x + i * row + j * pixel;
			for (size_t t = 0; t < count; t++) {
				size_t first = part(n, count, t), m = part(n, count, t + 1) - first;
				float *to = packed + (first * pixels + done * m) * W;
				for (size_t k = 0; k < m; k++, from += W)
					store(to + k * W, load(from));
			}
		}
}

/* All pairs of `wide` and `narrow` channels over one patch, where it is. */
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

/* The same for many channels: pixels lie so far apart there that they compete for few places in the cache, so tiles
   are packed first. */
static void patch_packed(const struct patch *start, size_t wide, size_t narrow)
{
	float packed_narrow[PATCH * PACK_NARROW * W], packed_wide[PATCH * PACK_WIDE * W];
	const size_t pixels = start->rows * start->cols;
	for (size_t o0 = 0; o0 < narrow; o0 += PACK_NARROW) {
		size_t n = MIN(narrow - o0, PACK_NARROW), count = tiles_of(n, WAYS);
		size_t most = pixels_of[(n + count - 1) / count - 1];
		pack_pixels(
			packed_narrow, start->narrow + o0 * W, start->narrow_row, start->narrow_pixel, n, count, start);
		for (size_t c0 = 0; c0 < wide; c0 += PACK_WIDE) {
			size_t nw = MIN(wide - c0, PACK_WIDE), tiles_wide = tiles_of(nw, most);
			pack_pixels(packed_wide, start->wide + c0 * W, start->wide_row, start->wide_pixel, nw,
				tiles_wide, start);
			for (size_t u = 0; u < tiles_wide; u++)
				for (size_t t = 0; t < count; t++) {
					size_t c = part(nw, tiles_wide, u), p = part(nw, tiles_wide, u + 1) - c;
					size_t o = part(n, count, t), m = part(n, count, t + 1) - o;
					struct patch at = {.wide = packed_wide + c * pixels * W,
						.narrow = packed_narrow + o * pixels * W,
						.wide_pixel = p * W,
						.narrow_pixel = m * W,
						.rows = 1,
						.cols = pixels,
						.g = start->g + (c0 + c) * start->g_row + o0 + o,
						.g_row = start->g_row};
					grads[m - 1][p - 1](&at);
				}
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
	if (channels >= PACK_WIDE_MIN && conv->narrow_channels >= PACK_NARROW_MIN && at.rows * at.cols <= PATCH)
		patch_packed(&at, channels, conv->narrow_channels);
	else
		patch_direct(at, channels, conv->narrow_channels);
}

/* The bias's share of the narrow rows [from, to), or the wide ones that belong to them, while they are in the cache. */
static void bias_rows(float *g, const float *wide, const float *narrow, const struct ae_conv *conv, bool transposed,
	size_t from, size_t to)
{
	size_t cols = transposed ? conv->width : conv->narrow_width;
	size_t channels = transposed ? conv->channels : conv->narrow_channels;
	if (transposed) {
		from = MIN(from * conv->stride, conv->height);
		to = MIN(to * conv->stride, conv->height);
	}
	AE_CHANNEL_KERNELS.sums(
		g, (transposed ? wide : narrow) + from * cols * channels * W, (to - from) * cols, channels);
}

static void gradient_block(
	float *g, float *bias, const float *wide, const float *narrow, const struct ae_conv *conv, bool transposed)
{
	size_t whole0, whole1, rows = conv->narrow_height, cols = conv->narrow_width;
	whole(-(ptrdiff_t)conv->left, conv->stride, conv->kernel_width, conv->width, cols, &whole0, &whole1);
	size_t m = MIN(conv->narrow_channels, WAYS), patch = MIN(PATCH, PATCH_FLOATS / W / (m + pixels_of[m - 1]));
	size_t across = MIN(patch, whole1 - whole0), down = across ? patch / across : rows;
	for (size_t i = 0; i < rows; i += down) {
		for (size_t j = whole0; j < whole1; j += across)
			for (size_t row = 0; row < conv->kernel_height; row++)
				gradient_patch(g, wide, narrow, conv, row, i, MIN(i + down, rows), j,
					MIN(j + across, whole1), 0, conv->kernel_width);
		bias_rows(bias, wide, narrow, conv, transposed, i, MIN(i + down, rows));
	}
	for (size_t j = 0; j < cols; j = j + 1 == whole0 && whole1 > whole0 ? whole1 : j + 1) {
		size_t col0, col1;
		if (j >= whole0 && j < whole1)
			continue;
		clip((ptrdiff_t)(j * conv->stride) - (ptrdiff_t)conv->left, conv->kernel_width, conv->width, &col0,
			&col1);
		for (size_t row = 0; row < conv->kernel_height; row++)
			gradient_patch(g, wide, narrow, conv, row, 0, rows, j, j + 1, col0, col1);
	}
}

/* Where padding to whole panels at most doubles the work. */
static bool suits_panels(const struct ae_conv *conv)
{
	size_t a = conv->channels, b = conv->narrow_channels;
	return 2 * a >= (a + 15) / 16 * 16 || 2 * b >= (b + 15) / 16 * 16;
}

extern ae_conv_gradient AE_CONV_GRADIENT;
#define AE_CONV_PANEL JOIN(AE_KERNELS, _conv_panel)
extern ae_conv_panel AE_CONV_PANEL;
void AE_CONV_GRADIENT(float *g, float *bias, const float *wide, const float *narrow, const struct ae_conv *conv,
	bool transposed, size_t blocks, float *work)
{
	if (suits_panels(conv)) {
		AE_CONV_PANEL(g, wide, narrow, conv, blocks, work);
		AE_CHANNEL_KERNELS.sums(bias, transposed ? wide : narrow,
			blocks * (transposed ? conv->height * conv->width : conv->narrow_height * conv->narrow_width),
			transposed ? conv->channels : conv->narrow_channels);
		return;
	}
	for (size_t b = 0; b < blocks; b++) {
		gradient_block(g, bias, wide, narrow, conv, transposed);
		wide += conv->height * conv->width * conv->channels * W;
		narrow += conv->narrow_height * conv->narrow_width * conv->narrow_channels * W;
	}
}
