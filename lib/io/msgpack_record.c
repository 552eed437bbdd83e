/* SPDX-License-Identifier: MIT */
/* Maps, arrays, arrays of NumPy and time stamps as cells with keys. */
#include "io/msgpack_record.h"

#include <string.h>

static bool is_word(const struct ae_token *t, const char *word)
{
	bool text = t->kind == AE_TOKEN_STR || t->kind == AE_TOKEN_BIN;
	return text && t->len == strlen(word) && memcmp(t->bytes, word, t->len) == 0;
}

static int fail_bad(struct ae_error *err, const char *what)
{
	ae_fail(err, "%s", what);
	return AE_RECORD_BAD;
}

/* ---- arrays of NumPy ---- */

struct array_keys {
	const unsigned char *nd, *type, *shape, *data;
};

/* Finds the values of such a map: msgpack-numpy packs its keys as text or as bytes. */
static bool find_keys(struct array_keys *keys, const unsigned char *at, uint64_t pairs)
{
	*keys = (struct array_keys){0};
	for (uint64_t i = 0; i < pairs; i++) {
		struct ae_token key;
		at = ae_token_read(&key, at);
		if (key.kind == AE_TOKEN_ARRAY || key.kind == AE_TOKEN_MAP)
			return false;
		if (is_word(&key, "nd"))
			keys->nd = at;
		else if (is_word(&key, "type"))
			keys->type = at;
		else if (is_word(&key, "shape"))
			keys->shape = at;
		else if (is_word(&key, "data"))
			keys->data = at;
		else if (!is_word(&key, "kind"))
			return false;
		at = ae_token_skip(at);
	}
	return keys->nd && keys->type && keys->data;
}

static int read_type(struct ae_packed_array *array, const unsigned char *at, struct ae_error *err)
{
	struct ae_token type;
	ae_token_read(&type, at);
	bool text = type.kind == AE_TOKEN_STR || type.kind == AE_TOKEN_BIN;
	if (text && ae_npy_element(&array->npy, (const char *)type.bytes, type.len))
		return 0;
	return fail_bad(err, "an array of NumPy whose elements are no floats of 4 or 8 bytes, integers or bools");
}

static int read_shape(struct ae_packed_array *array, const unsigned char *at, struct ae_error *err)
{
	struct ae_token shape = {.size = 0}, dim;
	if (at)
		at = ae_token_read(&shape, at);
	if ((at && shape.kind != AE_TOKEN_ARRAY) || shape.size > AE_RANK_MAX + 1)
		return fail_bad(err, "an array of NumPy with a shape that is none");
	array->dims = (uint32_t)shape.size;
	for (uint32_t i = 0; i < array->dims; i++) {
		at = ae_token_read(&dim, at);
		if (dim.kind != AE_TOKEN_UINT)
			return fail_bad(err, "an array of NumPy with a shape that is none");
		array->dim[i] = dim.size;
	}
	return 0;
}

int ae_packed_array_find(struct ae_packed_array *array, const unsigned char *at, struct ae_error *err)
{
	struct array_keys keys;
	struct ae_token map, nd, data;
	at = ae_token_read(&map, at);
	if (map.kind != AE_TOKEN_MAP || map.size < 3 || map.size > 5 || !find_keys(&keys, at, map.size))
		return 0;
	ae_token_read(&nd, keys.nd);
	ae_token_read(&data, keys.data);
	if (nd.kind != AE_TOKEN_BOOL || (nd.size && !keys.shape) ||
		(data.kind != AE_TOKEN_BIN && data.kind != AE_TOKEN_STR))
		return 0;
	if (read_type(array, keys.type, err) != 0 || read_shape(array, nd.size ? keys.shape : NULL, err) != 0)
		return AE_RECORD_BAD;
	uint64_t count = 1;
	for (uint32_t i = 0; i < array->dims; i++)
		if (__builtin_mul_overflow(count, array->dim[i], &count))
			count = UINT64_MAX / 16;
	if (count > SIZE_MAX / 8 || count * array->npy.width != data.len)
		return fail_bad(err, "an array of NumPy whose data and shape differ in size");
	array->count = count;
	array->data = data.bytes;
	return 1;
}

uint64_t ae_packed_array_rows(const struct ae_packed_array *array)
{
	return array->dims <= 1 ? 1 : array->count == 0 ? 0 : array->dim[0];
}

