/* SPDX-License-Identifier: MIT */
/* The losses, compiled once per instruction set. To add one: its function, and its row in the table at the end. */
#include "kernels/losses.h"

#include "kernels/simd.h"

/* A loss of the difference alone, v = y - t in single and d in double precision: its gradient with respect to v, and
   its value. */
#define LOSS(name, gradient, value)                                                                                    \
	static void name(double *sum, float *dy, const float *y, const float *t, size_t n, size_t rows, float scale,   \
		float delta)                                                                                           \
	{                                                                                                              \
		(void)delta;                                                                                           \
		ints mask;                                                                                             \
		for (size_t i = 0; i < W; i++)                                                                         \
			mask[i] = i < rows ? -1 : 0;                                                                   \
		wide total[2] = {*(const mem_wide *)sum, *(const mem_wide *)(sum + W / 2)};                            \
		for (size_t f = 0; f < n * W; f += W) {                                                                \
			vec v = load(y + f) - load(t + f);                                                             \
			store(dy + f, keep(mask, gradient));                                                           \
			for (size_t h = 0; h < 2; h++) {                                                               \
				half part = load_half(y + f + h * W / 2) - load_half(t + f + h * W / 2);               \
				wide d = __builtin_convertvector(part, wide);                                          \
				total[h] += value;                                                                     \
			}                                                                                              \
		}                                                                                                      \
		*(mem_wide *)sum = total[0];                                                                           \
		*(mem_wide *)(sum + W / 2) = total[1];                                                                 \
	}

LOSS(mse, splat(2 * scale) * v, d *d)
LOSS(mae, pick(v > splat(0), splat(scale), keep(v < splat(0), splat(-scale))), wide_abs(d))
LOSS(huber, splat(scale) * clamp(v, -delta, delta),
	wide_pick(wide_abs(d) <= (double)delta, d *d * 0.5, (wide_abs(d) - 0.5 * (double)delta) * (double)delta))

#define AE_LOSS_TABLE JOIN(AE_KERNELS, _losses)
extern const struct ae_loss AE_LOSS_TABLE[];
const struct ae_loss AE_LOSS_TABLE[] = {
	{.name = "mse", .metric = "mse", .block = mse},
	{.name = "mae", .metric = "mae", .block = mae},
	/* Huber tends to the absolute error far from 0, where it matters. */
	{.name = "huber", .metric = "mae", .block = huber},
	{0},
};
