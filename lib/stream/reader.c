/* SPDX-License-Identifier: MIT */
/* The reader: operands one after the other, through the source of each one's format. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/outfile.h"
#include "core/stop.h"
#include "io/csv.h"
#include "io/format.h"
#include "io/other_kind.h"
#include "io/signals.h"
#include "stream/append.h"
#include "stream/column_order.h"
#include "stream/reader.h"

/* How long after SIGTERM the rows may be worked on that were read before, in milliseconds; and how long before the end
   of reading that ends. A part of a batch that begins in time should end in time: within a fifth of a second of
   SIGTERM, or with the reading. */
enum { QUICK_MS = 80, BEFORE_MS = 100 };

/* What the program has been told of rows that were left out. */
struct report {
	uint64_t seen[AE_LEFT_OUT_KINDS], told[AE_LEFT_OUT_KINDS];
	char last[AE_LEFT_OUT_KINDS][2 * AE_LEFT_OUT_TEXT]; /* "FILE: line 3: ..." */
	int64_t at;                                         /* of the last time, in milliseconds */
};

struct ae_reader {
	struct ae_reader_options options;
	char **features; /* the names in options.features */
	struct ae_text_rules rules;
	char *const *files;
	size_t file_count, next_file;
	int output_fd;
	struct ae_input input;
	struct ae_thread_pool *pool;
	const struct ae_input_format *given, *format; /* by -I, or NULL; of the present input */
	struct ae_source source;
	struct ae_schema schema;      /* as it is delivered */
	struct ae_schema read;        /* as it came, where that is another order */
	struct ae_column_order order; /* of what is delivered */
	struct ae_rows rows;
	struct ae_left_out left_out;
	struct ae_outfile rejects;
	struct ae_append appended; /* to them */
	bool rejects_open, input_open, stopped, terminated;
	bool any_text; /* among the inputs so far */
	bool within;   /* a stream whose header was read and whose end was not */
	bool goes_on;
	const char *otherwise; /* why not, although it is continued */
	/* How old SIGTERM was when the present input's format was known, and when the present batch was given. */
	int64_t known_at, given_at;
	uint64_t rows_read;
	bool failed; /* the error comes after the rows that were delivered */
	struct ae_error failure;
	int (*idle)(void *arg, struct ae_error *err); /* of the program */
	void *idle_arg;
	bool idle_failed; /* failure has its error, which is none of the input's */
	struct report report;
	struct ae_reading reading;
};

/* ---- options ---- */

const char *ae_missing_word(size_t i)
{
	static const char *const words[AE_MISSING_WAYS] = {"error", "skip", "mask"};
	return i < AE_MISSING_WAYS ? words[i] : NULL;
}

const char *ae_on_bad_word(size_t i)
{
	static const char *const words[] = {"error", "skip"};
	return i < sizeof(words) / sizeof(*words) ? words[i] : NULL;
}

/* The place of an option's word in its table; 0 if the option was not given, -1 and *err if it is not there. */
static int choose(const char *what, const char *word, ae_words *words, struct ae_error *err)
{
	int i = word ? ae_word_find(word, words) : 0;
	return i < 0 ? ae_fail_word(err, what, word, words) : i;
}

static int check_text_options(struct ae_text_rules *rules, const struct ae_reader_options *o, struct ae_error *err)
{
	if (o->delimiter) {
		const char *d = strcmp(o->delimiter, "\\t") == 0 ? "\t" : o->delimiter;
		if (strlen(d) != 1 || strchr("\"\n\r", *d))
			return ae_fail_usage(err, "-d \"%s\": expected one character", o->delimiter);
		rules->delimiter = *d;
	}
	if (o->no_header + o->numeric_header + (o->header != NULL) > 1)
		return ae_fail_usage(err, "--no-header, --header and --numeric-header exclude each other");
	if (o->units && (o->no_header || o->header))
		return ae_fail_usage(err, "--units goes with a header row");
	if (o->comment && (!*o->comment || strpbrk(o->comment, "\n\r")))
		return ae_fail_usage(err, "--comment \"%s\": expected what such lines begin with", o->comment);
	if (o->na && ae_csv_split(&rules->na, &rules->na_count, o->na, err) != 0)
		return ae_fail_in(err, "--na %s: ", o->na);
	return 0;
}

