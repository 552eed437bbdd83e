/* SPDX-License-Identifier: MIT */
/* The options of ae-train, and the checks that need nothing but them. */
#ifndef AE_CLI_TRAIN_OPTIONS_H
#define AE_CLI_TRAIN_OPTIONS_H

#include "cli/opt.h"
#include "cli/train_data.h"
#include "cli/train_progress.h"

struct ae_train_arguments {
	struct ae_common common;
	struct ae_opt_list where;
	struct ae_train_settings settings;
	struct ae_net_option net;
	struct ae_train_run run;
	const char *valid, *init, *resume, *log;
	double valid_share;        /* the fraction of the rows that --valid says, 0 where it is a file or absent */
	double calibrate;          /* the fraction that is held out, 0: none */
	const char *calibrate_out; /* where it goes */
	bool force, scaled;
};

/* Checks them, and fills in what follows from them: valid_share, settings.mask and all of run but rows, log and
   checkpoint. */
int ae_train_options_check(
	struct ae_train_arguments *options, const struct ae_program *program, struct ae_error *err) AE_MUST_CHECK;

/* Reads the model of --init. One that was trained with --missing mask has its place taken by such a one, unless
   --missing says otherwise, which is noted. */
int ae_train_read_init(struct ae_model **model, struct ae_train_arguments *options, const struct ae_program *program,
	struct ae_error *err) AE_MUST_CHECK;

#endif
