/* SPDX-License-Identifier: MIT */
/* The reader against everything that is no whole, sound AEST stream: cut anywhere, any bit flipped, hostile counts,
   random damage behind checksums that do not catch it. */
#include "check.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/msgpack.h"
#include "io/format.h"
#include "stream/column_order.h"
#include "stream/reader.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AE_SANITIZED true
#else
#define AE_SANITIZED false
#endif

static struct ae_error err;
static int memory_file;
static char memory_path[32];

struct seen {
	uint64_t rows, boundaries;
	bool stopped;
	unsigned char sum; /* of every byte delivered, so that a sanitizer sees them all read */
	struct ae_schema schema;
};

static void look_at(struct seen *seen, const struct ae_schema *schema, const struct ae_batch *batch)
{
	for (size_t i = 0; i < schema->count; i++) {
		for (size_t row = 0; row < batch->rows; row++) {
			size_t n = ae_shape_size(&schema->cols[i].shape) * ae_type_size(schema->cols[i].type);
			const unsigned char *bytes = batch->cols[i]->values.data + row * n;
			if (schema->cols[i].type == AE_TEXT)
				bytes = (const void *)ae_data_text(batch->cols[i], row, &n);
			for (size_t b = 0; b < n; b++)
				seen->sum ^= bytes[b];
		}
	}
}

/* Reads the bytes as a program would read a file. 0: a whole stream, or several; -1: err says what is wrong. */
static int read_bytes(struct seen *seen, const void *bytes, size_t len)
{
	char *files[] = {memory_path};
	struct ae_reader_options options = {.format = "aest"};
	struct ae_reader *reader;
	const struct ae_batch *batch;
	enum ae_read got;
	*seen = (struct seen){0};
	if (ftruncate(memory_file, 0) != 0 || pwrite(memory_file, bytes, len, 0) != (ssize_t)len) {
		CHECK(false, "no memory file");
		return -1;
	}
	if (ae_reader_open(&reader, files, 1, &options, &err) != 0)
		return -1;
	while ((got = ae_reader_next(reader, &batch, &err)) > 0) {
		seen->boundaries += got == AE_READ_BOUNDARY;
		if (got == AE_READ_ROWS)
			look_at(seen, ae_reader_schema(reader), batch);
	}
	seen->rows = ae_reader_rows(reader);
	seen->stopped = ae_reader_stopped(reader);
	ae_reader_close(reader);
	return got == AE_READ_END ? 0 : -1;
}

/* ---- a stream with every kind of column ---- */

static void add(struct ae_schema *schema, const char *name, enum ae_role role, enum ae_type type, uint32_t n)
{
	struct ae_shape shape = {.rank = n > 0, .dim = {n}};
	CHECK(ae_schema_add(schema, name, role, type, &shape, &err) != NULL, "%s", err.text);
}

static void make_schema(struct ae_schema *schema)
{
	static char flow[] = "flow", heat[] = "heat", noise[] = "noise";
	static char *const names[] = {flow, heat, noise};
	struct ae_pack pack = {.out = &schema->extra, .err = &err};
	add(schema, "id", AE_ID, AE_TEXT, 0);
	add(schema, "x", AE_X, AE_F32, 3);
	CHECK(ae_column_set_features(&schema->cols[1], names, 3, &err) == 0, "%s", err.text);
	add(schema, "pass", AE_PASS, AE_U8, 2);
	add(schema, "err", AE_ERR, AE_F64, 0);
	schema->cols[3].missing = true;
	ae_pack_str(&pack, "later");
	ae_pack_u64(&pack, 70000);
	schema->extra_count = 1;
	CHECK(!pack.failed && ae_buf_append(&schema->lineage, "\x80", 1, &err) == 0, "%s", err.text);
}

