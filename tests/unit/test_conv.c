/* SPDX-License-Identifier: MIT */
/* The convolution kernels of every instruction set against plain loops in double precision, over sizes, kernels,
   strides and channels; and against each other, to the bit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "check.h"
#include "core/rng.h"
#include "kernels/dispatch.h"

extern const struct ae_kernels ae_kernels_wide;

#define BLOCKS 2
#define SETS_MAX 8

static const struct ae_kernels *sets[SETS_MAX];
static size_t set_count;

static float *noise(size_t n, uint64_t stream)
{
	float *x = NULL;
	if (posix_memalign((void **)&x, 64, (n + 1) * sizeof(*x)) != 0)
		exit(1);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)ae_rng_normal(1, stream, i);
	return x;
}

static size_t before(size_t large, size_t small, size_t kernel, size_t stride)
{
	size_t needed = (small - 1) * stride + kernel;
	return needed > large ? (needed - large) / 2 : 0;
}

/* Calls for every product of the convolution with the places of its weight, large and small value in one block. */
typedef void product(void *arg, size_t w, size_t large, size_t small);

static void products(const struct ae_conv *c, product *fn, void *arg)
{
	for (size_t i = 0; i < c->small_height; i++)
		for (size_t j = 0; j < c->small_width; j++)
			for (size_t r = 0; r < c->kernel_height; r++)
				for (size_t s = 0; s < c->kernel_width; s++) {
					size_t y = i * c->stride_height + r - c->top,
					       x = j * c->stride_width + s - c->left;
					if (y >= c->height || x >= c->width)
						continue;
					for (size_t p = 0; p < c->channels; p++)
						for (size_t o = 0; o < c->small_channels; o++)
							fn(arg,
								((r * c->kernel_width + s) * c->channels + p) *
										c->small_channels +
									o,
								(y * c->width + x) * c->channels + p,
								(i * c->small_width + j) * c->small_channels + o);
				}
}

struct plain {
	const float *w, *large, *small;
	double *gradient, *made_large, *made_small;
	size_t lane;
};

static void plain_product(void *arg, size_t w, size_t large, size_t small)
{
	struct plain *p = arg;
	double x = (double)p->large[large * LANES + p->lane], y = (double)p->small[small * LANES + p->lane];
	p->made_small[small * LANES + p->lane] += (double)p->w[w] * x;
	p->made_large[large * LANES + p->lane] += (double)p->w[w] * y;
	p->gradient[w] += x * y;
}

static unsigned far(const float *got, const double *expected, const float *bias, size_t channels, size_t n, double most)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < n; i++) {
		double e = expected[i] + (bias ? (double)bias[i / LANES % channels] : 0);
		wrong += !(fabs((double)got[i] - e) <= most * (1 + fabs(e)));
	}
	return wrong;
}

typedef void make(
	float *y, const float *x, const struct ae_conv_epilogue *epilogue, const struct ae_conv *conv, size_t blocks);

/* What was reported so far, in a copy. */
struct heard {
	float *copy;
	const float *made;
	size_t pixel, values;
};

static void hear(void *arg, const float *y, size_t pixels)
{
	struct heard *heard = arg;
	size_t n = pixels * heard->pixel;
	memcpy(heard->copy + (y - heard->made), y, n * sizeof(*y));
	heard->values += n;
}

/* Every value is reported once, when it is made. */
static void check_told(const struct ae_kernels *set, make *fn, const float *x, size_t channels, size_t n,
	struct ae_conv_epilogue epilogue, const struct ae_conv *c)
{
	float *made = noise(n, 10);
	struct heard heard = {noise(n, 11), made, channels * set->lanes, 0};
	epilogue.on_tile = hear;
	epilogue.on_tile_arg = &heard;
	fn(made, x, &epilogue, c, BLOCKS * LANES / set->lanes);
	CHECK(heard.values == n && memcmp(made, heard.copy, n * sizeof(*made)) == 0, "%s: told %zu values of %zu",
		set->name, heard.values, n);
	free(made);
	free(heard.copy);
}

