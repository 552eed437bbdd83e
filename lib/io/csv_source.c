/* SPDX-License-Identifier: MIT */
/* CSV and TSV as a source of rows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/csv_advice.h"
#include "io/csv_header.h"
#include "io/csv_records.h"
#include "io/csv_roles.h"
#include "io/format.h"

#define OTHER_ROLES "--label, --id, --time, --pass or --x"
/* After so many bytes of names a note says no more of them. */
enum { UNKNOWN_NAMES = 600 };
/* 2^24: beyond it f32 does not hold every integer. */
#define LARGEST_INPUT 16777216.0
/* In so many columns of numbers distinct words are another header. In fewer they may be a stray line: "sensor lost". */
enum { NEW_NAMES = 3 };

struct csv_state {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_csv_records records;
	struct ae_csv_columns columns;
	struct ae_csv_header header; /* their names */
	size_t numbers;              /* columns of numbers */
	bool has_header;             /* a header row */
	bool has_na;                 /* --na */
	bool after_header;           /* the present record is the first one behind a header */
	bool units_due;              /* --units: the next record is units */
	uint64_t other_header;       /* the line of a header of other columns, until ours comes again; 0: none */
	bool has_row;                /* one was taken */
	bool *has_value;             /* [columns] one of its numbers was taken */
	size_t *empty;               /* [empty_count] the columns of inputs that have none yet */
	size_t empty_count;
	bool first_pending;  /* without a header row the first record told the number of columns and is still due */
	struct ae_buf first; /* its lines, while blank lines before it are rows that are due */
	uint64_t first_line;
	size_t blanks_taken;
	size_t row_bytes; /* of the number columns */
	size_t *marks;    /* lengths to go back to when a row turns out bad */
};

/* What becomes of a record: it may be a row, a line of units or a header, or an error of its own or another. */
enum {
	ROW_FAIL = -2, /* no error of the record's, such as of memory: nothing goes on */
	ROW_BAD = -1,
	ROW_TAKEN = 0,
	ROW_MISSING = 1, /* left out for a missing value */
	ROW_HEADER = 2,  /* our header again, or units */
};

static int fail_at(const struct csv_state *s, struct ae_error *err)
{
	return ae_csv_records_fail(&s->records, err);
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

static bool is_comment(const struct csv_state *s)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	return !s->rules->options->comment && n > 0 && cells->len > 0 && *cells->text == '#';
}

/* Adds to an error in the record behind a header, if it has words and no numbers, that it may hold units, or, where a
   name has a blank as titles have, be the header itself. Returns -1. */
static int fail_as_units(const struct csv_state *s, const struct ae_schema *schema, struct ae_error *err)
{
	char advice[AE_ADVICE_TEXT];
	size_t numbers, words;
	bool title = false;
	count_cells(s, schema, &numbers, &words);
	if (!s->has_header || !s->after_header || numbers > 0)
		return -1;
	for (size_t i = 0; i < s->columns.count; i++)
		title |= strchr(s->columns.names[i], ' ') != NULL;
	if (words > 0)
		ae_fail_more(err, AE_ADVICE_UNITS);
	if (!title)
		return -1;
	snprintf(advice, sizeof(advice), "; if it is the header: --skip-lines %llu",
		(unsigned long long)s->records.line - 1);
	return ae_fail_more(err, words > 0 ? advice : AE_ADVICE_TITLE);
}

static int fail_not_number(struct csv_state *s, const struct ae_schema *schema, size_t i,
	const struct ae_csv_field *cell, struct ae_error *err)
{
	char advice[AE_ADVICE_TEXT];
	const char *name = s->columns.names[i];
	if (is_comment(s) && !ae_csv_is_missing_word(cell))
		return fail_cell(err, name, cell, "is not a number" AE_ADVICE_COMMENT);
	if (ae_csv_cell_advice(advice, cell, s->rules->delimiter, s->columns.count)) {
		fail_cell(err, name, cell, "is not a number");
		return ae_fail_more(err, advice);
	}
	fail_cell(err, name, cell, "is not a number; text columns are named with --id, --time or --pass");
	return fail_as_units(s, schema, err);
}

