/* SPDX-License-Identifier: MIT */
/* Messages of msgpack: packing through msgpack-c; a scan and values without allocation, however many there are. */
#include "core/msgpack.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "core/crc32.h"
#include "core/endian.h"

static int write_buf(void *data, const char *bytes, size_t len)
{
	struct ae_pack *pack = data;
	return ae_buf_append(pack->out, bytes, len, pack->err);
}

static msgpack_packer packer_of(struct ae_pack *pack)
{
	msgpack_packer packer;
	msgpack_packer_init(&packer, pack, write_buf);
	return packer;
}

static void note(struct ae_pack *pack, int rc)
{
	if (rc != 0)
		pack->failed = true;
}

/* Lengths in msgpack are 32 bits. */
static bool too_long(struct ae_pack *pack, size_t n)
{
	if (!pack->failed && n > UINT32_MAX)
		note(pack, ae_fail(pack->err, "%zu elements do not fit into one message", n));
	return pack->failed;
}

void ae_pack_array(struct ae_pack *pack, size_t n)
{
	if (too_long(pack, n))
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_array(&packer, n));
}

void ae_pack_map(struct ae_pack *pack, size_t n)
{
	if (too_long(pack, n))
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_map(&packer, n));
}

void ae_pack_bool(struct ae_pack *pack, bool value)
{
	if (pack->failed)
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
}

void ae_pack_u64(struct ae_pack *pack, uint64_t value)
{
	if (pack->failed)
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_uint64(&packer, value));
}

void ae_pack_f64(struct ae_pack *pack, double value)
{
	if (pack->failed)
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_double(&packer, value));
}

void ae_pack_f32(struct ae_pack *pack, float value)
{
	if (pack->failed)
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_float(&packer, value));
}

void ae_pack_nil(struct ae_pack *pack)
{
	if (pack->failed)
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_nil(&packer));
}

void ae_pack_str(struct ae_pack *pack, const char *text)
{
	ae_pack_text(pack, text, strlen(text));
}

void ae_pack_text(struct ae_pack *pack, const char *text, size_t len)
{
	if (too_long(pack, len))
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_str(&packer, len));
	if (!pack->failed)
		note(pack, ae_buf_append(pack->out, text, len, pack->err));
}

void ae_pack_bin(struct ae_pack *pack, const void *bytes, size_t len)
{
	ae_pack_bin_head(pack, len);
	if (!pack->failed)
		note(pack, ae_buf_append(pack->out, bytes, len, pack->err));
}

void ae_pack_bin_head(struct ae_pack *pack, size_t len)
{
	if (too_long(pack, len))
		return;
	msgpack_packer packer = packer_of(pack);
	note(pack, msgpack_pack_bin(&packer, len));
}

void ae_pack_numbers(struct ae_pack *pack, const void *numbers, size_t width, size_t n)
{
	if (too_long(pack, n > SIZE_MAX / width ? n : n * width))
		return;
	ae_pack_bin(pack, numbers, n * width);
	if (!pack->failed)
		ae_little_endian(pack->out->data + pack->out->len - n * width, width, n);
}

void ae_pack_f64s(struct ae_pack *pack, const double *values, size_t n)
{
	ae_pack_numbers(pack, values, sizeof(*values), n);
}

void ae_pack_shape(struct ae_pack *pack, const struct ae_shape *shape)
{
	ae_pack_array(pack, shape->rank);
	for (uint32_t i = 0; i < shape->rank; i++)
		ae_pack_u64(pack, shape->dim[i]);
}

void ae_pack_raw(struct ae_pack *pack, const struct ae_buf *bytes)
{
	if (!pack->failed)
		note(pack, ae_buf_append(pack->out, bytes->data, bytes->len, pack->err));
}

void ae_pack_crc(struct ae_pack *pack, size_t start)
{
	if (!pack->failed)
		ae_pack_sum(pack, ae_crc32(0, pack->out->data + start, pack->out->len - start));
}

void ae_pack_sum(struct ae_pack *pack, uint32_t sum)
{
	if (pack->failed)
		return;
	const unsigned char tail[] = {0xce, (unsigned char)(sum >> 24), (unsigned char)(sum >> 16),
		(unsigned char)(sum >> 8), (unsigned char)sum};
	note(pack, ae_buf_append(pack->out, tail, sizeof(tail), pack->err));
}

