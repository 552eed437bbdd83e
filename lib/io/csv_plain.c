/* SPDX-License-Identifier: MIT */
/* A scan along the columns that are expected. */
#include "io/csv_plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/number_scan.h"

/* After so many odd lines in a row each costs this many that are not tried. */
enum { MOST_PAUSES = 63 };

struct ae_csv_run {
	size_t count;
	size_t column;  /* of the schema */
	size_t element; /* the first */
	enum ae_type type;
	bool input; /* of x: a large number may be an id */
};

/* What stands in the line: behind the cells taken so far, and their delimiters. */
struct scan {
	const char *at;
	size_t left; /* cells that follow */
};

/* ---- cells ---- */

/* Takes the end of a cell: a delimiter if others follow, else a line end, which stays. False: neither stands there. */
static inline bool end_cell(const struct ae_csv_plain *p, struct scan *scan)
{
	if (--scan->left > 0)
		return *scan->at++ == p->delimiter;
	return *scan->at == '\n' || (*scan->at == '\r' && scan->at[1] == '\n');
}

static inline __attribute__((always_inline)) bool take_number(
	const struct ae_csv_plain *p, struct scan *scan, double *value)
{
	const char *text = scan->at;
	bool quote = *text == '"' && p->quotes;
	scan->at = ae_number_scan(value, text + quote, p->delimiter);
	if (!scan->at && p->masks) { /* an empty cell? */
		scan->at = text;
		*value = NAN;
		return end_cell(p, scan);
	}
	if (!scan->at || (quote && *scan->at++ != '"'))
		return false;
	return end_cell(p, scan);
}

static bool take_f64(const struct ae_csv_plain *p, const struct ae_csv_run *run, struct scan *scan, unsigned char *row)
{
	double *out = (double *)(void *)row + run->element, most = run->input ? AE_CELL_NUMBER_MAX : INFINITY;
	for (size_t i = 0; i < run->count; i++) {
		double value;
		if (!take_number(p, scan, &value) || fabs(value) > most)
			return false;
		out[i] = value;
	}
	return true;
}

static bool take_f32(const struct ae_csv_plain *p, const struct ae_csv_run *run, struct scan *scan, unsigned char *row)
{
	float *out = (float *)(void *)row + run->element;
	double most = run->input ? AE_CELL_NUMBER_MAX : INFINITY;
	for (size_t i = 0; i < run->count; i++) {
		double value;
		if (!take_number(p, scan, &value) || fabs(value) > most)
			return false;
		out[i] = (float)value;
		if (isinf(out[i]))
			return false;
	}
	return true;
}

static bool take_verdict(const struct ae_csv_plain *p, struct scan *scan, unsigned char *value)
{
	if (*scan->at != '0' && *scan->at != '1')
		return false;
	*value = (unsigned char)(*scan->at++ - '0');
	return end_cell(p, scan);
}

static bool take_text(const struct ae_csv_plain *p, struct scan *scan, struct ae_data *data)
{
	struct ae_error ignored; /* it comes again where the line is read as others are */
	const char *text = scan->at, *end;
	bool quote = *text == '"' && p->quotes;
	text += quote;
	end = text;
	while (!p->stops[(unsigned char)*end] || (quote && *end == p->delimiter))
		end++;
	scan->at = end + quote;
	if (quote && *end != '"')
		return false;
	/* So ends what a failed writer cut. */
	if (scan->left == 1 && !quote && end > text && end[-1] == '!')
		return false;
	return end_cell(p, scan) && ae_data_append_text(data, text, (size_t)(end - text), &ignored) == 0;
}

/* ---- rows ---- */

static bool take_runs(
	const struct ae_csv_plain *p, const struct ae_record_cells *c, struct ae_rows *rows, struct scan *scan)
{
	for (size_t i = 0; i < p->run_count; i++) {
		const struct ae_csv_run *run = &p->runs[i];
		struct ae_data *data = &rows->data[run->column];
		unsigned char *row = run->type == AE_TEXT ? NULL : data->values.data + c->marks[run->column];
		bool taken;
		switch (run->type) {
		case AE_F64:
			taken = take_f64(p, run, scan, row);
			break;
		case AE_F32:
			taken = take_f32(p, run, scan, row);
			break;
		case AE_U8:
			taken = take_verdict(p, scan, row);
			break;
		default:
			taken = take_text(p, scan, data);
		}
		if (!taken)
			return false;
	}
	return true;
}

