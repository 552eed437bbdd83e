/* SPDX-License-Identifier: MIT */
/* The kernels of every instruction set against plain loops and the C library, and against each other to the bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "check.h"
#include "core/rng.h"
#include "kernels/dispatch.h"
#include "net/infer.h"
#include "net/net.h"

/* kernels.c with 16 lanes, in the code of an instruction set whose own width is 8. */
extern const struct ae_kernels ae_kernels_wide;

#define SETS_MAX 4
#define BLOCKS 5

static struct ae_error err;
/* Those that run here and fuse; the generic ones where the compiler's target has no such instruction. */
static const struct ae_kernels *sets[SETS_MAX];
static size_t set_count;

/* Whether a * b + c is rounded once. */
static int fuses(const struct ae_kernels *k)
{
	float x[LANES], y[LANES], w = 1 + 0x1p-12F, bias = -1 - 0x1p-11F;
	for (int i = 0; i < LANES; i++)
		x[i] = w;
	k->dense(y, x, &w, &bias, 1, 1, 1);
	return y[0] == 0x1p-24F;
}

static void find_sets(void)
{
	for (unsigned i = 0; ae_isa_name(i); i++) {
		const struct ae_kernels *k = ae_isa_get(i);
		if (!k) {
			printf("# %s: not on this processor\n", ae_isa_name(i));
			continue;
		}
		if (i > 0)
			CHECK(fuses(k), "%s does not fuse", k->name);
		if (fuses(k))
			sets[set_count++] = k;
		if (strcmp(ae_isa_name(i), "avx2") == 0)
			sets[set_count++] = &ae_kernels_wide;
	}
	for (size_t i = 0; i < set_count; i++)
		printf("# %s, %u lanes\n", sets[i]->name, sets[i]->lanes);
}

static double ulps(float value, double expected)
{
	double spacing = fmax(ldexp(1, ilogb(expected == 0 ? 1e-40 : expected) - 23), 0x1p-149);
	return fabs((double)value - expected) / spacing;
}

