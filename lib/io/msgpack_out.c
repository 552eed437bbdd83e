/* SPDX-License-Identifier: MIT */
/* Rows as maps of MessagePack, for other programs. */
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "core/text.h"
#include "io/format.h"
#include "io/members.h"

struct mp_encoder {
	const struct ae_schema *schema;
	struct ae_members members;
	uint64_t rows;
};

/* U+FFFD stands for each byte that is no UTF-8. */
static int pack_text(struct ae_buf *out, const char *text, size_t len, struct ae_error *err)
{
	struct ae_pack pack = {.out = out, .err = err};
	if (ae_is_utf8(text, len)) {
		ae_pack_text(&pack, text, len);
		return pack.failed ? -1 : 0;
	}
	char *replaced = ae_calloc(len, 3, err);
	if (!replaced)
		return -1;
	ae_pack_text(&pack, replaced, ae_utf8_replace(replaced, text, len));
	free(replaced);
	return pack.failed ? -1 : 0;
}

static int add_key(struct ae_buf *keys, const char *name, struct ae_error *err)
{
	return pack_text(keys, name, strlen(name), err);
}

static void pack_number(struct ae_pack *pack, const struct ae_column *column, const struct ae_data *data, size_t at)
{
	double value;
	if (!ae_member_number(column, data, at, &value))
		ae_pack_nil(pack);
	else if (column->type == AE_U8)
		ae_pack_u64(pack, (uint64_t)value);
	else if (column->type == AE_F32)
		ae_pack_f32(pack, (float)value);
	else
		ae_pack_f64(pack, value);
}

/* Numbers from `at` on as arrays in arrays. */
static void pack_array(struct ae_pack *pack, const struct ae_column *column, const struct ae_data *data, size_t at)
{
	const struct ae_shape *shape = &column->shape;
	size_t n = ae_shape_size(shape);
	for (size_t i = 0; !pack->failed && i < n; i++) {
		size_t below = n;
		for (uint32_t d = 0; d < shape->rank; d++) {
			if (i % below == 0)
				ae_pack_array(pack, shape->dim[d]);
			below /= shape->dim[d];
		}
		pack_number(pack, column, data, at + i);
	}
}

static int write_row(
	struct mp_encoder *e, struct ae_buf *out, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_pack pack = {.out = out, .err = err};
	ae_pack_map(&pack, e->members.count);
	for (size_t i = 0; !pack.failed && i < e->members.count; i++) {
		const struct ae_member *m = ae_members_at(&e->members, i);
		const struct ae_column *column = &e->schema->cols[m->column];
		const struct ae_data *data = batch->cols[m->column];
		size_t n = ae_shape_size(&column->shape), len;
		if (ae_buf_append(out, e->members.keys.data + m->key, m->key_len, err) != 0)
			return -1;
		if (column->type == AE_TEXT) {
			const char *text = ae_data_text(data, row, &len);
			if (!ae_is_utf8(text, len))
				ae_members_note_replaced(&e->members, e->rows + 1, column);
			if (pack_text(out, text, len, err) != 0)
				return -1;
		} else if (m->array) {
			pack_array(&pack, column, data, row * n);
		} else {
			pack_number(&pack, column, data, row * n + m->element);
		}
	}
	return pack.failed ? -1 : 0;
}

static int mp_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	struct mp_encoder *e = state;
	(void)out;
	e->schema = schema;
	e->rows = 0;
	return ae_members_init(&e->members, schema, add_key, err);
}

static int mp_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	struct mp_encoder *e = state;
	for (size_t row = first; row < first + rows; row++, e->rows++)
		if (write_row(e, out, batch, row, err) != 0)
			return -1;
	return 0;
}

static const char *mp_replaced(void *state)
{
	return ((struct mp_encoder *)state)->members.replaced;
}

static void mp_free_encoder(void *state)
{
	struct mp_encoder *e = state;
	ae_members_free(&e->members);
	free(e);
}

static int mp_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	struct mp_encoder *e = ae_calloc(1, sizeof(*e), err);
	if (!e)
		return -1;
	*encoder = (struct ae_encoder){
		.state = e, .begin = mp_begin, .rows = mp_add, .replaced = mp_replaced, .free = mp_free_encoder};
	return 0;
}

const struct ae_output_format ae_msgpack_output = {
	.name = "msgpack", .suffixes = {".msgpack", ".mp"}, .open = mp_open_encoder};
