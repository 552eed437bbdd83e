/* SPDX-License-Identifier: MIT */
/* CSV and TSV as a source of rows: which records are rows, units or headers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv_advice.h"
#include "io/csv_header.h"
#include "io/csv_plain.h"
#include "io/csv_records.h"
#include "io/format.h"
#include "io/record_cells.h"
#include "io/record_roles.h"

/* In so many columns of numbers distinct words are another header. In fewer they may be a stray line: "sensor lost". */
enum { NEW_NAMES = 3 };

struct csv_state {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_csv_records records;
	struct ae_record_columns columns;
	struct ae_csv_header header;  /* their names */
	struct ae_record_cells cells; /* their values */
	struct ae_csv_plain plain;    /* rows that need none of these */
	bool has_header;              /* a header row */
	bool after_header;            /* the present record is the first one behind a header */
	bool units_due;               /* --units: the next record is units */
	uint64_t other_header;        /* the line of a header of other columns, until ours comes again; 0: none */
	bool has_row;                 /* one was taken */
};

static int fail_at(const struct csv_state *s, struct ae_error *err)
{
	return ae_csv_records_fail(&s->records, err);
}

/* ---- rows ---- */

static int fail_count(struct csv_state *s, const struct ae_cell *fields, size_t n, struct ae_error *err)
{
	/* A title is one field, or has few commas. */
	size_t count = s->columns.count;
	bool title = s->has_header && n > count && (count == 1 ? !s->has_row : s->after_header && count < 3);
	ae_fail(err, "expected %zu fields, got %zu", s->columns.count, n);
	if (ae_csv_is_comment(s->rules, fields, n) ||
		(s->after_header && s->records.header.len > 0 && *s->records.header.data == '#'))
		return ae_fail_more(err, AE_ADVICE_COMMENT);
	return title ? ae_fail_more(err, AE_ADVICE_TITLE) : -1;
}

/* Appends the record as a row. */
static int add_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	size_t n, failed;
	const struct ae_cell *fields = ae_csv_fields(s->records.csv, &n);
	if (n != s->columns.count) {
		fail_count(s, fields, n, err);
		return fail_at(s, err);
	}
	uint64_t behind_header = s->has_header && s->after_header ? s->records.lines.line : 0;
	switch (ae_record_cells_add(&s->cells, schema, rows, fields, behind_header, &failed, err)) {
	case AE_RECORD_TAKEN:
		break;
	case AE_RECORD_MISSING:
		ae_left_out_add_missing(s->left_out, s->records.lines.line, s->columns.names[failed]);
		return AE_RECORD_MISSING;
	case AE_RECORD_BAD:
		return fail_at(s, err);
	default:
		return AE_RECORD_FAIL;
	}
	s->has_row = true;
	ae_rows_set_line(rows, s->records.lines.line);
	return AE_RECORD_TAKEN;
}

static int no_bytes(const struct ae_input *input, struct ae_error *err)
{
	return input->stopped ? ae_fail_terminated(err, "stopped before the header") : ae_source_fail_empty(input, err);
}

static void begin_part(struct csv_state *s)
{
	s->records.repeated = false;
	s->units_due = s->rules->options->units;
	s->after_header = true;
	s->other_header = 0;
}

/* --units leaves out a line of numbers only by mistake. */
static int check_units(struct csv_state *s, struct ae_error *err)
{
	size_t n, numbers, words;
	const struct ae_cell *fields = ae_csv_fields(s->records.csv, &n);
	ae_record_cells_count(&s->cells, fields, n, &numbers, &words);
	if (numbers == 0 || words > 0)
		return AE_RECORD_HEADER;
	ae_fail(err, "--units: this line is to hold units, but it holds numbers");
	return fail_at(s, err);
}

/* ---- headers in the midst ---- */

static int fail_other_header(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	ae_csv_fail_other_header(&s->header, cells, n, err);
	if (s->after_header)
		ae_fail_more(err, AE_ADVICE_UNITS);
	return fail_at(s, err);
}

/* Whether the record is our header, exactly but for its quotes. */
static bool is_our_header(const struct csv_state *s)
{
	size_t n;
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	return s->has_header && ae_csv_names_equal(&s->header.names, cells, n);
}

/* Where no column holds numbers, nothing but the names tells a header from a row: all of them, as many as ours. As
   take_row, 0 for a row. */
static int find_header_of_text(struct csv_state *s, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header || s->records.header_is_row || n != s->columns.count)
		return AE_RECORD_TAKEN;
	if (is_our_header(s))
		return AE_RECORD_HEADER;
	int all = n > 1 ? ae_csv_header_has_all(&s->header, cells, n, err) : 0;
	if (all < 0)
		return AE_RECORD_FAIL;
	switch (all ? ae_csv_header_compare(&s->header, cells, n, err) : AE_CSV_ROW) {
	case AE_CSV_UNKNOWN:
		return AE_RECORD_FAIL;
	case AE_CSV_SHARED_NAMES:
		s->other_header = s->records.lines.line;
		return fail_other_header(s, err);
	default:
		return AE_RECORD_TAKEN;
	}
}

