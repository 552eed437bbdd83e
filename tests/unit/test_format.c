/* SPDX-License-Identifier: MIT */
/* The tables of formats: every input is told by its first bytes however few have come, and what an encoder writes its
   source reads. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/outfile.h"
#include "core/rng.h"
#include "io/format.h"
#include "io/other_kind.h"
#include "stream/reader.h"
#include "stream/writer.h"

static struct ae_error err;

static void check_detection(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *name;
	} cases[] = {
		{"\x94\xa4"
		 "AEST\x01",
			7, "aest"},
		{"\x14\xa4"
		 "AEST\x01",
			7, "aest"},          /* its first byte is damaged */
		{"\x90\xa4LUMP", 6, "aest"}, /* no text; AEST says what is wrong */
		{"\x93NUMPY\x01", 7, "npy"},
		{"\0\0\x08\x03", 4, "idx"},
		{"P5\n28 28", 8, "pnm"},
		{"P7\nWIDTH", 8, "pnm"},
		{"P5\nx,1\n", 7, "csv"},
		{"P5,a\n", 5, "csv"},
		{"x,AEST\n1,2\n", 11, "csv"},
		{"\xef\xbb\xbfx,y\n", 7, "csv"},
		{"1,2\n", 4, "csv"},
		{"", 0, "csv"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const unsigned char *bytes = (const void *)cases[i].bytes;
		const struct ae_input_format *whole = ae_input_format_detect(bytes, cases[i].len, true);
		CHECK(whole && strcmp(whole->name, cases[i].name) == 0, "case %zu: %s", i, whole ? whole->name : "?");
		for (size_t len = 0; len < cases[i].len; len++) {
			const struct ae_input_format *part = ae_input_format_detect(bytes, len, false);
			CHECK(part == NULL || part == whole, "case %zu: %zu bytes say %s", i, len, part->name);
			CHECK(ae_input_format_detect(bytes, len, true) != NULL, "case %zu: ended at %zu", i, len);
		}
	}
	CHECK(ae_input_format_detect((const void *)"a", 1, false) == &ae_csv_input, "text waits for no second byte");
	check_group("detection by the first bytes");
}

/* What the bytes are taken for: a format's name, the error of another kind, or "" if more must come. */
static void take(char *verdict, size_t room, const unsigned char *bytes, size_t len)
{
	const struct ae_input_format *format = ae_input_format_detect(bytes, len, false);
	enum ae_begins other = ae_other_kind_begins(bytes, len, false, &err);
	snprintf(verdict, room, "%s",
		other == AE_BEGINS_YES            ? err.text
		: format && other == AE_BEGINS_NO ? format->name
						  : "");
}

static uint32_t draw(uint64_t *counter, uint32_t bound)
{
	return ae_rng_below(27, 0, (*counter)++, bound);
}

/* Bytes that begin as one of many kinds do, go on as text, numbers or MessagePack do, and are damaged here and there.
 */
static size_t make_beginning(uint64_t *counter, unsigned char *bytes, size_t room)
{
	static const struct {
		const char *bytes;
		size_t len;
	} heads[] = {{"", 0},
		{"\x94\xa4"
		 "AEST",
			6},
		{"\x93NUMPY", 6}, {"P5\n2 2", 6}, {"{\"a\":1}\n", 8}, {"\xef\xbb\xbf{\"a\":1}", 10},
		{"\xef\xbb\xbf[1]", 6}, {"\xef\xbb\xbf<html>", 9}, {"[true,", 6}, {"[ null ]", 8}, {"  {\n \"", 6},
		{"\x93name\x94,b\n1,2\n", 13}, {"\x96 9b", 4}, {"\x83\xa1x\xa1", 4}, {"\x92\x01\x02", 3},
		{"\x91\x05", 2},
		{"\x92\xa1"
		 "a\xa1"
		 "b\x92\x01\x02",
			8},
		{"\x93\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18", 10}, {"\xff\xfe\0\0", 4},
		{"\xff\xfe"
		 "a",
			3},
		{"a\0b\0", 4}, {"\x89PNG\r\n\x1a\n", 8}, {"\x89HDF\r\n\x1a\n", 8}, {"BM????\0\0\0\0", 10},
		{"PK\3\4\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.npy", 35}, {"P7\nWIDTH 2", 10},
		{"\0\0\x08\x01\0\0\0\2", 8}, {"\x80\4", 2}, {"<!DOCTYPE", 9}, {"{\\rtf", 5}};
	size_t pick = draw(counter, sizeof(heads) / sizeof(*heads)), len = heads[pick].len;
	memcpy(bytes, heads[pick].bytes, len);
	size_t end = len + draw(counter, 80);
	unsigned kind = draw(counter, 4);
	for (end = end < room ? end : room; len < end; len++) {
		static const char text[] = "ab,1.2 \"\n\t{}[]";
		size_t any = draw(counter, 256);
		bytes[len] = (unsigned char)(kind == 0   ? any
					     : kind == 1 ? any % 128
					     : kind == 2 ? (size_t)text[any % (sizeof(text) - 1)]
							 : 0x80 + any % 64);
	}
	if (len > 0 && draw(counter, 3) == 0)
		bytes[draw(counter, len < 8 ? len : 8)] = (unsigned char)draw(counter, 256);
	return len;
}

