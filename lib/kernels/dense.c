/* SPDX-License-Identifier: MIT */
/* Dense layers: forward, backward and weight gradient as register-tiled matrix products; rows to blocks and back.
   Compiled once per instruction set, it also holds the table of all its kernels. */
#include "kernels/kernels.h"

#include <stdbool.h>
#include <string.h>

#include "kernels/simd.h"

/* Register tile: TILE rows of GROUP vectors of sums, or SINGLE rows of one vector. */
#define GROUP (AE_LANES_MAX / W)
#if defined(__AVX512F__) || defined(AE_KERNEL_TILES_AVX512)
#define TILE 16
#define SINGLE 16
#elif W >= 8
#define TILE 6
#define SINGLE 12
#else
#define TILE 3
#define SINGLE 8
#endif
/* Inputs per pass over the outputs, so that the operand shared by all tiles stays in the first-level cache. */
#define DEPTH 256
/* The weights of a tile are packed if they are used for at least this many groups of blocks. */
#define PACK_BLOCKS 4
/* Outputs and blocks for which a chain after the first is computed at a time: whole tiles, and enough blocks to pack.
 */
#define APART_ROWS 48
#define APART_BLOCKS 16

/* Operands of a matrix product: c[m][n] = start + sum over o < outer, k < depth, ascending, of
   a[o * a_outer + k * a_k + m * a_m] * b[o * b_outer + k * b_k + n * b_n], n counting vectors. This for each of
   `groups` groups, with strides c_group and b_group. */
struct product {
	float *c;
	size_t c_m, c_n, c_group;
	const float *bias; /* start: bias[m] if not NULL; else c itself if `more`; else 0 */
	bool more;
	bool add; /* the sums are added to c instead of replacing it */
	const float *a;
	size_t a_outer;
	const float *b;
	size_t b_outer, b_k, b_n, b_group;
	size_t depth, outer, groups;
};

INLINE void tile(const struct product *p, size_t group, size_t first, const unsigned m, const unsigned vectors,
	const float *from, size_t a_m, size_t a_k)
{
	const size_t c_m = p->c_m, c_n = p->c_n, b_k = p->b_k, b_n = p->b_n;
	vec sum[SINGLE][GROUP];
	float *c = p->c + group * p->c_group + first * c_m;
	for (unsigned i = 0; i < m; i++)
		for (unsigned n = 0; n < vectors; n++)
			sum[i][n] = p->bias   ? splat(p->bias[first + i])
				    : p->more ? load(c + i * c_m + n * c_n)
					      : splat(0);
	for (size_t o = 0; o < p->outer; o++) {
		const float *a = from + o * p->a_outer;
		const float *b = p->b + group * p->b_group + o * p->b_outer;
		for (size_t k = 0; k < p->depth; k++, a += a_k, b += b_k) {
			vec row[GROUP];
			for (unsigned n = 0; n < vectors; n++)
				row[n] = load(b + n * b_n);
			for (unsigned i = 0; i < m; i++) {
				vec s = splat(a[i * a_m]);
				for (unsigned n = 0; n < vectors; n++)
					sum[i][n] = fma_(s, row[n], sum[i][n]);
			}
		}
	}
	for (unsigned i = 0; i < m; i++)
		for (unsigned n = 0; n < vectors; n++)
			store(c + i * c_m + n * c_n, p->add ? load(c + i * c_m + n * c_n) + sum[i][n] : sum[i][n]);
}

/* One tile for all groups. Its weights are packed first where they are strided and used often enough. */
INLINE void tile_groups(
	const struct product *p, size_t first, const unsigned m, const unsigned vectors, size_t a_m, size_t a_k)
{
	const float *a = p->a + first * a_m;
	if (a_m == 1 && p->groups >= PACK_BLOCKS) {
		float packed[DEPTH * SINGLE];
		for (size_t k = 0; k < p->depth; k++)
			memcpy(packed + k * m, a + k * a_k, m * sizeof(*a));
		for (size_t group = 0; group < p->groups; group++)
			tile(p, group, first, m, vectors, packed, 1, m);
	} else {
		for (size_t group = 0; group < p->groups; group++)
			tile(p, group, first, m, vectors, a, a_m, a_k);
	}
}

