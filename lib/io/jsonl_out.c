/* SPDX-License-Identifier: MIT */
/* Rows as JSON lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "io/format.h"
#include "io/members.h"

struct jsonl_encoder {
	const struct ae_schema *schema;
	struct ae_members members;
	uint64_t rows;
};

/* A key and the colon behind it. */
static int add_key(struct ae_buf *keys, const char *name, struct ae_error *err)
{
	return ae_json_any_string(keys, name, strlen(name), err) == 0 ? ae_buf_append(keys, ":", 1, err) : -1;
}

/* There is room for it. data may be NULL: nothing has a value. */
static void write_number(struct ae_buf *out, const struct ae_column *column, const struct ae_data *data, size_t at)
{
	double value;
	char *text = (char *)out->data + out->len;
	if (data && column->type == AE_F32) {
		float single = ((const float *)(const void *)data->values.data)[at];
		if (isfinite(single)) {
			out->len += ae_number_format_f32(text, single);
			return;
		}
	}
	if (!data || !ae_member_number(column, data, at, &value))
		out->len += (size_t)snprintf(text, AE_NUMBER_TEXT, "null");
	else
		out->len += column->type == AE_F32 ? ae_number_format_f32(text, (float)value)
						   : ae_number_format_f64(text, value);
}

/* Brackets before element i, or after element i - 1. */
static size_t brackets(const struct ae_shape *shape, size_t i)
{
	size_t count = 0, below = 1;
	for (uint32_t d = shape->rank; d-- > 0;) {
		below *= shape->dim[d];
		count += i % below == 0;
	}
	return count;
}

/* n numbers from `at` on as arrays in arrays. */
static int write_array(struct ae_buf *out, const struct ae_column *column, const struct ae_data *data, size_t at,
	size_t n, struct ae_error *err)
{
	const struct ae_shape *shape = &column->shape;
	const size_t last = shape->rank > 0 ? shape->dim[shape->rank - 1] : 1;
	if (ae_buf_reserve(out, ae_product(n, AE_NUMBER_TEXT + 2 * (size_t)AE_RANK_MAX + 1), err) != 0)
		return -1;
	for (size_t i = 0, left = 0; i < n; i++, left--) {
		if (i > 0)
			out->data[out->len++] = ',';
		for (size_t opens = left == 0 ? brackets(shape, i) : 0; opens > 0; opens--)
			out->data[out->len++] = '[';
		left = left == 0 ? last : left;
		write_number(out, column, data, at + i);
		for (size_t closes = left == 1 ? brackets(shape, i + 1) : 0; closes > 0; closes--)
			out->data[out->len++] = ']';
	}
	return 0;
}

static int write_text(struct jsonl_encoder *e, struct ae_buf *out, const struct ae_column *column,
	const struct ae_data *data, size_t row, struct ae_error *err)
{
	size_t len;
	const char *text = ae_data_text(data, row, &len);
	size_t start = out->len;
	int rc = ae_json_string(out, text, len, err);
	if (rc <= 0)
		return rc;
	ae_members_note_replaced(&e->members, e->rows + 1, column);
	out->len = start;
	return ae_json_any_string(out, text, len, err);
}

/* Without a batch nothing has a value. */
static int write_row(
	struct jsonl_encoder *e, struct ae_buf *out, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	for (size_t i = 0; i < e->members.count; i++) {
		const struct ae_member *m = ae_members_at(&e->members, i);
		const struct ae_column *column = &e->schema->cols[m->column];
		const struct ae_data *data = batch ? batch->cols[m->column] : NULL;
		size_t n = ae_shape_size(&column->shape);
		int rc = ae_buf_append(out, i == 0 ? "{" : ",", 1, err);
		if (rc == 0)
			rc = ae_buf_append(out, e->members.keys.data + m->key, m->key_len, err);
		if (rc == 0)
			rc = ae_buf_reserve(out, AE_NUMBER_TEXT, err);
		if (rc == 0 && data && column->type == AE_TEXT)
			rc = write_text(e, out, column, data, row, err);
		else if (rc == 0 && m->array)
			rc = write_array(out, column, data, row * n, n, err);
		else if (rc == 0)
			write_number(out, column, data, row * n + m->element);
		if (rc != 0)
			return -1;
	}
	return ae_buf_append(out, e->members.count ? "}\n" : "{}\n", e->members.count ? 2 : 3, err);
}

static int jsonl_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	struct jsonl_encoder *e = state;
	(void)out;
	e->schema = schema;
	e->rows = 0;
	return ae_members_init(&e->members, schema, add_key, err);
}

static int jsonl_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	struct jsonl_encoder *e = state;
	for (size_t row = first; row < first + rows; row++) {
		size_t whole = out->len;
		if (write_row(e, out, batch, row, err) != 0) {
			out->len = whole;
			return -1;
		}
		e->rows++;
	}
	return 0;
}

static int jsonl_sample(void *state, struct ae_buf *out, struct ae_error *err)
{
	return write_row(state, out, NULL, 0, err);
}

static const char *jsonl_replaced(void *state)
{
	return ((struct jsonl_encoder *)state)->members.replaced;
}

static void jsonl_free_encoder(void *state)
{
	struct jsonl_encoder *e = state;
	ae_members_free(&e->members);
	free(e);
}

static int jsonl_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	struct jsonl_encoder *e = ae_calloc(1, sizeof(*e), err);
	if (!e)
		return -1;
	*encoder = (struct ae_encoder){.state = e,
		.begin = jsonl_begin,
		.rows = jsonl_add,
		.sample = jsonl_sample,
		.replaced = jsonl_replaced,
		.free = jsonl_free_encoder};
	return 0;
}

const struct ae_output_format ae_jsonl_output = {
	.name = "jsonl", .suffixes = {".jsonl", ".ndjson"}, .lines = true, .open = jsonl_open_encoder};