static void check_arrival(void)
{
	uint64_t counter = 0;
	for (int i = 0; i < 50000; i++) {
		unsigned char bytes[128];
		size_t len = make_beginning(&counter, bytes, sizeof(bytes)), told = 0;
		char first[sizeof(err.text)] = "", now[sizeof(err.text)];
		for (size_t n = 1; n <= len; n++) {
			take(now, sizeof(now), bytes, n);
			if (told == 0) {
				memcpy(first, now, sizeof(first));
				told = *first ? n : 0;
			}
			CHECK(told == 0 || strcmp(first, now) == 0,
				"case %d, which begins %02x %02x %02x %02x: %zu bytes say \"%s\", %zu say \"%s\"", i,
				bytes[0], bytes[1], bytes[2], bytes[3], told, first, n, now);
			if (strcmp(first, now) != 0)
				break;
		}
	}
	check_group("a format, or another kind's error, is the same however much has come");
}

static void check_names(void)
{
	static const char *const paths[][2] = {{"a.csv", "csv"}, {"b/c.tsv", "tsv"}, {"a.aes", "aest"},
		{"a.npy", "npy"}, {"a.pnm", "pnm"}, {"a.pgm", "pnm"}, {"a.b.ppm", "pnm"}};
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct ae_output_format *format = ae_output_format_of_path(paths[i][0]);
		CHECK(format && strcmp(format->name, paths[i][1]) == 0, "%s", paths[i][0]);
	}
	CHECK(!ae_output_format_of_path(".csv") && !ae_output_format_of_path("csv") &&
			!ae_output_format_of_path("a.png"),
		"no suffix of a format");
	for (size_t i = 0; ae_input_format_name(i); i++)
		CHECK(strcmp(ae_input_format_find(ae_input_format_name(i))->name, ae_input_format_name(i)) == 0, "%zu",
			i);
	CHECK(!ae_input_format_find("png") && !ae_output_format_find("idx"), "names of no format");
	check_group("names and suffixes");
}

/* Three images of 2x2x1 with the values 0 to 11, as every output format can hold them. */
static void write_images(const char *path, const char *format)
{
	struct ae_writer_options options = {.path = path, .format = format};
	struct ae_shape shape = {.rank = 3, .dim = {2, 2, 1}};
	struct ae_writer *writer;
	struct ae_schema schema = {0};
	struct ae_rows rows = {0};
	CHECK(ae_schema_add(&schema, "x", AE_X, AE_F32, &shape, &err) && ae_rows_init(&rows, 1, &err) == 0, "%s",
		err.text);
	for (int i = 0; i < 12; i++) {
		float value = (float)i;
		CHECK(ae_buf_append(&rows.data[0].values, &value, sizeof(value), &err) == 0, "%s", err.text);
	}
	rows.batch.rows = 3;
	CHECK(ae_writer_open(&writer, &options, &ae_aest_output, &err) == 0, "%s", err.text);
	CHECK(ae_writer_header(writer, &schema, &err) == 0 && ae_writer_rows(writer, &rows.batch, &err) == 0 &&
			ae_writer_end(writer, false, &err) == 0 && ae_writer_close(writer, NULL, &err) == 0,
		"%s: %s", format, err.text);
	ae_rows_free(&rows);
	ae_schema_free(&schema);
}