/* What becomes of a cell that is no plain number. As read_cell. */
static int judge_number(struct csv_state *s, const struct ae_schema *schema, double *value, enum ae_number kind,
	size_t i, const struct ae_csv_field *cell, struct ae_error *err)
{
	const char *name = s->columns.names[i];
	switch (kind) {
	case AE_NUMBER_OK:
		return s->columns.slots[i].named ? ROW_TAKEN : check_large(s, i, cell, *value, err);
	case AE_NUMBER_MISSING:
		*value = NAN;
		if (s->rules->missing == AE_MISSING_MASK)
			return ROW_TAKEN;
		if (s->rules->missing == AE_MISSING_SKIP)
			return ROW_MISSING;
		ae_fail(err,
			"column \"%s\": missing value; --missing skip leaves such rows out, --missing mask keeps them",
			name);
		return fail_as_units(s, schema, err);
	case AE_NUMBER_OVERFLOW:
		return fail_cell(err, name, cell, "is infinite or too large");
	default:
		return fail_not_number(s, schema, i, cell, err);
	}
}

/* As read_cell. */
static inline int read_number(struct csv_state *s, const struct ae_schema *schema, double *value, size_t i,
	const struct ae_csv_field *cell, bool input, struct ae_error *err)
{
	enum ae_number kind = ae_number_parse(value, cell->text, cell->len);
	if (s->has_na)
		kind = apply_na(s->rules, cell, kind);
	bool plain = kind == AE_NUMBER_OK && (!input || fabs(*value) <= LARGEST_INPUT);
	return plain ? ROW_TAKEN : judge_number(s, schema, value, kind, i, cell, err);
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

/* ROW_TAKEN, ROW_MISSING, ROW_BAD or ROW_FAIL. */
static inline int read_cell(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, size_t i,
	const struct ae_csv_field *cell, struct ae_error *err)
{
	const struct ae_csv_slot *slot = &s->columns.slots[i];
	const struct ae_column *column = &schema->cols[slot->column];
	struct ae_data *data = &rows->data[slot->column];
	if (column->type == AE_TEXT)
		return ae_data_append_text(data, cell->text, cell->len, err) == 0 ? ROW_TAKEN : ROW_FAIL;
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

static void undo_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows)
{
	for (size_t i = 0; i < schema->count; i++) {
		rows->data[i].values.len = s->marks[i];
		if (schema->cols[i].type == AE_TEXT)
			rows->data[i].ends.len = rows->batch.rows * sizeof(uint32_t);
	}
}

/* Makes room for a row in every column, or in none. */
static int begin_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	for (size_t i = 0; i < schema->count; i++)
		s->marks[i] = rows->data[i].values.len;
	for (size_t i = 0; i < schema->count; i++) {
		struct ae_buf *values = &rows->data[i].values;
		size_t size = ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
		if (ae_buf_reserve(values, size, err) != 0) {
			undo_row(s, schema, rows);
			return ROW_FAIL;
		}
		values->len += size;
	}
	return ROW_TAKEN;
}

static int fail_count(struct csv_state *s, size_t n, struct ae_error *err)
{
	/* A title is one field, or has few commas. */
	size_t count = s->columns.count;
	bool title = s->has_header && n > count && (count == 1 ? !s->has_row : s->after_header && count < 3);
	ae_fail(err, "expected %zu fields, got %zu", s->columns.count, n);
	if (is_comment(s) || (s->after_header && s->records.header.len > 0 && *s->records.header.data == '#'))
		return ae_fail_more(err, AE_ADVICE_COMMENT);
	return title ? ae_fail_more(err, AE_ADVICE_TITLE) : -1;
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

/* Appends the record as a row. */
static int add_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (n != s->columns.count) {
		fail_count(s, n, err);
		return fail_at(s, err);
	}
	if (begin_row(s, schema, rows, err) != 0)
		return ROW_FAIL;
	for (size_t i = 0; i < n; i++) {
		int rc = read_cell(s, schema, rows, i, &cells[i], err);
		if (rc == ROW_TAKEN)
			continue;
		undo_row(s, schema, rows);
		if (rc == ROW_MISSING)
			ae_left_out_add_missing(s->left_out, s->records.line, s->columns.names[i]);
		return rc == ROW_BAD ? fail_at(s, err) : rc;
	}
	rows->batch.rows++;
	s->has_row = true;
	if (s->empty_count > 0)
		note_values(s, schema, rows);
	ae_rows_set_line(rows, s->records.line);
	return ROW_TAKEN;
}

