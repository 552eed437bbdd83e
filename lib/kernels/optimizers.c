/* SPDX-License-Identifier: MIT */
/* The optimisers, compiled once per instruction set. To add one: its function, and its row in the table at the end. */
#include "kernels/optimizers.h"

#include <string.h>

#include "kernels/simd.h"

/* Moments below this count as 0: they no longer change a weight, but as subnormal numbers, which those of a silent unit
   end as, they would slow every step down several times. */
#define NOTHING 0x1p-100F
#define BETA1 0.9F
#define BETA2 0.999F
#define EPSILON 1e-7F

/* Adam: Kingma and Ba, 2015, with epsilon outside the bias correction, as Keras has it. */
INLINE void adam_step(float *w, float *m, float *v, const float *g, float rate)
{
	vec gradient = load(g), m1 = fma_(splat(BETA1), load(m), splat(1 - BETA1) * gradient);
	vec v1 = fma_(splat(BETA2), load(v), splat(1 - BETA2) * (gradient * gradient));
	m1 = mask_and(~(abs_(m1) < splat(NOTHING)), m1);
	v1 = mask_and(~(v1 < splat(NOTHING)), v1);
	store(m, m1);
	store(v, v1);
	store(w, load(w) - splat(rate) * m1 / (sqrt_(v1) + splat(EPSILON)));
}

/* The last weights, which are less than a vector, take a step in a copy. */
static void adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g, size_t n,
	const struct ae_update *update)
{
	float last[4][W] = {{0}};
	size_t i = 0, size;
	for (; i + W <= n; i += W)
		adam_step(w + i, m + i, v + i, g + i, update->adam_rate);
	if ((size = (n - i) * sizeof(float)) == 0)
		return;
	memcpy(last[0], w + i, size);
	memcpy(last[1], m + i, size);
	memcpy(last[2], v + i, size);
	memcpy(last[3], g + i, size);
	adam_step(last[0], last[1], last[2], last[3], update->adam_rate);
	memcpy(w + i, last[0], size);
	memcpy(m + i, last[1], size);
	memcpy(v + i, last[2], size);
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
