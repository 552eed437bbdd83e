/* SPDX-License-Identifier: MIT */
/* The lines of one text input, of any format whose records are lines. */
#ifndef AE_IO_TEXT_LINES_H
#define AE_IO_TEXT_LINES_H

#include "io/source.h"

/* What a line without anything is called, where it is no row. */
#define AE_BLANK_LINE "blank line; sed '/^\\r*$/d' leaves such lines out"

/* The longest line, or record of several lines. */
#define AE_LINE_LIMIT ((size_t)64 << 20)

struct ae_text_lines {
	const struct ae_text_rules *rules;
	uint64_t line;    /* lines taken so far */
	uint64_t to_skip; /* lines that are left out, counted down by the user: a "!" at their end means nothing */
	size_t taken;     /* bytes taken since this was set to 0 */
	bool cut;         /* the line taken last ends in "!", and the mark follows: its writer cut it */
};

enum ae_line_got {
	AE_LINE_FAIL = -1,
	AE_LINE_IDLE = 0, /* none has come yet (only if asked not to wait) */
	AE_LINE_TAKEN = 1,
	AE_LINE_END = 2,
};

/* The next line, newline included, for as long as the input's buffer stands. A last line without newline is an error
   but with --lenient-eof, and after SIGTERM, when it was not read. Errors name the line. */
enum ae_line_got ae_text_lines_next(struct ae_text_lines *lines, struct ae_input *input, bool wait, const char **line,
	size_t *len, struct ae_error *err);

/* The length of a line without its end. */
static inline size_t ae_line_bare(const char *line, size_t len)
{
	return len - 1 - (len > 1 && line[len - 2] == '\r');
}

/* Whether a line, of this length without its end, is the mark of a failed writer. */
static inline bool ae_line_is_mark(const char *line, size_t bare)
{
	return bare == 1 && *line == '!';
}

#endif
