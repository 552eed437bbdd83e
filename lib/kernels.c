#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels_vec.h"

/* A tile of TILE x 16 sums stays in registers: NV vectors to a row of 16. */
#define NV (AE_LANES / W)
#if defined(__AVX512F__)
#define TILE 16
#elif W == 8
#define TILE 6
#else
#define TILE 3
#endif
/* Inputs worked through at a time, so that what the tiles share stays in the first-level cache. */
#define DEPTH 256
/* From so many blocks on it pays to gather the weights of a tile. */
#define PACK_BLOCKS 4

/* What tile() multiplies: c[m][16] = start + the sum over o < outer, k < depth, ascending, of
   a[o * a_outer + k * a_k + m * a_m] * b[o * b_outer + k * 16 + (0..15)]; and this for every block of c and b. */
struct product {
	float *c;
	size_t c_m, c_block;
	const float *bias; /* start: these, one to a row m; else c itself if `more`; else zero */
	bool more;
	const float *a;
	size_t a_outer;
	const float *b;
	size_t b_outer, b_block;
	size_t depth, outer, blocks;
};

INLINE void tile(const struct product *p, size_t block, size_t first, const unsigned m, const float *from, size_t a_m,
	size_t a_k)
{
	vec sum[TILE][NV];
	float *c = p->c + block * p->c_block + first * p->c_m;
	for (unsigned i = 0; i < m; i++)
		for (unsigned n = 0; n < NV; n++)
			sum[i][n] = p->bias   ? splat(p->bias[first + i])
				    : p->more ? load(c + i * p->c_m + n * W)
					      : splat(0);
	for (size_t o = 0; o < p->outer; o++) {
		const float *a = from + o * p->a_outer;
		const float *b = p->b + block * p->b_block + o * p->b_outer;
		for (size_t k = 0; k < p->depth; k++, a += a_k, b += AE_LANES) {
			vec row[NV];
			for (unsigned n = 0; n < NV; n++)
				row[n] = load(b + n * W);
			for (unsigned i = 0; i < m; i++) {
				vec s = splat(a[i * a_m]);
				for (unsigned n = 0; n < NV; n++)
					sum[i][n] = fma_(s, row[n], sum[i][n]);
			}
		}
	}
	for (unsigned i = 0; i < m; i++)
		for (unsigned n = 0; n < NV; n++)
			store(c + i * p->c_m + n * W, sum[i][n]);
}

/* Several blocks by the same weights, whose columns are gathered first: a row of them is far from the next. */
INLINE void tile_blocks(const struct product *p, size_t first, const unsigned m, size_t a_m, size_t a_k)
{
	const float *a = p->a + first * a_m;
	if (a_m == 1 && p->blocks >= PACK_BLOCKS) {
		float packed[DEPTH * TILE];
		for (size_t k = 0; k < p->depth; k++)
			memcpy(packed + k * m, a + k * a_k, m * sizeof(*a));
		for (size_t block = 0; block < p->blocks; block++)
			tile(p, block, first, m, packed, 1, m);
	} else {
		for (size_t block = 0; block < p->blocks; block++)
			tile(p, block, first, m, a, a_m, a_k);
	}
}

