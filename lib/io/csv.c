/* SPDX-License-Identifier: MIT */
/* CSV and TSV: lines to records, and rows to lines. */
#include "io/csv.h"
#include "io/text_lines.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/format.h"

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

/* ---- writing ---- */

struct csv_encoder {
	const struct ae_schema *schema;
	char delimiter;
	bool escapes; /* TSV */
	bool multiline;
	bool headed;  /* the one header of all streams is out */
	size_t names; /* in the header, which is cells in a row */
	uint64_t rows;
};

static char escape_of(char c)
{
	switch (c) {
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\\':
		return c;
	default:
		return '\0';
	}
}

static int write_escaped(
	const struct csv_encoder *e, struct ae_buf *out, const char *text, size_t len, struct ae_error *err)
{
	if (ae_buf_reserve(out, 2 * len + 1, err) != 0)
		return -1;
	if (e->names == 1 && len == 1 && *text == '!') /* alone on its line it would say that the writer failed */
		out->data[out->len++] = '\\';
	for (size_t i = 0; i < len; i++) {
		char c = escape_of(text[i]);
		if (c)
			out->data[out->len++] = '\\';
		out->data[out->len++] = (unsigned char)(c ? c : text[i]);
	}
	return 0;
}

/* Whether a cell of several lines has one that would say that the writer failed, in quotes or not. */
static bool holds_mark(const char *text, size_t len)
{
	for (const char *at = text, *end = text + len; (at = memmem(at, (size_t)(end - at), "\n!", 2)); at += 2)
		if (end - at > 2 && (at[2] == '\n' || (at[2] == '\r' && end - at > 3 && at[3] == '\n')))
			return true;
	return false;
}

static int write_quoted(struct ae_buf *out, const char *text, size_t len, struct ae_error *err)
{
	if (ae_buf_reserve(out, 2 * len + 2, err) != 0)
		return -1;
	out->len += csv_write(out->data + out->len, out->cap - out->len, text, len);
	return 0;
}

enum { HOLDS_LINE_END = 1, HOLDS_MARK };

/* last: of its line. 0, -1 and *err, HOLDS_LINE_END, which only --multiline writes, or HOLDS_MARK, which nothing in CSV
   can hold. */
static int write_cell(
	const struct csv_encoder *e, struct ae_buf *out, const char *text, size_t len, bool last, struct ae_error *err)
{
	if (e->escapes)
		return write_escaped(e, out, text, len, err);
	bool ends_line = memchr(text, '\n', len) != NULL;
	bool like_cut = last && len > 0 && text[len - 1] == '!'; /* as a failed writer ends what it cut */
	bool quote = (len == 0 && e->names == 1) || like_cut || ends_line || memchr(text, e->delimiter, len) ||
		     memchr(text, '"', len) || memchr(text, '\r', len);
	if (ends_line && !e->multiline)
		return HOLDS_LINE_END;
	if (ends_line && holds_mark(text, len))
		return HOLDS_MARK;
	return quote ? write_quoted(out, text, len, err) : ae_buf_append(out, text, len, err);
}

/* held: what write_cell returned. */
static int fail_lines(int held, const char *where, const char *name, struct ae_error *err)
{
	if (held == HOLDS_MARK)
		return ae_fail(err,
			"%scolumn \"%.*s\" holds a line \"!\", which in CSV says that the writer failed: TSV (-t) "
			"writes it",
			where, (int)strcspn(name, "\n"), name);
	return ae_fail(err,
		"%scolumn \"%.*s\" holds a line end: --multiline writes cells of several lines, TSV (-t) "
		"writes \\n",
		where, (int)strcspn(name, "\n"), name);
}

/* Room for any element's name: the column's, a feature's, and a number for each dimension. */
static size_t longest_name(const struct ae_column *column)
{
	size_t longest = 0;
	for (size_t i = 0; i < column->feature_count; i++)
		if (strlen(column->features[i]) > longest)
			longest = strlen(column->features[i]);
	return strlen(column->name) + longest + AE_SHAPE_TEXT + 2;
}

/* As write_cell. A lone name with a delimiter of others in it reads back as one name only in quotes. */
static int write_name(
	const struct csv_encoder *e, struct ae_buf *out, const char *name, bool last, struct ae_error *err)
{
	size_t len = strlen(name);
	bool quote = !e->escapes && e->names == 1 && strpbrk(name, "\t;|") && !strchr(name, '\n');
	return quote ? write_quoted(out, name, len, err) : write_cell(e, out, name, len, last, err);
}

static int write_header(
	const struct csv_encoder *e, struct ae_buf *out, const struct ae_schema *schema, struct ae_error *err)
{
	bool first = true;
	for (size_t i = 0; i < schema->count; i++) {
		size_t n = ae_shape_size(&schema->cols[i].shape), size = longest_name(&schema->cols[i]);
		char *name = ae_calloc(size, 1, err);
		int rc = name ? 0 : -1;
		for (size_t element = 0; rc == 0 && element < n; element++, first = false) {
			ae_column_element_name(&schema->cols[i], element, name, size);
			if (!first)
				rc = ae_buf_append(out, &e->delimiter, 1, err);
			if (rc == 0)
				rc = write_name(e, out, name, i + 1 == schema->count && element + 1 == n, err);
			if (rc > 0)
				rc = fail_lines(rc, "the name of ", name, err);
		}
		free(name);
		if (rc != 0)
			return -1;
	}
	return ae_buf_append(out, "\n", 1, err);
}

