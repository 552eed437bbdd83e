/* SPDX-License-Identifier: MIT */
/* Dense kernels, gather and scatter, and the kernels by channel, of every set on random sizes against plain loops. Row
   r of a batch is one random row of values, times a factor of its own. */
#include "fuzz.h"

#define ROWS_MAX 160

static float factor_x(size_t row)
{
	static const float factors[] = {1, -1, 2, 3, -2};
	return factors[row % 5];
}

static float factor_dy(size_t row)
{
	static const float factors[] = {1, 2, -1, 1, 3, -2, 1};
	return factors[row % 7];
}

static float *rows_of(
	struct dice *dice, const float *x, size_t n, size_t rows, size_t lanes, float (*factor)(size_t row))
{
	float *blocks = guarded(dice, n * rows);
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			blocks[(row / lanes * n + i) * lanes + row % lanes] = x[i] * factor(row);
	return blocks;
}

/* Values of blocks of n features that are not factor(row) * one[i] + bias[i]. */
static size_t wrong_rows(const float *blocks, const double *one, const float *bias, size_t n, size_t rows, size_t lanes,
	float (*factor)(size_t row))
{
	size_t wrong = 0;
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			wrong += (double)blocks[(row / lanes * n + i) * lanes + row % lanes] !=
				 (double)factor(row) * one[i] + (bias ? (double)bias[i] : 0);
	return wrong;
}

/* One row x of `in` values and one dy of `out`. */
struct plain {
	size_t in, out, rows;
	float *x, *dy, *w, *bias;
	double *y, *dx;
};

static void check_gradient(
	const struct plain *p, const struct ae_kernels *set, struct dice *dice, const float *x, const float *dy)
{
	const size_t lanes = set->lanes, blocks = p->rows / lanes, panel_n = AE_PANEL(p->out) * lanes;
	const size_t split = roll(dice, 0, p->in + 1);
	float *panel = guarded(dice, blocks * panel_n), *g = guarded(dice, (p->in + 1) * p->out);
	double products = 0, sum = 0;
	for (size_t b = 0; b < blocks; b++)
		set->transpose(panel + b * panel_n, dy + b * p->out * lanes, p->out);
	set->dense_grad(g, x, panel, p->in, p->out, 0, split, blocks);
	set->dense_grad(g + split * p->out, x, panel, p->in, p->out, split, p->in + 1, blocks);
	for (size_t row = 0; row < p->rows; row++) {
		products += (double)(factor_x(row) * factor_dy(row));
		sum += (double)factor_dy(row);
	}
	size_t wrong = 0;
	for (size_t i = 0; i <= p->in; i++)
		for (size_t o = 0; o < p->out; o++)
			wrong += (double)g[i * p->out + o] !=
				 (i < p->in ? products * (double)p->x[i] : sum) * (double)p->dy[o];
	CHECK(wrong == 0, "%s: %zu of %zu weight gradients are wrong", set->name, wrong, (p->in + 1) * p->out);
}

static void check_products(const struct plain *p, const struct ae_kernels *set, struct dice *dice)
{
	const size_t lanes = set->lanes, blocks = p->rows / lanes;
	float *x = rows_of(dice, p->x, p->in, p->rows, lanes, factor_x);
	float *dy = rows_of(dice, p->dy, p->out, p->rows, lanes, factor_dy);
	float *y = guarded(dice, p->out * p->rows), *dx = guarded(dice, p->in * p->rows);
	set->dense(y, x, p->w, p->bias, p->in, p->out, blocks);
	set->dense_back(dx, dy, p->w, p->in, p->out, blocks);
	size_t wrong[2] = {wrong_rows(y, p->y, p->bias, p->out, p->rows, lanes, factor_x),
		wrong_rows(dx, p->dx, NULL, p->in, p->rows, lanes, factor_dy)};
	CHECK(wrong[0] == 0, "%s: %zu of %zu outputs are wrong", set->name, wrong[0], p->out * p->rows);
	CHECK(wrong[1] == 0, "%s: %zu of %zu input gradients are wrong", set->name, wrong[1], p->in * p->rows);
	check_gradient(p, set, dice, x, dy);
}

