/* SPDX-License-Identifier: MIT */
/* Large batches of AEST, read straight into the columns: each byte is copied by the kernel alone, and summed and
   checked while it is in the cache. */
#include "core/crc32.h"
#include "core/endian.h"
#include "core/msgpack.h"
#include "io/aest.h"
#include "io/aest_batch.h"
#include "io/pieces.h"

/* Smaller batches are no faster so; larger ones, of which odd ones would be copied back, are none that we write.
   Numbers are read in pieces that stay in the second-level cache. */
enum { LEAST_BYTES = 1 << 15, MOST_BYTES = 1 << 28, MOST_HEAD = 1 << 17 };

/* Numbers of a column stand behind so many bytes of the heads. */
struct place {
	size_t at, column;
};

struct message {
	struct ae_aest_direct *kept;
	struct ae_input *input;
	const struct ae_schema *schema;
	struct ae_rows *rows;
	struct ae_error *err;
	uint64_t added; /* rows */
	uint64_t texts; /* bytes */
	uint32_t sum;
};

/* Of the functions below: 1 as expected, 0 odd, or the input ends here; -1 failed. */
enum { ODD = 0, EXPECTED = 1, FAILED = -1 };

void ae_aest_direct_free(struct ae_aest_direct *direct)
{
	ae_buf_free(&direct->heads);
	ae_buf_free(&direct->places);
	ae_buf_free(&direct->pieces);
}

/* Waits for n bytes. */
static int need(const struct message *m, size_t n)
{
	for (;;) {
		size_t have;
		(void)ae_input_bytes(m->input, &have);
		if (have >= n)
			return EXPECTED;
		size_t most = n - have < MOST_HEAD ? n - have + AE_INPUT_AHEAD : MOST_HEAD;
		enum ae_fill fill = m->kept->large ? ae_input_fill_some(m->input, true, most, m->err)
						   : ae_input_fill(m->input, true, m->err);
		if (fill != AE_FILL_MORE)
			return fill == AE_FILL_FAIL ? FAILED : ODD;
	}
}

/* Takes n bytes that wait. */
static int take_head(struct message *m, size_t n)
{
	size_t have;
	const unsigned char *bytes = ae_input_bytes(m->input, &have);
	if (ae_buf_append(&m->kept->heads, bytes, n, m->err) != 0)
		return FAILED;
	m->sum = ae_crc32(m->sum, bytes, n);
	ae_input_take(m->input, n);
	return EXPECTED;
}

/* Bytes of a row's numbers; MOST_BYTES if they are as many or more. */
static uint64_t row_bytes(const struct ae_schema *schema)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < schema->count && bytes < MOST_BYTES; i++)
		bytes += (uint64_t)ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
	return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

/* The message up to its first column. */
static int read_begin(struct message *m)
{
	for (size_t have = 0;;) {
		int rc = need(m, have + 1);
		if (rc != EXPECTED)
			return rc;
		const unsigned char *bytes = ae_input_bytes(m->input, &have);
		struct ae_aest_cursor c = {.at = bytes, .end = bytes + have};
		uint64_t count, kind, size;
		if (ae_aest_take_array(&c, &count) == 0 && ae_aest_take_u64(&c, &kind) == 0 && kind == AE_AEST_BATCH &&
			ae_aest_take_u64(&c, &m->added) == 0) {
			if (count != (uint64_t)m->schema->count + 3 || m->added > UINT32_MAX ||
				__builtin_mul_overflow(m->added, row_bytes(m->schema), &size) || size < LEAST_BYTES ||
				size > MOST_BYTES)
				return ODD;
			return take_head(m, (size_t)(c.at - bytes));
		}
		if (!c.cut)
			return ODD;
	}
}

/* The head of a bin of *len bytes, which is not taken. */
static int read_bin_head(struct message *m, size_t *head, size_t *len)
{
	for (size_t have = 0;;) {
		int rc = need(m, have + 1);
		if (rc != EXPECTED)
			return rc;
		const unsigned char *bytes = ae_input_bytes(m->input, &have);
		struct ae_aest_cursor c = {.at = bytes, .end = bytes + have};
		if (ae_aest_take_bin_head(&c, len) == 0) {
			*head = (size_t)(c.at - bytes);
			return *len <= AE_AEST_BIN_LIMIT ? EXPECTED : ODD;
		}
		if (!c.cut)
			return ODD;
	}
}

