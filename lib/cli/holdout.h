/* SPDX-License-Identifier: MIT */
/* The last rows that a training reads and does not see, kept whole for a threshold that is fitted on them. */
#ifndef AE_CLI_HOLDOUT_H
#define AE_CLI_HOLDOUT_H

#include "stream/reader.h"
#include "stream/spool.h"
#include "stream/writer.h"

/* All zero before ae_holdout_open. Freed with ae_holdout_free, which gives up a file that has not got its name. */
struct ae_holdout {
	struct ae_writer *writer;
	struct ae_schema schema; /* of all columns, marked held out */
	struct ae_spool *spool;  /* all rows that were read, in an unlinked temporary file */
	struct ae_buf taken;     /* uint64_t: which of them the data set took, in order */
};

/* Opens the output, which is AEST: no other format says that its rows were held out. */
int ae_holdout_open(struct ae_holdout *holdout, const char *path, struct ae_error *err) AE_MUST_CHECK;

/* From the data set: the header, each batch, and each row of it that was taken, by its place there, before the batch.
 */
int ae_holdout_begin(struct ae_holdout *holdout, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
int ae_holdout_take(struct ae_holdout *holdout, size_t row, struct ae_error *err) AE_MUST_CHECK;
int ae_holdout_batch(struct ae_holdout *holdout, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;

/* Writes the rows from `first` on, of those that were taken, as they came: all but the name of the file, which is
 *file then. */
int ae_holdout_write(
	struct ae_holdout *holdout, size_t first, struct ae_outfile **file, struct ae_error *err) AE_MUST_CHECK;
void ae_holdout_free(struct ae_holdout *holdout);

#endif