static int no_bytes(const struct ae_input *input, struct ae_error *err)
{
	return input->stopped ? ae_fail_terminated(err, "stopped before the header")
			      : ae_fail(err, "empty input: not even a header");
}

static void begin_part(struct csv_state *s)
{
	s->records.repeated = false;
	s->units_due = s->rules->options->units;
	s->after_header = true;
	s->other_header = 0;
}

/* --units leaves out a line of numbers only by mistake. */
static int check_units(struct csv_state *s, const struct ae_schema *schema, struct ae_error *err)
{
	size_t numbers, words;
	count_cells(s, schema, &numbers, &words);
	if (numbers == 0 || words > 0)
		return ROW_HEADER;
	ae_fail(err, "--units: this line is to hold units, but it holds numbers");
	return fail_at(s, err);
}

/* ---- headers in the midst ---- */

static int fail_other_header(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	ae_csv_fail_other_header(&s->header, cells, n, err);
	if (s->after_header)
		ae_fail_more(err, AE_ADVICE_UNITS);
	return fail_at(s, err);
}

/* Whether the record is our header, exactly but for its quotes. */
static bool is_our_header(const struct csv_state *s)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	return s->has_header && ae_csv_header_is_same(&s->header, cells, n);
}

/* Where no column holds numbers, nothing but the names tells a header from a row: all of them, as many as ours. As
   take_row, 0 for a row. */
static int find_header_of_text(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header || s->records.header_is_row || n != s->columns.count)
		return ROW_TAKEN;
	if (is_our_header(s))
		return ROW_HEADER;
	int all = n > 1 ? ae_csv_header_has_all(&s->header, cells, n, err) : 0;
	if (all < 0)
		return ROW_FAIL;
	switch (all ? ae_csv_header_compare(&s->header, cells, n, err) : AE_CSV_ROW) {
	case AE_CSV_UNKNOWN:
		return ROW_FAIL;
	case AE_CSV_SHARED_NAMES:
		s->other_header = s->records.line;
		return fail_other_header(s, err);
	default:
		return ROW_TAKEN;
	}
}

/* What a bad row is, whose error is *err: our header in other quotes, one of other columns, or a bad row. Rows under a
   header of as many other columns would be read under the wrong names; under one of more or fewer their number tells.
   Behind a header, words that are not its names are rather units, or it was a title. */
static int judge_bad_row(struct csv_state *s, struct ae_error *err)
{
	size_t n, count = s->columns.count;
	struct ae_error why = *err;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header || s->columns.all_numbers)
		return ROW_BAD;
	bool words = false, other = false; /* words where numbers stand; rows under them are bad */
	switch (ae_csv_header_compare(&s->header, cells, n, err)) {
	case AE_CSV_UNKNOWN:
		return ROW_FAIL;
	case AE_CSV_SAME_HEADER:
		return ROW_HEADER;
	case AE_CSV_SHARED_NAMES:
		words = true;
		other = n == count;
		break;
	case AE_CSV_NEW_NAMES:
		words = !s->after_header && s->numbers > 1;
		other = words && s->numbers >= NEW_NAMES;
		break;
	case AE_CSV_WORDS:
		words = !s->after_header && s->has_row && (n == count ? s->numbers > 1 : s->numbers > 0 && n > 1);
		break;
	default:
		break;
	}
	if (other)
		s->other_header = s->records.line;
	*err = why;
	return words ? fail_other_header(s, err) : ROW_BAD;
}

/* The record as a row. */
static int take_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	int rc = s->numbers == 0 ? find_header_of_text(s, err) : ROW_TAKEN;
	if (rc != ROW_TAKEN)
		return rc;
	if (s->other_header) {
		if (is_our_header(s))
			return ROW_HEADER;
		ae_fail(err, "a row of the other columns of line %llu", (unsigned long long)s->other_header);
		return fail_at(s, err);
	}
	rc = add_row(s, schema, rows, err);
	return rc == ROW_BAD ? judge_bad_row(s, err) : rc;
}

