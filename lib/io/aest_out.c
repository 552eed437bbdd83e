/* SPDX-License-Identifier: MIT */
/* AEST from schemas and rows to messages. */
#include <stdlib.h>

#include "core/crc32.h"
#include "core/endian.h"
#include "core/msgpack.h"
#include "io/aest.h"
#include "io/format.h"

static void pack_column(struct ae_pack *pack, const struct ae_column *c)
{
	ae_pack_map(
		pack, 4 + (c->feature_count > 0) + c->missing + (c->maxval > 0) + (c->was != AE_F32) + c->extra_count);
	ae_pack_str(pack, "name");
	ae_pack_str(pack, c->name);
	ae_pack_str(pack, "role");
	ae_pack_str(pack, c->role_text);
	ae_pack_str(pack, "type");
	ae_pack_str(pack, ae_type_name(c->type));
	ae_pack_str(pack, "shape");
	ae_pack_shape(pack, &c->shape);
	if (c->feature_count) {
		ae_pack_str(pack, "features");
		ae_pack_array(pack, c->feature_count);
		for (size_t i = 0; i < c->feature_count; i++)
			ae_pack_str(pack, c->features[i]);
	}
	if (c->missing) {
		ae_pack_str(pack, "missing");
		ae_pack_bool(pack, true);
	}
	if (c->maxval) {
		ae_pack_str(pack, "maxval");
		ae_pack_u64(pack, c->maxval);
	}
	if (c->was != AE_F32) {
		ae_pack_str(pack, "was");
		ae_pack_str(pack, ae_type_name(c->was));
	}
	ae_pack_raw(pack, &c->extra);
}

struct aest_encoder {
	const struct ae_schema *schema;
	uint64_t rows; /* of the present stream */
};

static int aest_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	struct aest_encoder *e = state;
	struct ae_pack pack = {.out = out, .err = err};
	size_t start = out->len;
	ae_pack_array(&pack, 4);
	ae_pack_str(&pack, "AEST");
	ae_pack_u64(&pack, AE_AEST_VERSION);
	ae_pack_map(&pack, 1 + (schema->lineage.len > 0) + schema->continued + (schema->model.len > 0) +
				   (schema->model_of.len > 0) + schema->extra_count);
	ae_pack_str(&pack, "cols");
	ae_pack_array(&pack, schema->count);
	for (size_t i = 0; i < schema->count; i++)
		pack_column(&pack, &schema->cols[i]);
	if (schema->lineage.len) {
		ae_pack_str(&pack, "lineage");
		ae_pack_bin(&pack, schema->lineage.data, schema->lineage.len);
	}
	if (schema->continued) {
		ae_pack_str(&pack, "continued");
		ae_pack_bool(&pack, true);
	}
	if (schema->model.len) {
		ae_pack_str(&pack, "reload");
		ae_pack_bin(&pack, schema->model.data, schema->model.len);
	}
	if (schema->model_of.len) {
		ae_pack_str(&pack, "reload_of");
		ae_pack_bin(&pack, schema->model_of.data, schema->model_of.len);
	}
	ae_pack_raw(&pack, &schema->extra);
	ae_pack_crc(&pack, start);
	if (!pack.failed && out->len - start > AE_AEST_HEADER_LIMIT)
		return ae_fail(err, "the header would take more than 64 MiB");
	*e = (struct aest_encoder){.schema = schema};
	return pack.failed ? -1 : 0;
}

static int pack_text(struct ae_pack *pack, const struct ae_data *data, size_t first, size_t rows)
{
	const uint32_t *ends = ae_data_ends(data);
	uint32_t start = first ? ends[first - 1] : 0;
	size_t text = rows ? ends[first + rows - 1] - start : 0;
	ae_pack_bin_head(pack, rows * sizeof(*ends) + text);
	if (pack->failed || ae_buf_reserve(pack->out, rows * sizeof(*ends) + text, pack->err) != 0)
		return -1;
	for (size_t i = 0; i < rows; i++) {
		uint32_t end = ends[first + i] - start;
		ae_copy_little_endian(pack->out->data + pack->out->len, &end, sizeof(end), 1);
		pack->out->len += sizeof(end);
	}
	return ae_buf_append(pack->out, text ? data->values.data + start : NULL, text, pack->err);
}

