/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: input, options, and reading with what must hold of it. */
#include "fuzz.h"

#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "io/format.h"
#include "model/lineage.h"
#include "stream/reader.h"
#include "stream/where.h"

/* ---- input ---- */

void fuzz_take_words(struct fuzz_words *words, struct fuzz_input *input)
{
	const uint8_t *end = input->left ? memchr(input->at, '\n', input->left) : NULL;
	size_t len = end ? (size_t)(end - input->at) : input->left, kept = len < FUZZ_LINE ? len : FUZZ_LINE - 1;
	*words = (struct fuzz_words){0};
	if (kept)
		memcpy(words->text, input->at, kept);
	char *rest = words->text, *word;
	while (words->count < FUZZ_WORDS && (word = strsep(&rest, "\t")))
		words->word[words->count++] = word;
	input->at += len + (end != NULL);
	input->left -= len + (end != NULL);
}

const char *fuzz_file(const void *bytes, size_t len)
{
	static char path[40];
	static int fd = -1;
	if (fd < 0) {
		fd = memfd_create("input", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	FUZZ_CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, len, 0) == (ssize_t)len, "no file in memory");
	return path;
}

/* ---- options ---- */

/* The flags, and the texts, that a letter names. */
static const struct {
	char letter;
	size_t at;
} flags[] = {{'H', offsetof(struct ae_reader_options, no_header)},
	{'n', offsetof(struct ae_reader_options, numeric_header)}, {'u', offsetof(struct ae_reader_options, units)},
	{'l', offsetof(struct ae_reader_options, lenient_eof)}, {'q', offsetof(struct ae_reader_options, multiline)},
	{'f', offsetof(struct ae_reader_options, f32)}, {'r', offsetof(struct ae_reader_options, results)},
	{'i', offsetof(struct ae_reader_options, no_inputs)}, {'p', offsetof(struct ae_reader_options, pair)}},
  texts[] = {{'I', offsetof(struct ae_reader_options, format)}, {'d', offsetof(struct ae_reader_options, delimiter)},
	  {'h', offsetof(struct ae_reader_options, header)}, {'X', offsetof(struct ae_reader_options, x)},
	  {'L', offsetof(struct ae_reader_options, label)}, {'D', offsetof(struct ae_reader_options, id)},
	  {'T', offsetof(struct ae_reader_options, time)}, {'P', offsetof(struct ae_reader_options, pass)},
	  {'G', offsetof(struct ae_reader_options, target)}, {'s', offsetof(struct ae_reader_options, shape)},
	  {'m', offsetof(struct ae_reader_options, missing)}, {'b', offsetof(struct ae_reader_options, on_bad)},
	  {'a', offsetof(struct ae_reader_options, na)}, {'#', offsetof(struct ae_reader_options, comment)}};

static void set_option(struct ae_reader_options *o, char letter, const char *value)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].letter == letter)
			*(bool *)((char *)o + flags[i].at) = true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].letter == letter)
			*(const char **)((char *)o + texts[i].at) = value;
}

void fuzz_set_options(struct ae_reader_options *o, struct fuzz_cut *cut, const struct fuzz_words *words)
{
	static char *names[] = {"b", "a"};
	for (size_t i = 0; i < words->count; i++) {
		char letter = words->word[i][0];
		const char *value = words->word[i] + (letter != '\0');
		set_option(o, letter, value);
		if (letter == 'k')
			o->skip_lines = strlen(value);
		if (letter == 'o')
			o->features = (struct ae_feature_names){names, 2, *value != '\0', false};
		if (letter >= '1' && letter <= '9')
			cut->bytes = (size_t)1 << 2 * (letter - '1');
	}
	if (o->on_bad && strcmp(o->on_bad, "skip") == 0)
		o->rejects = "/dev/null";
}

/* ---- cuts: the linker puts these in the place of read(), poll() and fsync() (--wrap) ---- */

static struct fuzz_cut present;
static size_t reads;
static bool waiting = true;

ssize_t __real_read(int fd, void *bytes, size_t n);
ssize_t __wrap_read(int fd, void *bytes, size_t n);
int __real_poll(struct pollfd *fds, nfds_t n, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms);

ssize_t __wrap_read(int fd, void *bytes, size_t n)
{
	reads++;
	waiting = false;
	return __real_read(fd, bytes, present.bytes && present.bytes < n ? present.bytes : n);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int ms)
{
	if (present.bytes && ms == 0 && !waiting) {
		waiting = true;
		return 0;
	}
	return __real_poll(fds, n, ms);
}

/* Models are written to be read again, not to last. */
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

/* ---- reading ---- */

