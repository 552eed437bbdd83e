/* SPDX-License-Identifier: MIT */
/* Convolution kernels of every set on random shapes against plain loops: forward, backward-data and weight gradients by
   every algorithm, with random epilogues. One image is computed in plain loops; every row of the batch is a multiple of
   it. */
#include "fuzz.h"

#define ROWS_MAX 32

/* Multiples of the image that row r of the batch holds. */
static float row_factor(size_t row)
{
	static const float factors[] = {1, -1, 2, 1, -2};
	return factors[row % 5];
}

static float gradient_factor(size_t row)
{
	static const float factors[] = {1, 2, -1, 1, 3, -2, 1};
	return factors[row % 7];
}

static float mask_factor(size_t row)
{
	return row % 3 == 1 ? -1 : 1;
}

/* One image on each side, the weights, and what plain loops make of them. */
struct plain {
	struct ae_conv c;
	size_t rows, large_n, small_n, weights, taps;
	float *large, *small, *w, *tap_bias[2];
	double *forward, *backward, *gradient;
	double *bias_at[2]; /* what tap_bias[transposed] adds at every output */
	double *tap_sum[2]; /* the sum of dy over what each tap connects, dy being the small image, and the large one */
};

static double *zeros(size_t n)
{
	double *x = calloc(n ? n : 1, sizeof(*x));
	if (!x)
		exit(1);
	return x;
}

/* What tap t adds where it connects small pixel i to large pixel l. */
static void plain_tap(struct plain *p, size_t t, size_t i, size_t l)
{
	const size_t channels = p->c.channels, out = p->c.small_channels;
	const float *x = p->large + l * channels, *dy = p->small + i * out, *w = p->w + t * channels * out;
	double *y = p->forward + i * out, *dx = p->backward + l * channels, *g = p->gradient + t * channels * out;
	for (size_t k = 0; k < channels; k++, w += out, g += out) {
		double sum = 0;
		for (size_t o = 0; o < out; o++) {
			y[o] += (double)(w[o] * x[k]);
			sum += (double)(w[o] * dy[o]);
			g[o] += (double)(x[k] * dy[o]);
		}
		dx[k] += sum;
	}
	for (size_t o = 0; o < out; o++) {
		p->bias_at[0][i * out + o] += (double)p->tap_bias[0][t * out + o];
		p->tap_sum[0][t * out + o] += (double)dy[o];
	}
	for (size_t k = 0; k < channels; k++) {
		p->bias_at[1][l * channels + k] += (double)p->tap_bias[1][t * channels + k];
		p->tap_sum[1][t * channels + k] += (double)x[k];
	}
}

static void plain_run(struct plain *p)
{
	const struct ae_conv *c = &p->c;
	for (size_t i = 0; i < c->small_height; i++)
		for (size_t j = 0; j < c->small_width; j++)
			for (size_t t = 0; t < p->taps; t++) {
				size_t y = i * c->stride_height + t / c->kernel_width - c->top,
				       x = j * c->stride_width + t % c->kernel_width - c->left;
				if (y < c->height && x < c->width)
					plain_tap(p, t, i * c->small_width + j, y * c->width + x);
			}
}

static void plain_new(struct plain *p, struct dice *dice)
{
	const struct ae_conv *c = &p->c;
	p->taps = c->kernel_height * c->kernel_width;
	p->large_n = c->height * c->width * c->channels;
	p->small_n = c->small_height * c->small_width * c->small_channels;
	p->weights = p->taps * c->channels * c->small_channels;
	p->large = fill_random(dice, guarded(dice, p->large_n), p->large_n, 2);
	p->small = fill_random(dice, guarded(dice, p->small_n), p->small_n, 2);
	p->w = fill_random(dice, guarded(dice, p->weights), p->weights, 1);
	p->forward = zeros(p->small_n);
	p->backward = zeros(p->large_n);
	p->gradient = zeros(p->weights);
	for (int transposed = 0; transposed < 2; transposed++) {
		size_t channels = transposed ? c->channels : c->small_channels;
		p->tap_bias[transposed] = fill_random(dice, guarded(dice, p->taps * channels), p->taps * channels, 2);
		p->tap_sum[transposed] = zeros(p->taps * channels);
		p->bias_at[transposed] = zeros(transposed ? p->large_n : p->small_n);
	}
	plain_run(p);
}

