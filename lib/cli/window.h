/* SPDX-License-Identifier: MIT */
/* What windows are made of: the options of ae-window, or the step of a model. */
#ifndef AE_CLI_WINDOW_H
#define AE_CLI_WINDOW_H

#include "cli/prepare.h"
#include "cli/series.h"
#include "model/window_step.h"

/* Options fill what is before `own`; the rest is zero. Freed with ae_window_free. */
struct ae_window {
	uint64_t size, stride;
	bool drop;                  /* rows without a window are left out */
	struct ae_own_step own;     /* of -m */
	struct ae_window_step step; /* what it says */
};

/* Checks that size, stride, group and max-gap are given or come from the model of -m, and reads that. */
int ae_window_start(struct ae_window *window, const struct ae_program *program, struct ae_common *common,
	struct ae_error *err) AE_MUST_CHECK;
/* For each stream, before ae_series_begin: takes them from the model where they come from there, and finds the column
   x, of which windows can be made. Errors do not name the input. */
int ae_window_begin(struct ae_window *window, struct ae_series *series, const struct ae_reader *reader, size_t *x,
	struct ae_error *err) AE_MUST_CHECK;
/* Makes the lineage of a stream of windows from that of its rows. */
int ae_window_record(const struct ae_window *window, const struct ae_series *series, struct ae_schema *out,
	struct ae_error *err) AE_MUST_CHECK;
/* The numbers of observed values in the last rows, of the type of x, one a row: that of the row at `place` becomes
   n_obs. Returns the sum. */
double ae_window_observed(
	const struct ae_window *window, unsigned char *counts, enum ae_type type, uint64_t place, double n_obs);
void ae_window_free(struct ae_window *window);

#endif
