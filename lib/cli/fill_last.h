/* SPDX-License-Identifier: MIT */
/* Missing values of x become the last ones observed of the same element, in the rows of the same group. */
#ifndef AE_CLI_FILL_LAST_H
#define AE_CLI_FILL_LAST_H

#include "cli/filled.h"
#include "cli/series.h"
#include "model/model.h"

/* All zero, then ae_fill_last_start. Freed with ae_fill_last_free. */
struct ae_fill_last {
	struct ae_series series;
	struct ae_filled filled;
	const struct ae_column *x;
	size_t column;
	bool timed;  /* a value is older than --max-gap at some time */
	double *row; /* the values of one; made with the first */
	struct {
		uint64_t count;
		size_t row, element; /* of the latest one */
	} found;                     /* values of the batch that were filled */
	struct ae_data x_filled;
	struct ae_batch batch; /* that of the rows with it */
	size_t columns;        /* there is room for */
};

/* Checks the options, as ae_series_start, and lets the filter, whose state begins with *fill, keep what --state asks
   for and write what is rejected. Before the filter runs. */
int ae_fill_last_start(struct ae_fill_last *fill, const struct ae_program *program, const struct ae_common *common,
	const struct ae_series_options *options, struct ae_filter *filter, struct ae_error *err) AE_MUST_CHECK;
/* Each stream, before its rows. Without --group rows are told apart by the column by which the model does, if there is
   one; if there are several, --group must say. A stream of windows is an error: the rows of a series are wanted. Errors
   name the input. */
int ae_fill_last_begin(struct ae_fill_last *fill, const struct ae_reader *reader, const struct ae_model *model,
	struct ae_error *err) AE_MUST_CHECK;
/* A batch: *kept are the rows that --on-bad does not leave out, as they came, *out the same with x filled. Both live
   until the next call. */
int ae_fill_last_rows(struct ae_fill_last *fill, const struct ae_batch *in, const struct ae_batch **kept,
	const struct ae_batch **out, struct ae_error *err) AE_MUST_CHECK;
/* A filter's idle(). */
int ae_fill_last_idle(struct ae_fill_last *fill);
/* Notes after a run without an error. */
void ae_fill_last_note(const struct ae_fill_last *fill);
void ae_fill_last_free(struct ae_fill_last *fill);

#endif
