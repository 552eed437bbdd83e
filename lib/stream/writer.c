/* SPDX-License-Identifier: MIT */
/* The writer: batches cut to size, encoded by the output's format, and written when nothing may wait. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/stop.h"
#include "stream/append.h"
#include "stream/writer.h"

/* How much encoded output may wait before it is written. */
enum { WRITE_BYTES = 1 << 18 };

/* Rows in encoded output. */
struct mark {
	size_t end;
	size_t rows;
};

struct ae_writer {
	struct ae_outfile file;
	struct ae_append append; /* used if `appends` */
	bool appends;
	bool multiline;
	bool broken;         /* what was written last is not whole */
	bool ended;          /* what was written looks whole */
	bool stalled;        /* it takes nothing any more; so also broken */
	struct ae_error why; /* if stalled */
	const struct ae_output_format *format;
	struct ae_encoder encoder;
	bool fixed;          /* batches of fixed size */
	uint64_t batch_rows; /* exactly so many rows a batch, 0: the usual limits */
	struct ae_schema schema;
	struct ae_rows pending; /* with fixed sizes: rows of the batch that is not full yet */
	size_t pending_bytes;
	struct ae_buf out;  /* encoded, not written yet */
	struct ae_buf lent; /* struct ae_lent, what else belongs to it; none between two calls */
	size_t lent_bytes;
	struct ae_buf marks; /* struct mark, of the rows in out; none where rows are worth nothing before the end */
	void (*note)(void *arg, const char *text); /* of the options, until it is called */
	void *note_arg;
	uint64_t rows;    /* of the present stream */
	uint64_t waiting; /* rows that were given and are not written */
	uint64_t lost;    /* rows that were not given and will not be written */
};

/* The format that the options name; *format stays NULL if they do not. */
static int format_of_options(
	const struct ae_output_format **format, const struct ae_writer_options *o, struct ae_error *err)
{
	if (o->csv + o->tsv + (o->format != NULL) > 1)
		return ae_fail_usage(err, "-c, -t and -O exclude each other");
	if (o->path && o->append)
		return ae_fail_usage(err, "-o and --append exclude each other");
	if (o->headerless && o->append)
		return ae_fail_usage(err, "--headerless and --append exclude each other: a log begins with its header");
	if (o->csv || o->tsv)
		*format = o->csv ? &ae_csv_output : &ae_tsv_output;
	else if (o->format && !(*format = ae_output_format_find(o->format)))
		return ae_fail_word(err, "output format", o->format, ae_output_format_name);
	return 0;
}

/* Suffixes of text in any format. */
static bool is_log_suffix(const char *suffix)
{
	return !suffix || strcasecmp(suffix, ".log") == 0 || strcasecmp(suffix, ".txt") == 0;
}

/* That of a log is CSV, unless options or name say TSV. */
static int format_of_log(
	const struct ae_output_format **format, const struct ae_writer_options *o, struct ae_error *err)
{
	if (!*format)
		*format = ae_output_format_of_path(o->append);
	if (!*format && !is_log_suffix(ae_path_suffix(o->append)))
		return ae_fail_usage(err,
			"--append %s: no format of text has the suffix \"%s\": .csv, .tsv, .jsonl, .log, .txt or none, "
			"or "
			"say -c or -t",
			o->append, ae_path_suffix(o->append));
	if (!*format)
		*format = &ae_csv_output;
	return (*format)->lines ? 0
				: ae_fail_usage(err, "--append %s: only text can be appended, not %s", o->append,
					  (*format)->name);
}

static int fail_suffix(const char *path, struct ae_error *err)
{
	char known[AE_WORDS_TEXT];
	return ae_fail_usage(err,
		"%s: no output format has the suffix \"%s\": %s, or a name without; "
		"-O says the format",
		path, ae_path_suffix(path), ae_words_join(known, sizeof(known), ae_output_suffix, NULL));
}

