/* SPDX-License-Identifier: MIT */
/* Lines of text to records. */
#include "io/csv_records.h"

#include <stdio.h>
#include <string.h>

/* The longest line, or record of several lines. */
#define LINE_LIMIT ((size_t)64 << 20)

int ae_csv_records_init(struct ae_csv_records *r, const struct ae_text_rules *rules, struct ae_left_out *left_out,
	bool escapes, struct ae_error *err)
{
	*r = (struct ae_csv_records){.rules = rules, .left_out = left_out, .lines_to_skip = rules->options->skip_lines};
	if (ae_csv_new(&r->csv, rules->delimiter, err) != 0)
		return -1;
	if (escapes)
		ae_csv_use_escapes(r->csv);
	return 0;
}

void ae_csv_records_free(struct ae_csv_records *r)
{
	ae_csv_free(r->csv);
	ae_buf_free(&r->header);
	ae_buf_free(&r->record);
	ae_buf_free(&r->blanks);
}

int ae_csv_records_fail(const struct ae_csv_records *r, struct ae_error *err)
{
	return ae_fail_in(err, "line %llu: ", (unsigned long long)r->line);
}

/* The input has ended in a line without newline. 0: it is one all the same, or -1 and *err. */
static int check_last_line(const struct ae_csv_records *r, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	const unsigned char *cr = memchr(bytes, '\r', len);
	if (len == 1 && *bytes == '!')
		return ae_fail(
			err, "line %llu: \"!\": the program that wrote this failed", (unsigned long long)r->line + 1);
	if (r->line == 0 && cr && cr < bytes + len - 1)
		return ae_fail(err, "lines end in a carriage return alone: tr '\\r' '\\n' it first");
	if (!r->rules->options->lenient_eof)
		return ae_fail(err,
			"line %llu: no newline at the end, so the file may be cut; --lenient-eof accepts it",
			(unsigned long long)r->line + 1);
	return 0;
}

/* The next line, newline included, for as long as the input's buffer stands. */
static enum ae_csv_got next_line(struct ae_csv_records *r, struct ae_input *input, bool wait, const char **line,
	size_t *len, struct ae_error *err)
{
	size_t seen = 0;
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		const unsigned char *newline = have > seen ? memchr(bytes + seen, '\n', have - seen) : NULL;
		if (newline) {
			*line = (const char *)bytes;
			*len = (size_t)(newline - bytes) + 1;
			ae_input_take(input, *len);
			r->taken += *len;
			r->line++;
			return AE_CSV_RECORD;
		}
		seen = have;
		if (seen > LINE_LIMIT)
			return ae_fail(err, "line %llu: longer than 64 MiB", (unsigned long long)r->line + 1);
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			continue;
		case AE_FILL_IDLE:
			return AE_CSV_IDLE;
		case AE_FILL_FAIL:
			return AE_CSV_FAIL;
		case AE_FILL_END:
			break;
		}
		if (have == 0 || input->stopped)
			return AE_CSV_END; /* a line cut by SIGTERM was not read */
		if (check_last_line(r, bytes, have, err) != 0)
			return AE_CSV_FAIL;
		if (ae_buf_append(&input->buf, "\n", 1, err) != 0)
			return AE_CSV_FAIL;
	}
}

/* How many bytes of a line's beginning are a byte order mark to be skipped: at the start of the input, and where files
   were joined, which shows before a header or where there is none. */
static size_t mark_bytes(const struct ae_csv_records *r, const char *line, size_t len)
{
	size_t bom = ae_bom_length(line, len);
	bool before_header = bom > 0 && r->header.len > 0 && len - bom >= r->header.len &&
			     memcmp(line + bom, r->header.data, r->header.len) == 0;
	return r->line == 1 || r->header.len == 0 || r->header_is_row || before_header ? bom : 0;
}

static bool is_header(const struct ae_csv_records *r, const char *line, size_t bare)
{
	return bare > 0 && r->header.len == bare && memcmp(r->header.data, line, bare) == 0;
}

#define NO_HEADER ", and no header follows"

static int fail_mark(const struct ae_csv_records *r, const char *what, struct ae_error *err)
{
	return ae_fail(err, "line %llu: \"!\": the program that wrote this failed%s",
		(unsigned long long)(r->mark ? r->mark : r->line), what);
}

static void pass_mark(struct ae_csv_records *r)
{
	char text[100];
	snprintf(text, sizeof(text), "line %llu: \"!\": a program that wrote into this failed",
		(unsigned long long)r->mark);
	ae_left_out_add(r->left_out, AE_LEFT_OUT_FAILED_RUN, text);
	r->mark = 0;
}

/* Whether a line that begins a record is none; bare is its length without its end, marked whether it had a byte order
   mark. 1 it is none, 0, or -1 and *err. */