/* What a bad row is, whose error is *err: our header in other quotes, one of other columns, or a bad row. Rows under a
   header of as many other columns would be read under the wrong names; under one of more or fewer their number tells.
   Behind a header, words that are not its names are rather units, or it was a title. */
static int judge_bad_row(struct csv_state *s, struct ae_error *err)
{
	size_t n, count = s->columns.count;
	struct ae_error why = *err;
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	if (!s->has_header || s->columns.all_numbers)
		return AE_RECORD_BAD;
	bool words = false, other = false; /* words where numbers stand; rows under them are bad */
	switch (ae_csv_header_compare(&s->header, cells, n, err)) {
	case AE_CSV_UNKNOWN:
		return AE_RECORD_FAIL;
	case AE_CSV_SAME_HEADER:
		return AE_RECORD_HEADER;
	case AE_CSV_SHARED_NAMES:
		words = true;
		other = n == count;
		break;
	case AE_CSV_NEW_NAMES:
		words = !s->after_header && s->cells.numbers > 1;
		other = words && s->cells.numbers >= NEW_NAMES;
		break;
	case AE_CSV_SOME_NAMES:
		words = !s->after_header && s->has_row &&
			(n == count ? s->cells.numbers > 1 : s->cells.numbers > 0 && n > 1);
		break;
	default:
		break;
	}
	if (other)
		s->other_header = s->records.lines.line;
	*err = why;
	return words ? fail_other_header(s, err) : AE_RECORD_BAD;
}

/* The record as a row. */
static int take_row(struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	int rc = s->cells.numbers == 0 ? find_header_of_text(s, err) : AE_RECORD_TAKEN;
	if (rc != AE_RECORD_TAKEN)
		return rc;
	if (s->other_header) {
		if (is_our_header(s))
			return AE_RECORD_HEADER;
		ae_fail(err, "a row of the other columns of line %llu", (unsigned long long)s->other_header);
		return fail_at(s, err);
	}
	rc = add_row(s, schema, rows, err);
	return rc == AE_RECORD_BAD ? judge_bad_row(s, err) : rc;
}

static int take_record(
	struct csv_state *s, const struct ae_schema *schema, struct ae_rows *rows, bool bad, struct ae_error *err)
{
	if (s->records.repeated)
		begin_part(s);
	if (s->units_due) {
		s->units_due = false;
		return bad ? AE_RECORD_HEADER : check_units(s, err); /* a quote may be a unit: inches */
	}
	int rc = bad ? AE_RECORD_BAD : take_row(s, schema, rows, err);
	s->after_header = false;
	if (rc == AE_RECORD_HEADER)
		begin_part(s);
	return rc;
}

/* Counts a bad row, and keeps the lines of any row that is left out where they are asked for. */
static int leave_out(struct csv_state *s, int taken, struct ae_error *err)
{
	if (taken == AE_RECORD_BAD)
		ae_left_out_add(s->left_out, AE_LEFT_OUT_BAD, err->text);
	return ae_left_out_keep(s->left_out, s->records.record.data, s->records.record.len, 0, err);
}

/* A record that is not our header stands behind a mark, where only a header may stand: one of other columns, under
   which the rows are bad, whatever they are; or AE_RECORD_FAIL. */
static int take_behind_mark(struct csv_state *s, bool bad, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	bool words = n == s->columns.count ? s->cells.numbers > 1 : s->cells.numbers > 0 && n > 1, other = false;
	s->after_header = false;
	switch (bad ? AE_CSV_ROW : ae_csv_header_compare(&s->header, cells, n, err)) {
	case AE_CSV_UNKNOWN:
		return AE_RECORD_FAIL;
	case AE_CSV_SAME_HEADER: /* but for the "# " of savetxt */
		ae_csv_records_pass_mark(&s->records);
		begin_part(s);
		return AE_RECORD_HEADER;
	case AE_CSV_SHARED_NAMES:
		other = true;
		break;
	case AE_CSV_NEW_NAMES:
	case AE_CSV_SOME_NAMES:
	case AE_CSV_WORDS:
		other = words;
		break;
	default:
		break;
	}
	if (!other) {
		ae_csv_records_fail_mark(&s->records, err);
		return AE_RECORD_FAIL;
	}
	ae_csv_records_pass_mark(&s->records);
	s->other_header = s->records.lines.line;
	return fail_other_header(s, err);
}