/* What is added up by channel and lane as y is made is what y holds, from the 2 that they held. */
static void check_lane_sums(const struct ae_kernels *set, const float *sums, const float *y, size_t channels, size_t n)
{
	size_t most = channels * set->lanes;
	unsigned wrong = 0;
	for (size_t k = 0; k < most; k++) {
		double sum = 2, size = 2;
		for (size_t i = k; i < n; i += most) {
			sum += (double)y[i];
			size += fabs((double)y[i]);
		}
		wrong += !(fabs((double)sums[k] - sum) <= 1e-5 * size);
	}
	CHECK(wrong == 0, "%s: %u of %zu sums of what is made are wrong", set->name, wrong, most);
}

/* An activation on the way out is one afterwards, by the value itself or by another of the same place. */
static void check_mask(const struct ae_kernels *set, make *fn, const float *plain, const float *x, const float *by,
	size_t channels, size_t n, struct ae_conv_epilogue epilogue, const struct ae_conv *c)
{
	float *got = noise(n, 9), sums[128 * 16];
	epilogue.relu = true;
	epilogue.negative_slope = 0.3F;
	epilogue.channel_sums = sums;
	for (int way = 0; way < 3; way++) { /* by another, by their own value, by what is in their place */
		unsigned wrong = 0;
		bool own = way == 1;
		epilogue.mask = way == 0 ? by : way == 1 ? NULL : got;
		if (way == 2)
			memcpy(got, by, n * sizeof(*got));
		for (size_t i = 0; i < channels * set->lanes; i++)
			sums[i] = 2;
		fn(got, x, &epilogue, c, BLOCKS * LANES / set->lanes);
		for (size_t i = 0; i < n; i++)
			wrong += got[i] != ((own ? plain : by)[i] > 0 ? plain[i] : plain[i] * 0.3F);
		CHECK(wrong == 0, "%s: %u of %zu masked values are wrong, %d", set->name, wrong, n, way);
		check_lane_sums(set, sums, got, channels, n);
	}
	free(got);
}

/* scale * y + (x_coef * mask + shift), relu by the same place and zero in the lanes from `rows` on. */
static void check_scale(const struct ae_kernels *set, make *fn, const float *plain, const float *x, const float *by,
	size_t channels, size_t n, struct ae_conv_epilogue epilogue, const struct ae_conv *c)
{
	float *got = noise(n, 9), *scale = noise(channels, 12), *x_coef = noise(channels, 13),
	      *shift = noise(channels, 14);
	size_t lanes = set->lanes, features = n / lanes / (BLOCKS * LANES / lanes);
	unsigned wrong = 0;
	epilogue.scale = scale;
	epilogue.x_coef = x_coef;
	epilogue.shift = shift;
	epilogue.mask = by;
	epilogue.negative_slope = 0.3F;
	epilogue.rows = BLOCKS * LANES - 5;
	fn(got, x, &epilogue, c, BLOCKS * LANES / lanes);
	for (size_t i = 0; i < n; i++) {
		size_t channel = i / lanes % channels, row = i / lanes / features * lanes + i % lanes;
		double a = (double)scale[channel] * (double)plain[i], b = (double)x_coef[channel] * (double)by[i];
		double e = row < epilogue.rows ? (a + b + (double)shift[channel]) * (by[i] > 0 ? 1 : 0.3) : 0;
		wrong += !(fabs((double)got[i] - e) <= 1e-6 * (1 + fabs(a) + fabs(b)));
	}
	CHECK(wrong == 0, "%s: %u of %zu scaled values are wrong", set->name, wrong, n);
	free(got);
	free(scale);
	free(x_coef);
	free(shift);
}

