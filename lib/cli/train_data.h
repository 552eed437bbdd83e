/* SPDX-License-Identifier: MIT */
/* The rows of a data set as training takes them, and the checks that model, rows and validation rows fit. */
#ifndef AE_CLI_TRAIN_DATA_H
#define AE_CLI_TRAIN_DATA_H

#include "cli/dataset.h"
#include "model/model.h"
#include "train/trainer.h"

/* Rows [first, first + rows) of a data set, which keeps them. */
struct ae_train_data ae_train_data_rows(const struct ae_dataset *dataset, size_t first, size_t rows);
/* Fills in an empty model what the rows determine: scaler, shape and names of x. */
int ae_train_data_describe(
	struct ae_model *model, const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;
/* Checks that rows have the model's scaler, shape and names; for --resume. */
int ae_train_data_check_same(
	const struct ae_model *model, const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;
/* Scales unscaled validation rows as the training rows were; rows of another scaler are refused. */
int ae_train_data_match_units(
	struct ae_dataset *valid, const struct ae_dataset *train, struct ae_error *err) AE_MUST_CHECK;
/* Checks that the network's output has the size of target, or of x where target has no name. */
int ae_train_data_check_output(const struct ae_net *net, const struct ae_column *x, const struct ae_column *target,
	struct ae_error *err) AE_MUST_CHECK;
/* Refuses values that the last activation cannot reach, unless forced. */
int ae_train_data_check_range(
	const struct ae_net *net, const struct ae_dataset *dataset, bool force, struct ae_error *err) AE_MUST_CHECK;

#endif
