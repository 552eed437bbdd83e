/* SPDX-License-Identifier: MIT */
/* Blocks of one lane, which are rows as they are: vectors go along the outputs of a layer instead of along rows. Every
   output is the same chain of operations as in a block, so its bits are the same. Compiled once per instruction set. */
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"

/* Vectors of outputs at a time: enough to hide the latency of their additions. */
#define TILE 8

/* The first n floats, at most W. */
INLINE vec load_some(const float *p, size_t n)
{
	float all[W] = {0};
	memcpy(all, p, n * sizeof(*p));
	return load(all);
}

/* One chain of `depth` inputs for n outputs, which are all of the last vector or a part of it; w has `out` floats a row
   and ends with them. Without bias the sums are added to y. */
INLINE void chain(float *y, const float *x, const float *w, const float *bias, size_t depth, size_t out, size_t n,
	const unsigned vectors)
{
	const size_t last = (vectors - 1) * W, rest = n - last;
	/* Rows of weights of which the last vector may be read whole: what is behind it belongs to the next ones. */
	const size_t whole = rest == W ? depth : depth - (depth < (W + out - 1) / out ? depth : (W + out - 1) / out);
	vec sum[TILE];
	for (unsigned v = 0; v < vectors; v++)
		sum[v] = !bias ? splat(0) : v + 1 < vectors ? load(bias + v * W) : load_some(bias + last, rest);
	for (size_t k = 0; k < depth; k++, w += out) {
		const vec at = splat(x[k]);
		for (unsigned v = 0; v + 1 < vectors; v++)
			sum[v] = fma_(load(w + v * W), at, sum[v]);
		sum[vectors - 1] = fma_(k < whole ? load(w + last) : load_some(w + last, rest), at, sum[vectors - 1]);
	}
	for (unsigned v = 0; v < vectors; v++) {
		float part[W];
		const size_t width = v + 1 < vectors ? W : rest;
		store(part, bias ? sum[v] : load_some(y + v * W, width) + sum[v]);
		memcpy(y + v * W, part, width * sizeof(*y));
	}
}

/* The outputs [first, first + n), at most `vectors` vectors of them: the sum of chains of AE_CHAIN inputs. */
INLINE void outputs(float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t first,
	size_t n, const unsigned vectors)
{
	for (size_t k = 0; k < in; k += AE_CHAIN)
		chain(y + first, x + k, w + k * out + first, k ? NULL : bias + first,
			in - k < AE_CHAIN ? in - k : AE_CHAIN, out, n, vectors);
}

static void dense(float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks)
{
	for (; blocks > 0; blocks--, x += in, y += out)
		for (size_t first = 0, n; first < out; first += n) {
			n = out - first < TILE * W ? out - first : TILE * W;
			switch ((n + W - 1) / W) {
#define CASE(vectors)                                                                                                  \
	case vectors:                                                                                                  \
		outputs(y, x, w, bias, in, out, first, n, vectors);                                                    \
		break;
				CASE(1)
				CASE(2)
				CASE(3)
				CASE(4)
				CASE(5)
				CASE(6)
				CASE(7)
				CASE(8)
#undef CASE
			}
		}
}

#define GATHER(type, element)                                                                                          \
	static void gather_##type(float *block, const void *const *row, size_t rows, size_t n)                         \
	{                                                                                                              \
		const element *from = row[0];                                                                          \
		for (size_t i = 0; i < n; i++)                                                                         \
			block[i] = rows ? (float)from[i] : 0;                                                          \
	}
GATHER(f32, float)
GATHER(f64, double)
GATHER(u8, uint8_t)

static void scatter(float *out, size_t stride, const float *block, size_t rows, size_t n)
{
	(void)stride;
	if (rows)
		memcpy(out, block, n * sizeof(*out));
}

static void scale(float *y, const float *x, const float *a, const float *b, size_t pixels, size_t channels)
{
	for (size_t i = 0; i < pixels; i++, x += channels, y += channels)
		for (size_t c = 0; c < channels; c++)
			y[c] = fma_float(a[c], x[c], b[c]);
}

#define AE_ACTIVATION_KERNELS JOIN(AE_KERNELS, _activation)
extern const struct ae_activation_kernel AE_ACTIVATION_KERNELS[];

/* Whole vectors in place, the rest in one of its own. */
INLINE void activate(enum ae_activation activation, float *y, size_t n, float a)
{
	float rest[W] = {0};
	const size_t whole = n / W * W;
	AE_ACTIVATION_KERNELS[activation].forward(y, whole, a);
	if (whole == n)
		return;
	memcpy(rest, y + whole, (n - whole) * sizeof(*y));
	AE_ACTIVATION_KERNELS[activation].forward(rest, W, a);
	memcpy(y + whole, rest, (n - whole) * sizeof(*y));
}

#define FORWARD(name, NAME, low, high, from, kind)                                                                     \
	static void name##_forward(float *y, size_t n, float a)                                                        \
	{                                                                                                              \
		activate(AE_##NAME, y, n, a);                                                                          \
	}
AE_ACTIVATION_TABLE(FORWARD)

#define ROW(name, NAME, low, high, from, kind) [AE_##NAME] = {.forward = name##_forward},
static const struct ae_activation_kernel activations[] = {AE_ACTIVATION_TABLE(ROW)};

static const struct ae_channel_kernels channel = {.scale = scale};

#define AE_ROW_KERNELS JOIN(AE_KERNELS, _row)
extern const struct ae_kernels AE_ROW_KERNELS;
const struct ae_kernels AE_ROW_KERNELS = {
	.name = "row",
	.lanes = 1,
	.gather_f32 = gather_f32,
	.gather_f64 = gather_f64,
	.gather_u8 = gather_u8,
	.scatter = scatter,
	.dense = dense,
	.activation = activations,
	.channel = &channel,
};
