/* SPDX-License-Identifier: MIT */
/* The quick ways of AEST against the plain ones: what its writer lends instead of copying, put together, is what it
   copies; and what is read straight into the columns, damaged or not, in a file or bit by bit from a pipe, is what
   comes of whole messages, with the same errors. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/msgpack.h"
#include "core/thread_pool.h"
#include "io/aest_batch.h"
#include "io/encoder.h"
#include "io/format.h"
#include "stream/reader.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STREAMS = 100 };
#else
enum { STREAMS = 600 };
#endif

static struct ae_error err;

static unsigned below(unsigned n)
{
	static uint64_t state = 88172645463325252u; /* xorshift (Marsaglia 2003) */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

/* ---- writing ---- */

/* Columns of random values, which are all finite if `sound`. */
static void make(struct ae_schema *schema, struct ae_rows *rows, bool sound)
{
	static const enum ae_type types[] = {AE_F32, AE_F64, AE_U8, AE_TEXT};
	unsigned columns = 1 + below(5), count = below(4) ? below(3000) : below(2) ? below(20000) : below(4);
	for (unsigned i = 0; i < columns; i++) {
		enum ae_type type = types[below(4)];
		struct ae_shape shape = {.rank = type != AE_TEXT, .dim = {1 + below(9)}};
		CHECK(ae_schema_add(schema, "c", AE_PASS, type, &shape, &err) != NULL, "%s", err.text);
	}
	CHECK(ae_rows_init(rows, columns, &err) == 0, "%s", err.text);
	for (unsigned i = 0; i < columns; i++) {
		const struct ae_column *c = &schema->cols[i];
		size_t size = ae_shape_size(&c->shape) * ae_type_size(c->type);
		for (unsigned row = 0; row < count; row++) {
			unsigned char bytes[9 * sizeof(double)];
			for (size_t b = 0; b < sizeof(bytes); b++)
				bytes[b] = (unsigned char)(b % 4 == 3 && sound ? below(100) : below(256));
			int rc = c->type == AE_TEXT
					 ? ae_data_append_text(&rows->data[i], (const char *)bytes, below(9), &err)
					 : ae_buf_append(&rows->data[i].values, bytes, size, &err);
			CHECK(rc == 0, "%s", err.text);
		}
	}
	rows->batch.rows = count;
}

static void put_together(struct ae_buf *whole, const struct ae_buf *out, const struct ae_buf *lent)
{
	const struct ae_lent *at = (const void *)lent->data;
	size_t done = 0;
	for (size_t i = 0; i < lent->len / sizeof(*at); i++) {
		CHECK(at[i].at >= done && at[i].at <= out->len, "lent out of order");
		CHECK(ae_buf_append(whole, out->data + done, at[i].at - done, &err) == 0, "%s", err.text);
		CHECK(ae_buf_append(whole, at[i].bytes, at[i].len, &err) == 0, "%s", err.text);
		done = at[i].at;
	}
	CHECK(ae_buf_append(whole, out->data + done, out->len - done, &err) == 0, "%s", err.text);
}

/* Encodes rows both ways. Whether anything was lent. */
static bool check_range(const struct ae_schema *schema, const struct ae_batch *batch, size_t first, size_t n)
{
	struct ae_encoder encoder;
	struct ae_buf plain = {0}, out = {0}, lent = {0}, whole = {0};
	CHECK(ae_aest_output.open(&encoder, &err) == 0, "%s", err.text);
	CHECK(encoder.begin(encoder.state, schema, &plain, &err) == 0, "%s", err.text);
	CHECK(ae_buf_append(&out, plain.data, plain.len, &err) == 0, "%s", err.text);
	CHECK(encoder.rows(encoder.state, batch, first, n, &plain, &err) == 0, "%s", err.text);
	CHECK(encoder.lend(encoder.state, batch, first, n, &out, &lent, &err) == 0, "%s", err.text);
	put_together(&whole, &out, &lent);
	CHECK(ae_buf_equal(&whole, &plain), "%zu rows from %zu on: other bytes", n, first);
	bool any = lent.len > 0;
	encoder.free(encoder.state);
	ae_buf_free(&plain);
	ae_buf_free(&out);
	ae_buf_free(&lent);
	ae_buf_free(&whole);
	return any;
}

static bool check_lent(void)
{
	struct ae_schema schema = {0};
	struct ae_rows rows;
	make(&schema, &rows, false);
	size_t first = below((unsigned)rows.batch.rows + 1), n = below((unsigned)(rows.batch.rows - first) + 1);
	bool any = check_range(&schema, &rows.batch, first, n);
	ae_rows_free(&rows);
	ae_schema_free(&schema);
	return any;
}

/* ---- reading ---- */

