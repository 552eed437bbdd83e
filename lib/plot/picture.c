/* SPDX-License-Identifier: MIT */
/* The table of formats, and sizes: of pixels, of text, of a terminal. */
#include "plot/picture.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TEXT_COLUMNS = 79, TEXT_LINES = 24, COLUMNS_LEAST = 40, LINES_LEAST = 12, TEXT_MOST = 1000 };
enum { PIXELS_LEAST = 100 };

static const struct {
	const char *name, *suffix;
	enum ae_picture_format format;
} formats[] = {{"png", ".png", AE_PICTURE_PNG}, {"svg", ".svg", AE_PICTURE_SVG}, {"text", ".txt", AE_PICTURE_TEXT}};
enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const char *ae_picture_format_name(size_t i)
{
	return i < FORMATS ? formats[i].name : NULL;
}

static bool is_named(const char *path)
{
	return path && strcmp(path, "-") != 0;
}

static int find_format(enum ae_picture_format *format, const char *name, const char *path, struct ae_error *err)
{
	const char *suffix = is_named(path) ? strrchr(path, '.') : ".txt";
	for (size_t i = 0; i < FORMATS; i++)
		if (name ? strcmp(name, formats[i].name) == 0 : suffix && strcasecmp(suffix, formats[i].suffix) == 0) {
			*format = formats[i].format;
			return 0;
		}
	if (name)
		return ae_fail_word(err, "output format", name, ae_picture_format_name);
	return ae_fail_usage(err, "-o %s: expected a name in .png, .svg or .txt, or -O", path);
}

bool ae_picture_terminal(unsigned *columns, unsigned *lines)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2)
		return false;
	*columns = size.ws_col - 1U;
	*lines = size.ws_row - 1U;
	return true;
}

void ae_picture_fit_terminal(struct ae_gnuplot_script *script)
{
	unsigned columns, lines;
	bool is_one = ae_picture_terminal(&columns, &lines);
	script->columns = !is_one ? TEXT_COLUMNS : columns > COLUMNS_LEAST ? columns : COLUMNS_LEAST;
	script->lines = !is_one ? TEXT_LINES : lines > LINES_LEAST ? lines : LINES_LEAST;
}

/* A whole number from low to high, and where it ends; 0 if there is none. */
static unsigned parse_side(const char **text, unsigned low, unsigned high)
{
	char *end;
	if (**text < '1' || **text > '9')
		return 0;
	errno = 0;
	unsigned long value = strtoul(*text, &end, 10);
	*text = end;
	return errno == 0 && value >= low && value <= high ? (unsigned)value : 0;
}

static int parse_size(struct ae_gnuplot_script *script, const char *size, struct ae_error *err)
{
	const char *at = size;
	bool text = script->format == AE_PICTURE_TEXT;
	unsigned most = text ? TEXT_MOST : AE_PICTURE_PIXELS;
	unsigned width = parse_side(&at, text ? COLUMNS_LEAST : PIXELS_LEAST, most), height = 0;
	if (width && *at == 'x') {
		at++;
		height = parse_side(&at, text ? LINES_LEAST : PIXELS_LEAST, most);
	}
	if (!height || *at)
		return text ? ae_fail_usage(err, "--size %s: expected COLUMNSxLINES of text, %dx%d to %dx%d", size,
				      COLUMNS_LEAST, LINES_LEAST, TEXT_MOST, TEXT_MOST)
			    : ae_fail_usage(err, "--size %s: expected WIDTHxHEIGHT in pixels, %d to %d each", size,
				      PIXELS_LEAST, AE_PICTURE_PIXELS);
	*(text ? &script->columns : &script->width) = width;
	*(text ? &script->lines : &script->height) = height;
	return 0;
}

int ae_picture_open(struct ae_gnuplot_script *script, const struct ae_picture_options *options, struct ae_error *err)
{
	if (find_format(&script->format, options->format, options->path, err) != 0)
		return -1;
	script->columns = TEXT_COLUMNS;
	script->lines = TEXT_LINES;
	if (!is_named(options->path))
		ae_picture_fit_terminal(script);
	if (!isnan(options->scale) && script->format == AE_PICTURE_TEXT)
		return ae_fail_usage(err, "--scale goes with PNG and SVG: text has no pixels");
	script->scale = isnan(options->scale) ? 1 : options->scale;
	return options->size ? parse_size(script, options->size, err) : 0;
}
