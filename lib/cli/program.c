/* SPDX-License-Identifier: MIT */
/* Start and end of a program, its notes, and the loop of the row-wise filters. */
#include "cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bar.h"
#include "cli/carried.h"
#include "cli/files.h"
#include "cli/reload.h"
#include "core/stop.h"
#include "core/text.h"
#include "model/lineage.h"
#include "stream/column_order.h"
#include "stream/spool.h"

/* Prints one line: what messages quote of a text may hold line ends, or what terminals take for commands. */
static void print_line(const char *name, const char *text)
{
	char line[4096];
	ae_bar_make_room();
	fprintf(stderr, "%s: %s\n", name, ae_escape_controls(line, sizeof(line), text));
}

/* SIGINT ends a program as such in the end, so that a shell ends its loop too. */
static int stopped_status(void)
{
	if (ae_stop_signal() != SIGINT)
		return AE_STATUS_SIGTERM;
	fflush(NULL);
	signal(SIGINT, SIG_DFL);
	raise(SIGINT);
	return AE_STATUS_SIGINT;
}

int ae_program_finish(const char *name, int rc, const struct ae_error *err)
{
	int status = rc >= 0 ? rc : (int)err->status;
	if (rc < 0 && status == AE_STATUS_SIGPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	} else if (rc < 0) {
		print_line(name, err->text);
	}
	return status == AE_STATUS_SIGTERM ? stopped_status() : status;
}

/* A file opened later must not take the place of a standard stream that came closed. The replacement opened here fails
   when it is used, as a closed stream does. */
static void hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int ae_program_flush(struct ae_error *err)
{
	/* What fills the buffer is written before, and fflush knows nothing of that. */
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : ae_fail_errno(err, "<stdout>");
}

void ae_program_mark(void)
{
	if (!isatty(STDOUT_FILENO))
		printf("!\n");
}

bool ae_program_start(const struct ae_program *program, int argc, char **argv, int *operands, int *status)
{
	struct ae_error err;
	hold_standard_streams();
	signal(SIGXFSZ, SIG_IGN); /* a file that grows beyond a limit is an error of the write */
	switch (ae_opt_parse(program, argc, argv, operands, &err)) {
	case AE_PARSED_FAIL:
		*status = ae_program_finish(program->name, -1, &err);
		return false;
	case AE_PARSED_DONE:
		*status = ae_program_finish(program->name, ae_program_flush(&err), &err);
		return false;
	default:
		break;
	}
	if (ae_files_check(program, argv + *operands, (size_t)(argc - *operands), &err) == 0)
		return true;
	*status = ae_program_finish(program->name, -1, &err);
	return false;
}

