/* SPDX-License-Identifier: MIT */
/* Schemas, columns and batches in memory: copies, comparison, lookup, growth. */
#include "io/batch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/order.h"

static const char *const role_names[] = {
	"x", "target", "recon", "latent", "err", "pred", "label", "id", "time", "pass"};

const char *ae_role_name(enum ae_role role)
{
	return role_names[role];
}

bool ae_role_parse(enum ae_role *role, const char *word)
{
	for (size_t i = 0; i < sizeof(role_names) / sizeof(*role_names); i++) {
		if (strcmp(word, role_names[i]) == 0) {
			*role = (enum ae_role)i;
			return true;
		}
	}
	return false;
}

static void free_column(struct ae_column *column)
{
	free(column->name);
	free(column->role_text);
	ae_names_free(column->features, column->feature_count);
	ae_buf_free(&column->extra);
}

void ae_schema_free(struct ae_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++)
		free_column(&schema->cols[i]);
	free(schema->cols);
	ae_buf_free(&schema->lineage);
	ae_buf_free(&schema->model);
	ae_buf_free(&schema->model_of);
	ae_buf_free(&schema->extra);
	*schema = (struct ae_schema){0};
}

struct ae_column *ae_schema_add(struct ae_schema *schema, const char *name, enum ae_role role, enum ae_type type,
	const struct ae_shape *shape, struct ae_error *err)
{
	if (schema->count == schema->cap) {
		size_t cap = schema->cap ? schema->cap * 2 : 8;
		struct ae_column *cols = realloc(schema->cols, cap * sizeof(*cols));
		if (!cols) {
			ae_fail_memory(err);
			return NULL;
		}
		schema->cols = cols;
		schema->cap = cap;
	}
	struct ae_column column = {.role = role, .type = type, .shape = *shape};
	column.name = ae_strdup(name, err);
	column.role_text = ae_strdup(ae_role_name(role), err);
	if (!column.name || !column.role_text) {
		free_column(&column);
		return NULL;
	}
	schema->cols[schema->count] = column;
	return &schema->cols[schema->count++];
}

int ae_column_set_features(struct ae_column *column, char *const *names, size_t count, struct ae_error *err)
{
	ae_names_free(column->features, column->feature_count);
	column->feature_count = 0;
	if (ae_names_copy(&column->features, names, count, err) != 0)
		return -1;
	column->feature_count = count;
	return 0;
}

struct feature {
	const char *name;
	size_t place;
};

static int by_name(const void *a, const void *b)
{
	const struct feature *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order ? order : (left->place > right->place) - (left->place < right->place);
}

int ae_column_check_features(const struct ae_column *column, struct ae_error *err)
{
	size_t n = column->feature_count, twice = 0;
	struct feature *sorted = ae_calloc(n, sizeof(*sorted), err);
	if (!sorted)
		return -1;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct feature){column->features[i], i + 1};
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < n && !twice; i++)
		if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
			twice = i;
	if (twice)
		ae_fail(err,
			"%s: features %zu and %zu are both called \"%s\", and would be told apart by their names: "
			"rename one, or leave one out with --x or --pass",
			column->name, sorted[twice - 1].place, sorted[twice].place, sorted[twice].name);
	free(sorted);
	return twice ? -1 : 0;
}

int ae_column_check_pair(const struct ae_column *column, const struct ae_column *reference, struct ae_error *err)
{
	struct ae_order order = {0};
	size_t count = column->feature_count;
	if (count == 0 || count != reference->feature_count)
		return 0;
	int rc =
		ae_order_need(&order, column->name, column->features, reference->name, reference->features, count, err);
	if (rc == 0 && order.count)
		rc = ae_fail(err, "%s has the features of %s in another order", column->name, reference->name);
	ae_order_free(&order);
	return rc;
}

