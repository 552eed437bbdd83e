#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layer.h"

#define MOMENTUM 0.99F
#define EPSILON 1e-3
/* The weights, one of each for every channel. */
enum { GAMMA, BETA, MEAN, VARIANCE, WEIGHTS };
/* A slice's share, and after the meeting the batch's: doubles, one of each for every channel. */
enum { SUM, SQUARES, SHARES };
/* What a batch knows: its mean and 1 / deviation, then the sums that backward() needs. */
enum { BATCH_MEAN, BATCH_RATE, BATCH_DY, BATCH_DY_X, BATCH };

static size_t channels_of(const struct ae_layer *layer)
{
	return layer->in.rank ? layer->in.dim[layer->in.rank - 1] : 1;
}

static int read(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err)
{
	(void)words;
	(void)n;
	if (value)
		return ae_fail_usage(err, "\"batchnorm:%s\": batchnorm takes no value", value);
	*used = 0;
	snprintf(layer->text, sizeof(layer->text), "batchnorm");
	return 0;
}

static int bind(struct ae_layer *layer, struct ae_error *err)
{
	static const char *const names[WEIGHTS] = {"gamma", "beta", "mean", "variance"};
	(void)err;
	size_t channels = channels_of(layer);
	layer->out = layer->in;
	layer->params = WEIGHTS;
	for (size_t i = 0; i < WEIGHTS; i++)
		layer->param[i] = (struct ae_layer_param){.name = names[i],
			.shape = ae_shape_vector(channels),
			.init = i == GAMMA || i == VARIANCE ? AE_INIT_ONE : AE_INIT_ZERO,
			.trained = i == GAMMA || i == BETA};
	layer->weights = WEIGHTS * channels;
	layer->grain = 1;
	layer->share = SHARES * channels * sizeof(double) / sizeof(float) + (channels + 2) / 2 * 2;
	layer->whole = BATCH * channels * sizeof(double) / sizeof(float);
	layer->scratch = 2 * channels;
	layer->rows_min = ae_shape_size(&layer->in) == channels ? 2 : 1;
	return 0;
}

static double *doubles(const void *floats)
{
	return (double *)floats;
}

/* y = rate * x + shift */
static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = channels_of(layer), pixels = ae_shape_size(&layer->in) / n;
	const float *w = at->weights;
	const double *whole = doubles(at->whole);
	float *rate = at->scratch, *shift = rate + n;
	for (size_t c = 0; c < n; c++) {
		double mean = whole ? whole[BATCH_MEAN * n + c] : (double)w[MEAN * n + c];
		double r = whole ? whole[BATCH_RATE * n + c] : 1 / sqrt((double)w[VARIANCE * n + c] + EPSILON);
		rate[c] = (float)(r * (double)w[GAMMA * n + c]);
		shift[c] = (float)((double)w[BETA * n + c] - mean * r * (double)w[GAMMA * n + c]);
	}
	at->kernels->channel->scale(at->y, at->x, rate, shift, at->blocks * pixels, n);
}

/* What sums are taken about, behind them, and whether it is known yet. */
static float *about_of(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	return at->share + SHARES * channels_of(layer) * sizeof(double) / sizeof(float);
}

static void share_begin(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	memset(at->share, 0, layer->share * sizeof(float));
}

/* Sums about the slice's first values, which keeps the squares small, or in backward() about the batch's mean. */
static void share_piece(
	const struct ae_layer *layer, const struct ae_layer_blocks *at, const float *piece, size_t pixels)
{
	size_t n = channels_of(layer), lanes = at->kernels->lanes, block = ae_shape_size(&layer->in) * lanes;
	size_t first = (size_t)(piece - (at->dy ? at->dy : at->x)), row = first / block * lanes;
	const double *whole = doubles(at->whole);
	double *share = doubles(at->share);
	float *about = about_of(layer, at), *known = about + n;
	for (size_t c = 0; *known == 0 && c < n; c++)
		about[c] = at->dy ? (float)whole[BATCH_MEAN * n + c] : piece[c * lanes];
	*known = 1;
	size_t rows = at->rows - row < lanes ? at->rows - row : lanes;
	at->kernels->channel->moments(
		share, share + n, at->x + first, at->dy ? piece : NULL, about, pixels, n, at->dy ? lanes : rows);
}

static void share_all(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t pixels = ae_shape_size(&layer->in) / channels_of(layer);
	if (at->watched)
		return;
	share_begin(layer, at);
	for (size_t b = 0; b < at->blocks; b++)
		share_piece(layer, at, (at->dy ? at->dy : at->x) + ae_layer_floats(at, &layer->in) / at->blocks * b,
			pixels);
}