static int check_options(struct ae_reader *reader, const struct ae_reader_options *o, struct ae_error *err)
{
	struct ae_text_rules *rules = &reader->rules;
	int format = choose("input format", o->format, ae_input_format_name, err);
	int missing = format < 0 ? -1 : choose("word of --missing", o->missing, ae_missing_word, err);
	int on_bad = missing < 0 ? -1 : choose("word of --on-bad", o->on_bad, ae_on_bad_word, err);
	if (on_bad < 0)
		return -1;
	reader->given = o->format ? ae_input_format_find(o->format) : NULL;
	*rules = (struct ae_text_rules){.options = o,
		.delimiter = reader->given ? reader->given->delimiter : ae_csv_input.delimiter,
		.missing = (enum ae_missing)missing,
		.skip_bad = on_bad == 1};
	if (check_text_options(rules, o, err) != 0)
		return -1;
	if (o->rejects && !rules->skip_bad && rules->missing != AE_MISSING_SKIP)
		return ae_fail_usage(err, "--rejects goes with --on-bad=skip or --missing=skip");
	if (o->rejects && strcmp(o->rejects, "-") == 0)
		return ae_fail_usage(err, "--rejects needs the name of a file");
	return o->shape ? ae_shape_parse(&rules->shape, o->shape, err) : 0;
}

/* ---- inputs ---- */

static int fail_in_file(const struct ae_reader *reader, struct ae_error *err)
{
	if (reader->idle_failed) {
		*err = reader->failure;
		return -1;
	}
	return err->status == AE_STATUS_USAGE || err->status == AE_STATUS_SIGPIPE
		       ? -1
		       : ae_fail_in(err, "%s: ", reader->input.name);
}

/* The input's format, by -I or its first bytes; NULL and *err on failure. */
static const struct ae_input_format *find_format(struct ae_reader *reader, struct ae_error *err)
{
	struct ae_input *input = &reader->input;
	const struct ae_input_format *given = reader->given;
	bool any_bytes = given && !given->begins && !given->delimiter;
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		bool ended = input->ended || input->stopped;
		const struct ae_input_format *format = given ? given : ae_input_format_detect(bytes, have, ended);
		enum ae_begins other = any_bytes ? AE_BEGINS_NO : ae_other_kind_begins(bytes, have, given != NULL, err);
		if (other == AE_BEGINS_YES)
			return NULL;
		if (ended || (format && other == AE_BEGINS_NO))
			return format;
		if (ae_input_fill(input, true, err) == AE_FILL_FAIL)
			return NULL;
	}
}

/* The first of the options that are given and say something of text alone; NULL: there is none. An array takes a shape
   and has missing values, too. */
static const char *find_unused(const struct ae_reader_options *o, enum ae_missing missing, bool array)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {{"x", o->x}, {"label", o->label}, {"id", o->id}, {"time", o->time}, {"pass", o->pass},
		{"target", o->target}, {"shape", o->shape && !array && !o->shape_of_all}, {"f32", o->f32},
		{"header", o->header}, {"no-header", o->no_header}, {"numeric-header", o->numeric_header},
		{"na", o->na}, {"missing skip", missing == AE_MISSING_SKIP && !array}};
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}

/* What would be ignored without a word is an error, once no input is left that may be text. */
static int check_used(const struct ae_reader *reader, struct ae_error *err)
{
	bool array = reader->source.text, last = reader->next_file >= reader->file_count;
	if (reader->any_text || !last || reader->options.more_inputs)
		return 0;
	const char *unused = find_unused(&reader->options, reader->rules.missing, array);
	if (!unused)
		return 0;
	return array ? ae_fail(err, "--%s is for text: this is %s, which has x alone", unused, reader->format->name)
		     : ae_fail(err, "--%s is for text: this is AEST, which says its columns itself", unused);
}