static double elu(double x)
{
	return x > 0 ? x : expm1(x);
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* erfc keeps its digits in the tail. */
static double normal(double x)
{
	return erfc(-x / sqrt(2)) / 2;
}

static double gelu(double x)
{
	return x * normal(x);
}

static double gelu_derivative(double x)
{
	return normal(x) + x * exp(-x * x / 2) / sqrt(8 * atan(1));
}

static double silu(double x)
{
	return x * sigmoid(x);
}

static double silu_derivative(double x)
{
	return sigmoid(x) * (1 + x * sigmoid(-x));
}

static void accuracy(void)
{
	static const struct {
		enum ae_activation which;
		double (*exact)(double);
		double low, high, most;
	} cases[] = {
		{AE_SIGMOID, sigmoid, -87, 88, 3},
		{AE_TANH, tanh, -20, 20, 3},
		{AE_ELU, elu, -100, 10, 1.5},
		{AE_SIGMOID, sigmoid, -1, 1, 3},
		{AE_TANH, tanh, -1e-3, 1e-3, 3},
		{AE_ELU, elu, -1, 0, 1.5},
		{AE_GELU, gelu, -13, 13, 8},
		{AE_GELU, gelu, -1, 1, 6},
		{AE_GELU, gelu, -1e-3, 1e-3, 3},
		{AE_SILU, silu, -87, 88, 3},
		{AE_SILU, silu, -1, 1, 3},
	};
	enum { N = 1 << 16 };
	static float x[N], y[N];
	for (unsigned s = 0; ae_isa_name(s); s++)
		for (size_t c = 0; ae_isa_get(s) && c < sizeof(cases) / sizeof(cases[0]); c++) {
			double worst = 0, at = 0;
			for (size_t i = 0; i < N; i++)
				x[i] = (float)(cases[c].low + (cases[c].high - cases[c].low) * ae_rng_uniform(1, c, i));
			memcpy(y, x, sizeof(y));
			ae_isa_get(s)->activation[cases[c].which].forward(y, N, 0);
			for (size_t i = 0; i < N; i++) {
				double u = ulps(y[i], cases[c].exact((double)x[i]));
				at = u > worst ? (double)x[i] : at;
				worst = fmax(worst, u);
			}
			printf("# %s, activation %d: %.2f ulp at %g\n", ae_isa_name(s), cases[c].which, worst, at);
			CHECK(worst < cases[c].most, "%s, activation %d: %g ulp at %g", ae_isa_name(s), cases[c].which,
				worst, at);
		}
	check_group("accuracy");
}

/* The derivatives of the activations that take them from the input, in units of the last place of 1: they pass 0. */
static void derivatives(void)
{
	static const struct {
		enum ae_activation which;
		double (*exact)(double);
	} cases[] = {{AE_GELU, gelu_derivative}, {AE_SILU, silu_derivative}};
	enum { N = 1 << 14 };
	static float x[N], dy[N];
	for (unsigned s = 0; ae_isa_name(s); s++)
		for (size_t c = 0; ae_isa_get(s) && c < sizeof(cases) / sizeof(cases[0]); c++) {
			double worst = 0;
			for (size_t i = 0; i < N; i++) {
				x[i] = (float)(40 * ae_rng_uniform(2, c, i) - 20);
				dy[i] = 1;
			}
			ae_isa_get(s)->activation[cases[c].which].back(dy, x, N, 0);
			for (size_t i = 0; i < N; i++)
				worst = fmax(worst, fabs((double)dy[i] - cases[c].exact((double)x[i])) * 0x1p23);
			CHECK(worst < 4, "%s, activation %d: %g ulp of 1", ae_isa_name(s), cases[c].which, worst);
			printf("# %s, derivative of activation %d: %.2f ulp of 1\n", ae_isa_name(s), cases[c].which,
				worst);
		}
	check_group("derivatives");
}

/* NaN stays; what is beyond the exponential's range stays finite. */
static void extremes(void)
{
	static const float in[LANES] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 0, -0.0F, 89, -89};
	for (unsigned s = 0; ae_isa_name(s); s++)
		for (int a = 0; ae_isa_get(s) && a < AE_ACTIVATIONS; a++) {
			float y[LANES];
			memcpy(y, in, sizeof(y));
			ae_isa_get(s)->activation[a].forward(y, LANES, 0.5F);
			CHECK(isnan(y[0]), "%d of NaN is %g", a, (double)y[0]);
			for (int i = 1; i < LANES; i++)
				CHECK(!isnan(y[i]), "%d of %g is NaN", a, (double)in[i]);
			if (a == AE_SIGMOID)
				CHECK(y[3] == 1 && y[4] < 1e-37F && y[5] == 0.5F, "sigmoid %g %g %g", (double)y[3],
					(double)y[4], (double)y[5]);
			if (a == AE_TANH)
				CHECK(y[3] == 1 && y[4] == -1 && y[5] == 0, "tanh %g %g", (double)y[3], (double)y[4]);
			if (a == AE_ELU)
				CHECK(y[3] == 1e30F && y[4] == -1 && y[5] == 0, "elu %g %g", (double)y[3],
					(double)y[4]);
			if (a == AE_RELU)
				CHECK(y[3] == 1e30F && y[4] == 0 && !signbit(y[6]), "relu %g %g", (double)y[3],
					(double)y[4]);
		}
	check_group("extremes");
}

static float *noise(size_t n, uint64_t seed)
{
	float *x = calloc(n ? n : 1, sizeof(*x));
	if (!x)
		exit(1);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)ae_rng_normal(seed, 9, i);
	return x;
}

static void same(const char *what, size_t in, size_t out, const float *a, const float *b, size_t n)
{
	CHECK(memcmp(a, b, n * sizeof(*a)) == 0, "%s %zux%zu: %s and others differ", what, in, out, sets[0]->name);
}

