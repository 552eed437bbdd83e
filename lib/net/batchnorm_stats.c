/* SPDX-License-Identifier: MIT */
/* The formulas of batch normalisation: see the header. */
#include "net/batchnorm_stats.h"

#include <math.h>

#define EPSILON 1e-3

void ae_batchnorm_set(double *batch, const float *weights, size_t c, size_t n, double mean, double variance)
{
	double inv_std = 1 / sqrt(variance + EPSILON), gamma = (double)weights[AE_GAMMA * n + c];
	batch[AE_BATCH_MEAN * n + c] = mean;
	batch[AE_BATCH_INV_STD * n + c] = inv_std;
	batch[AE_BATCH_SCALE * n + c] = inv_std * gamma;
	batch[AE_BATCH_SHIFT * n + c] = (double)weights[AE_BETA * n + c] - mean * inv_std * gamma;
}

void ae_batchnorm_forward_coefficients(float *scale, float *shift, const float *weights, const double *batch, size_t n)
{
	for (size_t c = 0; c < n; c++) {
		double moving[AE_BATCH_STATS];
		const double *at = moving;
		size_t step = 1;
		if (batch) {
			at = batch + c;
			step = n;
		} else {
			const float one[] = {weights[AE_GAMMA * n + c], weights[AE_BETA * n + c]};
			ae_batchnorm_set(moving, one, 0, 1, (double)weights[AE_MEAN * n + c],
				(double)weights[AE_VARIANCE * n + c]);
		}
		scale[c] = (float)at[AE_BATCH_SCALE * step];
		shift[c] = (float)at[AE_BATCH_SHIFT * step];
	}
}

void ae_batchnorm_backward_coefficients(
	float *scale, float *x_coef, float *shift, const float *weights, const double *batch, size_t n, double count)
{
	for (size_t c = 0; c < n; c++) {
		double inv_std = batch[AE_BATCH_INV_STD * n + c], g = inv_std * (double)weights[AE_GAMMA * n + c];
		double b = -g * inv_std * batch[AE_BATCH_DY_X * n + c] / count;
		scale[c] = (float)g;
		x_coef[c] = (float)b;
		shift[c] = (float)(-g * batch[AE_BATCH_DY * n + c] / count - b * batch[AE_BATCH_MEAN * n + c]);
	}
}
