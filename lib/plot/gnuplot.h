/* SPDX-License-Identifier: MIT */
/* Runs gnuplot as a child process, without a shell and without settings of the user or the system. */
#ifndef AE_PLOT_GNUPLOT_H
#define AE_PLOT_GNUPLOT_H

#include "core/util.h"

/* Runs the script and appends what gnuplot writes on standard output to `picture`. gnuplot is found in PATH. The call
   waits for it to end; it starts with SIGTERM and SIGPIPE unblocked and at their defaults. If gnuplot is not installed,
   fails, is ended by a signal or writes nothing, that is an error, with gnuplot's own words if it had any. */
int ae_gnuplot_run(struct ae_buf *picture, const struct ae_buf *script, struct ae_error *err) AE_MUST_CHECK;

#endif