/* What taps add to the bias is the convolution of a channel of ones, and their sums are its gradient. */
static void check_taps(const struct ae_kernels *set, const struct ae_conv *c, const float *large, const float *small,
	const float *packed_forward, const float *packed_backward_data, bool transposed)
{
	struct ae_conv ones = *c;
	*(transposed ? &ones.small_channels : &ones.channels) = 1;
	size_t channels = transposed ? c->channels : c->small_channels,
	       taps_n = c->kernel_height * c->kernel_width * channels;
	size_t large_n = c->height * c->width * LANES, small_n = c->small_height * c->small_width * LANES;
	size_t ones_n = transposed ? small_n : large_n, out_n = (transposed ? large_n : small_n) * channels;
	size_t in_n = transposed ? small_n * c->small_channels : large_n * c->channels,
	       blocks = BLOCKS * LANES / set->lanes;
	const float *out = transposed ? large : small, *in = transposed ? small : large;
	float *taps = noise(taps_n, 15), *one = noise(ones_n, 16);
	double *gradient = calloc(taps_n, 8), *more = calloc(out_n, 8), *less = calloc(ones_n, 8);
	for (size_t i = 0; i < ones_n; i++)
		one[i] = 1;
	for (size_t b = 0; b < BLOCKS; b++)
		for (size_t lane = 0; lane < LANES; lane++) {
			struct plain p = {taps, transposed ? out + b * out_n : one, transposed ? one : out + b * out_n,
				gradient, transposed ? more : less, transposed ? less : more, lane};
			products(&ones, plain_product, &p);
		}
	float *x = blocks_for(set, in, in_n / LANES, BLOCKS * in_n),
	      *dy = blocks_for(set, out, out_n / LANES, BLOCKS * out_n);
	float *y[] = {noise(BLOCKS * out_n, 17), noise(BLOCKS * out_n, 18)};
	struct ae_conv_epilogue epilogue = {.packed_weights = transposed ? packed_backward_data : packed_forward};
	make *fn = transposed ? set->conv->backward_data : set->conv->forward;
	fn(y[0], x, &epilogue, c, blocks);
	epilogue.tap_bias = taps;
	fn(y[1], x, &epilogue, c, blocks);
	unsigned wrong = 0;
	for (size_t i = 0; i < out_n; i++) { /* of the first rows: all have the same ones, in both blocks of `more` */
		size_t at = blocks_place(i, out_n / LANES, set->lanes);
		double e = (double)y[0][at] + more[i] / BLOCKS;
		wrong += !(fabs((double)y[1][at] - e) <= 5e-5 * (1 + fabs(e)));
	}
	float *g = noise(taps_n * (transposed ? c->small_channels : c->channels), 19),
	      *sums = calloc(taps_n, sizeof(*sums));
	float *work = noise(ae_conv_workspace(c), 9), bias[128] = {0};
	struct ae_conv_gradients to = {.g = g, .bias = bias, .tap_sums = sums, .workspace = work};
	set->conv->weight_gradient(&to, transposed ? dy : x, transposed ? x : dy, c, transposed, blocks);
	wrong += far(sums, gradient, NULL, 1, taps_n, 2e-4);
	CHECK(wrong == 0, "%s: %zux%zux%zu to %zu by %zux%zu/%zux%zu, %d: %u taps are wrong", set->name, c->height,
		c->width, c->channels, c->small_channels, c->kernel_height, c->kernel_width, c->stride_height,
		c->stride_width, transposed, wrong);
	free(gradient);
	free(more);
	free(less);
	float *all[] = {taps, one, x, dy, y[0], y[1], g, sums, work};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]);
}

static void check_sums(const struct ae_kernels *set, const float *got, const float *x, size_t channels, size_t n)
{
	double sum[128] = {0};
	for (size_t i = 0; i < n; i++)
		sum[i / LANES % channels] += (double)x[i];
	for (size_t c = 0; c < channels; c++)
		CHECK(fabs((double)got[c] - sum[c]) <= 1e-3 * (1 + fabs(sum[c])), "%s: bias %zu: %g, expected %g",
			set->name, c, (double)got[c], sum[c]);
}