/* All rows m of a product, in tiles of nearly equal height. */
INLINE void tiles(const struct product *p, size_t m, size_t a_m, size_t a_k)
{
	size_t count = (m + TILE - 1) / TILE;
	size_t first = 0;
	for (size_t t = 0; t < count; t++) {
		size_t height = (m - first + (count - t - 1)) / (count - t);
#define CASE(n)                                                                                                        \
	case n:                                                                                                        \
		tile_blocks(p, first, n, a_m, a_k);                                                                    \
		break;
		switch (height) {
			CASE(1)
			CASE(2)
			CASE(3)
#if TILE > 3
			CASE(4)
			CASE(5)
			CASE(6)
#endif
#if TILE > 6
			CASE(7)
			CASE(8)
			CASE(9)
			CASE(10)
			CASE(11)
			CASE(12)
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

static void dense(float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks)
{
	for (size_t k = 0; k < in; k += DEPTH) {
		struct product p = {.c = y, .c_m = AE_LANES, .bias = k ? NULL : bias, .more = true};
		p.c_block = out * AE_LANES;
		p.a = w + k * out;
		p.b = x + k * AE_LANES;
		p.b_block = in * AE_LANES;
		p.depth = in - k < DEPTH ? in - k : DEPTH;
		p.outer = 1;
		p.blocks = blocks;
		tiles(&p, out, 1, out);
	}
}

static void dense_back(float *dx, const float *dy, const float *w, size_t in, size_t out, size_t blocks)
{
	for (size_t k = 0; k < out; k += DEPTH) {
		struct product p = {.c = dx, .c_m = AE_LANES, .more = k > 0};
		p.c_block = in * AE_LANES;
		p.a = w + k;
		p.b = dy + k * AE_LANES;
		p.b_block = out * AE_LANES;
		p.depth = out - k < DEPTH ? out - k : DEPTH;
		p.outer = 1;
		p.blocks = blocks;
		tiles(&p, in, out, 1);
	}
}

static void bias_grad(float *g, const float *panel, size_t out, size_t blocks)
{
	for (size_t o = 0; o < out; o += AE_LANES) {
		float sum[AE_LANES] = {0};
		for (size_t b = 0; b < blocks; b++) {
			const float *tile = panel + b * AE_PANEL(out) + o * AE_LANES;
			for (size_t r = 0; r < AE_LANES; r++)
				for (size_t n = 0; n < AE_LANES; n++)
					sum[n] += tile[r * AE_LANES + n];
		}
		memcpy(g + o, sum, (out - o < AE_LANES ? out - o : AE_LANES) * sizeof(*g));
	}
}

static void dense_grad(
	float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to, size_t blocks)
{
	size_t end = to < in ? to : in;
	for (size_t o = 0; from < end && o < out; o += AE_LANES) {
		struct product p = {.a_outer = in * AE_LANES, .b_outer = AE_PANEL(out), .outer = blocks, .blocks = 1};
		p.a = x + from * AE_LANES;
		p.b = panel + o * AE_LANES;
		p.depth = AE_LANES;
		if (out - o >= AE_LANES) {
			p.c = g + o;
			p.c_m = out;
			tiles(&p, end - from, AE_LANES, 1);
			continue;
		}
		for (size_t i = from; i < end; i += TILE) {
			float part[TILE * AE_LANES];
			size_t m = end - i < TILE ? end - i : TILE;
			p.a = x + i * AE_LANES;
			p.c = part;
			p.c_m = AE_LANES;
			tiles(&p, m, AE_LANES, 1);
			for (size_t r = 0; r < m; r++)
				memcpy(g + (i - from + r) * out + o, part + r * AE_LANES, (out - o) * sizeof(*g));
		}
	}
	if (to > in)
		bias_grad(g + (in - from) * out, panel, out, blocks);
}

static void transpose(float *panel, const float *block, size_t n)
{
	for (size_t f = 0; f < n; f += AE_LANES, panel += AE_LANES * AE_LANES)
		for (size_t p = 0; p < AE_LANES; p += W)
			for (size_t q = 0; q < AE_LANES; q += W) {
				vec v[W];
				for (size_t i = 0; i < W; i++)
					v[i] = f + q + i < n ? load(block + (f + q + i) * AE_LANES + p) : splat(0);
				turn(v);
				for (size_t i = 0; i < W; i++)
					store(panel + (p + i) * AE_LANES + q, v[i]);
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
	bytes b = *(const mem_bytes *)((const uint8_t *)row + i);
	return __builtin_convertvector(__builtin_convertvector(b, ints), vec);
}

/* Where element i of a row lies in a block, and on to the next element. */
struct place {
	size_t channel, pixel, channels, pixels;
};

INLINE size_t next(struct place *at)
{
	size_t feature = at->channel * at->pixels + at->pixel;
	if (++at->channel == at->channels) {
		at->channel = 0;
		at->pixel++;
	}
	return feature * AE_LANES;
}

#define GATHER(type, element)                                                                                          \
	static void gather_##type(                                                                                     \
		float *block, const void *const row[AE_LANES], size_t rows, size_t n, size_t channels)                 \
	{                                                                                                              \
		struct place at = {.channels = channels, .pixels = n / channels};                                      \
		size_t i = 0;                                                                                          \
		for (; i + W <= n; i += W) {                                                                           \
			float *to[W];                                                                                  \
			for (size_t j = 0; j < W; j++)                                                                 \
				to[j] = block + next(&at);                                                             \
			for (size_t p = 0; p < AE_LANES; p += W) {                                                     \
				vec v[W];                                                                              \
				for (size_t r = 0; r < W; r++)                                                         \
					v[r] = p + r < rows ? load_##type(row[p + r], i) : splat(0);                   \
				turn(v);                                                                               \
				for (size_t j = 0; j < W; j++)                                                         \
					store(to[j] + p, v[j]);                                                        \
			}                                                                                              \
		}                                                                                                      \
		for (; i < n; i++) {                                                                                   \
			float *to = block + next(&at);                                                                 \
			for (size_t r = 0; r < AE_LANES; r++)                                                          \
				to[r] = r < rows ? (float)((const element *)row[r])[i] : 0;                            \
		}                                                                                                      \
	}
GATHER(f32, float)
GATHER(f64, double)
GATHER(u8, uint8_t)

static void scatter(float *out, size_t stride, const float *block, size_t rows, size_t n, size_t channels)
{
	struct place at = {.channels = channels, .pixels = n / channels};
	size_t i = 0;
	for (; i + W <= n; i += W) {
		const float *from[W];
		for (size_t j = 0; j < W; j++)
			from[j] = block + next(&at);
		for (size_t p = 0; p < rows; p += W) {
			vec v[W];
			for (size_t j = 0; j < W; j++)
				v[j] = load(from[j] + p);
			turn(v);
			for (size_t r = 0; r < W; r++)
				if (p + r < rows)
					store(out + (p + r) * stride + i, v[r]);
		}
	}
	for (; i < n; i++) {
		const float *from = block + next(&at);
		for (size_t r = 0; r < rows; r++)
			out[r * stride + i] = from[r];
	}
}

/* One activation: its value of x, and the gradient by x from the gradient dy and the value y. */
#define ACTIVATION(name, value, gradient)                                                                              \
	static void name(float *at, size_t n, float a)                                                                 \
	{                                                                                                              \
		(void)a;                                                                                               \
		for (size_t i = 0; i < n; i += W) {                                                                    \
			vec x = load(at + i);                                                                          \
			store(at + i, value);                                                                          \
		}                                                                                                      \
	}                                                                                                              \
	static void name##_back(float *at, const float *out, size_t n, float a)                                        \
	{                                                                                                              \
		(void)a;                                                                                               \
		for (size_t i = 0; i < n; i += W) {                                                                    \
			vec dy = load(at + i), y = load(out + i);                                                      \
			store(at + i, gradient);                                                                       \
		}                                                                                                      \
	}
ACTIVATION(relu, keep(~(x <= splat(0)), x), keep(y > splat(0), dy))
ACTIVATION(leakyrelu, pick(x > splat(0), x, x *splat(a)), pick(y > splat(0), dy, dy *splat(a)))
ACTIVATION(sigmoid, splat(1) / (splat(1) + exp_(-x)), dy *y *(splat(1) - y))
ACTIVATION(tanh_values, tanh_(x), dy *fma_(-y, y, splat(1)))
ACTIVATION(elu, pick(x > splat(0), x, expm1_(x)), pick(y > splat(0), dy, dy *(y + splat(1))))

/* One loss: the gradient by the difference v of a lane, and the value of that difference d in double precision. */
#define LOSS(name, gradient, value)                                                                                    \
	static void name(double sum[AE_LANES], float *dy, const float *y, const float *t, size_t n, size_t rows,       \
		float scale, float delta)                                                                              \
	{                                                                                                              \
		(void)delta;                                                                                           \
		for (size_t p = 0; p < AE_LANES; p += W) {                                                             \
			ints mask;                                                                                     \
			for (size_t i = 0; i < W; i++)                                                                 \
				mask[i] = p + i < rows ? -1 : 0;                                                       \
			wide total[2] = {*(const mem_wide *)(sum + p), *(const mem_wide *)(sum + p + W / 2)};          \
			for (size_t f = p; f < n * AE_LANES; f += AE_LANES) {                                          \
				vec v = load(y + f) - load(t + f);                                                     \
				store(dy + f, keep(mask, gradient));                                                   \
				for (size_t h = 0; h < 2; h++) {                                                       \
					half part = load_half(y + f + h * W / 2) - load_half(t + f + h * W / 2);       \
					wide d = __builtin_convertvector(part, wide);                                  \
					total[h] += value;                                                             \
				}                                                                                      \
			}                                                                                              \
			*(mem_wide *)(sum + p) = total[0];                                                             \
			*(mem_wide *)(sum + p + W / 2) = total[1];                                                     \
		}                                                                                                      \
	}

LOSS(mse, splat(2 * scale) * v, d *d)
LOSS(mae, pick(v > splat(0), splat(scale), keep(v < splat(0), splat(-scale))), wide_abs(d))
LOSS(huber, splat(scale) * clamp(v, -delta, delta),
	wide_pick(wide_abs(d) <= (double)delta, d *d * 0.5, (wide_abs(d) - 0.5 * (double)delta) * (double)delta))

static void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g, size_t n,
	const struct ae_adam *adam)
{
	const struct ae_adam s = *adam;
	for (size_t i = 0; i < n; i++) {
		m[i] = s.beta1 * m[i] + (1 - s.beta1) * g[i];
		v[i] = s.beta2 * v[i] + (1 - s.beta2) * (g[i] * g[i]);
		w[i] -= s.rate * m[i] / (sqrtf(v[i]) + s.epsilon);
	}
}

static void sgd(
	float *restrict w, float *restrict velocity, const float *restrict g, size_t n, float rate, float momentum)
{
	for (size_t i = 0; i < n; i++) {
		velocity[i] = momentum * velocity[i] - rate * g[i];
		w[i] += velocity[i];
	}
}

#define NAME_(name) #name
#define NAME(name) (&NAME_(name)[sizeof("ae_kernels_") - 1])

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define AE_CHANNEL_KERNELS JOIN(AE_KERNELS, _channel)
#define AE_CONV_KERNELS JOIN(AE_KERNELS, _conv)

extern const struct ae_channel_kernels AE_CHANNEL_KERNELS;
extern const struct ae_conv_kernels AE_CONV_KERNELS;
extern const struct ae_kernels AE_KERNELS;
const struct ae_kernels AE_KERNELS = {
	.name = NAME(AE_KERNELS),
	.width = W,
	.tile = TILE,
	.gather_f32 = gather_f32,
	.gather_f64 = gather_f64,
	.gather_u8 = gather_u8,
	.scatter = scatter,
	.transpose = transpose,
	.dense = dense,
	.dense_back = dense_back,
	.dense_grad = dense_grad,
	.activation =
		{
			[AE_RELU] = {relu, relu_back},
			[AE_LEAKYRELU] = {leakyrelu, leakyrelu_back},
			[AE_SIGMOID] = {sigmoid, sigmoid_back},
			[AE_TANH] = {tanh_values, tanh_values_back},
			[AE_ELU] = {elu, elu_back},
		},
	.loss = {[AE_MSE] = mse, [AE_MAE] = mae, [AE_HUBER] = huber},
	.channel = &AE_CHANNEL_KERNELS,
	.conv = &AE_CONV_KERNELS,
	.adam = adam,
	.sgd = sgd,
};