/* All m rows of a product, in tiles of nearly equal height. */
INLINE void tiles(
	const struct product *p, size_t m, const unsigned most, const unsigned vectors, size_t a_m, size_t a_k)
{
	size_t count = (m + most - 1) / most;
	size_t first = 0;
	for (size_t t = 0; t < count; t++) {
		size_t height = (m - first + (count - t - 1)) / (count - t);
#define CASE(n)                                                                                                        \
	case n:                                                                                                        \
		if (n <= most)                                                                                         \
			tile_groups(p, first, n, vectors, a_m, a_k);                                                   \
		break;
		switch (height) {
			CASE(1)
			CASE(2)
			CASE(3)
			CASE(4)
			CASE(5)
			CASE(6)
			CASE(7)
			CASE(8)
#if SINGLE > 8
			CASE(9)
			CASE(10)
			CASE(11)
			CASE(12)
#endif
#if SINGLE > 12
			CASE(13)
			CASE(14)
			CASE(15)
			CASE(16)
#endif
		}
#undef CASE
		first += height;
	}
}

/* Blocks times weights: GROUP blocks at a time, then the remaining ones singly. */
INLINE void product(struct product p, size_t m, size_t blocks, size_t a_m, size_t a_k)
{
	p.groups = blocks / GROUP;
	p.c_n = p.c_group;
	p.b_n = p.b_group;
	p.c_group *= GROUP;
	p.b_group *= GROUP;
	p.b_k = W;
	p.outer = 1;
	tiles(&p, m, TILE, GROUP, a_m, a_k);
	if (GROUP == 1 || blocks % GROUP == 0)
		return;
	p.c += p.groups * p.c_group;
	p.b += p.groups * p.b_group;
	p.groups = blocks % GROUP;
	p.c_group = p.c_n;
	p.b_group = p.b_n;
	tiles(&p, m, SINGLE, 1, a_m, a_k);
}

static inline size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One chain of `depth` terms, in pieces of DEPTH. */
INLINE void chain(struct product p, size_t depth, size_t m, size_t blocks, size_t a_m, size_t a_k)
{
	for (size_t k = 0; k < depth; k += p.depth) {
		p.depth = least(depth - k, DEPTH);
		product(p, m, blocks, a_m, a_k);
		p.a += p.depth * a_k;
		p.b += p.depth * W;
		p.bias = NULL;
		p.more = true;
	}
}

/* c[block][i] += sum[block][i] of m outputs of some blocks. */
static void add_apart(float *c, size_t c_group, const float *sum, size_t m, size_t blocks)
{
	for (size_t n = 0; n < blocks; n++)
		for (size_t i = 0; i < m * W; i += W)
			store(c + n * c_group + i, load(c + n * c_group + i) + load(sum + n * APART_ROWS * W + i));
}

/* A product over `depth` terms: one chain of AE_CHAIN at most, or the sum of such chains in order. Chains after the
   first are computed apart, for some outputs of some blocks at a time, and added to c. */
INLINE void chains(struct product p, size_t depth, size_t m, size_t blocks, size_t a_m, size_t a_k)
{
	float sums[APART_ROWS * APART_BLOCKS * W];
	const bool wide = depth > AE_CHAIN;
	const size_t rows = wide ? APART_ROWS : m, most = wide ? APART_BLOCKS : blocks;
	for (size_t k = 0; k < depth; k += AE_CHAIN)
		for (size_t block = 0; block < blocks; block += most)
			for (size_t first = 0; first < m; first += rows) {
				const size_t height = least(m - first, rows), width = least(blocks - block, most);
				float *c = p.c + block * p.c_group + first * W;
				struct product part = p;
				part.c = k ? sums : c;
				part.c_group = k ? APART_ROWS * W : p.c_group;
				part.bias = k || !p.bias ? NULL : p.bias + first;
				part.a += k * a_k + first * a_m;
				part.b += k * W + block * p.b_group;
				chain(part, least(depth - k, AE_CHAIN), height, width, a_m, a_k);
				if (k)
					add_apart(c, p.c_group, sums, height, width);
			}
}