/* The images and weights of a convolution, what plain loops make of them, and what each set of kernels makes. */
struct images {
	const struct ae_conv *c;
	size_t large_features, small_features, large_n, small_n, w_n;
	float *w, *large, *small, *bias, *packed, *other, *g, *work;
	double *plain_large, *plain_small, *plain_gradient;
	float *y[SETS_MAX], *x[SETS_MAX];
};

static void make_images(struct images *m, const struct ae_conv *c)
{
	*m = (struct images){.c = c};
	m->large_features = c->height * c->width * c->channels;
	m->small_features = c->small_height * c->small_width * c->small_channels;
	m->large_n = BLOCKS * m->large_features * LANES;
	m->small_n = BLOCKS * m->small_features * LANES;
	m->w_n = c->kernel_height * c->kernel_width * c->channels * c->small_channels;
	m->w = noise(m->w_n, 1);
	m->large = noise(m->large_n, 2);
	m->small = noise(m->small_n, 3);
	m->bias = noise(128, 4);
	m->packed = noise(m->w_n, 5);
	m->other = noise(m->w_n, 5);
	m->g = noise(m->w_n, 6);
	m->work = noise(ae_conv_workspace(c), 9);
	m->plain_large = calloc(m->large_n, 8);
	m->plain_small = calloc(m->small_n, 8);
	m->plain_gradient = calloc(m->w_n, 8);
	for (size_t b = 0; b < BLOCKS; b++)
		for (size_t lane = 0; lane < LANES; lane++) {
			size_t large = b * m->large_features * LANES, small = b * m->small_features * LANES;
			struct plain p = {m->w, m->large + large, m->small + small, m->plain_gradient,
				m->plain_large + large, m->plain_small + small, lane};
			products(c, plain_product, &p);
		}
}

static void free_images(struct images *m)
{
	float *all[] = {m->w, m->large, m->small, m->bias, m->packed, m->other, m->g, m->work};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]);
	for (size_t i = 0; i < set_count; i++) {
		free(m->y[i]);
		free(m->x[i]);
	}
	free(m->plain_large);
	free(m->plain_small);
	free(m->plain_gradient);
}

/* Forward into y[i], backward-data into x[i], each with every epilogue. */
static void run_passes(struct images *m, size_t i, const float *in, const float *out)
{
	const struct ae_kernels *set = sets[i];
	const struct ae_conv_kernels *k = set->conv;
	const struct ae_conv *c = m->c;
	size_t blocks = BLOCKS * LANES / set->lanes;
	m->y[i] = noise(m->small_n, 7);
	m->x[i] = noise(m->large_n, 8);
	float *y = blocks_for(set, m->y[i], m->small_features, m->small_n),
	      *x = blocks_for(set, m->x[i], m->large_features, m->large_n);
	struct ae_conv_epilogue epilogue = {.packed_weights = m->packed, .bias = m->bias};
	k->pack_forward(m->packed, m->w, c);
	k->forward(y, in, &epilogue, c, blocks);
	check_mask(set, k->forward, y, in, out, c->small_channels, m->small_n, epilogue, c);
	check_told(set, k->forward, in, c->small_channels, m->small_n, epilogue, c);
	check_scale(set, k->forward, y, in, out, c->small_channels, m->small_n, epilogue, c);
	blocks_back(set, m->y[i], y, m->small_features, m->small_n);
	k->pack_backward_data(m->packed, m->w, c);
	epilogue.bias = NULL;
	k->backward_data(x, out, &epilogue, c, blocks);
	check_mask(set, k->backward_data, x, out, in, c->channels, m->large_n, epilogue, c);
	check_told(set, k->backward_data, out, c->channels, m->large_n, epilogue, c);
	check_scale(set, k->backward_data, x, out, in, c->channels, m->large_n, epilogue, c);
	k->pack_forward(m->other, m->w, c);
	check_taps(set, c, m->large, m->small, m->other, m->packed, false);
	check_taps(set, c, m->large, m->small, m->other, m->packed, true);
	blocks_back(set, m->x[i], x, m->large_features, m->large_n);
}

