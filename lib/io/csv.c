/* SPDX-License-Identifier: MIT */
/* CSV and TSV: lines to records. */
#include "io/csv.h"
#include "io/text_lines.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct span {
	size_t start, len;
};

struct ae_csv {
	struct csv_parser parser;
	char delimiter;
	bool escapes;
	struct ae_buf text;   /* the fields' bytes, one after the other */
	struct ae_buf spans;  /* struct span a field */
	struct ae_buf fields; /* struct ae_cell a field, made when the record is complete */
	bool open;            /* a record has begun and goes on */
	bool complete, failed;
	struct ae_error *err;
};

/* Rows end at a newline alone; a carriage return before it is taken off before libcsv sees it. */
static int ends_row(unsigned char c)
{
	return c == '\n';
}

/* Spaces are data. */
static int is_trimmed(unsigned char c)
{
	(void)c;
	return 0;
}

static void on_field(void *text, size_t len, void *arg)
{
	struct ae_csv *csv = arg;
	struct span span = {csv->text.len, len};
	if (ae_buf_append(&csv->text, text, len, csv->err) != 0 ||
		ae_buf_append(&csv->spans, &span, sizeof(span), csv->err) != 0)
		csv->failed = true;
}

static void on_row(int c, void *arg)
{
	(void)c;
	struct ae_csv *csv = arg;
	csv->complete = true;
}

static int start_parser(struct ae_csv *csv, struct ae_error *err)
{
	if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return ae_fail_memory(err);
	csv_set_delim(&csv->parser, (unsigned char)csv->delimiter);
	csv_set_space_func(&csv->parser, is_trimmed);
	csv_set_term_func(&csv->parser, ends_row);
	csv->open = false;
	return 0;
}

int ae_csv_new(struct ae_csv **out, char delimiter, struct ae_error *err)
{
	struct ae_csv *csv = ae_calloc(1, sizeof(*csv), err);
	if (!csv)
		return -1;
	csv->delimiter = delimiter;
	if (start_parser(csv, err) != 0) {
		free(csv);
		return -1;
	}
	*out = csv;
	return 0;
}

void ae_csv_use_escapes(struct ae_csv *csv)
{
	csv->escapes = true;
}

void ae_csv_free(struct ae_csv *csv)
{
	if (!csv)
		return;
	csv_free(&csv->parser);
	ae_buf_free(&csv->text);
	ae_buf_free(&csv->spans);
	ae_buf_free(&csv->fields);
	free(csv);
}

int ae_csv_drop(struct ae_csv *csv, struct ae_error *err)
{
	csv_free(&csv->parser);
	return start_parser(csv, err);
}

/* After an error, which stays in *err: the next line starts a new record. */
static void restart(struct ae_csv *csv)
{
	struct ae_error ignored; /* without memory for its own, the parser fails in the next line */
	csv_free(&csv->parser);
	(void)!start_parser(csv, &ignored);
}

static int fail_invalid(struct ae_csv *csv, const char *what, struct ae_error *err)
{
	restart(csv);
	ae_fail(err, "%s", what);
	return AE_CSV_INVALID;
}

int ae_csv_blank(struct ae_csv *csv, struct ae_error *err)
{
	static const struct ae_cell empty = {.text = "", .len = 0};
	return ae_buf_set(&csv->fields, &empty, sizeof(empty), err);
}

/* A line without quotes has no other syntax than its delimiters: its fields are taken where they lie, several times
   faster than libcsv, which looks at every byte through its callbacks. */
static int split_plain(struct ae_csv *csv, const char *line, const char *end, struct ae_error *err)
{
	csv->fields.len = 0;
	for (const char *at = line;;) {
		const char *stop = memchr(at, csv->delimiter, (size_t)(end - at));
		if (csv->fields.cap - csv->fields.len < sizeof(struct ae_cell) &&
			ae_buf_reserve(&csv->fields, sizeof(struct ae_cell), err) != 0)
			return -1;
		struct ae_cell *field = (void *)(csv->fields.data + csv->fields.len);
		*field = (struct ae_cell){.text = at, .len = (size_t)((stop ? stop : end) - at)};
		csv->fields.len += sizeof(*field);
		if (!stop)
			return 1;
		at = stop + 1;
	}
}

static char unescaped(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case '\\':
		return c;
	default:
		return '\0';
	}
}

