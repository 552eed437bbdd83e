/* SPDX-License-Identifier: MIT */
/* Bytes to lines of text. */
#include "io/text_lines.h"

#include <string.h>

/* The input has ended in a line without newline. 0: it is one all the same, or -1 and *err. */
static int check_last_line(const struct ae_text_lines *l, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	const unsigned char *cr = memchr(bytes, '\r', len);
	if (len - (cr == bytes + len - 1) == 1 && *bytes == '!')
		return ae_fail(
			err, "line %llu: \"!\": the program that wrote this failed", (unsigned long long)l->line + 1);
	if (l->line == 0 && cr && cr < bytes + len - 1)
		return ae_fail(err, "lines end in a carriage return alone: tr '\\r' '\\n' it first");
	if (!l->rules->options->lenient_eof)
		return ae_fail(err,
			"line %llu: no newline at the end, so the file may be cut; --lenient-eof accepts it",
			(unsigned long long)l->line + 1);
	return 0;
}

/* Whether the line at hand, of len bytes, which ends in "!", is followed by the mark: its writer, or the one after it,
   ended in this way what was cut. Another AE_CSV_GOT than a record while that is not known. */
static enum ae_line_got find_cut(
	struct ae_text_lines *l, struct ae_input *input, bool wait, size_t len, struct ae_error *err)
{
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		const unsigned char *next = bytes + len;
		have -= len;
		l->cut = have > 1 && next[0] == '!' &&
			 (next[1] == '\n' || (next[1] == '\r' && have > 2 && next[2] == '\n'));
		if (l->cut || have > 2 || (have > 0 && next[0] != '!') || (have > 1 && next[1] != '\r'))
			return AE_LINE_TAKEN;
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			continue;
		case AE_FILL_IDLE:
			return AE_LINE_IDLE;
		case AE_FILL_FAIL:
			return AE_LINE_FAIL;
		case AE_FILL_END:
			return AE_LINE_TAKEN;
		}
	}
}

/* Takes the line of len bytes at the front of the input. */
static enum ae_line_got take_line(
	struct ae_text_lines *l, struct ae_input *input, bool wait, const char **line, size_t len, struct ae_error *err)
{
	size_t have;
	const char *at = (const char *)ae_input_bytes(input, &have);
	size_t bare = ae_line_bare(at, len);
	if (bare > 1 && at[bare - 1] == '!' && l->to_skip == 0) {
		enum ae_line_got got = find_cut(l, input, wait, len, err);
		if (got != AE_LINE_TAKEN)
			return got;
	}
	*line = (const char *)ae_input_bytes(input, &have);
	ae_input_take(input, len);
	l->taken += len;
	l->line++;
	return AE_LINE_TAKEN;
}

enum ae_line_got ae_text_lines_next(struct ae_text_lines *l, struct ae_input *input, bool wait, const char **line,
	size_t *len, struct ae_error *err)
{
	size_t seen = 0;
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		const unsigned char *newline = have > seen ? memchr(bytes + seen, '\n', have - seen) : NULL;
		if (newline) {
			*len = (size_t)(newline - bytes) + 1;
			return take_line(l, input, wait, line, *len, err);
		}
		seen = have;
		if (seen > AE_LINE_LIMIT)
			return ae_fail(err, "line %llu: longer than 64 MiB", (unsigned long long)l->line + 1);
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			continue;
		case AE_FILL_IDLE:
			return AE_LINE_IDLE;
		case AE_FILL_FAIL:
			return AE_LINE_FAIL;
		case AE_FILL_END:
			break;
		}
		if (have == 0 || input->stopped)
			return AE_LINE_END; /* a line cut by SIGTERM was not read */
		if (check_last_line(l, bytes, have, err) != 0)
			return AE_LINE_FAIL;
		if (ae_buf_append(&input->buf, "\n", 1, err) != 0)
			return AE_LINE_FAIL;
	}
}
