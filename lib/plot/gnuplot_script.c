/* SPDX-License-Identifier: MIT */
/* Builds a script for gnuplot and has it drawn. */
#include "plot/gnuplot_script.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"
#include "core/outfile.h"
#include "core/text.h"
#include "plot/gnuplot.h"
#include "plot/svg.h"

enum { TEXT_CHARACTERS = 120 };
/* The first line of a script. */
#define SVG_TERMINAL "set terminal svg noenhanced size %u,%u font 'sans-serif,14' background 'white'\n"

/* ---- scripts ---- */

const char *ae_gnuplot_color(size_t i)
{
	static const char *const colors[] = {AE_GNUPLOT_BLUE, AE_GNUPLOT_ORANGE, AE_GNUPLOT_GREEN, AE_GNUPLOT_VERMILION,
		AE_GNUPLOT_SKY, AE_GNUPLOT_PURPLE, AE_GNUPLOT_YELLOW, AE_GNUPLOT_BLACK, AE_GNUPLOT_GRAY, "#8c564b"};
	return colors[i % (sizeof(colors) / sizeof(*colors))];
}

static void append(struct ae_gnuplot_script *script, const void *bytes, size_t len)
{
	if (!script->failed && ae_buf_append(&script->commands, bytes, len, &script->error) != 0)
		script->failed = true;
}

void ae_gnuplot_add(struct ae_gnuplot_script *script, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		script->failed = true;
		ae_fail_memory(&script->error);
		return;
	}
	append(script, text, (size_t)len);
	free(text);
}

void ae_gnuplot_number(struct ae_gnuplot_script *script, double value, const char *after)
{
	char text[AE_NUMBER_TEXT] = "NaN";
	if (isfinite(value))
		ae_number_format_f64(text, value);
	append(script, text, strlen(text));
	append(script, after, strlen(after));
}

/* ---- text ---- */

int ae_text_clean(struct ae_buf *out, const char *text, size_t len, size_t most, size_t *count, struct ae_error *err)
{
	const unsigned char *at = (const unsigned char *)text;
	for (*count = 0; len > 0 && *count < most; ++*count) {
		uint32_t code = 0;
		size_t n = ae_utf8_parse(at, len, &code);
		const void *bytes = n == 0 ? "?" : ae_is_control(code) ? " " : (const void *)at;
		if (ae_buf_append(out, bytes, n == 0 || ae_is_control(code) ? 1 : n, err) != 0)
			return -1;
		at += n ? n : 1;
		len -= n ? n : 1;
	}
	return 0;
}

int ae_text_shorten(struct ae_buf *out, const char *text, size_t len, size_t most, struct ae_error *err)
{
	struct ae_buf clean = {0};
	size_t count, at = 0, tail = (most - 1) / 2;
	int rc = ae_text_clean(&clean, text, len, SIZE_MAX, &count, err);
	size_t head = count > most ? most - 1 - tail : count;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		uint32_t code;
		size_t n = ae_utf8_parse(clean.data + at, clean.len - at, &code);
		if (i < head || i >= count - tail)
			rc = ae_buf_append(out, clean.data + at, n, err);
		else if (i == head)
			rc = ae_buf_append(out, "\u2026", strlen("\u2026"), err);
		at += n;
	}
	ae_buf_free(&clean);
	return rc;
}

void ae_gnuplot_quote(struct ae_gnuplot_script *script, const char *text, size_t len)
{
	struct ae_buf clean = {0};
	size_t count;
	if (ae_text_clean(&clean, text, len, TEXT_CHARACTERS, &count, &script->error) != 0)
		script->failed = true;
	/* gnuplot 5.4 misreads a doubled quote at the beginning of a string, so that no string has one. */
	append(script, "'", 1);
	for (size_t i = 0; i < clean.len; i++) {
		bool quote = clean.data[i] == '\'';
		append(script, quote ? "\u2019" : (const char *)clean.data + i, quote ? strlen("\u2019") : 1);
	}
	append(script, "'", 1);
	ae_buf_free(&clean);
}

/* ---- parts of every chart ---- */