static void run_gradients(struct images *m, const struct ae_kernels *set, const float *in, const float *out)
{
	const struct ae_conv *c = m->c;
	float bias[2][128] = {0};
	for (int transposed = 1; transposed >= 0; transposed--) {
		struct ae_conv_gradients to = {.g = m->g, .bias = bias[!transposed], .workspace = m->work};
		memset(m->g, 0, m->w_n * sizeof(*m->g));
		set->conv->weight_gradient(&to, in, out, c, transposed, BLOCKS * LANES / set->lanes);
	}
	check_sums(set, bias[0], m->large, c->channels, m->large_n);
	check_sums(set, bias[1], m->small, c->small_channels, m->small_n);
}

static void check_images(const struct images *m, size_t i)
{
	const struct ae_conv *c = m->c;
	unsigned wrong[3] = {far(m->y[i], m->plain_small, m->bias, c->small_channels, m->small_n, 5e-5),
		far(m->x[i], m->plain_large, NULL, 1, m->large_n, 5e-5),
		far(m->g, m->plain_gradient, NULL, 1, m->w_n, 2e-4)};
	CHECK(wrong[0] + wrong[1] + wrong[2] == 0, "%s: %zux%zux%zu to %zu by %zux%zu/%zux%zu: %u, %u, %u wrong",
		sets[i]->name, c->height, c->width, c->channels, c->small_channels, c->kernel_height, c->kernel_width,
		c->stride_height, c->stride_width, wrong[0], wrong[1], wrong[2]);
}

static void check(const struct ae_conv *c)
{
	struct images m;
	size_t fused = SETS_MAX; /* the first set with fused multiply-add: the others have its bits */
	make_images(&m, c);
	for (size_t i = 0; i < set_count; i++) {
		float *in = blocks_for(sets[i], m.large, m.large_features, m.large_n),
		      *out = blocks_for(sets[i], m.small, m.small_features, m.small_n);
		run_passes(&m, i, in, out);
		run_gradients(&m, sets[i], in, out);
		free(in);
		free(out);
		check_images(&m, i);
		if (strcmp(sets[i]->name, "generic") == 0)
			continue;
		if (fused < SETS_MAX)
			CHECK(memcmp(m.y[i], m.y[fused], m.small_n * 4) == 0 &&
					memcmp(m.x[i], m.x[fused], m.large_n * 4) == 0,
				"%s and %s differ", sets[i]->name, sets[fused]->name);
		fused = i;
	}
	free_images(&m);
}

/* The same, with the padding of layers. */
static void check_shape(size_t height, size_t width, size_t channels, size_t small_channels, size_t kernel_height,
	size_t kernel_width, size_t stride_height, size_t stride_width)
{
	struct ae_conv c = {.height = height,
		.width = width,
		.channels = channels,
		.small_height = (height + stride_height - 1) / stride_height,
		.small_width = (width + stride_width - 1) / stride_width,
		.small_channels = small_channels,
		.kernel_height = kernel_height,
		.kernel_width = kernel_width,
		.stride_height = stride_height,
		.stride_width = stride_width};
	c.top = before(c.height, c.small_height, kernel_height, stride_height);
	c.left = before(c.width, c.small_width, kernel_width, stride_width);
	check(&c);
}

/* Height, width, channels, small channels; kernel and stride, height and width of each. */
struct shape {
	size_t image[4], kernel[2], stride[2];
};

static void check_shapes(const struct shape *shapes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct shape *s = &shapes[i];
		check_shape(s->image[0], s->image[1], s->image[2], s->image[3], s->kernel[0], s->kernel[1],
			s->stride[0], s->stride[1]);
	}
}
#define CHECK_SHAPES(shapes) check_shapes(shapes, sizeof(shapes) / sizeof((shapes)[0]))