static float *fill_fractions(struct dice *dice, float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(ae_rng_uniform(dice->seed, dice->shape, dice->count++) * 2 - 1);
	return x;
}

/* A row alone has the bits that it has in a block, of values whose sums depend on their order. */
static void check_alone(const struct plain *p, const struct ae_kernels *set, struct dice *dice)
{
	const size_t lanes = set->lanes;
	float *x = fill_fractions(dice, guarded(dice, p->in), p->in), *block = guarded(dice, p->in * lanes);
	float *w = fill_fractions(dice, guarded(dice, p->in * p->out), p->in * p->out);
	float *bias = fill_fractions(dice, guarded(dice, p->out), p->out);
	float *y = guarded(dice, p->out * lanes), *alone = guarded(dice, p->out), *scaled = guarded(dice, p->out);
	for (size_t i = 0; i < p->in * lanes; i++)
		block[i] = x[i / lanes];
	set->dense(y, block, w, bias, p->in, p->out, 1);
	set->row->dense(alone, x, w, bias, p->in, p->out, 1);
	size_t wrong = 0, changed[AE_ACTIVATIONS + 1] = {0};
	for (size_t o = 0; o < p->out; o++)
		wrong += memcmp(&alone[o], &y[o * lanes], sizeof(float)) != 0;
	CHECK(wrong == 0, "%s: %zu of %zu outputs of a row alone are others", set->name, wrong, p->out);
	for (int a = 0; a <= AE_ACTIVATIONS; a++) {
		if (a < AE_ACTIVATIONS) {
			set->activation[a].forward(y, p->out * lanes, 0.3F);
			set->row->activation[a].forward(alone, p->out, 0.3F);
		} else {
			set->channel->scale(y, y, bias, w, 1, p->out);
			set->row->channel->scale(scaled, alone, bias, w, 1, p->out);
		}
		for (size_t o = 0; o < p->out; o++)
			changed[a] +=
				memcmp(a < AE_ACTIVATIONS ? &alone[o] : &scaled[o], &y[o * lanes], sizeof(float)) != 0;
		CHECK(changed[a] == 0, "%s: activation %d: %zu of %zu values of a row alone are others", set->name, a,
			changed[a], p->out);
	}
}

static void dense_shape(struct dice *dice)
{
	struct plain p = {.in = roll_log(dice, 1, 300), .out = roll_log(dice, 1, 300)};
	p.rows = AE_LANES_MAX * roll_log(dice, 1, ROWS_MAX / AE_LANES_MAX);
	if (roll(dice, 0, 15) == 0)
		*(flip(dice) ? &p.in : &p.out) = roll(dice, 500, 900);
	if (roll(dice, 0, 15) == 0) {
		p.in = roll_log(dice, 1, 60);
		p.out = roll_log(dice, 1, 60);
		*(flip(dice) ? &p.in : &p.out) = roll(dice, 4000, 13000);
	}
	if (roll(dice, 0, 30) == 0) {
		p.in = roll_log(dice, 1, 20);
		p.out = roll_log(dice, 1, 40);
		p.rows = AE_LANES_MAX * roll(dice, 250, 800);
	}
	describe("dense %zu to %zu, %zu rows", p.in, p.out, p.rows);
	p.x = fill_random(dice, guarded(dice, p.in), p.in, 3);
	p.dy = fill_random(dice, guarded(dice, p.out), p.out, 3);
	p.w = fill_random(dice, guarded(dice, p.in * p.out), p.in * p.out, 2);
	p.bias = fill_random(dice, guarded(dice, p.out), p.out, 3);
	p.y = calloc(p.out, sizeof(*p.y));
	p.dx = calloc(p.in, sizeof(*p.dx));
	if (!p.y || !p.dx)
		exit(1);
	for (size_t i = 0; i < p.in; i++)
		for (size_t o = 0; o < p.out; o++) {
			p.y[o] += (double)(p.w[i * p.out + o] * p.x[i]);
			p.dx[i] += (double)(p.w[i * p.out + o] * p.dy[o]);
		}
	for (size_t i = 0; i < fuzz_set_count; i++) {
		const size_t before = fuzz_buffer_count;
		check_products(&p, fuzz_sets[i], dice);
		check_alone(&p, fuzz_sets[i], dice);
		guarded_free(before);
	}
	free(p.y);
	free(p.dx);
}

