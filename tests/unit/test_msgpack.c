/* SPDX-License-Identifier: MIT */
/* Messages: packing, the scan that trusts no count, checksums, values; and lineages, which are made of them. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/crc32.h"
#include "core/endian.h"
#include "core/msgpack.h"
#include "model/lineage.h"

static struct ae_error err;

static void make_message(struct ae_buf *out)
{
	static unsigned char nil_byte[] = {0xc0};
	const struct ae_buf nil = {.data = nil_byte, .len = 1};
	const double numbers[] = {1.5, -0.0, NAN};
	struct ae_pack pack = {.out = out, .err = &err};
	size_t start = out->len;
	ae_pack_array(&pack, 5);
	ae_pack_str(&pack, "AEST");
	ae_pack_map(&pack, 6);
	ae_pack_str(&pack, "n");
	ae_pack_u64(&pack, 70000);
	ae_pack_str(&pack, "f");
	ae_pack_f64(&pack, 0.1);
	ae_pack_str(&pack, "b");
	ae_pack_bool(&pack, true);
	ae_pack_str(&pack, "bin");
	ae_pack_bin(&pack, "\0\1\2", 3);
	ae_pack_str(&pack, "nums");
	ae_pack_f64s(&pack, numbers, 3);
	ae_pack_str(&pack, "deep");
	ae_pack_array(&pack, 2);
	ae_pack_raw(&pack, &nil);
	ae_pack_array(&pack, 0);
	ae_pack_bin(&pack, NULL, 0);
	ae_pack_raw(&pack, &nil);
	ae_pack_crc(&pack, start);
	CHECK(!pack.failed, "%s", err.text);
}

static void check_values(const struct ae_buf *message)
{
	const struct ae_value *root = ae_value_scanned(message->data);
	const struct ae_value *map = ae_value_at(root, 1);
	const char *text;
	const unsigned char *bytes;
	size_t len, n;
	uint64_t u;
	double f, *numbers;
	bool b;
	CHECK(ae_value_is_array(root) && ae_value_count(root) == 5 && !ae_value_at(root, 5), "root");
	CHECK(ae_value_str(ae_value_at(root, 0), &text, &len) == 0 && len == 4 && memcmp(text, "AEST", 4) == 0, "text");
	CHECK(ae_value_is_map(map) && ae_value_count(map) == 6, "map");
	CHECK(ae_value_u64(ae_value_get(map, "n"), &u) == 0 && u == 70000, "n");
	CHECK(ae_value_f64(ae_value_get(map, "n"), &f) == 0 && f == 70000, "a whole number is a number");
	CHECK(ae_value_u64(ae_value_get(map, "f"), &u) == -1, "f is no count");
	CHECK(ae_value_f64(ae_value_get(map, "f"), &f) == 0 && f == 0.1, "f");
	CHECK(ae_value_bool(ae_value_get(map, "b"), &b) == 0 && b, "b");
	CHECK(ae_value_bin(ae_value_get(map, "bin"), &bytes, &len) == 0 && len == 3 && bytes[2] == 2, "bin");
	CHECK(ae_value_f64s(ae_value_get(map, "nums"), &numbers, &n, &err) == 0 && n == 3, "nums");
	CHECK(numbers[0] == 1.5 && signbit(numbers[1]) && isnan(numbers[2]), "nums");
	free(numbers);
	CHECK(ae_value_f64s(ae_value_get(map, "bin"), &numbers, &n, &err) == -1, "3 bytes are no doubles");
	CHECK(ae_value_get(map, "none") == NULL && ae_value_get(root, "n") == NULL && ae_value_get(NULL, "n") == NULL,
		"absent");
	CHECK(ae_value_str(NULL, &text, &len) == -1 && ae_value_count(NULL) == 0, "NULL is nothing");
	const struct ae_value *value = NULL;
	struct ae_walk walk = ae_walk_in(map);
	for (size_t i = 0; i < 6; i++)
		CHECK(ae_walk_pair(&walk, &text, &len, &value), "pair %zu", i);
	CHECK(len == 4 && memcmp(text, "deep", 4) == 0 && ae_value_count(value) == 2, "the last pair");
	CHECK(!ae_walk_pair(&walk, &text, &len, &value), "no pair");
	struct ae_buf raw = {0};
	CHECK(ae_value_raw(root, &raw, &err) == 0 && ae_buf_equal(&raw, message), "as it came");
	ae_buf_free(&raw);
}

/* A copy of exactly len bytes on the heap, so that a sanitizer sees any read past them. */
static int scan_copy(const unsigned char *bytes, size_t len, size_t limit, size_t *size)
{
	unsigned char *copy = malloc(len ? len : 1);
	if (len > 0)
		memcpy(copy, bytes, len);
	int rc = ae_msg_scan(copy, len, limit, size, &err);
	free(copy);
	return rc;
}