/* By the options, else by the suffix of the name; a terminal gets text instead of AEST. */
static int find_format(struct ae_writer *w, const struct ae_writer_options *o, const struct ae_output_format *preset,
	struct ae_error *err)
{
	if (format_of_options(&w->format, o, err) != 0)
		return -1;
	if (o->append)
		return format_of_log(&w->format, o, err);
	if (w->format)
		return 0;
	w->format = o->path ? ae_output_format_of_path(o->path) : NULL;
	if (!w->format && o->path && ae_path_suffix(o->path) && o->suffix_free &&
		format_of_options(&w->format, o->suffix_free, err) != 0)
		return -1;
	if (w->format)
		return 0;
	if (w->file.beside && ae_path_suffix(o->path))
		return fail_suffix(o->path, err);
	w->format = isatty(w->file.fd) && preset == &ae_aest_output ? &ae_csv_output : preset;
	return 0;
}

static struct ae_log_text log_text(const struct ae_writer *w)
{
	return (struct ae_log_text){.objects = w->format == &ae_jsonl_output,
		.tsv = w->format == &ae_tsv_output,
		.multiline = w->multiline && w->format != &ae_jsonl_output};
}

/* What a shell's >> writes behind. */
static enum ae_log_end end_of_log(const struct ae_writer *w)
{
	const struct ae_log_text text = log_text(w);
	return w->file.written || w->appends ? AE_LOG_EMPTY : ae_append_end_of(w->file.fd, &text);
}

static int open_file(struct ae_writer *w, const struct ae_writer_options *o, struct ae_error *err)
{
	w->appends = o->append != NULL;
	w->multiline = o->multiline;
	const struct ae_log_text text = log_text(w);
	return w->appends ? ae_append_open(&w->append, &w->file, o->append, &text, err)
			  : ae_outfile_open(&w->file, o->path, err);
}

static int open_encoder(struct ae_writer *w, const struct ae_writer_options *o, struct ae_error *err)
{
	if (w->format->open(&w->encoder, err) != 0)
		return -1;
	if (o->multiline && w->encoder.multiline)
		w->encoder.multiline(w->encoder.state);
	if (o->headerless && !w->encoder.headerless) {
		w->encoder.free(w->encoder.state);
		return ae_fail_usage(err, "--headerless goes with CSV and TSV (-c, -t), not with %s", w->format->name);
	}
	if (o->headerless)
		w->encoder.headerless(w->encoder.state);
	return 0;
}

int ae_writer_open(struct ae_writer **out, const struct ae_writer_options *options,
	const struct ae_output_format *preset, struct ae_error *err)
{
	struct ae_writer *w = ae_calloc(1, sizeof(*w), err);
	if (!w)
		return -1;
	w->file.fd = -1;
	if ((options->append && find_format(w, options, preset, err) != 0) || open_file(w, options, err) != 0) {
		free(w);
		return -1;
	}
	if ((!w->format && find_format(w, options, preset, err) != 0) || open_encoder(w, options, err) != 0) {
		ae_outfile_abandon(&w->file);
		free(w);
		return -1;
	}
	w->note = options->note;
	w->note_arg = options->note_arg;
	struct stat info;
	w->batch_rows = w->format->batches ? options->batch_rows : 0;
	w->fixed =
		w->format->batches && (w->batch_rows > 0 || (fstat(w->file.fd, &info) == 0 && S_ISREG(info.st_mode)));
	*out = w;
	return 0;
}

/* Nobody can read rows of a named file before it has its name, or of an array before all are there. */
static bool counts_at_end(const struct ae_writer *w)
{
	return w->file.beside || w->encoder.finish;
}

static int add_mark(struct ae_writer *w, size_t rows, struct ae_error *err)
{
	const struct mark mark = {.end = w->out.len + w->lent_bytes, .rows = rows};
	return counts_at_end(w) ? 0 : ae_buf_append(&w->marks, &mark, sizeof(mark), err);
}

/* How many of the rows of a mark are not whole in the first `taken` bytes: lines that have not ended, or all. */
static size_t count_missing(const struct ae_writer *w, const struct mark *mark, size_t taken)
{
	size_t ends = 0;
	if (taken >= mark->end || !w->format->lines)
		return taken >= mark->end ? 0 : mark->rows;
	const unsigned char *at = w->out.data + taken, *end = w->out.data + mark->end;
	while (ends < mark->rows && (at = memchr(at, '\n', (size_t)(end - at)))) {
		ends++;
		at++;
	}
	return ends;
}

static void drop_encoded(struct ae_writer *w)
{
	w->out.len = w->lent.len = w->lent_bytes = 0;
}

