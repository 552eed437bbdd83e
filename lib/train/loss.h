/* SPDX-License-Identifier: MIT */
/* Losses by name; the table is kernels/losses.c. The first row is the default. All functions may be called from any
   thread. */
#ifndef AE_TRAIN_LOSS_H
#define AE_TRAIN_LOSS_H

#include "core/error.h"
#include "kernels/losses.h"

/* The i-th name, NULL after the last (an ae_words). */
const char *ae_loss_name(size_t i);
/* NULL if there is none of this name. Its block() is the portable one: right for all but speed. */
const struct ae_loss *ae_loss_named(const char *name);
/* The index of a loss, the same in every instruction set's table; NULL is the first. A usage error that lists the names
   if there is no such loss. */
int ae_loss_find(size_t *index, const char *name, struct ae_error *err) AE_MUST_CHECK;

#endif
