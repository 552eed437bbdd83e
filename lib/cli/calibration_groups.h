/* SPDX-License-Identifier: MIT */
/* The errors of each group of rows, which a threshold of its own is fitted on. */
#ifndef AE_CLI_CALIBRATION_GROUPS_H
#define AE_CLI_CALIBRATION_GROUPS_H

#include "cli/program.h"
#include "model/threshold.h"
#include "stream/groups.h"

/* Start from zero, with the column's name as --group gives it, or NULL: then nothing is done. Freed with
   ae_calibration_groups_free. */
struct ae_calibration_groups {
	const char *name;

	/* Private: */
	const struct ae_schema *in;
	size_t column;
	struct ae_groups *groups;
	size_t few, same, unfit; /* groups that have no threshold of their own */
	char why[500];           /* of the first unfit one */
	size_t most;             /* groups whose own calls most of their rows anomalies */
	char first[200];         /* of these */
};

/* For each stream: finds the column. Errors do not name the input. */
int ae_calibration_groups_begin(
	struct ae_calibration_groups *groups, const struct ae_schema *in, struct ae_error *err) AE_MUST_CHECK;
/* Takes the error of a row. */
int ae_calibration_groups_add(struct ae_calibration_groups *groups, const struct ae_batch *batch, size_t row,
	double error, bool anomaly, struct ae_error *err) AE_MUST_CHECK;
/* Fills the empty *out. A group of fewer than AE_GROUP_ROWS normal rows, whose errors have no spread, or to which the
   rule cannot be fitted, has no entry. */
int ae_calibration_groups_fit(struct ae_calibration_groups *groups, struct ae_threshold_groups *out,
	const struct ae_threshold_rule *rule, struct ae_error *err) AE_MUST_CHECK;
/* Notes how many groups have no threshold of their own, and how many one that is of no use. */
void ae_calibration_groups_note(const struct ae_calibration_groups *groups, const struct ae_threshold *threshold,
	const struct ae_program *program, const struct ae_common *common);
void ae_calibration_groups_free(struct ae_calibration_groups *groups);

#endif