/* The output took the first `taken` bytes. */
static void count_taken(struct ae_writer *w, size_t taken)
{
	const struct mark *marks = (const void *)w->marks.data;
	for (size_t i = 0; i < w->marks.len / sizeof(*marks); i++)
		w->waiting -= marks[i].rows - count_missing(w, &marks[i], taken);
	w->marks.len = 0;
	drop_encoded(w);
}

/* Whether the output's end is to be borne until rows have been counted: after SIGTERM it takes nothing, or its reader
   has gone. */
static bool stalls(struct ae_writer *w, struct ae_error *err)
{
	bool gone = err->status == AE_STATUS_SIGPIPE && ae_stop_asked();
	if (!gone && err->status != AE_STATUS_SIGTERM)
		return false;
	w->stalled = true;
	w->why = *err;
	return true;
}

/* The error of a stalled output. A reader that has gone and missed nothing is no news. */
static int fail_stalled(const struct ae_writer *w, struct ae_error *err)
{
	uint64_t lost = ae_writer_unwritten(w);
	*err = w->why;
	return lost == 0 && err->status == AE_STATUS_SIGPIPE ? -1 : ae_fail_lost(err, lost);
}

/* Encoded bytes and what is lent between them. */
static int write_with_lent(struct ae_writer *w, struct ae_error *err)
{
	const struct ae_lent *lent = (const void *)w->lent.data;
	size_t count = w->lent.len / sizeof(*lent), at = 0;
	struct iovec *parts = ae_calloc(2 * count + 1, sizeof(*parts), err);
	if (!parts)
		return -1;
	for (size_t i = 0; i < count; i++) {
		parts[2 * i] = (struct iovec){.iov_base = w->out.data + at, .iov_len = lent[i].at - at};
		parts[2 * i + 1] = (struct iovec){.iov_base = (void *)(uintptr_t)lent[i].bytes, .iov_len = lent[i].len};
		at = lent[i].at;
	}
	parts[2 * count] = (struct iovec){.iov_base = w->out.data + at, .iov_len = w->out.len - at};
	int rc = ae_outfile_write_parts(&w->file, parts, 2 * count + 1, err);
	free(parts);
	return rc;
}

static int flush(struct ae_writer *w, struct ae_error *err)
{
	uint64_t before = w->file.written;
	if (w->stalled) {
		w->marks.len = 0;
		drop_encoded(w);
	}
	if (w->out.len == 0)
		return 0;
	int rc = w->appends        ? ae_append_lines(&w->append, w->out.data, w->out.len, err)
		 : w->lent.len > 0 ? write_with_lent(w, err)
				   : ae_outfile_write(&w->file, w->out.data, w->out.len, err);
	count_taken(w, rc == 0 ? w->out.len + w->lent_bytes : (size_t)(w->file.written - before));
	w->broken |= rc != 0;
	return rc != 0 && stalls(w, err) ? 0 : rc;
}

/* Says once that a text was not written as it is. */
static void tell_replaced(struct ae_writer *w)
{
	const char *text = w->note && w->encoder.replaced ? w->encoder.replaced(w->encoder.state) : "";
	if (*text) {
		w->note(w->note_arg, text);
		w->note = NULL;
	}
}

/* ---- streams ---- */

int ae_writer_header(struct ae_writer *w, const struct ae_schema *schema, struct ae_error *err)
{
	if (w->stalled)
		return 0;
	ae_schema_free(&w->schema);
	ae_rows_free(&w->pending);
	w->pending_bytes = 0;
	w->rows = 0;
	if (ae_schema_copy(&w->schema, schema, err) != 0 || ae_rows_init(&w->pending, schema->count, err) != 0)
		return -1;
	const char *before = w->format->lines ? ae_log_before_header(end_of_log(w)) : "";
	if (ae_buf_append(&w->out, before, strlen(before), err) != 0)
		return -1;
	size_t start = w->out.len;
	if (w->encoder.begin(w->encoder.state, &w->schema, &w->out, err) != 0) {
		w->out.len = 0;
		return -1;
	}
	tell_replaced(w);
	/* A log needs its header now, even one that would wait for a row. */
	const struct ae_batch none = {0};
	int (*sample)(void *, struct ae_buf *, struct ae_error *) = w->encoder.sample;
	if (w->appends && (sample ? sample(w->encoder.state, &w->out, err)
				  : w->encoder.rows(w->encoder.state, &none, 0, 0, &w->out, err)) != 0)
		return -1;
	if (!w->appends || (w->out.len == start && w->append.begun)) {
		w->ended &= w->out.len == 0;
		return flush(w, err);
	}
	int rc = ae_append_begin(&w->append, w->out.data, w->out.len, err);
	w->out.len = 0;
	return rc;
}