static void plain_free(struct plain *p)
{
	double *all[] = {
		p->forward, p->backward, p->gradient, p->bias_at[0], p->bias_at[1], p->tap_sum[0], p->tap_sum[1]};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]);
}

/* Blocks of `lanes` rows of n values: value i of row r is x[i] * factor(r). */
static float *rows_of(
	struct dice *dice, const float *x, size_t n, size_t rows, size_t lanes, float (*factor)(size_t row))
{
	float *blocks = guarded(dice, n * rows);
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			blocks[(row / lanes * n + i) * lanes + row % lanes] = x[i] * factor(row);
	return blocks;
}

/* One product with its epilogue, and what should come of it. */
enum masking { UNMASKED, MASK_OTHER, MASK_SELF, MASK_IN_PLACE, MASKINGS };
struct output {
	bool transposed;
	size_t n, channels, valid_rows;
	const double *product, *tap_bias; /* of one image; NULL: 0 */
	float *bias;
	enum masking masking;
	float negative_slope;
	float *mask;                   /* one image */
	float *scale, *x_coef, *shift; /* NULL, or one a channel */
	bool sums, on_tile;
};

static void output_draw(struct output *out, const struct plain *p, struct dice *dice, bool transposed)
{
	static const float slopes[] = {0, 0.25F, 0.5F, 1};
	*out = (struct output){.transposed = transposed,
		.n = transposed ? p->large_n : p->small_n,
		.channels = transposed ? p->c.channels : p->c.small_channels,
		.product = transposed ? p->backward : p->forward,
		.tap_bias = roll(dice, 0, 2) ? NULL : p->bias_at[transposed],
		.masking = (enum masking)roll(dice, 0, MASKINGS - 1),
		.negative_slope = slopes[roll(dice, 0, 3)],
		.valid_rows = p->rows,
		.sums = flip(dice),
		.on_tile = flip(dice)};
	if (flip(dice))
		out->bias = fill_random(dice, guarded(dice, out->channels), out->channels, 2);
	out->mask = fill_random(dice, guarded(dice, out->n), out->n, 1);
	if (out->masking == UNMASKED || out->masking == MASK_SELF || flip(dice))
		return;
	out->scale = fill_random(dice, guarded(dice, out->channels), out->channels, 2);
	out->x_coef = fill_random(dice, guarded(dice, out->channels), out->channels, 2);
	out->shift = fill_random(dice, guarded(dice, out->channels), out->channels, 2);
	out->valid_rows = roll(dice, 0, p->rows);
}

static double output_value(const struct output *out, size_t row, size_t i)
{
	const size_t channel = i % out->channels;
	const double mask = (double)(out->mask[i] * mask_factor(row));
	double v = out->product[i] * (double)(out->transposed ? gradient_factor(row) : row_factor(row));
	v += (out->bias ? (double)out->bias[channel] : 0) + (out->tap_bias ? out->tap_bias[i] : 0);
	if (out->scale)
		v = row < out->valid_rows ? (double)out->scale[channel] * v + (double)out->x_coef[channel] * mask +
						    (double)out->shift[channel]
					  : 0;
	if (out->masking == UNMASKED || (out->masking == MASK_SELF ? v : mask) > 0)
		return v;
	return v * (double)out->negative_slope;
}

/* Copies every tile when it is reported. */
struct tiles_seen {
	float *copy;
	const float *y;
	size_t pixel, values;
};

static void tile_seen(void *arg, const float *y, size_t pixels)
{
	struct tiles_seen *seen = arg;
	memcpy(seen->copy + (y - seen->y), y, pixels * seen->pixel * sizeof(*y));
	seen->values += pixels * seen->pixel;
}