static int take_record(
	struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, bool bad, struct ae_error *err)
{
	if (s->records.repeated)
		begin_part(s);
	if (s->units_due) {
		s->units_due = false;
		return bad ? ROW_HEADER : check_units(s, schema, err); /* a quote may be a unit: inches */
	}
	int rc = bad ? ROW_BAD : take_row(s, schema, rows, err);
	s->after_header = false;
	if (rc == ROW_HEADER)
		begin_part(s);
	return rc;
}

/* Counts a bad row, and keeps the lines of any row that is left out where they are asked for. */
static int leave_out(struct csv_state *s, int taken, struct ae_error *err)
{
	const struct ae_buf *record = &s->records.record;
	if (taken == ROW_BAD)
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

/* A record that is not our header stands behind a mark, where only a header may stand: one of other columns, under
   which the rows are bad, whatever they are; or ROW_FAIL. */
static int take_behind_mark(struct csv_state *s, bool bad, struct ae_error *err)
{
	size_t n;
	const struct ae_csv_field *cells = ae_csv_fields(s->records.csv, &n);
	bool words = n == s->columns.count ? s->numbers > 1 : s->numbers > 0 && n > 1, other = false;
	s->after_header = false;
	switch (bad ? AE_CSV_ROW : ae_csv_header_compare(&s->header, cells, n, err)) {
	case AE_CSV_UNKNOWN:
		return ROW_FAIL;
	case AE_CSV_SAME_HEADER: /* but for the "# " of savetxt */
		ae_csv_records_pass_mark(&s->records);
		begin_part(s);
		return ROW_HEADER;
	case AE_CSV_SHARED_NAMES:
		other = true;
		break;
	case AE_CSV_NEW_NAMES:
	case AE_CSV_WORDS:
		other = words;
		break;
	default:
		break;
	}
	if (!other) {
		ae_csv_records_fail_mark(&s->records, err);
		return ROW_FAIL;
	}
	ae_csv_records_pass_mark(&s->records);
	s->other_header = s->records.line;
	return fail_other_header(s, err);
}

static enum ae_read csv_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct csv_state *s = state;
	if (ae_buf_reserve(&rows->lines, AE_BATCH_ROWS * sizeof(uint64_t), err) != 0)
		return AE_READ_FAIL;
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
		if (rc == ROW_FAIL || (rc == ROW_BAD && !s->rules->skip_bad))
			return AE_READ_FAIL;
		if ((rc == ROW_BAD || rc == ROW_MISSING) && leave_out(s, rc, err) != 0)
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
		if (rc == 0 || rc == AE_CSV_INVALID) {
			rc = ae_fail_usage(err, "--header %s: not a list of names", text);
		} else if (rc == 1) {
			size_t n;
			const struct ae_csv_field *fields = ae_csv_fields(names, &n);
			rc = ae_csv_columns_init(&s->columns, schema, fields, n, s->rules, err);
		}
	}
	ae_csv_free(names);
	ae_buf_free(&line);
	return rc;
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
		ae_csv_advise_header(s->rules, &s->records.record, err);
		return -1;
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
	int rc = ae_csv_check_first_line(s->rules, line, cells, n, err);
	if (rc == 0)
		rc = ae_csv_columns_init(&s->columns, schema, none ? NULL : cells, n, s->rules, err);
	if (rc != 0 && err->status != AE_STATUS_USAGE)
		ae_csv_advise_columns(s->rules, cells, n, err);
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
	uint64_t shown = 0;
	if (left->unknown)
		return 0;
	for (size_t i = 0; i < s->columns.count; i++) {
		const char *name = s->columns.names[i];
		if (!s->columns.slots[i].unknown || (left->unknown++, names->len > UNKNOWN_NAMES))
			continue;
		if ((names->len && ae_buf_append(names, ", ", 2, err) != 0) ||
			ae_buf_append(names, "\"", 1, err) != 0 || ae_buf_append(names, name, strlen(name), err) != 0 ||
			ae_buf_append(names, "\"", 1, err) != 0)
			return -1;
		shown++;
	}
	return shown < left->unknown ? ae_buf_append(names, " and more", 9, err) : 0;
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
	s->header.columns = &s->columns;
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
	ae_csv_header_free(&s->header);
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
