/* SPDX-License-Identifier: MIT */
/* Writes a tensor stream, whatever the encoding. A writer belongs to one thread. */
#ifndef AE_STREAM_WRITER_H
#define AE_STREAM_WRITER_H

#include "io/format.h"

struct ae_writer_options {
	const char *format;  /* a word of -O; NULL: by the name's suffix, text for a terminal, else the default */
	bool csv, tsv;       /* -c, -t */
	const char *path;    /* NULL or "-" is standard output */
	const char *append;  /* text goes to the end of this file, as struct ae_append has it; NULL: to path */
	uint64_t batch_rows; /* 0: not given */
	bool multiline;      /* cells of CSV may hold line ends */
	/* If not NULL, called once, when a text is not written as it is. */
	void (*note)(void *arg, const char *text);
	void *note_arg;
	bool headerless; /* rows of CSV and TSV alone, without the line of names */
	/* If not NULL, a suffix that no format has says nothing: the format is what the options of that output say. */
	const struct ae_writer_options *suffix_free;
};

/* Copies what it must keep and keeps nothing of the caller's. */
struct ae_writer;

/* Opens the output. In a format with batches these have fixed sizes in a regular file, or with batch_rows; else a batch
   is what one call of ae_writer_rows gave, cut at the usual limits, and goes out at once, as text always does. A
   regular file whose suffix no format has is a usage error. */
int ae_writer_open(struct ae_writer **writer, const struct ae_writer_options *options,
	const struct ae_output_format *preset, struct ae_error *err) AE_MUST_CHECK;
/* Starts a stream. After ae_writer_end another may follow; text has one header for all, npy holds one column of numbers
   and waits in a temporary file for the number of rows, PNM holds one column of images. Programs call
   ae_program_header. */
int ae_writer_header(struct ae_writer *writer, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Writes rows of the schema last given. */
int ae_writer_rows(struct ae_writer *writer, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
/* Ends the stream: only after success. */
int ae_writer_end(struct ae_writer *writer, bool stopped, struct ae_error *err) AE_MUST_CHECK;

/* Where the output takes nothing any more after SIGTERM, no call above fails until the end: rows that are given are
   counted, so that what is still to come can be read and counted too. */
bool ae_writer_is_stalled(const struct ae_writer *writer);
/* Counts rows that were read and will not be written since SIGTERM came. */
void ae_writer_lose(struct ae_writer *writer, uint64_t rows);
/* How many rows ae_writer_lose has counted. */
uint64_t ae_writer_lost(const struct ae_writer *writer);
/* The rows that are lost if the writer is given up now: those, and those that were given and that nobody can read, as
   all of a named file. */
uint64_t ae_writer_unwritten(const struct ae_writer *writer);

/* Whether every row that it was given is with who reads the output: never in a named file before its end, nor while
   rows wait for a batch of fixed size. */
bool ae_writer_is_settled(const struct ae_writer *writer);

const struct ae_output_format *ae_writer_format(const struct ae_writer *writer);
/* Whether it has use for the sums of columns that it is given. */
bool ae_writer_takes_sums(const struct ae_writer *writer);
/* The descriptor, for ae_reader_poll_output. */
int ae_writer_fd(const struct ae_writer *writer);
/* To be called while nothing is written; see ae_append_idle. The milliseconds until it wants to be called again, 0 for
   never, or -1 and *err. */
int ae_writer_idle(struct ae_writer *writer, struct ae_error *err) AE_MUST_CHECK;
/* Writes what is left, after the last end. */
int ae_writer_finish(struct ae_writer *writer, struct ae_error *err) AE_MUST_CHECK;
/* The file of a writer that is finished, for ae_writer_close of another one. */
struct ae_outfile *ae_writer_file(struct ae_writer *writer);
/* Finishes and closes; a named file gets its name, and so does `also`, which may be NULL: both or none. Errors of
   closing count. The writer is freed either way, after an error as by ae_writer_abort. */
int ae_writer_close(struct ae_writer *writer, struct ae_outfile *also, struct ae_error *err) AE_MUST_CHECK;
/* Closes if rc is 0, else aborts. Gives rc, or -1 and *err if closing fails or rows are lost, which an error of
   AE_STATUS_SIGTERM counts; the output is there all the same if it took what was written. */
int ae_writer_done(struct ae_writer *writer, int rc, struct ae_outfile *also, struct ae_error *err) AE_MUST_CHECK;
/* Gives up: no end mark, no named file. Rows that waited for their batch are written. Text gets a line "!", PNM and
   streams that have got their end the same without a newline, that no reader takes for a row; but not where that would
   have to wait for an output that is stalled. The writer, which may be NULL, is freed. */
void ae_writer_abort(struct ae_writer *writer);

#endif
