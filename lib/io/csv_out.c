/* SPDX-License-Identifier: MIT */
/* Rows as CSV and TSV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/format.h"

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
	unsigned char *at = out->data + out->len;
	*at++ = '"';
	for (size_t i = 0; i < len; i++) {
		*at++ = (unsigned char)text[i];
		if (text[i] == '"')
			*at++ = '"';
	}
	*at++ = '"';
	out->len = (size_t)(at - out->data);
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

/* The verdict of a row that has none is an empty cell. */
static int write_byte(const struct csv_encoder *e, struct ae_buf *out, const struct ae_column *column,
	unsigned char byte, struct ae_error *err)
{
	if (column->role == AE_PRED && byte == AE_PRED_NONE)
		return write_cell(e, out, "", 0, false, err);
	out->len += ae_number_format_f64((char *)out->data + out->len, byte);
	return 0;
}

/* n numbers from `at` on, for which there is room. */
static int write_numbers(const struct csv_encoder *e, struct ae_buf *out, const struct ae_column *column,
	const struct ae_data *data, size_t at, size_t n, struct ae_error *err)
{
	const float *f32 = (const void *)data->values.data;
	const double *f64 = (const void *)data->values.data;
	for (size_t end = at + n, i = at; i < end; i++) {
		char *text = (char *)out->data + out->len;
		if (i > at) {
			*text++ = e->delimiter;
			out->len++;
		}
		if (column->type == AE_F32)
			out->len += ae_number_format_f32(text, f32[i]);
		else if (column->type == AE_F64) /* readers of text take no infinity */
			out->len +=
				ae_number_format_f64(text, column->role == AE_ERR ? ae_number_finite(f64[i]) : f64[i]);
		else if (write_byte(e, out, column, data->values.data[i], err) != 0)
			return -1;
	}
	return 0;
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
		if (write_numbers(e, out, column, data, row * n, n, err) != 0)
			return -1;
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
