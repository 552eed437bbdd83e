/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/outfile.h"
#include "core/tempfile.h"
#include "io/aest.h"
#include "io/csv.h"
#include "io/npy.h"
#include "io/pnm.h"
#include "stream/writer.h"

/* How much encoded output may wait before it is written. */
enum { WRITE_BYTES = 1 << 18 };

struct ae_writer {
	struct ae_outfile file;
	enum ae_format format;
	bool fixed;          /* batches of fixed size */
	uint64_t batch_rows; /* exactly so many rows a batch, 0: the usual limits */
	struct ae_schema schema;
	struct ae_rows pending; /* with fixed sizes: rows of the batch that is not full yet */
	size_t pending_bytes;
	struct ae_buf out; /* encoded, not written yet */
	bool headed;       /* text and npy: the one header is out, or settled */
	int npy_data;      /* npy: temporary file for the numbers, -1 if there is none */
	uint64_t npy_rows; /* in it */
	uint64_t rows;     /* of the present stream */
};

static int pick_format(
	enum ae_format *format, const struct ae_writer_options *o, enum ae_format preset, int fd, struct ae_error *err)
{
	static const struct {
		const char *name;
		enum ae_format format;
	} formats[] = {{"aest", AE_FORMAT_AEST}, {"csv", AE_FORMAT_CSV}, {"tsv", AE_FORMAT_TSV}, {"npy", AE_FORMAT_NPY},
		{"pnm", AE_FORMAT_PNM}},
	  suffixes[] = {{".csv", AE_FORMAT_CSV}, {".tsv", AE_FORMAT_TSV}, {".aes", AE_FORMAT_AEST},
		  {".npy", AE_FORMAT_NPY}, {".pnm", AE_FORMAT_PNM}, {".pgm", AE_FORMAT_PNM}, {".ppm", AE_FORMAT_PNM}};
	if (o->csv + o->tsv + (o->format != NULL) > 1)
		return ae_fail_usage(err, "-c, -t and -O exclude each other");
	if (o->csv || o->tsv) {
		*format = o->csv ? AE_FORMAT_CSV : AE_FORMAT_TSV;
		return 0;
	}
	for (size_t i = 0; o->format && i < sizeof(formats) / sizeof(*formats); i++) {
		if (strcmp(o->format, formats[i].name) == 0) {
			*format = formats[i].format;
			return 0;
		}
	}
	if (o->format)
		return ae_fail_usage(err, "-O %s: expected one of csv, tsv, aest, npy, pnm", o->format);
	*format = isatty(fd) && preset == AE_FORMAT_AEST ? AE_FORMAT_CSV : preset;
	size_t len = o->path ? strlen(o->path) : 0;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t tail = strlen(suffixes[i].name);
		if (len > tail && strcmp(o->path + len - tail, suffixes[i].name) == 0)
			*format = suffixes[i].format;
	}
	return 0;
}

int ae_writer_open(
	struct ae_writer **out, const struct ae_writer_options *options, enum ae_format preset, struct ae_error *err)
{
	struct ae_writer *w = ae_calloc(1, sizeof(*w), err);
	if (!w)
		return -1;
	if (ae_outfile_open(&w->file, options->path, err) != 0) {
		free(w);
		return -1;
	}
	if (pick_format(&w->format, options, preset, w->file.fd, err) != 0) {
		ae_outfile_abandon(&w->file);
		free(w);
		return -1;
	}
	struct stat info;
	w->npy_data = -1;
	w->batch_rows = options->batch_rows;
	w->fixed = w->batch_rows > 0 || (fstat(w->file.fd, &info) == 0 && S_ISREG(info.st_mode));
	*out = w;
	return 0;
}

static char delimiter(const struct ae_writer *w)
{
	return w->format == AE_FORMAT_TSV ? '\t' : ',';
}

static int flush(struct ae_writer *w, struct ae_error *err)
{
	int rc = ae_write_all(w->file.fd, w->out.data, w->out.len, w->file.path, err);
	w->out.len = 0;
	return rc;
}