/* A message under way: what is packed, and the checksum as far as it goes. */
struct message {
	struct ae_pack pack;
	struct ae_buf *lent; /* NULL: everything is copied */
	uint32_t sum;
	size_t summed; /* of the packed bytes, those that are in it */
};

static void sum_packed(struct message *m)
{
	const struct ae_buf *out = m->pack.out;
	m->sum = ae_crc32(m->sum, out->data + m->summed, out->len - m->summed);
	m->summed = out->len;
}

/* Numbers are lent where there are enough of them that a write of their own costs less than the copy. */
static int pack_numbers(
	struct message *m, const struct ae_column *c, const struct ae_data *data, size_t first, size_t rows)
{
	enum { LONG_BYTES = 8192 };
	size_t n = ae_shape_size(&c->shape), width = ae_type_size(c->type);
	const unsigned char *bytes = data->values.data + first * n * width;
	if (!m->lent || !AE_IS_LITTLE_ENDIAN || rows * n * width < LONG_BYTES) {
		ae_pack_numbers(&m->pack, bytes, width, rows * n);
		return 0;
	}
	struct ae_lent lent = {.bytes = bytes, .len = rows * n * width};
	ae_pack_bin_head(&m->pack, lent.len);
	if (m->pack.failed)
		return -1;
	sum_packed(m);
	m->sum = ae_crc32_of_runs(m->sum, data->values.data, first * n * width, (first + rows) * n * width,
		(const void *)data->sums.data, data->sums.len / sizeof(struct ae_crc32_run));
	lent.at = m->pack.out->len;
	return ae_buf_append(m->lent, &lent, sizeof(lent), m->pack.err);
}

static int aest_lend(void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out,
	struct ae_buf *lent, struct ae_error *err)
{
	struct aest_encoder *e = state;
	const struct ae_schema *schema = e->schema;
	struct message m = {.pack = {.out = out, .err = err}, .lent = lent, .summed = out->len};
	struct ae_pack *pack = &m.pack;
	ae_pack_array(pack, schema->count + 3);
	ae_pack_u64(pack, AE_AEST_BATCH);
	ae_pack_u64(pack, rows);
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		const struct ae_data *data = batch->cols[i];
		if (ae_data_bytes(c, data, first, rows) > AE_AEST_BIN_LIMIT)
			return ae_fail(err, "column \"%s\": %zu rows take more than 2 GiB in one batch", c->name, rows);
		int rc = c->type == AE_TEXT ? pack_text(pack, data, first, rows)
					    : pack_numbers(&m, c, data, first, rows);
		if (rc != 0)
			return -1;
	}
	if (pack->failed)
		return -1;
	sum_packed(&m);
	ae_pack_sum(pack, m.sum);
	e->rows += rows;
	return pack->failed ? -1 : 0;
}

static int aest_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	return aest_lend(state, batch, first, rows, out, NULL, err);
}

static int aest_end(void *state, bool stopped, struct ae_buf *out, struct ae_error *err)
{
	const struct aest_encoder *e = state;
	struct ae_pack pack = {.out = out, .err = err};
	size_t start = out->len;
	ae_pack_array(&pack, 3);
	ae_pack_u64(&pack, AE_AEST_END);
	ae_pack_map(&pack, stopped ? 2 : 1);
	ae_pack_str(&pack, "rows");
	ae_pack_u64(&pack, e->rows);
	if (stopped) {
		ae_pack_str(&pack, "stopped");
		ae_pack_bool(&pack, true);
	}
	ae_pack_crc(&pack, start);
	return pack.failed ? -1 : 0;
}

static int aest_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	struct aest_encoder *e = ae_calloc(1, sizeof(*e), err);
	*encoder = (struct ae_encoder){
		.state = e, .begin = aest_begin, .rows = aest_add, .lend = aest_lend, .end = aest_end, .free = free};
	return e ? 0 : -1;
}

const struct ae_output_format ae_aest_output = {
	.name = "aest", .suffixes = {".aes"}, .batches = true, .shows_cut = true, .open = aest_open_encoder};