static void share_forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = channels_of(layer), pixels = ae_shape_size(&layer->in) / n;
	double *share = doubles(at->share);
	const float *about = about_of(layer, at);
	share_all(layer, at);
	/* Mean, and squares about it. */
	double count = (double)at->rows * (double)pixels;
	for (size_t c = 0; c < n; c++) {
		double mean = share[SUM * n + c] / count;
		share[SQUARES * n + c] -= mean * mean * count;
		share[SUM * n + c] = (double)about[c] + mean;
	}
}

/* Chan, Golub and LeVeque's rule for joining means and squares. */
static void meet_forward(const struct ae_layer *layer, const struct ae_layer_meeting *at)
{
	size_t n = channels_of(layer), pixels = ae_shape_size(&layer->in) / n;
	double *whole = doubles(at->whole);
	for (size_t c = 0; c < n; c++) {
		double count = 0, mean = 0, squares = 0;
		for (size_t s = 0; s < at->slices; s++) {
			const double *share = doubles(at->shares + s * layer->share);
			size_t left = at->rows - s * at->slice_rows;
			double more = (double)(left < at->slice_rows ? left : at->slice_rows) * (double)pixels;
			double apart = share[SUM * n + c] - mean;
			mean += apart * more / (count + more);
			squares += share[SQUARES * n + c] + apart * apart * count * more / (count + more);
			count += more;
		}
		double variance = squares > 0 ? squares / count : 0;
		whole[BATCH_MEAN * n + c] = mean;
		whole[BATCH_RATE * n + c] = 1 / sqrt(variance + EPSILON);
		float *moving = at->weights + MEAN * n + c;
		moving[0] += (1 - MOMENTUM) * ((float)mean - moving[0]);
		moving[n] += (1 - MOMENTUM) * ((float)variance - moving[n]);
	}
}

static void meet_backward(const struct ae_layer *layer, const struct ae_layer_meeting *at)
{
	size_t n = channels_of(layer);
	double *whole = doubles(at->whole);
	for (size_t c = 0; c < n; c++) {
		double sum = 0, product = 0;
		for (size_t s = 0; s < at->slices; s++) {
			const double *share = doubles(at->shares + s * layer->share);
			sum += share[SUM * n + c];
			product += share[SQUARES * n + c];
		}
		double rate = whole[BATCH_RATE * n + c], off = whole[BATCH_MEAN * n + c];
		off -= (double)(float)off; /* share_backward() worked about the rounded mean */
		whole[BATCH_DY * n + c] = sum;
		whole[BATCH_DY_X * n + c] = (product - off * sum) * rate;
	}
}

/* dx = gamma * rate * (dy - mean of dy - x^ * mean of dy x^), x^ being the normalised x. */
static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = channels_of(layer), pixels = ae_shape_size(&layer->in) / n;
	size_t lanes = at->kernels->lanes;
	const double *whole = doubles(at->whole);
	if (!at->dx)
		return;
	double count = (double)at->batch_rows * (double)pixels;
	float below = layer->fold.input ? (float)layer->fold.input_slope : 1;
	float *scale = at->scratch, *slope = scale + n, *shift = at->share;
	for (size_t c = 0; c < n; c++) {
		double rate = whole[BATCH_RATE * n + c], g = rate * (double)at->weights[GAMMA * n + c];
		double b = -g * rate * whole[BATCH_DY_X * n + c] / count;
		scale[c] = (float)g;
		slope[c] = (float)b;
		shift[c] = (float)(-g * whole[BATCH_DY * n + c] / count - b * whole[BATCH_MEAN * n + c]);
	}
	for (size_t b = 0; b < at->blocks; b++) {
		size_t first = b * pixels * n * lanes;
		size_t rows = at->rows - b * lanes < lanes ? at->rows - b * lanes : lanes;
		at->kernels->channel->scale_both(
			at->dx + first, at->dy + first, at->x + first, scale, slope, shift, pixels, n, rows, below);
	}
}

static void gradient(const struct ae_layer *layer, const struct ae_layer_gradient *at)
{
	size_t n = channels_of(layer);
	const double *whole = doubles(at->whole);
	for (size_t i = at->from; i < at->to; i++)
		at->g[i - at->from] = (float)(i < n ? whole[BATCH_DY_X * n + i] : whole[BATCH_DY * n + i - n]);
}

const struct ae_layer_kind ae_layer_batchnorm = {
	.name = "batchnorm",
	.starts = true,
	.follows = true,
	.folds_input = true,
	.in_place_back = true,
	.read = read,
	.bind = bind,
	.share_forward = share_forward,
	.meet_forward = meet_forward,
	.share_begin = share_begin,
	.share_piece = share_piece,
	.forward = forward,
	.share_backward = share_all,
	.meet_backward = meet_backward,
	.backward = backward,
	.gradient = gradient,
};