struct sum {
	struct ae_reader *reader;
	double total, next;
	size_t boundaries, most; /* rows after which it has enough; 0: never */
};

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *error)
{
	struct sum *sum = arg;
	const struct ae_column *x = &ae_reader_schema(sum->reader)->cols[0];
	size_t n = batch->rows * ae_shape_size(&x->shape);
	(void)error;
	for (size_t i = 0; i < n; i++) {
		double value;
		ae_to_f64(&value, batch->cols[0]->values.data + i * ae_type_size(x->type), x->type, 1);
		CHECK(x->role == AE_ERR || value == sum->next, "%g, not %g", value, sum->next);
		sum->next = fmod(sum->next + 1, 12);
		sum->total += value;
	}
	return 0;
}

static int count_boundary(void *arg, struct ae_error *error)
{
	struct sum *sum = arg;
	(void)error;
	sum->boundaries++;
	return 0;
}

static bool has_enough(void *arg)
{
	const struct sum *sum = arg;
	return sum->most > 0 && ae_reader_rows(sum->reader) >= sum->most;
}

static int drain(struct sum *sum, char **files, size_t count, struct ae_drain drain)
{
	struct ae_reader_options options = {0};
	if (ae_reader_open(&sum->reader, files, count, &options, &err) != 0)
		return -1;
	drain.rows = add_rows;
	drain.boundary = count_boundary;
	drain.arg = sum;
	int rc = ae_reader_drain(sum->reader, &drain, &err);
	ae_reader_close(sum->reader);
	return rc;
}

static void check_round_trips(void)
{
	char folder[] = "/tmp/test_format.XXXXXX", path[64];
	CHECK(mkdtemp(folder) != NULL, "no folder");
	snprintf(path, sizeof(path), "%s/images", folder);
	for (size_t i = 0; ae_output_format_name(i); i++) {
		const char *name = ae_output_format_name(i);
		if (strcmp(name, "tsv") == 0)
			continue; /* only -I says so */
		struct sum sum = {0};
		char *files[] = {path, path};
		write_images(path, name);
		CHECK(drain(&sum, files, 2, (struct ae_drain){.consequence = "none"}) == 0, "%s: %s", name, err.text);
		CHECK(sum.total == 132 && sum.boundaries == 1, "%s: %g, %zu", name, sum.total, sum.boundaries);
	}
	unlink(path);
	rmdir(folder);
	check_group("every output format is read back");
}

static void write_stream(const char *path, const char *lineage, bool stopped)
{
	static const double value = 0;
	struct ae_shape single = {0};
	struct ae_schema schema = {0};
	struct ae_rows rows = {0};
	struct ae_encoder encoder;
	struct ae_outfile file;
	struct ae_buf out = {0};
	CHECK(ae_schema_add(&schema, "err", AE_ERR, AE_F64, &single, &err) && ae_rows_init(&rows, 1, &err) == 0 &&
			ae_buf_set(&schema.lineage, lineage, strlen(lineage), &err) == 0 &&
			ae_buf_append(&rows.data[0].values, &value, sizeof(value), &err) == 0,
		"%s", err.text);
	CHECK(ae_aest_output.open(&encoder, &err) == 0 && encoder.begin(encoder.state, &schema, &out, &err) == 0 &&
			encoder.rows(encoder.state, &rows.batch, 0, 1, &out, &err) == 0 &&
			encoder.end(encoder.state, stopped, &out, &err) == 0,
		"%s", err.text);
	CHECK(ae_outfile_open(&file, path, &err) == 0 && ae_write_all(file.fd, out.data, out.len, path, &err) == 0 &&
			ae_outfile_commit(&file, false, &err) == 0,
		"%s", err.text);
	encoder.free(encoder.state);
	ae_buf_free(&out);
	ae_rows_free(&rows);
	ae_schema_free(&schema);
}

