/* SPDX-License-Identifier: MIT */
/* Statistics of batch normalisation, channel by channel, and the coefficients of its two passes. The layer applies them
   in passes over memory of its own; a convolution that it is fused into applies them in its kernels.
   Forward: z = (x - mean) inv_std, y = gamma z + beta = scale x + shift.
   Backward: dx = gamma inv_std (dy - mean(dy) - z mean(dy z)) = scale dy + (x_coef x + shift), means over the batch. */
#ifndef AE_NET_BATCHNORM_STATS_H
#define AE_NET_BATCHNORM_STATS_H

#include <stddef.h>

/* The weights, float[AE_BATCHNORM_WEIGHTS][channels]. */
enum ae_batchnorm_weights { AE_GAMMA, AE_BETA, AE_MEAN, AE_VARIANCE, AE_BATCHNORM_WEIGHTS };
/* batch_stats, double[AE_BATCH_STATS][channels]: mean and inv_std of the batch; scale and shift of the forward pass;
   the sums of dy and of dy z over the batch. */
enum ae_batchnorm_batch_stats {
	AE_BATCH_MEAN,
	AE_BATCH_INV_STD,
	AE_BATCH_SCALE,
	AE_BATCH_SHIFT,
	AE_BATCH_DY,
	AE_BATCH_DY_X,
	AE_BATCH_STATS
};

/* Sets channel c of n from the mean and the variance of the batch, all but the sums of the backward pass. */
void ae_batchnorm_set(double *batch, const float *weights, size_t c, size_t n, double mean, double variance);
/* scale[n] and shift[n] of the forward pass: by batch_stats, or where `batch` is NULL by the moving averages. */
void ae_batchnorm_forward_coefficients(float *scale, float *shift, const float *weights, const double *batch, size_t n);
/* scale[n], x_coef[n] and shift[n] of the backward pass, over a batch of `count` values a channel. */
void ae_batchnorm_backward_coefficients(
	float *scale, float *x_coef, float *shift, const float *weights, const double *batch, size_t n, double count);

#endif
