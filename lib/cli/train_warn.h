/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use: inputs of unlike ranges, and a loss that learned nothing. */
#ifndef AE_CLI_TRAIN_WARN_H
#define AE_CLI_TRAIN_WARN_H

#include "cli/dataset.h"
#include "cli/program.h"
#include "cli/train_progress.h"

/* Columns whose ranges or magnitudes differ by this factor or more are unlike. */
#define AE_UNLIKE_RANGES 1000.0

/* Notes that x is unscaled and its columns (places of its last axis) are unlike: the widest and the narrowest by name.
   Constant columns do not count, and u8 is not looked at. One pass over the rows. */
int ae_train_warn_ranges(const struct ae_dataset *dataset, const struct ae_program *program,
	const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

/* After ae_session_run and ae_model_measure_errors, which also gave the mean row, before ae_model_take_session: says on
   standard error if the loss on the training rows, or on the validation rows, is no better than that of giving every
   row the mean of the training rows. Reads as many rows as it takes to tell: few where much was learned. */
int ae_train_warn_loss(const struct ae_model *model, const struct ae_train_run *run, struct ae_session *session,
	const double *mean_row, struct ae_error *err) AE_MUST_CHECK;

/* Refuses an option that the optimiser does not use; momentum, which has long been accepted, is noted. */
int ae_train_check_optimizer(const struct ae_train_settings *settings, const struct ae_program *program,
	const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

#endif
