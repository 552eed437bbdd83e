/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use: inputs of unlike ranges, a loss that learned nothing, units that
   tell no row from another. Each is a sentence that the model keeps; nothing is printed here. */
#ifndef AE_MODEL_TRAINING_WARNINGS_H
#define AE_MODEL_TRAINING_WARNINGS_H

#include "model/model.h"
#include "train/session.h"

/* What they may take before them, "member 12 of 100: ". */
#define AE_MODEL_WHOSE_MAX 50

/* Columns whose ranges or magnitudes differ by this factor or more are unlike. */
#define AE_UNLIKE_RANGES 1000.0

/* Of a model with its input and settings, before it is trained on x rows that are not scaled: its columns (places of
   the last axis) are unlike, the widest and the narrowest by name. low[j] and high[j] are the range of column j, NaN
   aside; constant columns do not count. */
int ae_model_warn_ranges(struct ae_model *model, const double *low, const double *high, size_t columns,
	struct ae_error *err) AE_MUST_CHECK;

/* After ae_session_run and ae_model_measure_errors, which also gave the mean row, before ae_model_take_session: the
   loss on the training rows, or on the validation rows, is no better than that of giving every row the mean of the
   training rows. Reads as many rows as it takes to tell: few where much was learned. */
int ae_model_warn_loss(struct ae_model *model, struct ae_session *session, const struct ae_train_data *train,
	const struct ae_train_data *valid, const double *mean_row, struct ae_error *err) AE_MUST_CHECK;

/* Latent units that are constant over the training rows, or an output that is. Costs the first rows alone where there
   are none. */
int ae_model_warn_units(
	struct ae_model *model, const struct ae_train_data *train, int threads, struct ae_error *err) AE_MUST_CHECK;

#endif