struct reading {
	struct fuzz_read *got;
	struct ae_reader *reader;
	struct ae_where *where;
	struct ae_encoder encoder;
	struct ae_rows rows; /* of the present stream */
	struct ae_schema schema;
};

/* A lineage that can be read is written in one way. */
static void check_lineage(const struct ae_buf *blob)
{
	struct ae_error err;
	struct ae_lineage lineage = {0}, again = {0};
	struct ae_buf packed = {0}, repacked = {0};
	if (ae_lineage_unpack(&lineage, blob, &err) == 0) {
		FUZZ_CHECK(ae_lineage_pack(&lineage, &packed, &err) == 0, "%s", err.text);
		FUZZ_CHECK(ae_lineage_unpack(&again, &packed, &err) == 0, "%s", err.text);
		FUZZ_CHECK(ae_lineage_pack(&again, &repacked, &err) == 0, "%s", err.text);
		FUZZ_CHECK(ae_buf_equal(&packed, &repacked), "the lineage changes");
		(void)!ae_prep_check(&lineage.prep, &err);
	}
	ae_lineage_free(&lineage);
	ae_lineage_free(&again);
	ae_buf_free(&packed);
	ae_buf_free(&repacked);
}

static void check_column(const struct ae_column *column, const struct ae_data *data, size_t rows)
{
	size_t n = rows * ae_shape_size(&column->shape);
	if (column->type == AE_TEXT) {
		const uint32_t *ends = ae_data_ends(data);
		for (size_t i = 0; i < rows; i++)
			FUZZ_CHECK(ends[i] >= (i ? ends[i - 1] : 0) && ends[i] <= data->values.len, "text ends");
	} else {
		FUZZ_CHECK(data->values.len == n * ae_type_size(column->type), "%zu bytes", data->values.len);
		FUZZ_CHECK(ae_column_first_bad(column, data->values.data, n) == n, "a value that may not be there");
	}
}

static int begin(struct reading *r, struct ae_error *err)
{
	ae_schema_free(&r->schema);
	r->schema = (struct ae_schema){0};
	if (ae_schema_copy(&r->schema, ae_reader_schema(r->reader), err) != 0)
		return -1;
	FUZZ_CHECK(ae_schema_check(&r->schema, err) == 0, "%s", err->text);
	check_lineage(&r->schema.lineage);
	if (r->where && ae_where_bind(r->where, &r->schema, err) != 0)
		return -1;
	return r->encoder.begin(r->encoder.state, &r->schema, &r->got->streams, err);
}

/* A row is a line of text, whatever its cells hold. */
static void check_lines(
	const struct ae_output_format *format, const struct ae_schema *schema, const struct ae_rows *rows)
{
	struct ae_encoder encoder;
	struct ae_error err = {0};
	struct ae_buf out = {0};
	size_t lines = 0, n = rows->batch.rows;
	FUZZ_CHECK(format->open(&encoder, &err) == 0, "%s", err.text);
	if (encoder.begin(encoder.state, schema, &out, &err) == 0 &&
		encoder.rows(encoder.state, &rows->batch, 0, n, &out, &err) == 0) {
		for (size_t i = 0; i < out.len; i++)
			lines += out.data[i] == '\n';
		FUZZ_CHECK(
			lines == n + (format != &ae_jsonl_output), "%s: %zu lines of %zu rows", format->name, lines, n);
	}
	encoder.free(encoder.state);
	ae_buf_free(&out);
}

/* Writes what has gathered. */
static int flush(struct reading *r, struct ae_error *err)
{
	size_t rows = r->rows.batch.rows;
	if (rows && !present.bytes) {
		check_lines(&ae_csv_output, &r->schema, &r->rows);
		check_lines(&ae_tsv_output, &r->schema, &r->rows);
		check_lines(&ae_jsonl_output, &r->schema, &r->rows);
	}
	int rc = rows ? r->encoder.rows(r->encoder.state, &r->rows.batch, 0, rows, &r->got->streams, err) : 0;
	ae_rows_clear(&r->rows);
	return rc;
}

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct reading *r = arg;
	FUZZ_CHECK(batch->rows > 0, "a batch without rows");
	for (size_t i = 0; i < r->schema.count; i++)
		check_column(&r->schema.cols[i], batch->cols[i], batch->rows);
	if (batch->lines && ae_buf_append(&r->got->lines, batch->lines, batch->rows * sizeof(*batch->lines), err) != 0)
		return -1;
	if (r->where)
		return ae_where_take(r->where, &r->rows, &r->schema, batch, err);
	return ae_rows_append(&r->rows, &r->schema, batch, 0, batch->rows, err);
}

