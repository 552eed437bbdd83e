/* SPDX-License-Identifier: MIT */
/* Conditions on rows. */
#include "stream/where.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

enum op { OP_EQUAL, OP_NOT, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };

struct condition {
	char *column;
	enum op op;
	char *values; /* NUL-separated */
	size_t value_count;
	/* bound: */
	const struct ae_column *at;
	size_t index, element;
};

struct ae_where {
	struct condition *conditions;
	size_t count;
};

static int parse(struct condition *c, const char *text, struct ae_error *err)
{
	static const struct {
		const char *text;
		enum op op;
	} ops[] = {{"!=", OP_NOT}, {"<=", OP_LESS_EQUAL}, {">=", OP_MORE_EQUAL}, {"=", OP_EQUAL}, {"<", OP_LESS},
		{">", OP_MORE}};
	size_t name = strcspn(text, "!<>=");
	for (size_t i = 0; name > 0 && i < sizeof(ops) / sizeof(*ops); i++) {
		size_t len = strlen(ops[i].text);
		if (strncmp(text + name, ops[i].text, len) != 0)
			continue;
		c->op = ops[i].op;
		c->column = ae_strndup(text, name, err);
		c->values = ae_strdup(text + name + len, err);
		if (!c->column || !c->values)
			return -1;
		c->value_count = 1;
		for (char *comma = c->values; (comma = strchr(comma, ',')) != NULL; c->value_count++)
			*comma++ = '\0';
		if (c->value_count > 1 && c->op > OP_NOT)
			return ae_fail_usage(err, "--where %s: several values go with = and != alone", text);
		return 0;
	}
	return ae_fail_usage(err, "--where %s: expected COL OP VALUE, with one of = != < <= > >=", text);
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
	if (rc != 0) {
		ae_where_free(where);
		return -1;
	}
	*out = where;
	return 0;
}

/* An element of a column by its name, as text files show it. */
static bool find_element(struct condition *c, const struct ae_schema *schema)
{
	char name[300];
	for (size_t i = 0; i < schema->count; i++) {
		for (size_t e = 0; e < ae_shape_size(&schema->cols[i].shape); e++) {
			ae_column_element_name(&schema->cols[i], e, name, sizeof(name));
			if (strcmp(name, c->column) == 0) {
				c->index = i;
				c->element = e;
				return true;
			}
		}
	}
	return false;
}

static bool is_single(const struct ae_schema *schema, size_t column)
{
	return column != AE_NO_COLUMN && ae_shape_size(&schema->cols[column].shape) == 1;
}

static bool find(struct condition *c, const struct ae_schema *schema)
{
	size_t len = strlen(c->column);
	c->index = ae_schema_find_name(schema, c->column, len);
	if (is_single(schema, c->index) || find_element(c, schema))
		return true;
	c->index = ae_schema_find_role(schema, c->column, len);
	return is_single(schema, c->index);
}

int ae_where_bind(struct ae_where *where, const struct ae_schema *schema, struct ae_error *err)
{
	for (size_t i = 0; i < where->count; i++) {
		struct condition *c = &where->conditions[i];
		c->element = 0;
		if (find(c, schema)) {
			c->at = &schema->cols[c->index];
			continue;
		}
		char found[300] = "";
		for (size_t j = 0; j < schema->count; j++) {
			size_t used = strlen(found);
			snprintf(found + used, sizeof(found) - used, "%s%s", j ? ", " : "", schema->cols[j].name);
		}
		return ae_fail(
			err, "--where: no column \"%s\" of single values; the columns are: %s", c->column, found);
	}
	return 0;
}

/* Numbers if both sides are, else bytes. */
static int compare(const char *left, size_t left_len, const char *right)
{
	double a, b;
	size_t right_len = strlen(right);
	if (ae_number_parse(&a, left, left_len) == AE_NUMBER_OK &&
		ae_number_parse(&b, right, right_len) == AE_NUMBER_OK)
		return a < b ? -1 : a > b;
	int order = memcmp(left, right, left_len < right_len ? left_len : right_len);
	return order ? order : left_len < right_len ? -1 : left_len > right_len;
}

static bool holds(const struct condition *c, const struct ae_batch *batch, size_t row)
{
	char text[AE_NUMBER_TEXT];
	const struct ae_data *data = batch->cols[c->index];
	const char *left = text;
	size_t len;
	if (c->at->type == AE_TEXT) {
		left = ae_data_text(data, row, &len);
	} else {
		size_t n = ae_shape_size(&c->at->shape), size = ae_type_size(c->at->type);
		double value;
		ae_to_f64(&value, data->values.data + (row * n + c->element) * size, c->at->type, 1);
		if (isnan(value) && c->op != OP_EQUAL && c->op != OP_NOT)
			return false; /* what is missing is neither more nor less */
		len = ae_number_format_f64(text, value);
	}
	const char *right = c->values;
	for (size_t i = 0; i < c->value_count; i++, right += strlen(right) + 1) {
		int order = compare(left, len, right);
		switch (c->op) {
		case OP_EQUAL:
			if (order == 0)
				return true;
			break;
		case OP_NOT:
			if (order == 0)
				return false;
			break;
		case OP_LESS:
			return order < 0;
		case OP_LESS_EQUAL:
			return order <= 0;
		case OP_MORE:
			return order > 0;
		case OP_MORE_EQUAL:
			return order >= 0;
		}
	}
	return c->op == OP_NOT;
}

bool ae_where_holds(const struct ae_where *where, const struct ae_batch *batch, size_t row)
{
	for (size_t i = 0; i < where->count; i++)
		if (!holds(&where->conditions[i], batch, row))
			return false;
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

void ae_where_free(struct ae_where *where)
{
	if (!where)
		return;
	for (size_t i = 0; where->conditions && i < where->count; i++) {
		free(where->conditions[i].column);
		free(where->conditions[i].values);
	}
	free(where->conditions);
	free(where);
}