int ae_schema_add_copy(struct ae_schema *schema, const struct ae_column *column, struct ae_error *err)
{
	struct ae_column *copy = ae_schema_add(schema, column->name, column->role, column->type, &column->shape, err);
	if (!copy || ae_column_set_features(copy, column->features, column->feature_count, err) != 0)
		return -1;
	char *role_text = ae_strdup(column->role_text, err);
	if (!role_text)
		return -1;
	free(copy->role_text);
	copy->role_text = role_text;
	copy->missing = column->missing;
	copy->compared = column->compared;
	copy->maxval = column->maxval;
	copy->was = column->was;
	copy->extra_count = column->extra_count;
	return ae_buf_set(&copy->extra, column->extra.data, column->extra.len, err);
}

int ae_schema_copy_head(struct ae_schema *dst, const struct ae_schema *src, struct ae_error *err)
{
	dst->extra_count = src->extra_count;
	dst->continued = src->continued;
	if (ae_buf_set(&dst->lineage, src->lineage.data, src->lineage.len, err) != 0 ||
		ae_buf_set(&dst->model, src->model.data, src->model.len, err) != 0 ||
		ae_buf_set(&dst->model_of, src->model_of.data, src->model_of.len, err) != 0)
		return -1;
	return ae_buf_set(&dst->extra, src->extra.data, src->extra.len, err);
}

int ae_schema_copy(struct ae_schema *dst, const struct ae_schema *src, struct ae_error *err)
{
	if (ae_schema_copy_head(dst, src, err) != 0)
		return -1;
	for (size_t i = 0; i < src->count; i++)
		if (ae_schema_add_copy(dst, &src->cols[i], err) != 0)
			return -1;
	return 0;
}

size_t ae_schema_find(const struct ae_schema *schema, enum ae_role role)
{
	for (size_t i = 0; i < schema->count; i++)
		if (schema->cols[i].role == role)
			return i;
	return AE_NO_COLUMN;
}

size_t ae_schema_score(const struct ae_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++)
		if (schema->cols[i].role == AE_ERR && schema->cols[i].shape.rank == 0)
			return i;
	return AE_NO_COLUMN;
}

static bool is_word(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && memcmp(name, word, len) == 0;
}

size_t ae_schema_find_name(const struct ae_schema *schema, const char *word, size_t len)
{
	for (size_t i = 0; i < schema->count; i++)
		if (is_word(schema->cols[i].name, word, len))
			return i;
	return AE_NO_COLUMN;
}

size_t ae_schema_find_role(const struct ae_schema *schema, const char *word, size_t len)
{
	if (is_word(ae_role_name(AE_ERR), word, len))
		return ae_schema_score(schema);
	for (size_t i = 0; i < schema->count; i++)
		if (is_word(schema->cols[i].role_text, word, len))
			return i;
	return AE_NO_COLUMN;
}

size_t ae_schema_lookup(const struct ae_schema *schema, const char *word, size_t len)
{
	size_t column = ae_schema_find_name(schema, word, len);
	return column == AE_NO_COLUMN ? ae_schema_find_role(schema, word, len) : column;
}

int ae_schema_pick(const struct ae_schema *schema, const char *word, size_t *index, struct ae_error *err)
{
	size_t len = strlen(word);
	*index = ae_schema_lookup(schema, word, len);
	for (size_t i = *index; i != AE_NO_COLUMN && ++i < schema->count;)
		if (is_word(schema->cols[*index].name, word, len) && is_word(schema->cols[i].name, word, len))
			return ae_fail(err, "columns %zu and %zu of the stream are both called \"%s\"", *index + 1,
				i + 1, word);
	return 0;
}

bool ae_column_answers(const struct ae_column *column, const char *word, size_t len)
{
	return is_word(column->name, word, len) || is_word(column->role_text, word, len);
}

/* Where a column of a role comes from. */
static const char *maker_of(enum ae_role role)
{
	switch (role) {
	case AE_RECON:
		return "; ae-recon makes it";
	case AE_LATENT:
		return "; ae-recon --latent and ae-encode make it";
	case AE_ERR:
		return "; ae-err makes it";
	case AE_PRED:
		return "; ae-thresh makes it";
	case AE_LABEL:
		return "; --label COL of the first program names it";
	default:
		return "";
	}
}

