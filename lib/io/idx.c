/* SPDX-License-Identifier: MIT */
/* IDX as a source. */
#include "io/idx.h"

#include <stdlib.h>

#include "io/format.h"

/* Two zero bytes, the type of the elements, the number of dimensions, and each dimension as 4 big-endian bytes. */
enum { MAGIC_SIZE = 4, UNSIGNED_BYTE = 0x08 };

/* No text begins with a zero byte. */
static enum ae_begins idx_begins(const unsigned char *bytes, size_t len)
{
	if (bytes[0] != 0 || (len > 1 && bytes[1] != 0))
		return AE_BEGINS_NO;
	return len > 1 ? AE_BEGINS_YES : AE_BEGINS_MORE;
}

static const char *type_name(unsigned char type)
{
	switch (type) {
	case 0x09:
		return "signed bytes";
	case 0x0b:
		return "2-byte integers";
	case 0x0c:
		return "4-byte integers";
	case 0x0d:
		return "4-byte floats";
	case 0x0e:
		return "8-byte floats";
	default:
		return "no known type";
	}
}

static int check_magic(const unsigned char *bytes, struct ae_error *err)
{
	if (bytes[0] != 0 || bytes[1] != 0)
		return ae_fail(err, "IDX: begins with bytes %02x %02x %02x %02x, not with 00 00 08", bytes[0], bytes[1],
			bytes[2], bytes[3]);
	if (bytes[2] != UNSIGNED_BYTE)
		return ae_fail(err, "IDX: elements of type %02x, %s: only unsigned bytes (08) are read", bytes[2],
			type_name(bytes[2]));
	if (bytes[3] < 1 || bytes[3] > AE_RANK_MAX + 1)
		return ae_fail(err, "IDX: %u dimensions; 1 to %d are read", bytes[3], AE_RANK_MAX + 1);
	return 0;
}

int ae_idx_header(struct ae_idx *idx, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err)
{
	if (len < MAGIC_SIZE)
		return 0;
	if (check_magic(bytes, err) != 0)
		return -1;
	size_t rank = bytes[3];
	uint64_t total = 1;
	*size = MAGIC_SIZE + 4 * rank;
	if (len < *size)
		return 0;
	idx->shape = ae_shape_vector(1);
	for (size_t i = 0; i < rank; i++) {
		const unsigned char *at = bytes + MAGIC_SIZE + 4 * i;
		uint32_t dim = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
		if (i == 0) {
			idx->rows = dim;
			continue;
		}
		if (dim == 0 || dim > INT32_MAX || (total *= dim) > INT32_MAX)
			return ae_fail(err, "IDX: a row needs from 1 to 2^31-1 values");
		idx->shape.rank = (uint32_t)i;
		idx->shape.dim[i - 1] = dim;
	}
	if (rank == 3) {
		idx->shape.rank = 3;
		idx->shape.dim[2] = 1;
	}
	return 1;
}

struct idx_state {
	const struct ae_text_rules *rules;
	struct ae_array array;
};

static int idx_read_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct idx_state *s = state;
	struct ae_idx idx;
	int rc = 0;
	while (rc == 0) {
		size_t have, size = 0;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		rc = ae_idx_header(&idx, bytes, have, &size, err);
		if (rc == 1)
			ae_input_take(input, size);
		else if (rc < 0 || ae_source_more_header(input, "IDX", err) != 0)
			return -1;
	}
	s->array = (struct ae_array){.format = "IDX", .rows = idx.rows, .row_size = ae_shape_size(&idx.shape)};
	if (ae_source_array_check(&s->array, input, err) != 0)
		return -1;
	return ae_source_add_x(schema, s->rules, AE_U8, &idx.shape, "a row of the array", err) ? 0 : -1;
}

static int idx_add_row(void *state, struct ae_data *x, const unsigned char *row, struct ae_error *err)
{
	struct idx_state *s = state;
	return ae_buf_append(&x->values, row, s->array.row_size, err);
}

static enum ae_read idx_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct idx_state *s = state;
	(void)schema;
	return ae_source_array_rows(&s->array, input, rows, idx_add_row, s, err);
}

static void idx_free(void *state)
{
	free(state);
}

static int idx_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct idx_state *s = ae_calloc(1, sizeof(*s), err);
	(void)left_out;
	if (!s)
		return -1;
	s->rules = rules;
	*source = (struct ae_source){
		.state = s, .header = idx_read_header, .rows = idx_rows, .free = idx_free, .text = true};
	return 0;
}

const struct ae_input_format ae_idx_input = {.name = "idx", .begins = idx_begins, .open = idx_open};
