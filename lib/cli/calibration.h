/* SPDX-License-Identifier: MIT */
/* The errors of a whole stream, which a threshold is fitted on. */
#ifndef AE_CLI_CALIBRATION_H
#define AE_CLI_CALIBRATION_H

#include "cli/calibration_groups.h"
#include "cli/program.h"
#include "eval/label_counts.h"
#include "eval/truth.h"
#include "model/threshold.h"
#include "stream/reader.h"
#include "stream/where.h"

/* Start from zero, with `truth`, `classes` and the name of `groups` set. Freed with ae_calibration_free. */
struct ae_calibration {
	struct ae_labels truth; /* borrowed; where it is set, rows of anomalies are left out, or with */
	bool classes;           /* are kept by themselves */
	struct ae_calibration_groups groups;
	struct ae_threshold_sample sample; /* in the order of the rows, until ae_threshold_fit */
	struct ae_label_counts labels;     /* of their rows */
	uint64_t without;                  /* rows left out since they have no score */
	uint64_t unlabelled;               /* rows left out since they have no label, where truth is set */
	size_t beyond;                     /* errors of 1e30 and more, as readings beyond f32 have */

	/* Private: */
	struct ae_buf first_beyond;      /* where the first of them stands, "e.csv: line 3", with its NUL */
	struct ae_label_counts seen;     /* of all rows, where truth is set */
	struct ae_buf normal, anomalies; /* hold the sample */
};

/* Reads all streams to their end and takes the errors in this column (of type f64) of the rows for which `where` holds.
   Streams of unlike lineage, or one that stopped before its end, are an error. */
int ae_calibration_read(struct ae_calibration *calibration, struct ae_reader *reader, size_t column,
	struct ae_where *where, struct ae_error *err) AE_MUST_CHECK;
/* An error if a label is given that no row has; and one that names the first row whose error is 1e30 or more, if there
   is one and the rule takes the mean. */
int ae_calibration_check(const struct ae_calibration *calibration, const struct ae_threshold_rule *rule,
	struct ae_error *err) AE_MUST_CHECK;
/* Notes rows left out, and rows of more than one label. */
void ae_calibration_note_rows(
	const struct ae_calibration *calibration, const struct ae_program *program, const struct ae_common *common);
/* The same, and errors of 1e30 and more, and a threshold fitted on them which they
   do not bear out: errors without spread, or more than half of them at or above it. */
void ae_calibration_note(const struct ae_calibration *calibration, const struct ae_threshold *threshold,
	const struct ae_program *program, const struct ae_common *common);
enum { AE_CALIBRATION_TEXT = 1500 };
/* The threshold fitted on them, and the labels of its rows. Returns text. */
char *ae_calibration_format(
	const struct ae_calibration *calibration, const struct ae_threshold *threshold, char text[AE_CALIBRATION_TEXT]);
void ae_calibration_free(struct ae_calibration *calibration);

#endif
