/* SPDX-License-Identifier: MIT */
/* Conditions on rows. */
#include "stream/where.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/number.h"
#include "io/csv.h"
#include "stream/element.h"

enum op { OP_EQUAL, OP_NOT, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };

/* The right side of a condition. */
struct value {
	char *text;
	size_t len;
	bool missing;              /* it stands for what is missing */
	bool is_number;            /* decimal is set */
	bool text_only;            /* another reading of unquoted text, which only columns of text have */
	struct ae_decimal decimal; /* points into text */
	/* Bound to a column of numbers: the nearest number of its type, and how that number's text compares with the
	   value. */
	double number;
	int tie;
};

struct condition {
	char *text;   /* as the user wrote it, for messages */
	char *column; /* its name */
	bool column_quoted, quoted;
	bool has_number; /* one of its values is a decimal number */
	enum op op;
	struct value *values;
	size_t value_count;
	/* bound: */
	const struct ae_column *at;
	struct ae_element where;
};

struct ae_where {
	struct condition *conditions;
	size_t count;
	char **names; /* of columns: as they stand, and without the blanks around them */
	size_t name_count;
};

/* ---- parsing ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank(**text)) {
		++*text;
		--*len;
	}
	while (*len > 0 && is_blank((*text)[*len - 1]))
		--*len;
}

static int add_value(struct condition *c, const char *text, size_t len, bool text_only, struct ae_error *err)
{
	struct value *values = realloc(c->values, (c->value_count + 1) * sizeof(*values));
	if (!values)
		return ae_fail_memory(err);
	c->values = values;
	struct value *v = &values[c->value_count];
	*v = (struct value){.text = ae_strndup(text, len, err), .len = len, .text_only = text_only};
	if (!v->text)
		return -1;
	c->value_count++;
	v->missing = len == 0 || (!c->quoted && !text_only && ae_number_is_missing(v->text, len));
	v->is_number = ae_decimal_parse(&v->decimal, v->text, len);
	c->has_number |= v->is_number;
	return 0;
}

static int add_quoted(struct condition *c, const char *text, size_t len, struct ae_error *err)
{
	char **items, *list = ae_strndup(text, len, err);
	size_t count;
	if (!list)
		return -1;
	int rc = ae_csv_split(&items, &count, list, err);
	free(list);
	if (rc != 0)
		return ae_fail_in(err, "--where %s: ", c->text);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_value(c, items[i], strlen(items[i]), false, err);
	ae_names_free(items, count);
	return rc;
}

/* Operators of other languages, == and =~, would be part of the value. */
static int check_begin(const struct condition *c, const char *item, size_t len, struct ae_error *err)
{
	if (len == 0 || !strchr("=~<>", *item))
		return 0;
	return ae_fail_usage(err,
		"--where %s: the value begins with \"%c\"; the operators are = != < <= > >=, and such a value is "
		"quoted: "
		"'\"%.*s\"'",
		c->text, *item, len < 60 ? (int)len : 60, item);
}

/* Items between commas without the blanks around them; a text may also be an item with its blanks, or all of it. */
static int add_unquoted(struct condition *c, const char *text, struct ae_error *err)
{
	size_t items = 0, whole = strlen(text);
	for (const char *at = text;; at++) {
		const char *item = at;
		size_t len = strcspn(at, ","), trimmed = len;
		trim(&item, &trimmed);
		if (check_begin(c, item, trimmed, err) != 0 || add_value(c, item, trimmed, false, err) != 0 ||
			(trimmed < len && add_value(c, at, len, true, err) != 0))
			return -1;
		items++;
		at += len;
		if (!*at)
			break;
	}
	return items > 1 ? add_value(c, text, whole, true, err) : 0;
}

static int parse_values(struct condition *c, const char *text, struct ae_error *err)
{
	c->quoted = strchr(text, '"') != NULL;
	const char *list = text;
	size_t len = strlen(text);
	trim(&list, &len);
	if ((c->quoted ? add_quoted(c, list, len, err) : add_unquoted(c, text, err)) != 0)
		return -1;
	if (c->op <= OP_NOT)
		return 0;
	size_t items = 0;
	for (size_t i = 0; i < c->value_count; i++)
		items += !c->values[i].text_only;
	if (items > 1)
		return ae_fail_usage(err,
			"--where %s: several values go with = and != alone; a value with a comma is quoted", c->text);
	if (c->values[0].missing)
		return ae_fail_usage(
			err, "--where %s: what is missing is neither more nor less; = and != find it", c->text);
	return 0;
}

/* Takes the quoted name at *at. */
static int take_quoted_name(struct condition *c, const char **at, struct ae_error *err)
{
	size_t len = 0;
	const char *from = *at + 1;
	c->column_quoted = true;
	c->column = ae_calloc(1, strlen(from) + 1, err);
	if (!c->column)
		return -1;
	for (; *from && (*from != '"' || from[1] == '"'); from++) {
		from += *from == '"';
		c->column[len++] = *from;
	}
	if (!*from)
		return ae_fail_usage(err, "--where %s: a quote is never closed", c->text);
	for (from++; is_blank(*from); from++)
		;
	*at = from;
	return 0;
}