int ae_packed_array_keep_row(const struct ae_packed_array *array, const unsigned char *at, uint64_t row,
	struct ae_buf *out, struct ae_error *err)
{
	struct ae_pack pack = {.out = out, .err = err};
	struct ae_token map, data;
	struct array_keys keys;
	if (array->dims <= 1)
		return ae_buf_append(out, at, (size_t)(ae_token_skip(at) - at), err);
	const unsigned char *pair = ae_token_read(&map, at);
	(void)find_keys(&keys, pair, map.size);
	ae_token_read(&data, keys.data);
	size_t len = data.len / array->dim[0];
	ae_pack_map(&pack, map.size);
	for (uint64_t i = 0; !pack.failed && i < map.size; i++) {
		const unsigned char *value = ae_token_skip(pair), *end = ae_token_skip(value);
		if (ae_buf_append(out, pair, (size_t)((value == keys.shape || value == keys.data ? value : end) - pair),
			    err) != 0)
			return -1;
		if (value == keys.shape) {
			ae_pack_array(&pack, array->dims);
			for (uint32_t d = 0; d < array->dims; d++)
				ae_pack_u64(&pack, d == 0 ? 1 : array->dim[d]);
		} else if (value == keys.data) {
			ae_pack_bin(&pack, data.bytes + row * len, len);
		}
		pair = end;
	}
	return pack.failed ? -1 : 0;
}

static int add_element(
	const struct ae_packed_array *array, const unsigned char *at, struct ae_record_keys *keys, struct ae_error *err)
{
	double value;
	float single;
	unsigned char byte;
	int rc;
	switch (ae_npy_type(&array->npy)) {
	case AE_U8:
		rc = ae_npy_convert(&array->npy, &byte, at, 1, err);
		return rc == 0 ? ae_record_keys_integer(keys, false, byte, err) : AE_RECORD_BAD;
	case AE_F32:
		rc = ae_npy_convert(&array->npy, &single, at, 1, err);
		return rc == 0 ? ae_record_keys_f32(keys, single, err) : AE_RECORD_BAD;
	default:
		rc = ae_npy_convert(&array->npy, &value, at, 1, err);
		return rc == 0 ? ae_record_keys_f64(keys, value, err) : AE_RECORD_BAD;
	}
}

/* Takes apart what stands at `at` from dimension `first` on, as arrays in arrays. Behind it, or NULL and *rc. */
static const unsigned char *add_elements(const struct ae_packed_array *array, uint32_t first, const unsigned char *at,
	struct ae_record_keys *keys, int *rc, struct ae_error *err)
{
	if (first == array->dims) {
		*rc = add_element(array, at, keys, err);
		return *rc == 0 ? at + array->npy.width : NULL;
	}
	*rc = ae_record_keys_open(keys, true, err);
	for (uint64_t i = 0; *rc == 0 && array->count > 0 && i < array->dim[first]; i++)
		at = add_elements(array, first + 1, at, keys, rc, err);
	if (*rc == 0)
		*rc = ae_record_keys_close(keys, err);
	return *rc == 0 ? at : NULL;
}

int ae_packed_array_row(
	const struct ae_packed_array *array, uint64_t row, struct ae_record_keys *keys, struct ae_error *err)
{
	uint64_t size = array->npy.width;
	for (uint32_t i = 1; i < array->dims; i++)
		size *= array->dim[i];
	const unsigned char *at = array->data + (array->dims > 1 ? row * size : 0);
	int rc;
	if (array->dims == 0)
		return fail_bad(err, "a number, neither a map nor an array");
	if (array->dims <= 2) {
		(void)add_elements(array, array->dims - 1, at, keys, &rc, err);
		return rc;
	}
	rc = ae_record_keys_open(keys, false, err);
	if (rc == 0)
		rc = ae_record_keys_key(keys, "x", 1, err);
	if (rc == 0)
		(void)add_elements(array, 1, at, keys, &rc, err);
	return rc == 0 ? ae_record_keys_close(keys, err) : rc;
}

/* ---- values ---- */

/* Type -1 of MessagePack itself, in 4, 8 or 12 bytes, and type 0 of fluentd, seconds and nanoseconds. */
static int add_extension(const struct ae_token *t, struct ae_record_keys *keys, struct ae_error *err)
{
	uint64_t first = t->len <= 8 ? ae_token_bytes(t->bytes, t->len) : 0;
	if (t->type == 0 && t->len == 8)
		return ae_record_keys_time(keys, (int64_t)(first >> 32), (uint32_t)first, err);
	if (t->type == -1 && t->len == 4)
		return ae_record_keys_time(keys, (int64_t)first, 0, err);
	if (t->type == -1 && t->len == 8)
		return ae_record_keys_time(keys, (int64_t)(first & 0x3ffffffffU), (uint32_t)(first >> 34), err);
	if (t->type == -1 && t->len == 12)
		return ae_record_keys_time(
			keys, (int64_t)ae_token_bytes(t->bytes + 4, 8), (uint32_t)ae_token_bytes(t->bytes, 4), err);
	ae_fail(err, "an extension of type %d and %zu bytes, which is not known", t->type, t->len);
	return AE_RECORD_BAD;
}

