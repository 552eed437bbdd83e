/* SPDX-License-Identifier: MIT */
/* Validation rows of a file of their own, brought to the order and the units of the training rows. */
#ifndef AE_CLI_VALIDATION_H
#define AE_CLI_VALIDATION_H

#include "cli/train_data.h"

/* How text that does not say whether it is scaled is taken, where the training rows are scaled. */
enum ae_validation_text {
	AE_VALIDATION_ASK,    /* as unscaled, but where its values look scaled that is an error */
	AE_VALIDATION_RAW,    /* as unscaled */
	AE_VALIDATION_SCALED, /* as scaled by their scaler */
};

/* Reads validation rows, as `input` says, with shape, features and units of the training rows: x is found by their
   names and comes in their order, and what is unscaled is scaled as they were, with a note where text did not say so.
   Rows of another scaler are refused. */
int ae_validation_read(struct ae_dataset *valid, const struct ae_dataset *train, const struct ae_train_input *input,
	const char *path, enum ae_validation_text text, struct ae_error *err) AE_MUST_CHECK;

#endif