void ae_note(const struct ae_program *program, const struct ae_common *common, const char *format, ...)
{
	char text[1000];
	va_list args;
	if (common->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_line(program->name, text);
}

static void print_news(void *arg, const struct ae_left_out_news *news)
{
	char text[1000];
	bool mark = news->kind == AE_LEFT_OUT_FAILED_RUN; /* whose text says all */
	if (news->first)
		snprintf(text, sizeof(text), "%s%s", news->text, mark ? "" : ": left out");
	else
		snprintf(text, sizeof(text), "%llu more %s%s%s, the last: %s", (unsigned long long)news->count,
			mark ? "failed run" : "row", news->count > 1 ? "s" : "", mark ? "" : " left out", news->text);
	print_line(arg, text);
}

static void print_note(void *arg, const char *text)
{
	print_line(arg, text);
}

void ae_report_left_out(const struct ae_program *program, struct ae_common *common)
{
	common->in.report = common->quiet ? NULL : print_news;
	common->in.report_arg = (void *)(uintptr_t)program->name;
	common->out.note = common->quiet ? NULL : print_note;
	common->out.note_arg = common->in.report_arg;
	ae_bar_show_reading(program, common, false);
}

static void find_features(struct ae_reader_options *in, struct ae_prep_source x)
{
	in->features.names = x.features;
	in->features.count = x.feature_count;
	in->features.each = x.feature_count && x.feature_count == ae_shape_size(&x.shape);
}

void ae_program_find_features(struct ae_reader_options *in, const struct ae_model *model)
{
	in->known = model->groups;
	in->known_count = model->group_count;
	find_features(
		in, (struct ae_prep_source){
			    .shape = model->input, .features = model->features, .feature_count = model->feature_count});
}

void ae_program_find_source(struct ae_reader_options *in, const struct ae_model *model)
{
	in->known = model->groups;
	in->known_count = model->group_count;
	find_features(in, ae_model_source(model));
}

struct ae_model_from ae_model_of_stream(const struct ae_reader *reader, const char *path)
{
	const struct ae_buf *model = &ae_reader_schema(reader)->model;
	return (struct ae_model_from){path, model->data, model->len};
}

int ae_program_open(struct ae_reader **reader, char *const *files, size_t count, const struct ae_reader_options *in,
	struct ae_error *err)
{
	struct ae_reader_options options = *in;
	options.reorder_lineage = ae_lineage_reorder;
	return ae_reader_open(reader, files, count, &options, err);
}

void ae_note_unknown(const struct ae_program *program, const struct ae_common *common, const struct ae_reader *reader)
{
	const struct ae_left_out *left_out = ae_reader_left_out(reader);
	unsigned long long n = left_out->unknown;
	if (n)
		ae_note(program, common, "%s: %llu column%s that the model does not know %s passed through: %.*s",
			ae_reader_name(reader), n, n > 1 ? "s" : "", n > 1 ? "are" : "is",
			(int)left_out->unknown_names.len, (const char *)left_out->unknown_names.data);
}

void ae_note_left_out(const struct ae_program *program, const struct ae_common *common, const struct ae_reader *reader)
{
	static const char *const what[AE_LEFT_OUT_KINDS][2] = {
		[AE_LEFT_OUT_KEY] = {NULL}, /* which is told once */
		[AE_LEFT_OUT_BAD] = {"bad row left out", "bad rows left out"},
		[AE_LEFT_OUT_MISSING] = {"row with missing values left out", "rows with missing values left out"},
		[AE_LEFT_OUT_FAILED_RUN] = {"run that wrote this text failed", "runs that wrote this text failed"},
	};
	const struct ae_left_out *left_out = ae_reader_left_out(reader);
	bool none = ae_reader_rows(reader) == 0;
	for (int k = 0; k < AE_LEFT_OUT_KINDS; k++)
		if (left_out->of[k].count && what[k][0])
			ae_note(program, common, "%llu %s%s", (unsigned long long)left_out->of[k].count,
				what[k][left_out->of[k].count > 1],
				none && k != AE_LEFT_OUT_FAILED_RUN ? ": not one row is left" : "");
}

static int writer_idle(void *arg, struct ae_error *err)
{
	return ae_writer_idle(arg, err);
}

void ae_program_watch(struct ae_reader *reader, struct ae_writer *writer)
{
	ae_reader_on_idle(reader, writer_idle, writer);
	ae_reader_poll_output(reader, ae_writer_fd(writer));
}

/* limits: of the format of the output. */
static int check_unscaled(const char *limits, const struct ae_schema *schema, struct ae_error *err)
{
	const struct ae_column *c = &schema->cols[0];
	bool scaled;
	if (schema->count != 1 || (c->role != AE_X && c->role != AE_TARGET && c->role != AE_RECON))
		return 0;
	if (ae_lineage_has_scaler(&schema->lineage, &scaled, err) != 0)
		return -1;
	if (!scaled)
		return 0;
	return ae_fail(err, "%s is scaled, and %s: pipe it through ae-normalize --invert", c->name, limits);
}

int ae_program_header(struct ae_writer *writer, const struct ae_schema *schema, struct ae_error *err)
{
	const char *limits = ae_writer_format(writer)->limits;
	if (limits && check_unscaled(limits, schema, err) != 0)
		return -1;
	return ae_writer_header(writer, schema, err);
}

/* ---- row-wise filters ---- */

struct loop {
	const struct ae_filter *filter;
	const struct ae_program *program;
	const struct ae_common *common;
	struct ae_reader *reader;
	struct ae_writer *writer;
	struct ae_schema schema; /* of the output */
	struct ae_batch out;
	struct ae_rows part;     /* of a batch, where the filter takes fewer rows at once */
	struct ae_rows gathered; /* what became of parts */
	size_t at_once;          /* rows after which it is asked whether to stop */
	struct ae_spool *spool;  /* of a first pass */
	struct ae_past past;
	struct ae_reload reload;
	struct ae_carried carried;
};

/* What the stream at hand becomes. */
static int make_schema(struct loop *loop, struct ae_schema *schema, struct ae_error *err)
{
	ae_reader_share_pool(loop->reader, NULL);
	if (loop->filter->begin(loop->filter->state, loop->reader, schema, err) != 0)
		return -1;
	if (loop->filter->pool)
		ae_reader_share_pool(loop->reader, loop->filter->pool(loop->filter->state));
	return ae_schema_check(schema, err);
}

/* Takes the schema over. */
static int write_header(struct loop *loop, const struct ae_schema *schema, struct ae_error *err)
{
	ae_schema_free(&loop->schema);
	loop->schema = *schema;
	ae_rows_free(&loop->gathered);
	free(loop->out.cols);
	loop->out.cols = ae_calloc(loop->schema.count, sizeof(*loop->out.cols), err);
	return loop->out.cols ? ae_program_header(loop->writer, &loop->schema, err) : -1;
}

/* After ae_past_follow. */
static int begin_stream(struct loop *loop, struct ae_error *err)
{
	struct ae_schema schema = {0};
	int rc = ae_reload_put(&loop->reload, loop->reader, err);
	if (rc == 0 && !loop->common->reload)
		rc = ae_carried_follow(&loop->carried, loop->reader, err);
	if (rc == 0)
		rc = make_schema(loop, &schema, err);
	if (rc == 0)
		return write_header(loop, &schema, err);
	ae_schema_free(&schema);
	return rc;
}

/* The columns of a stream and of the one before. */
static int check_columns(const struct ae_schema *now, const struct ae_schema *before, struct ae_error *err)
{
	struct ae_column_order order = {0};
	int rc = ae_column_order_match(&order, now, before, err);
	ae_column_order_free(&order);
	return rc;
}

/* Between two rows: where there is a new model, the stream ends, and another one begins with the rows at hand. */
static int change_model(struct loop *loop, size_t at_hand, struct ae_error *err)
{
	struct ae_schema schema = {0};
	struct ae_error why;
	if (ae_stop_asked() || !ae_reader_is_within(loop->reader) || loop->schema.count == 0 ||
		!ae_reload_look(&loop->reload))
		return 0;
	if (ae_reload_take(&loop->reload, loop->reader, err) != 0 ||
		ae_past_follow(&loop->past, loop->reader, err) != 0)
		return -1;
	if (make_schema(loop, &schema, &why) == 0 && check_columns(&schema, &loop->schema, &why) == 0) {
		ae_reload_settle(&loop->reload, ae_reader_rows(loop->reader) - at_hand);
		if (ae_writer_end(loop->writer, false, err) == 0)
			return write_header(loop, &schema, err);
		ae_schema_free(&schema);
		return -1;
	}
	ae_schema_free(&schema);
	schema = (struct ae_schema){0};
	int rc = ae_reload_undo(&loop->reload, loop->reader, &why, err);
	if (rc == 0)
		rc = make_schema(loop, &schema, err);
	ae_schema_free(&schema);
	return rc;
}

/* How long a part of a batch may take, in milliseconds, where single rows take less. */
enum { FIRST_ROWS = 16, PART_MS = 80 };

/* How many rows are computed between two looks at whether to stop. No result depends on it, nor a byte of output. */
static void size_parts(struct loop *loop, size_t rows, int64_t ms)
{
	if (ms < PART_MS / 2 && rows == loop->at_once)
		loop->at_once *= 2;
	else if (ms > PART_MS && loop->at_once > 1)
		loop->at_once /= 2;
}

/* Computes rows [first, first + n) of a batch. */
static int compute(struct loop *loop, const struct ae_batch *in, size_t first, size_t n, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(loop->reader);
	const struct ae_batch *part = in;
	int64_t start = ae_clock_ms();
	if (n < in->rows) {
		if (!loop->part.data && ae_rows_init(&loop->part, schema->count, err) != 0)
			return -1;
		ae_rows_clear(&loop->part);
		if (ae_rows_append(&loop->part, schema, in, first, n, err) != 0)
			return -1;
		loop->part.batch.lines = in->lines ? in->lines + first : NULL;
		loop->part.batch.first = in->first + first;
		part = &loop->part.batch;
	}
	loop->out.rows = n;
	loop->out.summed = n == in->rows && n > FIRST_ROWS && ae_writer_takes_sums(loop->writer);
	if (loop->filter->rows(loop->filter->state, part, &loop->out, err) != 0)
		return -1;
	size_parts(loop, n, ae_clock_ms() - start);
	return 0;
}

static int write_rows(struct loop *loop, const struct ae_batch *out, struct ae_error *err)
{
	return out->rows ? ae_writer_rows(loop->writer, out, err) : 0;
}

/* Whether rows that were read are only counted any more. */
static bool only_counts(const struct loop *loop)
{
	return ae_writer_is_stalled(loop->writer) || ae_reader_is_late(loop->reader);
}

/* Writes what becomes of rows [first, first + n) of a batch, as far as there is time for them. */
static int filter_chunk(struct loop *loop, const struct ae_batch *in, size_t first, size_t n, struct ae_error *err)
{
	size_t end = first + n;
	if (n <= loop->at_once)
		return compute(loop, in, first, n, err) == 0 ? write_rows(loop, &loop->out, err) : -1;
	if (!loop->gathered.data && ae_rows_init(&loop->gathered, loop->schema.count, err) != 0)
		return -1;
	ae_rows_clear(&loop->gathered);
	while (first < end && !only_counts(loop)) {
		n = end - first < loop->at_once ? end - first : loop->at_once;
		if (compute(loop, in, first, n, err) != 0 ||
			ae_rows_append(&loop->gathered, &loop->schema, &loop->out, 0, loop->out.rows, err) != 0)
			return -1;
		first += n;
	}
	ae_writer_lose(loop->writer, end - first);
	return write_rows(loop, &loop->gathered.batch, err);
}

static int tell_settled(const struct loop *loop)
{
	return loop->filter->settled && ae_writer_is_settled(loop->writer) ? loop->filter->settled(loop->filter->state)
									   : 0;
}

static int filter_rows(void *arg, const struct ae_batch *in, struct ae_error *err)
{
	struct loop *loop = arg;
	if (change_model(loop, in->rows, err) != 0)
		return -1;
	size_t most = loop->filter->rows_at_once ? loop->filter->rows_at_once(loop->filter->state) : in->rows;
	for (size_t row = 0, n; row < in->rows; row += n) {
		size_t left = in->rows - row;
		if (only_counts(loop)) {
			ae_writer_lose(loop->writer, left);
			break;
		}
		n = left < most ? left : most;
		if (filter_chunk(loop, in, row, n, err) != 0) {
			if (err->status == AE_STATUS_SIGTERM) /* as another output of the filter takes nothing */
				ae_writer_lose(loop->writer, left);
			return -1;
		}
		(void)tell_settled(loop);
	}
	return 0;
}

/* The stream is over: what the filter has still to say. */
static int write_last(struct loop *loop, bool final, struct ae_error *err)
{
	loop->out.rows = 0;
	if (!loop->filter->last)
		return 0;
	if (loop->filter->last(loop->filter->state, final, &loop->out, err) != 0)
		return -1;
	return write_rows(loop, &loop->out, err);
}

static int next_stream(void *arg, struct ae_error *err)
{
	struct loop *loop = arg;
	if (only_counts(loop))
		return 0;
	if (ae_past_follow(&loop->past, loop->reader, err) != 0 ||
		(!ae_reader_goes_on(loop->reader) && write_last(loop, false, err) != 0) ||
		ae_writer_end(loop->writer, ae_reader_stopped(loop->reader), err) != 0)
		return -1;
	return begin_stream(loop, err);
}

static int run_streams(struct loop *loop, struct ae_error *err)
{
	const struct ae_drain drain = {.rows = filter_rows, .boundary = next_stream, .arg = loop};
	if (ae_past_follow(&loop->past, loop->reader, err) != 0 || begin_stream(loop, err) != 0)
		return -1;
	ae_note_unknown(loop->program, loop->common, loop->reader);
	if (ae_reader_drain(loop->reader, &drain, err) != 0 || write_last(loop, true, err) != 0)
		return -1;
	bool stopped = ae_reader_stopped(loop->reader) || ae_writer_lost(loop->writer);
	return ae_writer_end(loop->writer, stopped, err);
}

static int observe_rows(void *arg, const struct ae_batch *in, struct ae_error *err)
{
	struct loop *loop = arg;
	if (loop->filter->first->rows(loop->filter->state, in, err) != 0)
		return -1;
	return ae_spool_append(loop->spool, in, err);
}

static int observe_header(void *arg, struct ae_error *err)
{
	struct loop *loop = arg;
	return loop->filter->first->header(loop->filter->state, loop->reader, err);
}

/* Filters the rows of the spool. */
static int filter_spool(struct loop *loop, struct ae_error *err)
{
	struct ae_rows part = {0};
	uint64_t all = ae_spool_rows(loop->spool);
	int rc = ae_rows_init(&part, ae_reader_schema(loop->reader)->count, err);
	ae_reader_tell_pass(loop->reader, 0, all);
	while (rc == 0) {
		if (only_counts(loop)) {
			ae_writer_lose(loop->writer, ae_spool_left(loop->spool));
			break;
		}
		ae_rows_clear(&part);
		rc = ae_spool_next(loop->spool, &part, err);
		if (rc != 0 || part.batch.rows == 0)
			break;
		rc = filter_rows(loop, &part.batch, err);
		ae_reader_tell_pass(loop->reader, all - ae_spool_left(loop->spool), all);
	}
	ae_rows_free(&part);
	return rc;
}

static int run_two_passes(struct loop *loop, struct ae_error *err)
{
	const struct ae_first_pass *first = loop->filter->first;
	const struct ae_drain drain = {.rows = observe_rows,
		.boundary = observe_header,
		.arg = loop,
		.otherwise = first->otherwise,
		.consequence = first->consequence,
		.more_passes = true};
	if (observe_header(loop, err) != 0 ||
		ae_spool_new(&loop->spool, ae_reader_schema(loop->reader), false, err) != 0)
		return -1;
	if (ae_reader_drain(loop->reader, &drain, err) != 0) {
		if (err->status == AE_STATUS_SIGTERM)
			ae_writer_lose(loop->writer, ae_spool_rows(loop->spool));
		return -1;
	}
	if (first->end(loop->filter->state, loop->reader, err) != 0 || begin_stream(loop, err) != 0 ||
		filter_spool(loop, err) != 0)
		return -1;
	return ae_writer_end(loop->writer, ae_writer_lost(loop->writer), err);
}

/* The writer may look after its output, and the filter has a word to say perhaps. */
static int filter_idle(void *arg, struct ae_error *err)
{
	struct loop *loop = arg;
	int again = ae_writer_idle(loop->writer, err);
	if (again < 0 || change_model(loop, 0, err) != 0)
		return -1;
	again = ae_sooner(again, ae_reload_wait(&loop->reload));
	if (loop->filter->idle)
		again = ae_sooner(again, loop->filter->idle(loop->filter->state));
	return ae_sooner(again, tell_settled(loop));
}

int ae_filter_run(const struct ae_filter *filter, const struct ae_program *program, const struct ae_common *common,
	char *const *files, size_t count, struct ae_error *err)
{
	struct loop loop = {.filter = filter, .program = program, .common = common, .at_once = FIRST_ROWS};
	struct ae_common reporting = *common;
	ae_report_left_out(program, &reporting);
	ae_bar_show_reading(program, &reporting, true);
	struct ae_writer_options out = reporting.out;
	out.multiline = common->in.multiline;
	ae_carried_start(&loop.carried, program, common->model, filter->threshold_alone);
	if (ae_reload_start(&loop.reload, program, common, err) != 0 ||
		ae_writer_open(&loop.writer, &out, filter->format, err) != 0) {
		ae_reload_free(&loop.reload);
		ae_carried_end(&loop.carried);
		return -1;
	}
	reporting.in.rejected = filter->rejected;
	int rc = ae_program_open(&loop.reader, files, count, &reporting.in, err);
	if (rc == 0) {
		ae_program_watch(loop.reader, loop.writer);
		ae_reader_on_idle(loop.reader, filter_idle, &loop);
		rc = filter->first ? run_two_passes(&loop, err) : run_streams(&loop, err);
	}
	if (rc == 0 && filter->end)
		rc = filter->end(filter->state, err);
	rc = ae_writer_done(loop.writer, rc, filter->also, err);
	if (rc == 0)
		ae_note_left_out(program, common, loop.reader);
	ae_reader_close(loop.reader);
	ae_spool_free(loop.spool);
	ae_reload_free(&loop.reload);
	ae_carried_end(&loop.carried);
	ae_buf_free(&loop.past.values);
	ae_schema_free(&loop.schema);
	ae_rows_free(&loop.part);
	ae_rows_free(&loop.gathered);
	free(loop.out.cols);
	return rc == 0 && ae_stop_asked() ? AE_STATUS_SIGTERM : rc;
}

int ae_carry_columns(
	struct ae_schema *out, const struct ae_schema *in, unsigned drop, struct ae_buf *map, struct ae_error *err)
{
	map->len = 0;
	for (size_t i = 0; i < in->count; i++) {
		if (drop & 1U << in->cols[i].role)
			continue;
		if (ae_schema_add_copy(out, &in->cols[i], err) != 0 || ae_buf_append(map, &i, sizeof(i), err) != 0)
			return -1;
	}
	return 0;
}

void ae_carry_batch(struct ae_batch *out, const struct ae_batch *in, const struct ae_buf *map)
{
	const size_t *from = (const void *)map->data;
	for (size_t i = 0; i < map->len / sizeof(*from); i++)
		out->cols[i] = in->cols[from[i]];
}