static int pass_over(struct ae_csv_records *r, const char *line, size_t bare, bool marked, struct ae_error *err)
{
	const struct ae_reader_options *o = r->rules->options;
	if (r->lines_to_skip > 0) {
		r->lines_to_skip--;
		return 1;
	}
	bool header_row = !o->no_header && !o->header;
	if (bare == 1 && *line == '!') {
		if (!header_row)
			return fail_mark(r, "", err);
		if (r->mark)
			pass_mark(r);
		r->mark = r->line;
		return 1;
	}
	if (o->comment && bare >= strlen(o->comment) && memcmp(line, o->comment, strlen(o->comment)) == 0)
		return 1;
	bool header = (!r->header_is_row || r->mark || marked) && is_header(r, line, bare);
	if (r->mark && r->began && !header)
		return memchr(line, '"', bare) ? 0 : fail_mark(r, NO_HEADER, err);
	if (r->mark)
		pass_mark(r);
	r->repeated |= header;
	return header;
}

int ae_csv_records_settle_mark(struct ae_csv_records *r, bool is_header, struct ae_error *err)
{
	if (!is_header)
		return fail_mark(r, NO_HEADER, err);
	pass_mark(r);
	return 0;
}

/* Whether the first record, which says how many columns there are, has not come yet. */
static bool is_before_first(const struct ae_csv_records *r)
{
	return !r->began && r->rules->options->no_header && !r->rules->options->header;
}

uint64_t ae_csv_records_blank(const struct ae_csv_records *r, size_t i)
{
	uint64_t line;
	memcpy(&line, r->blanks.data + i * sizeof(line), sizeof(line));
	return line;
}

static int keep_blank(struct ae_csv_records *r, struct ae_error *err)
{
	if (r->blanks.len > LINE_LIMIT)
		return ae_fail(err, "line %llu: blank line", (unsigned long long)r->line);
	return ae_buf_append(&r->blanks, &r->line, sizeof(r->line), err);
}

static int fail_end(const struct ae_csv_records *r, struct ae_error *err)
{
	if (r->in_record)
		return ae_fail(err, "line %llu: a quote is never closed", (unsigned long long)r->first_line);
	if (is_before_first(r) && r->blanks.len > 0)
		return ae_fail(err, "line %llu: blank line", (unsigned long long)ae_csv_records_blank(r, 0));
	if (r->lines_to_skip > 0)
		return ae_fail(
			err, "there are %llu lines, and --skip-lines leaves them all out", (unsigned long long)r->line);
	return fail_mark(r, "", err);
}

/* A quote that is still open at the end of a record of one line. */
static enum ae_csv_got fail_open_quote(struct ae_csv_records *r, struct ae_error *err)
{
	if (ae_csv_drop(r->csv, err) != 0)
		return AE_CSV_FAIL;
	ae_fail(err, "a quote is never closed; --multiline reads cells of several lines");
	ae_csv_records_fail(r, err);
	return AE_CSV_BAD;
}

/* Takes a line of a record. AE_CSV_IDLE: it goes on. */
static enum ae_csv_got add_line(
	struct ae_csv_records *r, const char *line, size_t len, size_t bare, struct ae_error *err)
{
	bool first = !r->in_record, multiline = r->rules->options->multiline;
	bool more = r->keep || (multiline && (!first || memchr(line, '"', len)));
	if (more && ae_buf_append(&r->record, line, len, err) != 0)
		return AE_CSV_FAIL;
	if (r->record.len > LINE_LIMIT)
		return ae_fail(err, "line %llu: a quoted field of more than 64 MiB", (unsigned long long)r->line);
	if (first && r->lone && bare == 0)
		return ae_csv_blank(r->csv, err) == 0 ? AE_CSV_RECORD : AE_CSV_FAIL;
	int rc = ae_csv_line(r->csv, line, len, err);
	r->in_record = rc == 0 && multiline;
	switch (rc) {
	case 1:
		return AE_CSV_RECORD;
	case 0:
		return multiline ? AE_CSV_IDLE : fail_open_quote(r, err);
	case AE_CSV_INVALID:
		ae_csv_records_fail(r, err);
		return AE_CSV_BAD;
	default:
		return AE_CSV_FAIL;
	}
}

enum ae_csv_got ae_csv_records_next(struct ae_csv_records *r, struct ae_input *input, bool wait, struct ae_error *err)
{
	if (!r->in_record)
		r->record.len = 0;
	for (;;) {
		const char *line = NULL;
		size_t len = 0;
		enum ae_csv_got got = next_line(r, input, wait, &line, &len, err);
		if (got == AE_CSV_END && !input->stopped &&
			(r->in_record || r->mark || r->lines_to_skip || (is_before_first(r) && r->blanks.len > 0)))
			return (enum ae_csv_got)fail_end(r, err);
		if (got != AE_CSV_RECORD)
			return got;
		size_t bare = len - 1 - (len > 1 && line[len - 2] == '\r');
		if (!r->in_record) {
			size_t mark = mark_bytes(r, line, bare);
			line += mark;
			len -= mark;
			bare -= mark;
			int rc = pass_over(r, line, bare, mark > 0, err);
			if (rc < 0)
				return AE_CSV_FAIL;
			bool waits = rc == 0 && bare == 0 && is_before_first(r);
			if (waits && keep_blank(r, err) != 0)
				return AE_CSV_FAIL;
			if (rc == 1 || waits)
				continue;
			r->began = true;
			r->first_line = r->line;
		}
		got = add_line(r, line, len, bare, err);
		if (got != AE_CSV_IDLE)
			return got;
	}
}
