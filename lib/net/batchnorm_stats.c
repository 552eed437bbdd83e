/* SPDX-License-Identifier: MIT */
#include "net/batchnorm_stats.h"

#include <math.h>

#define EPSILON 1e-3

void ae_normal_meet(double *batch, const float *weights, size_t c, size_t n, double mean, double variance)
{
	double rate = 1 / sqrt(variance + EPSILON), gamma = (double)weights[AE_GAMMA * n + c];
	batch[AE_BATCH_MEAN * n + c] = mean;
	batch[AE_BATCH_RATE * n + c] = rate;
	batch[AE_BATCH_SCALE * n + c] = rate * gamma;
	batch[AE_BATCH_SHIFT * n + c] = (double)weights[AE_BETA * n + c] - mean * rate * gamma;
}

void ae_normal_forward(float *scale, float *shift, const float *weights, const double *batch, size_t n)
{
	for (size_t c = 0; c < n; c++) {
		double moving[AE_NORMAL_BATCH];
		const double *at = moving;
		size_t step = 1;
		if (batch) {
			at = batch + c;
			step = n;
		} else {
			const float one[] = {weights[AE_GAMMA * n + c], weights[AE_BETA * n + c]};
			ae_normal_meet(moving, one, 0, 1, (double)weights[AE_MEAN * n + c],
				(double)weights[AE_VARIANCE * n + c]);
		}
		scale[c] = (float)at[AE_BATCH_SCALE * step];
		shift[c] = (float)at[AE_BATCH_SHIFT * step];
	}
}

/* dx = gamma * rate * (dy - mean of dy - x^ * mean of dy x^), x^ being the normalised x. */
void ae_normal_back(
	float *scale, float *lean, float *shift, const float *weights, const double *batch, size_t n, double count)
{
	for (size_t c = 0; c < n; c++) {
		double rate = batch[AE_BATCH_RATE * n + c], g = rate * (double)weights[AE_GAMMA * n + c];
		double b = -g * rate * batch[AE_BATCH_DY_X * n + c] / count;
		scale[c] = (float)g;
		lean[c] = (float)b;
		shift[c] = (float)(-g * batch[AE_BATCH_DY * n + c] / count - b * batch[AE_BATCH_MEAN * n + c]);
	}
}