/* Takes the name at *at, which an operator ends. */
static int take_name(struct condition *c, const char **at, struct ae_error *err)
{
	size_t len = strcspn(*at, "!<>=");
	while ((*at)[len] == '!' && (*at)[len + 1] != '=')
		len += 1 + strcspn(*at + len + 1, "!<>=");
	c->column = ae_strndup(*at, len, err);
	*at += len;
	return c->column ? 0 : -1;
}

static int parse(struct condition *c, const char *text, struct ae_error *err)
{
	static const struct {
		const char *text;
		enum op op;
	} ops[] = {{"!=", OP_NOT}, {"<=", OP_LESS_EQUAL}, {">=", OP_MORE_EQUAL}, {"=", OP_EQUAL}, {"<", OP_LESS},
		{">", OP_MORE}};
	const char *at = text;
	c->text = ae_strdup(text, err);
	if (!c->text || (*at == '"' ? take_quoted_name : take_name)(c, &at, err) != 0)
		return -1;
	for (size_t i = 0; *c->column && i < sizeof(ops) / sizeof(*ops); i++) {
		size_t len = strlen(ops[i].text);
		if (strncmp(at, ops[i].text, len) != 0)
			continue;
		c->op = ops[i].op;
		return parse_values(c, at + len, err);
	}
	return ae_fail_usage(err, "--where %s: expected COL OP VALUE, with one of = != < <= > >=", text);
}

static int add_name(struct ae_where *where, const char *name, size_t len, struct ae_error *err)
{
	where->names[where->name_count] = ae_strndup(name, len, err);
	return where->names[where->name_count++] ? 0 : -1;
}

static int collect_names(struct ae_where *where, struct ae_error *err)
{
	where->names = ae_calloc(2 * where->count, sizeof(*where->names), err);
	if (!where->names)
		return -1;
	for (size_t i = 0; i < where->count; i++) {
		const struct condition *c = &where->conditions[i];
		const char *name = c->column;
		size_t whole = strlen(name), len = whole;
		if (add_name(where, name, whole, err) != 0)
			return -1;
		trim(&name, &len);
		if (!c->column_quoted && len > 0 && len < whole && add_name(where, name, len, err) != 0)
			return -1;
	}
	return 0;
}

int ae_where_parse(struct ae_where **out, const char *const *texts, size_t count, struct ae_error *err)
{
	struct ae_where *where = ae_calloc(1, sizeof(*where), err);
	if (!where)
		return -1;
	where->conditions = ae_calloc(count, sizeof(*where->conditions), err);
	int rc = where->conditions ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		where->count++;
		rc = parse(&where->conditions[i], texts[i], err);
	}
	if (rc != 0 || collect_names(where, err) != 0) {
		ae_where_free(where);
		return -1;
	}
	*out = where;
	return 0;
}

char *const *ae_where_names(const struct ae_where *where, size_t *count)
{
	*count = where->name_count;
	return where->names;
}

/* ---- binding ---- */

/* A number's text, as users see it, against a decimal. */
static int compare_shortest(double number, enum ae_type type, const struct ae_decimal *decimal)
{
	char text[AE_NUMBER_TEXT];
	struct ae_decimal shown;
	if (isinf(number))
		return number < 0 ? -1 : 1;
	size_t len = type == AE_F32 ? ae_number_format_f32(text, (float)number) : ae_number_format_f64(text, number);
	return ae_decimal_parse(&shown, text, len) ? ae_decimal_compare(&shown, decimal) : 0;
}

/* Texts of different numbers are in the order of the numbers, and so is a decimal that reads as one of them against the
   text of another. So rows are compared by number; only that of the nearest number needs its text, once. */
static bool bind_number(struct value *v, const struct ae_column *column)
{
	char *end;
	enum ae_number kind = ae_number_parse(&v->number, v->text, v->len);
	if (v->is_number) {
		if (column->type == AE_F32)
			v->number = (double)(float)v->number;
		v->tie = compare_shortest(v->number, column->type, &v->decimal);
		return true;
	}
	if (kind != AE_NUMBER_OVERFLOW || (column->role != AE_ERR && column->role != AE_PASS))
		return false;
	v->number = strtod(v->text, &end); /* a word for infinity */
	v->tie = 0;
	return true;
}

static int bind_numbers(struct condition *c, struct ae_error *err)
{
	for (size_t i = 0; i < c->value_count; i++) {
		struct value *v = &c->values[i];
		v->number = NAN;
		if (v->text_only)
			continue;
		if (ae_number_is_missing(v->text, v->len)) {
			if (c->op > OP_NOT)
				return ae_fail(err,
					"--where %s: what is missing is neither more nor less; = and != find it",
					c->text);
			v->missing = true;
		} else if (c->at->compared ? !v->is_number : !bind_number(v, c->at)) {
			return ae_fail(err, "--where %s: column \"%s\" is read as numbers, and \"%s\" is none%s",
				c->text, c->column, v->text,
				c->at->compared || c->at->role == AE_X ? "; --pass makes it text" : "");
		}
	}
	return 0;
}

