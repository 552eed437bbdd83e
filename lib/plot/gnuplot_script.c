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

enum { TEXT_CHARACTERS = 120 };

/* ---- formats ---- */

static const struct {
	const char *name, *suffix;
	enum ae_picture_format format;
} formats[] = {{"png", ".png", AE_PICTURE_PNG}, {"svg", ".svg", AE_PICTURE_SVG}, {"text", ".txt", AE_PICTURE_TEXT}};
enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const char *ae_picture_format_name(size_t i)
{
	return i < FORMATS ? formats[i].name : NULL;
}

int ae_picture_format_find(enum ae_picture_format *format, const char *name, const char *path, struct ae_error *err)
{
	const char *suffix = path && strcmp(path, "-") != 0 ? strrchr(path, '.') : ".txt";
	for (size_t i = 0; i < FORMATS; i++)
		if (name ? strcmp(name, formats[i].name) == 0 : suffix && strcasecmp(suffix, formats[i].suffix) == 0) {
			*format = formats[i].format;
			return 0;
		}
	if (name)
		return ae_fail_word(err, "output format", name, ae_picture_format_name);
	return ae_fail_usage(err, "-o %s: expected a name in .png, .svg or .txt, or -O", path);
}

/* ---- scripts ---- */

const char *ae_gnuplot_color(size_t i)
{
	static const char *const colors[] = {AE_GNUPLOT_BLUE, AE_GNUPLOT_RED, "#2ca02c", "#9467bd", "#ff7f0e",
		"#17becf", "#8c564b", "#e377c2", "#bcbd22", AE_GNUPLOT_GRAY};
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

void ae_gnuplot_begin(struct ae_gnuplot_script *script, unsigned width, unsigned height)
{
	if (script->format == AE_PICTURE_TEXT)
		ae_gnuplot_add(script, "set terminal dumb nofeed mono noenhanced size %u,%u\n", script->columns,
			script->lines);
	else if (script->format == AE_PICTURE_PNG)
		ae_gnuplot_add(script, "set terminal pngcairo noenhanced size %u,%u font 'sans,11'\n", width, height);
	else
		ae_gnuplot_add(script,
			"set terminal svg noenhanced size %u,%u font 'sans-serif,14' background 'white'\n", width,
			height);
	ae_gnuplot_add(script, "set encoding utf8\nset key noautotitle\n");
	if (script->format != AE_PICTURE_TEXT)
		ae_gnuplot_add(script, "set border 3 linecolor '#404040'\nset tics nomirror out textcolor '#404040'\n"
				       "set grid linetype 1 linecolor '#e4e4e4'\nset key spacing 1.2\n");
}

static void add_name(struct ae_gnuplot_script *script, const char *what, const char *text)
{
	if (!text)
		return;
	ae_gnuplot_add(script, "set %s ", what);
	ae_gnuplot_quote(script, text, strlen(text));
	ae_gnuplot_add(script, "\n");
}

void ae_gnuplot_titles(struct ae_gnuplot_script *script, const char *title, const char *x, const char *y)
{
	add_name(script, "title", title);
	add_name(script, "xlabel", x);
	add_name(script, "ylabel", y);
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

/* Appends the bytes of a whole PNG, SVG or text file. */
static int make_picture(struct ae_gnuplot_script *script, struct ae_buf *picture, struct ae_error *err)
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
	return script->format == AE_PICTURE_TEXT ? trim(picture, err) : 0;
}

int ae_gnuplot_write(struct ae_gnuplot_script *script, struct ae_outfile *file, struct ae_error *err)
{
	struct ae_buf picture = {0};
	struct ae_error ignored;
	int rc = make_picture(script, &picture, err);
	if (rc == 0 && (rc = ae_outfile_begin(file, err)) == 0) {
		rc = ae_outfile_write(file, picture.data, picture.len, err);
		if (rc == 0)
			rc = ae_outfile_commit_all(&file, 1, err);
		if (rc != 0 && ae_outfile_is_read(file))
			(void)!ae_outfile_write(file, "!\n", 2, &ignored);
	}
	ae_outfile_abandon(file);
	ae_buf_free(&picture);
	return rc;
}

void ae_gnuplot_free(struct ae_gnuplot_script *script)
{
	ae_buf_free(&script->commands);
	ae_buf_free(&script->text);
}