static int add_single(const struct ae_token *t, struct ae_record_keys *keys, struct ae_error *err)
{
	switch (t->kind) {
	case AE_TOKEN_NIL:
		return ae_record_keys_null(keys, err);
	case AE_TOKEN_BOOL:
		return ae_record_keys_bool(keys, t->size != 0, err);
	case AE_TOKEN_UINT:
	case AE_TOKEN_NEGATIVE:
		return ae_record_keys_integer(keys, t->kind == AE_TOKEN_NEGATIVE, t->size, err);
	case AE_TOKEN_F32:
		return ae_record_keys_f32(keys, t->number.f32, err);
	case AE_TOKEN_F64:
		return ae_record_keys_f64(keys, t->number.f64, err);
	case AE_TOKEN_EXT:
		return add_extension(t, keys, err);
	default:
		return ae_record_keys_string(keys, (const char *)t->bytes, t->len, err);
	}
}

static const unsigned char *add_value(
	struct ae_record_keys *keys, const unsigned char *at, int *rc, struct ae_error *err);

/* The key at `at`; behind it, or NULL and *rc. */
static const unsigned char *add_key(struct ae_record_keys *keys, const unsigned char *at, int *rc, struct ae_error *err)
{
	struct ae_token key;
	at = ae_token_read(&key, at);
	bool text = key.kind == AE_TOKEN_STR || key.kind == AE_TOKEN_BIN;
	*rc = text ? ae_record_keys_key(keys, (const char *)key.bytes, key.len, err)
		   : fail_bad(err, "a key that is no text");
	return *rc == 0 ? at : NULL;
}

/* What a map or an array holds; behind it, or NULL and *rc. */
static const unsigned char *add_inside(struct ae_record_keys *keys, const struct ae_token *container,
	const unsigned char *at, int *rc, struct ae_error *err)
{
	for (uint64_t i = 0; *rc == 0 && i < container->size; i++) {
		if (container->kind == AE_TOKEN_MAP)
			at = add_key(keys, at, rc, err);
		if (*rc == 0)
			at = add_value(keys, at, rc, err);
	}
	if (*rc == 0)
		*rc = ae_record_keys_close(keys, err);
	return *rc == 0 ? at : NULL;
}

/* The value at `at`; behind it, or NULL and *rc. No deeper than the scan allowed. */
static const unsigned char *add_value(
	struct ae_record_keys *keys, const unsigned char *at, int *rc, struct ae_error *err)
{
	struct ae_token t;
	struct ae_packed_array array;
	const unsigned char *start = at;
	at = ae_token_read(&t, at);
	if (t.kind != AE_TOKEN_MAP && t.kind != AE_TOKEN_ARRAY) {
		*rc = add_single(&t, keys, err);
		return *rc == 0 ? at : NULL;
	}
	int found = t.kind == AE_TOKEN_MAP && keys->depth > 0 ? ae_packed_array_find(&array, start, err) : 0;
	if (found < 0) {
		*rc = found;
		return NULL;
	}
	if (found)
		return add_elements(&array, 0, array.data, keys, rc, err) ? ae_token_skip(start) : NULL;
	*rc = ae_record_keys_open(keys, t.kind == AE_TOKEN_ARRAY, err);
	return *rc == 0 ? add_inside(keys, &t, at, rc, err) : NULL;
}

static bool has_time(const unsigned char *at, uint64_t pairs)
{
	for (uint64_t i = 0; i < pairs; i++) {
		struct ae_token key;
		const unsigned char *value = ae_token_read(&key, at);
		if (is_word(&key, "time"))
			return true;
		if (key.kind == AE_TOKEN_ARRAY || key.kind == AE_TOKEN_MAP)
			return false;
		at = ae_token_skip(value);
	}
	return false;
}

int ae_msgpack_record(
	struct ae_record_keys *keys, const unsigned char *at, const unsigned char *time, struct ae_error *err)
{
	struct ae_token map;
	int rc = 0;
	if (!time) {
		(void)add_value(keys, at, &rc, err);
		return rc;
	}
	at = ae_token_read(&map, at);
	rc = ae_record_keys_open(keys, false, err);
	if (rc == 0 && !has_time(at, map.size)) {
		rc = ae_record_keys_key(keys, "time", 4, err);
		if (rc == 0)
			(void)add_value(keys, time, &rc, err);
	}
	if (rc == 0)
		(void)add_inside(keys, &map, at, &rc, err);
	return rc;
}
