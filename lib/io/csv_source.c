/* SPDX-License-Identifier: MIT */
/* CSV and TSV as a source of rows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"
#include "io/csv_advice.h"
#include "io/csv_records.h"
#include "io/csv_roles.h"
#include "io/format.h"

#define OTHER_ROLES "--label, --id, --time, --pass or --x"
/* After so many bytes of names a note says no more of them. */
enum { UNKNOWN_NAMES = 600 };

struct csv_state {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_csv_records records;
	struct ae_csv_columns columns;
	size_t numbers;        /* columns of numbers */
	bool has_header;       /* a header row */
	bool has_na;           /* --na */
	bool after_header;     /* the present record is the first one behind a header */
	bool units_due;        /* --units: the next record is units */
	uint64_t other_header; /* the line of a header of other columns, until ours comes again; 0: none */
	bool *has_value;       /* [columns] one of its numbers was taken */
	size_t *empty;         /* [empty_count] the columns of inputs that have none yet */
	size_t empty_count;
	bool first_pending;  /* without a header row the first record told the number of columns and is still due */
	struct ae_buf first; /* its lines, while blank lines before it are rows that are due */
	uint64_t first_line;
	size_t blanks_taken;
	size_t row_bytes; /* of the number columns */
	size_t *marks;    /* lengths to go back to when a row turns out bad */
};

static int fail_at(const struct csv_state *s, struct ae_error *err)
{
	return ae_csv_records_fail(&s->records, err);
}

/* Adds to the end of an error. Returns -1. */
static int fail_more(struct ae_error *err, const char *more)
{
	struct ae_error copy = *err;
	return ae_fail(err, "%s%s", copy.text, more);
}

/* ---- cells ---- */

static int fail_cell(struct ae_error *err, const char *name, const struct ae_csv_field *cell, const char *what)
{
	int shown = cell->len > 40 ? 40 : (int)cell->len;
	return ae_fail(err, "column \"%s\": \"%.*s\" %s", name, shown, cell->text, what);
}

/* Whether a cell spells an integer as such, without point or exponent. */
static bool is_integer(const struct ae_csv_field *cell)
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

/* Refuses an input that is beyond 2^24 and looks like no measurement: an id or a time stamp. Those that have a point or
   an exponent, as pandas writes integers where some are missing, are found by the first value of their column alone: a
   later one is a large measurement. From 2^53 on all numbers are integers. */
static int check_large(
	const struct csv_state *s, size_t i, const struct ae_csv_field *cell, double value, struct ae_error *err)
{
	const char *name = s->columns.names[i];
	bool first = !s->has_value[i];
	if (first && !is_integer(cell) && is_unix_time(cell, value))
		return fail_cell(err, name, cell,
			"looks like a Unix time, not like an input: say which it is with " OTHER_ROLES);
	if (is_integer(cell) || (first && fabs(value) < 9007199254740992.0 && value == floor(value)))
		return fail_cell(err, name, cell,
			"is an integer above 2^24, more like an id than an input: say which it is with " OTHER_ROLES);
	return 0;
}

static bool is_number_column(const struct csv_state *s, const struct ae_schema *schema, size_t i)
{
	enum ae_type type = schema->cols[s->columns.slots[i].column].type;
	return type == AE_F64 || type == AE_F32;
}

/* What a cell is, if the parser says `kind` of it: --na knows further spellings of a missing number. */
static enum ae_number apply_na(const struct ae_text_rules *rules, const struct ae_csv_field *cell, enum ae_number kind)
{
	for (size_t i = 0; i < rules->na_count; i++)
		if (strlen(rules->na[i]) == cell->len && memcmp(rules->na[i], cell->text, cell->len) == 0)
			return AE_NUMBER_MISSING;
	return kind;
}

/* How many cells of number columns of the record are numbers, and how many are words. */
static void count_cells(const struct csv_state *s, const struct ae_schema *schema, size_t *numbers, size_t *words)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	*numbers = *words = 0;
	for (size_t i = 0; i < n && i < s->columns.count; i++) {
		double value;
		if (!is_number_column(s, schema, i))
			continue;
		enum ae_number kind =
			apply_na(s->rules, &cells[i], ae_number_parse(&value, cells[i].text, cells[i].len));
		*numbers += kind == AE_NUMBER_OK;
		*words += kind == AE_NUMBER_NOT && !ae_csv_is_missing_word(&cells[i]);
	}
}

