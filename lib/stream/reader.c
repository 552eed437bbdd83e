/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/outfile.h"
#include "io/aest.h"
#include "io/csv.h"
#include "io/idx.h"
#include "io/npy.h"
#include "io/pnm.h"
#include "stream/reader.h"

struct ae_reader {
	struct ae_reader_options options;
	struct ae_text_rules rules;
	char *const *files;
	size_t file_count, next_file;
	int watch_fd;
	struct ae_input input;
	const char *format; /* of the present input */
	struct ae_source source;
	struct ae_schema schema;
	struct ae_rows rows;
	struct ae_left_out left_out;
	struct ae_outfile rejects;
	bool rejects_open, input_open, stopped, terminated;
	uint64_t rows_read;
	bool failed; /* behind the rows that were delivered */
	struct ae_error failure;
};

/* ---- options ---- */

static int choose(const char *option, const char *word, const char *const *words, struct ae_error *err)
{
	if (!word)
		return 0;
	for (int i = 0; words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	char known[120] = "";
	for (int i = 0; words[i]; i++) {
		size_t used = strlen(known);
		snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", words[i]);
	}
	ae_fail_usage(err, "%s %s: expected one of %s", option, word, known);
	return -1;
}

static int check_options(struct ae_text_rules *rules, const struct ae_reader_options *o, struct ae_error *err)
{
	static const char *const formats[] = {"csv", "tsv", "aest", "npy", "idx", "pnm", NULL};
	static const char *const missing[] = {"error", "skip", "mask", NULL};
	static const char *const on_bad[] = {"error", "skip", NULL};
	int format = choose("-I", o->format, formats, err);
	int missing_how = choose("--missing", o->missing, missing, err);
	int skip_bad = choose("--on-bad", o->on_bad, on_bad, err);
	if (format < 0 || missing_how < 0 || skip_bad < 0)
		return -1;
	*rules = (struct ae_text_rules){.options = o,
		.delimiter = o->format && format == 1 ? '\t' : ',',
		.missing = (enum ae_missing)missing_how,
		.skip_bad = skip_bad == 1};
	if (o->delimiter) {
		const char *d = strcmp(o->delimiter, "\\t") == 0 ? "\t" : o->delimiter;
		if (strlen(d) != 1 || strchr("\"\n\r", *d))
			return ae_fail_usage(err, "-d \"%s\": expected one character", o->delimiter);
		rules->delimiter = *d;
	}
	if (o->no_header && o->header)
		return ae_fail_usage(err, "-H and --header exclude each other");
	if (o->rejects && !rules->skip_bad)
		return ae_fail_usage(err, "--rejects goes with --on-bad=skip");
	return o->shape ? ae_shape_parse(&rules->shape, o->shape, err) : 0;
}

/* ---- inputs ---- */

static int fail_in_file(const struct ae_reader *reader, struct ae_error *err)
{
	return err->status == AE_STATUS_USAGE || err->status == AE_STATUS_SIGPIPE
		       ? -1
		       : ae_fail_in(err, "%s: ", reader->input.name);
}

/* Whether it takes more bytes to tell what this is: nothing binary starts otherwise, and more of a short line need not
   come soon. */
static bool unsettled(const unsigned char *bytes, size_t len)
{
	if (len == 0)
		return true;
	return bytes[0] == 0x94 || bytes[0] == 0x1f || bytes[0] == 0x93 || (bytes[0] == 0 && len < 2) ||
	       (len < 4 && ae_pnm_begins(bytes, len));
}

/* Tells the format by the first bytes, NULL and err on failure. Text begins neither with a control character nor inside
   a UTF-8 sequence. */
static const char *sniff(struct ae_reader *reader, struct ae_error *err)
{
	size_t have;
	const unsigned char *bytes = ae_input_bytes(&reader->input, &have);
	while (have < 6 && !reader->input.ended && !reader->input.stopped && unsettled(bytes, have)) {
		if (ae_input_fill(&reader->input, true, err) == AE_FILL_FAIL)
			return NULL;
		bytes = ae_input_bytes(&reader->input, &have);
	}
	if (have >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) {
		ae_fail(err, "gzip data: zcat it first");
		return NULL;
	}
	if (reader->options.format)
		return reader->options.format;
	if (have >= 6 && ae_npy_begins(bytes, have))
		return "npy";
	if (ae_idx_begins(bytes, have))
		return "idx";
	if (have >= 3 && ae_pnm_begins(bytes, have))
		return "pnm";
	bool aest =
		have > 0 && ((bytes[0] >= 0x80 && bytes[0] < 0xc0) || (have >= 6 && memcmp(bytes + 2, "AEST", 4) == 0));
	return aest ? "aest" : "csv";
}

static int make_source(struct ae_reader *reader, struct ae_error *err)
{
	const char *format = reader->format = sniff(reader, err);
	if (!format)
		return -1;
	if (strcmp(format, "aest") == 0)
		return ae_aest_source(&reader->source, err);
	if (strcmp(format, "npy") == 0)
		return ae_npy_source(&reader->source, &reader->rules, err);
	if (strcmp(format, "idx") == 0)
		return ae_idx_source(&reader->source, &reader->rules, err);
	if (strcmp(format, "pnm") == 0)
		return ae_pnm_source(&reader->source, &reader->rules, err);
	return ae_csv_source(&reader->source, &reader->rules, &reader->left_out, err);
}

static void close_input(struct ae_reader *reader)
{
	if (reader->source.free)
		reader->source.free(reader->source.state);
	reader->source = (struct ae_source){0};
	if (reader->input_open)
		ae_input_close(&reader->input);
	reader->input_open = false;
}

/* Reads a header; one that follows another must have equal columns. */
static int read_header(struct ae_reader *reader, struct ae_error *err)
{
	struct ae_schema schema = {0};
	if (reader->source.header(reader->source.state, &reader->input, &schema, err) != 0) {
		ae_schema_free(&schema);
		return fail_in_file(reader, err);
	}
	if (reader->rows.data && !ae_schema_same_columns(&reader->schema, &schema)) {
		ae_schema_free(&schema);
		ae_fail(err, "columns other than those of the stream before it");
		return fail_in_file(reader, err);
	}
	ae_schema_free(&reader->schema);
	reader->schema = schema;
	return reader->rows.data ? 0 : ae_rows_init(&reader->rows, schema.count, err);
}

static int open_next(struct ae_reader *reader, struct ae_error *err)
{
	const char *path = reader->file_count ? reader->files[reader->next_file] : NULL;
	reader->next_file++;
	close_input(reader);
	if (ae_input_open(&reader->input, path, err) != 0)
		return -1;
	reader->input_open = true;
	reader->input.watch_fd = reader->watch_fd;
	if (make_source(reader, err) != 0)
		return fail_in_file(reader, err);
	return read_header(reader, err);
}

int ae_reader_open(struct ae_reader **out, char *const *files, size_t count, const struct ae_reader_options *options,
	struct ae_error *err)
{
	struct ae_reader *reader = ae_calloc(1, sizeof(*reader), err);
	if (!reader)
		return -1;
	reader->options = *options;
	reader->files = files;
	reader->file_count = count;
	reader->watch_fd = -1;
	reader->left_out.keep_rejects = options->rejects != NULL;
	int rc = check_options(&reader->rules, &reader->options, err);
	if (rc == 0 && count == 0 && isatty(STDIN_FILENO))
		rc = ae_fail_usage(err, "no file is named and standard input is a terminal; --help says more");
	if (rc == 0 && options->rejects) {
		rc = ae_outfile_open(&reader->rejects, options->rejects, err);
		reader->rejects_open = rc == 0;
	}
	if (rc == 0)
		rc = open_next(reader, err);
	if (rc != 0) {
		ae_reader_close(reader);
		return -1;
	}
	*out = reader;
	return 0;
}

static int write_rejects(struct ae_reader *reader, struct ae_error *err)
{
	struct ae_buf *lines = &reader->left_out.rejects;
	if (lines->len == 0)
		return 0;
	int rc = ae_write_all(reader->rejects.fd, lines->data, lines->len, reader->rejects.path, err);
	lines->len = 0;
	return rc;
}

enum ae_read ae_reader_next(struct ae_reader *reader, const struct ae_batch **batch, struct ae_error *err)
{
	if (reader->failed) {
		*err = reader->failure;
		return AE_READ_FAIL;
	}
	ae_rows_clear(&reader->rows);
	enum ae_read got =
		reader->source.rows(reader->source.state, &reader->input, &reader->schema, &reader->rows, err);
	reader->stopped |= reader->source.stopped;
	if (got == AE_READ_FAIL) {
		fail_in_file(reader, err);
		if (reader->rows.batch.rows == 0)
			return AE_READ_FAIL;
		reader->failed = true; /* the rows before it come first, as they would from a slow writer */
		reader->failure = *err;
		got = AE_READ_ROWS;
	}
	if (write_rejects(reader, err) != 0)
		return AE_READ_FAIL;
	if (got == AE_READ_ROWS) {
		reader->rows_read += reader->rows.batch.rows;
		*batch = &reader->rows.batch;
		return AE_READ_ROWS;
	}
	if (reader->input.stopped) {
		reader->stopped = reader->terminated = true;
		return AE_READ_END;
	}
	if (got == AE_READ_END && reader->next_file >= reader->file_count)
		return AE_READ_END;
	if ((got == AE_READ_BOUNDARY ? read_header(reader, err) : open_next(reader, err)) == 0)
		return AE_READ_BOUNDARY;
	if (err->status != AE_STATUS_SIGTERM)
		return AE_READ_FAIL;
	reader->stopped = reader->terminated = true; /* what was read before is whole */
	return AE_READ_END;
}

const struct ae_schema *ae_reader_schema(const struct ae_reader *reader)
{
	return &reader->schema;
}

bool ae_reader_stopped(const struct ae_reader *reader)
{
	return reader->stopped;
}

bool ae_reader_terminated(const struct ae_reader *reader)
{
	return reader->terminated;
}

bool ae_reader_is_text(const struct ae_reader *reader)
{
	return reader->source.text;
}

const char *ae_reader_format(const struct ae_reader *reader)
{
	return reader->format;
}

const char *ae_reader_name(const struct ae_reader *reader)
{
	return reader->input.name;
}

uint64_t ae_reader_rows(const struct ae_reader *reader)
{
	return reader->rows_read;
}

const struct ae_left_out *ae_reader_left_out(const struct ae_reader *reader)
{
	return &reader->left_out;
}

void ae_reader_poll_output(struct ae_reader *reader, int fd)
{
	reader->watch_fd = reader->input.watch_fd = fd;
}

/* ---- the whole of it ---- */

/* Refuses to go on with a part of the rows. */
static int require_whole(const struct ae_reader *reader, const char *consequence, struct ae_error *err)
{
	if (reader->terminated)
		return ae_fail_terminated(err, "stopped before the end: %s", consequence);
	if (reader->stopped)
		return ae_fail(err, "%s: the stream was stopped before its end: %s", reader->input.name, consequence);
	return 0;
}

static int commit_rejects(struct ae_reader *reader, struct ae_error *err)
{
	if (!reader->rejects_open)
		return 0;
	reader->rejects_open = false;
	if (write_rejects(reader, err) != 0) {
		ae_outfile_abandon(&reader->rejects);
		return -1;
	}
	return ae_outfile_commit(&reader->rejects, false, err);
}

static int check_boundary(const struct ae_reader *reader, const struct ae_drain *drain, const struct ae_buf *lineage,
	struct ae_error *err)
{
	if (drain->boundary && drain->boundary(drain->arg, err) != 0)
		return -1;
	if (drain->otherwise && !ae_buf_equal(lineage, &reader->schema.lineage))
		return ae_fail(err, "%s: %s than in the stream before it", reader->input.name, drain->otherwise);
	return 0;
}

static int read_all(
	struct ae_reader *reader, const struct ae_drain *drain, const struct ae_buf *lineage, struct ae_error *err)
{
	const struct ae_batch *batch = NULL;
	int rc = 0;
	while (rc == 0 && !(drain->enough && drain->enough(drain->arg))) {
		switch (ae_reader_next(reader, &batch, err)) {
		case AE_READ_ROWS:
			rc = drain->rows(drain->arg, batch, err);
			break;
		case AE_READ_BOUNDARY:
			rc = check_boundary(reader, drain, lineage, err);
			break;
		case AE_READ_END:
			return drain->consequence ? require_whole(reader, drain->consequence, err) : 0;
		default:
			return -1;
		}
	}
	return rc;
}

int ae_reader_drain(struct ae_reader *reader, const struct ae_drain *drain, struct ae_error *err)
{
	struct ae_buf lineage = {0};
	int rc = ae_buf_set(&lineage, reader->schema.lineage.data, reader->schema.lineage.len, err);
	if (rc == 0)
		rc = read_all(reader, drain, &lineage, err);
	ae_buf_free(&lineage);
	if (rc != 0 || commit_rejects(reader, err) != 0)
		return -1;
	if (drain->consequence)
		ae_input_release_signals();
	return 0;
}

void ae_reader_close(struct ae_reader *reader)
{
	if (!reader)
		return;
	close_input(reader);
	if (reader->rejects_open)
		ae_outfile_abandon(&reader->rejects);
	ae_schema_free(&reader->schema);
	ae_rows_free(&reader->rows);
	ae_buf_free(&reader->left_out.rejects);
	free(reader);
}