const char *ae_gnuplot_dot(const struct ae_gnuplot_script *script)
{
	return script->format == AE_PICTURE_TEXT ? "pointtype 'o'" : "pointtype 7 pointsize 1.2";
}

/* An SVG is enlarged when it is drawn. */
static void add_png(struct ae_gnuplot_script *script)
{
	double scale = script->scale;
	double larger = scale * (script->width > script->height ? script->width : script->height);
	if (larger > AE_PICTURE_PIXELS && !script->failed) {
		ae_fail(&script->error,
			"the picture would have %.0f pixels in a row, more than %d: --size or --scale %s", larger,
			AE_PICTURE_PIXELS, "makes it smaller");
		script->failed = true;
	}
	ae_gnuplot_add(script, "set terminal pngcairo noenhanced size %.0f,%.0f font 'sans,11'",
		round(script->width * scale), round(script->height * scale));
	if (scale != 1)
		ae_gnuplot_add(script, " fontscale %.17g linewidth %.17g pointscale %.17g", scale, scale, scale);
	ae_gnuplot_add(script, "\n");
}

void ae_gnuplot_begin(struct ae_gnuplot_script *script, unsigned width, unsigned height)
{
	script->width = script->width ? script->width : width;
	script->height = script->height ? script->height : height;
	if (script->format == AE_PICTURE_TEXT)
		ae_gnuplot_add(script, "set terminal dumb nofeed mono noenhanced size %u,%u\n", script->columns,
			script->lines);
	else if (script->format == AE_PICTURE_PNG)
		add_png(script);
	else
		ae_gnuplot_add(script, SVG_TERMINAL, script->width, script->height);
	/* The key is outside, where it covers no data. The format that gnuplot would choose has zeros behind 0.2 where
	   an axis begins near 0. */
	ae_gnuplot_add(script, "set encoding utf8\nset format '%% g'\nset key noautotitle below %s\n",
		script->format == AE_PICTURE_TEXT ? "width 2" : "Left reverse spacing 1.2 width 1");
	if (script->format != AE_PICTURE_TEXT)
		ae_gnuplot_add(script, "set border 3 linecolor '#404040'\nset tics nomirror out textcolor '#404040'\n"
				       "set grid linetype 1 linecolor '#e4e4e4'\n");
}

int ae_gnuplot_resize(struct ae_gnuplot_script *script, unsigned width, unsigned height, struct ae_error *err)
{
	struct ae_buf commands = {0};
	char terminal[160];
	size_t len = (size_t)snprintf(terminal, sizeof(terminal), "%s" SVG_TERMINAL,
		width <= AE_GNUPLOT_NARROW ? "narrow = 1; " : "", width, height);
	const unsigned char *end =
		script->commands.len ? memchr(script->commands.data, '\n', script->commands.len) : NULL;
	size_t line = end ? (size_t)(end - script->commands.data) + 1 : 0;
	if (ae_buf_append(&commands, terminal, len, err) != 0 ||
		ae_buf_append(&commands, script->commands.data + line, script->commands.len - line, err) != 0) {
		ae_buf_free(&commands);
		return -1;
	}
	ae_buf_free(&script->commands);
	script->commands = commands;
	script->width = width;
	script->height = height;
	return 0;
}

static void name_picture(struct ae_gnuplot_script *script, const char *text, size_t len)
{
	size_t count;
	if (!script->failed && ae_text_clean(&script->title, text, len, TEXT_CHARACTERS, &count, &script->error) != 0)
		script->failed = true;
}

void ae_gnuplot_title(struct ae_gnuplot_script *script, const char *title, size_t len)
{
	name_picture(script, title, len);
	script->titled = true;
	ae_gnuplot_add(script, "set title ");
	ae_gnuplot_quote(script, title, len);
	ae_gnuplot_add(script, "\n");
}

/* Adds text as a string of several lines, where it has newlines. */
static void add_lines(struct ae_gnuplot_script *script, const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		ae_gnuplot_quote(script, text, (size_t)(end - text));
		ae_gnuplot_add(script, ".\"\\n\".");
	}
	ae_gnuplot_quote(script, text, strlen(text));
}

