/* SPDX-License-Identifier: MIT */
/* A whole training run: epochs, validation, patience, log and progress, into a model. What ae-train does between
   reading and writing. */
#ifndef AE_CLI_FIT_H
#define AE_CLI_FIT_H

#include "cli/dataset.h"
#include "model/model.h"
#include "model/scaler.h"
#include "train/trainer.h"

struct ae_fit_options {
	const char *program; /* its name, for what is printed on standard error */
	int threads;
	struct ae_train_data train, valid; /* valid.rows 0: none */
	uint64_t patience;                 /* 0: never stop early */
	const char *log;                   /* file for the loss curve, NULL: none */
	bool progress;                     /* a bar that is drawn over */
	bool lines;                        /* a line an epoch */
	const char *checkpoint;            /* where SIGINT and SIGTERM leave what was done, NULL: they are not caught */
	bool strip;                        /* leave the optimiser's state out of the model */
};

/* Rows [first, first + rows) of a data set as the trainer wants them. */
struct ae_train_data ae_fit_rows(const struct ae_dataset *dataset, size_t first, size_t rows);
/* Gives an empty model what the rows say of it: scaler, shape and names of x. */
int ae_fit_describe(struct ae_model *model, const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;
/* Checks that rows have the model's scaler, shape and names; for --resume. */
int ae_fit_check_same(
	const struct ae_model *model, const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;
/* Brings validation rows into the units of the training rows; another scaler than theirs is refused. */
int ae_fit_match_units(struct ae_dataset *valid, const struct ae_dataset *train, struct ae_error *err) AE_MUST_CHECK;
/* Copies the weights of another model's network, which must be the same one. */
int ae_fit_take_weights(struct ae_model *model, const struct ae_model *from, struct ae_error *err) AE_MUST_CHECK;
/* Checks that the network makes what target, or x where target has no name, holds. */
int ae_fit_check_output(const struct ae_net *net, const struct ae_column *x, const struct ae_column *target,
	struct ae_error *err) AE_MUST_CHECK;
/* Refuses values that the last activation cannot reach, unless forced. */
int ae_fit_check_range(
	const struct ae_net *net, const struct ae_dataset *dataset, bool force, struct ae_error *err) AE_MUST_CHECK;
/* Trains model->net, whose settings say how, and fills in the statistics of the training errors and the optimiser's
   state; goes on from the state that the model has. Returns 0, or the number of the signal that stopped it: then the
   checkpoint holds the epochs that were complete. -1 and err on failure. */
int ae_fit(struct ae_model *model, const struct ae_fit_options *options, struct ae_error *err) AE_MUST_CHECK;

#endif