static void append_stream(struct ae_buf *out, const struct ae_schema *schema, unsigned batches, bool stopped)
{
	struct ae_rows rows;
	CHECK(ae_rows_init(&rows, schema->count, &err) == 0, "%s", err.text);
	for (unsigned i = 0; i < 3; i++) {
		const float x[] = {(float)i, 0.1f, -7};
		const double score = i ? i / 3.0 : NAN;
		CHECK(ae_data_append_text(&rows.data[0], "abcdefg", i * 2, &err) == 0 &&
				ae_buf_append(&rows.data[1].values, x, sizeof(x), &err) == 0 &&
				ae_buf_append(&rows.data[2].values, "\1\377", 2, &err) == 0 &&
				ae_buf_append(&rows.data[3].values, &score, sizeof(score), &err) == 0,
			"%s", err.text);
		rows.batch.rows++;
	}
	struct ae_encoder encoder;
	int rc = ae_aest_output.open(&encoder, &err);
	if (rc == 0)
		rc = encoder.begin(encoder.state, schema, out, &err);
	for (unsigned i = 0; rc == 0 && i < batches; i++)
		rc = encoder.rows(encoder.state, &rows.batch, i % 2, 2, out, &err);
	if (rc == 0)
		rc = encoder.end(encoder.state, stopped, out, &err);
	CHECK(rc == 0, "%s", err.text);
	encoder.free(encoder.state);
	ae_rows_free(&rows);
}

