/* SPDX-License-Identifier: MIT */
/* Warnings of training (model/training_warnings.h), which the model keeps: printed too, unless asked to be quiet, which
   gives the same model. */
#ifndef AE_CLI_TRAIN_WARN_H
#define AE_CLI_TRAIN_WARN_H

#include "cli/dataset.h"
#include "cli/program.h"
#include "cli/train_progress.h"

/* Before training: warns that x is unscaled and its columns are unlike, in the first `rows` rows, from which the
   weights learn. u8 is not looked at. One pass over the rows. */
int ae_train_warn_ranges(struct ae_model *model, const struct ae_dataset *dataset, size_t rows,
	const struct ae_program *program, const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

/* As ae_model_warn_loss and ae_model_warn_units, each sentence after `whose`, which may be "". */
int ae_train_warn_trained(struct ae_model *model, const struct ae_train_run *run, struct ae_session *session,
	const char *whose, const double *mean_row, struct ae_error *err) AE_MUST_CHECK;

/* Refuses an option that the optimiser does not use; momentum, which has long been accepted, is noted. */
int ae_train_check_optimizer(const struct ae_train_settings *settings, const struct ae_program *program,
	const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

#endif