static int make_source(struct ae_reader *reader, struct ae_error *err)
{
	reader->format = find_format(reader, err);
	if (!reader->format || reader->format->open(&reader->source, &reader->rules, &reader->left_out, err) != 0)
		return -1;
	if (!reader->options.follows)
		reader->input.drains &= reader->format == &ae_aest_input;
	reader->known_at = ae_stop_age();
	reader->any_text |= reader->format->records;
	return check_used(reader, err);
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

static int order_lineage(const struct ae_reader *reader, struct ae_schema *schema, struct ae_error *err)
{
	size_t x = ae_schema_find(schema, AE_X);
	bool ordered = reader->order.count && x != AE_NO_COLUMN && reader->order.features[x].count;
	if (!ordered || !schema->lineage.len || !reader->options.reorder_lineage)
		return 0;
	return reader->options.reorder_lineage(&schema->lineage, &reader->order.features[x], err);
}

/* Finds the order of a header just read, by the stream before it if there is one, and puts it right. */
static int order_header(struct ae_reader *reader, struct ae_schema *read, struct ae_error *err)
{
	const struct ae_reader_options *o = &reader->options;
	struct ae_schema schema = {0};
	ae_column_order_free(&reader->order);
	ae_schema_free(&reader->read);
	for (size_t i = 0; i < reader->rows.count; i++)
		reader->rows.batch.cols[i] = &reader->rows.data[i];
	int rc = reader->rows.data ? ae_column_order_match(&reader->order, read, &reader->schema, err)
				   : ae_column_order_of_features(&reader->order, read, &o->features, o->pair, err);
	if (rc != 0 || reader->order.count == 0) {
		schema = *read;
		*read = (struct ae_schema){0};
	} else {
		rc = ae_column_order_schema(&reader->order, &schema, read, err);
		reader->read = *read;
		*read = (struct ae_schema){0};
	}
	if (rc == 0)
		rc = order_lineage(reader, &schema, err);
	if (rc != 0) {
		ae_schema_free(&schema);
		return -1;
	}
	ae_schema_free(&reader->schema);
	reader->schema = schema;
	return 0;
}

/* Reads a header; one that follows another must have the same columns, in any order. */
static int read_header(struct ae_reader *reader, struct ae_error *err)
{
	struct ae_schema read = {0};
	size_t x = ae_schema_find(&reader->schema, AE_X);
	struct ae_feature_names names = reader->options.features;
	if (x != AE_NO_COLUMN)
		names = (struct ae_feature_names){
			.names = reader->schema.cols[x].features, .count = reader->schema.cols[x].feature_count};
	int rc = reader->source.header(reader->source.state, &reader->input, &read, err);
	if (reader->input.regular) /* no chain comes out of a file */
		ae_buf_free(&read.model_of);
	if (rc != 0 || ae_column_name_places(&read, &names, err) != 0 || order_header(reader, &read, err) != 0) {
		ae_schema_free(&read);
		return fail_in_file(reader, err);
	}
	reader->within = true;
	return reader->rows.data ? 0 : ae_rows_init(&reader->rows, reader->schema.count, err);
}

static int write_rejects(struct ae_reader *reader, struct ae_error *err)
{
	struct ae_buf *lines = &reader->left_out.rejects, *rejected = reader->options.rejected;
	if (reader->left_out.keep_rows) {
		ae_left_out_sift(&reader->left_out, (const void *)rejected->data, rejected->len / sizeof(size_t));
		rejected->len = 0;
	}
	if (lines->len == 0)
		return 0;
	reader->appended.lines = reader->format != &ae_msgpack_input;
	bool cut = reader->appended.lines && lines->data[lines->len - 1] != '\n';
	if (cut && ae_buf_append(lines, "\n", 1, err) != 0) /* the last line of a text without one */
		return -1;
	int rc = ae_append_lines(&reader->appended, lines->data, lines->len, err);
	lines->len = 0;
	return rc;
}

/* For a source that waits for its header. */
static int write_gathered(void *arg, struct ae_error *err)
{
	return write_rejects(arg, err);
}

static int open_rejects(struct ae_reader *reader, struct ae_error *err)
{
	static const struct ae_log_text records = {.raw = true};
	if (ae_append_open_any(&reader->appended, &reader->rejects, reader->options.rejects, &records, err) != 0)
		return -1;
	reader->rejects_open = true;
	ae_signals_tell_broken(&reader->rejects);
	reader->left_out.write = write_gathered;
	reader->left_out.write_arg = reader;
	return ae_append_begin(&reader->appended, NULL, 0, err);
}

/* ---- reports ---- */

/* Keeps the text of what is new, which needs the name of the present file. Whether there is anything to tell. */
static bool has_news(struct ae_reader *reader)
{
	struct report *r = &reader->report;
	bool news = false;
	for (int k = 0; k < AE_LEFT_OUT_KINDS; k++) {
		uint64_t count = reader->left_out.of[k].count;
		if (count != r->seen[k])
			snprintf(r->last[k], sizeof(r->last[k]), "%s: %s", reader->input.name,
				ae_left_out_last(&reader->left_out, k));
		r->seen[k] = count;
		news |= count != r->told[k];
	}
	return news;
}

static void tell(struct ae_reader *reader, enum ae_left_out_kind kind)
{
	struct report *r = &reader->report;
	struct ae_left_out_news news = {.kind = kind,
		.first = r->told[kind] == 0,
		.count = r->seen[kind] - r->told[kind],
		.text = r->last[kind]};
	char first[2 * AE_LEFT_OUT_TEXT];
	if (news.first) {
		snprintf(first, sizeof(first), "%s: %s", reader->input.name, reader->left_out.of[kind].first);
		news.text = first;
		news.count = 1;
	}
	r->told[kind] += news.count;
	reader->options.report(reader->options.report_arg, &news);
}

/* The first of a kind at once, the others once a second. The milliseconds until there is more to tell, or 0. */
static int report(struct ae_reader *reader)
{
	enum { SECOND = 1000 };
	struct report *r = &reader->report;
	if (!reader->options.report || !has_news(reader))
		return 0;
	int64_t now = ae_clock_ms(), due = r->at + SECOND;
	bool late = now >= due, told = false, waits = false;
	for (int k = 0; k < AE_LEFT_OUT_KINDS; k++) {
		if (r->seen[k] != r->told[k] && (late || r->told[k] == 0)) {
			tell(reader, k);
			told = true;
		}
		waits |= r->seen[k] != r->told[k];
	}
	if (told)
		r->at = now;
	return !waits ? 0 : told ? SECOND : (int)(due - now);
}

/* Nothing comes for a while: what has gathered goes out. */
static int on_idle(void *arg, struct ae_error *err)
{
	struct ae_reader *reader = arg;
	enum { SECOND = 1000 };
	int rc = write_rejects(reader, err), again = 0;
	int ms = report(reader);
	if (rc == 0 && reader->rejects_open) {
		rc = ae_append_idle(&reader->appended, err);
		ms = ae_sooner(ms, reader->appended.plain ? 0 : SECOND);
	}
	if (rc == 0 && reader->idle)
		rc = again = reader->idle(reader->idle_arg, err);
	if (rc < 0) {
		reader->idle_failed = true;
		reader->failure = *err;
		return -1;
	}
	return ae_sooner(ms, again);
}

/* ---- opening ---- */

static int open_next(struct ae_reader *reader, struct ae_error *err)
{
	const char *path = reader->file_count ? reader->files[reader->next_file] : NULL;
	reader->next_file++;
	if (reader->input_open)
		ae_reading_end_input(&reader->reading, &reader->input);
	close_input(reader);
	if (ae_input_open(&reader->input, path, err) != 0)
		return -1;
	reader->input_open = true;
	reader->input.drains |= reader->options.follows;
	reader->input.output_fd = reader->output_fd;
	reader->input.pool = reader->pool;
	reader->input.idle = on_idle;
	reader->input.idle_arg = reader;
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
	reader->output_fd = -1;
	if (options->show)
		ae_reading_begin(&reader->reading, files, count);
	reader->left_out.keep_rejects = options->rejects != NULL;
	reader->left_out.keep_rows = options->rejects && options->rejected;
	int rc = ae_names_copy(&reader->features, options->features.names, options->features.count, err);
	reader->options.features.names = reader->features; /* a copy: the model may be read anew meanwhile */
	if (rc == 0)
		rc = check_options(reader, &reader->options, err);
	if (rc == 0 && count == 0 && isatty(STDIN_FILENO))
		rc = ae_fail_usage(err, "no file is named and standard input is a terminal; --help says more");
	if (rc == 0 && options->rejects)
		rc = open_rejects(reader, err);
	if (rc == 0)
		rc = open_next(reader, err);
	if (rc != 0) {
		ae_reader_close(reader);
		return -1;
	}
	*out = reader;
	return 0;
}

/* Asks the source for rows, and tells what it leaves out, until there is something to deliver. */
static enum ae_read next_rows(struct ae_reader *reader, const struct ae_schema *read, struct ae_error *err)
{
	for (;;) {
		enum ae_read got = reader->source.rows(reader->source.state, &reader->input, read, &reader->rows, err);
		reader->stopped |= reader->source.stopped;
		report(reader);
		if (got != AE_READ_ROWS || reader->rows.batch.rows > 0)
			return got;
		if (write_rejects(reader, err) != 0)
			return AE_READ_FAIL;
	}
}

enum ae_read ae_reader_next(struct ae_reader *reader, const struct ae_batch **batch, struct ae_error *err)
{
	if (write_rejects(reader, err) != 0) /* of the batch before */
		return AE_READ_FAIL;
	if (reader->failed) {
		*err = reader->failure;
		return AE_READ_FAIL;
	}
	ae_rows_clear(&reader->rows);
	if (reader->options.show)
		ae_reading_tell(&reader->reading, &reader->input, reader->rows_read, reader->options.show,
			reader->options.show_arg);
	if (reader->input.regular && ae_input_must_stop(&reader->input)) {
		reader->stopped = reader->terminated = true; /* what is not delivered stays in the file */
		return AE_READ_END;
	}
	bool ordered = reader->order.count > 0;
	const struct ae_schema *read = ordered ? &reader->read : &reader->schema;
	enum ae_read got = next_rows(reader, read, err);
	if (ordered)
		ae_column_order_rows(&reader->order, read, &reader->rows);
	if (got == AE_READ_FAIL) {
		struct ae_error ignored;
		if (!reader->left_out.keep_rows || reader->rows.batch.rows == 0)
			(void)!write_rejects(reader, &ignored);
		fail_in_file(reader, err);
		if (reader->rows.batch.rows == 0)
			return AE_READ_FAIL;
		reader->failed = true; /* the rows before it come first, as they would from a slow writer */
		reader->failure = *err;
		got = AE_READ_ROWS;
	}
	if (!(got == AE_READ_ROWS && reader->left_out.keep_rows) && write_rejects(reader, err) != 0)
		return AE_READ_FAIL;
	if (got == AE_READ_ROWS) {
		reader->rows_read += reader->rows.batch.rows;
		*batch = &reader->rows.batch;
		return AE_READ_ROWS;
	}
	reader->within = false;
	if (reader->input.stopped) {
		reader->stopped = reader->terminated = true;
		return AE_READ_END;
	}
	if (got == AE_READ_END && reader->next_file >= reader->file_count) {
		reader->terminated |= ae_stop_asked();
		return AE_READ_END;
	}
	if ((got == AE_READ_BOUNDARY ? read_header(reader, err) : open_next(reader, err)) == 0)
		return AE_READ_BOUNDARY;
	if (err->status != AE_STATUS_SIGTERM)
		return AE_READ_FAIL;
	reader->stopped = reader->terminated = true; /* what was read before is whole */
	return AE_READ_END;
}

bool ae_reader_is_late(const struct ae_reader *reader)
{
	int64_t age = ae_stop_age(),
		most = reader->input.drains ? AE_INPUT_DRAIN_MS - BEFORE_MS : reader->known_at + QUICK_MS;
	/* Who writes into the pipe gives up where nothing is read for 0.2 s. */
	return ae_stop_asked() && (age >= most || age - reader->given_at >= QUICK_MS);
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

const struct ae_input_format *ae_reader_format(const struct ae_reader *reader)
{
	return reader->format;
}

const char *ae_reader_name(const struct ae_reader *reader)
{
	return reader->input.name;
}

bool ae_reader_is_stored(const struct ae_reader *reader)
{
	return reader->input.regular;
}

int ae_reader_put_model(struct ae_reader *reader, bool continued, const struct ae_buf *model, const struct ae_buf *of,
	struct ae_error *err)
{
	reader->schema.continued = continued;
	return ae_buf_set(&reader->schema.model, model->data, model->len, err) == 0
		       ? ae_buf_set(&reader->schema.model_of, of->data, of->len, err)
		       : -1;
}

bool ae_reader_is_within(const struct ae_reader *reader)
{
	return reader->within;
}

void ae_reader_go_on(struct ae_reader *reader, bool goes_on, const char *otherwise)
{
	reader->goes_on = goes_on;
	reader->otherwise = otherwise;
}

const char *ae_reader_otherwise(const struct ae_reader *reader)
{
	return reader->otherwise ? reader->otherwise : "columns are others";
}

bool ae_reader_goes_on(const struct ae_reader *reader)
{
	return reader->goes_on;
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
	reader->output_fd = reader->input.output_fd = fd;
}

void ae_reader_on_idle(struct ae_reader *reader, int (*idle)(void *arg, struct ae_error *err), void *arg)
{
	reader->idle = idle;
	reader->idle_arg = arg;
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

int ae_reader_check_lineage(
	const struct ae_reader *reader, const struct ae_buf *before, const char *otherwise, struct ae_error *err)
{
	return ae_buf_equal(before, &reader->schema.lineage)
		       ? 0
		       : ae_fail(err, "%s: %s than in the stream before it", reader->input.name, otherwise);
}

static int check_boundary(const struct ae_reader *reader, const struct ae_drain *drain, const struct ae_buf *lineage,
	struct ae_error *err)
{
	if (drain->boundary && drain->boundary(drain->arg, err) != 0)
		return -1;
	return drain->otherwise ? ae_reader_check_lineage(reader, lineage, drain->otherwise, err) : 0;
}

static int read_all(
	struct ae_reader *reader, const struct ae_drain *drain, const struct ae_buf *lineage, struct ae_error *err)
{
	const struct ae_batch *batch = NULL;
	int rc = 0;
	while (rc == 0 && !(drain->enough && drain->enough(drain->arg))) {
		switch (ae_reader_next(reader, &batch, err)) {
		case AE_READ_ROWS:
			reader->given_at = ae_stop_age();
			rc = drain->rows(drain->arg, batch, err);
			break;
		case AE_READ_BOUNDARY:
			rc = check_boundary(reader, drain, lineage, err);
			break;
		case AE_READ_END:
			return 0;
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
	if (!drain->consequence)
		return 0;
	if (require_whole(reader, drain->consequence, err) != 0)
		return -1;
	if (!drain->more_passes)
		ae_signals_release();
	return 0;
}

void ae_reader_tell_pass(struct ae_reader *reader, uint64_t rows, uint64_t total)
{
	if (reader->options.show)
		ae_reading_tell_pass(&reader->reading, rows, total, reader->options.show, reader->options.show_arg);
}

void ae_reader_share_pool(struct ae_reader *reader, struct ae_thread_pool *pool)
{
	reader->pool = reader->input.pool = pool;
}

void ae_reader_close(struct ae_reader *reader)
{
	if (!reader)
		return;
	ae_reading_end(&reader->reading, reader->options.show, reader->options.show_arg);
	close_input(reader);
	struct ae_error ignored;
	if (reader->rejects_open && reader->left_out.keep_rows)
		(void)!write_rejects(reader, &ignored); /* the program failed at the batch */
	if (reader->rejects_open)
		ae_outfile_abandon(&reader->rejects);
	ae_schema_free(&reader->schema);
	ae_schema_free(&reader->read);
	ae_column_order_free(&reader->order);
	ae_rows_free(&reader->rows);
	ae_append_free(&reader->appended);
	ae_buf_free(&reader->left_out.rejects);
	ae_buf_free(&reader->left_out.records);
	ae_names_free(reader->rules.na, reader->rules.na_count);
	ae_buf_free(&reader->left_out.unknown_names);
	ae_names_free(reader->features, reader->options.features.count);
	free(reader);
}