/* Rows of `type` (0: float, 1: double, 2: byte) become a block, and a block of floats becomes rows. */
static void check_gather(const struct ae_kernels *set, struct dice *dice, size_t rows, size_t n, int type)
{
	static const size_t sizes[] = {sizeof(float), sizeof(double), sizeof(uint8_t)};
	ae_gather *const gather[] = {set->gather_f32, set->gather_f64, set->gather_u8};
	const size_t lanes = set->lanes, stride = n + roll(dice, 0, 3), floats = (n * sizes[type] + 3) / 4;
	float *block = guarded(dice, n * lanes), *back = guarded(dice, (rows - 1) * stride + n);
	const void *row[AE_LANES_MAX];
	float expected[AE_LANES_MAX * 300] = {0};
	for (size_t r = 0; r < rows; r++) {
		unsigned char *bytes = (unsigned char *)guarded(dice, floats) + floats * 4 - n * sizes[type];
		for (size_t i = 0; i < n; i++) {
			uint8_t u8 = (uint8_t)roll(dice, 0, 255);
			float f32 = u8;
			double f64 = u8;
			const void *value[] = {&f32, &f64, &u8};
			memcpy(bytes + i * sizes[type], value[type], sizes[type]);
			expected[r * n + i] = f32;
		}
		row[r] = bytes;
	}
	gather[type](block, row, rows, n);
	set->scatter(back, stride, block, rows, n);
	float *alone = guarded(dice, n), *out = guarded(dice, n);
	ae_gather *const gather_row[] = {set->row->gather_f32, set->row->gather_f64, set->row->gather_u8};
	gather_row[type](alone, row, 1, n);
	set->row->scatter(out, n, alone, 1, n);
	CHECK(memcmp(alone, expected, n * sizeof(float)) == 0 && memcmp(out, expected, n * sizeof(float)) == 0,
		"%s: type %d: a row alone is gathered or scattered wrongly", set->name, type);
	size_t wrong = 0, wrong_back = 0;
	for (size_t i = 0; i < n * lanes; i++)
		wrong += block[i] != (i % lanes < rows ? expected[i % lanes * n + i / lanes] : 0);
	for (size_t i = 0; i < (rows - 1) * stride + n; i++)
		wrong_back += i % stride < n ? back[i] != expected[i / stride * n + i % stride] : !isnan(back[i]);
	CHECK(wrong == 0, "%s: type %d: %zu of %zu gathered values are wrong", set->name, type, wrong, n * lanes);
	CHECK(wrong_back == 0, "%s: type %d: %zu of %zu scattered values are wrong", set->name, type, wrong_back,
		n * rows);
}

static void gather_shape(struct dice *dice)
{
	const size_t n = roll_log(dice, 1, 300), rows = roll(dice, 1, AE_LANES_MAX);
	const int type = (int)roll(dice, 0, 2);
	describe("gather and scatter of %zu values, %zu rows, type %d", n, rows, type);
	for (size_t i = 0; i < fuzz_set_count; i++) {
		const size_t before = fuzz_buffer_count;
		check_gather(fuzz_sets[i], dice, rows < fuzz_sets[i]->lanes ? rows : fuzz_sets[i]->lanes, n, type);
		guarded_free(before);
	}
}