/* y against what it should be, and the sums by channel and lane against y. */
static void output_check(const struct output *out, const struct ae_kernels *set, const float *y, const float *sums,
	const struct tiles_seen *seen, size_t rows)
{
	const size_t lanes = set->lanes, pixel = out->channels * lanes;
	size_t wrong = 0, wrong_sums = 0, first = 0;
	double *total = zeros(pixel), *size = zeros(pixel);
	for (size_t at = 0; at < out->n * rows; at++) {
		size_t i = at / lanes % out->n, row = at / lanes / out->n * lanes + at % lanes;
		bool right = (double)y[at] == output_value(out, row, i);
		first = right || wrong ? first : at;
		wrong += !right;
		total[at % pixel] += (double)y[at];
		size[at % pixel] += fabs((double)y[at]);
	}
	for (size_t i = 0; out->sums && i < pixel; i++)
		wrong_sums += size[i] < 0x1p21 ? (double)sums[i] != 3 + total[i]
					       : !(fabs((double)sums[i] - 3 - total[i]) <= 1e-5 * size[i]);
	CHECK(wrong == 0, "%s: %zu of %zu values of the %s are wrong, the first at %zu: %g", set->name, wrong,
		out->n * rows, out->transposed ? "backward-data" : "forward", first, (double)y[first]);
	CHECK(wrong_sums == 0, "%s: %zu of %zu sums by channel are wrong", set->name, wrong_sums, pixel);
	if (out->on_tile)
		CHECK(seen->values == out->n * rows && memcmp(y, seen->copy, out->n * rows * sizeof(*y)) == 0,
			"%s: %zu values of %zu were reported", set->name, seen->values, out->n * rows);
	free(total);
	free(size);
}

static void check_output(const struct plain *p, const struct output *out, const struct ae_kernels *set,
	struct dice *dice, const float *x)
{
	const size_t lanes = set->lanes, n = out->n * p->rows;
	float *packed = guarded(dice, p->weights), *y = guarded(dice, n), *mask = NULL, *sums = NULL;
	struct tiles_seen seen = {.y = y, .pixel = out->channels * lanes};
	if (out->masking != UNMASKED)
		mask = rows_of(dice, out->mask, out->n, p->rows, lanes, mask_factor);
	if (out->masking == MASK_IN_PLACE)
		memcpy(y, mask, n * sizeof(*y));
	if (out->sums)
		sums = guarded(dice, out->channels * lanes);
	for (size_t i = 0; sums && i < out->channels * lanes; i++)
		sums[i] = 3;
	if (out->on_tile)
		seen.copy = guarded(dice, n);
	struct ae_conv_epilogue epilogue = {.packed_weights = packed,
		.bias = out->bias,
		.tap_bias = out->tap_bias ? p->tap_bias[out->transposed] : NULL,
		.scale = out->scale,
		.x_coef = out->x_coef,
		.shift = out->shift,
		.rows = out->valid_rows,
		.relu = out->masking != UNMASKED,
		.mask = out->masking == MASK_OTHER      ? mask
			: out->masking == MASK_IN_PLACE ? y
							: NULL,
		.negative_slope = out->negative_slope,
		.channel_sums = sums,
		.on_tile = out->on_tile ? tile_seen : NULL,
		.on_tile_arg = &seen};
	const struct ae_conv_kernels *k = set->conv;
	(out->transposed ? k->pack_backward_data : k->pack_forward)(packed, p->w, &p->c);
	(out->transposed ? k->backward_data : k->forward)(y, x, &epilogue, &p->c, p->rows / lanes);
	output_check(out, set, y, sums, &seen, p->rows);
}

static void check_weight_gradient(
	const struct plain *p, const struct ae_kernels *set, const float *g, const char *what, float start)
{
	double factor = 0;
	size_t wrong = 0;
	for (size_t row = 0; row < p->rows; row++)
		factor += (double)(row_factor(row) * gradient_factor(row));
	for (size_t i = 0; i < p->weights; i++)
		wrong += (double)g[i] != (double)start + factor * p->gradient[i];
	CHECK(wrong == 0, "%s: %zu of %zu weight gradients are wrong, %s", set->name, wrong, p->weights, what);
}

