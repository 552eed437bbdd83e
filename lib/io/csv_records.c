/* SPDX-License-Identifier: MIT */
/* Lines of text to records. */
#include "io/csv_records.h"

#include <stdio.h>
#include <string.h>

int ae_csv_records_init(struct ae_csv_records *r, const struct ae_text_rules *rules, struct ae_left_out *left_out,
	bool escapes, struct ae_error *err)
{
	*r = (struct ae_csv_records){.rules = rules,
		.left_out = left_out,
		.escapes = escapes,
		.lines = {.rules = rules, .to_skip = rules->options->skip_lines}};
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
	ae_csv_names_free(&r->names);
	ae_buf_free(&r->record);
	ae_buf_free(&r->blanks);
	ae_buf_free(&r->first);
}

int ae_csv_records_fail(const struct ae_csv_records *r, struct ae_error *err)
{
	return ae_fail_in(err, "line %llu: ", (unsigned long long)r->lines.line);
}

static bool is_header_line(const struct ae_csv_records *r, const char *line, size_t bare)
{
	return bare > 0 && r->header.len == bare && (!r->header_is_row || r->mark || r->bom) &&
	       memcmp(r->header.data, line, bare) == 0;
}

/* How many bytes of a line's beginning are a byte order mark to be skipped: at the start of the input, where no header
   tells, before the header, and before a quote, which could not stand behind it in a cell. */
static size_t mark_bytes(const struct ae_csv_records *r, const char *line, size_t bare)
{
	size_t bom = ae_bom_length(line, bare);
	if (bom == 0)
		return 0;
	bool quote = line[bom] == '"' && !r->escapes, headed = r->header.len > 0 && !r->header_is_row;
	return r->lines.line == 1 || !headed || quote || is_header_line(r, line + bom, bare - bom) ? bom : 0;
}

int ae_csv_records_set_header(struct ae_csv_records *r, bool is_row, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *fields = ae_csv_fields(r->csv, &n);
	r->header_is_row = is_row;
	if (ae_csv_names_set(&r->names, fields, n, err) != 0)
		return -1;
	return ae_buf_set(&r->header, r->record.data, ae_line_bare((const char *)r->record.data, r->record.len), err);
}

static int fail_mark(const struct ae_csv_records *r, const char *what, struct ae_error *err)
{
	return ae_fail(err, "line %llu: \"!\": the program that wrote this failed%s",
		(unsigned long long)(r->mark ? r->mark : r->lines.line), what);
}

int ae_csv_records_fail_mark(const struct ae_csv_records *r, struct ae_error *err)
{
	return fail_mark(r, ", and no header follows", err);
}

void ae_csv_records_pass_mark(struct ae_csv_records *r)
{
	char text[AE_LEFT_OUT_TEXT];
	snprintf(text, sizeof(text), "line %llu: \"!\": a program that wrote into this failed%s",
		(unsigned long long)r->mark, r->mark_cut ? "; its last row is cut, and left out" : "");
	ae_left_out_add(r->left_out, AE_LEFT_OUT_FAILED_RUN, text);
	r->mark = 0;
}

static void pass_header(struct ae_csv_records *r)
{
	if (r->mark)
		ae_csv_records_pass_mark(r);
	r->repeated = true;
}

/* A line "!" has come: 1 if there may be one, or -1 and *err. */
static int take_mark(struct ae_csv_records *r, struct ae_error *err)
{
	const struct ae_reader_options *o = r->rules->options;
	if (o->no_header || o->header)
		return fail_mark(r, "", err);
	if (r->mark)
		ae_csv_records_pass_mark(r);
	r->mark = r->lines.line;
	r->mark_cut = r->lines.cut;
	r->lines.cut = false;
	return 1;
}

/* Whether a line that begins a record is none; bare is its length without its end. 1 it is none, 0, or -1 and *err. */
static int pass_over(struct ae_csv_records *r, const char *line, size_t bare, struct ae_error *err)
{
	const char *comment = r->rules->options->comment;
	if (r->lines.to_skip > 0) {
		r->lines.to_skip--;
		return 1;
	}
	if (ae_line_is_mark(line, bare))
		return take_mark(r, err);
	if (comment && bare >= strlen(comment) && memcmp(line, comment, strlen(comment)) == 0)
		return 1;
	if (!is_header_line(r, line, bare))
		return 0;
	pass_header(r);
	return 1;
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
	if (r->blanks.len > AE_LINE_LIMIT)
		return ae_fail(err, "line %llu: " AE_BLANK_LINE, (unsigned long long)r->lines.line);
	return ae_buf_append(&r->blanks, &r->lines.line, sizeof(r->lines.line), err);
}