static int end(struct reading *r, struct ae_error *err)
{
	if (flush(r, err) != 0)
		return -1;
	return r->encoder.end(r->encoder.state, ae_reader_stopped(r->reader), &r->got->streams, err);
}

static int take_boundary(void *arg, struct ae_error *err)
{
	struct reading *r = arg;
	return end(r, err) == 0 ? begin(r, err) : -1;
}

static int read_all(struct reading *r, const char *path, const struct ae_reader_options *options, struct ae_error *err)
{
	struct ae_error ignored;
	char *files[] = {(char *)(uintptr_t)path};
	const struct ae_drain drain = {.rows = take_rows, .boundary = take_boundary, .arg = r};
	if (ae_aest_output.open(&r->encoder, err) != 0 || ae_reader_open(&r->reader, files, 1, options, err) != 0 ||
		begin(r, err) != 0 || ae_rows_init(&r->rows, r->schema.count, err) != 0)
		return -1;
	if (ae_reader_drain(r->reader, &drain, err) == 0)
		return end(r, err);
	(void)!flush(r, &ignored); /* the rows before the error count */
	return -1;
}

void fuzz_read(struct fuzz_read *got, const char *path, const struct ae_reader_options *options,
	const struct fuzz_cut *cut, struct ae_where *where)
{
	struct reading r = {.got = got, .where = where};
	*got = (struct fuzz_read){0};
	present = *cut;
	waiting = true;
	got->rc = read_all(&r, path, options, &got->err);
	present = (struct fuzz_cut){0};
	FUZZ_CHECK(got->rc == 0 || (got->err.status != 0 && *got->err.text), "an error without text");
	for (int k = 0; r.reader && k < AE_LEFT_OUT_KINDS; k++)
		got->left_out[k] = ae_reader_left_out(r.reader)->of[k].count;
	if (r.encoder.free)
		r.encoder.free(r.encoder.state);
	ae_reader_close(r.reader);
	ae_rows_free(&r.rows);
	ae_schema_free(&r.schema);
}

void fuzz_read_free(struct fuzz_read *got)
{
	ae_buf_free(&got->streams);
	ae_buf_free(&got->lines);
}

static void check_cut(const struct fuzz_read *whole, const char *path, const struct ae_reader_options *options,
	const struct fuzz_cut *cut, struct ae_where *where)
{
	struct fuzz_read got;
	size_t before = reads;
	fuzz_read(&got, path, options, cut, where);
	FUZZ_CHECK(reads > before || got.rc != 0, "nothing was read by way of the wrapper");
	FUZZ_CHECK(got.rc == whole->rc, "cut: %s, whole: %s", got.err.text, whole->err.text);
	FUZZ_CHECK(got.rc == 0 || got.err.status == whole->err.status, "\"%s\", \"%s\"", got.err.text,
		whole->err.text); /* what an error says may depend on how much had come */
	FUZZ_CHECK(ae_buf_equal(&got.streams, &whole->streams), "streams of %zu and %zu bytes", got.streams.len,
		whole->streams.len);
	FUZZ_CHECK(ae_buf_equal(&got.lines, &whole->lines), "places of rows");
	FUZZ_CHECK(memcmp(got.left_out, whole->left_out, sizeof(got.left_out)) == 0, "what was left out");
	fuzz_read_free(&got);
}

void fuzz_check_reading(const struct fuzz_input *input, const struct ae_reader_options *options,
	const struct fuzz_cut *cut, struct ae_where *where)
{
	const struct ae_reader_options aest = {.format = "aest"};
	const struct fuzz_cut none = {0};
	struct fuzz_read got, again;
	const char *path = fuzz_file(input->at, input->left);
	fuzz_read(&got, path, options, &none, where);
	if (cut->bytes)
		check_cut(&got, path, options, cut, where);
	if (got.rc == 0) {
		fuzz_read(&again, fuzz_file(got.streams.data, got.streams.len), &aest, &none, NULL);
		FUZZ_CHECK(again.rc == 0, "written and read again: %s", again.err.text);
		FUZZ_CHECK(ae_buf_equal(&got.streams, &again.streams), "written and read again");
		fuzz_read_free(&again);
	}
	fuzz_read_free(&got);
}

int fuzz_format(const char *format, const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct fuzz_words words;
	struct fuzz_cut cut = {0};
	struct ae_reader_options options = {.format = format};
	fuzz_take_words(&words, &input);
	fuzz_set_options(&options, &cut, &words);
	fuzz_check_reading(&input, &options, &cut, NULL);
	return 0;
}
