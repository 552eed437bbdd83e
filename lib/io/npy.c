/* SPDX-License-Identifier: MIT */
/* NumPy's .npy files, both ways. */
#include "io/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/endian.h"
#include "core/tempfile.h"
#include "io/format.h"

static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
enum { HEADER_MAX = 65536 };

static enum ae_begins npy_begins(const unsigned char *bytes, size_t len)
{
	size_t n = len < sizeof(magic) ? len : sizeof(magic);
	if (memcmp(bytes, magic, n) != 0)
		return AE_BEGINS_NO;
	return n < sizeof(magic) ? AE_BEGINS_MORE : AE_BEGINS_YES;
}

/* ---- the header: a Python dictionary with descr, fortran_order and shape ---- */

/* The text after 'KEY': in the dictionary, or NULL. */
static const char *value_of(const char *text, const char *key)
{
	char quoted[32];
	snprintf(quoted, sizeof(quoted), "'%s':", key);
	const char *at = strstr(text, quoted);
	return at ? at + strlen(quoted) + strspn(at + strlen(quoted), " ") : NULL;
}

/* Whether NumPy has elements of this kind and width, and they are read here. */
static bool is_type(char kind, uint64_t width)
{
	switch (kind) {
	case 'f':
		return width == 4 || width == 8;
	case 'i':
	case 'u':
		return width == 1 || width == 2 || width == 4 || width == 8;
	default:
		return kind == 'b' && width == 1;
	}
}

bool ae_npy_element(struct ae_npy *npy, const char *text, size_t len)
{
	uint64_t width;
	char digits[4] = "";
	if (len < 3 || len > 5)
		return false;
	memcpy(digits, text + 2, len - 2);
	npy->big_endian = text[0] == '>';
	npy->kind = text[1];
	if (ae_parse_u64(&width, digits, 1, 8) != 0 || !is_type(npy->kind, width))
		return false;
	npy->width = width;
	return true;
}

static int parse_descr(struct ae_npy *npy, const char *text, struct ae_error *err)
{
	const char *at = value_of(text, "descr");
	size_t len = at && *at == '\'' ? strcspn(at + 1, "'") : 0;
	if (at && ae_npy_element(npy, at + 1, len))
		return 0;
	return ae_fail(err, "npy: elements of type %.*s: save floats of 4 or 8 bytes, integers or bools",
		at ? (int)strcspn(at, ",}") : 1, at ? at : "?");
}

static int parse_array_shape(struct ae_npy *npy, const char *text, struct ae_error *err)
{
	const char *at = value_of(text, "shape");
	uint64_t dims[AE_RANK_MAX + 1], total = 1;
	size_t rank = 0;
	if (!at || *at != '(')
		return ae_fail(err, "npy: no shape in the header");
	for (at++; *at && *at != ')'; at += strspn(at, ", ")) {
		char digits[24] = "";
		size_t len = strspn(at, "0123456789");
		if (len == 0 || len >= sizeof(digits) || rank > AE_RANK_MAX)
			return ae_fail(
				err, "npy: a shape that is none, or of more than %d dimensions", AE_RANK_MAX + 1);
		memcpy(digits, at, len);
		if (ae_parse_u64(&dims[rank++], digits, 0, INT64_MAX) != 0)
			return ae_fail(err, "npy: a dimension that is too large");
		at += len;
	}
	npy->rows = rank ? dims[0] : 1;
	npy->shape = ae_shape_vector(1);
	if (rank > 1)
		npy->shape.rank = (uint32_t)rank - 1;
	for (size_t i = 1; i < rank; i++) {
		if (dims[i] == 0 || dims[i] > INT32_MAX || (total *= dims[i]) > INT32_MAX)
			return ae_fail(err, "npy: a row needs from 1 to 2^31-1 values");
		npy->shape.dim[i - 1] = (uint32_t)dims[i];
	}
	return 0;
}

