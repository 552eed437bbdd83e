/* SPDX-License-Identifier: MIT */
/* The rows of ae-train: those to train on, to validate on, and those that are held out for a threshold. */
#ifndef AE_CLI_TRAIN_ROWS_H
#define AE_CLI_TRAIN_ROWS_H

#include "cli/holdout.h"
#include "cli/train_options.h"

/* All zero; freed with ae_train_rows_free. */
struct ae_train_rows {
	struct ae_dataset all;
	struct ae_dataset valid;   /* of the file of --valid */
	struct ae_holdout holdout; /* for --calibrate; opened before */
	size_t seen;               /* the first so many are for training and validation: those behind are held out */
};

/* Reads them, and the file of --valid. Features are found by the names that the model of --resume knows, or that of
   --init; both may be NULL. */
int ae_train_rows_read(struct ae_train_rows *rows, const struct ae_train_arguments *options,
	const struct ae_program *program, const struct ae_model *resumed, const struct ae_model *init, char **files,
	size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Sets `seen`, and the rows of options->run, by --valid and --calibrate. */
int ae_train_rows_divide(
	struct ae_train_rows *rows, struct ae_train_arguments *options, struct ae_error *err) AE_MUST_CHECK;
/* Whether the output of the model can be like them. */
int ae_train_rows_check(const struct ae_train_rows *rows, const struct ae_train_arguments *options,
	const struct ae_model *model, struct ae_error *err) AE_MUST_CHECK;
void ae_train_rows_free(struct ae_train_rows *rows);

#endif
