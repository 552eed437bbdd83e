/* SPDX-License-Identifier: MIT */
/* Start and end of a program, its notes, and the loop of the row-wise filters. */
#ifndef AE_CLI_PROGRAM_H
#define AE_CLI_PROGRAM_H

#include "cli/opt.h"
#include "model/model.h"

/* Flushes standard output. A write to it that failed, now or earlier, is an error. */
int ae_program_flush(struct ae_error *err) AE_MUST_CHECK;
/* Prints the mark that what was printed before it is not valid, to anything but a terminal. */
void ae_program_mark(void);
/* Prints "NAME: text" for an error and gives the exit status: rc 0 or above is the status itself, -1 means err has it.
   AE_STATUS_SIGPIPE ends the process as SIGPIPE does, without a word. */
int ae_program_finish(const char *name, int rc, const struct ae_error *err);

/* Parses the options, and checks which files they and the operands name (ae_files_check). True: go on. False: *status
   is the exit status (--help, --version, a wrong argument). */
bool ae_program_start(const struct ae_program *program, int argc, char **argv, int *operands, int *status);

/* "NAME: text" on standard error, unless -q. */
void ae_note(const struct ae_program *program, const struct ae_common *common, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The columns of text that are x are found by the names of the model's features, and x is put in their order. The names
   are borrowed until a reader is opened. Nothing where the model has none. */
void ae_program_find_features(struct ae_reader_options *in, const struct ae_model *model);
/* The same of x before the first step of the model's preparation. */
void ae_program_find_source(struct ae_reader_options *in, const struct ae_model *model);

/* Where the model of -m is for the present stream: the one that its header carries, or else the file. Borrowed until
   the next stream. */
struct ae_model_from ae_model_of_stream(const struct ae_reader *reader, const char *path);

/* ae_reader_open for a program: what `in` says, and lineages stay true where the features of x are put in order. */
int ae_program_open(struct ae_reader **reader, char *const *files, size_t count, const struct ae_reader_options *in,
	struct ae_error *err) AE_MUST_CHECK;

/* Notes which columns of text are passed through because no feature of the model names them. */
void ae_note_unknown(const struct ae_program *program, const struct ae_common *common, const struct ae_reader *reader);

/* Lets the readers that are opened with common->in say what they leave out while they read, and writers of common->out
   what they do not write as it is, and the reader show how far it has come (ae_bar_show_reading), unless -q.
   ae_filter_run does so by itself. */
void ae_report_left_out(const struct ae_program *program, struct ae_common *common);
/* Notes at the end how much --on-bad=skip and --missing=skip left out. */
void ae_note_left_out(const struct ae_program *program, const struct ae_common *common, const struct ae_reader *reader);

/* ae_writer_header, after a check that needs the lineage: scaled values are not written as PNM. */
int ae_program_header(struct ae_writer *writer, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;

/* While the reader waits for input it watches the writer's output, and the writer may look after it. */
void ae_program_watch(struct ae_reader *reader, struct ae_writer *writer);

/* A pass over all rows before a filter writes the first. Each function returns 0, or -1 and *err. */
struct ae_first_pass {
	/* Each stream's header, before its rows. */
	int (*header)(void *state, const struct ae_reader *reader, struct ae_error *err);
	/* A batch, which lives until the call returns. */
	int (*rows)(void *state, const struct ae_batch *in, struct ae_error *err);
	/* All rows have been seen. */
	int (*end)(void *state, const struct ae_reader *reader, struct ae_error *err);
	const char *otherwise;   /* the error where lineages differ, as struct ae_drain has it */
	const char *consequence; /* the error of a stream that stopped before its end, likewise */
};

/* A row-wise filter. begin() is called for each stream with its header and fills the empty output schema (its lineage
   too); rows() turns a batch into an output batch whose `cols` has one place a column of the output schema and whose
   data lives until the next call; where it leaves rows out it sets the output's `rows`, which may be 0. Both may keep
   what they need in state. With a first pass the rows are put aside in a temporary file; begin() and rows() then run
   over all of them as one stream. */
struct ae_filter {
	void *state;
	const struct ae_output_format *format; /* where nothing says which */
	const struct ae_first_pass *first;     /* NULL if every row can be written as it comes */
	int (*begin)(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err);
	int (*rows)(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err);
	/* May be NULL. How many rows, at least 1, rows() takes at once: for a filter that makes much out of a row. */
	size_t (*rows_at_once)(const void *state);
	/* May be NULL. The threads that rows() works with, from begin() to the next one: they read too. */
	struct ae_thread_pool *(*pool)(const void *state);
	/* May be NULL. Called while no input comes: the milliseconds until it is to be called again, or 0. */
	int (*idle)(void *state);
	/* May be NULL. Called when all that became of the rows so far is with who reads the output
	   (ae_writer_is_settled): between batches, and while no input comes. The milliseconds until it is to be called
	   again, or 0. */
	int (*settled)(void *state);
	/* May be NULL. Called after the last row of a stream: rows that come behind those of its input, as rows() gives
	   them. final: no other stream follows. */
	int (*last)(void *state, bool final, struct ae_batch *out, struct ae_error *err);
	/* May be NULL. Called after the last row, if all went well, before the output gets its name. */
	int (*end)(void *state, struct ae_error *err);
	/* A file that is written by then, and gets its name with the output: both or none. NULL if
	   there is none. */
	struct ae_outfile *also;
	/* NULL, or the rows that rows() rejects, as struct ae_reader_options has them. */
	struct ae_buf *rejected;
	/* Of -m it takes the threshold alone, which may be in a file of its own. */
	bool threshold_alone;
};

/* Runs it over the operands: reader, writer, stream boundaries, ends. Returns the exit status, or -1 and err. */
int ae_filter_run(const struct ae_filter *filter, const struct ae_program *program, const struct ae_common *common,
	char *const *files, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* Columns of the output that come from the input unchanged. Adds copies of all columns but those of `drop` (a bit set
   of 1 << role) to out; map[i], a size_t, is the input column that becomes
   output column i. */
int ae_carry_columns(struct ae_schema *out, const struct ae_schema *in, unsigned drop, struct ae_buf *map,
	struct ae_error *err) AE_MUST_CHECK;
/* Fills the carried columns of an output batch. */
void ae_carry_batch(struct ae_batch *out, const struct ae_batch *in, const struct ae_buf *map);

#endif