int ae_npy_header(struct ae_npy *npy, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err)
{
	if (len > 0 && npy_begins(bytes, len) == AE_BEGINS_NO)
		return ae_fail(err, "not an npy file");
	if (len < 12)
		return 0;
	bool wide = bytes[6] > 1;
	size_t head = wide ? 12 : 10, text_len = bytes[8] | (size_t)bytes[9] << 8;
	if (wide)
		text_len |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
	if (bytes[6] < 1 || bytes[6] > 3)
		return ae_fail(err, "npy version %u; versions 1 to 3 are read", bytes[6]);
	if (text_len > HEADER_MAX)
		return ae_fail(err, "npy: a header of %zu bytes", text_len);
	*size = head + text_len;
	if (len < *size)
		return 0;
	char *text = ae_strndup((const char *)bytes + head, text_len, err);
	if (!text)
		return -1;
	const char *order = value_of(text, "fortran_order");
	int rc = 0;
	if (!order || strncmp(order, "False", 5) != 0)
		rc = ae_fail(err, "npy: the array is in Fortran order: save np.ascontiguousarray(a)");
	if (rc == 0)
		rc = parse_descr(npy, text, err);
	if (rc == 0)
		rc = parse_array_shape(npy, text, err);
	free(text);
	return rc == 0 ? 1 : -1;
}

enum ae_type ae_npy_type(const struct ae_npy *npy)
{
	if (npy->width == 1 && npy->kind != 'i')
		return AE_U8;
	return npy->kind == 'f' && npy->width == 4 ? AE_F32 : AE_F64;
}

int ae_npy_convert(const struct ae_npy *npy, void *out, const unsigned char *in, size_t n, struct ae_error *err)
{
	if (npy->kind == 'f' || ae_npy_type(npy) == AE_U8) {
		memcpy(out, in, n * npy->width);
		if (npy->big_endian == AE_IS_LITTLE_ENDIAN)
			ae_swap_bytes(out, npy->width, n);
		return 0;
	}
	double *numbers = out;
	const size_t last = npy->width - 1;
	for (size_t i = 0; i < n; i++, in += npy->width) {
		uint64_t bits = 0;
		for (size_t b = 0; b < npy->width; b++)
			bits = bits << 8 | in[npy->big_endian ? b : last - b];
		if (npy->kind == 'i' && npy->width < 8 && in[npy->big_endian ? 0 : last] & 0x80)
			bits |= UINT64_MAX << (8 * npy->width);
		int64_t value = (int64_t)bits;
		uint64_t size = npy->kind == 'i' && value < 0 ? -bits : bits;
		numbers[i] = npy->kind == 'i' ? (double)value : (double)bits;
		if (size > UINT64_C(1) << 53)
			return ae_fail(err, "npy: an integer beyond 2^53");
	}
	return 0;
}

/* ---- reading ---- */

struct npy_state {
	const struct ae_text_rules *rules;
	struct ae_npy npy;
	struct ae_array array;
};

static int npy_read_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct npy_state *s = state;
	int rc = 0;
	while (rc == 0) {
		size_t have, size = 0;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		rc = have ? ae_npy_header(&s->npy, bytes, have, &size, err) : 0;
		if (rc == 1)
			ae_input_take(input, size);
		else if (rc < 0 || ae_source_more_header(input, "npy", err) != 0)
			return -1;
	}
	s->array = (struct ae_array){.format = "npy",
		.rows = s->npy.rows,
		.row_size = ae_product(ae_shape_size(&s->npy.shape), s->npy.width)};
	if (ae_source_array_check(&s->array, input, err) != 0)
		return -1;
	struct ae_column *x =
		ae_source_add_x(schema, s->rules, ae_npy_type(&s->npy), &s->npy.shape, "a row of the array", err);
	if (!x)
		return -1;
	x->missing = s->rules->missing == AE_MISSING_MASK;
	return 0;
}

static int npy_add_row(void *state, struct ae_data *x, const unsigned char *row, struct ae_error *err)
{
	struct npy_state *s = state;
	enum ae_type type = ae_npy_type(&s->npy);
	size_t n = ae_shape_size(&s->npy.shape), size = ae_product(n, ae_type_size(type));
	if (ae_buf_reserve(&x->values, size, err) != 0)
		return -1;
	unsigned char *out = x->values.data + x->values.len;
	if (ae_npy_convert(&s->npy, out, row, n, err) != 0)
		return -1;
	if (s->npy.kind == 'f' && ae_source_check_row(s->rules, out, type, n, s->array.read + 1, err) != 0)
		return -1;
	x->values.len += size;
	return 0;
}

static enum ae_read npy_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct npy_state *s = state;
	(void)schema;
	return ae_source_array_rows(&s->array, input, rows, npy_add_row, s, err);
}

static void npy_free(void *state)
{
	free(state);
}

static int npy_open_source(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct npy_state *s = ae_calloc(1, sizeof(*s), err);
	(void)left_out;
	if (!s)
		return -1;
	s->rules = rules;
	*source = (struct ae_source){
		.state = s, .header = npy_read_header, .rows = npy_rows, .free = npy_free, .text = true};
	return 0;
}