static void check_scan(const struct ae_buf *message)
{
	size_t size;
	CHECK(scan_copy(message->data, message->len, 1000, &size) == 1 && size == message->len, "whole");
	CHECK(scan_copy(message->data, message->len, message->len, &size) == 1, "just within the limit");
	CHECK(scan_copy(message->data, message->len, message->len - 1, &size) == -1, "just beyond the limit");
	for (size_t len = 0; len < message->len; len++) {
		CHECK(scan_copy(message->data, len, 1000, &size) == 0, "cut at %zu", len);
		CHECK(size > len && size <= message->len, "cut at %zu: %zu", len, size);
	}
}

/* The bytes come bit by bit: the scan that goes on says at every length what one from the start says. */
static void check_scan_on(const unsigned char *bytes, size_t len, size_t step)
{
	struct ae_msg_progress progress = {0};
	for (size_t have = 0;; have += step) {
		size_t size = 0, whole = 0, now = have < len ? have : len;
		int rc = ae_msg_scan_on(&progress, bytes, now, 4096, &size, &err);
		int wanted = ae_msg_scan(bytes, now, 4096, &whole, &err);
		CHECK(rc == wanted && (rc < 0 || size == whole), "%zu bytes: %d %zu, wanted %d %zu", now, rc, size,
			wanted, whole);
		if (rc != 0 || now == len)
			return;
	}
}

static void check_hostile(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		int rc;
	} cases[] = {
		{"\xc1", 1, -1},
		{"\xdd\x05\xf5\xe1\x00", 5, -1},     /* an array of 100 million */
		{"\xdf\xff\xff\xff\xff", 5, -1},     /* a map of 2^32-1 */
		{"\xc6\xff\xff\xff\xff", 5, -1},     /* a bin of 2^32-1 */
		{"\xdb\x00\x0f\x42\x41", 5, -1},     /* a str of 1000001 */
		{"\xc9\xff\xff\xff\xff\x00", 6, -1}, /* an ext of 2^32-1 */
		{"\xdd\x00", 2, 0},
		{"\x92\xdc\xff\xff", 4, 0},
		{"\x80", 1, 1},
		{"\x90", 1, 1},
		{"\xd8", 1, 0}, /* fixext 16 */
		{"\xe0", 1, 1},
	};
	size_t size;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = scan_copy((const unsigned char *)cases[i].bytes, cases[i].len, 1000000, &size);
		CHECK(rc == cases[i].rc, "case %zu: %d", i, rc);
	}
	unsigned char deep[64];
	memset(deep, 0x91, sizeof(deep));
	CHECK(scan_copy(deep, sizeof(deep), 1000000, &size) == -1, "64 arrays deep");
	deep[24] = 0xc0;
	CHECK(scan_copy(deep, sizeof(deep), 1000000, &size) == 1 && size == 25, "24 arrays deep");
	uint32_t seed = 1;
	for (int round = 0; round < 200000; round++) {
		unsigned char bytes[24];
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (unsigned char)(seed >> 24);
		}
		int rc = scan_copy(bytes, sizeof(bytes), 4096, &size);
		if (round % 16 == 0)
			check_scan_on(bytes, sizeof(bytes), 1 + (size_t)round % 5);
		if (rc == 0)
			CHECK(size > sizeof(bytes) && size <= 4096, "round %d", round);
		if (rc != 1)
			continue;
		struct ae_buf raw = {0};
		CHECK(ae_value_raw(ae_value_scanned(bytes), &raw, &err) == 0 && raw.len == size,
			"round %d: what the scan passes is a value", round);
		ae_buf_free(&raw);
		(void)!ae_msg_check(bytes, size, &err);
	}
}