/* At most `most` bytes to the end of the column, from those that wait, or else from the input: *got. */
static int read_piece(const struct message *m, struct ae_buf *values, size_t most, size_t *got)
{
	size_t have;
	const unsigned char *bytes = ae_input_bytes(m->input, &have);
	if (ae_buf_reserve(values, most, m->err) != 0)
		return FAILED;
	unsigned char *to = values->data + values->len;
	if (have > 0) {
		*got = have < most ? have : most;
		memcpy(to, bytes, *got);
		ae_input_take(m->input, *got);
		return EXPECTED;
	}
	switch (ae_input_read(m->input, true, to, most, got, m->err)) {
	case AE_FILL_MORE:
		return EXPECTED;
	case AE_FILL_FAIL:
		return FAILED;
	default:
		return ODD;
	}
}

/* Notes how far a column's numbers are finite, where all before byte `start` and before the last piece are. */
static void note_finite(struct ae_data *data, enum ae_type type, size_t start)
{
	size_t width = ae_type_size(type), from = data->finite > start ? data->finite : start;
	size_t n = (data->values.len - from) / width;
	const unsigned char *at = data->values.data + from;
	if (data->finite < start || data->values.len - from > AE_PIECE_BYTES + sizeof(double) || type == AE_U8)
		return;
	if (type == AE_F32 ? ae_all_finite((const void *)at, n) : ae_all_finite_f64((const void *)at, n))
		data->finite = from + n * width;
}

/* Takes `len` bytes behind the values, of that sum, for values. Sums are kept where all those before are known. */
static int take_piece(struct message *m, struct ae_data *data, size_t len, uint32_t sum)
{
	const struct ae_crc32_run run = {.end = data->values.len + len, .sum = sum};
	const struct ae_crc32_run *runs = (const void *)data->sums.data;
	size_t known = data->sums.len > 0 ? runs[data->sums.len / sizeof(run) - 1].end : 0;
	m->sum = ae_crc32_join(m->sum, sum, len);
	int rc = known == data->values.len && AE_IS_LITTLE_ENDIAN
			 ? ae_buf_append(&data->sums, &run, sizeof(run), m->err)
			 : 0;
	data->values.len += len;
	return rc;
}

/* The rest of a column by several threads. ODD, and nothing is read, if that is not to be done. */
static int read_at_once(struct message *m, struct ae_data *data, enum ae_type type, size_t len)
{
	size_t have, start = data->values.len;
	struct ae_buf *pieces = &m->kept->pieces;
	(void)ae_input_bytes(m->input, &have);
	if (have > 0 || start % sizeof(double) || !AE_IS_LITTLE_ENDIAN || !m->input->pool ||
		ae_input_lacks(m->input, len) || ae_buf_reserve(&data->values, len, m->err) != 0 ||
		!ae_pieces_read(m->input, data->values.data + start, len, type, pieces))
		return ODD;
	const struct ae_piece *piece = (const void *)pieces->data;
	for (; len > 0; piece++) {
		size_t n = len < AE_PIECE_BYTES ? len : AE_PIECE_BYTES;
		bool known = piece->finite && data->finite == data->values.len;
		if (take_piece(m, data, n, piece->sum) != 0)
			return FAILED;
		if (known)
			data->finite = data->values.len;
		len -= n;
	}
	return EXPECTED;
}

/* A piece by this thread: *got bytes. Ends at a whole number, so that others can go on. */
static int read_next(struct message *m, struct ae_data *data, enum ae_type type, size_t start, size_t len, size_t *got)
{
	size_t have, off = data->values.len % sizeof(double);
	(void)ae_input_bytes(m->input, &have);
	size_t most = have == 0 && off > 0 ? sizeof(double) - off : AE_PIECE_BYTES;
	int rc = read_piece(m, &data->values, len < most ? len : most, got);
	if (rc != EXPECTED)
		return rc;
	if (take_piece(m, data, *got, ae_crc32(0, data->values.data + data->values.len, *got)) != 0)
		return FAILED;
	if (AE_IS_LITTLE_ENDIAN)
		note_finite(data, type, start);
	return EXPECTED;
}

static int read_numbers(struct message *m, size_t column, size_t len)
{
	struct ae_data *data = &m->rows->data[column];
	enum ae_type type = m->schema->cols[column].type;
	const struct place place = {.at = m->kept->heads.len, .column = column};
	const size_t start = data->values.len;
	if (ae_buf_append(&m->kept->places, &place, sizeof(place), m->err) != 0)
		return FAILED;
	while (len > 0) {
		size_t got;
		int rc = read_at_once(m, data, type, len);
		if (rc != ODD)
			return rc;
		rc = read_next(m, data, type, start, len, &got);
		if (rc != EXPECTED)
			return rc;
		len -= got;
	}
	return EXPECTED;
}