/* ---- npy: the header holds the number of rows, so the numbers wait for it in a file without a name ---- */

static int npy_begin(struct ae_writer *w, const struct ae_schema *schema, struct ae_error *err)
{
	if (schema->count != 1 || schema->cols[0].type == AE_TEXT)
		return ae_fail(err, "npy holds one column of numbers: ae-cat --cols chooses it");
	if (w->npy_data < 0)
		w->npy_data = ae_tempfile(err);
	return w->npy_data < 0 ? -1 : 0;
}

static int npy_rows(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	w->npy_rows += batch->rows;
	return ae_write_all(w->npy_data, batch->cols[0]->values.data,
		ae_data_bytes(&w->schema.cols[0], batch->cols[0], 0, batch->rows), "<temporary file>", err);
}

static int npy_finish(struct ae_writer *w, struct ae_error *err)
{
	char bytes[65536];
	ssize_t n;
	off_t at = 0;
	if (w->npy_data < 0 || ae_npy_write_header(&w->out, &w->schema.cols[0], w->npy_rows, err) != 0 ||
		flush(w, err) != 0)
		return -1;
	while ((n = pread(w->npy_data, bytes, sizeof(bytes), at)) > 0) {
		if (ae_write_all(w->file.fd, bytes, (size_t)n, w->file.path, err) != 0)
			return -1;
		at += n;
	}
	return n < 0 ? ae_fail_errno(err, "<temporary file>") : 0;
}

/* ---- PNM: images without anything between them, so it shows no batches either ---- */

static int pnm_rows(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	if (ae_pnm_write_rows(&w->out, &w->schema, batch, w->rows - batch->rows + 1, err) != 0)
		return -1;
	return w->out.len >= WRITE_BYTES || w->batch_rows || !w->fixed ? flush(w, err) : 0;
}

/* ---- streams ---- */

int ae_writer_header(struct ae_writer *w, const struct ae_schema *schema, struct ae_error *err)
{
	ae_schema_free(&w->schema);
	ae_rows_free(&w->pending);
	w->pending_bytes = 0;
	w->rows = 0;
	if (ae_schema_copy(&w->schema, schema, err) != 0 || ae_rows_init(&w->pending, schema->count, err) != 0)
		return -1;
	if (w->format == AE_FORMAT_NPY)
		return npy_begin(w, schema, err);
	if (w->format == AE_FORMAT_PNM)
		return ae_pnm_check(schema, err);
	if (w->format == AE_FORMAT_AEST) {
		if (ae_aest_write_header(&w->out, schema, err) != 0)
			return -1;
	} else if (!w->headed && ae_csv_write_header(&w->out, schema, delimiter(w), err) != 0) {
		return -1;
	}
	w->headed = true;
	return flush(w, err);
}

/* Encodes rows [first, first + rows) as one batch, and writes them if enough has gathered or nothing may wait. */
static int emit(struct ae_writer *w, const struct ae_batch *batch, size_t first, size_t rows, struct ae_error *err)
{
	int rc = w->format == AE_FORMAT_AEST
			 ? ae_aest_write_batch(&w->out, &w->schema, batch, first, rows, err)
			 : ae_csv_write_rows(&w->out, &w->schema, batch, first, rows, delimiter(w), err);
	if (rc != 0)
		return -1;
	return w->out.len >= WRITE_BYTES || w->batch_rows ? flush(w, err) : 0;
}

/* How many of the rows from `first` on go into the batch that holds `rows` rows and *bytes bytes; *full if it is
   complete with them. */
static size_t take(
	const struct ae_writer *w, const struct ae_batch *batch, size_t first, size_t rows, size_t *bytes, bool *full)
{
	size_t most = w->batch_rows ? w->batch_rows : AE_BATCH_ROWS, n = 0;
	*full = false;
	while (first + n < batch->rows && !*full) {
		if (!w->batch_rows)
			for (size_t i = 0; i < w->schema.count; i++)
				*bytes += ae_data_bytes(&w->schema.cols[i], batch->cols[i], first + n, 1);
		n++;
		*full = rows + n >= most || (!w->batch_rows && *bytes >= AE_BATCH_BYTES);
	}
	return n;
}