/* The gradient as layers ask for it, with the sums of dy that a bias and a normalisation need. */
static void check_gradient(
	const struct plain *p, const struct ae_kernels *set, struct dice *dice, const float *x, const float *y)
{
	const bool transposed = flip(dice), bias = flip(dice), taps = bias && flip(dice);
	const size_t channels = transposed ? p->c.channels : p->c.small_channels, tap_n = p->taps * channels;
	double factor = 0, *sum = zeros(channels);
	struct ae_conv_gradients to = {.g = guarded(dice, p->weights),
		.bias = bias ? guarded(dice, channels) : NULL,
		.tap_sums = taps ? guarded(dice, tap_n) : NULL,
		.workspace = guarded(dice, ae_conv_workspace(&p->c))};
	for (size_t i = 0; i < p->weights; i++)
		to.g[i] = 5;
	for (size_t i = 0; bias && i < channels; i++)
		to.bias[i] = 6;
	for (size_t i = 0; taps && i < tap_n; i++)
		to.tap_sums[i] = 7;
	set->conv->weight_gradient(&to, x, y, &p->c, transposed, p->rows / set->lanes);
	check_weight_gradient(p, set, to.g, "by the chosen algorithm", 5);
	for (size_t row = 0; row < p->rows; row++)
		factor += (double)(transposed ? row_factor(row) : gradient_factor(row));
	for (size_t i = 0; i < (transposed ? p->large_n : p->small_n); i++)
		sum[i % channels] += (double)(transposed ? p->large : p->small)[i];
	size_t wrong = 0, wrong_taps = 0;
	for (size_t i = 0; bias && i < channels; i++)
		wrong += (double)to.bias[i] != 6 + factor * sum[i];
	for (size_t i = 0; taps && i < tap_n; i++)
		wrong_taps += (double)to.tap_sums[i] != 7 + factor * p->tap_sum[transposed][i];
	CHECK(wrong == 0, "%s: %zu of %zu bias gradients are wrong", set->name, wrong, channels);
	CHECK(wrong_taps == 0, "%s: %zu of %zu sums of taps are wrong", set->name, wrong_taps, tap_n);
	free(sum);
}

/* One algorithm, over random ranges of rows. */
static void check_algorithm(const struct plain *p, const struct ae_kernels *set, struct dice *dice,
	const struct ae_conv_wgrad_algorithm *algorithm, const float *x, const float *y)
{
	const size_t large = p->large_n * set->lanes, small = p->small_n * set->lanes;
	float *sums = guarded(dice, algorithm->sum_floats(&p->c)), *g = guarded(dice, p->weights);
	for (size_t block = 0; block < p->rows / set->lanes; block++)
		for (size_t from = 0, to; from < p->c.small_height; from = to) {
			to = roll(dice, from + 1, p->c.small_height);
			algorithm->accumulate(
				sums, block == 0 && from == 0, x + block * large, y + block * small, &p->c, from, to);
		}
	for (size_t i = 0; i < p->weights; i++)
		g[i] = 4;
	algorithm->add(g, sums, &p->c);
	check_weight_gradient(p, set, g, algorithm == set->conv->algorithms[0] ? "algorithm 0" : "algorithm 1", 4);
}

static void check_set(
	const struct plain *p, const struct output out[2], const struct ae_kernels *set, struct dice *dice)
{
	const size_t before = fuzz_buffer_count;
	float *x = rows_of(dice, p->large, p->large_n, p->rows, set->lanes, row_factor);
	float *y = rows_of(dice, p->small, p->small_n, p->rows, set->lanes, gradient_factor);
	check_output(p, &out[0], set, dice, x);
	check_output(p, &out[1], set, dice, y);
	check_gradient(p, set, dice, x, y);
	for (size_t i = 0; i < AE_CONV_WGRAD_ALGORITHMS; i++)
		if (isfinite(set->conv->algorithms[i]->cost(&p->c)))
			check_algorithm(p, set, dice, set->conv->algorithms[i], x, y);
	guarded_free(before);
}

