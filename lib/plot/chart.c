/* SPDX-License-Identifier: MIT */
/* The table of chart kinds, the options that they share, and how they find columns and cells. */
#include "plot/chart.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/number.h"
#include "io/csv.h"

#define ADDRESS(name) &ae_chart_##name,
static const struct ae_chart_kind *const kinds[] = {AE_CHART_KINDS(ADDRESS)};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* ---- kinds ---- */

const char *ae_chart_kind_name(size_t i)
{
	return i < KINDS ? kinds[i]->name : NULL;
}

int ae_chart_kind_find(const struct ae_chart_kind **kind, const char *name, struct ae_error *err)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(name, kinds[i]->name) == 0) {
			*kind = kinds[i];
			return 0;
		}
	return ae_fail_word(err, "chart", name, ae_chart_kind_name);
}

static bool lists(const struct ae_chart_kind *kind, const char *option)
{
	for (size_t i = 0; i < AE_CHART_OPTIONS && kind->options[i]; i++)
		if (strcmp(kind->options[i], option) == 0)
			return true;
	return false;
}

/* "a, b or c": the kinds that list an option. */
static char *kinds_taking(char *text, size_t size, const char *option, size_t count)
{
	size_t used = 0;
	for (size_t i = 0; i < KINDS && used < size; i++)
		if (lists(kinds[i], option)) {
			count--;
			used += (size_t)snprintf(text + used, size - used, "%s%s", kinds[i]->name,
				count > 1    ? ", "
				: count == 1 ? " or "
					     : "");
		}
	return text;
}

int ae_chart_kind_check(const struct ae_chart_kind *kind, const char *option, struct ae_error *err)
{
	char text[200] = "";
	size_t listing = 0;
	for (size_t i = 0; i < KINDS; i++)
		listing += lists(kinds[i], option);
	if (listing == 0 || lists(kind, option))
		return 0;
	return ae_fail_usage(err, "--%s goes with %s", option, kinds_taking(text, sizeof(text), option, listing));
}

char *ae_chart_kinds_help(char *text, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < KINDS && used < size; i++) {
		const struct ae_chart_kind *k = kinds[i];
		used += (size_t)snprintf(text + used, size - used, "%s  %-11s %s\n%14sfrom %s;", i ? "\n" : "", k->name,
			k->help, "", k->columns);
		for (size_t o = 0; o < AE_CHART_OPTIONS && k->options[o] && used < size; o++)
			used += (size_t)snprintf(text + used, size - used, " --%s", k->options[o]);
	}
	return text;
}

/* ---- options ---- */

static int parse_range(struct ae_chart *chart, struct ae_error *err)
{
	const char *text = chart->options->range;
	if (!text || ae_parse_range(&chart->low, &chart->high, text) == 0)
		return 0;
	return ae_fail_usage(err, "--range %s: expected A,B, two numbers of which the second is larger", text);
}

/* One line of the file of --map: VALUE,NAME. Returns where the next one begins. */
static size_t map_line(const struct ae_buf *names, size_t at, size_t *comma, size_t *end)
{
	const unsigned char *line = names->data + at, *stop = memchr(line, '\n', names->len - at);
	size_t len = stop ? (size_t)(stop - line) : names->len - at;
	const unsigned char *found = memchr(line, ',', len);
	*comma = found ? (size_t)(found - names->data) : AE_NO_COLUMN;
	*end = at + len - (len > 0 && line[len - 1] == '\r');
	return at + len + 1;
}

static int read_map(struct ae_chart *chart, struct ae_error *err)
{
	const char *path = chart->options->map;
	size_t line = 1, comma, end;
	if (!path)
		return 0;
	if (ae_read_file(&chart->names, path, err) != 0)
		return -1;
	for (size_t at = 0; at < chart->names.len; line++) {
		at = map_line(&chart->names, at, &comma, &end);
		if (comma == AE_NO_COLUMN)
			return ae_fail(err, "%s: line %zu: expected VALUE,NAME", path, line);
	}
	return 0;
}

