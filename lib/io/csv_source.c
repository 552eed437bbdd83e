/* SPDX-License-Identifier: MIT */
/* CSV and TSV as a source of rows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/csv_roles.h"
#include "io/format.h"

/* The longest line, or record of several lines. */
#define LINE_LIMIT ((size_t)64 << 20)
#define OTHER_ROLES "--label, --id, --time, --pass or --x"

struct csv_state {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_csv *csv;
	struct ae_csv_columns columns;
	struct ae_buf header_line; /* a later row equal to it is dropped; empty without header row */
	struct ae_buf record;      /* lines of the present record */
	uint64_t line;             /* lines taken so far */
	bool in_record;            /* a quoted field goes on in lines that have not come yet */
	bool has_row;              /* one was taken */
	bool first_pending; /* without a header row the first record told the number of columns and is still due */
	size_t row_bytes;   /* of the number columns */
	size_t taken;       /* bytes of text in the present batch */
	size_t *marks;      /* lengths to go back to when a row turns out bad */
};

/* ---- lines ---- */

/* The next line, newline included, for as long as the input's buffer stands. 1 a line, 0 none waiting, 2 no more. */
static int next_line(
	struct csv_state *s, struct ae_input *input, bool wait, const char **line, size_t *len, struct ae_error *err)
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
			s->taken += *len;
			s->line++;
			return 1;
		}
		seen = have;
		if (seen > LINE_LIMIT)
			return ae_fail(err, "line %llu: longer than 64 MiB", (unsigned long long)s->line + 1);
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			continue;
		case AE_FILL_IDLE:
			return 0;
		case AE_FILL_FAIL:
			return -1;
		case AE_FILL_END:
			break;
		}
		if (have == 0 || input->stopped)
			return 2; /* a line cut by SIGTERM was not read */
		s->line++;
		if (!s->rules->options->lenient_eof)
			return ae_fail(err,
				"line %llu: no newline at the end, so the file may be cut; --lenient-eof accepts it",
				(unsigned long long)s->line);
		if (ae_buf_append(&input->buf, "\n", 1, err) != 0)
			return -1;
		s->line--;
	}
}

static int fail_at(const struct csv_state *s, struct ae_error *err)
{
	return ae_fail_in(err, "line %llu: ", (unsigned long long)s->line);
}

/* Reads lines until a record is complete. 1 a record, 0 none waiting, 2 no more, -1 input error, -2 bad record. */
static int next_record(struct csv_state *s, struct ae_input *input, bool wait, struct ae_error *err)
{
	if (!s->in_record)
		s->record.len = 0;
	for (;;) {
		const char *line = NULL;
		size_t len = 0;
		int got = next_line(s, input, wait, &line, &len, err);
		if (got == 2 && s->in_record && !input->stopped)
			return ae_fail(err, "line %llu: a quote is never closed", (unsigned long long)s->line);
		if (got != 1)
			return got;
		bool first = !s->in_record;
		if (first && s->header_line.len == len && memcmp(s->header_line.data, line, len) == 0)
			continue;
		bool more = !first || memchr(line, '"', len) || s->left_out->keep_rejects;
		if (more && ae_buf_append(&s->record, line, len, err) != 0)
			return -1;
		if (s->record.len > LINE_LIMIT)
			return ae_fail(
				err, "line %llu: a quoted field of more than 64 MiB", (unsigned long long)s->line);
		if (first && s->columns.count == 1 && (len == 1 || (len == 2 && *line == '\r'))) {
			line = "\"\"\n"; /* one column: a blank line is one missing cell */
			len = 3;
		}
		int rc = ae_csv_line(s->csv, line, len, err);
		s->in_record = rc == 0;
		if (rc < 0) {
			fail_at(s, err);
			return -2;
		}
		if (rc == 1)
			return 1;
	}
}

/* ---- cells ---- */

