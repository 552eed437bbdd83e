/* SPDX-License-Identifier: MIT */
/* A picture as a script for gnuplot: what pictures of all kinds share. */
#ifndef AE_PLOT_GNUPLOT_SCRIPT_H
#define AE_PLOT_GNUPLOT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/util.h"

enum ae_picture_format { AE_PICTURE_TEXT, AE_PICTURE_PNG, AE_PICTURE_SVG };

/* The name of format i, NULL beyond the last. */
const char *ae_picture_format_name(size_t i);
/* The format of that name; where name is NULL, the one that the suffix of path says, and text for standard output (path
   NULL or "-"). Anything else is a usage error that speaks of -O and -o. */
int ae_picture_format_find(
	enum ae_picture_format *format, const char *name, const char *path, struct ae_error *err) AE_MUST_CHECK;

#define AE_GNUPLOT_BLUE "#1f77b4"
#define AE_GNUPLOT_RED "#d62728"
#define AE_GNUPLOT_CORAL "#f08080"
#define AE_GNUPLOT_GRAY "#707070"
/* Colour i of a series of things side by side. */
const char *ae_gnuplot_color(size_t i);

/* All zero but for format and size; freed with ae_gnuplot_free. Memory that runs out is kept in mind until
   ae_gnuplot_finish. */
struct ae_gnuplot_script {
	enum ae_picture_format format;
	unsigned columns, lines; /* what text may take */
	struct ae_buf commands;
	struct ae_buf text; /* instead of a script: text as it is */
	bool failed;
	struct ae_error error;
};

/* Begins the script: a picture of so many pixels, for text of the size given. */
void ae_gnuplot_begin(struct ae_gnuplot_script *script, unsigned width, unsigned height);
/* Adds to the script. */
void ae_gnuplot_add(struct ae_gnuplot_script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds len bytes as a quoted string that can be nothing but text: one line, valid UTF-8, not too long, and with
   apostrophes of another kind. */
void ae_gnuplot_quote(struct ae_gnuplot_script *script, const char *text, size_t len);
/* Adds a number, or NaN, and what comes after it. */
void ae_gnuplot_number(struct ae_gnuplot_script *script, double value, const char *after);
/* Title and names of axes, each NULL for none. */
void ae_gnuplot_titles(struct ae_gnuplot_script *script, const char *title, const char *x, const char *y);

/* Appends text as one line of valid UTF-8 of at most `most` characters; *count is how many. */
int ae_text_clean(struct ae_buf *out, const char *text, size_t len, size_t most, size_t *count,
	struct ae_error *err) AE_MUST_CHECK;

/* Has gnuplot draw the picture, unless there is text, and writes it to path as ae_outfile_open does: whole or not at
   all. Errors are what was kept in mind, gnuplot's own, or of the file. */
int ae_gnuplot_write(struct ae_gnuplot_script *script, const char *path, struct ae_error *err) AE_MUST_CHECK;
void ae_gnuplot_free(struct ae_gnuplot_script *script);

#endif
