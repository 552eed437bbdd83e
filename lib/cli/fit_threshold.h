/* SPDX-License-Identifier: MIT */
/* ae-thresh --fit: from a stream of errors to a threshold in a file. */
#ifndef AE_CLI_FIT_THRESHOLD_H
#define AE_CLI_FIT_THRESHOLD_H

#include "cli/program.h"
#include "eval/truth.h"
#include "model/lineage.h"
#include "model/threshold.h"

struct ae_fit_options {
	const char *method; /* NULL: nothing is fitted */
	const char *save;
	struct ae_opt_list where;
	struct ae_labels truth;
	struct ae_threshold_rule rule; /* what method says */
	bool scaled;
};

/* Checks what --fit and the options that go with it say, and sets rule. */
int ae_fit_check(struct ae_fit_options *options, const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

/* Reads the errors, and prints the threshold as it puts it into common->model or options->save, unless that has changed
   meanwhile. */
int ae_fit_threshold(const struct ae_fit_options *options, const struct ae_program *program,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* The column of the score, and the lineage of its stream, all zero or in use before. */
int ae_err_lineage(
	struct ae_lineage *lineage, const struct ae_reader *reader, size_t *column, struct ae_error *err) AE_MUST_CHECK;
/* For a threshold and a stream of which only one says which model made its errors: an error, unless --scaled says that
   it was this model. */
int ae_check_vouched(const struct ae_fit_options *options, const char *model, const struct ae_reader *reader,
	struct ae_error *err) AE_MUST_CHECK;

#endif
