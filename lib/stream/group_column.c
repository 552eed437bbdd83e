/* SPDX-License-Identifier: MIT */
/* Columns of groups. */
#include "stream/group_column.h"

#include <string.h>

#include "io/csv.h"

/* No column has that name, which is that of an input perhaps. */
static int fail_unknown(const struct ae_schema *schema, const char *option, const char *name, struct ae_error *err)
{
	size_t x = ae_schema_find(schema, AE_X);
	for (size_t i = 0; x != AE_NO_COLUMN && i < schema->cols[x].feature_count; i++)
		if (strcmp(schema->cols[x].features[i], name) == 0)
			return ae_fail(err, "%s: \"%s\" is an input: --id or --pass makes it a column of its own",
				option, name);
	return ae_schema_fail_unknown(schema, option, name, err);
}

int ae_group_column_find(
	size_t *column, const struct ae_schema *schema, const char *option, const char *name, struct ae_error *err)
{
	if (ae_csv_pick(schema, name, column, err) != 0)
		return ae_fail_in(err, "%s: ", option);
	if (*column == AE_NO_COLUMN)
		return fail_unknown(schema, option, name, err);
	return ae_shape_size(&schema->cols[*column].shape) == 1
		       ? 0
		       : ae_fail(err, "%s: column \"%s\" has several values a row", option, name);
}

const char *ae_group_column_name(const struct ae_schema *schema, const struct ae_batch *batch, size_t column,
	size_t row, char room[AE_NUMBER_TEXT], size_t *len)
{
	return ae_data_cell(&schema->cols[column], batch->cols[column], row, room, len);
}

/* Whether two rows are of one group. */
static bool is_same(const struct ae_column *c, const struct ae_data *data, size_t a, size_t b)
{
	size_t size = ae_type_size(c->type), a_len, b_len;
	if (c->type != AE_TEXT)
		return memcmp(data->values.data + a * size, data->values.data + b * size, size) == 0;
	const char *p = ae_data_text(data, a, &a_len), *q = ae_data_text(data, b, &b_len);
	return a_len == b_len && memcmp(p, q, a_len) == 0;
}

size_t ae_group_column_run(const struct ae_schema *schema, const struct ae_batch *batch, size_t column, size_t row)
{
	size_t end = row + 1;
	while (end < batch->rows && is_same(&schema->cols[column], batch->cols[column], row, end))
		end++;
	return end - row;
}