static size_t format_element(char *text, const struct ae_column *column, const struct ae_data *data, size_t at)
{
	double value;
	float single;
	switch (column->type) {
	case AE_F64:
		memcpy(&value, data->values.data + at * sizeof(value), sizeof(value));
		if (column->role == AE_ERR) /* readers of text take no infinity */
			value = ae_number_finite(value);
		return ae_number_format_f64(text, value);
	case AE_F32:
		memcpy(&single, data->values.data + at * sizeof(single), sizeof(single));
		return ae_number_format_f32(text, single);
	default:
		if (column->role == AE_PRED && data->values.data[at] == AE_PRED_NONE)
			return 0;
		return ae_number_format_f64(text, data->values.data[at]);
	}
}

static int write_text(const struct csv_encoder *e, struct ae_buf *out, const struct ae_column *column,
	const struct ae_data *data, size_t row, struct ae_error *err)
{
	char where[40];
	size_t len;
	const char *text = ae_data_text(data, row, &len);
	bool last = column == &e->schema->cols[e->schema->count - 1];
	int rc = write_cell(e, out, text, len, last, err);
	if (rc <= 0)
		return rc;
	snprintf(where, sizeof(where), "row %llu, ", (unsigned long long)e->rows + 1);
	return fail_lines(rc, where, column->name, err);
}

static int write_row(
	const struct csv_encoder *e, struct ae_buf *out, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	for (size_t i = 0; i < e->schema->count; i++) {
		const struct ae_column *column = &e->schema->cols[i];
		const struct ae_data *data = batch->cols[i];
		size_t n = ae_shape_size(&column->shape);
		if (ae_buf_reserve(out, ae_product(n + 1, AE_NUMBER_TEXT), err) != 0)
			return -1;
		if (i > 0)
			out->data[out->len++] = (unsigned char)e->delimiter;
		if (column->type == AE_TEXT) {
			if (write_text(e, out, column, data, row, err) != 0)
				return -1;
			continue;
		}
		for (size_t at = 0; at < n; at++) {
			if (at > 0)
				out->data[out->len++] = (unsigned char)e->delimiter;
			size_t len = format_element((char *)out->data + out->len, column, data, row * n + at);
			out->len += len;
			if (len == 0 && write_cell(e, out, "", 0, false, err) != 0)
				return -1;
		}
	}
	return ae_buf_append(out, "\n", 1, err);
}

static int need_header(struct csv_encoder *e, struct ae_buf *out, struct ae_error *err)
{
	if (!e->headed && write_header(e, out, e->schema, err) != 0)
		return -1;
	e->headed = true;
	return 0;
}

/* A header goes out at once, but for a long one, which waits for the first row or the end: a stream may announce names
   without limit in a few bytes, and then hold nothing. */
static int csv_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	enum { LONG = 4096 };
	struct csv_encoder *e = state;
	e->schema = schema;
	e->names = 0;
	for (size_t i = 0; i < schema->count; i++)
		e->names += ae_shape_size(&schema->cols[i].shape);
	e->rows = 0;
	return e->names > LONG ? 0 : need_header(e, out, err);
}

static int csv_end(void *state, bool stopped, struct ae_buf *out, struct ae_error *err)
{
	enum { MOST = 1 << 23 };
	struct csv_encoder *e = state;
	(void)stopped;
	if (!e->headed && e->names > MOST)
		return ae_fail(err, "no rows, and %zu names to write for them, which no line of text holds", e->names);
	return need_header(e, out, err);
}

static int csv_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	struct csv_encoder *e = state;
	size_t whole = out->len;
	int rc = need_header(e, out, err);
	for (size_t row = first; rc == 0 && row < first + rows; row++) {
		whole = out->len;
		rc = write_row(e, out, batch, row, err);
		e->rows += rc == 0;
	}
	if (rc != 0)
		out->len = whole;
	return rc;
}

static void csv_allow_multiline(void *state)
{
	struct csv_encoder *e = state;
	e->multiline = true;
}

/* As if the header were out. */
static void csv_leave_out_header(void *state)
{
	struct csv_encoder *e = state;
	e->headed = true;
}

static void csv_free_encoder(void *state)
{
	free(state);
}

static int open_encoder(struct ae_encoder *encoder, char delimiter, bool escapes, struct ae_error *err)
{
	struct csv_encoder *e = ae_calloc(1, sizeof(*e), err);
	if (!e)
		return -1;
	e->delimiter = delimiter;
	e->escapes = escapes;
	*encoder = (struct ae_encoder){.state = e,
		.begin = csv_begin,
		.rows = csv_add,
		.end = csv_end,
		.multiline = csv_allow_multiline,
		.headerless = csv_leave_out_header,
		.free = csv_free_encoder};
	return 0;
}

static int csv_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	return open_encoder(encoder, ',', false, err);
}

static int tsv_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	return open_encoder(encoder, '\t', true, err);
}

const struct ae_output_format ae_csv_output = {
	.name = "csv", .suffixes = {".csv"}, .lines = true, .open = csv_open_encoder};
const struct ae_output_format ae_tsv_output = {
	.name = "tsv", .suffixes = {".tsv"}, .lines = true, .open = tsv_open_encoder};