/* Takes the next record as a row or leaves it out: AE_READ_ROWS. AE_READ_END: none has come, or none will. */
static enum ae_read take_next(struct csv_state *s, struct ae_input *input, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	enum ae_csv_got got = ae_csv_records_next(&s->records, input, rows->batch.rows == 0, err);
	if (got == AE_CSV_FAIL)
		return AE_READ_FAIL;
	if (got == AE_CSV_END && s->records.lines.line == 0 && !input->stopped) {
		no_bytes(input, err);
		return AE_READ_FAIL;
	}
	if (got == AE_CSV_IDLE || got == AE_CSV_END)
		return AE_READ_END;
	bool bad = got == AE_CSV_BAD;
	int rc = s->records.mark ? take_behind_mark(s, bad, err) : take_record(s, schema, rows, bad, err);
	if (rc == AE_RECORD_FAIL || (rc == AE_RECORD_BAD && !s->rules->skip_bad))
		return AE_READ_FAIL;
	if ((rc == AE_RECORD_BAD || rc == AE_RECORD_MISSING) && leave_out(s, rc, err) != 0)
		return AE_READ_FAIL;
	if (rc == AE_RECORD_TAKEN && ae_left_out_keep(s->left_out, s->records.record.data, s->records.record.len,
					     rows->batch.rows, err) != 0)
		return AE_READ_FAIL;
	return AE_READ_ROWS;
}

/* The same of a plain row, where one may stand. AE_READ_END: none is there. */
static enum ae_read take_plain(struct csv_state *s, struct ae_input *input, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	bool may = s->has_row && !s->after_header && !s->other_header && !s->units_due &&
		   ae_csv_records_at_row(&s->records);
	size_t have, len = may ? ae_csv_plain_row(&s->plain, &s->cells, schema, rows, input) : 0;
	if (len == 0)
		return AE_READ_END;
	const unsigned char *line = ae_input_bytes(input, &have);
	ae_csv_records_pass(&s->records, input, len);
	ae_rows_set_line(rows, s->records.lines.line);
	return ae_left_out_keep(s->left_out, line, len, rows->batch.rows, err) == 0 ? AE_READ_ROWS : AE_READ_FAIL;
}

static enum ae_read csv_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct csv_state *s = state;
	if (ae_buf_reserve(&rows->lines, AE_BATCH_ROWS * sizeof(uint64_t), err) != 0)
		return AE_READ_FAIL;
	s->records.lines.taken = 0;
	s->records.keep = s->left_out->keep_rejects;
	for (;;) {
		enum ae_read got = take_plain(s, input, schema, rows, err);
		if (got == AE_READ_END)
			got = take_next(s, input, schema, rows, err);
		if (got == AE_READ_END)
			return rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
		if (got != AE_READ_ROWS)
			return got;
		if (rows->batch.rows >= AE_BATCH_ROWS || rows->batch.rows * s->cells.row_bytes >= AE_BATCH_BYTES ||
			s->records.lines.taken >= AE_BATCH_BYTES)
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
			const struct ae_cell *fields = ae_csv_fields(names, &n);
			rc = ae_record_columns_init(&s->columns, schema, fields, n, false, s->rules, err);
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
	switch (ae_csv_records_next(&s->records, input, true, err)) {
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
	const struct ae_cell *cells = ae_csv_fields(s->records.csv, &n);
	const struct ae_buf *line = &s->records.record;
	if (n != 1 && s->records.blanks.len > 0)
		return ae_fail(
			err, "line %llu: " AE_BLANK_LINE, (unsigned long long)ae_csv_records_blank(&s->records, 0));
	int rc = ae_csv_check_first_line(s->rules, line, cells, n, err);
	if (rc == 0)
		rc = ae_record_columns_init(&s->columns, schema, none ? NULL : cells, n, false, s->rules, err);
	if (rc != 0 && err->status != AE_STATUS_USAGE)
		ae_csv_advise_columns(s->rules, cells, n, err);
	if (rc != 0)
		return err->status == AE_STATUS_USAGE ? -1 : fail_at(s, err); /* options are no line */
	s->has_header = !none;
	if (none)
		ae_csv_records_again(&s->records);
	return none ? 0 : ae_csv_records_set_header(&s->records, s->columns.all_numbers, err);
}

static int csv_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct csv_state *s = state;
	if ((s->rules->options->header ? header_from_option(s, schema, err)
				       : header_from_text(s, input, schema, err)) != 0)
		return -1;
	if (ae_record_columns_note_unknown(&s->columns, s->left_out, err) != 0 ||
		ae_csv_header_init(&s->header, &s->columns, err) != 0)
		return -1;
	begin_part(s);
	s->records.lone = s->columns.count == 1;
	if (ae_record_cells_init(&s->cells, s->rules, &s->columns, schema, err) != 0)
		return -1;
	s->cells.delimited = true;
	return ae_csv_plain_init(&s->plain, s->rules, &s->columns, schema, s->records.escapes, s->has_header, err);
}

static void csv_free_state(void *state)
{
	struct csv_state *s = state;
	ae_csv_records_free(&s->records);
	ae_csv_header_free(&s->header);
	ae_record_cells_free(&s->cells);
	ae_csv_plain_free(&s->plain);
	ae_record_columns_free(&s->columns);
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

const struct ae_input_format ae_csv_input = {.name = "csv", .records = true, .delimiter = ',', .open = csv_open};
const struct ae_input_format ae_tsv_input = {.name = "tsv", .records = true, .delimiter = '\t', .open = tsv_open};