/* Nothing is lent before. */
static int encode(struct ae_writer *w, const struct ae_batch *batch, size_t first, size_t rows, struct ae_error *err)
{
	if (!w->encoder.lend)
		return w->encoder.rows(w->encoder.state, batch, first, rows, &w->out, err);
	if (w->encoder.lend(w->encoder.state, batch, first, rows, &w->out, &w->lent, err) != 0)
		return -1;
	const struct ae_lent *lent = (const void *)w->lent.data;
	for (size_t i = 0; i < w->lent.len / sizeof(*lent); i++)
		w->lent_bytes += lent[i].len;
	return 0;
}

/* Encodes rows [first, first + rows), as one batch if the format has batches or nobody counts them, and writes them if
   enough has gathered or nothing may wait. */
static int emit(struct ae_writer *w, const struct ae_batch *batch, size_t first, size_t rows, struct ae_error *err)
{
	bool countable =
		counts_at_end(w) || w->format->batches || (w->format->lines && !w->multiline); /* if it is cut */
	size_t step = countable ? rows : 1;
	for (size_t end = first + rows; first < end; first += step) {
		size_t whole = w->out.len;
		if (encode(w, batch, first, step, err) != 0 || add_mark(w, step, err) != 0) {
			if (!w->format->lines)
				w->out.len = whole;
			w->lent.len = w->lent_bytes = 0;
			return -1;
		}
	}
	return w->out.len >= WRITE_BYTES || w->batch_rows || w->lent.len > 0 ? flush(w, err) : 0;
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

/* The rows before the first number that no reader would take; all of them, or *err says which it is. */
static size_t check_numbers(const struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	size_t good = batch->rows;
	for (size_t i = 0; i < w->schema.count; i++) {
		const struct ae_column *column = &w->schema.cols[i];
		size_t n = ae_shape_size(&column->shape);
		size_t bad = ae_data_first_bad(column, batch->cols[i], good * n);
		if (bad < good * n) {
			char name[300];
			ae_column_element_name(column, bad % n, name, sizeof(name));
			good = bad / n;
			(void)ae_fail(err, "%s: row %llu, column \"%s\": the result is too large or not a number",
				w->file.path, (unsigned long long)(w->rows + good + 1), name);
		}
	}
	return good;
}

static int write_rows(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	w->rows += batch->rows;
	w->waiting += batch->rows;
	if (w->stalled)
		return 0;
	if (w->format->batches ? write_cut(w, batch, err) != 0 : emit(w, batch, 0, batch->rows, err) != 0)
		return -1;
	tell_replaced(w);
	return w->fixed ? 0 : flush(w, err);
}

int ae_writer_rows(struct ae_writer *w, const struct ae_batch *batch, struct ae_error *err)
{
	size_t good = check_numbers(w, batch, err);
	if (good == batch->rows)
		return write_rows(w, batch, err);
	struct ae_error other;
	struct ae_batch part = *batch;
	part.rows = good;
	if (good > 0 && write_rows(w, &part, &other) != 0)
		*err = other;
	return -1;
}

bool ae_writer_is_stalled(const struct ae_writer *w)
{
	return w->stalled;
}

void ae_writer_lose(struct ae_writer *w, uint64_t rows)
{
	w->lost += rows;
}

uint64_t ae_writer_lost(const struct ae_writer *w)
{
	return w->lost;
}

uint64_t ae_writer_unwritten(const struct ae_writer *w)
{
	return w->waiting + w->lost;
}

int ae_writer_end(struct ae_writer *w, bool stopped, struct ae_error *err)
{
	if (flush_pending(w, err) != 0)
		return -1;
	if (w->stalled)
		return 0;
	if (w->encoder.end && w->encoder.end(w->encoder.state, stopped, &w->out, err) != 0)
		return -1;
	if (flush(w, err) != 0)
		return -1;
	w->ended = !w->stalled && !w->encoder.finish;
	return 0;
}

bool ae_writer_is_settled(const struct ae_writer *w)
{
	return !counts_at_end(w) && !w->stalled && !w->broken && ae_writer_unwritten(w) == 0;
}

const struct ae_output_format *ae_writer_format(const struct ae_writer *w)
{
	return w->format;
}

bool ae_writer_takes_sums(const struct ae_writer *w)
{
	return w->encoder.lend && !w->fixed;
}

int ae_writer_fd(const struct ae_writer *w)
{
	return w->file.fd;
}

int ae_writer_idle(struct ae_writer *w, struct ae_error *err)
{
	enum { SECOND = 1000 };
	if (!w->appends)
		return 0;
	return ae_append_idle(&w->append, err) == 0 ? SECOND : -1;
}

static void free_writer(struct ae_writer *w)
{
	ae_schema_free(&w->schema);
	ae_rows_free(&w->pending);
	ae_buf_free(&w->out);
	ae_buf_free(&w->lent);
	ae_buf_free(&w->marks);
	ae_append_free(&w->append);
	w->encoder.free(w->encoder.state);
	free(w);
}

int ae_writer_finish(struct ae_writer *w, struct ae_error *err)
{
	int more = flush(w, err) == 0;
	if (!more)
		return -1;
	while (more && w->encoder.finish) {
		more = w->encoder.finish(w->encoder.state, &w->out, err);
		if (more < 0 || flush(w, err) != 0)
			return -1;
	}
	if (w->stalled)
		return fail_stalled(w, err);
	w->ended = true;
	return 0;
}

struct ae_outfile *ae_writer_file(struct ae_writer *w)
{
	return &w->file;
}

int ae_writer_close(struct ae_writer *w, struct ae_outfile *also, struct ae_error *err)
{
	struct ae_outfile *const files[] = {&w->file, also};
	int rc = ae_writer_finish(w, err);
	if (rc == 0)
		rc = ae_outfile_commit_all(files, also ? 2 : 1, err);
	if (rc == 0)
		free_writer(w);
	else
		ae_writer_abort(w);
	return rc;
}

/* Whether a few bytes go out at once. */
static bool has_room(const struct ae_writer *w)
{
	struct pollfd output = {.fd = w->file.fd, .events = POLLOUT};
	return poll(&output, 1, 0) == 1 && output.revents == POLLOUT;
}

/* What goes to a program, or into a file in place, ends in a way that tells that it failed. */
static void mark_failure(struct ae_writer *w)
{
	struct ae_error ignored;
	if (!w->format->lines) {
		(void)!ae_outfile_write(&w->file, "!", 1, &ignored);
		return;
	}
	ae_outfile_end_line(&w->file);
	enum ae_log_end end = end_of_log(w);
	const char *mark = end == AE_LOG_CUT ? "!\n!\n" : end == AE_LOG_MARKED_OPEN ? "\n!\n" : "!\n";
	(void)!ae_outfile_write(&w->file, mark, strlen(mark), &ignored);
}

void ae_writer_abort(struct ae_writer *w)
{
	struct ae_error ignored;
	if (!w)
		return;
	bool seen = ae_outfile_is_read(&w->file);
	if (!w->broken && seen && flush_pending(w, &ignored) == 0)
		(void)!flush(w, &ignored);
	if (w->appends)
		ae_append_fail(&w->append);
	else if ((!w->format->shows_cut || w->ended) && seen && (!w->stalled || has_room(w)))
		mark_failure(w);
	ae_outfile_abandon(&w->file);
	free_writer(w);
}

int ae_writer_done(struct ae_writer *w, int rc, struct ae_outfile *also, struct ae_error *err)
{
	/* A named file that does not get its name has no row. */
	uint64_t lost = rc != 0 && w->file.beside && ae_stop_asked() ? ae_writer_unwritten(w) : w->lost;
	if (w->stalled) {
		(void)fail_stalled(w, err);
		ae_writer_abort(w);
		return -1;
	}
	if (rc != 0)
		ae_writer_abort(w);
	else if (ae_writer_close(w, also, err) != 0)
		return -1;
	if (lost == 0)
		return rc;
	if (rc == 0)
		(void)ae_fail_terminated(err, "stopped before the end");
	return ae_fail_lost(err, lost);
}