/* A dense layer's arrays, [block][feature][LANES], and what two sets of kernels make of them: the first and another. */
struct product {
	size_t in, out;
	float *x, *dy, *w, *bias;
	float *y[2], *dx[2], *g[2];
};

/* Transposes the block-wise gradient dy[blocks][out][lanes] into panels, and checks that each value is in its place. */
static void transpose(const struct ae_kernels *k, float *panel, const float *dy, size_t out, size_t blocks)
{
	unsigned wrong = 0;
	for (size_t b = 0; b < blocks; b++) {
		float *at = panel + b * AE_PANEL(out) * k->lanes;
		const float *block = dy + b * out * k->lanes;
		k->transpose(at, block, out);
		for (size_t o = 0; o < out; o++)
			for (size_t i = 0; i < k->lanes; i++)
				wrong += at[(o / AE_PANEL_TILE * k->lanes + i) * AE_PANEL_TILE + o % AE_PANEL_TILE] !=
					 block[o * k->lanes + i];
	}
	CHECK(wrong == 0, "%s: %u values of %zu are transposed wrongly", k->name, wrong, out);
}

/* Runs a set's kernels, one block as several, and the gradient in two ranges. */
static void run_product(const struct product *p, const struct ae_kernels *k, int to)
{
	size_t in = p->in, out = p->out, blocks = BLOCKS * LANES / k->lanes, last = (blocks - 1) * k->lanes;
	float *x = blocks_for(k, p->x, in, BLOCKS * in * LANES), *dy = blocks_for(k, p->dy, out, BLOCKS * out * LANES),
	      *y = blocks_for(k, p->y[to], out, BLOCKS * out * LANES),
	      *dx = blocks_for(k, p->dx[to], in, BLOCKS * in * LANES),
	      *panel = noise(blocks * k->lanes * AE_PANEL(out), 5);
	k->dense(y, x, p->w, p->bias, in, out, blocks - 1);
	k->dense(y + last * out, x + last * in, p->w, p->bias, in, out, 1);
	k->dense_back(dx, dy, p->w, in, out, blocks - 1);
	k->dense_back(dx + last * in, dy + last * out, p->w, in, out, 1);
	transpose(k, panel, dy, out, blocks);
	size_t half = (in + 1) / 2;
	k->dense_grad(p->g[to], x, panel, in, out, 0, half, blocks);
	k->dense_grad(p->g[to] + half * out, x, panel, in, out, half, in + 1, blocks);
	blocks_back(k, p->y[to], y, out, BLOCKS * out * LANES);
	blocks_back(k, p->dx[to], dx, in, BLOCKS * in * LANES);
	free(x);
	free(dy);
	free(panel);
}

/* start + the products of n values a, a_step apart, with the features b of a lane: one chain, or several in order. */
static float plain_sum(float start, const float *a, size_t a_step, const float *b, size_t n)
{
	float all = 0;
	for (size_t from = 0; from < n; from += AE_CHAIN) {
		float sum = from ? 0 : start;
		for (size_t i = from; i < n && i < from + AE_CHAIN; i++)
			sum = fmaf(a[i * a_step], b[i * LANES], sum);
		all = from ? all + sum : sum;
	}
	return all;
}

/* The chains themselves, as they are promised. */
static void check_chains(const struct product *p)
{
	size_t in = p->in, out = p->out;
	for (size_t at = 0; set_count && at < BLOCKS * out * LANES; at++) {
		size_t lane = at % LANES, o = at / LANES % out, block = at / LANES / out;
		float sum = plain_sum(p->bias[o], p->w + o, out, p->x + block * in * LANES + lane, in);
		CHECK(memcmp(&sum, &p->y[0][at], sizeof(sum)) == 0, "dense %zux%zu: block %zu, output %zu, lane %zu",
			in, out, block, o, lane);
	}
	for (size_t at = 0; set_count && at < BLOCKS * in * LANES; at++) {
		size_t lane = at % LANES, i = at / LANES % in, block = at / LANES / in;
		float sum = plain_sum(0, p->w + i * out, 1, p->dy + block * out * LANES + lane, out);
		CHECK(memcmp(&sum, &p->dx[0][at], sizeof(sum)) == 0,
			"dense_back %zux%zu: block %zu, input %zu, lane %zu", in, out, block, i, lane);
	}
}

