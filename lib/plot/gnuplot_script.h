/* SPDX-License-Identifier: MIT */
/* Scripts for gnuplot, built piece by piece: what charts of all kinds share. */
#ifndef AE_PLOT_GNUPLOT_SCRIPT_H
#define AE_PLOT_GNUPLOT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/outfile.h"
#include "core/util.h"

enum ae_picture_format { AE_PICTURE_TEXT, AE_PICTURE_PNG, AE_PICTURE_SVG };
/* The most pixels each way: then a PNG takes a gigabyte to draw. */
enum { AE_PICTURE_PIXELS = 16000 };
/* An SVG that ae_gnuplot_resize makes this wide or less has fewer ticks: `narrow` is defined in its script. */
enum { AE_GNUPLOT_NARROW = 480 };

/* The look of all charts, in one place. The colours are those of Okabe and Ito, which the colour-blind tell apart too;
   blue and orange are different greys in print. Curves that lie over each other differ in their dashes as well. */
#define AE_GNUPLOT_BLUE "#0072b2"
#define AE_GNUPLOT_ORANGE "#e69f00"
#define AE_GNUPLOT_GREEN "#009e73"
#define AE_GNUPLOT_VERMILION "#d55e00"
#define AE_GNUPLOT_SKY "#56b4e9"
#define AE_GNUPLOT_PURPLE "#cc79a7"
#define AE_GNUPLOT_YELLOW "#f0e442"
#define AE_GNUPLOT_BLACK "#000000"
#define AE_GNUPLOT_GRAY "#707070"
/* Properties of lines. */
#define AE_LINE_FIRST "linewidth 1.8 linecolor '" AE_GNUPLOT_BLUE "'"
#define AE_LINE_SECOND "linewidth 1.8 dashtype 2 linecolor '" AE_GNUPLOT_ORANGE "'"
#define AE_LINE_THRESHOLD "linewidth 2 dashtype 2 linecolor '" AE_GNUPLOT_BLACK "'"
#define AE_LINE_CHANCE "linewidth 1 dashtype 2 linecolor '" AE_GNUPLOT_GRAY "'"
/* Of areas: what differs between two curves, and a stretch of rows. */
#define AE_FILL_ERROR "fillstyle solid 1 noborder linecolor '#dcdcdc'"
#define AE_FILL_STRETCH "fillstyle solid 1 noborder linecolor '#fbe6bf'"
/* Of numbers: darker is more, in grey too. */
#define AE_GNUPLOT_PALETTE                                                                                             \
	"set palette defined (0 '#d8e8f4', 0.35 '" AE_GNUPLOT_SKY "', 0.65 '" AE_GNUPLOT_BLUE "', 1 '#001a33')\n"
/* Colour i of a series; they repeat after ten. */
const char *ae_gnuplot_color(size_t i);

/* A script under construction. Start from zero, then ae_picture_open (plot/picture.h); freed with ae_gnuplot_free. The
   functions that add to it do not return errors: the first one is kept in `error` and returned by ae_gnuplot_write. */
struct ae_gnuplot_script {
	enum ae_picture_format format;
	unsigned columns, lines; /* size of the picture as text, in characters */
	unsigned width, height;  /* else in pixels, of which `scale` are drawn for one; 0 before ae_gnuplot_begin: */
	double scale;            /* as the chart wants */
	struct ae_buf title;     /* the accessible name, of an SVG */
	bool titled;             /* and it is drawn */
	struct ae_buf commands;
	struct ae_buf text; /* if not empty, this text is the picture, and gnuplot is not needed */
	bool failed;
	struct ae_error error;
};

/* Begins the script with the format, the size and the style of all charts. `width` and `height` are in pixels, where no
   option says another size; afterwards the script has those that hold. */
void ae_gnuplot_begin(struct ae_gnuplot_script *script, unsigned width, unsigned height);
/* The same script for another size, of an SVG: it may be drawn again. */
int ae_gnuplot_resize(
	struct ae_gnuplot_script *script, unsigned width, unsigned height, struct ae_error *err) AE_MUST_CHECK;
/* Adds commands. Text from outside goes through ae_gnuplot_quote. */
void ae_gnuplot_add(struct ae_gnuplot_script *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds len bytes as a quoted string that gnuplot cannot take for anything else: one line of valid UTF-8, at most 120
   characters, with typographic apostrophes. */
void ae_gnuplot_quote(struct ae_gnuplot_script *script, const char *text, size_t len);
/* Adds a number, with the digits that read back, or NaN if it is not finite; then `after`. */
void ae_gnuplot_number(struct ae_gnuplot_script *script, double value, const char *after);
/* Adds the title, the first one of a script. */
void ae_gnuplot_title(struct ae_gnuplot_script *script, const char *title, size_t len);
/* Adds the title and the names of the axes, each NULL for none; a name may be of several lines. Without a title a
 * picture is called "Y by X". */
void ae_gnuplot_titles(struct ae_gnuplot_script *script, const char *title, const char *x, const char *y);

/* Properties of a point that stands out: a disk, in text "o". */
const char *ae_gnuplot_dot(const struct ae_gnuplot_script *script);

/* As ae_text_clean, but of a longer text both ends, with dots for its middle. */
int ae_text_shorten(struct ae_buf *out, const char *text, size_t len, size_t most, struct ae_error *err) AE_MUST_CHECK;
/* Appends the first `most` characters of text as one line of valid UTF-8: control characters become spaces, bytes that
   are no UTF-8 question marks. *count is how many characters there are. */
int ae_text_clean(struct ae_buf *out, const char *text, size_t len, size_t most, size_t *count,
	struct ae_error *err) AE_MUST_CHECK;

/* Has gnuplot draw the picture, unless there is text, and appends the bytes of a whole PNG, SVG or text file. */
int ae_gnuplot_picture(struct ae_gnuplot_script *script, struct ae_buf *picture, struct ae_error *err) AE_MUST_CHECK;
/* Has gnuplot draw the picture, unless there is text, and writes it into a file that was reserved, and is spent then:
   whole or not at all. Errors are the first one of the script, gnuplot's, or the file's. */
int ae_gnuplot_write(struct ae_gnuplot_script *script, struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;
void ae_gnuplot_free(struct ae_gnuplot_script *script);

#endif