static int fail_cell(struct ae_error *err, const char *name, const struct ae_csv_field *cell, const char *what)
{
	int shown = cell->len > 40 ? 40 : (int)cell->len;
	return ae_fail(err, "column \"%s\": \"%.*s\" %s", name, shown, cell->text, what);
}

/* Whether a cell spells an integer that f32 cannot hold: an id or a time stamp rather than a measurement. */
static bool is_large_integer(const struct ae_csv_field *cell)
{
	return !memchr(cell->text, '.', cell->len) && !memchr(cell->text, 'e', cell->len) &&
	       !memchr(cell->text, 'E', cell->len);
}

/* Whether a cell spells a Unix time of the years 2001 to 2099, in seconds or in thousandths, millionths or billionths
   of them, down to the second at least. A measurement of that size mostly has fewer digits. */
static bool is_unix_time(const struct ae_csv_field *cell, double value)
{
	size_t digits = 0;
	for (size_t i = 0; i < cell->len && cell->text[i] != 'e' && cell->text[i] != 'E'; i++)
		digits += cell->text[i] >= '0' && cell->text[i] <= '9';
	for (double unit = 1; digits >= 10 && unit <= 1e9; unit *= 1000)
		if (value >= 1e9 * unit && value < 4.1e9 * unit)
			return true;
	return false;
}

/* Refuses an input that is beyond 2^24 and looks like no measurement. Time stamps are found in the first row alone: if
   that has none, a later value is a large one. */
static int check_large(
	const struct csv_state *s, size_t i, const struct ae_csv_field *cell, double value, struct ae_error *err)
{
	const char *name = s->columns.names[i];
	if (is_large_integer(cell))
		return fail_cell(err, name, cell,
			"is an integer above 2^24, more like an id than an input: say which it is with " OTHER_ROLES);
	if (!s->has_row && is_unix_time(cell, value))
		return fail_cell(err, name, cell,
			"looks like a Unix time, not like an input: say which it is with " OTHER_ROLES);
	return 0;
}

/* 0 fine, 1 missing and to be skipped, -1 bad. */
static int read_number(
	struct csv_state *s, double *value, size_t i, const struct ae_csv_field *cell, bool input, struct ae_error *err)
{
	const char *name = s->columns.names[i];
	switch (ae_number_parse(value, cell->text, cell->len)) {
	case AE_NUMBER_OK:
		if (input && fabs(*value) > 16777216.0 && !s->columns.slots[i].named)
			return check_large(s, i, cell, *value, err);
		return 0;
	case AE_NUMBER_MISSING:
		*value = NAN;
		if (s->rules->missing == AE_MISSING_MASK)
			return 0;
		if (s->rules->missing == AE_MISSING_SKIP)
			return 1;
		return ae_fail(err,
			"column \"%s\": missing value; --missing skip leaves such rows out, --missing mask keeps them",
			name);
	case AE_NUMBER_OVERFLOW:
		return fail_cell(err, name, cell, "is infinite or too large");
	default:
		return fail_cell(
			err, name, cell, "is not a number; text columns are named with --id, --time or --pass");
	}
}

static int read_verdict(unsigned char *out, const char *name, const struct ae_csv_field *cell, struct ae_error *err)
{
	if (cell->len == 0)
		*out = AE_PRED_NONE;
	else if (cell->len == 1 && (*cell->text == '0' || *cell->text == '1'))
		*out = (unsigned char)(*cell->text - '0');
	else
		return fail_cell(err, name, cell, "is not a verdict: 1, 0 or empty");
	return 0;
}

