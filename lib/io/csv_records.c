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
	*r = (struct ae_csv_records){
		.rules = rules, .left_out = left_out, .escapes = escapes, .lines_to_skip = rules->options->skip_lines};
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
	return ae_fail_in(err, "line %llu: ", (unsigned long long)r->line);
}

/* The input has ended in a line without newline. 0: it is one all the same, or -1 and *err. */
static int check_last_line(const struct ae_csv_records *r, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	const unsigned char *cr = memchr(bytes, '\r', len);
	if (len - (cr == bytes + len - 1) == 1 && *bytes == '!')
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

/* Whether the line at hand, of len bytes, which ends in "!", is followed by the mark: its writer, or the one after it,
   ended in this way what was cut. Another AE_CSV_GOT than a record while that is not known. */
static enum ae_csv_got find_cut(
	struct ae_csv_records *r, struct ae_input *input, bool wait, size_t len, struct ae_error *err)
{
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		const unsigned char *next = bytes + len;
		have -= len;
		r->cut = have > 1 && next[0] == '!' &&
			 (next[1] == '\n' || (next[1] == '\r' && have > 2 && next[2] == '\n'));
		if (r->cut || have > 2 || (have > 0 && next[0] != '!') || (have > 1 && next[1] != '\r'))
			return AE_CSV_RECORD;
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			continue;
		case AE_FILL_IDLE:
			return AE_CSV_IDLE;
		case AE_FILL_FAIL:
			return AE_CSV_FAIL;
		case AE_FILL_END:
			return AE_CSV_RECORD;
		}
	}
}

static bool is_mark(const char *line, size_t bare)
{
	return bare == 1 && *line == '!';
}

/* Of a line without its end. */
static size_t bare_length(const char *line, size_t len)
{
	return len - 1 - (len > 1 && line[len - 2] == '\r');
}

/* Takes the line of len bytes at the front of the input. */
static enum ae_csv_got take_line(struct ae_csv_records *r, struct ae_input *input, bool wait, const char **line,
	size_t len, struct ae_error *err)
{
	size_t have;
	const char *at = (const char *)ae_input_bytes(input, &have);
	size_t bare = bare_length(at, len);
	if (bare > 1 && at[bare - 1] == '!' && r->lines_to_skip == 0) {
		enum ae_csv_got got = find_cut(r, input, wait, len, err);
		if (got != AE_CSV_RECORD)
			return got;
	}
	*line = (const char *)ae_input_bytes(input, &have);
	ae_input_take(input, len);
	r->taken += len;
	r->line++;
	return AE_CSV_RECORD;
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
			*len = (size_t)(newline - bytes) + 1;
			return take_line(r, input, wait, line, *len, err);
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
	return r->line == 1 || !headed || quote || is_header_line(r, line + bom, bare - bom) ? bom : 0;
}

int ae_csv_records_set_header(struct ae_csv_records *r, bool is_row, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *fields = ae_csv_fields(r->csv, &n);
	r->header_is_row = is_row;
	if (ae_csv_names_set(&r->names, fields, n, err) != 0)
		return -1;
	return ae_buf_set(&r->header, r->record.data, bare_length((const char *)r->record.data, r->record.len), err);
}

static int fail_mark(const struct ae_csv_records *r, const char *what, struct ae_error *err)
{
	return ae_fail(err, "line %llu: \"!\": the program that wrote this failed%s",
		(unsigned long long)(r->mark ? r->mark : r->line), what);
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
	r->mark = r->line;
	r->mark_cut = r->cut;
	r->cut = false;
	return 1;
}

/* Whether a line that begins a record is none; bare is its length without its end. 1 it is none, 0, or -1 and *err. */
static int pass_over(struct ae_csv_records *r, const char *line, size_t bare, struct ae_error *err)
{
	const char *comment = r->rules->options->comment;
	if (r->lines_to_skip > 0) {
		r->lines_to_skip--;
		return 1;
	}
	if (is_mark(line, bare))
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

/* Gives up the record that is open, or that begins with this line: its writer cut it. */
static int drop_cut(struct ae_csv_records *r, struct ae_error *err)
{
	r->cut = true;
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
	size_t bare = bare_length(line, len);
	if (r->cut || (r->in_record && is_mark(line, bare))) {
		if (drop_cut(r, err) != 0)
			return AE_CSV_FAIL;
		if (!is_mark(line, bare))
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
		r->first_line = r->line;
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
		r->again_line = r->line;
	}
	r->line = ae_csv_records_blank(r, r->blanks_taken++);
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
	r->line = r->again_line;
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
		enum ae_csv_got got = next_line(r, input, wait, &line, &len, err);
		if (got == AE_CSV_END && !input->stopped &&
			(r->in_record || r->mark || r->lines_to_skip || (is_before_first(r) && r->blanks.len > 0)))
			return (enum ae_csv_got)fail_end(r, err);
		if (got != AE_CSV_RECORD)
			return got;
		got = take(r, line, len, err);
		if (got != AE_CSV_IDLE)
			return got;
	}
}