/* Images tiny, thin, middling, or so large that they leave the second-level cache. */
static void draw_sizes(struct ae_conv *c, struct dice *dice)
{
	size_t kind = roll(dice, 0, 9), pixels;
	c->channels = roll(dice, 0, 3) ? roll_log(dice, 1, 70) : 1;
	c->small_channels = roll(dice, 0, 3) ? roll_log(dice, 1, 70) : 1;
	if (kind < 3) {
		c->height = roll(dice, 1, 8);
		c->width = roll(dice, 1, 8);
	} else if (kind < 5) {
		c->height = roll(dice, 1, 3);
		c->width = roll_log(dice, 9, 500);
	} else if (kind < 9) {
		c->height = roll_log(dice, 3, 60);
		c->width = roll_log(dice, 3, 60);
	} else {
		c->channels = roll_log(dice, 1, 8);
		c->small_channels = roll_log(dice, 1, 4);
		pixels = roll(dice, 1 << 16, 5 << 14) / c->channels + 1;
		c->height = roll_log(dice, 1, pixels);
		c->width = pixels / c->height + 1;
	}
	if (kind >= 3 && flip(dice)) {
		size_t height = c->height;
		c->height = c->width;
		c->width = height;
	}
	if (kind == 9 && c->stride_height * c->stride_width == 1 && flip(dice)) {
		size_t channels = c->channels;
		c->channels = c->small_channels;
		c->small_channels = channels;
	}
}

static size_t before(size_t large, size_t small, size_t kernel, size_t stride)
{
	size_t needed = (small - 1) * stride + kernel;
	return needed > large ? (needed - large) / 2 : 0;
}

static size_t draw_taps(struct dice *dice)
{
	return roll(dice, 0, 3) ? roll(dice, 1, 7) : roll(dice, 8, AE_CONV_KERNEL_MAX);
}

static size_t draw_stride(struct dice *dice)
{
	return roll(dice, 0, 2) ? roll(dice, 1, 2) : roll_log(dice, 3, AE_CONV_KERNEL_MAX);
}

/* As layers make them ("same" padding), with at most `most` products. */
static struct ae_conv draw_conv(struct dice *dice)
{
	struct ae_conv c = {.kernel_height = draw_taps(dice), .stride_height = draw_stride(dice)};
	const size_t most = roll_log(dice, 1 << 10, 3 << 20);
	const bool square = flip(dice), series = roll(dice, 0, 4) == 0;
	c.kernel_width = square ? c.kernel_height : draw_taps(dice);
	c.stride_width = square ? c.stride_height : draw_stride(dice);
	draw_sizes(&c, dice);
	if (series) {
		c.width = c.height * c.width;
		c.height = c.kernel_height = c.stride_height = 1;
	}
	c.small_height = (c.height + c.stride_height - 1) / c.stride_height;
	c.small_width = (c.width + c.stride_width - 1) / c.stride_width;
	while (c.small_height * c.small_width * c.kernel_height * c.kernel_width * c.channels * c.small_channels >
		most) {
		size_t *larger = c.channels > c.small_channels ? &c.channels : &c.small_channels;
		if (c.height * c.width * c.channels < 1 << 16 && *larger > 1)
			*larger = (*larger + 1) / 2;
		else if (c.kernel_height * c.kernel_width > 9)
			*(c.kernel_height > c.kernel_width ? &c.kernel_height : &c.kernel_width) -= 1;
		else
			break;
	}
	c.top = before(c.height, c.small_height, c.kernel_height, c.stride_height);
	c.left = before(c.width, c.small_width, c.kernel_width, c.stride_width);
	return c;
}

static void shape(struct dice *dice)
{
	struct plain p = {.c = draw_conv(dice)};
	struct output out[2];
	const struct ae_conv *c = &p.c;
	p.rows = c->height * c->width * c->channels < 1 << 14 && flip(dice) ? ROWS_MAX : AE_LANES_MAX;
	describe("%zux%zux%zu to %zux%zux%zu by %zux%zu/%zux%zu, %zu rows", c->height, c->width, c->channels,
		c->small_height, c->small_width, c->small_channels, c->kernel_height, c->kernel_width, c->stride_height,
		c->stride_width, p.rows);
	plain_new(&p, dice);
	output_draw(&out[0], &p, dice, false);
	output_draw(&out[1], &p, dice, true);
	for (size_t i = 0; i < fuzz_set_count; i++)
		check_set(&p, out, fuzz_sets[i], dice);
	plain_free(&p);
}

int main(void)
{
	fuzz_find_sets();
	fuzz_run(1, 300, shape);
	check_group("random shapes");
	return check_done();
}