static int read_column(struct message *m, size_t i)
{
	const struct ae_column *column = &m->schema->cols[i];
	size_t head = 0, len = 0, have;
	int rc = read_bin_head(m, &head, &len);
	if (rc != EXPECTED)
		return rc;
	if (column->type != AE_TEXT) {
		if (len != m->added * ae_shape_size(&column->shape) * ae_type_size(column->type))
			return ODD;
		rc = take_head(m, head);
		return rc == EXPECTED ? read_numbers(m, i, len) : rc;
	}
	m->texts += len;
	rc = m->texts > MOST_BYTES ? ODD : need(m, head + len);
	if (rc != EXPECTED)
		return rc;
	const unsigned char *bytes = ae_input_bytes(m->input, &have);
	if (ae_aest_add_text(&m->rows->data[i], column, bytes + head, len, (size_t)m->added, m->err) != 0)
		return ODD;
	return take_head(m, head + len);
}

/* The closing element. */
static int read_sum(struct message *m)
{
	size_t have;
	int rc = need(m, 1);
	if (rc != EXPECTED)
		return rc;
	const unsigned char *bytes = ae_input_bytes(m->input, &have);
	size_t size = *bytes == 0xc0 ? 1 : AE_MSG_SUM_SIZE;
	if (*bytes != 0xc0 && *bytes != 0xce)
		return ODD;
	rc = need(m, size);
	if (rc != EXPECTED)
		return rc;
	if (ae_msg_check_sum(m->sum, ae_input_bytes(m->input, &have), size, m->err) != 0)
		return FAILED;
	ae_input_take(m->input, size);
	return EXPECTED;
}

static int check_columns(struct message *m, uint64_t before)
{
	for (size_t i = 0; i < m->schema->count; i++) {
		const struct ae_column *column = &m->schema->cols[i];
		struct ae_data *data = &m->rows->data[i];
		size_t n = ae_shape_size(&column->shape), width = ae_type_size(column->type);
		size_t start = m->rows->batch.rows * n * width;
		if (column->type == AE_TEXT)
			continue;
		ae_little_endian(data->values.data + start, width, m->added * n);
		if (ae_aest_check_numbers(column, data, start, before, m->err) != 0)
			return FAILED;
	}
	return EXPECTED;
}

/* Puts back all that was taken of the message. */
static int put_back(struct message *m)
{
	const struct place *places = (const void *)m->kept->places.data;
	const struct ae_buf *heads = &m->kept->heads;
	struct ae_buf all = {0};
	size_t done = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < m->kept->places.len / sizeof(*places); i++) {
		const struct ae_column *column = &m->schema->cols[places[i].column];
		const struct ae_buf *values = &m->rows->data[places[i].column].values;
		size_t start = m->rows->batch.rows * ae_shape_size(&column->shape) * ae_type_size(column->type);
		rc = ae_buf_append(&all, heads->data + done, places[i].at - done, m->err);
		if (rc == 0 && values->len > start)
			rc = ae_buf_append(&all, values->data + start, values->len - start, m->err);
		done = places[i].at;
	}
	if (rc == 0 && heads->len > done)
		rc = ae_buf_append(&all, heads->data + done, heads->len - done, m->err);
	if (rc == 0 && all.len > 0)
		rc = ae_input_put_back(m->input, all.data, all.len, m->err);
	ae_buf_free(&all);
	return rc;
}

static int read_message(struct message *m, uint64_t before)
{
	int rc = read_begin(m);
	for (size_t i = 0; rc == EXPECTED && i < m->schema->count; i++)
		rc = read_column(m, i);
	if (rc == EXPECTED)
		rc = read_sum(m);
	return rc == EXPECTED ? check_columns(m, before) : rc;
}

int ae_aest_read_batch(struct ae_aest_direct *direct, struct ae_input *input, uint64_t before,
	const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct message m = {.kept = direct, .input = input, .schema = schema, .rows = rows, .err = err};
	direct->heads.len = direct->places.len = 0;
	int rc = read_message(&m, before);
	direct->large = rc == EXPECTED;
	if (rc == EXPECTED) {
		rows->batch.rows += m.added;
		return rc;
	}
	if (rc == ODD && put_back(&m) != 0)
		rc = FAILED;
	ae_rows_cut(rows, schema);
	return rc;
}