/* Finds out how many whole lines there are, and makes the bytes behind them readable. */
static bool look(struct ae_csv_plain *p, struct ae_input *input)
{
	struct ae_error ignored;
	size_t have;
	ae_input_bytes(input, &have);
	uint64_t end = input->taken + have;
	if (end == p->seen)
		return p->whole > input->taken;
	size_t from = p->seen > input->taken ? (size_t)(p->seen - input->taken) : 0;
	if (have == 0 || ae_buf_reserve(&input->buf, AE_NUMBER_SLACK, &ignored) != 0)
		return false;
	memset(input->buf.data + input->buf.len, 0, AE_NUMBER_SLACK);
	const unsigned char *bytes = ae_input_bytes(input, &have);
	const unsigned char *newline = memrchr(bytes + from, '\n', have - from);
	p->seen = end;
	if (newline)
		p->whole = input->taken + (size_t)(newline - bytes) + 1;
	return p->whole > input->taken;
}

size_t ae_csv_plain_row(struct ae_csv_plain *p, struct ae_record_cells *c, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_input *input)
{
	struct ae_error ignored;
	if (p->run_count == 0 || c->empty_count > 0 || !look(p, input))
		return 0;
	if (p->pause > 0) {
		p->pause--;
		return 0;
	}
	size_t have;
	const char *line = (const char *)ae_input_bytes(input, &have);
	struct scan scan = {line, c->columns->count};
	if (*line == p->comment || (unsigned char)*line == 0xef ||
		ae_record_cells_begin(c, schema, rows, &ignored) != AE_RECORD_TAKEN)
		return 0;
	if (!take_runs(p, c, rows, &scan)) {
		ae_record_cells_undo(c, schema, rows);
		p->pause = p->pauses;
		p->pauses = p->pauses < MOST_PAUSES ? 2 * p->pauses + 1 : MOST_PAUSES;
		return 0;
	}
	p->pauses = 0;
	rows->batch.rows++;
	return (size_t)(scan.at - line) + (*scan.at == '\r' ? 2 : 1);
}

/* ---- which lines may be plain ---- */

/* Whether a row whose numbers are numbers, or missing, may be the header again, which is none. */
static bool may_be_header(const struct ae_record_columns *columns, const struct ae_schema *schema)
{
	for (size_t i = 0; i < columns->count; i++) {
		enum ae_type type = schema->cols[columns->slots[i].column].type;
		const char *name = columns->names[i];
		double value;
		enum ae_number kind = ae_number_parse(&value, name, strlen(name));
		if ((type == AE_F64 || type == AE_F32) && kind != AE_NUMBER_OK && kind != AE_NUMBER_MISSING)
			return false;
	}
	return true;
}

static bool has_numbers(const struct ae_record_columns *columns, const struct ae_schema *schema)
{
	for (size_t i = 0; i < columns->count; i++) {
		enum ae_type type = schema->cols[columns->slots[i].column].type;
		if (type == AE_F64 || type == AE_F32)
			return true;
	}
	return false;
}

static bool has_compared(const struct ae_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++)
		if (schema->cols[i].compared)
			return true;
	return false;
}

static void add_run(struct ae_csv_plain *p, const struct ae_record_slot *slot, const struct ae_column *column)
{
	struct ae_csv_run *last = p->run_count ? &p->runs[p->run_count - 1] : NULL;
	bool number = column->type == AE_F64 || column->type == AE_F32;
	if (last && number && last->column == slot->column && last->element + last->count == slot->element) {
		last->count++;
		return;
	}
	p->runs[p->run_count++] =
		(struct ae_csv_run){1, slot->column, slot->element, column->type, column->role == AE_X};
}

int ae_csv_plain_init(struct ae_csv_plain *p, const struct ae_text_rules *rules,
	const struct ae_record_columns *columns, const struct ae_schema *schema, bool escapes, bool has_header,
	struct ae_error *err)
{
	const char *comment = rules->options->comment;
	*p = (struct ae_csv_plain){.delimiter = rules->delimiter,
		.quotes = !escapes,
		.masks = rules->missing == AE_MISSING_MASK && columns->count > 1,
		.comment = comment ? *comment : '\n'};
	if (rules->no_plain || rules->na_count > 0 || strchr("+-.!eE0123456789\\", p->delimiter) ||
		!has_numbers(columns, schema) ||
		(has_header && !columns->all_numbers && may_be_header(columns, schema)) || has_compared(schema))
		return 0;
	p->runs = ae_calloc(columns->count, sizeof(*p->runs), err);
	if (!p->runs)
		return -1;
	for (size_t i = 0; i < columns->count; i++)
		add_run(p, &columns->slots[i], &schema->cols[columns->slots[i].column]);
	p->stops['\n'] = p->stops['\r'] = p->stops['\0'] = p->stops[(unsigned char)p->delimiter] = true;
	p->stops[escapes ? '\\' : '"'] = true;
	return 0;
}

void ae_csv_plain_free(struct ae_csv_plain *p)
{
	free(p->runs);
	*p = (struct ae_csv_plain){0};
}
