/* SPDX-License-Identifier: MIT */
/* The one door to gnuplot: runs it as a child, without a shell and without anybody's settings. */
#ifndef AE_PLOT_GNUPLOT_H
#define AE_PLOT_GNUPLOT_H

#include "core/util.h"

/* Has gnuplot carry out a script and appends what it writes on standard output to picture. That it is not installed, or
   does not like the script, is an error with its own words. */
int ae_gnuplot_run(struct ae_buf *picture, const struct ae_buf *script, struct ae_error *err) AE_MUST_CHECK;

#endif