/* An unquoted name is taken as it stands, or else without the blanks around it. */
static int find_column(struct condition *c, const struct ae_schema *schema, struct ae_error *err)
{
	const char *name = c->column;
	size_t len = strlen(name);
	trim(&name, &len);
	if (!c->column_quoted && len > 0 && len < strlen(c->column) && !ae_element_exists(schema, c->column)) {
		char *trimmed = ae_strndup(name, len, err);
		if (!trimmed)
			return -1;
		free(c->column);
		c->column = trimmed;
	}
	return ae_element_find(&c->where, schema, c->column, err) == 0 ? 0 : ae_fail_in(err, "--where: ");
}

int ae_where_bind(struct ae_where *where, const struct ae_schema *schema, struct ae_error *err)
{
	for (size_t i = 0; i < where->count; i++) {
		struct condition *c = &where->conditions[i];
		if (find_column(c, schema, err) != 0)
			return -1;
		c->at = &schema->cols[c->where.column];
		if ((c->at->type != AE_TEXT || c->at->compared) && bind_numbers(c, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

/* Whether the operator takes this order of left to right, when it is one that orders. */
static bool takes_order(enum op op, int order)
{
	switch (op) {
	case OP_LESS:
		return order < 0;
	case OP_LESS_EQUAL:
		return order <= 0;
	case OP_MORE:
		return order > 0;
	case OP_MORE_EQUAL:
		return order >= 0;
	default:
		return false;
	}
}

static bool number_holds(const struct condition *c, const struct ae_data *data, size_t row)
{
	size_t n = ae_shape_size(&c->at->shape), size = ae_type_size(c->at->type);
	double left;
	ae_to_f64(&left, data->values.data + (row * n + c->where.element) * size, c->at->type, 1);
	bool missing = isnan(left) || (c->at->role == AE_PRED && left == AE_PRED_NONE);
	if (c->op > OP_NOT) {
		const struct value *v = c->values;
		return !missing && takes_order(c->op, left < v->number ? -1 : left > v->number ? 1 : v->tie);
	}
	bool found = false;
	for (size_t i = 0; i < c->value_count && !found; i++) {
		const struct value *v = &c->values[i];
		found = v->missing ? missing : left == v->number && v->tie == 0;
	}
	return found == (c->op == OP_EQUAL);
}

/* As numbers if both are, else byte by byte. */
static int compare_text(const char *left, size_t len, const struct ae_decimal *decimal, const struct value *right)
{
	if (decimal && right->is_number)
		return ae_decimal_compare(decimal, &right->decimal);
	size_t least = len < right->len ? len : right->len;
	int order = least ? memcmp(left, right->text, least) : 0;
	return order ? order : (len > right->len) - (len < right->len);
}

static bool text_holds(const struct condition *c, const struct ae_data *data, size_t row)
{
	size_t len;
	const char *left = ae_data_text(data, row, &len);
	struct ae_decimal decimal;
	const struct ae_decimal *number = c->has_number && ae_decimal_parse(&decimal, left, len) ? &decimal : NULL;
	bool missing = c->quoted && !c->at->compared ? len == 0 : ae_number_is_missing(left, len);
	if (c->op > OP_NOT)
		return !missing && takes_order(c->op, compare_text(left, len, number, c->values));
	bool found = false;
	for (size_t i = 0; i < c->value_count && !found; i++) {
		const struct value *v = &c->values[i];
		found = v->missing ? missing : compare_text(left, len, number, v) == 0;
	}
	return found == (c->op == OP_EQUAL);
}

bool ae_where_holds(const struct ae_where *where, const struct ae_batch *batch, size_t row)
{
	for (size_t i = 0; i < where->count; i++) {
		const struct condition *c = &where->conditions[i];
		const struct ae_data *data = batch->cols[c->where.column];
		if (!(c->at->type == AE_TEXT ? text_holds : number_holds)(c, data, row))
			return false;
	}
	return true;
}

int ae_where_take(const struct ae_where *where, struct ae_rows *out, const struct ae_schema *schema,
	const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t row = 0; row < batch->rows;) {
		size_t first = row;
		while (row < batch->rows && ae_where_holds(where, batch, row))
			row++;
		if (row > first && ae_rows_append(out, schema, batch, first, row - first, err) != 0)
			return -1;
		row += row < batch->rows;
	}
	return 0;
}

static void free_condition(struct condition *c)
{
	for (size_t i = 0; i < c->value_count; i++)
		free(c->values[i].text);
	free(c->values);
	free(c->text);
	free(c->column);
}

void ae_where_free(struct ae_where *where)
{
	if (!where)
		return;
	for (size_t i = 0; where->conditions && i < where->count; i++)
		free_condition(&where->conditions[i]);
	free(where->conditions);
	ae_names_free(where->names, where->name_count);
	free(where);
}