static const struct ae_value *value_at(const unsigned char *bytes)
{
	return (const struct ae_value *)bytes;
}

static const unsigned char *bytes_of(const struct ae_value *value)
{
	return (const unsigned char *)value;
}

/* Whether the first byte is one of these: with a length inside it, or one of a run of types. */
static bool is(const struct ae_value *value, unsigned mask, unsigned fixed, unsigned first, unsigned last)
{
	if (!value)
		return false;
	unsigned type = *bytes_of(value);
	return (type & mask) == fixed || (type >= first && type <= last);
}

static uint64_t load_be(const unsigned char *at, size_t bytes)
{
	uint64_t value = 0;
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* The head of a value: what its first bytes declare. */
struct head {
	size_t size;       /* bytes of the head itself: type and length field */
	uint64_t body;     /* bytes that follow for this value alone */
	uint64_t children; /* values that follow inside it */
	bool container;
};

/* Returns 1 with all of *head set, 0 with only head->size set if bytes are missing, -1 for the unused byte c1. */
static int read_head(struct head *head, const unsigned char *at, size_t len)
{
	/* For c0 to df: bytes of the length field, and fixed bytes of the body. */
	static const unsigned char length_bytes[32] = {
		0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
	static const unsigned char body_bytes[32] = {
		0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0};
	*head = (struct head){.size = 1};
	if (len == 0)
		return 0;
	unsigned char type = at[0];
	if (type < 0x80 || type >= 0xe0)
		return 1;
	if (type < 0xa0) {
		head->container = true;
		head->children = type < 0x90 ? (type & 0x0fu) * 2 : type & 0x0fu;
		return 1;
	}
	if (type < 0xc0) {
		head->body = type & 0x1fu;
		return 1;
	}
	if (type == 0xc1)
		return -1;
	head->size = 1 + (size_t)length_bytes[type - 0xc0];
	if (len < head->size)
		return 0;
	uint64_t declared = load_be(at + 1, head->size - 1);
	head->container = type >= 0xdc;
	if (head->container)
		head->children = type >= 0xde ? declared * 2 : declared;
	else
		head->body = declared + body_bytes[type - 0xc0];
	return 1;
}

int ae_msg_scan_on(struct ae_msg_progress *p, const unsigned char *bytes, size_t len, uint64_t limit, size_t *size,
	struct ae_error *err)
{
	if (!p->begun) {
		p->begun = true;
		p->pending = p->open[0] = 1; /* an open level is written before it is read */
		p->depth = 0;
		p->at = p->last = 0;
	}
	for (;;) {
		while (p->depth > 0 && p->open[p->depth] == 0)
			p->depth--;
		if (p->open[p->depth] == 0)
			break;
		struct head head;
		int rc = read_head(&head, p->at < len ? bytes + p->at : bytes, p->at < len ? len - (size_t)p->at : 0);
		if (rc < 0)
			return ae_fail(err, "not a message: byte 0xc1 at offset %llu", (unsigned long long)p->at);
		uint64_t next = p->at + head.size + head.body, pending = p->pending + head.children - 1;
		if (next > limit || pending > limit - next)
			return ae_fail(err, "a message larger than %llu bytes", (unsigned long long)limit);
		if (rc == 0 || next > len) {
			*size = next + pending < SIZE_MAX ? (size_t)(next + pending) : SIZE_MAX;
			return 0;
		}
		p->open[p->depth]--;
		p->last = p->depth == 1 ? p->at : p->last;
		p->at = next;
		p->pending = pending;
		if (head.container && ++p->depth > AE_MSG_DEPTH_MAX)
			return ae_fail(err, "a message nested deeper than %d", AE_MSG_DEPTH_MAX);
		if (head.container)
			p->open[p->depth] = head.children;
	}
	*size = (size_t)p->at;
	return 1;
}

int ae_msg_scan(const unsigned char *bytes, size_t len, size_t limit, size_t *size, struct ae_error *err)
{
	struct ae_msg_progress progress = {0};
	return ae_msg_scan_on(&progress, bytes, len, limit, size, err);
}

int ae_msg_bin(const unsigned char *bytes, size_t len, size_t *head, size_t *body)
{
	struct head found;
	if (len > 0 && !is(value_at(bytes), 0xff, 0xc4, 0xc5, 0xc6))
		return -1;
	int rc = read_head(&found, bytes, len);
	*head = found.size;
	*body = (size_t)found.body;
	return rc;
}

uint32_t ae_msg_sum(uint32_t sum, const void *bytes, size_t len)
{
	return ae_crc32(sum, bytes, len);
}

int ae_msg_check_sum(uint32_t sum, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	if (len == 1 && bytes[0] == 0xc0)
		return 0;
	if (len != AE_MSG_SUM_SIZE || bytes[0] != 0xce)
		return ae_fail(err, "no checksum");
		/* Random bytes get no further than a checksum, so fuzzing looks behind it (tests/fuzz). */
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	if (load_be(bytes + 1, 4) != sum)
		return ae_fail(err, "wrong checksum");
#else
	(void)sum;
#endif
	return 0;
}

int ae_msg_check_scanned(const struct ae_msg_progress *p, const unsigned char *bytes, size_t size, struct ae_error *err)
{
	size_t last = (size_t)p->last;
	if (last == 0 || !is(value_at(bytes), 0xf0, 0x90, 0xdc, 0xdd))
		return ae_fail(err, "no checksum");
	return ae_msg_check_sum(ae_msg_sum(0, bytes, last), bytes + last, size - last, err);
}

int ae_msg_check(const unsigned char *bytes, size_t size, struct ae_error *err)
{
	struct ae_msg_progress progress = {0};
	size_t whole;
	int rc = ae_msg_scan_on(&progress, bytes, size, SIZE_MAX / 2, &whole, err);
	if (rc == 0)
		return ae_fail(err, "no checksum");
	return rc < 0 ? -1 : ae_msg_check_scanned(&progress, bytes, size, err);
}

/* ---- values: their bytes, which ae_msg_scan has passed, so that no walk leaves them ---- */

static struct head head_of(const struct ae_value *value)
{
	enum { LONGEST = 5 };
	struct head head;
	(void)read_head(&head, bytes_of(value), LONGEST);
	return head;
}

/* Where the value ends. */
static const unsigned char *end_of(const struct ae_value *value)
{
	const unsigned char *at = bytes_of(value);
	for (uint64_t left = 1; left > 0; left--) {
		struct head head = head_of(value_at(at));
		at += head.size + head.body;
		left += head.children;
	}
	return at;
}

const struct ae_value *ae_value_scanned(const unsigned char *bytes)
{
	return value_at(bytes);
}

const struct ae_value *ae_value_packed(const unsigned char *bytes, size_t len, const char *what, struct ae_error *err)
{
	size_t size;
	int rc = ae_msg_scan(bytes, len, len, &size, err);
	if (rc == 1 && size == len)
		return value_at(bytes);
	if (rc >= 0)
		ae_fail(err, "wrong length");
	ae_fail_in(err, "%s: ", what);
	return NULL;
}

bool ae_value_is_array(const struct ae_value *value)
{
	return is(value, 0xf0, 0x90, 0xdc, 0xdd);
}

bool ae_value_is_map(const struct ae_value *value)
{
	return is(value, 0xf0, 0x80, 0xde, 0xdf);
}

size_t ae_value_count(const struct ae_value *value)
{
	if (ae_value_is_array(value))
		return (size_t)head_of(value).children;
	return ae_value_is_map(value) ? (size_t)(head_of(value).children / 2) : 0;
}

struct ae_walk ae_walk_in(const struct ae_value *container)
{
	if (!ae_value_is_array(container) && !ae_value_is_map(container))
		return (struct ae_walk){0};
	struct head head = head_of(container);
	return (struct ae_walk){.next = value_at(bytes_of(container) + head.size), .left = head.children};
}

bool ae_walk_next(struct ae_walk *walk, const struct ae_value **value)
{
	if (walk->left == 0)
		return false;
	*value = walk->next;
	if (--walk->left > 0)
		walk->next = value_at(end_of(walk->next));
	return true;
}

bool ae_walk_pair(struct ae_walk *walk, const char **key, size_t *key_len, const struct ae_value **value)
{
	const struct ae_value *name;
	if (!ae_walk_next(walk, &name) || !ae_walk_next(walk, value))
		return false;
	*key_len = 0;
	if (ae_value_str(name, key, key_len) != 0)
		*key = NULL;
	return true;
}

const struct ae_value *ae_value_at(const struct ae_value *array, size_t i)
{
	const struct ae_value *value;
	struct ae_walk walk = ae_walk_in(ae_value_is_array(array) ? array : NULL);
	while (ae_walk_next(&walk, &value))
		if (i-- == 0)
			return value;
	return NULL;
}

const struct ae_value *ae_value_get(const struct ae_value *map, const char *key)
{
	const char *name;
	size_t len;
	const struct ae_value *value;
	struct ae_walk walk = ae_walk_in(ae_value_is_map(map) ? map : NULL);
	while (ae_walk_pair(&walk, &name, &len, &value))
		if (name && len == strlen(key) && memcmp(name, key, len) == 0)
			return value;
	return NULL;
}

/* ---- tokens ---- */

uint64_t ae_token_bytes(const unsigned char *at, size_t n)
{
	return load_be(at, n);
}

/* A number with its bytes behind the type: cc to d3, ca, cb. */
static void read_number(struct ae_token *token, unsigned char type, const unsigned char *at, size_t n)
{
	uint64_t bits = load_be(at, n);
	if (type == 0xca) {
		uint32_t half = (uint32_t)bits;
		token->kind = AE_TOKEN_F32;
		memcpy(&token->number.f32, &half, sizeof(half));
		return;
	}
	if (type == 0xcb) {
		token->kind = AE_TOKEN_F64;
		memcpy(&token->number.f64, &bits, sizeof(bits));
		return;
	}
	bool negative = type >= 0xd0 && at[0] & 0x80;
	if (negative && n < 8)
		bits |= UINT64_MAX << (8 * n);
	token->kind = negative ? AE_TOKEN_NEGATIVE : AE_TOKEN_UINT;
	token->size = negative ? -bits : bits;
}

/* What a value is whose bytes are its own. */
static enum ae_token_kind kind_of_bytes(unsigned char type)
{
	bool str = type < 0xc0 || (type >= 0xd9 && type <= 0xdb);
	return str ? AE_TOKEN_STR : type >= 0xc4 && type <= 0xc6 ? AE_TOKEN_BIN : AE_TOKEN_EXT;
}

const unsigned char *ae_token_read(struct ae_token *token, const unsigned char *at)
{
	enum { LONGEST = 5 };
	struct head head;
	unsigned char type = *at;
	if (type < 0x80 || type >= 0xe0) {
		token->kind = type < 0x80 ? AE_TOKEN_UINT : AE_TOKEN_NEGATIVE;
		token->size = type < 0x80 ? type : 256U - type;
		return at + 1;
	}
	if (type >= 0xca && type <= 0xd3) {
		size_t n = type < 0xcc ? (size_t)4 << (type - 0xca) : (size_t)1 << (type & 3);
		read_number(token, type, at + 1, n);
		return at + 1 + n;
	}
	(void)read_head(&head, at, LONGEST);
	if (head.container) {
		bool map = type < 0x90 || type >= 0xde;
		token->kind = map ? AE_TOKEN_MAP : AE_TOKEN_ARRAY;
		token->size = map ? head.children / 2 : head.children;
		return at + head.size;
	}
	if (type >= 0xc0 && type <= 0xc3) {
		token->kind = type == 0xc0 ? AE_TOKEN_NIL : AE_TOKEN_BOOL;
		token->size = type == 0xc3;
		return at + 1;
	}
	token->kind = kind_of_bytes(type);
	bool ext = token->kind == AE_TOKEN_EXT;
	token->bytes = at + head.size + ext;
	token->len = (size_t)head.body - ext;
	token->type = ext ? (signed char)at[head.size] : 0;
	return at + head.size + head.body;
}

const unsigned char *ae_token_skip(const unsigned char *at)
{
	return end_of(value_at(at));
}

int ae_value_str(const struct ae_value *value, const char **text, size_t *len)
{
	if (!is(value, 0xe0, 0xa0, 0xd9, 0xdb))
		return -1;
	struct head head = head_of(value);
	*text = (const char *)bytes_of(value) + head.size;
	*len = (size_t)head.body;
	return 0;
}

char *ae_value_strdup(const struct ae_value *value, struct ae_error *err)
{
	const char *text;
	size_t len;
	if (ae_value_str(value, &text, &len) != 0 || memchr(text, '\0', len))
		return NULL;
	return ae_strndup(text, len, err);
}

int ae_value_word(const struct ae_value *value, char *word, size_t size)
{
	const char *text;
	size_t len;
	if (ae_value_str(value, &text, &len) != 0 || len >= size || memchr(text, '\0', len))
		return -1;
	memcpy(word, text, len);
	word[len] = '\0';
	return 0;
}

int ae_value_bin(const struct ae_value *value, const unsigned char **bytes, size_t *len)
{
	if (!is(value, 0xff, 0xc4, 0xc5, 0xc6))
		return -1;
	struct head head = head_of(value);
	*bytes = bytes_of(value) + head.size;
	*len = (size_t)head.body;
	return 0;
}

/* A whole number of at most 64 bits, with its sign: 1 positive, -1 negative, 0 if it is none. */
static int take_whole(const struct ae_value *value, uint64_t *number)
{
	if (!value)
		return 0;
	const unsigned char *at = bytes_of(value);
	unsigned type = *at;
	if (type < 0x80 || type >= 0xe0) {
		*number = type < 0x80 ? type : type | ~UINT64_C(0xff);
		return type < 0x80 ? 1 : -1;
	}
	if (type < 0xcc || type > 0xd3)
		return 0;
	size_t width = (size_t)1 << (type & 3);
	*number = load_be(at + 1, width);
	if (type < 0xd0 || !(*number >> (8 * width - 1)))
		return 1;
	if (width < 8)
		*number |= ~UINT64_C(0) << 8 * width;
	return -1;
}

int ae_value_u64(const struct ae_value *value, uint64_t *number)
{
	uint64_t got;
	if (take_whole(value, &got) != 1)
		return -1;
	*number = got;
	return 0;
}

int ae_value_f64(const struct ae_value *value, double *number)
{
	uint64_t bits;
	int sign = take_whole(value, &bits);
	if (sign != 0) {
		*number = sign > 0 ? (double)bits : (double)(int64_t)bits;
	} else if (is(value, 0xff, 0xca, 1, 0)) {
		uint32_t half = (uint32_t)load_be(bytes_of(value) + 1, 4);
		float f32;
		memcpy(&f32, &half, sizeof(f32));
		*number = (double)f32;
	} else if (is(value, 0xff, 0xcb, 1, 0)) {
		bits = load_be(bytes_of(value) + 1, 8);
		memcpy(number, &bits, sizeof(*number));
	} else {
		return -1;
	}
	return 0;
}

int ae_value_bool(const struct ae_value *value, bool *truth)
{
	if (!is(value, 0xfe, 0xc2, 1, 0))
		return -1;
	*truth = *bytes_of(value) == 0xc3;
	return 0;
}

int ae_value_shape(const struct ae_value *value, struct ae_shape *shape)
{
	struct ae_shape out = {.rank = (uint32_t)ae_value_count(value)};
	const struct ae_value *at;
	uint64_t dim, total = 1;
	if (!ae_value_is_array(value) || ae_value_count(value) > AE_RANK_MAX)
		return -1;
	struct ae_walk walk = ae_walk_in(value);
	for (uint32_t i = 0; ae_walk_next(&walk, &at); i++) {
		if (ae_value_u64(at, &dim) != 0 || dim < 1 || dim > INT32_MAX || (total *= dim) > INT32_MAX)
			return -1;
		out.dim[i] = (uint32_t)dim;
	}
	*shape = out;
	return 0;
}

int ae_value_f64s(const struct ae_value *value, double **numbers, size_t *n, struct ae_error *err)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(value, &bytes, &len) != 0 || len % 8 != 0)
		return -1;
	double *out = ae_calloc(len / 8, sizeof(*out), err);
	if (!out)
		return -1;
	ae_copy_little_endian(out, bytes, sizeof(*out), len / 8);
	*numbers = out;
	*n = len / 8;
	return 0;
}

int ae_value_raw(const struct ae_value *value, struct ae_buf *out, struct ae_error *err)
{
	return ae_buf_append(out, value, (size_t)(end_of(value) - bytes_of(value)), err);
}