static void check_product(size_t in, size_t out)
{
	struct product p = {.in = in, .out = out};
	p.x = noise(BLOCKS * in * LANES, 1);
	p.dy = noise(BLOCKS * out * LANES, 2);
	p.w = noise(in * out, 3);
	p.bias = noise(out, 4);
	for (int i = 0; i < 2; i++) {
		p.y[i] = noise(BLOCKS * out * LANES, 5);
		p.dx[i] = noise(BLOCKS * in * LANES, 5);
		p.g[i] = noise((in + 1) * out, 5);
	}
	for (size_t s = 0; s < set_count; s++) {
		int to = s > 0;
		run_product(&p, sets[s], to);
		same("dense", in, out, p.y[0], p.y[to], BLOCKS * out * LANES);
		same("dense_back", in, out, p.dx[0], p.dx[to], BLOCKS * in * LANES);
		same("dense_grad", in, out, p.g[0], p.g[to], (in + 1) * out);
	}
	check_chains(&p);
	float *all[] = {p.x, p.dy, p.w, p.bias, p.y[0], p.y[1], p.dx[0], p.dx[1], p.g[0], p.g[1]};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]);
}

static void products(void)
{
	static const size_t sizes[][2] = {{1, 1}, {3, 8}, {17, 5}, {140, 32}, {32, 140}, {300, 40}, {40, 530}, {7, 16},
		{4096, 3}, {4097, 50}, {9000, 7}, {5, 8193}, {50, 4097}};
	for (size_t c = 0; c < sizeof(sizes) / sizeof(sizes[0]); c++)
		check_product(sizes[c][0], sizes[c][1]);
	check_group("products are bit-equal");
}

/* The gradient of weight [i][o], or of bias o if i == in, over `rows` rows in chains of AE_CHAIN. */
static float plain_gradient(const float *x, const float *dy, size_t in, size_t out, size_t i, size_t o, size_t rows)
{
	float all = 0, sum = 0;
	for (size_t row = 0; row < rows; row++) {
		size_t block = row / LANES, lane = row % LANES;
		if (row % AE_CHAIN == 0) {
			all += sum;
			sum = 0;
		}
		float by = dy[(block * out + o) * LANES + lane];
		sum = i < in ? fmaf(x[(block * in + i) * LANES + lane], by, sum) : sum + by;
	}
	return all + sum;
}

static void gradients_of_many_rows(void)
{
	enum { IN = 7, OUT = 19, ROWS = 2 * AE_CHAIN + 160 };
	float *x = noise(ROWS * IN, 1), *dy = noise(ROWS * OUT, 2), *g = noise((IN + 1) * OUT, 3);
	for (size_t s = 0; s < set_count; s++) {
		const struct ae_kernels *k = sets[s];
		size_t blocks = ROWS / k->lanes, wrong = 0;
		float *kx = blocks_for(k, x, IN, ROWS * IN), *kdy = blocks_for(k, dy, OUT, ROWS * OUT);
		float *panel = noise(ROWS * AE_PANEL(OUT), 5);
		transpose(k, panel, kdy, OUT, blocks);
		k->dense_grad(g, kx, panel, IN, OUT, 0, IN + 1, blocks);
		for (size_t at = 0; at < (IN + 1) * OUT; at++)
			wrong += g[at] != plain_gradient(x, dy, IN, OUT, at / OUT, at % OUT, ROWS);
		CHECK(wrong == 0, "%s: %zu gradients over %d rows are wrong", k->name, wrong, ROWS);
		free(kx);
		free(kdy);
		free(panel);
	}
	free(x);
	free(dy);
	free(g);
	check_group("gradients of many rows are chains");
}

