/* SPDX-License-Identifier: MIT */
/* Cells of text to values: numbers, verdicts, what is missing, and what is wrong with the others. */
#include "io/record_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/csv_advice.h"

#define OTHER_ROLES "--label, --id, --time, --pass or --x"

static int fail_cell(struct ae_error *err, const char *name, const struct ae_cell *cell, const char *what)
{
	int shown = cell->len > 40 ? 40 : (int)cell->len;
	return ae_fail(err, "column \"%s\": \"%.*s\" %s", name, shown, cell->text, what);
}

/* Whether a cell spells an integer as such, without point or exponent. */
static bool is_integer(const struct ae_cell *cell)
{
	return !memchr(cell->text, '.', cell->len) && !memchr(cell->text, 'e', cell->len) &&
	       !memchr(cell->text, 'E', cell->len);
}

/* Whether a cell spells a Unix time of the years 2001 to 2099, in seconds or in thousandths, millionths or billionths
   of them, down to the second at least. A measurement of that size mostly has fewer digits. */
static bool is_unix_time(const struct ae_cell *cell, double value)
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
	const struct ae_record_cells *c, size_t i, const struct ae_cell *cell, double value, struct ae_error *err)
{
	const char *name = c->columns->names[i];
	bool first = !c->has_value[i];
	if (first && !is_integer(cell) && is_unix_time(cell, value))
		return fail_cell(err, name, cell,
			"looks like a Unix time, not like an input: say which it is with " OTHER_ROLES);
	if (is_integer(cell) || (first && fabs(value) < 9007199254740992.0 && value == floor(value)))
		return fail_cell(err, name, cell,
			"is an integer above 2^24, more like an id than an input: say which it is with " OTHER_ROLES);
	return 0;
}

static bool is_number_column(const struct ae_record_cells *c, size_t i)
{
	return c->types[i] == AE_F64 || c->types[i] == AE_F32;
}

/* What a cell is, if the parser says `kind` of it: --na knows further spellings of a missing number. */
static enum ae_number apply_na(const struct ae_text_rules *rules, const struct ae_cell *cell, enum ae_number kind)
{
	for (size_t i = 0; i < rules->na_count; i++)
		if (strlen(rules->na[i]) == cell->len && memcmp(rules->na[i], cell->text, cell->len) == 0)
			return AE_NUMBER_MISSING;
	return kind;
}

void ae_record_cells_count(
	const struct ae_record_cells *c, const struct ae_cell *fields, size_t n, size_t *numbers, size_t *words)
{
	*numbers = *words = 0;
	for (size_t i = 0; i < n && i < c->columns->count; i++) {
		double value;
		if (!is_number_column(c, i))
			continue;
		enum ae_number kind =
			apply_na(c->rules, &fields[i], ae_number_parse(&value, fields[i].text, fields[i].len));
		*numbers += kind == AE_NUMBER_OK;
		*words += kind == AE_NUMBER_NOT && !ae_csv_is_missing_word(&fields[i]);
	}
}

/* A record that becomes a row: as many fields as there are columns. */
struct row {
	const struct ae_cell *fields;
	uint64_t behind_header; /* its line, if a header row stands right before it, else 0 */
};

/* Adds to an error in the record behind a header, if it has words and no numbers, that it may hold units, or, where a
   name has a blank as titles have, be the header itself. Returns -1. */
static int fail_as_units(const struct ae_record_cells *c, struct row row, struct ae_error *err)
{
	char advice[AE_ADVICE_TEXT];
	size_t numbers, words;
	bool title = false;
	if (!row.behind_header)
		return -1;
	ae_record_cells_count(c, row.fields, c->columns->count, &numbers, &words);
	if (numbers > 0)
		return -1;
	for (size_t i = 0; i < c->columns->count; i++)
		title |= strchr(c->columns->names[i], ' ') != NULL;
	if (words > 0)
		ae_fail_more(err, AE_ADVICE_UNITS);
	if (!title)
		return -1;
	snprintf(advice, sizeof(advice), "; if it is the header: --skip-lines %llu",
		(unsigned long long)row.behind_header - 1);
	return ae_fail_more(err, words > 0 ? advice : AE_ADVICE_TITLE);
}