static void check_damage(const struct ae_buf *stream, size_t boundary)
{
	struct seen seen;
	CHECK(read_bytes(&seen, stream->data, stream->len) == 0, "%s", err.text);
	for (size_t len = 0; len < stream->len; len++) {
		if (len == boundary)
			continue;
		CHECK(read_bytes(&seen, stream->data, len) == -1, "cut at %zu", len);
		CHECK(fnmatch(len ? "*: * is cut*" : "*: empty input: not even a header", err.text, 0) == 0 ||
				fnmatch("*: header: the stream is cut inside a message", err.text, 0) == 0,
			"cut at %zu: %s", len, err.text);
	}
	for (size_t bit = 0; bit < stream->len * 8; bit++) {
		stream->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		CHECK(read_bytes(&seen, stream->data, stream->len) == -1, "bit %zu flipped", bit);
		stream->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

static void check_whole(const struct ae_schema *schema)
{
	struct ae_buf stream = {0};
	struct seen seen;
	append_stream(&stream, schema, 0, false);
	CHECK(read_bytes(&seen, stream.data, stream.len) == 0 && seen.rows == 0 && !seen.stopped, "%s", err.text);
	stream.len = 0;
	append_stream(&stream, schema, 5000, true);
	CHECK(read_bytes(&seen, stream.data, stream.len) == 0 && seen.rows == 10000 && seen.stopped, "%s", err.text);
	append_stream(&stream, schema, 1, false);
	CHECK(read_bytes(&seen, stream.data, stream.len) == 0 && seen.rows == 10002 && seen.boundaries == 1, "%s",
		err.text);
	ae_buf_free(&stream);
}

/* The bytes of a batch are the same on every machine, and so are the numbers that are read from them. */
static void check_bytes(const struct ae_schema *schema)
{
	static const char batch[] = "\x97\x01\x02"
				    "\xc4\x0a\0\0\0\0\2\0\0\0ab"
				    "\xc4\x18\0\0\0\0\xcd\xcc\xcc\x3d\0\0\xe0\xc0"
				    "\0\0\x80\x3f\xcd\xcc\xcc\x3d\0\0\xe0\xc0"
				    "\xc4\x04\1\xff\1\xff"
				    "\xc4\x10\0\0\0\0\0\0\xf8\x7f\x55\x55\x55\x55\x55\x55\xd5\x3f\xce";
	const float x[] = {0, 0.1f, -7, 1, 0.1f, -7};
	const double score = 1 / 3.0;
	char *files[] = {memory_path};
	struct ae_buf stream = {0};
	struct ae_reader_options options = {.format = "aest"};
	struct ae_reader *reader;
	const struct ae_batch *got;
	size_t len;
	append_stream(&stream, schema, 1, false);
	CHECK(memmem(stream.data, stream.len, batch, sizeof(batch) - 1), "another batch was written");
	CHECK(ftruncate(memory_file, 0) == 0 && pwrite(memory_file, stream.data, stream.len, 0) == (ssize_t)stream.len,
		"no memory file");
	bool read = ae_reader_open(&reader, files, 1, &options, &err) == 0 &&
		    ae_reader_next(reader, &got, &err) == AE_READ_ROWS && got->rows == 2;
	CHECK(read, "%s", err.text);
	if (!read)
		return;
	CHECK(memcmp(ae_data_text(got->cols[0], 1, &len), "ab", 2) == 0 && len == 2, "text");
	CHECK(memcmp(got->cols[1]->values.data, x, sizeof(x)) == 0, "f32");
	CHECK(memcmp(got->cols[3]->values.data + sizeof(score), &score, sizeof(score)) == 0, "f64");
	ae_reader_close(reader);
	ae_buf_free(&stream);
}

static void check_kept(const struct ae_schema *schema, const struct ae_buf *stream)
{
	struct ae_source source;
	struct ae_encoder encoder;
	struct ae_input input;
	struct ae_schema got = {0};
	struct ae_buf again = {0};
	size_t header;
	CHECK(pwrite(memory_file, stream->data, stream->len, 0) == (ssize_t)stream->len, "no memory file");
	CHECK(ae_input_open(&input, memory_path, &err) == 0 && ae_aest_input.open(&source, NULL, NULL, &err) == 0, "%s",
		err.text);
	CHECK(source.header(source.state, &input, &got, &err) == 0, "%s", err.text);
	struct ae_column_order order = {0};
	CHECK(ae_column_order_match(&order, &got, schema, &err) == 0 && order.count == 0, "%s", err.text);
	CHECK(ae_aest_output.open(&encoder, &err) == 0, "%s", err.text);
	CHECK(encoder.begin(encoder.state, &got, &again, &err) == 0, "%s", err.text);
	CHECK(ae_msg_scan(stream->data, stream->len, stream->len, &header, &err) == 1, "%s", err.text);
	CHECK(again.len == header && memcmp(again.data, stream->data, header) == 0, "header written again");
	encoder.free(encoder.state);
	source.free(source.state);
	ae_input_close(&input);
	ae_schema_free(&got);
	ae_buf_free(&again);
}

/* ---- streams made by hand, with nil for checksums ---- */

#define COLUMN(name, role, type, shape) "\x84\xa4name" name "\xa4role" role "\xa4type" type "\xa5shape" shape
#define HEADER(columns)                                                                                                \
	"\x94\xa4"                                                                                                     \
	"AEST\x01\x81\xa4"                                                                                             \
	"cols" columns "\xc0"
#define F32                                                                                                            \
	"\xa3"                                                                                                         \
	"f32"
#define F64                                                                                                            \
	"\xa3"                                                                                                         \
	"f64"
#define X2 HEADER("\x91" COLUMN("\xa1x", "\xa1x", F32, "\x91\x02"))
#define ONE_TEXT HEADER("\x91" COLUMN("\xa2id", "\xa2id", "\xa4text", "\x90"))
#define BATCH "\x94\x01\x01\xc4\x08\0\0\0\0\0\0\x80\x3f\xc0"
#define END(rows) "\x93\x02\x81\xa4rows" rows "\xc0"

static const struct hand_made {
	const char *name, *bytes;
	size_t len;
	const char *message; /* NULL: a sound stream */
} hand_made[] = {
#define CASE(name, bytes, message)                                                                                     \
	{                                                                                                              \
		name, bytes, sizeof(bytes) - 1, message                                                                \
	}
	CASE("nil for a checksum", X2 BATCH END("\1"), NULL),
	CASE("no rows", X2 END("\0"), NULL),
	CASE("a batch of no rows", X2 "\x94\x01\x00\xc4\x00\xc0" END("\0"), NULL),
	CASE("counts in wider integers",
		X2 "\xdc\x00\x04\x01\xcd\x00\x01\xc5\x00\x08\0\0\0\0\0\0\x80\x3f\xc0" END("\1"), NULL),
	CASE("unknown keys in the end", X2 BATCH "\x93\x02\x82\xa4rows\x01\xa3odd\xc3\xc0", NULL),
	CASE("a role of later days, with text",
		HEADER("\x91" COLUMN("\xa1s", "\xa4mood", "\xa4text", "\x90")) "\x94\x01\x01\xc4\x05\1\0\0\0q\xc0" END(
			"\1"),
		NULL),
	CASE("two streams", X2 BATCH END("\1") X2 BATCH END("\1"), NULL),

	CASE("no end", X2 BATCH, "after row 1: the stream is cut: no end mark"),
	CASE("only a header", X2, "after row 0: the stream is cut: no end mark"),
	CASE("version 2",
		"\x94\xa4"
		"AEST\x02\x80\xc0",
		"AEST version 2; this program reads version 1"),
	CASE("a wide version",
		"\x94\xa4"
		"AEST\xcd\x01\x00\x80\xc0",
		"AEST version 256; this program reads version 1"),
	CASE("type f16",
		HEADER("\x91" COLUMN("\xa1x", "\xa1x",
			"\xa3"
			"f16",
			"\x90")) END("\0"),
		"header: unknown type \"f16\"; AEST version 1 has f32, f64, u8 and text"),
	CASE("kind 7", X2 "\x93\x07\x80\xc0",
		"after row 0: message of kind 7; AEST version 1 has batches (1) and an end (2)"),
	CASE("no kind", X2 "\x93\xa1q\x80\xc0", "after row 0: something that is no message of AEST version 1"),
	CASE("a number between", X2 "\x05" END("\0"), "after row 0: *"),
	CASE("a second header, no end", X2 BATCH X2 END("\1"), "after row 1: a second header, but no end before it"),
	CASE("garbage after the end", X2 BATCH END("\1") "a,b\n", "something that is no stream follows the end"),
	CASE("a newline after the end", X2 BATCH END("\1") "\n", "something that is no stream follows the end"),
	CASE("a batch after the end", X2 BATCH END("\1") BATCH, "something that is no stream follows the end"),
	CASE("other columns", X2 BATCH END("\1") ONE_TEXT END("\0"),
		"columns other than those of the stream before it: there is no column \"x\""),
	CASE("too many rows told", X2 BATCH END("\2"), "after row 1: the end says 2 rows, but 1 came"),
	CASE("too few rows told", X2 BATCH END("\0"), "after row 1: the end says 0 rows, but 1 came"),
	CASE("an end without rows", X2 "\x93\x02\x80\xc0",
		"after row 0: the end does not say how many rows there were"),
	CASE("wrong checksum", X2 "\x94\x01\x01\xc4\x08\0\0\0\0\0\0\x80\x3f\xce\0\0\0\0" END("\1"),
		"after row 0: wrong checksum"),
	CASE("true for a checksum", X2 "\x94\x01\x01\xc4\x08\0\0\0\0\0\0\x80\x3f\xc3" END("\1"),
		"after row 0: no checksum"),

	CASE("bin too short", X2 "\x94\x01\x01\xc4\x04\0\0\0\0\xc0" END("\1"),
		"after row 0: column \"x\": expected 8 bytes for each of 1 rows, got 4"),
	CASE("bin too long", X2 "\x94\x01\x01\xc4\x0c\0\0\0\0\0\0\0\0\0\0\0\0\xc0" END("\1"),
		"after row 0: column \"x\": expected 8 bytes for each of 1 rows, got 12"),
	CASE("a text for a bin",
		X2 "\x94\x01\x01\xa8"
		   "12345678\xc0" END("\1"),
		"after row 0: column \"x\": no bin of less than 2 GiB"),
	CASE("two bins, one column", X2 "\x95\x01\x01\xc4\x00\xc4\x00\xc0" END("\0"),
		"after row 0: a batch of 2 columns under a header of 1"),
	CASE("no bin", X2 "\x93\x01\x01\xc0" END("\1"), "after row 0: a batch of 0 columns under a header of 1"),
	CASE("no number of rows", X2 "\x94\x01\xc0\xc4\x00\xc0" END("\0"),
		"after row 0: a batch without a number of rows"),
	CASE("4294967295 rows", X2 "\x94\x01\xce\xff\xff\xff\xff\xc4\x00\xc0" END("\0"),
		"after row 0: column \"x\": expected 8 bytes for each of 4294967295 rows, got 0"),
	CASE("2^64 rows", X2 "\x94\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xc4\x00\xc0" END("\0"),
		"after row 0: a batch without a number of rows"),
	CASE("rows times size is 2^64",
		HEADER("\x91" COLUMN("\xa1x", "\xa1x", F64,
			"\x91\xce\x40\0\0\0")) "\x94\x01\xce\x80\0\0\0\xc4\x00\xc0" END("\xce\x80\0\0\0"),
		"after row 0: column \"x\": expected 8589934592 bytes for each of 2147483648 rows, got 0"),
	CASE("a bin of 4 GiB, not there", X2 "\x94\x01\x01\xc6\xff\xff\xff\xff\0\0\0\0",
		"*the stream is cut inside a message"),
	CASE("an array of 100 million, not there", X2 "\xdd\x05\xf5\xe1\x00\x01\x01",
		"*the stream is cut inside a message"),
	CASE("a header of 4 billion keys",
		"\x94\xa4"
		"AEST\x01\xdf\xff\xff\xff\xff\xa4"
		"cols\xc0",
		"header: *"),
	CASE("a header of 4 billion columns",
		"\x94\xa4"
		"AEST\x01\x81\xa4"
		"cols\xdd\xff\xff\xff\xff\xc0",
		"header: *"),
	CASE("nested 40 deep",
		"\x94\xa4"
		"AEST\x01"
		"\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"
		"\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\xc0\xc0",
		"header: *"),

	CASE("text offsets backwards", ONE_TEXT "\x94\x01\x02\xc4\x0b\3\0\0\0\1\0\0\0abc\xc0" END("\2"),
		"after row 0: column \"id\": text offsets do not fit"),
	CASE("text offsets beyond", ONE_TEXT "\x94\x01\x01\xc4\x05\2\0\0\0a\xc0" END("\1"),
		"after row 0: column \"id\": text offsets do not fit"),
	CASE("text after the last offset", ONE_TEXT "\x94\x01\x01\xc4\x06\1\0\0\0ab\xc0" END("\1"),
		"after row 0: column \"id\": text offsets do not fit"),
	CASE("too short for its offsets", ONE_TEXT "\x94\x01\x02\xc4\x05\1\0\0\0a\xc0" END("\2"),
		"after row 0: column \"id\": 5 bytes are too few for 2 texts"),
	CASE("NaN", X2 BATCH "\x94\x01\x01\xc4\x08\0\0\0\0\0\0\xc0\x7f\xc0" END("\2"),
		"after row 1: row 2, column \"x.2\": NaN or infinity, and the header does not say missing"),

	CASE("no columns", HEADER("\x90") END("\0"), "header: no columns"),
	CASE("a batch of nothing, 4 billion times",
		HEADER("\x90") "\x93\x01\xce\xff\xff\xff\xff\xc0" END("\xce\xff\xff\xff\xff"), "header: no columns"),
	CASE("no cols",
		"\x94\xa4"
		"AEST\x01\x80\xc0",
		"header: no columns"),
	CASE("a column that is a number", HEADER("\x91\x05") END("\0"), "header: a column without a name"),
	CASE("a key that is a number",
		"\x94\xa4"
		"AEST\x01\x82\x01\x02\xa4"
		"cols\x91" COLUMN("\xa1x", "\xa1x", F32, "\x90") "\xc0" END("\0"),
		"header: a key that is no text"),
	CASE("NUL in an unknown key",
		"\x94\xa4"
		"AEST\x01\x82\xa5"
		"cols\0\x02\xa4"
		"cols\x91" COLUMN("\xa1x", "\xa1x", F32, "\x90") "\xc0" END("\0"),
		"header: a key that is no text"),
	CASE("NUL in a name", HEADER("\x91" COLUMN("\xa2x\0", "\xa1x", F32, "\x90")) END("\0"),
		"header: a column with a NUL byte in a name"),
	CASE("two x",
		HEADER("\x92" COLUMN("\xa1x", "\xa1x", F32, "\x90") COLUMN("\xa1q", "\xa1x", F32, "\x90")) END("\0"),
		"column \"q\": a stream has one x column at most"),
	CASE("x of text", HEADER("\x91" COLUMN("\xa1x", "\xa1x", "\xa4text", "\x90")) END("\0"),
		"column \"x\": type text does not go with role x"),
	CASE("a label of numbers", HEADER("\x91" COLUMN("\xa1q", "\xa5label", F32, "\x90")) END("\0"),
		"column \"q\": type f32 does not go with role label"),
	CASE("text of shape [2]", HEADER("\x91" COLUMN("\xa2id", "\xa2id", "\xa4text", "\x91\x02")) END("\0"),
		"column \"id\": text has shape []"),
	CASE("a dimension of 0", HEADER("\x91" COLUMN("\xa1x", "\xa1x", F32, "\x91\x00")) END("\0"),
		"header: a shape needs dimensions from 1 with a product below 2^31"),
	CASE("2^31 values a row",
		HEADER("\x91" COLUMN("\xa1x", "\xa1x", F32, "\x92\xcd\x80\x00\xce\x00\x01\x00\x00")) END("\0"),
		"header: a shape needs dimensions from 1 with a product below 2^31"),
	CASE("9 dimensions", HEADER("\x91" COLUMN("\xa1x", "\xa1x", F32, "\x99\1\1\1\1\1\1\1\1\1")) END("\0"),
		"header: a column without a shape of at most 8 dimensions"),
	CASE("too many feature names",
		HEADER("\x91\x85\xa4name\xa1x\xa4role\xa1x\xa4type" F32 "\xa5shape\x91\x02"
		       "\xa8"
		       "features\x93\xa1q\xa1r\xa1s") END("\0"),
		"column \"x\": 3 feature names for 2 values"),
	CASE("not AEST",
		"\x94\xa4"
		"MIST\x01\x80\xc0",
		"not an AEST stream"),
	CASE("text", "a,b\n1,2\n", "not an AEST stream"),
#undef CASE
};

static void check_hand_made(void)
{
	struct seen seen;
	char pattern[300];
	for (size_t i = 0; i < sizeof(hand_made) / sizeof(hand_made[0]); i++) {
		const struct hand_made *c = &hand_made[i];
		int rc = read_bytes(&seen, c->bytes, c->len);
		CHECK((rc == 0) == (c->message == NULL), "%s: %s", c->name, rc ? err.text : "no error");
		if (rc == 0 || !c->message)
			continue;
		CHECK(err.status == AE_STATUS_DATA, "%s: status %d", c->name, (int)err.status);
		/* brackets in messages are no glob */
		bool plain = strpbrk(c->message, "*") == NULL;
		snprintf(pattern, sizeof(pattern), "%s: %s", memory_path, c->message);
		CHECK(plain ? strcmp(pattern, err.text) == 0 : fnmatch(pattern, err.text, FNM_NOESCAPE) == 0, "%s: %s",
			c->name, err.text);
	}
}

/* ---- random damage that no checksum catches ---- */

static uint32_t random_state = 1;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* The stream with nil in place of its checksums. */
static void without_checksums(struct ae_buf *out, const struct ae_buf *stream)
{
	for (size_t at = 0, size; at < stream->len; at += size) {
		CHECK(ae_msg_scan(stream->data + at, stream->len - at, stream->len, &size, &err) == 1, "%s", err.text);
		CHECK(ae_buf_append(out, stream->data + at, size - 5, &err) == 0 &&
				ae_buf_append(out, "\xc0", 1, &err) == 0,
			"%s", err.text);
	}
}

static void damage(struct ae_buf *bytes)
{
	static const unsigned char nasty[] = {
		0, 1, 2, 0x7f, 0x80, 0x90, 0xc0, 0xc4, 0xc6, 0xca, 0xce, 0xcf, 0xdc, 0xdd, 0xdf, 0xff};
	for (uint32_t n = 1 + below(3); n > 0; n--) {
		size_t at = below((uint32_t)bytes->len);
		size_t run = 1 + below(4);
		if (at + run > bytes->len)
			run = bytes->len - at;
		switch (below(4)) {
		case 0: /* take some out */
			if (bytes->len > 64) {
				memmove(bytes->data + at, bytes->data + at + run, bytes->len - at - run);
				bytes->len -= run;
			}
			break;
		case 1: /* twice */
			CHECK(ae_buf_append(bytes, "\0\0\0\0", run, &err) == 0, "%s", err.text);
			memmove(bytes->data + at + run, bytes->data + at, bytes->len - at - run);
			break;
		case 2:
			bytes->data[at] = nasty[below(sizeof(nasty))];
			break;
		default:
			bytes->data[at] = (unsigned char)below(256);
		}
	}
}

static void check_fuzz(const struct ae_buf *stream)
{
	struct ae_buf sound = {0}, bytes = {0};
	struct seen seen;
	unsigned passed = 0, rounds = AE_SANITIZED ? 10000 : 60000;
	without_checksums(&sound, stream);
	CHECK(read_bytes(&seen, sound.data, sound.len) == 0, "%s", err.text);
	for (unsigned round = 0; round < rounds; round++) {
		CHECK(ae_buf_set(&bytes, sound.data, sound.len, &err) == 0, "%s", err.text);
		damage(&bytes);
		err.text[0] = '\0';
		int rc = read_bytes(&seen, bytes.data, bytes.len);
		passed += rc == 0;
		CHECK(rc == 0 || err.text[0] != '\0', "round %u: no message", round);
		CHECK(strstr(err.text, "out of memory") == NULL, "round %u: %s", round, err.text);
	}
	CHECK(passed > rounds / 600 && passed < rounds / 6 * 5, "%u of %u damaged streams pass", passed, rounds);
	ae_buf_free(&sound);
	ae_buf_free(&bytes);
}

/* A few damaged bytes may not ask for memory that the input does not justify. (A sanitizer takes more for itself.) */
/* ---- text ---- */

/* More bad lines than a source takes at once: what is delivered has a row all the same. */
static void check_left_out(void)
{
	enum { LINES = 3 << 20 };
	char *files[] = {memory_path};
	struct ae_reader_options options = {.on_bad = "skip"};
	struct ae_reader *reader;
	const struct ae_batch *batch;
	struct ae_buf text = {0};
	enum ae_read got;
	unsigned batches = 0;
	CHECK(ae_buf_append(&text, "a,b\n1,2\n", 8, &err) == 0 && ae_buf_reserve(&text, LINES + 4, &err) == 0,
		"memory");
	for (size_t i = 0; i < LINES; i += 2, text.len += 2)
		memcpy(text.data + text.len, "7\n", 2);
	CHECK(ae_buf_append(&text, "3,4\n", 4, &err) == 0, "memory");
	CHECK(ftruncate(memory_file, 0) == 0 && pwrite(memory_file, text.data, text.len, 0) == (ssize_t)text.len,
		"no memory file");
	CHECK(ae_reader_open(&reader, files, 1, &options, &err) == 0, "%s", err.text);
	for (; (got = ae_reader_next(reader, &batch, &err)) == AE_READ_ROWS; batches++)
		CHECK(batch->rows > 0, "batch %u has no row", batches);
	CHECK(got == AE_READ_END && batches > 0 && ae_reader_rows(reader) == 2, "%u batches", batches);
	CHECK(ae_reader_left_out(reader)->of[AE_LEFT_OUT_BAD].count == LINES / 2, "left out");
	ae_reader_close(reader);
	ae_buf_free(&text);
}

static void limit_memory(void)
{
	struct rlimit limit = {256 << 20, 256 << 20};
	CHECK(AE_SANITIZED || setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
}

int main(void)
{
	struct ae_schema schema = {0};
	struct ae_buf stream = {0};
	memory_file = memfd_create("stream", MFD_CLOEXEC);
	snprintf(memory_path, sizeof(memory_path), "/proc/self/fd/%d", memory_file);
	limit_memory();
	make_schema(&schema);
	check_whole(&schema);
	check_group("whole streams, of no rows, many batches, stopped, one after the other");
	check_bytes(&schema);
	check_group("a batch, to the byte");
	append_stream(&stream, &schema, 2, false);
	check_kept(&schema, &stream);
	check_group("unknown keys are kept and the header is written again to the byte");
	check_damage(&stream, SIZE_MAX);
	check_group("a stream cut at every byte and with every bit flipped");
	size_t boundary = stream.len;
	append_stream(&stream, &schema, 1, true);
	check_damage(&stream, boundary);
	check_group("two streams, the same");
	check_hand_made();
	check_group("streams made by hand");
	check_fuzz(&stream);
	check_group("random damage without checksums");
	check_left_out();
	check_group("text of many bad rows");
	ae_schema_free(&schema);
	ae_buf_free(&stream);
	return check_done();
}
