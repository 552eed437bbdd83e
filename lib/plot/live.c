/* SPDX-License-Identifier: MIT */
/* Redraws a chart as text, from the upper left corner of the terminal on. */
#include "plot/live.h"

#include <string.h>
#include <unistd.h>

#include "core/stop.h"
#include "plot/picture.h"

enum { INTERVAL = 100 };

int ae_live_begin(struct ae_live *live, struct ae_chart *chart, struct ae_error *err)
{
	if (!isatty(STDOUT_FILENO))
		return ae_fail(err, "--live redraws a terminal, and standard output is none");
	live->chart = chart;
	live->next = ae_clock_ms();
	return 0;
}

/* The bytes of a line's first `most` characters. */
static size_t cut(const unsigned char *line, size_t len, size_t most)
{
	size_t at = 0;
	for (size_t characters = 0; at < len; at++) {
		characters += (line[at] & 0xc0) != 0x80;
		if (characters > most)
			break;
	}
	return at;
}

/* The lines of the picture that the terminal has room for, and nothing of what stood there before: a line that is
   longer, or one more, would move all others. */
static int add_lines(struct ae_buf *out, const struct ae_buf *picture, struct ae_error *err)
{
	static const char clear_rest[] = "\033[K\r\n";
	unsigned columns, lines;
	bool fits = !ae_picture_terminal(&columns, &lines);
	int rc = 0;
	for (size_t at = 0, n = 0; rc == 0 && at < picture->len && (fits || n < lines); n++) {
		const unsigned char *line = picture->data + at, *end = memchr(line, '\n', picture->len - at);
		size_t len = end ? (size_t)(end - line) : picture->len - at;
		rc = ae_buf_append(out, line, fits ? len : cut(line, len, columns), err);
		if (rc == 0)
			rc = ae_buf_append(out, clear_rest, strlen(clear_rest), err);
		at += len + 1;
	}
	return rc;
}

/* One write, so that no half of a picture is seen. */
static int show(struct ae_live *live, const struct ae_buf *picture, struct ae_error *err)
{
	static const char clear[] = "\033[H\033[2J", home[] = "\033[H", clear_below[] = "\033[J";
	const char *start = live->drawn ? home : clear;
	struct ae_buf out = {0};
	int rc = ae_buf_append(&out, start, strlen(start), err);
	if (rc == 0)
		rc = add_lines(&out, picture, err);
	if (rc == 0)
		rc = ae_buf_append(&out, clear_below, strlen(clear_below), err);
	if (rc == 0)
		rc = ae_write_all(STDOUT_FILENO, out.data, out.len, "<stdout>", err);
	ae_buf_free(&out);
	live->drawn = true;
	return rc;
}

static int redraw(struct ae_live *live, struct ae_error *err)
{
	struct ae_chart chart = *live->chart;
	struct ae_buf picture = {0};
	chart.live = true;
	chart.script = (struct ae_gnuplot_script){.format = AE_PICTURE_TEXT, .scale = 1};
	ae_picture_fit_terminal(&chart.script);
	int rc = chart.kind->draw(&chart, err);
	if (rc == 0 && chart.script.commands.len > 0)
		rc = ae_gnuplot_picture(&chart.script, &picture, err) == 0 ? show(live, &picture, err) : -1;
	ae_buf_free(&picture);
	ae_gnuplot_free(&chart.script);
	live->waits = false;
	live->next = ae_clock_ms() + INTERVAL;
	return rc;
}

int ae_live_rows(struct ae_live *live, struct ae_error *err)
{
	live->waits = true;
	return live->chart && ae_clock_ms() >= live->next ? redraw(live, err) : 0;
}

int ae_live_idle(struct ae_live *live, struct ae_error *err)
{
	int64_t left = live->next - ae_clock_ms();
	if (!live->chart || !live->waits)
		return 0;
	if (left > 0)
		return (int)left;
	return redraw(live, err);
}

int ae_live_end(struct ae_live *live, struct ae_error *err)
{
	static const char clear[] = "\033[H\033[2J";
	return live->drawn ? ae_write_all(STDOUT_FILENO, clear, strlen(clear), "<stdout>", err) : 0;
}