static int fail_end(const struct ae_csv_records *r, struct ae_error *err)
{
	if (r->in_record)
		return ae_fail(err, "line %llu: a quote is never closed", (unsigned long long)r->first_line);
	if (is_before_first(r) && r->blanks.len > 0)
		return ae_fail(err, "line %llu: " AE_BLANK_LINE, (unsigned long long)ae_csv_records_blank(r, 0));
	if (r->lines.to_skip > 0)
		return ae_fail(err, "there are %llu lines, and --skip-lines leaves them all out",
			(unsigned long long)r->lines.line);
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
	if (r->record.len > AE_LINE_LIMIT)
		return ae_fail(err, "line %llu: a quoted field of more than 64 MiB", (unsigned long long)r->lines.line);
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

/* Gives up the record that is open, or that begins with this line: its writer cut it. */
static int drop_cut(struct ae_csv_records *r, struct ae_error *err)
{
	r->lines.cut = true;
	if (!r->in_record)
		return 0;
	r->in_record = false;
	return ae_csv_drop(r->csv, err);
}

/* Whether the present record is the header again, which is no row. A blank line is a row where there is one column. */
static bool is_header(const struct ae_csv_records *r, size_t bare)
{
	size_t n;
	const struct ae_cell *fields = ae_csv_fields(r->csv, &n);
	return bare > 0 && (!r->header_is_row || r->mark || r->bom) && ae_csv_names_equal(&r->names, fields, n);
}

/* Takes a line, with its end: as ae_csv_records_next, but AE_CSV_IDLE says that no record ends here. */
static enum ae_csv_got take(struct ae_csv_records *r, const char *line, size_t len, struct ae_error *err)
{
	size_t bare = ae_line_bare(line, len);
	if (r->lines.cut || (r->in_record && ae_line_is_mark(line, bare))) {
		if (drop_cut(r, err) != 0)
			return AE_CSV_FAIL;
		if (!ae_line_is_mark(line, bare))
			return AE_CSV_IDLE;
	}
	if (!r->in_record) {
		size_t bom = mark_bytes(r, line, bare);
		line += bom;
		len -= bom;
		bare -= bom;
		r->bom = bom > 0;
		r->record.len = 0;
		int rc = pass_over(r, line, bare, err);
		if (rc == 0 && bare == 0 && is_before_first(r))
			rc = keep_blank(r, err) == 0 ? 1 : -1;
		if (rc != 0)
			return rc < 0 ? AE_CSV_FAIL : AE_CSV_IDLE;
		r->first_line = r->lines.line;
	}
	enum ae_csv_got got = add_line(r, line, len, bare, err);
	if (got == AE_CSV_RECORD && is_header(r, bare)) {
		pass_header(r);
		return AE_CSV_IDLE;
	}
	if (got != AE_CSV_IDLE && r->mark && !r->began)
		ae_csv_records_pass_mark(r);
	r->began |= got != AE_CSV_IDLE;
	return got;
}

void ae_csv_records_again(struct ae_csv_records *r)
{
	r->again = true;
}

/* Blank lines before the first record of one column are rows like those behind it. */
static enum ae_csv_got next_blank(struct ae_csv_records *r, struct ae_error *err)
{
	if (r->blanks_taken == 0) {
		if (ae_buf_set(&r->first, r->record.data, r->record.len, err) != 0)
			return AE_CSV_FAIL;
		r->again_line = r->lines.line;
	}
	r->lines.line = ae_csv_records_blank(r, r->blanks_taken++);
	return ae_buf_set(&r->record, "\n", 1, err) != 0 || ae_csv_blank(r->csv, err) != 0 ? AE_CSV_FAIL
											   : AE_CSV_RECORD;
}

/* The first record once more, behind those. */
static enum ae_csv_got again_first(struct ae_csv_records *r, struct ae_error *err)
{
	const char *at = (const char *)r->first.data, *end = at + r->first.len;
	int rc = 0;
	while (rc == 0 && at < end) {
		size_t len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
		rc = ae_csv_line(r->csv, at, len, err);
		at += len;
	}
	r->lines.line = r->again_line;
	return rc < 0 || ae_buf_set(&r->record, r->first.data, r->first.len, err) != 0 ? AE_CSV_FAIL : AE_CSV_RECORD;
}

static enum ae_csv_got next_again(struct ae_csv_records *r, struct ae_error *err)
{
	if (r->blanks_taken * sizeof(uint64_t) < r->blanks.len)
		return next_blank(r, err);
	r->again = false;
	return r->blanks_taken > 0 ? again_first(r, err) : AE_CSV_RECORD;
}

enum ae_csv_got ae_csv_records_next(struct ae_csv_records *r, struct ae_input *input, bool wait, struct ae_error *err)
{
	if (r->again)
		return next_again(r, err);
	for (;;) {
		const char *line = NULL;
		size_t len = 0;
		enum ae_csv_got got = (enum ae_csv_got)ae_text_lines_next(&r->lines, input, wait, &line, &len, err);
		if (got == AE_CSV_END && !input->stopped &&
			(r->in_record || r->mark || r->lines.to_skip || (is_before_first(r) && r->blanks.len > 0)))
			return (enum ae_csv_got)fail_end(r, err);
		if (got != AE_CSV_RECORD)
			return got;
		got = take(r, line, len, err);
		if (got != AE_CSV_IDLE)
			return got;
	}
}

bool ae_csv_records_at_row(const struct ae_csv_records *r)
{
	return r->began && !r->again && !r->in_record && !r->mark && !r->repeated && !r->lines.cut &&
	       r->lines.to_skip == 0;
}

void ae_csv_records_pass(struct ae_csv_records *r, struct ae_input *input, size_t len)
{
	ae_input_take(input, len);
	r->lines.taken += len;
	r->lines.line++;
}