static int read_cell(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, size_t i,
	const struct ae_csv_field *cell, struct ae_error *err)
{
	const struct ae_csv_slot *slot = &s->columns.slots[i];
	const struct ae_column *column = &schema->cols[slot->column];
	struct ae_data *data = &rows->data[slot->column];
	if (column->type == AE_TEXT)
		return ae_data_append_text(data, cell->text, cell->len, err);
	unsigned char *at = data->values.data + s->marks[slot->column];
	if (column->type == AE_U8)
		return read_verdict(at, s->columns.names[i], cell, err);
	double value;
	int rc = read_number(s, &value, i, cell, column->role == AE_X, err);
	if (rc != 0)
		return rc;
	if (column->type == AE_F64) {
		memcpy(at + slot->element * sizeof(value), &value, sizeof(value));
	} else {
		float single = (float)value;
		if (isinf(single))
			return fail_cell(err, s->columns.names[i], cell, "is too large for f32");
		memcpy(at + slot->element * sizeof(single), &single, sizeof(single));
	}
	return 0;
}

/* ---- rows ---- */

static int begin_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	for (size_t i = 0; i < schema->count; i++) {
		struct ae_buf *values = &rows->data[i].values;
		size_t size = ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
		s->marks[i] = values->len;
		if (ae_buf_reserve(values, size, err) != 0)
			return -1;
		values->len += size;
	}
	return 0;
}

static void undo_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows)
{
	for (size_t i = 0; i < schema->count; i++) {
		rows->data[i].values.len = s->marks[i];
		if (schema->cols[i].type == AE_TEXT)
			rows->data[i].ends.len = rows->batch.rows * sizeof(uint32_t);
	}
}

/* Appends the record as a row: 0 done, 1 left out for a missing value, -1 bad. */
static int add_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->csv, &n);
	if (n != s->columns.count) {
		ae_fail(err, "expected %zu fields, got %zu", s->columns.count, n);
		return fail_at(s, err);
	}
	if (begin_row(s, schema, rows, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = read_cell(s, schema, rows, i, &cells[i], err);
		if (rc != 0) {
			undo_row(s, schema, rows);
			if (rc == 1)
				ae_left_out_add_missing(s->left_out, s->line, s->columns.names[i]);
			return rc < 0 ? fail_at(s, err) : rc;
		}
	}
	rows->batch.rows++;
	s->has_row = true;
	return 0;
}

static int no_bytes(const struct ae_input *input, struct ae_error *err)
{
	return input->stopped ? ae_fail_terminated(err, "stopped before the header")
			      : ae_fail(err, "empty input: not even a header");
}

static int leave_out(struct csv_state *s, struct ae_error *err)
{
	ae_left_out_add(s->left_out, AE_LEFT_OUT_BAD, err->text);
	return s->left_out->keep_rejects ? ae_buf_append(&s->left_out->rejects, s->record.data, s->record.len, err) : 0;
}

static enum ae_read csv_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct csv_state *s = state;
	s->taken = 0;
	for (;;) {
		int got = 1;
		if (s->first_pending)
			s->first_pending = false;
		else
			got = next_record(s, input, rows->batch.rows == 0, err);
		if (got == -1)
			return AE_READ_FAIL;
		if (got == 2 && s->line == 0 && !input->stopped) {
			no_bytes(input, err);
			return AE_READ_FAIL;
		}
		if (got == 0 || got == 2)
			return rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
		int rc = got == 1 ? add_row(s, schema, rows, err) : -1;
		if (rc == -1 && (!s->rules->skip_bad || leave_out(s, err) != 0))
			return AE_READ_FAIL;
		if (rows->batch.rows >= AE_BATCH_ROWS || rows->batch.rows * s->row_bytes >= AE_BATCH_BYTES ||
			s->taken >= AE_BATCH_BYTES)
			return AE_READ_ROWS;
	}
}

/* ---- header ---- */

static int header_from_option(struct csv_state *s, struct ae_schema *schema, struct ae_error *err)
{
	struct ae_buf line = {0};
	struct ae_csv *names;
	const char *text = s->rules->options->header;
	if (ae_csv_new(&names, ',', err) != 0)
		return -1;
	int rc = -1;
	if (ae_buf_append(&line, text, strlen(text), err) == 0 && ae_buf_append(&line, "\n", 1, err) == 0) {
		rc = ae_csv_line(names, (const char *)line.data, line.len, err);
		if (rc != 1) {
			rc = ae_fail_usage(err, "--header %s: not a list of names", text);
		} else {
			size_t n;
			const struct ae_csv_field *fields = ae_csv_fields(names, &n);
			rc = ae_csv_columns_init(&s->columns, schema, fields, n, s->rules, err);
		}
	}
	ae_csv_free(names);
	ae_buf_free(&line);
	return rc;
}

