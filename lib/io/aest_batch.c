/* SPDX-License-Identifier: MIT */
/* Batches of AEST that are whole in memory. */
#include "io/aest_batch.h"

#include "core/endian.h"
#include "io/aest.h"

/* Framing by hand: a message that ae_msg_scan has walked does not end inside what is taken here. */
static int take_big_endian(struct ae_aest_cursor *c, size_t width, uint64_t *value)
{
	if ((size_t)(c->end - c->at) < 1 + width) {
		c->cut = true;
		return -1;
	}
	*value = 0;
	for (size_t i = 0; i < width; i++)
		*value = *value << 8 | c->at[1 + i];
	c->at += 1 + width;
	return 0;
}

/* The first byte; false at the end. */
static bool peek(struct ae_aest_cursor *c, unsigned char *head)
{
	c->cut = c->at == c->end;
	if (!c->cut)
		*head = *c->at;
	return !c->cut;
}

int ae_aest_take_u64(struct ae_aest_cursor *c, uint64_t *value)
{
	unsigned char head;
	if (!peek(c, &head))
		return -1;
	size_t width = head < 0x80 ? 0 : head >= 0xcc && head <= 0xcf ? (size_t)1 << (head - 0xcc) : 9;
	if (width == 9 || take_big_endian(c, width, value) != 0)
		return -1;
	if (head < 0x80)
		*value = head;
	return 0;
}

int ae_aest_take_bin_head(struct ae_aest_cursor *c, size_t *len)
{
	unsigned char head;
	uint64_t value;
	if (!peek(c, &head) || head < 0xc4 || head > 0xc6 ||
		take_big_endian(c, (size_t)1 << (head - 0xc4), &value) != 0)
		return -1;
	*len = (size_t)value;
	return 0;
}

int ae_aest_take_array(struct ae_aest_cursor *c, uint64_t *count)
{
	unsigned char head;
	if (!peek(c, &head) || (head >> 4 != 9 && head != 0xdc && head != 0xdd))
		return -1;
	if (take_big_endian(c, head >> 4 == 9 ? 0 : head == 0xdc ? 2 : 4, count) != 0)
		return -1;
	if (head >> 4 == 9)
		*count = head & 15;
	return 0;
}

static int take_bin(struct ae_aest_cursor *c, const unsigned char **bytes, size_t *len)
{
	if (ae_aest_take_bin_head(c, len) != 0 || (size_t)(c->end - c->at) < *len)
		return -1;
	*bytes = c->at;
	c->at += *len;
	return 0;
}

int ae_aest_check_numbers(
	const struct ae_column *column, struct ae_data *data, size_t start, uint64_t before, struct ae_error *err)
{
	size_t width = ae_type_size(column->type), n = ae_shape_size(&column->shape);
	size_t from = data->finite > start ? data->finite : start, count = (data->values.len - from) / width;
	size_t bad = ae_column_first_bad(column, data->values.data + from, count);
	if (bad < count) {
		char name[300];
		bad += (from - start) / width;
		ae_column_element_name(column, bad % n, name, sizeof(name));
		return ae_fail(err, "row %llu, column \"%s\": %s", (unsigned long long)(before + bad / n + 1), name,
			column->missing ? "infinity" : "NaN or infinity, and the header does not say missing");
	}
	if (data->finite >= start && !column->missing && column->role != AE_ERR && column->role != AE_PASS)
		data->finite = data->values.len;
	return 0;
}

static int add_numbers(struct ae_data *data, const struct ae_column *column, const unsigned char *bytes, size_t len,
	size_t rows, uint64_t before, struct ae_error *err)
{
	size_t n = ae_shape_size(&column->shape);
	uint64_t size = (uint64_t)n * ae_type_size(column->type), expected;
	if (__builtin_mul_overflow(rows, size, &expected) || len != expected)
		return ae_fail(err, "column \"%s\": expected %llu bytes for each of %zu rows, got %zu", column->name,
			(unsigned long long)size, rows, len);
	size_t start = data->values.len;
	if (ae_buf_append(&data->values, bytes, len, err) != 0)
		return -1;
	if (len == 0)
		return 0;
	ae_little_endian(data->values.data + start, ae_type_size(column->type), rows * n);
	return ae_aest_check_numbers(column, data, start, before, err);
}

int ae_aest_add_text(struct ae_data *data, const struct ae_column *column, const unsigned char *bytes, size_t len,
	size_t rows, struct ae_error *err)
{
	if (rows > len / sizeof(uint32_t))
		return ae_fail(err, "column \"%s\": %zu bytes are too few for %zu texts", column->name, len, rows);
	size_t heads = rows * sizeof(uint32_t);
	uint32_t before = 0;
	for (size_t i = 0; i < rows; i++) {
		uint32_t end;
		ae_copy_little_endian(&end, bytes + i * sizeof(end), sizeof(end), 1);
		if (end < before || end > len - heads)
			return ae_fail(err, "column \"%s\": text offsets do not fit", column->name);
		if (ae_data_append_text(data, (const char *)bytes + heads + before, end - before, err) != 0)
			return -1;
		before = end;
	}
	return before == len - heads ? 0 : ae_fail(err, "column \"%s\": text offsets do not fit", column->name);
}

int ae_aest_add_batch(struct ae_aest_cursor *c, uint64_t count, uint64_t before, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	uint64_t n;
	if (count != schema->count + 3)
		return ae_fail(err, "a batch of %llu columns under a header of %zu", (unsigned long long)count - 3,
			schema->count);
	if (ae_aest_take_u64(c, &n) != 0 || n > UINT32_MAX)
		return ae_fail(err, "a batch without a number of rows");
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *column = &schema->cols[i];
		const unsigned char *bytes;
		size_t len;
		if (take_bin(c, &bytes, &len) != 0 || len > AE_AEST_BIN_LIMIT)
			return ae_fail(err, "column \"%s\": no bin of less than 2 GiB", column->name);
		int rc = column->type == AE_TEXT ? ae_aest_add_text(&rows->data[i], column, bytes, len, n, err)
						 : add_numbers(&rows->data[i], column, bytes, len, n, before, err);
		if (rc != 0)
			return -1;
	}
	rows->batch.rows += n;
	return 0;
}
