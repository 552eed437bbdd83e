/* SPDX-License-Identifier: MIT */
/* Losses by name. A row's loss is a sum over its values; what is reported is the mean over all values. */
#ifndef AE_TRAIN_LOSS_H
#define AE_TRAIN_LOSS_H

#include "core/error.h"
#include "kernels/kernels.h"

/* "mse", "mae", "huber". */
const char *ae_loss_name(enum ae_loss loss);
/* A usage error that lists the names if there is no such loss. */
int ae_loss_find(enum ae_loss *loss, const char *name, struct ae_error *err) AE_MUST_CHECK;

#endif
