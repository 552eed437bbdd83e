/* SPDX-License-Identifier: MIT */
/* The optimisers, compiled once per instruction set. To add one: its function, and its row in the table at the end. */
#include "kernels/optimizers.h"

#include <math.h>

#include "kernels/simd.h"

/* Moments below this count as 0: they no longer change a weight, but as subnormal numbers, which those of a silent unit
   end as, they would slow every step down several times. */
#define NOTHING 0x1p-100F
#define BETA1 0.9F
#define BETA2 0.999F
#define EPSILON 1e-7F

/* Adam: Kingma and Ba, 2015, with epsilon outside the bias correction, as Keras has it. */
static void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g, size_t n,
	const struct ae_update *update)
{
	const struct ae_update s = *update;
	for (size_t i = 0; i < n; i++) {
		float m1 = fma_float(BETA1, m[i], (1 - BETA1) * g[i]);
		float v1 = fma_float(BETA2, v[i], (1 - BETA2) * (g[i] * g[i]));
		m[i] = fabsf(m1) < NOTHING ? 0 : m1;
		v[i] = v1 < NOTHING ? 0 : v1;
		w[i] -= s.adam_rate * m[i] / (sqrtf(v[i]) + EPSILON);
	}
}

/* AdamW: Loshchilov and Hutter, 2019. The weights decay by themselves, not by way of the moments. */
static void adamw(float *restrict w, float *restrict m, float *restrict v, const float *restrict g, size_t n,
	const struct ae_update *update)
{
	const float decay = update->rate * update->weight_decay;
	for (size_t i = 0; i < n; i++)
		w[i] = fma_float(-decay, w[i], w[i]);
	adam(w, m, v, g, n, update);
}

/* velocity = momentum * velocity - rate * g; w += velocity. */
static void sgd(float *restrict w, float *restrict velocity, float *unused, const float *restrict g, size_t n,
	const struct ae_update *update)
{
	(void)unused;
	const struct ae_update s = *update;
	for (size_t i = 0; i < n; i++) {
		velocity[i] = fma_float(s.momentum, velocity[i], -(s.rate * g[i]));
		w[i] += velocity[i];
	}
}

#define AE_OPTIMIZER_TABLE JOIN(AE_KERNELS, _optimizers)
extern const struct ae_optimizer AE_OPTIMIZER_TABLE[];
const struct ae_optimizer AE_OPTIMIZER_TABLE[] = {
	{.name = "adam", .moments = 2, .apply = adam},
	{.name = "sgd", .moments = 1, .takes_momentum = true, .apply = sgd},
	{.name = "adamw", .moments = 2, .decays_weights = true, .apply = adamw},
	{0},
};