static void activations(void)
{
	enum { N = 4096 };
	for (int a = 0; a < AE_ACTIVATIONS; a++) {
		float *y[2] = {noise(N, 7), noise(N, 7)}, *dy[2] = {noise(N, 8), noise(N, 8)};
		for (size_t s = 0; s < set_count; s++) {
			int to = s > 0;
			for (int i = 0; i < N; i++)
				y[to][i] = 9 * (float)ae_rng_normal(7, 9, (uint64_t)i);
			for (int i = 0; i < N; i++)
				dy[to][i] = (float)ae_rng_normal(8, 9, (uint64_t)i);
			sets[s]->activation[a].forward(y[to], N, 0.2F);
			sets[s]->activation[a].back(dy[to], y[to], N, 0.2F);
			same("activation", (size_t)a, 0, y[0], y[to], N);
			same("gradient of activation", (size_t)a, 0, dy[0], dy[to], N);
		}
		free(y[0]);
		free(y[1]);
		free(dy[0]);
		free(dy[1]);
	}
	check_group("activations are bit-equal");
}

static void gathering(void)
{
	static const size_t sizes[] = {1, 5, 140, 24, 60, 34};
	for (unsigned s = 0; ae_isa_name(s); s++)
		for (size_t c = 0; ae_isa_get(s) && c < sizeof(sizes) / sizeof(sizes[0]); c++) {
			const struct ae_kernels *k = ae_isa_get(s);
			size_t n = sizes[c], lanes = k->lanes;
			float f32[LANES * 140] = {0}, block[140 * LANES], back[LANES * 140 + 1];
			double f64[LANES * 140];
			uint8_t u8[LANES * 140];
			const void *row[3][LANES];
			for (size_t i = 0; i < LANES * n; i++) {
				u8[i] = (uint8_t)(i * 7);
				f32[i] = (float)u8[i];
				f64[i] = u8[i];
			}
			for (size_t i = 0; i < LANES; i++) {
				row[0][i] = f32 + i * n;
				row[1][i] = f64 + i * n;
				row[2][i] = u8 + i * n;
			}
			for (size_t rows = 1; rows <= lanes; rows += 3)
				for (int type = 0; type < 3; type++) {
					unsigned wrong = 0;
					if (type == 0)
						k->gather_f32(block, row[0], rows, n);
					else if (type == 1)
						k->gather_f64(block, row[1], rows, n);
					else
						k->gather_u8(block, row[2], rows, n);
					for (size_t r = 0; r < lanes; r++)
						for (size_t i = 0; i < n; i++)
							wrong +=
								block[i * lanes + r] != (r < rows ? f32[r * n + i] : 0);
					back[rows * n] = 77;
					k->scatter(back, n, block, rows, n);
					for (size_t i = 0; i < rows * n; i++)
						wrong += back[i] != f32[i];
					CHECK(wrong == 0 && back[rows * n] == 77,
						"%s: %zu rows of %zu, type %d: %u wrong", k->name, rows, n, type,
						wrong);
				}
		}
	check_group("gather and scatter");
}