static int skip_bom(struct ae_input *input, struct ae_error *err)
{
	size_t have;
	const unsigned char *bytes = ae_input_bytes(input, &have);
	while (have > 0 && have < 3 && memcmp(bytes, "\xef\xbb\xbf", have) == 0) {
		enum ae_fill fill = ae_input_fill(input, true, err);
		if (fill == AE_FILL_FAIL)
			return -1;
		bytes = ae_input_bytes(input, &have);
		if (fill == AE_FILL_END)
			break;
	}
	if (have >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		ae_input_take(input, 3);
	return 0;
}

/* As next_record, but for lines "!" of programs that failed before they wrote a header. */
static int next_header(struct csv_state *s, struct ae_input *input, struct ae_error *err)
{
	uint64_t failed = 0;
	for (;; failed++) {
		int rc = next_record(s, input, true, err);
		if (rc == 2 && failed && !input->stopped)
			return ae_fail(err, "line %llu: \"!\": the program that wrote this failed",
				(unsigned long long)s->line);
		if (rc == 1 && s->record.len == 2 && memcmp(s->record.data, "!\n", 2) == 0)
			continue;
		for (; rc == 1 && failed; failed--)
			ae_left_out_add(s->left_out, AE_LEFT_OUT_FAILED_RUN,
				"line 1: \"!\": a program that wrote into this failed");
		return rc;
	}
}

static int csv_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct csv_state *s = state;
	const struct ae_reader_options *o = s->rules->options;
	if (skip_bom(input, err) != 0)
		return -1;
	int rc;
	if (o->header) {
		rc = header_from_option(s, schema, err);
	} else {
		s->left_out->keep_rejects |= !o->no_header; /* so that the header's line is kept */
		rc = next_header(s, input, err);
		s->left_out->keep_rejects = o->rejects != NULL;
		if (rc == 2)
			return no_bytes(input, err);
		if (rc < 0)
			return -1;
		size_t n;
		const struct ae_csv_field *cells = ae_csv_fields(s->csv, &n);
		s->first_pending = o->no_header;
		rc = ae_csv_columns_init(&s->columns, schema, o->no_header ? NULL : cells, n, s->rules, err);
		/* A row may well be equal to a header of numbers alone. */
		if (rc == 0 && !o->no_header && !s->columns.all_numbers)
			rc = ae_buf_set(&s->header_line, s->record.data, s->record.len, err);
	}
	if (rc != 0)
		return s->line > 0 && err->status != AE_STATUS_USAGE ? fail_at(s, err) : -1; /* options are no line */
	if (!(s->marks = ae_calloc(schema->count, sizeof(*s->marks), err)))
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		s->row_bytes += ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
	return 0;
}

static void csv_free_state(void *state)
{
	struct csv_state *s = state;
	ae_csv_free(s->csv);
	ae_csv_columns_free(&s->columns);
	ae_buf_free(&s->header_line);
	ae_buf_free(&s->record);
	free(s->marks);
	free(s);
}

static int csv_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct csv_state *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->rules = rules;
	s->left_out = left_out;
	if (ae_csv_new(&s->csv, rules->delimiter, err) != 0) {
		free(s);
		return -1;
	}
	*source = (struct ae_source){
		.state = s, .header = csv_header, .rows = csv_rows, .free = csv_free_state, .text = true};
	return 0;
}

const struct ae_input_format ae_csv_input = {.name = "csv", .delimiter = ',', .open = csv_open};
const struct ae_input_format ae_tsv_input = {.name = "tsv", .delimiter = '\t', .open = csv_open};