static void check_scales(const struct ae_channel_kernels *k, const char *name, size_t lanes, struct dice *dice,
	size_t pixels, size_t channels)
{
	const size_t n = pixels * channels * lanes, rows = roll(dice, 0, lanes);
	float *x = fill_random(dice, guarded(dice, n), n, 4), *y = fill_random(dice, guarded(dice, n), n, 4);
	float *a = fill_random(dice, guarded(dice, channels), channels, 4);
	float *b = fill_random(dice, guarded(dice, channels), channels, 4);
	float *c = fill_random(dice, guarded(dice, channels), channels, 4);
	float *z[2] = {guarded(dice, n), guarded(dice, n)};
	size_t wrong[2] = {0, 0};
	k->scale(z[0], x, a, b, pixels, channels);
	k->scale_both(z[1], x, y, a, b, c, pixels, channels, rows, 0.25F);
	for (size_t i = 0; i < n; i++) {
		size_t o = i / lanes % channels;
		float both = i % lanes < rows ? a[o] * x[i] + b[o] * y[i] + c[o] : 0;
		wrong[0] += z[0][i] != a[o] * x[i] + b[o];
		wrong[1] += z[1][i] != both * (y[i] > 0 ? 1 : 0.25F);
	}
	CHECK(wrong[0] + wrong[1] == 0, "%s: scale: %zu, %zu of %zu are wrong", name, wrong[0], wrong[1], n);
}

static void check_moments(const struct ae_channel_kernels *k, const char *name, size_t lanes, struct dice *dice,
	size_t pixels, size_t channels)
{
	const size_t n = pixels * channels * lanes, rows = roll(dice, 0, lanes), apart = roll(dice, 1, 2);
	float *x = fill_random(dice, guarded(dice, n), n, 4);
	float *dy = flip(dice) ? fill_random(dice, guarded(dice, n), n, 4) : NULL;
	float *about = fill_random(dice, guarded(dice, channels), channels, 2), *g = guarded(dice, channels);
	double *sum = calloc(channels, sizeof(*sum)), *squares = calloc(channels, sizeof(*squares));
	double *expected = calloc(3 * channels, sizeof(*expected));
	if (!sum || !squares || !expected)
		exit(1);
	memset(g, 0, channels * sizeof(*g));
	k->sums(g, x, (pixels + apart - 1) / apart, apart, channels);
	k->moments(sum, squares, x, dy, about, pixels, channels, rows);
	for (size_t i = 0; i < n; i++) {
		size_t o = i / lanes % channels;
		double d = (double)(x[i] - about[o]), v = dy ? (double)dy[i] : d;
		expected[o] += i / lanes / channels % apart ? 0 : (double)x[i];
		expected[channels + o] += i % lanes < rows ? v : 0;
		expected[2 * channels + o] += i % lanes < rows ? v * d : 0;
	}
	size_t wrong = 0;
	for (size_t o = 0; o < channels; o++)
		wrong += (double)g[o] != expected[o] || sum[o] != expected[channels + o] ||
			 squares[o] != expected[2 * channels + o];
	CHECK(wrong == 0, "%s: sums of %zu of %zu channels are wrong", name, wrong, channels);
	free(sum);
	free(squares);
	free(expected);
}

static void channel_shape(struct dice *dice)
{
	const size_t channels = roll_log(dice, 1, 70), pixels = roll_log(dice, 1, 400);
	describe("%zu pixels of %zu channels", pixels, channels);
	for (size_t i = 0; i < fuzz_set_count; i++) {
		const size_t before = fuzz_buffer_count;
		const struct ae_kernels *set = fuzz_sets[i];
		check_scales(set->channel, set->name, set->lanes, dice, pixels, channels);
		check_moments(set->channel, set->name, set->lanes, dice, pixels, channels);
		guarded_free(before);
	}
}

int main(void)
{
	fuzz_find_sets();
	fuzz_run(2, 300, dense_shape);
	check_group("dense layers");
	fuzz_run(3, 300, gather_shape);
	check_group("gather and scatter");
	fuzz_run(4, 300, channel_shape);
	check_group("kernels by channel");
	return check_done();
}
