/* SPDX-License-Identifier: MIT */
/* Layer normalisation over the last axis (Ba, Kiros and Hinton 2016), as Keras's LayerNormalization: for every pixel of
   a row y = gamma (x - mean) / sqrt(variance + 0.001) + beta, mean and variance being those of its channels.
   Sums are in double precision, in the order of the channels, without fused multiply-add: the same bits on every
   processor. */
#include <math.h>
#include <string.h>

#include "net/layer.h"

#define EPSILON 1e-3
/* Lanes worked on together; all kernels have a multiple of them. */
#define GROUP 4

/* The weights are gamma[channels] and beta[channels], and so are a slice's partials. */
static int bind(struct ae_layer *layer, struct ae_error *err)
{
	(void)err;
	struct ae_shape channels = ae_shape_vector(ae_layer_channels(layer));
	layer->out = layer->in;
	layer->params = 2;
	layer->param[0] =
		(struct ae_layer_param){.name = "gamma", .shape = channels, .init = AE_INIT_ONE, .trained = true};
	layer->param[1] = (struct ae_layer_param){.name = "beta", .shape = channels, .trained = true};
	layer->weights = layer->partials = 2 * ae_shape_size(&channels);
	layer->gradient_multiple = 1;
	return 0;
}

struct moments {
	double mean[GROUP], inv_std[GROUP];
};

/* x is the first of n channels of a pixel, each `lanes` floats after the one before. */
static struct moments moments_of(const float *x, size_t n, size_t lanes)
{
	struct moments m = {0};
	double squares[GROUP] = {0};
	for (size_t c = 0; c < n; c++)
		for (size_t l = 0; l < GROUP; l++)
			m.mean[l] += (double)x[c * lanes + l];
	for (size_t l = 0; l < GROUP; l++)
		m.mean[l] /= (double)n;
	for (size_t c = 0; c < n; c++)
		for (size_t l = 0; l < GROUP; l++) {
			double d = (double)x[c * lanes + l] - m.mean[l];
			squares[l] += d * d;
		}
	for (size_t l = 0; l < GROUP; l++)
		m.inv_std[l] = 1 / sqrt(squares[l] / (double)n + EPSILON);
	return m;
}

static void forward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_channels(layer), pixels = at->blocks * ae_layer_pixels(layer), lanes = at->kernels->lanes;
	const float *gamma = at->weights, *beta = gamma + n;
	for (size_t i = 0; i < pixels * n * lanes; i += n * lanes)
		for (size_t first = i; first < i + lanes; first += GROUP) {
			struct moments m = moments_of(at->x + first, n, lanes);
			for (size_t c = 0; c < n; c++)
				for (size_t l = 0; l < GROUP; l++) {
					size_t k = first + c * lanes + l;
					double z = ((double)at->x[k] - m.mean[l]) * m.inv_std[l];
					at->y[k] = (float)((double)gamma[c] * z + (double)beta[c]);
				}
		}
}

/* The sums over the channels that dx needs, of gamma dy and of gamma dy z, and the pixel's part of the weight gradient,
   with z = (x - mean) inv_std: dgamma += dy z, dbeta += dy. dy is 0 in the lanes that are padding. */
static void add_gradient(const struct ae_layer *layer, const struct ae_layer_blocks *at, size_t first,
	const struct moments *m, double sum[GROUP], double product[GROUP])
{
	size_t n = ae_layer_channels(layer), lanes = at->kernels->lanes;
	const float *gamma = at->weights;
	float *dgamma = at->partials, *dbeta = dgamma + n;
	for (size_t c = 0; c < n; c++) {
		double dy[GROUP], dyz[GROUP];
		for (size_t l = 0; l < GROUP; l++) {
			size_t k = first + c * lanes + l;
			dy[l] = (double)at->dy[k];
			dyz[l] = dy[l] * (((double)at->x[k] - m->mean[l]) * m->inv_std[l]);
			sum[l] += (double)gamma[c] * dy[l];
			product[l] += (double)gamma[c] * dyz[l];
		}
		dgamma[c] += (float)((dyz[0] + dyz[1]) + (dyz[2] + dyz[3]));
		dbeta[c] += (float)((dy[0] + dy[1]) + (dy[2] + dy[3]));
	}
}

/* dx = inv_std (gamma dy - mean(gamma dy) - z mean(gamma dy z)), means over the channels of a pixel. */
static void backward(const struct ae_layer *layer, const struct ae_layer_blocks *at)
{
	size_t n = ae_layer_channels(layer), pixels = at->blocks * ae_layer_pixels(layer), lanes = at->kernels->lanes;
	const float *gamma = at->weights;
	memset(at->partials, 0, layer->partials * sizeof(float));
	for (size_t i = 0; i < pixels * n * lanes; i += n * lanes)
		for (size_t first = i; first < i + lanes; first += GROUP) {
			struct moments m = moments_of(at->x + first, n, lanes);
			double sum[GROUP] = {0}, product[GROUP] = {0};
			add_gradient(layer, at, first, &m, sum, product);
			for (size_t c = 0; at->dx && c < n; c++)
				for (size_t l = 0; l < GROUP; l++) {
					size_t k = first + c * lanes + l;
					double z = ((double)at->x[k] - m.mean[l]) * m.inv_std[l];
					double d = (double)gamma[c] * (double)at->dy[k];
					at->dx[k] = (float)((d - (sum[l] + z * product[l]) / (double)n) * m.inv_std[l]);
				}
		}
}

const struct ae_layer_ops ae_layer_layernorm = {
	.name = "layernorm",
	.flags = AE_LAYER_FIRST | AE_LAYER_FOLLOWS | AE_LAYER_BACKWARD_IN_PLACE | AE_LAYER_BACKWARD_NEEDS_INPUT,
	.parse = ae_layer_parse_plain,
	.bind = bind,
	.forward = forward,
	.backward = backward,
	.weight_gradient = ae_layer_sum_partials,
};