int ae_schema_need(const struct ae_schema *schema, enum ae_role role, size_t *index, struct ae_error *err)
{
	*index = role == AE_ERR ? ae_schema_score(schema) : ae_schema_find(schema, role);
	if (*index != AE_NO_COLUMN)
		return 0;
	char found[200] = "";
	for (size_t i = 0; i < schema->count; i++) {
		size_t used = strlen(found);
		snprintf(found + used, sizeof(found) - used, "%s%s", i ? ", " : "", schema->cols[i].name);
	}
	return ae_fail(err, "no column of role %s; the stream has: %s%s", ae_role_name(role),
		*found ? found : "nothing", maker_of(role));
}

int ae_schema_fail_unknown(const struct ae_schema *schema, const char *option, const char *name, struct ae_error *err)
{
	const char **names = ae_calloc(schema->count, sizeof(*names), err);
	if (!names)
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		names[i] = schema->cols[i].name;
	const char *near = ae_nearest(name, names, schema->count);
	free(names);
	return ae_fail(err, "%s: no column \"%s\"%s%s%s", option, name, near ? "; the nearest is \"" : "",
		near ? near : "", near ? "\"" : "");
}

int ae_schema_check_target(const struct ae_schema *schema, struct ae_error *err)
{
	size_t x = ae_schema_find(schema, AE_X), target = ae_schema_find(schema, AE_TARGET);
	if (x == AE_NO_COLUMN || target == AE_NO_COLUMN)
		return 0;
	return ae_column_check_pair(&schema->cols[target], &schema->cols[x], err);
}

int ae_schema_check(const struct ae_schema *schema, struct ae_error *err)
{
	size_t seen[AE_PASS + 1] = {0};
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		bool text = c->type == AE_TEXT;
		bool wants_text = c->role == AE_LABEL || c->role == AE_ID || c->role == AE_TIME;
		if (c->role <= AE_LABEL && c->role != AE_ERR && seen[c->role]++)
			return ae_fail(err, "column \"%s\": a stream has one %s column at most", c->name,
				ae_role_name(c->role));
		if (c->role != AE_PASS && text != wants_text)
			return ae_fail(err, "column \"%s\": type %s does not go with role %s", c->name,
				ae_type_name(c->type), ae_role_name(c->role));
		if (text && c->shape.rank != 0)
			return ae_fail(err, "column \"%s\": text has shape []", c->name);
		if (c->role == AE_PRED && (c->type != AE_U8 || c->shape.rank != 0))
			return ae_fail(err, "column \"%s\": pred is u8 of shape []", c->name);
		if (c->role == AE_ERR && c->type != AE_F64)
			return ae_fail(err, "column \"%s\": err is f64", c->name);
		size_t size = ae_shape_size(&c->shape);
		size_t last = c->shape.rank ? c->shape.dim[c->shape.rank - 1] : 1;
		if (c->feature_count && c->feature_count != size && c->feature_count != last)
			return ae_fail(err, "column \"%s\": %zu feature names for %zu values", c->name,
				c->feature_count, size);
	}
	return 0;
}

void ae_column_element_name(const struct ae_column *column, size_t i, char *text, size_t size)
{
	size_t n = ae_shape_size(&column->shape);
	bool bare = column->role == AE_X; /* features of x stand under their own names */
	if (column->feature_count == n && column->shape.rank > 0) {
		snprintf(text, size, bare ? "%s%s" : "%s.%s", bare ? "" : column->name, column->features[i]);
		return;
	}
	int used = snprintf(text, size, "%s", column->name);
	size_t below = n;
	for (uint32_t d = 0; d < column->shape.rank && used > 0 && (size_t)used < size; d++) {
		below /= column->shape.dim[d];
		size_t at = i / below % column->shape.dim[d];
		bool named = d + 1 == column->shape.rank && column->feature_count;
		if (named)
			used += snprintf(text + used, size - (size_t)used, ".%s", column->features[at]);
		else
			used += snprintf(text + used, size - (size_t)used, ".%zu", at + 1);
	}
}

