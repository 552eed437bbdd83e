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

bool ae_msgpack_plain(struct ae_record_keys *k, const unsigned char *bytes, size_t len, size_t *size)
{
	const unsigned char *at = bytes, *end = bytes + len;
	if (len < 2 || (*at & 0xf0) != 0x80 || k->cells.has_na)
		return false;
	for (size_t pairs = *at++ & 0x0fU; pairs > 0; pairs--) {
		size_t key = *at & 0x1fU;
		if ((size_t)(end - at) < 1 + key + NUMBER || (*at & 0xe0) != 0xa0)
			return false;
		size_t i = find_key(k, at + 1, key);
		if (i == k->columns.count || !ae_record_keys_note(k, i))
			return false;
		at += 1 + key;
		enum ae_type type = k->cells.types[i];
		size_t n = take_value(&k->values[i], type == AE_F64 || type == AE_F32, at, end);
		if (n == 0)
			return false;
		at += n;
	}
	*size = (size_t)(at - bytes);
	return true;
}