static int flush_pending(struct ae_writer *w, struct ae_error *err)
{
	if (w->pending.batch.rows > 0 && emit(w, &w->pending.batch, 0, w->pending.batch.rows, err) != 0)
		return -1;
	ae_rows_clear(&w->pending);
	w->pending_bytes = 0;
	return 0;
}

static int write_cut(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t first = 0; first < batch->rows;) {
		bool full;
		size_t waiting = w->pending.batch.rows;
		size_t n = take(w, batch, first, waiting, &w->pending_bytes, &full);
		if ((full || !w->fixed) && waiting == 0) {
			if (emit(w, batch, first, n, err) != 0)
				return -1;
			w->pending_bytes = 0;
		} else {
			if (ae_rows_append(&w->pending, &w->schema, batch, first, n, err) != 0 ||
				(full && flush_pending(w, err) != 0))
				return -1;
		}
		first += n;
	}
	return 0;
}

/* No reader would take these. */
static int check_numbers(const struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t i = 0; i < w->schema.count; i++) {
		const struct ae_column *column = &w->schema.cols[i];
		size_t n = ae_shape_size(&column->shape);
		size_t bad = ae_column_first_bad(column, batch->cols[i]->values.data, batch->rows * n);
		if (bad < batch->rows * n) {
			char name[300];
			ae_column_element_name(column, bad % n, name, sizeof(name));
			return ae_fail(err, "%s: row %llu, column \"%s\": the result is too large or not a number",
				w->file.path, (unsigned long long)(w->rows + bad / n + 1), name);
		}
	}
	return 0;
}

int ae_writer_rows(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	if (check_numbers(w, batch, err) != 0)
		return -1;
	w->rows += batch->rows;
	if (w->format == AE_FORMAT_NPY)
		return npy_rows(w, batch, err);
	if (w->format == AE_FORMAT_PNM)
		return pnm_rows(w, batch, err);
	bool whole = w->format != AE_FORMAT_AEST && !w->batch_rows; /* text shows no batches */
	if (whole ? emit(w, batch, 0, batch->rows, err) != 0 : write_cut(w, batch, err) != 0)
		return -1;
	return w->fixed ? 0 : flush(w, err);
}

int ae_writer_end(struct ae_writer *w, bool stopped, struct ae_error *err)
{
	if (flush_pending(w, err) != 0)
		return -1;
	if (w->format == AE_FORMAT_AEST && ae_aest_write_end(&w->out, w->rows, stopped, err) != 0)
		return -1;
	return flush(w, err);
}

enum ae_format ae_writer_format(const struct ae_writer *w)
{
	return w->format;
}

int ae_writer_fd(const struct ae_writer *w)
{
	return w->file.fd;
}

static void free_writer(struct ae_writer *w)
{
	ae_schema_free(&w->schema);
	ae_rows_free(&w->pending);
	ae_buf_free(&w->out);
	if (w->npy_data >= 0)
		close(w->npy_data);
	free(w);
}

int ae_writer_close(struct ae_writer *w, struct ae_error *err)
{
	int rc = w->format == AE_FORMAT_NPY ? npy_finish(w, err) : flush(w, err);
	if (rc == 0)
		rc = ae_outfile_commit(&w->file, false, err);
	else
		ae_outfile_abandon(&w->file);
	free_writer(w);
	return rc;
}

void ae_writer_abort(struct ae_writer *w)
{
	struct ae_error ignored;
	if (!w)
		return;
	bool alone = w->file.beside || isatty(w->file.fd); /* no program reads it */
	if (w->format != AE_FORMAT_AEST && w->format != AE_FORMAT_NPY && !alone)
		(void)!ae_write_all(w->file.fd, "!", 1, w->file.path, &ignored);
	ae_outfile_abandon(&w->file);
	free_writer(w);
}