/* Whether the record is a header of other columns: one that shares names, or one of words alone where numbers stand.
   Behind a header it is rather a line of units, or the header was a title. */
static bool is_other_header(const struct csv_state *s)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header)
		return false;
	switch (ae_csv_compare_header(&s->columns, cells, n)) {
	case AE_CSV_OTHER_HEADER:
		return true;
	case AE_CSV_MAYBE_HEADER:
		return !s->after_header && (n == s->columns.count ? s->numbers > 1 : s->numbers > 0 && n > 1);
	default:
		return false;
	}
}

/* The record is a header of other columns. What follows one that shares names with ours is of other columns too. */
static int fail_other_header(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (ae_csv_compare_header(&s->columns, cells, n) == AE_CSV_OTHER_HEADER)
		s->other_header = s->records.line;
	return ae_csv_fail_other_header(&s->columns, cells, n, err);
}

static bool is_comment(const struct csv_state *s)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	return !s->rules->options->comment && n > 0 && cells->len > 0 && *cells->text == '#';
}

#define COMMENT_ADVICE "; if lines that begin with # are comments: --comment '#'"

static int fail_not_number(struct csv_state *s, const struct ae_schema *schema, size_t i,
	const struct ae_csv_field *cell, struct ae_error *err)
{
	char advice[AE_ADVICE_TEXT];
	const char *name = s->columns.names[i];
	size_t numbers, words;
	if (is_other_header(s))
		return fail_other_header(s, err);
	if (is_comment(s) && !ae_csv_is_missing_word(cell))
		return fail_cell(err, name, cell, "is not a number" COMMENT_ADVICE);
	if (ae_csv_cell_advice(advice, cell, s->rules->delimiter, s->columns.count)) {
		fail_cell(err, name, cell, "is not a number");
		return fail_more(err, advice);
	}
	fail_cell(err, name, cell, "is not a number; text columns are named with --id, --time or --pass");
	count_cells(s, schema, &numbers, &words);
	bool units = s->has_header && s->after_header && words == s->numbers;
	return units ? fail_more(err, "; if this line holds units: --units") : -1;
}