/* Puts what the fields' escapes stand for into csv->text, which has room for the whole line. */
static int decode_escapes(struct ae_csv *csv, size_t line_len, struct ae_error *err)
{
	size_t n = csv->fields.len / sizeof(struct ae_cell);
	struct ae_cell *fields = (void *)csv->fields.data;
	if (ae_buf_reserve(&csv->text, line_len, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *from = fields[i].text, *end = from + fields[i].len;
		char *start = (char *)csv->text.data + csv->text.len, *to = start;
		if (!memchr(from, '\\', fields[i].len))
			continue;
		if (n == 1 && fields[i].len == 2 && memcmp(from, "\\!", 2) == 0)
			from++;
		while (from < end) {
			char c = *from == '\\' && end - from > 1 ? unescaped(from[1]) : '\0';
			*to++ = c ? c : *from;
			from += c ? 2 : 1;
		}
		fields[i] = (struct ae_cell){.text = start, .len = (size_t)(to - start)};
		csv->text.len += fields[i].len;
	}
	return 1;
}

/* Carriage returns are data in quotes, and the end of the line before its newline: *end becomes the length without
   either. Elsewhere there is none in valid CSV: false. In a line that libcsv takes every quote begins or ends such a
   part, or is half of a doubled one. */
static bool find_line_end(size_t *end, const struct ae_csv *csv, const char *line, size_t len)
{
	bool inside = csv->open;
	size_t bare = len - 1;
	*end = bare;
	if (!memchr(line, '\r', bare))
		return true;
	for (size_t i = 0; i < bare; i++) {
		inside ^= line[i] == '"';
		if (line[i] != '\r' || inside)
			continue;
		if (i + 1 < bare)
			return false;
		*end = i;
	}
	return true;
}

static int parse_quoted(struct ae_csv *csv, const char *line, size_t len, struct ae_error *err)
{
	size_t end;
	csv->err = err;
	csv->complete = csv->failed = false;
	if (!find_line_end(&end, csv, line, len))
		return fail_invalid(csv, "carriage return inside a row", err);
	if ((csv_parse(&csv->parser, line, end, on_field, on_row, csv) != end ||
		    csv_parse(&csv->parser, "\n", 1, on_field, on_row, csv) != 1) &&
		!csv->failed) {
		if (csv_error(&csv->parser) == CSV_EPARSE)
			return fail_invalid(csv, "misplaced quote", err);
		csv->failed = true;
		ae_fail_memory(err);
	}
	if (csv->failed) {
		restart(csv);
		return -1;
	}
	csv->open = !csv->complete;
	if (csv->open)
		return 0;
	size_t n = csv->spans.len / sizeof(struct span);
	const struct span *spans = (const void *)csv->spans.data;
	csv->fields.len = 0;
	if (ae_buf_reserve(&csv->fields, ae_product(n, sizeof(struct ae_cell)), err) != 0)
		return -1;
	struct ae_cell *fields = (void *)csv->fields.data;
	for (size_t i = 0; i < n; i++)
		fields[i] =
			(struct ae_cell){.text = csv->text.data ? (const char *)csv->text.data + spans[i].start : "",
				.len = spans[i].len};
	csv->fields.len = n * sizeof(*fields);
	return 1;
}

int ae_csv_line(struct ae_csv *csv, const char *line, size_t len, struct ae_error *err)
{
	bool plain = false;
	size_t bare = len - 1;
	if (!csv->open) {
		csv->text.len = csv->spans.len = 0;
		bare -= bare > 0 && line[bare - 1] == '\r';
		plain = csv->escapes || !memchr(line, '"', bare);
		if (bare == 0)
			return fail_invalid(csv, AE_BLANK_LINE, err);
		if (plain && memchr(line, '\r', bare))
			return fail_invalid(csv, "carriage return inside a row", err);
	}
	if (memchr(line, '\0', len))
		return fail_invalid(csv, "NUL byte", err);
	if (!plain)
		return parse_quoted(csv, line, len, err);
	int rc = split_plain(csv, line, line + bare, err);
	return rc == 1 && csv->escapes && memchr(line, '\\', bare) ? decode_escapes(csv, bare, err) : rc;
}

const struct ae_cell *ae_csv_fields(const struct ae_csv *csv, size_t *count)
{
	*count = csv->fields.len / sizeof(struct ae_cell);
	return (const void *)csv->fields.data;
}