/* So many channels and pixels that they are worked through in parts. */
static const struct shape large[] = {
	{{22, 140, 17, 18}, {3, 3}, {2, 2}},
	{{3, 20, 33, 67}, {3, 2}, {1, 1}},
	{{4, 300, 2, 5}, {3, 3}, {1, 1}},
	{{28, 28, 16, 8}, {3, 3}, {2, 2}},
	{{14, 14, 8, 8}, {3, 3}, {2, 2}},
	{{28, 28, 16, 1}, {3, 3}, {1, 1}},
	{{28, 28, 1, 16}, {3, 3}, {2, 2}},
	/* Beyond the second-level cache, with so few channels that a pixel is less than a cache line. */
	{{182, 182, 1, 2}, {3, 3}, {1, 1}},
	{{148, 148, 3, 1}, {3, 3}, {2, 2}},
	{{362, 91, 1, 1}, {3, 3}, {1, 1}},
};

static const struct shape series[] = {
	{{1, 288, 1, 32}, {1, 7}, {1, 2}},
	{{1, 144, 32, 16}, {1, 7}, {1, 2}},
	{{1, 72, 16, 16}, {1, 7}, {1, 2}},
	{{1, 288, 32, 1}, {1, 7}, {1, 1}},
	{{1, 1, 3, 5}, {1, 31}, {1, 1}},
	{{1, 1, 1, 1}, {1, 31}, {1, 31}},
	{{1, 100, 5, 9}, {1, 31}, {1, 1}},
	{{1, 101, 20, 1}, {1, 31}, {1, 2}},
	{{1, 61, 1, 20}, {1, 30}, {1, 31}},
	{{1, 97, 17, 3}, {1, 5}, {1, 12}},
	{{1, 64, 2, 2}, {1, 1}, {1, 31}},
	{{1, 5000, 8, 1}, {1, 9}, {1, 4}},
};

static const struct shape apart[] = {
	{{9, 14, 3, 5}, {3, 5}, {1, 2}},
	{{14, 9, 5, 3}, {5, 3}, {2, 1}},
	{{13, 11, 1, 4}, {2, 7}, {3, 5}},
	{{11, 13, 4, 1}, {7, 2}, {5, 3}},
	{{12, 7, 2, 1}, {8, 1}, {2, 1}},
	{{7, 9, 3, 2}, {31, 31}, {1, 1}},
	{{40, 3, 1, 2}, {31, 2}, {4, 1}},
	{{5, 33, 2, 18}, {1, 2}, {1, 16}},
	{{33, 5, 18, 2}, {2, 1}, {17, 1}},
	{{8, 6, 2, 3}, {1, 1}, {31, 31}},
	{{1, 1, 1, 1}, {2, 3}, {7, 5}},
	{{65, 2, 1, 1}, {4, 1}, {1, 1}},
	{{148, 148, 3, 1}, {3, 5}, {3, 1}},
};

int main(void)
{
	static const size_t channels[][2] = {{1, 1}, {1, 16}, {16, 1}, {3, 5}, {8, 7}, {13, 10}, {2, 33}};
	static const size_t sizes[][2] = {{1, 1}, {2, 3}, {7, 7}, {5, 14}, {9, 26}, {3, 80}};
	for (unsigned i = 0; ae_isa_name(i); i++)
		if (ae_isa_get(i))
			sets[set_count++] = ae_isa_get(i);
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#endif
		sets[set_count++] = &ae_kernels_wide;
	for (size_t stride = 1; stride <= 2; stride++) {
		for (size_t h = 1; h <= 7; h++)
			for (size_t w = 1; w <= 7; w++)
				for (size_t s = 0; s < 6; s++) {
					const size_t *ch = channels[(h + 2 * w + s) % 7];
					if (sizes[s][0] * sizes[s][1] * h * w * ch[0] * ch[1] <= 40000)
						check_shape(
							sizes[s][0], sizes[s][1], ch[0], ch[1], h, w, stride, stride);
				}
		check_group(stride == 1 ? "stride 1" : "stride 2");
	}
	CHECK_SHAPES(large);
	check_group("large");
	CHECK_SHAPES(series);
	check_group("series");
	CHECK_SHAPES(apart);
	check_group("kernels and strides of either axis");
	return check_done();
}