/* 0 fine, 1 missing and to be skipped, -1 bad. */
static int read_number(struct csv_state *s, const struct ae_schema *schema, double *value, size_t i,
	const struct ae_csv_field *cell, bool input, struct ae_error *err)
{
	const char *name = s->columns.names[i];
	enum ae_number kind = ae_number_parse(value, cell->text, cell->len);
	if (s->has_na)
		kind = apply_na(s->rules, cell, kind);
	switch (kind) {
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
		return fail_not_number(s, schema, i, cell, err);
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
	int rc = read_number(s, schema, &value, i, cell, column->role == AE_X, err);
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

static int fail_count(struct csv_state *s, size_t n, struct ae_error *err)
{
	bool title = s->has_header && s->after_header && n > s->columns.count && s->columns.count < 3;
	if (is_other_header(s))
		return fail_other_header(s, err);
	ae_fail(err, "expected %zu fields, got %zu", s->columns.count, n);
	if (is_comment(s) || (s->after_header && s->records.header.len > 0 && *s->records.header.data == '#'))
		return fail_more(err, COMMENT_ADVICE);
	return title ? fail_more(err, "; if lines stand before the header: --skip-lines N") : -1;
}

/* After a row: which columns have their first value. */
static void note_values(struct csv_state *s, const struct ae_schema *schema, const struct ae_rows *rows)
{
	size_t left = 0;
	for (size_t k = 0; k < s->empty_count; k++) {
		size_t i = s->empty[k];
		const struct ae_csv_slot *slot = &s->columns.slots[i];
		enum ae_type type = schema->cols[slot->column].type;
		const unsigned char *row = rows->data[slot->column].values.data + s->marks[slot->column];
		double value;
		ae_to_f64(&value, row + slot->element * ae_type_size(type), type, 1);
		s->has_value[i] = !isnan(value);
		if (!s->has_value[i])
			s->empty[left++] = i;
	}
	s->empty_count = left;
}

/* Appends the record as a row: 0 done, 1 left out for a missing value, -1 bad. */
static int add_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (n != s->columns.count) {
		fail_count(s, n, err);
		return fail_at(s, err);
	}
	if (begin_row(s, schema, rows, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = read_cell(s, schema, rows, i, &cells[i], err);
		if (rc != 0) {
			undo_row(s, schema, rows);
			if (rc == 1)
				ae_left_out_add_missing(s->left_out, s->records.line, s->columns.names[i]);
			return rc < 0 ? fail_at(s, err) : rc;
		}
	}
	rows->batch.rows++;
	if (s->empty_count > 0)
		note_values(s, schema, rows);
	return ae_rows_set_line(rows, s->records.line, err);
}

static int no_bytes(const struct ae_input *input, struct ae_error *err)
{
	return input->stopped ? ae_fail_terminated(err, "stopped before the header")
			      : ae_fail(err, "empty input: not even a header");
}

/* Whether the record is our header, quoted in another way or of several lines, or, where no column holds numbers so
   that nothing else would tell, one of other columns: 1 ours, -1 and *err another, 0 neither. */
static int find_header(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header || s->columns.all_numbers || !ae_csv_all_from_header(&s->columns, cells, n))
		return 0;
	switch (ae_csv_compare_header(&s->columns, cells, n)) {
	case AE_CSV_SAME_HEADER:
		return 1;
	case AE_CSV_OTHER_HEADER:
		fail_other_header(s, err);
		return fail_at(s, err);
	default:
		return 0;
	}
}

static void begin_part(struct csv_state *s)
{
	s->records.repeated = false;
	s->units_due = s->rules->options->units;
	s->after_header = true;
	s->other_header = 0;
}

/* 2, or -1 and *err: --units leaves out a line of numbers only by mistake. */
static int check_units(struct csv_state *s, const struct ae_schema *schema, struct ae_error *err)
{
	size_t numbers, words;
	count_cells(s, schema, &numbers, &words);
	if (numbers == 0 || words > 0)
		return 2;
	ae_fail(err, "--units: this line is to hold units, but it holds numbers");
	return fail_at(s, err);
}

/* The record as a row: 0 appended, 1 left out for a missing value, 2 our header, -1 bad. */
static int take_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct ae_error why;
	int rc = s->numbers == 0 ? find_header(s, err) : 0;
	if (rc == 0 && s->other_header) {
		ae_fail(err, "a row of the other columns of line %llu", (unsigned long long)s->other_header);
		rc = fail_at(s, err);
	} else if (rc == 0) {
		rc = add_row(s, schema, rows, err);
		if (rc >= 0)
			return rc;
	} else if (rc == 1) {
		return 2;
	}
	/* A bad row may be our header in other quotes. */
	why = *err;
	if (find_header(s, err) == 1)
		return 2;
	*err = why;
	return rc;
}

/* As take_row; 2 stands for a line of units too. */
static int take_record(
	struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, bool bad, struct ae_error *err)
{
	if (s->records.repeated)
		begin_part(s);
	if (s->units_due) {
		s->units_due = false;
		return bad ? 2 : check_units(s, schema, err); /* a quote may be a unit: inches */
	}
	int rc = bad ? -1 : take_row(s, schema, rows, err);
	s->after_header = false;
	if (rc == 2)
		begin_part(s);
	return rc;
}

/* A record that is not our header stands behind a mark. -1 and *err: a header of other columns, which may be left out
   as a bad row is, and which the mark is counted for; or, with the mark still set, none at all. */
static int take_behind_mark(struct csv_state *s, bool bad, struct ae_error *err)
{
	s->after_header = false;
	if (bad || !is_other_header(s))
		return ae_csv_records_fail_mark(&s->records, err);
	ae_csv_records_pass_mark(&s->records);
	fail_other_header(s, err);
	s->other_header = s->records.line;
	return fail_at(s, err);
}

static int leave_out(struct csv_state *s, struct ae_error *err)
{
	const struct ae_buf *record = &s->records.record;
	ae_left_out_add(s->left_out, AE_LEFT_OUT_BAD, err->text);
	return s->left_out->keep_rejects ? ae_buf_append(&s->left_out->rejects, record->data, record->len, err) : 0;
}

/* Blank lines before the first record of one column are rows like those behind it. */
static enum ae_csv_got next_blank(struct csv_state *s, struct ae_error *err)
{
	struct ae_csv_records *r = &s->records;
	if (s->blanks_taken == 0) {
		if (ae_buf_set(&s->first, r->record.data, r->record.len, err) != 0)
			return AE_CSV_FAIL;
		s->first_line = r->line;
	}
	r->line = ae_csv_records_blank(r, s->blanks_taken++);
	return ae_buf_set(&r->record, "\n", 1, err) != 0 || ae_csv_blank(r->csv, err) != 0 ? AE_CSV_FAIL
											   : AE_CSV_RECORD;
}

