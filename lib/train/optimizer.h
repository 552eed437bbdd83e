/* SPDX-License-Identifier: MIT */
/* Optimisers by name; the table is kernels/optimizers.c. The first row is the default. All functions may be called from
   any thread. */
#ifndef AE_TRAIN_OPTIMIZER_H
#define AE_TRAIN_OPTIMIZER_H

#include <stdint.h>

#include "core/error.h"
#include "kernels/optimizers.h"

/* The i-th name, NULL after the last (an ae_words). */
const char *ae_optimizer_name(size_t i);
/* NULL if there is none of this name. Its apply() is the portable one: right for all but speed. */
const struct ae_optimizer *ae_optimizer_named(const char *name);
/* The index of an optimiser, the same in every instruction set's table; NULL is the first. A usage error that lists the
   names if there is no such optimiser. */
int ae_optimizer_find(size_t *index, const char *name, struct ae_error *err) AE_MUST_CHECK;

/* A step's numbers from its learning rate and the number of steps done before it. */
struct ae_update ae_update_at(double rate, double momentum, double weight_decay, uint64_t step);

#endif