/* Of a message, for a reader. */
#define MOST_BYTES ((uint64_t)8 << 30)

/* What came of a stream: its values column by column, and how it ended. */
struct seen {
	struct ae_rows rows;
	char end[1200]; /* "" if it is whole */
};

/* Also that the sums which are kept of what was read fit what is written of it. */
static void see(struct seen *seen, const struct ae_schema *schema, const struct ae_batch *batch)
{
	/* No draw: how many batches come of a pipe is not the same each time. */
	size_t first = seen->rows.batch.rows % 3 ? 0 : batch->rows / 3;
	check_range(schema, batch, first, batch->rows - first - (batch->rows > 100 ? batch->rows / 7 : 0));
	CHECK(ae_rows_append(&seen->rows, schema, batch, 0, batch->rows, &err) == 0, "%s", err.text);
}

/* The batch at the front of a message that has been checked, or the end: 1, 2, or -1. */
static int use(struct seen *seen, const struct ae_schema *schema, const unsigned char *bytes, size_t size)
{
	struct ae_aest_cursor c = {.at = bytes, .end = bytes + size};
	uint64_t count, kind;
	if (ae_aest_take_array(&c, &count) != 0 || count < 3 || ae_aest_take_u64(&c, &kind) != 0 || kind > 2 ||
		kind < 1)
		return ae_fail(&err, "another message");
	if (kind == 2)
		return 2;
	size_t had = seen->rows.batch.rows;
	int rc = ae_aest_add_batch(&c, count, had, schema, &seen->rows, &err);
	ae_rows_cut(&seen->rows, schema);
	return rc == 0 ? 1 : -1;
}

/* Message by message, each whole in memory. */
static void read_plainly(struct seen *seen, const struct ae_schema *schema, const unsigned char *bytes, size_t len)
{
	for (size_t at = 0, size = 0;; at += size) {
		struct ae_msg_progress progress = {0};
		int rc = len > at ? ae_msg_scan_on(&progress, bytes + at, len - at, MOST_BYTES, &size, &err) : 0;
		if (rc == 0)
			ae_fail(&err,
				len > at ? "the stream is cut inside a message" : "the stream is cut: no end mark");
		if (rc == 1 && (rc = ae_msg_check(bytes + at, size, &err)) == 0)
			rc = use(seen, schema, bytes + at, size);
		if (rc == 2)
			return;
		if (rc < 1) {
			snprintf(seen->end, sizeof(seen->end), "after row %zu: %s", seen->rows.batch.rows, err.text);
			return;
		}
	}
}

static void read_with_reader(struct seen *seen, char *path, struct ae_thread_pool *pool)
{
	const struct ae_reader_options options = {.format = "aest"};
	struct ae_reader *reader;
	const struct ae_batch *batch;
	enum ae_read got;
	bool opened = ae_reader_open(&reader, &path, 1, &options, &err) == 0;
	CHECK(opened, "%s", err.text);
	if (!opened)
		return;
	ae_reader_share_pool(reader, pool);
	while ((got = ae_reader_next(reader, &batch, &err)) == AE_READ_ROWS)
		see(seen, ae_reader_schema(reader), batch);
	if (got == AE_READ_FAIL)
		snprintf(seen->end, sizeof(seen->end), "%s", err.text + strlen(path) + 2);
	ae_reader_close(reader);
}

struct feed {
	int fd;
	const struct ae_buf *bytes;
	unsigned most;
};

static void *feed_pipe(void *arg)
{
	const struct feed *f = arg;
	uint64_t state = f->most | 1;
	for (size_t at = 0; at < f->bytes->len;) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		size_t n = 1 + (size_t)(state >> 33) % f->most, left = f->bytes->len - at;
		ssize_t put = write(f->fd, f->bytes->data + at, n < left ? n : left);
		if (put <= 0)
			break;
		at += (size_t)put;
	}
	close(f->fd);
	return NULL;
}

static void check_seen(
	const struct ae_schema *schema, const struct seen *seen, const struct seen *plain, const char *how)
{
	CHECK(strcmp(seen->end, plain->end) == 0, "%s: \"%s\", but plainly \"%s\"", how, seen->end, plain->end);
	CHECK(seen->rows.batch.rows == plain->rows.batch.rows, "%s: %zu rows, but plainly %zu", how,
		seen->rows.batch.rows, plain->rows.batch.rows);
	for (size_t i = 0; i < schema->count; i++)
		CHECK(ae_buf_equal(&seen->rows.data[i].values, &plain->rows.data[i].values) &&
				ae_buf_equal(&seen->rows.data[i].ends, &plain->rows.data[i].ends),
			"%s: other values", how);
}

enum { FILE_ALONE, FILE_SHARED, PIPE, WAYS };