void ae_data_free(struct ae_data *data)
{
	ae_buf_free(&data->values);
	ae_buf_free(&data->ends);
	ae_buf_free(&data->sums);
	data->finite = 0;
}

void ae_data_clear(struct ae_data *data)
{
	data->values.len = 0;
	data->ends.len = data->sums.len = 0;
	data->finite = 0;
}

const uint32_t *ae_data_ends(const struct ae_data *data)
{
	return (const uint32_t *)(const void *)data->ends.data;
}

const char *ae_data_text(const struct ae_data *data, size_t row, size_t *len)
{
	const uint32_t *ends = ae_data_ends(data);
	uint32_t start = row ? ends[row - 1] : 0;
	*len = ends[row] - start;
	return data->values.data ? (const char *)data->values.data + start : "";
}

const char *ae_data_cell(const struct ae_column *column, const struct ae_data *data, size_t row,
	char number[AE_NUMBER_TEXT], size_t *len)
{
	double value;
	if (column->type == AE_TEXT)
		return ae_data_text(data, row, len);
	ae_to_f64(&value, data->values.data + row * ae_type_size(column->type), column->type, 1);
	if (column->role == AE_PRED && value == AE_PRED_NONE) {
		*len = strlen("none");
		return "none";
	}
	*len = column->type == AE_F32 ? ae_number_format_f32(number, (float)value)
				      : ae_number_format_f64(number, value);
	return number;
}

int ae_data_append_text(struct ae_data *dst, const char *text, size_t len, struct ae_error *err)
{
	if (len > UINT32_MAX - dst->values.len)
		return ae_fail(err, "more than 4 GiB of text in one batch");
	uint32_t end = (uint32_t)(dst->values.len + len);
	if (ae_buf_append(&dst->values, text, len, err) != 0)
		return -1;
	return ae_buf_append(&dst->ends, &end, sizeof(end), err);
}

int ae_data_append(struct ae_data *dst, const struct ae_column *column, const struct ae_data *src, size_t first,
	size_t rows, struct ae_error *err)
{
	if (column->type != AE_TEXT) {
		size_t row = ae_shape_size(&column->shape) * ae_type_size(column->type);
		return ae_buf_append(&dst->values, src->values.data + first * row, rows * row, err);
	}
	for (size_t i = first; i < first + rows; i++) {
		size_t len;
		const char *text = ae_data_text(src, i, &len);
		if (ae_data_append_text(dst, text, len, err) != 0)
			return -1;
	}
	return 0;
}

void *ae_data_resize(struct ae_data *data, const struct ae_column *column, size_t rows, struct ae_error *err)
{
	size_t len = ae_product(rows, ae_product(ae_shape_size(&column->shape), ae_type_size(column->type)));
	data->values.len = data->sums.len = data->finite = 0;
	if (ae_buf_reserve(&data->values, len ? len : 1, err) != 0)
		return NULL;
	data->values.len = len;
	return data->values.data;
}

size_t ae_column_first_bad(const struct ae_column *column, const void *values, size_t n)
{
	enum { PIECE = 1024 }; /* numbers that are looked at one by one where they are not all finite */
	bool nan_legal = column->missing, infinity_legal = column->role == AE_ERR || column->role == AE_PASS;
	if (column->type == AE_U8 || column->type == AE_TEXT || (nan_legal && infinity_legal))
		return n;
	const float *f32 = values;
	const double *f64 = values;
	for (size_t first = 0, end; first < n; first = end) {
		end = n - first < PIECE ? n : first + PIECE;
		if (column->type == AE_F32 ? ae_all_finite(f32 + first, end - first)
					   : ae_all_finite_f64(f64 + first, end - first))
			continue;
		for (size_t i = first; i < end; i++) {
			double value = column->type == AE_F32 ? (double)f32[i] : f64[i];
			if (!isfinite(value) && !(isnan(value) ? nan_legal : infinity_legal))
				return i;
		}
	}
	return n;
}

