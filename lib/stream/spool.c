/* SPDX-License-Identifier: MIT */
/* Rows in a temporary file, row by row, so that any one of them can be read again. */
#include "stream/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/tempfile.h"
#include "io/source.h"

enum { CHUNK = 1 << 20, GATHERED_ROWS = 256 };

/* A row in the file: column by column, numbers as they are, text as a uint32_t length and the bytes. */
struct ae_spool {
	int fd;
	const struct ae_schema *schema;
	bool indexed;
	uint64_t row_bytes;    /* of every row; 0 where text makes them differ */
	struct ae_buf offsets; /* uint64_t where each row begins, if they differ */
	uint64_t rows, written;
	struct ae_buf out; /* rows not in the file yet */
	struct ae_buf in;  /* bytes [taken, in.len) read ahead by next() */
	size_t taken;
	uint64_t read_at, read_rows;
	struct ae_rows gathered;
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
	spool->row_bytes = find_row_bytes(schema);
	spool->indexed = indexed && spool->row_bytes == 0;
	spool->fd = ae_tempfile(err);
	if (spool->fd < 0) {
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
	int rc = ae_write_all(spool->fd, spool->out.data, spool->out.len, name, err);
	spool->written += spool->out.len;
	spool->out.len = 0;
	return rc;
}

int ae_spool_append(struct ae_spool *spool, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t row = 0; row < batch->rows; row++) {
		uint64_t offset = spool->written + spool->out.len;
		if (spool->indexed && ae_buf_append(&spool->offsets, &offset, sizeof(offset), err) != 0)
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
		if (spool->out.len >= CHUNK && flush(spool, err) != 0)
			return -1;
	}
	spool->rows += batch->rows;
	return 0;
}

uint64_t ae_spool_rows(const struct ae_spool *spool)
{
	return spool->rows;
}

uint64_t ae_spool_left(const struct ae_spool *spool)
{
	return spool->rows - spool->read_rows;
}

static int read_at(struct ae_spool *spool, void *bytes, size_t len, uint64_t offset, struct ae_error *err)
{
	unsigned char *at = bytes;
	while (len > 0) {
		ssize_t n = ae_pread(spool->fd, at, len, (off_t)offset);
		if (n <= 0)
			return n < 0 ? ae_fail_errno(err, "%s", name) : ae_fail(err, "%s: cut short", name);
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
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
	uint64_t left = spool->written - spool->read_at;
	size_t n = left < CHUNK ? (size_t)left : CHUNK;
	if (ae_buf_reserve(&spool->in, CHUNK, err) != 0 ||
		read_at(spool, spool->in.data + spool->in.len, n, spool->read_at, err) != 0)
		return -1;
	spool->in.len += n;
	spool->read_at += n;
	return 0;
}

int ae_spool_next(struct ae_spool *spool, struct ae_rows *rows, struct ae_error *err)
{
	size_t bytes = 0;
	if (spool->out.len > 0 && flush(spool, err) != 0)
		return -1;
	if (!spool->in.data && ae_buf_reserve(&spool->in, CHUNK, err) != 0)
		return -1;
	while (spool->read_rows < spool->rows && rows->batch.rows < AE_BATCH_ROWS && bytes < AE_BATCH_BYTES) {
		size_t size = 0;
		int rc = decode(spool, spool->in.data + spool->taken, spool->in.len - spool->taken, &size, rows, err);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			if (read_more(spool, err) != 0)
				return -1;
			continue;
		}
		spool->taken += size;
		bytes += size;
		spool->read_rows++;
	}
	return 0;
}

static int read_row(struct ae_spool *spool, uint64_t row, struct ae_rows *rows, struct ae_error *err)
{
	if (spool->out.len > 0 && flush(spool, err) != 0)
		return -1;
	const uint64_t *offsets = (const void *)spool->offsets.data;
	uint64_t start = spool->row_bytes ? row * spool->row_bytes : offsets[row];
	uint64_t end = spool->row_bytes ? start + spool->row_bytes : spool->written;
	if (!spool->row_bytes && row + 1 < spool->rows)
		end = offsets[row + 1];
	size_t len = (size_t)(end - start), size;
	spool->in.len = 0;
	if (ae_buf_reserve(&spool->in, len ? len : 1, err) != 0 || read_at(spool, spool->in.data, len, start, err) != 0)
		return -1;
	return decode(spool, spool->in.data, len, &size, rows, err) < 0 ? -1 : 0;
}

int ae_spool_gather(struct ae_spool *spool, uint64_t row, bool last,
	int (*emit)(void *arg, const struct ae_batch *batch, struct ae_error *err), void *arg, struct ae_error *err)
{
	struct ae_batch *batch = &spool->gathered.batch;
	if (read_row(spool, row, &spool->gathered, err) != 0)
		return -1;
	if (!last && batch->rows < GATHERED_ROWS && ae_batch_bytes(spool->schema, batch) < AE_BATCH_BYTES)
		return 0;
	int rc = emit(arg, batch, err);
	ae_rows_clear(&spool->gathered);
	return rc;
}

void ae_spool_free(struct ae_spool *spool)
{
	if (!spool)
		return;
	close(spool->fd);
	ae_buf_free(&spool->offsets);
	ae_buf_free(&spool->out);
	ae_buf_free(&spool->in);
	ae_rows_free(&spool->gathered);
	free(spool);
}
