/* SPDX-License-Identifier: MIT */
/* What a network must beat: the loss of giving the same row, the mean of the training rows, whatever the input is. */
#ifndef AE_TRAIN_MEAN_ROW_H
#define AE_TRAIN_MEAN_ROW_H

#include "train/trainer.h"

/* The loss, by these settings, of one given row of shape `out` against every row of `data`: their targets, or x where
   there are none. Missing values count as in training: not at all; with the setting `trim` nor does that share of the
   rows, those of the largest losses, and all rows are read. Reads rows only until the loss is sure to be above
   `enough`, so a small `enough` costs little: *loss is then a lower bound above it, else exact. A loss that can be
   below 0, as bce of targets outside 0 to 1, is taken for one that cannot. */
int ae_train_row_loss(const struct ae_train_settings *settings, const struct ae_shape *out, const double *given,
	const struct ae_train_data *data, double enough, double *loss, struct ae_error *err) AE_MUST_CHECK;

#endif