const struct ae_input_format ae_npy_input = {.name = "npy", .begins = npy_begins, .open = npy_open_source};

/* ---- writing: the header holds the number of rows, so the numbers wait for it in a file without a name ---- */

struct npy_encoder {
	const struct ae_column *column;
	int numbers;   /* the temporary file */
	uint64_t rows; /* in it */
	bool headed;   /* the header is out */
	off_t copied;  /* bytes of the temporary file that are out */
};

static int npy_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	struct npy_encoder *e = state;
	(void)out;
	if (schema->count != 1 || schema->cols[0].type == AE_TEXT)
		return ae_fail(err, "npy holds one column of numbers: ae-cat --cols chooses it");
	e->column = &schema->cols[0];
	return 0;
}

static int npy_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	struct npy_encoder *e = state;
	size_t n = ae_shape_size(&e->column->shape), width = ae_type_size(e->column->type), size = rows * n * width;
	const unsigned char *numbers = batch->cols[0]->values.data + first * n * width;
	e->rows += rows;
	/* The batch stays as it is; `out` lends room for a copy. */
	if (!AE_IS_LITTLE_ENDIAN && rows > 0) {
		if (ae_buf_reserve(out, size, err) != 0)
			return -1;
		ae_copy_little_endian(out->data + out->len, numbers, width, rows * n);
		numbers = out->data + out->len;
	}
	return ae_write_all(e->numbers, numbers, size, "<temporary file>", err);
}

static int append_header(struct ae_buf *out, const struct ae_column *column, uint64_t rows, struct ae_error *err)
{
	static const char *const descr[] = {[AE_F32] = "<f4", [AE_F64] = "<f8", [AE_U8] = "|u1"};
	char text[256 + AE_SHAPE_TEXT], head[10] = {(char)0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
	int used = snprintf(text, sizeof(text), "{'descr': '%s', 'fortran_order': False, 'shape': (%llu%s",
		descr[column->type], (unsigned long long)rows, column->shape.rank ? "" : ",");
	for (uint32_t i = 0; i < column->shape.rank; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, ", %u", column->shape.dim[i]);
	used += snprintf(text + used, sizeof(text) - (size_t)used, "), }");
	/* The data begin at a multiple of 64. */
	size_t whole = (sizeof(head) + (size_t)used + 1 + 63) / 64 * 64, len = whole - sizeof(head);
	memset(text + used, ' ', len - (size_t)used);
	text[len - 1] = '\n';
	head[8] = (char)(len & 255);
	head[9] = (char)(len >> 8);
	return ae_buf_append(out, head, sizeof(head), err) != 0 ? -1 : ae_buf_append(out, text, len, err);
}

static int npy_finish(void *state, struct ae_buf *out, struct ae_error *err)
{
	enum { COPY_BYTES = 1 << 16 };
	struct npy_encoder *e = state;
	if (!e->headed) {
		e->headed = true;
		return append_header(out, e->column, e->rows, err) == 0 ? 1 : -1;
	}
	if (ae_buf_reserve(out, COPY_BYTES, err) != 0)
		return -1;
	uint64_t left =
		e->rows * ae_shape_size(&e->column->shape) * ae_type_size(e->column->type) - (uint64_t)e->copied;
	if (left == 0)
		return 0;
	ssize_t n = ae_pread(e->numbers, out->data + out->len, left < COPY_BYTES ? left : COPY_BYTES, e->copied);
	if (n <= 0)
		return n < 0 ? ae_fail_errno(err, "<temporary file>") : ae_fail(err, "<temporary file>: cut short");
	out->len += (size_t)n;
	e->copied += n;
	return 1;
}

static void npy_free_encoder(void *state)
{
	struct npy_encoder *e = state;
	close(e->numbers);
	free(e);
}

static int npy_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	struct npy_encoder *e = ae_calloc(1, sizeof(*e), err);
	if (!e)
		return -1;
	e->numbers = ae_tempfile(err);
	if (e->numbers < 0) {
		free(e);
		return -1;
	}
	*encoder = (struct ae_encoder){
		.state = e, .begin = npy_begin, .rows = npy_add, .finish = npy_finish, .free = npy_free_encoder};
	return 0;
}

const struct ae_output_format ae_npy_output = {
	.name = "npy", .suffixes = {".npy"}, .shows_cut = true, .open = npy_open_encoder};
