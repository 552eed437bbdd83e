/* SPDX-License-Identifier: MIT */
/* Rows in a temporary file, row by row, so that any one of them can be read again. */
#include "stream/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/tempfile.h"
#include "io/source.h"
#include "stream/spool_window.h"

/* NEAR: a row that begins so many bytes or fewer behind the last one is read with those after it. */
enum { CHUNK = 1 << 20, NEAR = 4096, GATHERED_ROWS = 256 };

/* A row in the file: column by column, numbers as they are, text as a uint32_t length and the bytes. */
struct ae_spool {
	struct ae_spool_file file;
	const struct ae_schema *schema;
	bool indexed;
	struct ae_buf out; /* rows not in the file yet */
	struct ae_buf in; /* read ahead: by next() bytes [taken, in.len), by gather() those from in_at on in the file */
	size_t taken;
	uint64_t read_at, read_rows;
	struct ae_buf part;        /* of the file, read by gather() */
	uint64_t part_at, row_end; /* where it begins, and where the row ends that was gathered last */
	struct ae_rows gathered;
	struct ae_spool_window window;
};

static const char name[] = "<temporary file>";

/* Bytes of a row in the file, 0 if rows differ. */
static uint64_t find_row_bytes(const struct ae_schema *schema)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		if (c->type == AE_TEXT)
			return 0;
		bytes += ae_shape_size(&c->shape) * ae_type_size(c->type);
	}
	return bytes;
}

int ae_spool_new(struct ae_spool **out, const struct ae_schema *schema, bool indexed, struct ae_error *err)
{
	struct ae_spool *spool = ae_calloc(1, sizeof(*spool), err);
	if (!spool)
		return -1;
	spool->schema = schema;
	spool->file.row_bytes = find_row_bytes(schema);
	spool->indexed = indexed && spool->file.row_bytes == 0;
	spool->file.fd = ae_tempfile(err);
	if (spool->file.fd < 0) {
		free(spool);
		return -1;
	}
	if (ae_rows_init(&spool->gathered, schema->count, err) != 0) {
		ae_spool_free(spool);
		return -1;
	}
	*out = spool;
	return 0;
}

static int flush(struct ae_spool *spool, struct ae_error *err)
{
	int rc = ae_write_all(spool->file.fd, spool->out.data, spool->out.len, name, err);
	spool->file.bytes += spool->out.len;
	spool->out.len = 0;
	return rc;
}

/* Appends rows [first, first + n), which are of one size. */
static int append_numbers(
	struct ae_spool *spool, const struct ae_batch *batch, size_t first, size_t n, struct ae_error *err)
{
	size_t stride = (size_t)spool->file.row_bytes, offset = spool->out.len;
	if (ae_buf_reserve(&spool->out, ae_product(n, stride), err) != 0)
		return -1;
	spool->out.len += n * stride;
	for (size_t i = 0; i < spool->schema->count; i++) {
		const struct ae_column *c = &spool->schema->cols[i];
		size_t size = ae_shape_size(&c->shape) * ae_type_size(c->type);
		const unsigned char *from = batch->cols[i]->values.data + first * size;
		unsigned char *to = spool->out.data + offset;
		offset += size;
		if (size == stride)
			memcpy(to, from, n * size);
		else
			for (size_t row = 0; row < n; row++, to += stride, from += size)
				memcpy(to, from, size);
	}
	return 0;
}

static int append_row(struct ae_spool *spool, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	uint64_t offset = spool->file.bytes + spool->out.len;
	if (spool->indexed && ae_buf_append(&spool->file.offsets, &offset, sizeof(offset), err) != 0)
		return -1;
	for (size_t i = 0; i < spool->schema->count; i++) {
		const struct ae_column *c = &spool->schema->cols[i];
		size_t size = ae_shape_size(&c->shape) * ae_type_size(c->type);
		const void *bytes;
		if (c->type != AE_TEXT) {
			bytes = batch->cols[i]->values.data + row * size;
		} else {
			bytes = ae_data_text(batch->cols[i], row, &size);
			uint32_t len = (uint32_t)size;
			if (ae_buf_append(&spool->out, &len, sizeof(len), err) != 0)
				return -1;
		}
		if (ae_buf_append(&spool->out, bytes, size, err) != 0)
			return -1;
	}
	return 0;
}