static void check_checksum(struct ae_buf *message)
{
	size_t size;
	CHECK(ae_msg_check(message->data, message->len, &err) == 0, "%s", err.text);
	for (size_t bit = 0; bit < message->len * 8; bit++) {
		message->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		bool passes = ae_msg_scan(message->data, message->len, 1000, &size, &err) == 1 &&
			      size == message->len && ae_msg_check(message->data, size, &err) == 0;
		CHECK(!passes, "bit %zu", bit);
		message->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	static const struct {
		const char *bytes;
		size_t len;
		const char *text; /* NULL = passes */
	} cases[] = {
		{"\x92\x01\xc0", 3, NULL}, {"\x91\xc0", 2, NULL}, {"\x92\x01\x02", 3, "no checksum"},
		{"\x92\x01\xce\0\0\0\0", 7, "wrong checksum"}, {"\x90", 1, "no checksum"}, {"\x80", 1, "no checksum"},
		{"\x01", 1, "no checksum"}, {"\x92\x01\xcf\0\0\0\0\0\0\0\0", 11, "no checksum"},
		{"\x91\xa1\xc0", 3, "no checksum"}, /* a text that ends like nil */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = ae_msg_check((const unsigned char *)cases[i].bytes, cases[i].len, &err);
		CHECK((rc == 0) == (cases[i].text == NULL), "case %zu", i);
		CHECK(rc == 0 || strcmp(err.text, cases[i].text) == 0, "case %zu: %s", i, err.text);
	}
}

/* Packs an array of n dimensions and reads it as a shape. */
static int read_shape(struct ae_shape *shape, const uint64_t *dims, size_t n)
{
	struct ae_buf blob = {0};
	struct ae_pack pack = {.out = &blob, .err = &err};
	ae_pack_array(&pack, n);
	for (size_t i = 0; i < n; i++)
		ae_pack_u64(&pack, dims[i]);
	const struct ae_value *value = ae_value_packed(blob.data, blob.len, "shape", &err);
	int rc = value ? ae_value_shape(value, shape) : -2;
	ae_buf_free(&blob);
	return rc;
}

static void check_shape(void)
{
	struct ae_shape shape = {.rank = 3}, image = {.rank = 3, .dim = {28, 30, 1}};
	const uint64_t dims[9] = {28, 30, 1, 1, 1, 1, 1, 1, 1}, huge[] = {INT32_MAX, 1, 2}, wide[] = {1ULL << 32},
		       zero[] = {3, 0};
	CHECK(read_shape(&shape, dims, 3) == 0 && ae_shape_equal(&shape, &image), "three dimensions");
	CHECK(read_shape(&shape, dims, 0) == 0 && shape.rank == 0, "a single number");
	CHECK(read_shape(&shape, huge, 2) == 0 && shape.dim[0] == INT32_MAX, "the largest");
	shape = image;
	CHECK(read_shape(&shape, dims, 9) == -1, "rank 9");
	CHECK(read_shape(&shape, huge, 3) == -1, "2^32 - 2 values");
	CHECK(read_shape(&shape, wide, 1) == -1, "a dimension of 2^32");
	CHECK(read_shape(&shape, zero, 2) == -1, "a dimension of 0");
	CHECK(ae_value_shape(NULL, &shape) == -1, "no value");
	CHECK(ae_shape_equal(&shape, &image), "a failure sets nothing");
	check_group("shapes");
}

static void check_packed(void)
{
	struct ae_buf blob = {0};
	struct ae_pack pack = {.out = &blob, .err = &err};
	char word[6] = "-";
	ae_pack_str(&pack, "adamw");
	const struct ae_value *name = ae_value_packed(blob.data, blob.len, "name", &err);
	CHECK(name && ae_value_word(name, word, 6) == 0 && strcmp(word, "adamw") == 0, "%s", word);
	CHECK(name && ae_value_word(name, word, 5) == -1, "no place for its end");
	CHECK(ae_value_word(NULL, word, 6) == -1, "no value");
	CHECK(!ae_value_packed(blob.data, blob.len - 1, "name", &err) && strncmp(err.text, "name: ", 6) == 0, "cut: %s",
		err.text);
	ae_pack_bool(&pack, true);
	CHECK(!ae_value_packed(blob.data, blob.len, "name", &err) && strcmp(err.text, "name: wrong length") == 0,
		"two values: %s", err.text);
	CHECK(!ae_value_packed((const unsigned char *)"\xc1", 1, "name", &err) && strncmp(err.text, "name: ", 6) == 0,
		"no msgpack: %s", err.text);
	ae_buf_free(&blob);
	check_group("packed values");
}

/* Whole numbers and reals in every encoding. */
static void check_numbers(void)
{
	static const struct {
		const char *bytes;
		double value;
		bool count; /* whether it is a u64 */
	} cases[] = {
		{"\x7f", 127, true},
		{"\xe0", -32, false},
		{"\xff", -1, false},
		{"\xcc\xff", 255, true},
		{"\xcd\xff\xfe", 65534, true},
		{"\xce\xff\xff\xff\xff", 4294967295, true},
		{"\xcf\x80\0\0\0\0\0\0\0", 0x1p63, true},
		{"\xd0\x7f", 127, true},
		{"\xd0\x80", -128, false},
		{"\xd1\xff\xfe", -2, false},
		{"\xd1\0\2", 2, true},
		{"\xd2\x80\0\0\0", -2147483648.0, false},
		{"\xd3\xff\xff\xff\xff\xff\xff\xff\xfd", -3, false},
		{"\xd3\0\0\0\1\0\0\0\0", 4294967296, true},
		{"\xca\x3f\xc0\0\0", 1.5, false},
		{"\xcb\xbf\xb9\x99\x99\x99\x99\x99\x9a", -0.1, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ae_value *value = ae_value_scanned((const unsigned char *)cases[i].bytes);
		double real = 0;
		uint64_t count = 7;
		CHECK(ae_value_f64(value, &real) == 0 && real == cases[i].value, "case %zu: %g", i, real);
		CHECK((ae_value_u64(value, &count) == 0) == cases[i].count, "case %zu", i);
		CHECK(count == (cases[i].count ? (uint64_t)cases[i].value : 7), "case %zu: %llu", i,
			(unsigned long long)count);
	}
	static const char *const none[] = {"\xc0", "\xc3", "\xa1x", "\x90", "\xc4\1x", "\xd4\1x"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		const struct ae_value *value = ae_value_scanned((const unsigned char *)none[i]);
		double real;
		uint64_t count;
		CHECK(ae_value_f64(value, &real) == -1 && ae_value_u64(value, &count) == -1, "no number %zu", i);
	}
	check_group("numbers");
}

static void check_byte_order(void)
{
	const float numbers[] = {1, -7};
	const double f64[] = {1.5};
	static const char packed[] = "\xc4\x08\0\0\x80\x3f\0\0\xe0\xc0\xc4\x08\0\0\0\0\0\0\xf8\x3f";
	struct ae_buf blob = {0};
	struct ae_pack pack = {.out = &blob, .err = &err};
	ae_pack_numbers(&pack, numbers, sizeof(*numbers), 2);
	ae_pack_f64s(&pack, f64, 1);
	CHECK(blob.len == sizeof(packed) - 1 && memcmp(blob.data, packed, blob.len) == 0, "bins of numbers");
	double *got = NULL;
	size_t n = 0;
	CHECK(ae_value_f64s(ae_value_scanned(blob.data + 10), &got, &n, &err) == 0 && n == 1 && got[0] == 1.5,
		"a bin of doubles");
	free(got);
	ae_buf_free(&blob);

	static const char *const swapped[] = {[1] = "abcdefgh", [2] = "badcfehg", [4] = "dcbahgfe", [8] = "hgfedcba"};
	for (size_t width = 1; width <= 8; width *= 2) {
		char text[] = "abcdefgh";
		ae_swap_bytes(text, width, 8 / width);
		CHECK(strcmp(text, swapped[width]) == 0, "width %zu: %s", width, text);
	}
	check_group("byte order");
}

/* Bit by bit, as RFC 1952 defines it. */
static uint32_t crc_of_bits(uint32_t sum, const unsigned char *bytes, size_t len)
{
	sum = ~sum;
	for (size_t i = 0; i < 8 * len; i++) {
		sum ^= bytes[i / 8] >> i % 8 & 1u;
		sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* Sums of all ranges from runs of all kinds. */
static void check_runs(const unsigned char *bytes, size_t len)
{
	const struct ae_crc32_run plain[] = {{0, 0}, {1, 0}, {9, 0}, {9, 0}, {40, 0}, {41, 0}};
	struct ae_crc32_run runs[6];
	for (size_t i = 0, start = 0; i < 6; start = runs[i++].end) {
		runs[i].end = plain[i].end;
		runs[i].sum = ae_crc32(0, bytes + start, runs[i].end - start);
	}
	for (size_t first = 0; first < len && first < 60; first++)
		for (size_t end = first; end < len && end < 60; end++)
			for (size_t count = 0; count <= 6; count += 2)
				CHECK(ae_crc32_of_runs(7, bytes, first, end, runs, count) ==
						ae_crc32(7, bytes + first, end - first),
					"bytes %zu to %zu of %zu runs", first, end, count);
	const size_t zeros = ((size_t)1 << 20) + 12345;
	unsigned char *zero = calloc(zeros, 1);
	CHECK(zero && ae_crc32_join(0x12345678, ae_crc32(0, zero, zeros), zeros) == ae_crc32(0x12345678, zero, zeros),
		"a long one");
	free(zero);
}

/* Every length, alignment and sum before it; zlib's of the text that all CRCs are known by. */
static void check_crc(void)
{
	unsigned char bytes[1200];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * i * 131 >> 3 ^ i);
	for (size_t first = 0; first < 20; first++)
		for (size_t len = 0; first + len <= sizeof(bytes); len += len < 700 ? 1 : 37) {
			uint32_t sum = (uint32_t)(len * 2654435761u), want = crc_of_bits(sum, bytes + first, len);
			CHECK(ae_crc32(sum, bytes + first, len) == want, "%zu bytes from %zu", len, first);
			size_t cut = len / 3;
			uint32_t part = ae_crc32(sum, bytes + first, cut);
			CHECK(ae_crc32(part, bytes + first + cut, len - cut) == want, "cut at %zu", cut);
		}
	CHECK(ae_crc32(0, "123456789", 9) == 0xcbf43926, "the check value");
	CHECK(ae_crc32_join(ae_crc32(0, "1234", 4), ae_crc32(0, "56789", 5), 5) == 0xcbf43926, "joined");
	check_runs(bytes, sizeof(bytes));
	check_group("CRC-32");
}

static void check_lineage(void)
{
	struct ae_lineage lineage = {0}, again = {0};
	struct ae_buf blob = {0}, twice = {0};
	CHECK(ae_lineage_pack(&lineage, &blob, &err) == 0 && blob.len == 0, "empty");
	CHECK(ae_lineage_unpack(&lineage, &blob, &err) == 0 && !lineage.has_digest, "empty");
	lineage = (struct ae_lineage){.has_digest = true,
		.held_out = true,
		.imputed = true,
		.loss = "mae",
		.metric = "mse",
		.reference = "x",
		.scaled_err = true,
		.smooth = "mean:3",
		.smooth_by.max_gap = 90};
	CHECK((lineage.smooth_by.group = ae_strdup("machine", &err)) != NULL, "%s", err.text);
	memset(lineage.digest, 7, sizeof(lineage.digest));
	const struct ae_buf packed = {.data = (unsigned char *)"scaler", .len = 6};
	const struct ae_shape shape = ae_shape_vector(2);
	char *names[] = {"a", "b"};
	CHECK(ae_prep_append(&lineage.prep, AE_PREP_SCALER, &packed, &shape, names, 2, &err) == 0, "%s", err.text);
	CHECK(ae_lineage_pack(&lineage, &blob, &err) == 0, "%s", err.text);
	CHECK(ae_lineage_unpack(&again, &blob, &err) == 0, "%s", err.text);
	CHECK(again.has_digest && memcmp(again.digest, lineage.digest, 32) == 0, "digest");
	CHECK(strcmp(again.loss, "mae") == 0 && strcmp(again.metric, "mse") == 0, "words");
	CHECK(strcmp(again.reference, "x") == 0 && again.scaled_err, "words");
	CHECK(again.held_out, "held out");
	CHECK(again.imputed, "imputed");
	CHECK(strcmp(again.smooth, "mean:3") == 0 && strcmp(again.smooth_by.group, "machine") == 0 &&
			again.smooth_by.max_gap == 90,
		"smoothing");
	CHECK(ae_prep_equal(&again.prep, &lineage.prep) && again.prep.source.shape.rank == 0, "scaler");
	for (size_t len = 1; len < blob.len; len++) {
		struct ae_buf cut = {.data = blob.data, .len = len};
		CHECK(ae_lineage_unpack(&again, &cut, &err) == -1 && !again.has_digest, "cut at %zu", len);
	}

	/* unknown keys, in any order, are kept and written in one order */
	static const char one[] = "\x83\xa1z\x01\xa4loss\xa3mse\xa1y\x92\x02\xc0";
	static const char other[] = "\x83\xa1y\x92\x02\xc0\xa1z\x01\xa4loss\xa3mse";
	blob.len = twice.len = 0;
	CHECK(ae_buf_set(&blob, one, sizeof(one) - 1, &err) == 0, "%s", err.text);
	CHECK(ae_lineage_unpack(&again, &blob, &err) == 0 && again.unknown_count == 2, "%s", err.text);
	CHECK(ae_lineage_pack(&again, &twice, &err) == 0 && twice.len == blob.len, "%s", err.text);
	CHECK(ae_buf_set(&blob, other, sizeof(other) - 1, &err) == 0, "%s", err.text);
	CHECK(ae_lineage_unpack(&again, &blob, &err) == 0, "%s", err.text);
	CHECK(ae_lineage_pack(&again, &blob, &err) == 0 && ae_buf_equal(&blob, &twice), "one order");
	static const char *const bad[] = {"\x81\xa4loss\x01", "\x81\x01\x01", "\x82\xa1y\x01\xa1y\x02", "\x91\x01",
		"\x81\xacsmooth_group\x01", "\x81\xaesmooth_max_gap\xff", "\x81\xaesmooth_max_gap\xa1m"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(ae_buf_set(&blob, bad[i], strlen(bad[i]), &err) == 0, "%s", err.text);
		CHECK(ae_lineage_unpack(&again, &blob, &err) == -1, "bad %zu", i);
	}
	ae_buf_free(&blob);
	ae_buf_free(&twice);
	ae_lineage_free(&lineage);
	ae_lineage_free(&again);
}

int main(void)
{
	struct ae_buf message = {0};
	make_message(&message);
	check_shape();
	check_packed();
	check_numbers();
	check_byte_order();
	check_crc();
	check_values(&message);
	check_scan(&message);
	for (size_t step = 1; step < 40; step++)
		check_scan_on(message.data, message.len, step);
	check_hostile();
	check_checksum(&message);
	ae_buf_free(&message);
	check_lineage();
	return check_done();
}
