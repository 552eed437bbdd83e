/* SPDX-License-Identifier: MIT */
/* A training run as a program shows it: progress on standard error, the loss curve in a file, and a checkpoint on
   SIGINT and SIGTERM. */
#ifndef AE_CLI_TRAIN_PROGRESS_H
#define AE_CLI_TRAIN_PROGRESS_H

#include "cli/train_log.h"
#include "model/model.h"
#include "train/session.h"

struct ae_train_run {
	const char *program; /* its name, for what is printed on standard error */
	int threads;
	struct ae_train_data train, valid; /* valid.rows 0: none */
	uint64_t patience;                 /* 0: never stop early */
	struct ae_train_log *log;          /* for the loss curve; NULL: none. One that fails is told, and left */
	bool progress;                     /* a bar that is drawn over */
	bool lines;                        /* a line an epoch */
	bool summary;                      /* a line at the end: the last losses */
	const char *model;                 /* its file: the checkpoint gets owner and permissions of that */
	const char *checkpoint;            /* written on SIGINT and SIGTERM */
	bool strip;                        /* leave the optimiser's state out of the model */
};

/* An ensemble's members are trained one after the other, each as it would be alone; those that have no epochs left are
   left as they are, and the statistics are those of the averaged outputs.
   Trains model->net by the model's settings, from the optimiser's state in the model if there is one, and fills in the
   new state and the statistics of the training errors. Returns 0, or the number of the signal that stopped it: then the
   checkpoint holds the complete epochs. -1 and err on failure. Installs handlers for SIGINT and SIGTERM, which stay. */
int ae_train_run(struct ae_model *model, const struct ae_train_run *run, struct ae_error *err) AE_MUST_CHECK;

/* Writes the model into the file that was reserved. Where that fails, or the file is not what it was then (another
   program wrote it), the model gets the first free name of PATH.new, PATH.new.2 and so on, which is an error that says
   so: no training is lost, and no other program's model. `also` is another file that is written but for its name, or
   NULL: both get theirs, or none. */
int ae_train_save(const struct ae_model *model, struct ae_outfile *file, struct ae_outfile *also,
	struct ae_error *err) AE_MUST_CHECK;
/* For an error that comes before: the model gets such a name, and *err says which. -1. */
int ae_train_rescue(const struct ae_model *model, const struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;

#endif
