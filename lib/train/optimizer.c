/* SPDX-License-Identifier: MIT */
#include "train/optimizer.h"

#include <math.h>
#include <string.h>

static const struct {
	const char *name;
	size_t moments;
} rules[AE_OPTIMIZERS] = {[AE_ADAM] = {"adam", 2}, [AE_SGD] = {"sgd", 1}};

const char *ae_optimizer_name(enum ae_optimizer optimizer)
{
	return rules[optimizer].name;
}

int ae_optimizer_find(enum ae_optimizer *optimizer, const char *name, struct ae_error *err)
{
	for (int i = 0; i < AE_OPTIMIZERS; i++)
		if (strcmp(name, rules[i].name) == 0) {
			*optimizer = (enum ae_optimizer)i;
			return 0;
		}
	return ae_fail_usage(err, "unknown optimizer \"%s\": expected adam or sgd", name);
}

size_t ae_optimizer_moments(enum ae_optimizer optimizer)
{
	return rules[optimizer].moments;
}

struct ae_optim ae_optim_step(enum ae_optimizer optimizer, double lr, double decay, double momentum, uint64_t step)
{
	double rate = lr / (1 + decay * (double)step);
	double t = (double)step + 1;
	struct ae_optim optim = {.optimizer = optimizer, .rate = (float)rate, .momentum = (float)momentum};
	optim.adam.rate = (float)(rate * sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t)));
	optim.adam.beta1 = 0.9F;
	optim.adam.beta2 = 0.999F;
	optim.adam.epsilon = 1e-7F;
	return optim;
}

void ae_optim_apply(const struct ae_optim *optim, const struct ae_kernels *kernels, float *w, float *moment1,
	float *moment2, const float *g, size_t n)
{
	if (optim->optimizer == AE_ADAM)
		kernels->adam(w, moment1, moment2, g, n, &optim->adam);
	else
		kernels->sgd(w, moment1, g, n, optim->rate, optim->momentum);
}
