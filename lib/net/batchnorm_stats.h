/* SPDX-License-Identifier: MIT */
/* What batch normalisation knows of a batch, and what follows from it, channel by channel. The layer does it over
   memory; a convolution behind it does it on its way. */
#ifndef AE_NET_BATCHNORM_STATS_H
#define AE_NET_BATCHNORM_STATS_H

#include <stddef.h>

/* The weights, one of each for every channel. */
enum ae_batchnorm_weights { AE_GAMMA, AE_BETA, AE_MEAN, AE_VARIANCE, AE_BATCHNORM_WEIGHTS };
/* Of a batch, doubles, one of each for every channel: its mean and 1 / deviation; scale and shift of its normalised
   values; the sums of dy, and of dy by the normalised x, dy being the gradient by those values. */
enum ae_batchnorm_batch_stats {
	AE_BATCH_MEAN,
	AE_BATCH_INV_STD,
	AE_BATCH_SCALE,
	AE_BATCH_SHIFT,
	AE_BATCH_DY,
	AE_BATCH_DY_X,
	AE_BATCH_STATS
};

/* Channel c of n under the batch's mean and variance. */
void ae_batchnorm_set(double *batch, const float *weights, size_t c, size_t n, double mean, double variance);
/* y = scale x + shift: the batch's, or where that is NULL of the moving mean and variance. */
void ae_batchnorm_forward_coefficients(float *scale, float *shift, const float *weights, const double *batch, size_t n);
/* The gradient by x is scale dy + (lean x + shift), over a batch of `count` values a channel. */
void ae_batchnorm_backward_coefficients(
	float *scale, float *x_coef, float *shift, const float *weights, const double *batch, size_t n, double count);

#endif