/* In text the name of the vertical axis stands above it: beside it, it would lie over the ticks. */
static void add_axes(struct ae_gnuplot_script *script, const char *x, const char *y)
{
	bool text = script->format == AE_PICTURE_TEXT;
	if (x) {
		ae_gnuplot_add(script, "set xlabel ");
		add_lines(script, x);
		/* Apart from the key below. */
		ae_gnuplot_add(script, text ? "\n" : ".\"\\n \"\n");
	}
	if (y) {
		ae_gnuplot_add(script, text ? "set tmargin %d\nset label " : "set ylabel ", script->titled ? 3 : 2);
		add_lines(script, y);
		ae_gnuplot_add(script, text ? " at screen 0, graph 1 offset 0, 1 left\n" : "\n");
	}
}

void ae_gnuplot_titles(struct ae_gnuplot_script *script, const char *title, const char *x, const char *y)
{
	if (title)
		ae_gnuplot_title(script, title, strlen(title));
	else if (script->title.len == 0 && y) {
		name_picture(script, y, strlen(y));
		if (x) {
			name_picture(script, " by ", 4);
			name_picture(script, x, strcspn(x, "\n"));
		}
	}
	add_axes(script, x, y);
}

/* ---- the picture ---- */

static bool ends_with(const struct ae_buf *bytes, const char *end, size_t len)
{
	return bytes->len >= len && memcmp(bytes->data + bytes->len - len, end, len) == 0;
}

/* gnuplot does not report writes that failed, so that the end of the picture must be looked for. */
static bool is_whole(enum ae_picture_format format, const struct ae_buf *picture)
{
	if (format == AE_PICTURE_PNG)
		return ends_with(picture, "IEND\xae\x42\x60\x82", 8);
	return format == AE_PICTURE_TEXT || ends_with(picture, "</svg>\n\n", 8) || ends_with(picture, "</svg>\n", 7);
}

/* Removes form feeds, spaces at the ends of lines, and empty lines at both ends of the text. */
static int trim(struct ae_buf *text, struct ae_error *err)
{
	if (ae_buf_append(text, "\n", 1, err) != 0)
		return -1;
	size_t len = 0, line = 0;
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = text->data[i];
		if (c != '\n') {
			text->data[len] = c;
			len += c != '\f';
			continue;
		}
		while (len > line && text->data[len - 1] == ' ')
			len--;
		if (len > 0)
			text->data[len++] = '\n';
		line = len;
	}
	while (len > 1 && text->data[len - 1] == '\n' && text->data[len - 2] == '\n')
		len--;
	text->len = len;
	return 0;
}

int ae_gnuplot_picture(struct ae_gnuplot_script *script, struct ae_buf *picture, struct ae_error *err)
{
	if (script->failed) {
		*err = script->error;
		return -1;
	}
	if (script->text.len)
		return ae_buf_append(picture, script->text.data, script->text.len, err);
	if (ae_gnuplot_run(picture, &script->commands, err) != 0)
		return -1;
	if (!is_whole(script->format, picture))
		return ae_fail(err, "gnuplot failed: its picture is not whole");
	if (script->format == AE_PICTURE_SVG)
		return ae_svg_finish(picture, &script->title, (unsigned)lround(script->width * script->scale),
			(unsigned)lround(script->height * script->scale), err);
	return script->format == AE_PICTURE_TEXT ? trim(picture, err) : 0;
}

int ae_gnuplot_write(struct ae_gnuplot_script *script, struct ae_outfile *file, struct ae_error *err)
{
	struct ae_buf picture = {0};
	int rc = ae_gnuplot_picture(script, &picture, err);
	if (rc == 0)
		rc = ae_outfile_put(file, picture.data, picture.len, err);
	ae_outfile_abandon(file);
	ae_buf_free(&picture);
	return rc;
}

void ae_gnuplot_free(struct ae_gnuplot_script *script)
{
	ae_buf_free(&script->title);
	ae_buf_free(&script->commands);
	ae_buf_free(&script->text);
}
