/* SPDX-License-Identifier: MIT */
/* Optimisers by name, and the numbers of a step. */
#include "train/optimizer.h"

#include <math.h>

#include "core/util.h"
#include "kernels/dispatch.h"

/* The portable kernels are always there. */
static const struct ae_optimizer *table(void)
{
	return ae_isa_get(0)->optimizers;
}

const char *ae_optimizer_name(size_t i)
{
	return table()[i].name;
}

const struct ae_optimizer *ae_optimizer_named(const char *name)
{
	int i = ae_word_find(name, ae_optimizer_name);
	return i >= 0 ? &table()[i] : NULL;
}

int ae_optimizer_find(size_t *index, const char *name, struct ae_error *err)
{
	return ae_word_index(index, "optimizer", name, ae_optimizer_name, err);
}

struct ae_update ae_update_at(double rate, double momentum, double weight_decay, uint64_t step)
{
	double t = (double)step + 1;
	return (struct ae_update){.rate = (float)rate,
		.adam_rate = (float)(rate * sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t))),
		.momentum = (float)momentum,
		.weight_decay = (float)weight_decay};
}
