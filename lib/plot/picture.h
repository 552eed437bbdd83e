/* SPDX-License-Identifier: MIT */
/* The format and the size of a picture, as options say them. */
#ifndef AE_PLOT_PICTURE_H
#define AE_PLOT_PICTURE_H

#include "plot/gnuplot_script.h"

/* Strings may be NULL. */
struct ae_picture_options {
	const char *format; /* its name; NULL: what the suffix of path says, text for standard output */
	const char *path;   /* NULL or "-": standard output */
	const char *size;   /* WxH */
	double scale;       /* NaN: 1 */
};

/* The name of format i, NULL beyond the last. */
const char *ae_picture_format_name(size_t i);
/* Sets the script's format and size. What is wrong in the options is a usage error. */
int ae_picture_open(
	struct ae_gnuplot_script *script, const struct ae_picture_options *options, struct ae_error *err) AE_MUST_CHECK;
/* The size of the terminal of standard output, less a column and a line; false if there is none, or it does not say. */
bool ae_picture_terminal(unsigned *columns, unsigned *lines);
/* Sets the size as text to that, or the least one; to one of 80x24 without a terminal. */
void ae_picture_fit_terminal(struct ae_gnuplot_script *script);

#endif