static void check_drain(void)
{
	char folder[] = "/tmp/test_format.XXXXXX", a[64], b[64], stopped[64], expected[200];
	CHECK(mkdtemp(folder) != NULL, "no folder");
	snprintf(a, sizeof(a), "%s/a", folder);
	snprintf(b, sizeof(b), "%s/b", folder);
	snprintf(stopped, sizeof(stopped), "%s/stopped", folder);
	write_stream(a, "one", false);
	write_stream(b, "two", false);
	write_stream(stopped, "one", true);
	const struct ae_drain any = {.consequence = "none"}, same = {.otherwise = "another scaler"};
	const struct ae_drain enough = {.enough = has_enough, .consequence = "none"}, part = {0};
	char *pair[] = {a, b}, *equal[] = {a, stopped};
	struct sum sum = {0};
	CHECK(drain(&sum, pair, 2, any) == 0 && sum.boundaries == 1, "lineages need not be equal: %s", err.text);
	snprintf(expected, sizeof(expected), "%s: another scaler than in the stream before it", b);
	CHECK(drain(&sum, pair, 2, same) == -1 && strcmp(err.text, expected) == 0, "%s", err.text);
	CHECK(drain(&sum, equal, 2, same) == 0, "%s", err.text);
	snprintf(expected, sizeof(expected), "%s: the stream was stopped before its end: none", stopped);
	CHECK(drain(&sum, equal, 2, any) == -1 && strcmp(err.text, expected) == 0, "%s", err.text);
	CHECK(drain(&sum, equal, 2, part) == 0, "a part will do: %s", err.text);
	sum = (struct sum){.most = 1};
	CHECK(drain(&sum, equal, 2, enough) == 0 && sum.boundaries == 0, "what was not read is not missed: %s",
		err.text);
	unlink(a);
	unlink(b);
	unlink(stopped);
	rmdir(folder);
	check_group("ae_reader_drain: lineages, stopped streams, enough");
}

/* Of rows of two columns, what no reader takes ends the output before row `bad`. */
static void check_bad_numbers(const double *a, const double *b, size_t count, size_t bad, const char *expected)
{
	struct ae_shape one = {.rank = 1, .dim = {1}};
	struct ae_schema schema = {0};
	struct ae_rows rows = {0};
	struct ae_writer *writer;
	char path[40], row[40], got[100] = "";
	int fd = memfd_create("rows", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	snprintf(row, sizeof(row), ": row %zu, column \"recon.1\": ", bad);
	const struct ae_writer_options options = {.path = path, .format = "csv"};
	CHECK(ae_schema_add(&schema, "x", AE_X, AE_F64, &one, &err) &&
			ae_schema_add(&schema, "recon", AE_RECON, AE_F64, &one, &err) &&
			ae_rows_init(&rows, 2, &err) == 0 &&
			ae_buf_append(&rows.data[0].values, a, count * sizeof(*a), &err) == 0 &&
			ae_buf_append(&rows.data[1].values, b, count * sizeof(*b), &err) == 0,
		"%s", err.text);
	rows.batch.rows = count;
	CHECK(ae_writer_open(&writer, &options, &ae_aest_output, &err) == 0 &&
			ae_writer_header(writer, &schema, &err) == 0,
		"%s", err.text);
	CHECK(ae_writer_rows(writer, &rows.batch, &err) != 0 && strstr(err.text, row), "%s", err.text);
	ae_writer_abort(writer);
	CHECK(pread(fd, got, sizeof(got) - 1, 0) > 0 && strcmp(got, expected) == 0, "%s", got);
	close(fd);
	ae_rows_free(&rows);
	ae_schema_free(&schema);
	check_group("rows before one that no reader would take are written");
}

int main(void)
{
	check_detection();
	check_arrival();
	check_names();
	check_round_trips();
	check_drain();
	check_bad_numbers((const double[]){1, 2, 3, NAN, 5}, (const double[]){1, 2, INFINITY, 4, 5}, 5, 3,
		"x.1,recon.1\n1,1\n2,2\n!\n");
	check_bad_numbers((const double[]){1, 2}, (const double[]){1, INFINITY}, 2, 2, "x.1,recon.1\n1,1\n!\n");
	return check_done();
}