/* The first record once more, behind those. */
static enum ae_csv_got again_first(struct csv_state *s, struct ae_error *err)
{
	struct ae_csv_records *r = &s->records;
	const char *at = (const char *)s->first.data, *end = at + s->first.len;
	int rc = 0;
	while (rc == 0 && at < end) {
		size_t len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
		rc = ae_csv_line(r->csv, at, len, err);
		at += len;
	}
	r->line = s->first_line;
	return rc < 0 || ae_buf_set(&r->record, s->first.data, s->first.len, err) != 0 ? AE_CSV_FAIL : AE_CSV_RECORD;
}

static enum ae_csv_got next_record(struct csv_state *s, struct ae_input *input, bool wait, struct ae_error *err)
{
	if (s->first_pending && s->blanks_taken * sizeof(uint64_t) < s->records.blanks.len)
		return next_blank(s, err);
	if (s->first_pending && s->blanks_taken > 0) {
		s->first_pending = false;
		return again_first(s, err);
	}
	if (s->first_pending) {
		s->first_pending = false;
		return AE_CSV_RECORD;
	}
	return ae_csv_records_next(&s->records, input, wait, err);
}

static enum ae_read csv_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct csv_state *s = state;
	s->records.taken = 0;
	s->records.keep = s->left_out->keep_rejects;
	for (;;) {
		enum ae_csv_got got = next_record(s, input, rows->batch.rows == 0, err);
		if (got == AE_CSV_FAIL)
			return AE_READ_FAIL;
		if (got == AE_CSV_END && s->records.line == 0 && !input->stopped) {
			no_bytes(input, err);
			return AE_READ_FAIL;
		}
		if (got == AE_CSV_IDLE || got == AE_CSV_END)
			return rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
		bool bad = got == AE_CSV_BAD;
		int rc = s->records.mark ? take_behind_mark(s, bad, err) : take_record(s, schema, rows, bad, err);
		if (rc == -1 && (s->records.mark || !s->rules->skip_bad || leave_out(s, err) != 0))
			return AE_READ_FAIL;
		if (rows->batch.rows >= AE_BATCH_ROWS || rows->batch.rows * s->row_bytes >= AE_BATCH_BYTES ||
			s->records.taken >= AE_BATCH_BYTES)
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

/* A first line that tells spreadsheets the delimiter is no header. */
static int check_sep_line(const struct csv_state *s, struct ae_error *err)
{
	const char *line = (const char *)s->records.record.data;
	size_t len = s->records.record.len;
	if (len < 6 || len > 7 || strncasecmp(line, "sep=", 4) != 0)
		return 0;
	const char c[] = {line[4], '\0'}, *shown = *c == '\t' ? "\\t" : c;
	return ae_fail(err, "\"sep=%s\" tells the delimiter of what follows: --skip-lines 1 -d '%s'", shown, shown);
}

/* A header of one column that looks like several, where the user gave no delimiter. */
static int check_delimiter(const struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	const struct ae_buf *line = &s->records.record;
	const struct ae_reader_options *o = s->rules->options;
	if (n != 1 || *line->data == '"' || o->delimiter || o->no_header)
		return 0;
	const char *advice = ae_csv_delimiter_advice((const char *)line->data, line->len, s->rules->delimiter);
	int shown = cells->len > 40 ? 40 : (int)cells->len;
	return advice ? ae_fail(err, "there is one column, \"%.*s\": is the delimiter %s?", shown, cells->text, advice)
		      : 0;
}

/* An error in the header's line before it has columns. */
static int fail_header(const struct csv_state *s, struct ae_error *err)
{
	const struct ae_buf *line = &s->records.record;
	const char *advice = line->len > 0
				     ? ae_csv_delimiter_advice((const char *)line->data, line->len, s->rules->delimiter)
				     : NULL;
	if (!advice || !memchr(line->data, '"', line->len))
		return -1;
	fail_more(err, "; is the delimiter ");
	fail_more(err, advice);
	return fail_more(err, "?");
}

/* The first record: the header row, or without one the first row. */
static int header_from_text(struct csv_state *s, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	bool none = s->rules->options->no_header;
	s->records.keep = true;
	switch (next_record(s, input, true, err)) {
	case AE_CSV_END:
		return no_bytes(input, err);
	case AE_CSV_BAD:
		return fail_header(s, err);
	case AE_CSV_RECORD:
		break;
	default:
		return -1;
	}
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	const struct ae_buf *line = &s->records.record;
	if (n != 1 && s->records.blanks.len > 0)
		return ae_fail(err, "line %llu: blank line", (unsigned long long)ae_csv_records_blank(&s->records, 0));
	int rc = check_sep_line(s, err);
	if (rc == 0)
		rc = ae_csv_columns_init(&s->columns, schema, none ? NULL : cells, n, s->rules, err);
	if (rc != 0 && n == 1 && *line->data == '#' && !s->rules->options->comment && err->status != AE_STATUS_USAGE)
		fail_more(err, COMMENT_ADVICE);
	if (rc == 0)
		rc = check_delimiter(s, err);
	if (rc != 0)
		return err->status == AE_STATUS_USAGE ? -1 : fail_at(s, err); /* options are no line */
	s->first_pending = none;
	s->has_header = !none;
	return none ? 0 : ae_csv_records_set_header(&s->records, s->columns.all_numbers, err);
}

/* Keeps the names of columns that a model does not know, for the program's note. */
static int keep_unknown(struct csv_state *s, struct ae_error *err)
{
	struct ae_left_out *left = s->left_out;
	struct ae_buf *names = &left->unknown_names;
	if (left->unknown)
		return 0;
	for (size_t i = 0; i < s->columns.count; i++) {
		const char *name = s->columns.names[i];
		if (!s->columns.slots[i].unknown || (left->unknown++ && names->len > UNKNOWN_NAMES))
			continue;
		if ((names->len && ae_buf_append(names, ", ", 2, err) != 0) ||
			ae_buf_append(names, "\"", 1, err) != 0 || ae_buf_append(names, name, strlen(name), err) != 0 ||
			ae_buf_append(names, "\"", 1, err) != 0)
			return -1;
		if (names->len > UNKNOWN_NAMES && ae_buf_append(names, " and more", 9, err) != 0)
			return -1;
	}
	return 0;
}

static int csv_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct csv_state *s = state;
	if ((s->rules->options->header ? header_from_option(s, schema, err)
				       : header_from_text(s, input, schema, err)) != 0)
		return -1;
	if (keep_unknown(s, err) != 0)
		return -1;
	begin_part(s);
	s->records.lone = s->columns.count == 1;
	for (size_t i = 0; i < s->columns.count; i++)
		s->numbers += is_number_column(s, schema, i);
	s->marks = ae_calloc(schema->count, sizeof(*s->marks), err);
	s->has_value = ae_calloc(s->columns.count, sizeof(*s->has_value), err);
	s->empty = ae_calloc(s->columns.count, sizeof(*s->empty), err);
	if (!s->marks || !s->has_value || !s->empty)
		return -1;
	for (size_t i = 0; i < s->columns.count; i++)
		if (schema->cols[s->columns.slots[i].column].role == AE_X)
			s->empty[s->empty_count++] = i;
	for (size_t i = 0; i < schema->count; i++)
		s->row_bytes += ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
	return 0;
}

static void csv_free_state(void *state)
{
	struct csv_state *s = state;
	ae_csv_records_free(&s->records);
	ae_csv_columns_free(&s->columns);
	ae_buf_free(&s->first);
	free(s->has_value);
	free(s->empty);
	free(s->marks);
	free(s);
}

static int open_source(struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out,
	bool escapes, struct ae_error *err)
{
	struct csv_state *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->rules = rules;
	s->left_out = left_out;
	s->has_na = rules->na_count > 0;
	if (ae_csv_records_init(&s->records, rules, left_out, escapes, err) != 0) {
		free(s);
		return -1;
	}
	*source = (struct ae_source){
		.state = s, .header = csv_header, .rows = csv_rows, .free = csv_free_state, .text = true};
	return 0;
}

static int csv_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	return open_source(source, rules, left_out, false, err);
}

static int tsv_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	return open_source(source, rules, left_out, true, err);
}

const struct ae_input_format ae_csv_input = {.name = "csv", .delimiter = ',', .open = csv_open};
const struct ae_input_format ae_tsv_input = {.name = "tsv", .delimiter = '\t', .open = tsv_open};