static int fail_not_number(const struct ae_record_cells *c, size_t i, struct row row, struct ae_error *err)
{
	const struct ae_cell *cell = &row.fields[i];
	char advice[AE_ADVICE_TEXT];
	const char *name = c->columns->names[i];
	if (c->delimited && ae_csv_is_comment(c->rules, row.fields, c->columns->count) && !ae_csv_is_missing_word(cell))
		return fail_cell(err, name, cell, "is not a number" AE_ADVICE_COMMENT);
	if (ae_csv_cell_advice(advice, cell, c->delimited ? c->rules->delimiter : '\0', c->columns->count)) {
		fail_cell(err, name, cell, "is not a number");
		return ae_fail_more(err, advice);
	}
	fail_cell(err, name, cell, "is not a number; text columns are named with --label, --id, --time or --pass");
	return fail_as_units(c, row, err);
}

/* What becomes of a cell that is no plain number. As read_cell. */
static int judge_number(const struct ae_record_cells *c, double *value, enum ae_number kind, size_t i, struct row row,
	struct ae_error *err)
{
	const struct ae_cell *cell = &row.fields[i];
	const char *name = c->columns->names[i];
	switch (kind) {
	case AE_NUMBER_OK:
		return c->columns->slots[i].named ? AE_RECORD_TAKEN : check_large(c, i, cell, *value, err);
	case AE_NUMBER_MISSING:
		*value = NAN;
		if (c->rules->missing == AE_MISSING_MASK)
			return AE_RECORD_TAKEN;
		if (c->rules->missing == AE_MISSING_SKIP)
			return AE_RECORD_MISSING;
		ae_fail(err, "column \"%s\": missing value; --missing skip leaves such rows out%s", name,
			c->rules->options->whole_rows ? "" : ", --missing mask keeps them");
		return fail_as_units(c, row, err);
	case AE_NUMBER_OVERFLOW:
		return fail_cell(err, name, cell, "is infinite or too large");
	default:
		return fail_not_number(c, i, row, err);
	}
}

/* As read_cell. */
static inline int read_number(
	const struct ae_record_cells *c, double *value, size_t i, struct row row, bool input, struct ae_error *err)
{
	const struct ae_cell *cell = &row.fields[i];
	if (!cell->text) {
		*value = cell->number;
		return AE_RECORD_TAKEN;
	}
	enum ae_number kind = ae_number_parse(value, cell->text, cell->len);
	if (c->has_na)
		kind = apply_na(c->rules, cell, kind);
	bool plain = kind == AE_NUMBER_OK && (!input || fabs(*value) <= AE_CELL_NUMBER_MAX);
	return plain ? AE_RECORD_TAKEN : judge_number(c, value, kind, i, row, err);
}

/* Takes the text of a number as it is, and of a missing one that --na knows none. As read_cell. */
static int read_compared(const struct ae_record_cells *c, struct ae_data *data, size_t i, const struct ae_cell *cell,
	struct ae_error *err)
{
	double value;
	enum ae_number kind = ae_number_parse(&value, cell->text, cell->len);
	bool absent = apply_na(c->rules, cell, kind) != kind;
	if (kind == AE_NUMBER_NOT && !absent)
		return fail_cell(err, c->columns->names[i], cell,
			"is not a number, and --where compares it: --pass makes it text");
	return ae_data_append_text(data, cell->text, absent ? 0 : cell->len, err) == 0 ? AE_RECORD_TAKEN
										       : AE_RECORD_FAIL;
}

static int read_verdict(unsigned char *out, const char *name, const struct ae_cell *cell, struct ae_error *err)
{
	if (cell->len == 0)
		*out = AE_PRED_NONE;
	else if (cell->len == 1 && (*cell->text == '0' || *cell->text == '1'))
		*out = (unsigned char)(*cell->text - '0');
	else
		return fail_cell(err, name, cell, "is not a verdict: 1, 0 or empty");
	return 0;
}

/* AE_RECORD_TAKEN, AE_RECORD_MISSING, AE_RECORD_BAD or AE_RECORD_FAIL. */
static inline int read_cell(const struct ae_record_cells *c, const struct ae_schema *schema, struct ae_rows *rows,
	size_t i, struct row row, struct ae_error *err)
{
	const struct ae_cell *cell = &row.fields[i];
	const struct ae_record_slot *slot = &c->columns->slots[i];
	const struct ae_column *column = &schema->cols[slot->column];
	struct ae_data *data = &rows->data[slot->column];
	if (column->compared)
		return read_compared(c, data, i, cell, err);
	if (column->type == AE_TEXT)
		return ae_data_append_text(data, cell->text, cell->len, err) == 0 ? AE_RECORD_TAKEN : AE_RECORD_FAIL;
	unsigned char *at = data->values.data + c->marks[slot->column];
	if (column->type == AE_U8)
		return read_verdict(at, c->columns->names[i], cell, err);
	double value;
	int rc = read_number(c, &value, i, row, column->role == AE_X, err);
	if (rc != 0)
		return rc;
	if (column->type == AE_F64) {
		memcpy(at + slot->element * sizeof(value), &value, sizeof(value));
	} else {
		float single = (float)value;
		if (isinf(single))
			return fail_cell(err, c->columns->names[i], cell, "is too large for f32");
		memcpy(at + slot->element * sizeof(single), &single, sizeof(single));
	}
	return 0;
}

