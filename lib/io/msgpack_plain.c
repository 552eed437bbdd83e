/* SPDX-License-Identifier: MIT */
/* A scan along the keys that are expected. Whatever else comes takes the longer way. */
#include "io/msgpack_plain.h"

#include <math.h>
#include <string.h>

#include "core/endian.h"

/* So many bytes has a number with its type. */
enum { NUMBER = 9 };

static inline uint64_t load_64(const unsigned char *at)
{
	uint64_t bits;
	memcpy(&bits, at, sizeof(bits));
	return AE_IS_LITTLE_ENDIAN ? __builtin_bswap64(bits) : bits;
}

static inline uint32_t load_32(const unsigned char *at)
{
	uint32_t bits;
	memcpy(&bits, at, sizeof(bits));
	return AE_IS_LITTLE_ENDIAN ? __builtin_bswap32(bits) : bits;
}

/* Reads the number of at most 9 bytes at `at`; its size, or 0 for anything else. */
static inline size_t read_number(const unsigned char *at, double *value)
{
	uint64_t bits;
	uint32_t half;
	float single;
	if (*at < 0x80 || *at >= 0xe0) {
		*value = (signed char)*at;
		return 1;
	}
	switch (*at) {
	case 0xca:
		half = load_32(at + 1);
		memcpy(&single, &half, sizeof(single));
		*value = (double)single;
		return 5;
	case 0xcb:
		bits = load_64(at + 1);
		memcpy(value, &bits, sizeof(bits));
		return NUMBER;
	case 0xcc:
		*value = at[1];
		return 2;
	case 0xcd:
		*value = at[1] << 8 | at[2];
		return 3;
	case 0xce:
		*value = load_32(at + 1);
		return 5;
	case 0xd0:
		*value = (signed char)at[1];
		return 2;
	case 0xd1:
		*value = (int16_t)(at[1] << 8 | at[2]);
		return 3;
	case 0xd2:
		*value = (int32_t)load_32(at + 1);
		return 5;
	default:
		return 0;
	}
}

/* Takes a value, before which there is room for a number; its size, or 0. */
static inline size_t take_value(struct ae_cell *cell, bool number, const unsigned char *at, const unsigned char *end)
{
	size_t len = *at & 0x1fU;
	if ((*at & 0xe0) == 0xa0) {
		*cell = (struct ae_cell){.text = (const char *)at + 1, .len = len};
		return (size_t)(end - at) > len && !memchr(at + 1, '\0', len) ? 1 + len : 0;
	}
	if (*at == 0xc0) {
		*cell = (struct ae_cell){.text = "", .len = 0};
		return 1;
	}
	double value = 0;
	size_t size = number ? read_number(at, &value) : 0;
	*cell = (struct ae_cell){.number = value};
	return fabs(value) <= AE_CELL_NUMBER_MAX ? size : 0; /* so NaN is none */
}

/* The column of the key at `at`, of len bytes, or columns.count. */
static inline size_t find_key(const struct ae_record_keys *k, const unsigned char *at, size_t len)
{
	size_t i = k->next;
	bool next = i < k->columns.count && k->lens[i] == len && memcmp(at, k->columns.names[i], len) == 0;
	return next ? i : ae_record_keys_find(k, (const char *)at, len);
}

static inline bool is_number(const struct ae_record_keys *k, size_t column)
{
	return k->cells.types[column] == AE_F64 || k->cells.types[column] == AE_F32;
}

/* The elements of a small array, or of one of up to 65,535, and how many bytes say so; 0: it is none. */
static inline size_t read_array(const unsigned char *at, size_t *count)
{
	if ((*at & 0xf0) == 0x90) {
		*count = *at & 0x0f;
		return 1;
	}
	*count = (size_t)at[1] << 8 | at[2];
	return *at == 0xdc ? 3 : 0;
}

/* Takes the elements of the array of the columns from `column` on; behind it, or NULL. */
static const unsigned char *take_array(
	struct ae_record_keys *k, size_t column, size_t count, const unsigned char *at, const unsigned char *end)
{
	if (count == 0 || column >= k->columns.count || count > k->columns.count - column)
		return NULL;
	for (size_t i = 0; i < count; i++, column++) {
		if (end - at < NUMBER || (i > 0 && !k->follows[column]) || !ae_record_keys_note(k, column))
			return NULL;
		size_t n = take_value(&k->values[column], is_number(k, column), at, end);
		if (n == 0)
			return NULL;
		at += n;
	}
	return column == k->columns.count || !k->follows[column] ? at : NULL;
}

/* Takes a key and its value; behind them, or NULL. */
static inline const unsigned char *take_member(
	struct ae_record_keys *k, const unsigned char *at, const unsigned char *end)
{
	if (end - at < 1 + NUMBER || (*at & 0xe0) != 0xa0)
		return NULL;
	const unsigned char *key = at + 1;
	size_t len = *at & 0x1fU, count, head;
	at = key + len;
	if (end - key < (ptrdiff_t)(len + NUMBER))
		return NULL;
	head = read_array(at, &count);
	if (head > 0)
		return take_array(k, ae_record_keys_find_array(k, (const char *)key, len), count, at + head, end);
	size_t i = find_key(k, key, len);
	if (i == k->columns.count || !ae_record_keys_note(k, i))
		return NULL;
	size_t n = take_value(&k->values[i], is_number(k, i), at, end);
	return n > 0 ? at + n : NULL;
}

bool ae_msgpack_plain(struct ae_record_keys *k, const unsigned char *bytes, size_t len, size_t *size)
{
	const unsigned char *at = bytes, *end = bytes + len;
	if (len < 2 || (*at & 0xf0) != 0x80 || k->cells.has_na)
		return false;
	for (size_t pairs = *at++ & 0x0fU; at && pairs > 0; pairs--)
		at = take_member(k, at, end);
	*size = at ? (size_t)(at - bytes) : 0;
	return at != NULL;
}
