/* SPDX-License-Identifier: MIT */
/* What a network must beat: the loss of giving the same row, the mean of the training rows, whatever the input is. */
#ifndef AE_TRAIN_BASELINE_H
#define AE_TRAIN_BASELINE_H

#include "train/trainer.h"

/* The loss, by these settings, of the mean row of `train` against the rows of `rows`: their targets, or x where there
   are none, in rows of shape `out`. Missing values count as in training: not at all. Two passes over the rows. */
int ae_train_mean_row_loss(const struct ae_train_settings *settings, const struct ae_shape *out,
	const struct ae_train_data *train, const struct ae_train_data *rows, double *loss,
	struct ae_error *err) AE_MUST_CHECK;

#endif
