/* SPDX-License-Identifier: MIT */
/* Messages of msgpack: packing, a scan without allocation, and values through msgpack-c. */
#include "core/msgpack.h"

#include <endian.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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

void ae_pack_str(struct ae_pack *pack, const char *text)
{
	size_t len = strlen(text);
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

static void store_be32(unsigned char *at, uint32_t value)
{
	uint32_t big = htobe32(value);
	memcpy(at, &big, sizeof(big));
}

void ae_pack_crc(struct ae_pack *pack, size_t start)
{
	if (pack->failed)
		return;
	unsigned char tail[5] = {0xce};
	store_be32(tail + 1, (uint32_t)crc32_z(0, pack->out->data + start, pack->out->len - start));
	note(pack, ae_buf_append(pack->out, tail, sizeof(tail), pack->err));
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

int ae_msg_scan_on(struct ae_msg_progress *p, const unsigned char *bytes, size_t len, size_t limit, size_t *size,
	struct ae_error *err)
{
	if (!p->begun)
		*p = (struct ae_msg_progress){.begun = true, .open = {1}, .pending = 1};
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
			return ae_fail(err, "a message larger than %zu bytes", limit);
		if (rc == 0 || next > len) {
			*size = (size_t)(next + pending);
			return 0;
		}
		p->open[p->depth]--;
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

int ae_msg_check(const unsigned char *bytes, size_t size, struct ae_error *err)
{
	struct head head;
	bool array = size > 0 && (bytes[0] >> 4 == 0x9 || bytes[0] == 0xdc || bytes[0] == 0xdd);
	if (!array || read_head(&head, bytes, size) != 1 || head.children == 0)
		return ae_fail(err, "no checksum");
	size_t at = head.size;
	for (uint64_t i = 1; i < head.children; i++) {
		size_t element;
		int rc = ae_msg_scan(bytes + at, size - at, SIZE_MAX / 2, &element, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return ae_fail(err, "no checksum");
		at += element;
	}
	if (size - at == 1 && bytes[at] == 0xc0)
		return 0;
	if (size - at != 5 || bytes[at] != 0xce)
		return ae_fail(err, "no checksum");
		/* Random bytes get no further than a checksum, so fuzzing looks behind it (tests/fuzz). */
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	if (load_be(bytes + at + 1, 4) != crc32_z(0, bytes, at))
		return ae_fail(err, "wrong checksum");
#endif
	return 0;
}

struct ae_doc {
	msgpack_unpacked unpacked;
};

struct ae_doc *ae_doc_parse(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	struct ae_doc *doc = ae_calloc(1, sizeof(*doc), err);
	if (!doc)
		return NULL;
	msgpack_unpacked_init(&doc->unpacked);
	size_t off = 0;
	msgpack_unpack_return rc = msgpack_unpack_next(&doc->unpacked, (const char *)bytes, len, &off);
	if (rc == MSGPACK_UNPACK_SUCCESS && off == len)
		return doc;
	if (rc == MSGPACK_UNPACK_NOMEM_ERROR)
		ae_fail_memory(err);
	else
		ae_fail(err, "bytes that are no message");
	ae_doc_free(doc);
	return NULL;
}

struct ae_doc *ae_doc_parse_packed(const unsigned char *bytes, size_t len, const char *what, struct ae_error *err)
{
	size_t size;
	struct ae_doc *doc = NULL;
	int rc = ae_msg_scan(bytes, len, len, &size, err);
	if (rc == 0 || (rc == 1 && size != len))
		ae_fail(err, "wrong length");
	else if (rc == 1)
		doc = ae_doc_parse(bytes, len, err);
	if (!doc)
		ae_fail_in(err, "%s: ", what);
	return doc;
}

static const struct ae_value *value_of(const msgpack_object *object)
{
	return (const struct ae_value *)object;
}

static const msgpack_object *object_of(const struct ae_value *value)
{
	return (const msgpack_object *)value;
}

static bool is(const struct ae_value *value, msgpack_object_type type)
{
	return value && object_of(value)->type == type;
}

const struct ae_value *ae_doc_root(const struct ae_doc *doc)
{
	return value_of(&doc->unpacked.data);
}

void ae_doc_free(struct ae_doc *doc)
{
	if (!doc)
		return;
	msgpack_unpacked_destroy(&doc->unpacked);
	free(doc);
}

size_t ae_value_count(const struct ae_value *value)
{
	if (ae_value_is_array(value))
		return object_of(value)->via.array.size;
	return ae_value_is_map(value) ? object_of(value)->via.map.size : 0;
}

bool ae_value_is_array(const struct ae_value *value)
{
	return is(value, MSGPACK_OBJECT_ARRAY);
}

bool ae_value_is_map(const struct ae_value *value)
{
	return is(value, MSGPACK_OBJECT_MAP);
}

const struct ae_value *ae_value_at(const struct ae_value *array, size_t i)
{
	if (!ae_value_is_array(array) || i >= object_of(array)->via.array.size)
		return NULL;
	return value_of(&object_of(array)->via.array.ptr[i]);
}

const struct ae_value *ae_value_get(const struct ae_value *map, const char *key)
{
	size_t n = ae_value_is_map(map) ? ae_value_count(map) : 0;
	for (size_t i = 0; i < n; i++) {
		const char *name;
		size_t len;
		const struct ae_value *value = ae_value_pair(map, i, &name, &len);
		if (name && len == strlen(key) && memcmp(name, key, len) == 0)
			return value;
	}
	return NULL;
}

const struct ae_value *ae_value_pair(const struct ae_value *map, size_t i, const char **key, size_t *key_len)
{
	*key = NULL;
	*key_len = 0;
	if (!ae_value_is_map(map) || i >= object_of(map)->via.map.size)
		return NULL;
	const msgpack_object_kv *pair = &object_of(map)->via.map.ptr[i];
	if (ae_value_str(value_of(&pair->key), key, key_len) != 0)
		*key = NULL;
	return value_of(&pair->val);
}

int ae_value_str(const struct ae_value *value, const char **text, size_t *len)
{
	if (!is(value, MSGPACK_OBJECT_STR))
		return -1;
	*text = object_of(value)->via.str.ptr ? object_of(value)->via.str.ptr : "";
	*len = object_of(value)->via.str.size;
	return 0;
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
	if (!is(value, MSGPACK_OBJECT_BIN))
		return -1;
	*bytes = (const unsigned char *)(object_of(value)->via.bin.ptr ? object_of(value)->via.bin.ptr : "");
	*len = object_of(value)->via.bin.size;
	return 0;
}

int ae_value_u64(const struct ae_value *value, uint64_t *number)
{
	if (!is(value, MSGPACK_OBJECT_POSITIVE_INTEGER))
		return -1;
	*number = object_of(value)->via.u64;
	return 0;
}

int ae_value_f64(const struct ae_value *value, double *number)
{
	if (is(value, MSGPACK_OBJECT_FLOAT64) || is(value, MSGPACK_OBJECT_FLOAT32))
		*number = object_of(value)->via.f64;
	else if (is(value, MSGPACK_OBJECT_POSITIVE_INTEGER))
		*number = (double)object_of(value)->via.u64;
	else if (is(value, MSGPACK_OBJECT_NEGATIVE_INTEGER))
		*number = (double)object_of(value)->via.i64;
	else
		return -1;
	return 0;
}

int ae_value_bool(const struct ae_value *value, bool *truth)
{
	if (!is(value, MSGPACK_OBJECT_BOOLEAN))
		return -1;
	*truth = object_of(value)->via.boolean;
	return 0;
}

int ae_value_shape(const struct ae_value *value, struct ae_shape *shape)
{
	struct ae_shape out = {.rank = (uint32_t)ae_value_count(value)};
	uint64_t dim, total = 1;
	if (!ae_value_is_array(value) || ae_value_count(value) > AE_RANK_MAX)
		return -1;
	for (uint32_t i = 0; i < out.rank; i++) {
		if (ae_value_u64(ae_value_at(value, i), &dim) != 0 || dim < 1 || dim > INT32_MAX ||
			(total *= dim) > INT32_MAX)
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
	struct ae_pack pack = {.out = out, .err = err};
	msgpack_packer packer = packer_of(&pack);
	return msgpack_pack_object(&packer, *object_of(value));
}