int ae_spool_append(struct ae_spool *spool, const struct ae_batch *batch, struct ae_error *err)
{
	size_t most = spool->file.row_bytes ? CHUNK / (size_t)spool->file.row_bytes + 1 : 1, n;
	for (size_t row = 0; row < batch->rows; row += n) {
		n = batch->rows - row < most ? batch->rows - row : most;
		int rc = spool->file.row_bytes ? append_numbers(spool, batch, row, n, err)
					       : append_row(spool, batch, row, err);
		if (rc != 0 || (spool->out.len >= CHUNK && flush(spool, err) != 0))
			return -1;
	}
	spool->file.rows += batch->rows;
	return 0;
}

uint64_t ae_spool_rows(const struct ae_spool *spool)
{
	return spool->file.rows;
}

uint64_t ae_spool_left(const struct ae_spool *spool)
{
	return spool->file.rows - spool->read_rows;
}

/* Appends n rows of one size. */
static int decode_numbers(
	const struct ae_spool *spool, const unsigned char *bytes, size_t n, struct ae_rows *rows, struct ae_error *err)
{
	size_t stride = (size_t)spool->file.row_bytes, offset = 0;
	for (size_t i = 0; i < spool->schema->count; i++) {
		const struct ae_column *c = &spool->schema->cols[i];
		size_t size = ae_shape_size(&c->shape) * ae_type_size(c->type);
		struct ae_buf *values = &rows->data[i].values;
		const unsigned char *from = bytes + offset;
		offset += size;
		if (ae_buf_reserve(values, ae_product(n, size), err) != 0)
			return -1;
		unsigned char *to = values->data + values->len;
		values->len += n * size;
		if (size == stride)
			memcpy(to, from, n * size);
		else
			for (size_t row = 0; row < n; row++, to += size, from += stride)
				memcpy(to, from, size);
	}
	rows->batch.rows += n;
	return 0;
}

/* Appends the row that bytes begin with. 1 done with its length in *size, 0 more bytes are needed. */
static int decode(const struct ae_spool *spool, const unsigned char *bytes, size_t len, size_t *size,
	struct ae_rows *rows, struct ae_error *err)
{
	size_t at = 0;
	for (size_t i = 0; i < spool->schema->count; i++) {
		const struct ae_column *c = &spool->schema->cols[i];
		uint32_t text = 0;
		if (c->type == AE_TEXT && len - at >= sizeof(text))
			memcpy(&text, bytes + at, sizeof(text));
		at += c->type == AE_TEXT ? sizeof(text) + text : ae_shape_size(&c->shape) * ae_type_size(c->type);
		if (at > len)
			return 0;
	}
	*size = at;
	at = 0;
	for (size_t i = 0; i < spool->schema->count; i++) {
		const struct ae_column *c = &spool->schema->cols[i];
		size_t n = ae_shape_size(&c->shape) * ae_type_size(c->type);
		uint32_t text = 0;
		if (c->type == AE_TEXT) {
			memcpy(&text, bytes + at, sizeof(text));
			at += sizeof(text);
			if (ae_data_append_text(&rows->data[i], (const char *)bytes + at, text, err) != 0)
				return -1;
			at += text;
			continue;
		}
		if (ae_buf_append(&rows->data[i].values, bytes + at, n, err) != 0)
			return -1;
		at += n;
	}
	rows->batch.rows++;
	return 1;
}

static int read_more(struct ae_spool *spool, struct ae_error *err)
{
	memmove(spool->in.data, spool->in.data + spool->taken, spool->in.len - spool->taken);
	spool->in.len -= spool->taken;
	spool->taken = 0;
	uint64_t left = spool->file.bytes - spool->read_at;
	size_t n = left < CHUNK ? (size_t)left : CHUNK;
	if (ae_buf_reserve(&spool->in, CHUNK, err) != 0 || ae_spool_read(&spool->file, spool->in.data + spool->in.len,
								   spool->read_at, spool->read_at + n, err) != 0)
		return -1;
	spool->in.len += n;
	spool->read_at += n;
	return 0;
}

/* Appends whole rows that were read ahead to a batch of `bytes` bytes, up to a usual one. How many, with their length
 *in size; 0: more bytes are needed. */