/* A row's bits are its own: however many rows, wherever it stands, whatever the threads and the width. */
static void rows_alone(void)
{
	enum { ROWS = 100, WIDTH = 37 };
	struct ae_net *net = NULL;
	struct ae_shape shape = ae_shape_vector(WIDTH);
	if (ae_net_parse(&net, "dense 19 tanh, dense 5 elu | dense 21 leakyrelu, dense 37 sigmoid", NULL, NULL, &shape,
		    &err) != 0)
		exit(1);
	ae_net_init(net, 3);
	float *x = noise(ROWS * WIDTH, 11), *whole = noise(ROWS * WIDTH, 0), *part = noise(ROWS * WIDTH, 0),
	      *latent = noise(ROWS * 5, 0);
	struct ae_infer *infer, *encoder, *decoder;
	CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, 1, &err) == 0 &&
			ae_infer_rows(infer, x, AE_F32, ROWS, whole, &err) == 0,
		"%s", err.text);
	ae_infer_free(infer);
	for (int threads = 1; threads <= 3; threads++) {
		static const size_t counts[] = {1, 2, 7, 16, 17, 33, ROWS};
		CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, threads, &err) == 0, "%s", err.text);
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			for (size_t at = 0; at < ROWS; at += counts[c]) {
				size_t n = ROWS - at < counts[c] ? ROWS - at : counts[c];
				CHECK(ae_infer_rows(infer, x + at * WIDTH, AE_F32, n, part + at * WIDTH, &err) == 0,
					"%s", err.text);
			}
			CHECK(memcmp(whole, part, ROWS * WIDTH * sizeof(*x)) == 0, "%zu rows at a time, %d threads",
				counts[c], threads);
		}
		ae_infer_free(infer);
	}
	CHECK(ae_infer_new(&encoder, net, AE_NET_ENCODER, 2, &err) == 0, "%s", err.text);
	CHECK(ae_infer_new(&decoder, net, AE_NET_DECODER, 1, &err) == 0, "%s", err.text);
	CHECK(ae_infer_output(encoder)->dim[0] == 5 && ae_infer_input(decoder)->dim[0] == 5, "latent");
	CHECK(ae_infer_rows(encoder, x, AE_F32, ROWS, latent, &err) == 0, "%s", err.text);
	CHECK(ae_infer_rows(decoder, latent, AE_F32, ROWS, part, &err) == 0, "%s", err.text);
	CHECK(memcmp(whole, part, ROWS * WIDTH * sizeof(*x)) == 0, "the halves make another whole");
	CHECK(ae_infer_rows(encoder, x, AE_F32, 0, latent, &err) == 0, "no rows");
	CHECK(ae_infer_rows(encoder, x, AE_TEXT, 1, latent, &err) == -1, "text");
	ae_infer_free(encoder);
	ae_infer_free(decoder);
	x[3 * WIDTH + 1] = NAN;
	CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, 1, &err) == 0 &&
			ae_infer_rows(infer, x, AE_F32, ROWS, part, &err) == 0,
		"%s", err.text);
	CHECK(isnan(part[3 * WIDTH]), "NaN is lost");
	CHECK(memcmp(whole, part, 3 * WIDTH * sizeof(*x)) == 0, "NaN spoils the rows before");
	CHECK(memcmp(whole + 4 * WIDTH, part + 4 * WIDTH, 96 * WIDTH * sizeof(*x)) == 0, "NaN spoils the rows after");
	ae_infer_free(infer);
	ae_net_free(net);
	free(x);
	free(whole);
	free(part);
	free(latent);
	check_group("rows are alone");
}

/* The moments of a weight whose gradient stays 0 become 0, not numbers too small to be normal, which are slow. */
static void silent_weights(void)
{
	enum { N = 48 };
	const struct ae_update update = {.adam_rate = 1e-3F};
	for (size_t s = 0; s < set_count; s++) {
		float w[N], m[N], v[N], g[N] = {0};
		unsigned subnormal = 0;
		for (size_t i = 0; i < N; i++) {
			w[i] = 1;
			m[i] = i % 2 ? -1e-3F : 1e-3F;
			v[i] = 1e-6F;
		}
		for (int step = 0; step < 100000; step++) {
			sets[s]->optimizers[0].apply(w, m, v, g, N, &update);
			for (size_t i = 0; i < N; i++)
				subnormal += fpclassify(m[i]) == FP_SUBNORMAL || fpclassify(v[i]) == FP_SUBNORMAL;
		}
		CHECK(subnormal == 0, "%s: %u moments were subnormal", sets[s]->name, subnormal);
		for (size_t i = 0; i < N; i++)
			CHECK(m[i] == 0 && v[i] == 0 && fabsf(w[i] - 1) < 0.02F, "%s: m %g, v %g, w %g", sets[s]->name,
				(double)m[i], (double)v[i], (double)w[i]);
	}
	check_group("silent weights");
}

static bool same_float(float a, float b)
{
	return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof(a)) == 0;
}