size_t ae_data_first_bad(const struct ae_column *column, const struct ae_data *data, size_t n)
{
	size_t width = ae_type_size(column->type), known = width ? data->finite / width : n;
	if (known >= n)
		return n;
	return known + ae_column_first_bad(column, data->values.data + known * width, n - known);
}

size_t ae_data_bytes(const struct ae_column *column, const struct ae_data *data, size_t first, size_t rows)
{
	if (column->type != AE_TEXT)
		return rows * ae_shape_size(&column->shape) * ae_type_size(column->type);
	if (rows == 0)
		return 0;
	const uint32_t *ends = ae_data_ends(data);
	return rows * sizeof(*ends) + ends[first + rows - 1] - (first ? ends[first - 1] : 0);
}

size_t ae_batch_bytes(const struct ae_schema *schema, const struct ae_batch *batch)
{
	size_t bytes = 0;
	for (size_t i = 0; i < schema->count; i++)
		bytes += ae_data_bytes(&schema->cols[i], batch->cols[i], 0, batch->rows);
	return bytes;
}

char *ae_place_format(const struct ae_place *place, char text[AE_PLACE_TEXT])
{
	const uint64_t *lines = place->batch->lines;
	uint64_t number = lines ? lines[place->row] : place->before + place->row + 1;
	snprintf(text, AE_PLACE_TEXT, "%s %llu", lines ? "line" : "row", (unsigned long long)number);
	return text;
}

int ae_rows_init(struct ae_rows *rows, size_t columns, struct ae_error *err)
{
	*rows = (struct ae_rows){0};
	rows->data = ae_calloc(columns, sizeof(*rows->data), err);
	rows->batch.cols = ae_calloc(columns, sizeof(*rows->batch.cols), err);
	if (!rows->data || !rows->batch.cols) {
		ae_rows_free(rows);
		return -1;
	}
	rows->count = columns;
	for (size_t i = 0; i < columns; i++)
		rows->batch.cols[i] = &rows->data[i];
	return 0;
}

int ae_rows_append(struct ae_rows *rows, const struct ae_schema *schema, const struct ae_batch *batch, size_t first,
	size_t n, struct ae_error *err)
{
	for (size_t i = 0; i < rows->count; i++)
		if (ae_data_append(&rows->data[i], &schema->cols[i], batch->cols[i], first, n, err) != 0)
			return -1;
	rows->batch.rows += n;
	return 0;
}

void ae_rows_cut(struct ae_rows *rows, const struct ae_schema *schema)
{
	size_t n = rows->batch.rows;
	for (size_t i = 0; i < rows->count; i++) {
		const struct ae_column *column = &schema->cols[i];
		struct ae_data *data = &rows->data[i];
		if (column->type == AE_TEXT) {
			data->ends.len = n * sizeof(uint32_t);
			data->values.len = n ? ae_data_ends(data)[n - 1] : 0;
		} else {
			data->values.len = n * ae_shape_size(&column->shape) * ae_type_size(column->type);
			data->finite = data->finite < data->values.len ? data->finite : data->values.len;
			data->sums.len = 0;
		}
	}
}

void ae_rows_clear(struct ae_rows *rows)
{
	rows->lines.len = 0;
	rows->batch.lines = NULL;
	for (size_t i = 0; i < rows->count; i++)
		ae_data_clear(&rows->data[i]);
	rows->batch.rows = 0;
}

void ae_rows_free(struct ae_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		ae_data_free(&rows->data[i]);
	ae_buf_free(&rows->lines);
	free(rows->data);
	free(rows->batch.cols);
	*rows = (struct ae_rows){0};
}