static int decode_some(struct ae_spool *spool, size_t bytes, size_t *size, struct ae_rows *rows, struct ae_error *err)
{
	const unsigned char *at = spool->in.data + spool->taken;
	size_t len = spool->in.len - spool->taken, row = (size_t)spool->file.row_bytes;
	if (row == 0)
		return decode(spool, at, len, size, rows, err);
	size_t n = len / row, room = AE_BATCH_ROWS - rows->batch.rows, fit = (AE_BATCH_BYTES - bytes + row - 1) / row;
	n = n < room ? n : room;
	n = n < fit ? n : fit;
	*size = n * row;
	return n > 0 && decode_numbers(spool, at, n, rows, err) != 0 ? -1 : (int)n;
}

int ae_spool_next(struct ae_spool *spool, struct ae_rows *rows, struct ae_error *err)
{
	size_t bytes = 0;
	if (spool->out.len > 0 && flush(spool, err) != 0)
		return -1;
	if (!spool->in.data && ae_buf_reserve(&spool->in, CHUNK, err) != 0)
		return -1;
	while (spool->read_rows < spool->file.rows && rows->batch.rows < AE_BATCH_ROWS && bytes < AE_BATCH_BYTES) {
		size_t size = 0;
		int n = decode_some(spool, bytes, &size, rows, err);
		if (n < 0)
			return -1;
		if (n == 0) {
			if (read_more(spool, err) != 0)
				return -1;
			continue;
		}
		spool->taken += size;
		bytes += size;
		spool->read_rows += (unsigned)n;
	}
	return 0;
}

void ae_spool_expect(struct ae_spool *spool, const uint32_t *rows, size_t count)
{
	ae_spool_window_expect(&spool->window, rows, count);
}

/* The bytes of a row, until the next call: from what was read ahead if they are there. NULL and *err if it fails. */
static const unsigned char *read_row(struct ae_spool *spool, uint64_t row, size_t *len, struct ae_error *err)
{
	const struct ae_spool_window *w = &spool->window;
	uint64_t end;
	if (spool->out.len > 0 && flush(spool, err) != 0)
		return NULL;
	if (w->next < w->count && w->rows[w->next] == row)
		return ae_spool_window_next(&spool->window, &spool->file, len, err);
	uint64_t start = ae_spool_find(&spool->file, row, &end), most = end;
	*len = (size_t)(end - start);
	if (!spool->part.data || start < spool->part_at || end > spool->part_at + spool->part.len) {
		if (start >= spool->row_end && start - spool->row_end <= NEAR && end < start + CHUNK)
			most = start + CHUNK < spool->file.bytes ? start + CHUNK : spool->file.bytes;
		spool->part.len = 0;
		if (ae_buf_reserve(&spool->part, most > start ? (size_t)(most - start) : 1, err) != 0 ||
			ae_spool_read(&spool->file, spool->part.data, start, most, err) != 0)
			return NULL;
		spool->part.len = (size_t)(most - start);
		spool->part_at = start;
	}
	spool->row_end = end;
	return spool->part.data + (start - spool->part_at);
}

int ae_spool_gather(struct ae_spool *spool, uint64_t row, bool last,
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err), void *arg, struct ae_error *err)
{
	struct ae_batch *batch = &spool->gathered.batch;
	size_t len;
	const unsigned char *bytes = read_row(spool, row, &len, err);
	if (!bytes)
		return -1;
	if (spool->file.row_bytes ? decode_numbers(spool, bytes, 1, &spool->gathered, err) != 0
				  : decode(spool, bytes, len, &len, &spool->gathered, err) < 0)
		return -1;
	size_t size = spool->file.row_bytes ? batch->rows * (size_t)spool->file.row_bytes
					    : ae_batch_bytes(spool->schema, batch);
	if (!last && batch->rows < GATHERED_ROWS && size < AE_BATCH_BYTES)
		return 0;
	int rc = emit(arg, batch, err);
	ae_rows_clear(&spool->gathered);
	return rc;
}

void ae_spool_free(struct ae_spool *spool)
{
	if (!spool)
		return;
	close(spool->file.fd);
	ae_buf_free(&spool->file.offsets);
	ae_buf_free(&spool->out);
	ae_buf_free(&spool->in);
	ae_buf_free(&spool->part);
	ae_rows_free(&spool->gathered);
	ae_spool_window_free(&spool->window);
	free(spool);
}