/* A step of Adam as it is written in the paper; fused: with fused multiply-adds. */
static void plain_adam(float *w, float *m, float *v, float g, float rate, bool fused)
{
	const float b1 = 0.9F, b2 = 0.999F, g1 = (1 - b1) * g, g2 = (1 - b2) * (g * g);
	*m = fused ? fmaf(b1, *m, g1) : b1 * *m + g1;
	*v = fused ? fmaf(b2, *v, g2) : b2 * *v + g2;
	*m = fabsf(*m) < 0x1p-100F ? 0 : *m;
	*v = *v < 0x1p-100F ? 0 : *v;
	*w -= rate * *m / (sqrtf(*v) + 1e-7F);
}

/* Any number of weights, NaN and numbers of every size among them, gets the bits of one weight after the other. */
static void adam_by_weight(void)
{
	enum { MOST = 70 };
	const struct ae_update update = {.adam_rate = 0.01F};
	for (size_t s = 0; s < set_count; s++)
		for (size_t n = 0; n <= MOST; n++) {
			float w[MOST + 1], m[MOST + 1], v[MOST + 1], g[MOST + 1], plain[2][3][MOST + 1];
			unsigned differ[2] = {0};
			for (size_t i = 0; i <= MOST; i++) {
				double scale = pow(10, 40 * ae_rng_uniform(n, 4, i) - 38);
				w[i] = (float)ae_rng_uniform(n, 0, i) - 0.5F;
				m[i] = (float)(scale * (ae_rng_uniform(n, 1, i) - 0.5));
				v[i] = (float)(scale * ae_rng_uniform(n, 2, i));
				g[i] = i % 13 == 5  ? NAN
				       : i % 7 == 3 ? 0
						    : (float)(scale * (ae_rng_uniform(n, 3, i) - 0.5));
				for (int fused = 0; fused < 2; fused++) {
					float *to[] = {&plain[fused][0][i], &plain[fused][1][i], &plain[fused][2][i]};
					*to[0] = w[i];
					*to[1] = m[i];
					*to[2] = v[i];
					if (i < n)
						plain_adam(to[0], to[1], to[2], g[i], update.adam_rate, fused);
				}
			}
			sets[s]->optimizers[0].apply(w, m, v, g, n, &update);
			for (int fused = 0; fused < 2; fused++) {
				const float *of[] = {w, m, v};
				for (size_t k = 0; k < 3; k++)
					for (size_t i = 0; i <= MOST; i++)
						differ[fused] += !same_float(of[k][i], plain[fused][k][i]);
			}
			CHECK(differ[0] == 0 || differ[1] == 0, "%s: of %zu weights %u differ (%u if fused)",
				sets[s]->name, n, differ[0], differ[1]);
		}
	check_group("Adam, weight by weight");
}

static void forced(void)
{
	const struct ae_kernels *k = NULL;
	setenv("AE_ISA", "generic", 1);
	CHECK(ae_isa_kernels(&k, &err) == 0 && k && strcmp(k->name, "generic") == 0, "generic");
	setenv("AE_ISA", "avx3", 1);
	CHECK(ae_isa_kernels(&k, &err) == -1 && err.status == AE_STATUS_USAGE, "avx3 is taken");
	CHECK(strncmp(err.text, "AE_ISA=avx3: unknown instruction set", 36) == 0, "%s", err.text);
	for (unsigned i = 0; ae_isa_name(i); i++) {
		setenv("AE_ISA", ae_isa_name(i), 1);
		int result = ae_isa_kernels(&k, &err);
		CHECK(ae_isa_get(i) ? result == 0 && k == ae_isa_get(i) : result == -1 && err.status == AE_STATUS_USAGE,
			"%s", ae_isa_name(i));
	}
	unsetenv("AE_ISA");
	check_group("AE_ISA");
}

int main(void)
{
	find_sets();
	accuracy();
	derivatives();
	extremes();
	products();
	gradients_of_many_rows();
	activations();
	gathering();
	rows_alone();
	silent_weights();
	adam_by_weight();
	forced();
	return check_done();
}