static void dense(float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks)
{
	struct product p = {.c = y, .c_m = W, .c_group = out * W, .bias = bias, .a = w, .b = x, .b_group = in * W};
	chains(p, in, out, blocks, 1, out);
}

static void dense_back(float *dx, const float *dy, const float *w, size_t in, size_t out, size_t blocks)
{
	struct product p = {.c = dx, .c_m = W, .c_group = in * W, .a = w, .b = dy, .b_group = out * W};
	chains(p, out, in, blocks, out, 1);
}

/* g = sum, or g += sum. */
INLINE void put(float *g, const float *sum, size_t n, bool add)
{
	for (size_t i = 0; i < n; i++)
		g[i] = add ? g[i] + sum[i] : sum[i];
}

static void bias_grad(float *g, const float *panel, size_t out, size_t blocks, bool add)
{
	for (size_t o = 0; o < out; o += AE_PANEL_TILE) {
		float sum[AE_PANEL_TILE] = {0};
		for (size_t b = 0; b < blocks; b++) {
			const float *tile = panel + (b * AE_PANEL(out) + o) * W;
			for (size_t r = 0; r < W; r++)
				for (size_t n = 0; n < AE_PANEL_TILE; n++)
					sum[n] += tile[r * AE_PANEL_TILE + n];
		}
		put(g + o, sum, least(out - o, AE_PANEL_TILE), add);
	}
}

/* dense_grad() of one chain of rows; its sums are added to g if `add`. */
static void grad_chain(float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to,
	size_t blocks, bool add)
{
	size_t end = to < in ? to : in;
	for (size_t o = 0; from < end && o < out; o += AE_PANEL_TILE) {
		struct product p = {.a_outer = in * W, .b_outer = AE_PANEL(out) * W, .outer = blocks, .groups = 1};
		p.a = x + from * W;
		p.b = panel + o * W;
		p.b_k = AE_PANEL_TILE;
		p.b_n = p.c_n = W;
		p.depth = W;
		if (out - o >= AE_PANEL_TILE) {
			p.c = g + o;
			p.c_m = out;
			p.add = add;
			tiles(&p, end - from, TILE, GROUP, W, 1);
			continue;
		}
		for (size_t i = from; i < end; i += TILE) {
			float part[TILE * AE_PANEL_TILE];
			size_t m = least(end - i, TILE);
			p.a = x + i * W;
			p.c = part;
			p.c_m = AE_PANEL_TILE;
			tiles(&p, m, TILE, GROUP, W, 1);
			for (size_t r = 0; r < m; r++)
				put(g + (i - from + r) * out + o, part + r * AE_PANEL_TILE, out - o, add);
		}
	}
	if (to > in)
		bias_grad(g + (in - from) * out, panel, out, blocks, add);
}

static void dense_grad(
	float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to, size_t blocks)
{
	const size_t most = AE_CHAIN / W;
	for (size_t b = 0; b == 0 || b < blocks; b += most)
		grad_chain(g, x + b * in * W, panel + b * AE_PANEL(out) * W, in, out, from, to, least(blocks - b, most),
			b > 0);
}

static void transpose_block(float *panel, const float *block, size_t n)
{
	for (size_t f = 0; f < n; f += AE_PANEL_TILE, panel += AE_PANEL_TILE * W)
		for (size_t q = 0; q < AE_PANEL_TILE; q += W) {
			vec v[W];
			for (size_t i = 0; i < W; i++)
				v[i] = f + q + i < n ? load(block + (f + q + i) * W) : splat(0);
			transpose(v);
			for (size_t i = 0; i < W; i++)
				store(panel + i * AE_PANEL_TILE + q, v[i]);
		}
}

INLINE vec load_f32(const void *row, size_t i)
{
	return load((const float *)row + i);
}

INLINE vec load_f64(const void *row, size_t i)
{
	float v[W];
	for (size_t j = 0; j < W; j++)
		v[j] = (float)((const double *)row)[i + j];
	return load(v);
}

INLINE vec load_u8(const void *row, size_t i)
{
	vec_u8 b = *(const mem_vec_u8 *)((const uint8_t *)row + i);
	return __builtin_convertvector(__builtin_convertvector(b, vec_i32), vec);
}

