/* SPDX-License-Identifier: MIT */
/* The loss curve of a training, in a file. What the file fails with costs the log, not the training. */
#ifndef AE_CLI_TRAIN_LOG_H
#define AE_CLI_TRAIN_LOG_H

#include <stdbool.h>

#include "core/outfile.h"
#include "train/session.h"

/* `file` is reserved as one in place, the rest zero. */
struct ae_train_log {
	struct ae_outfile file; /* spent once the log has failed */
	bool failed;
	struct ae_error error; /* which it failed with */
};

/* Opens it and writes the header: with the column member for an ensemble. */
int ae_train_log_begin(struct ae_train_log *log, bool ensemble, struct ae_error *err) AE_MUST_CHECK;
/* A row for a complete epoch; member is its number, or empty. True if the log fails by it; from then on nothing is
   written. */
bool ae_train_log_epoch(struct ae_train_log *log, const struct ae_session_report *report, const char *member);
/* After the model was written, as `model` unless that is NULL: -1 if the log is not whole, and *err says where the
   model is. */
int ae_train_log_end(struct ae_train_log *log, const char *model, struct ae_error *err) AE_MUST_CHECK;

#endif