void ae_record_cells_undo(const struct ae_record_cells *c, const struct ae_schema *schema, struct ae_rows *rows)
{
	for (size_t i = 0; i < schema->count; i++) {
		rows->data[i].values.len = c->marks[i];
		if (schema->cols[i].type == AE_TEXT)
			rows->data[i].ends.len = rows->batch.rows * sizeof(uint32_t);
	}
}

enum ae_record_taken ae_record_cells_begin(
	const struct ae_record_cells *c, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	for (size_t i = 0; i < schema->count; i++)
		c->marks[i] = rows->data[i].values.len;
	for (size_t i = 0; i < schema->count; i++) {
		struct ae_buf *values = &rows->data[i].values;
		if (ae_buf_reserve(values, c->sizes[i], err) != 0) {
			ae_record_cells_undo(c, schema, rows);
			return AE_RECORD_FAIL;
		}
		values->len += c->sizes[i];
	}
	return AE_RECORD_TAKEN;
}

/* After a row: which columns have their first value. */
static void note_values(struct ae_record_cells *c, const struct ae_schema *schema, const struct ae_rows *rows)
{
	size_t left = 0;
	for (size_t k = 0; k < c->empty_count; k++) {
		size_t i = c->empty[k];
		const struct ae_record_slot *slot = &c->columns->slots[i];
		enum ae_type type = schema->cols[slot->column].type;
		const unsigned char *row = rows->data[slot->column].values.data + c->marks[slot->column];
		double value;
		ae_to_f64(&value, row + slot->element * ae_type_size(type), type, 1);
		c->has_value[i] = !isnan(value);
		if (!c->has_value[i])
			c->empty[left++] = i;
	}
	c->empty_count = left;
}

enum ae_record_taken ae_record_cells_add(struct ae_record_cells *c, const struct ae_schema *schema,
	struct ae_rows *rows, const struct ae_cell *fields, uint64_t behind_header, size_t *failed,
	struct ae_error *err)
{
	const struct row row = {.fields = fields, .behind_header = behind_header};
	size_t count = c->columns->count;
	if (ae_record_cells_begin(c, schema, rows, err) != 0)
		return AE_RECORD_FAIL;
	for (size_t i = 0; i < count; i++) {
		int rc = read_cell(c, schema, rows, i, row, err);
		if (rc == AE_RECORD_TAKEN)
			continue;
		ae_record_cells_undo(c, schema, rows);
		*failed = i;
		return (enum ae_record_taken)rc;
	}
	rows->batch.rows++;
	if (c->empty_count > 0)
		note_values(c, schema, rows);
	return AE_RECORD_TAKEN;
}

int ae_record_cells_init(struct ae_record_cells *c, const struct ae_text_rules *rules,
	const struct ae_record_columns *columns, const struct ae_schema *schema, struct ae_error *err)
{
	*c = (struct ae_record_cells){.rules = rules, .columns = columns, .has_na = rules->na_count > 0};
	c->types = ae_calloc(columns->count, sizeof(*c->types), err);
	for (size_t i = 0; c->types && i < columns->count; i++) {
		c->types[i] = schema->cols[columns->slots[i].column].type;
		c->numbers += is_number_column(c, i);
	}
	c->sizes = ae_calloc(schema->count, sizeof(*c->sizes), err);
	c->marks = ae_calloc(schema->count, sizeof(*c->marks), err);
	c->has_value = ae_calloc(columns->count, sizeof(*c->has_value), err);
	c->empty = ae_calloc(columns->count, sizeof(*c->empty), err);
	if (!c->types || !c->sizes || !c->marks || !c->has_value || !c->empty)
		return -1;
	for (size_t i = 0; i < columns->count; i++)
		if (schema->cols[columns->slots[i].column].role == AE_X)
			c->empty[c->empty_count++] = i;
	for (size_t i = 0; i < schema->count; i++) {
		c->sizes[i] = ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
		c->row_bytes += c->sizes[i];
	}
	return 0;
}

void ae_record_cells_free(struct ae_record_cells *c)
{
	free(c->types);
	free(c->sizes);
	free(c->marks);
	free(c->has_value);
	free(c->empty);
	*c = (struct ae_record_cells){0};
}