/* W features from the i-th on of `rows` rows; rows == W is known to the compiler where it is so. */
#define GATHER(type, element)                                                                                          \
	INLINE void gather_tile_##type(float *block, const void *const *row, const size_t rows, size_t i)              \
	{                                                                                                              \
		vec v[W];                                                                                              \
		for (size_t r = 0; r < W; r++)                                                                         \
			v[r] = r < rows ? load_##type(row[r], i) : splat(0);                                           \
		transpose(v);                                                                                          \
		for (size_t j = 0; j < W; j++)                                                                         \
			store(block + (i + j) * W, v[j]);                                                              \
	}                                                                                                              \
	static void gather_##type(float *block, const void *const *row, size_t rows, size_t n)                         \
	{                                                                                                              \
		size_t i = 0;                                                                                          \
		if (rows == W)                                                                                         \
			for (; i + W <= n; i += W)                                                                     \
				gather_tile_##type(block, row, W, i);                                                  \
		for (; i + W <= n; i += W)                                                                             \
			gather_tile_##type(block, row, rows, i);                                                       \
		if (i < n && n > W) {                                                                                  \
			gather_tile_##type(block, row, rows, n - W);                                                   \
			return;                                                                                        \
		}                                                                                                      \
		for (; i < n; i++)                                                                                     \
			for (size_t r = 0; r < W; r++)                                                                 \
				block[i * W + r] = r < rows ? (float)((const element *)row[r])[i] : 0;                 \
	}
GATHER(f32, float)
GATHER(f64, double)
GATHER(u8, uint8_t)

INLINE void scatter_tile(float *out, size_t stride, const float *block, const size_t rows, size_t i)
{
	vec v[W];
	for (size_t j = 0; j < W; j++)
		v[j] = load(block + (i + j) * W);
	transpose(v);
	for (size_t r = 0; r < rows; r++)
		store(out + r * stride + i, v[r]);
}

/* The last features of many are transposed with some before them once more. */
static void scatter(float *out, size_t stride, const float *block, size_t rows, size_t n)
{
	size_t i = 0;
	if (rows == W)
		for (; i + W <= n; i += W)
			scatter_tile(out, stride, block, W, i);
	for (; i + W <= n; i += W)
		scatter_tile(out, stride, block, rows, i);
	if (i < n && n > W) {
		scatter_tile(out, stride, block, rows, n - W);
		return;
	}
	for (; i < n; i++)
		for (size_t r = 0; r < rows; r++)
			out[r * stride + i] = block[i * W + r];
}

#define NAME_(name) #name
#define NAME(name) (&NAME_(name)[sizeof("ae_kernels_") - 1])

#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)
#define AE_CONV_KERNELS JOIN(AE_KERNELS, _conv)
#define AE_ACTIVATION_KERNELS JOIN(AE_KERNELS, _activation)
#define AE_LOSS_TABLE JOIN(AE_KERNELS, _losses)
#define AE_OPTIMIZER_TABLE JOIN(AE_KERNELS, _optimizers)
#define AE_ROW_KERNELS JOIN(AE_KERNELS, _row)

extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;
extern const struct ae_conv_kernels AE_CONV_KERNELS;
extern const struct ae_activation_kernel AE_ACTIVATION_KERNELS[];
extern const struct ae_loss AE_LOSS_TABLE[];
extern const struct ae_optimizer AE_OPTIMIZER_TABLE[];
extern const struct ae_kernels AE_ROW_KERNELS;
extern const struct ae_kernels AE_KERNELS;
const struct ae_kernels AE_KERNELS = {
	.name = NAME(AE_KERNELS),
	.lanes = W,
	.tile = TILE,
	.gather_f32 = gather_f32,
	.gather_f64 = gather_f64,
	.gather_u8 = gather_u8,
	.scatter = scatter,
	.transpose = transpose_block,
	.dense = dense,
	.dense_back = dense_back,
	.dense_grad = dense_grad,
	.activation = AE_ACTIVATION_KERNELS,
	.losses = AE_LOSS_TABLE,
	.optimizers = AE_OPTIMIZER_TABLE,
	.channel = &AE_CHANNEL_KERNELS,
	.conv = &AE_CONV_KERNELS,
	.row = &AE_ROW_KERNELS,
};