int ae_chart_open(struct ae_chart *chart, struct ae_error *err)
{
	if (parse_range(chart, err) != 0 || (chart->kind->check && chart->kind->check(chart, err) != 0))
		return -1;
	return read_map(chart, err);
}

char *ae_chart_left_out(const struct ae_chart *chart, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	if (chart->left_out)
		used = (size_t)snprintf(
			text, size, "rows that are not in the picture: %llu", (unsigned long long)chart->left_out);
	if (chart->left_out && chart->no_label && used < size)
		snprintf(text + used, size - used, ", %llu of them without a label",
			(unsigned long long)chart->no_label);
	return text;
}

void ae_chart_free(struct ae_chart *chart)
{
	if (chart->kind)
		chart->kind->free(chart);
	ae_buf_free(&chart->names);
	ae_gnuplot_free(&chart->script);
}

/* ---- columns ---- */

int ae_chart_columns(const struct ae_chart *chart, struct ae_buf *list, struct ae_error *err)
{
	char **items;
	size_t count, column;
	if (ae_csv_split(&items, &count, chart->options->cols, err) != 0)
		return ae_fail_in(err, "--cols %s: ", chart->options->cols);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = ae_schema_pick(chart->schema, items[i], &column, err);
		if (rc != 0)
			ae_fail_in(err, "--cols: ");
		else if (column == AE_NO_COLUMN)
			rc = ae_schema_fail_unknown(chart->schema, "--cols", items[i], err);
		else
			rc = ae_buf_append(list, &column, sizeof(column), err);
	}
	ae_names_free(items, count);
	return rc;
}

int ae_chart_check_single(const struct ae_column *column, const char *option, struct ae_error *err)
{
	char shape[AE_SHAPE_TEXT];
	if (column->shape.rank == 0)
		return 0;
	return ae_fail(err, "%s %s: a column of shape %s does not have one value a row", option, column->name,
		ae_shape_format(&column->shape, shape));
}

double ae_chart_value(const struct ae_column *column, const struct ae_data *data, size_t i)
{
	double value;
	ae_to_f64(&value, data->values.data + i * ae_type_size(column->type), column->type, 1);
	return value;
}

size_t ae_chart_map_place(const struct ae_chart *chart, const struct ae_buf *name)
{
	size_t comma, end, line = 0;
	for (size_t at = 0; at < chart->names.len; line++) {
		at = map_line(&chart->names, at, &comma, &end);
		if (end - comma - 1 == name->len && memcmp(chart->names.data + comma + 1, name->data, name->len) == 0)
			return line;
	}
	return SIZE_MAX;
}

int ae_chart_compare_classes(size_t place_a, const struct ae_buf *a, size_t place_b, const struct ae_buf *b)
{
	struct ae_decimal left, right;
	if (place_a != place_b)
		return place_a < place_b ? -1 : 1;
	if (ae_decimal_parse(&left, (const char *)a->data, a->len) &&
		ae_decimal_parse(&right, (const char *)b->data, b->len) && ae_decimal_compare(&left, &right) != 0)
		return ae_decimal_compare(&left, &right);
	size_t least = a->len < b->len ? a->len : b->len;
	int order = least ? memcmp(a->data, b->data, least) : 0;
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

int ae_chart_cell(const struct ae_chart *chart, size_t column, const struct ae_batch *batch, size_t row,
	struct ae_buf *text, struct ae_error *err)
{
	const struct ae_column *c = &chart->schema->cols[column];
	char number[AE_NUMBER_TEXT];
	size_t len, comma, end;
	const char *value = ae_data_cell(c, batch->cols[column], row, number, &len);
	for (size_t at = 0, next; at < chart->names.len; at = next) {
		const char *line = (const char *)chart->names.data + at;
		next = map_line(&chart->names, at, &comma, &end);
		if (ae_number_same_text(line, comma - at, value, len))
			return ae_buf_append(text, chart->names.data + comma + 1, end - comma - 1, err);
	}
	return ae_buf_append(text, value, len, err);
}
