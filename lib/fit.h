/* A whole training run: epochs, validation, patience, log and progress, into a model. What ae-train does between
   reading and writing. */
#ifndef AE_FIT_H
#define AE_FIT_H

#include "dataset.h"
#include "model.h"
#include "scaler.h"
#include "train.h"

struct ae_fit_options {
	const char *program; /* its name, for what is printed on standard error */
	int threads;
	struct ae_train_data train, valid; /* valid.rows 0: none */
	uint64_t patience;                 /* 0: never stop early */
	const char *log;                   /* file for the loss curve, NULL: none */
	bool progress;                     /* a bar that is drawn over */
	bool lines;                        /* a line an epoch */
};

/* Rows [first, first + rows) of a data set as the trainer wants them. */
struct ae_train_data ae_fit_rows(const struct ae_dataset *dataset, size_t first, size_t rows);
/* Replaces the values of a column by scaled ones. */
int ae_fit_scale(const struct ae_scaler *scaler, struct ae_column *column, struct ae_data *data, size_t rows,
	struct ae_error *err) AE_MUST_CHECK;
/* Refuses values that the last activation cannot reach, unless forced. */
int ae_fit_check_range(
	const struct ae_net *net, const struct ae_dataset *dataset, bool force, struct ae_error *err) AE_MUST_CHECK;
/* Trains model->net, whose settings say how, and fills in the statistics of the training errors and the optimiser's
   state. */
int ae_fit(struct ae_model *model, const struct ae_fit_options *options, struct ae_error *err) AE_MUST_CHECK;

#endif