/* Reads through a file, by one thread and by three, and through a pipe. */
static void check_stream(
	const struct ae_schema *schema, const struct ae_buf *stream, size_t header, struct ae_thread_pool *pool)
{
	static const char *const names[] = {"file", "file, three threads", "pipe"};
	static char file[32], pipe_name[32];
	struct seen plain = {0}, seen[WAYS] = {0};
	int memory = memfd_create("stream", 0), ends[2];
	pthread_t thread;
	CHECK(ae_rows_init(&plain.rows, schema->count, &err) == 0, "%s", err.text);
	for (int i = 0; i < WAYS; i++)
		CHECK(ae_rows_init(&seen[i].rows, schema->count, &err) == 0, "%s", err.text);
	read_plainly(&plain, schema, stream->data + header, stream->len - header);
	CHECK(write(memory, stream->data, stream->len) == (ssize_t)stream->len && pipe(ends) == 0, "no file, no pipe");
	snprintf(file, sizeof(file), "/dev/fd/%d", memory);
	snprintf(pipe_name, sizeof(pipe_name), "/dev/fd/%d", ends[0]);
	struct feed feed = {.fd = ends[1], .bytes = stream, .most = below(3) ? 1 + below(200000) : 2000};
	read_with_reader(&seen[FILE_ALONE], file, NULL);
	CHECK(lseek(memory, 0, SEEK_SET) == 0, "no way back");
	read_with_reader(&seen[FILE_SHARED], file, pool);
	CHECK(pthread_create(&thread, NULL, feed_pipe, &feed) == 0, "no thread");
	read_with_reader(&seen[PIPE], pipe_name, pool);
	close(ends[0]);
	pthread_join(thread, NULL);
	close(memory);
	for (int i = 0; i < WAYS; i++) {
		if (strstr(plain.end, "another message")) { /* which one of several, the reader says in more words */
			CHECK(*seen[i].end, "read as whole");
			memcpy(seen[i].end, plain.end, sizeof(plain.end));
		}
		check_seen(schema, &seen[i], &plain, names[i]);
		ae_rows_free(&seen[i].rows);
	}
	ae_rows_free(&plain.rows);
}

/* Damages a stream behind its header; where checksums are nil, nothing hides it. */
static void damage(struct ae_buf *stream, size_t header)
{
	unsigned what = below(5), body = (unsigned)(stream->len - header);
	if (what == 0 || body == 0)
		return;
	if (what == 1) {
		stream->len -= below(body);
		return;
	}
	for (unsigned i = 1 + below(3); i > 0; i--) /* heads are the likeliest place, and the most interesting */
		stream->data[header + (below(2) ? below(body) : below(body < 30 ? body : 30))] =
			(unsigned char)below(256);
}

static void check_read(struct ae_thread_pool *pool)
{
	struct ae_schema schema = {0};
	struct ae_rows rows;
	struct ae_encoder encoder;
	struct ae_buf stream = {0};
	make(&schema, &rows, true);
	for (size_t i = 0; i < schema.count; i++)
		schema.cols[i].missing = below(3) == 0;
	CHECK(ae_aest_output.open(&encoder, &err) == 0, "%s", err.text);
	CHECK(encoder.begin(encoder.state, &schema, &stream, &err) == 0, "%s", err.text);
	size_t header = stream.len;
	for (unsigned batches = below(4), n = (unsigned)rows.batch.rows; batches > 0; batches--) {
		unsigned first = below(n + 1);
		size_t start = stream.len;
		CHECK(encoder.rows(encoder.state, &rows.batch, first, below(n - first + 1), &stream, &err) == 0, "%s",
			err.text);
		if (below(2)) { /* nil for the checksum */
			stream.len -= AE_MSG_SUM_SIZE - 1;
			stream.data[stream.len - 1] = 0xc0;
		}
		CHECK(stream.len > start, "no batch");
	}
	CHECK(encoder.end(encoder.state, false, &stream, &err) == 0, "%s", err.text);
	damage(&stream, header);
	check_stream(&schema, &stream, header, pool);
	encoder.free(encoder.state);
	ae_buf_free(&stream);
	ae_rows_free(&rows);
	ae_schema_free(&schema);
}

int main(void)
{
	unsigned lent = 0;
	struct ae_thread_pool *pool;
	CHECK(ae_thread_pool_new(&pool, 3, &err) == 0, "%s", err.text);
	signal(SIGPIPE, SIG_IGN); /* a reader that fails reads no more */
	for (int i = 0; i < 300; i++)
		lent += check_lent();
	CHECK(lent > 30 || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__, "only %u batches lent anything", lent);
	for (int i = 0; i < STREAMS; i++)
		check_read(pool);
	ae_thread_pool_free(pool);
	return check_done();
}
