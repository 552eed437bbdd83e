/* SPDX-License-Identifier: MIT */
/* Scripts for gnuplot, built piece by piece: what charts of all kinds share. */
#ifndef AE_PLOT_GNUPLOT_SCRIPT_H
#define AE_PLOT_GNUPLOT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/outfile.h"
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
/* Colour i of a series; they repeat after ten. */
const char *ae_gnuplot_color(size_t i);

/* A script under construction. Start from zero, then set format, columns and lines; freed with ae_gnuplot_free. The
   functions that add to it do not return errors: the first one is kept in `error` and returned by ae_gnuplot_write. */
struct ae_gnuplot_script {
	enum ae_picture_format format;
	unsigned columns, lines; /* size of the picture as text, in characters */
	struct ae_buf commands;
	struct ae_buf text; /* if not empty, this text is the picture, and gnuplot is not needed */
	bool failed;
	struct ae_error error;
};

/* Begins the script with the format, the size (in pixels, or as text columns and lines) and the style of all charts. */
void ae_gnuplot_begin(struct ae_gnuplot_script *script, unsigned width, unsigned height);
/* Adds commands. Text from outside goes through ae_gnuplot_quote. */
void ae_gnuplot_add(struct ae_gnuplot_script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds len bytes as a quoted string that gnuplot cannot take for anything else: one line of valid UTF-8, at most 120
   characters, with typographic apostrophes. */
void ae_gnuplot_quote(struct ae_gnuplot_script *script, const char *text, size_t len);
/* Adds a number, with the digits that read back, or NaN if it is not finite; then `after`. */
void ae_gnuplot_number(struct ae_gnuplot_script *script, double value, const char *after);
/* Adds the title and the names of the axes, each NULL for none. */
void ae_gnuplot_titles(struct ae_gnuplot_script *script, const char *title, const char *x, const char *y);

/* Appends the first `most` characters of text as one line of valid UTF-8: control characters become spaces, bytes that
   are no UTF-8 question marks. *count is how many characters there are. */
int ae_text_clean(struct ae_buf *out, const char *text, size_t len, size_t most, size_t *count,
	struct ae_error *err) AE_MUST_CHECK;

/* Has gnuplot draw the picture, unless there is text, and writes it into a file that was reserved, and is spent then:
   whole or not at all. Errors are the first one of the script, gnuplot's, or the file's. */
int ae_gnuplot_write(struct ae_gnuplot_script *script, struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;
void ae_gnuplot_free(struct ae_gnuplot_script *script);

#endif
