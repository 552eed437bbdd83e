/* SPDX-License-Identifier: MIT */
/* Reads tensor streams, whatever the encoding: many files, boundaries, proven ends. A reader belongs to one thread, and
   opening one has the side effect of ae_input_open on SIGTERM. */
#ifndef AE_STREAM_READER_H
#define AE_STREAM_READER_H

#include "io/format.h"

/* Reads the operands one after the other, each a stream or several. The reader owns schema and batch. */
struct ae_reader;

/* The words of --missing, as enum ae_missing has them, and of --on-bad, for help and errors. */
ae_words ae_missing_word, ae_on_bad_word;

/* Opens the inputs (none means standard input) and reads the first header. Every error names the file. */
int ae_reader_open(struct ae_reader **reader, char *const *files, size_t count, const struct ae_reader_options *options,
	struct ae_error *err) AE_MUST_CHECK;
/* The present stream's header, its columns and features in the order in which they are delivered. */
const struct ae_schema *ae_reader_schema(const struct ae_reader *reader);
/* AE_READ_ROWS: *batch holds rows, at least one, until the next call; what has come is delivered as soon as no more is
   waiting. AE_READ_BOUNDARY: a stream has ended and one with the same columns follows, its header is the present one;
   where its columns or features stand in another order, they come in that of the stream before it.
   AE_READ_END: everything was read and every end was proven, or SIGTERM asked to stop. AE_READ_FAIL: see err. */
enum ae_read ae_reader_next(struct ae_reader *reader, const struct ae_batch **batch, struct ae_error *err);
/* Whether reading stopped early, by SIGTERM here or (the stream says so) further up. */
bool ae_reader_stopped(const struct ae_reader *reader);
/* Whether it was SIGTERM here: the program then exits AE_STATUS_SIGTERM. */
bool ae_reader_terminated(const struct ae_reader *reader);
/* Whether SIGTERM came so long ago that rows which were read are worked on no more: they are lost (ae_writer_lose). */
bool ae_reader_is_late(const struct ae_reader *reader);
/* Whether the present stream came as text or an array, which carry no lineage. */
bool ae_reader_is_text(const struct ae_reader *reader);
/* The format of the present stream. */
const struct ae_input_format *ae_reader_format(const struct ae_reader *reader);
/* The present input's name, for messages. */
const char *ae_reader_name(const struct ae_reader *reader);
/* Rows delivered so far, from all inputs. */
uint64_t ae_reader_rows(const struct ae_reader *reader);
/* Whether the present input is a regular file. */
bool ae_reader_is_stored(const struct ae_reader *reader);
/* Puts into the header of the present stream the model that this program and those behind are to use, or none, what its
   file is called, and whether its rows go on (struct ae_schema). */
int ae_reader_put_model(struct ae_reader *reader, bool continued, const struct ae_buf *model, const struct ae_buf *of,
	struct ae_error *err) AE_MUST_CHECK;
/* Whether rows of the present stream are to come, so that it may be ended and begun again between them: no header is
   being read. */
bool ae_reader_is_within(const struct ae_reader *reader);
/* Whether the states of groups, windows and so on, go on from the stream before; what the program says, and what is
   otherwise in a stream that is continued, for notes. */
void ae_reader_go_on(struct ae_reader *reader, bool goes_on, const char *otherwise);
bool ae_reader_goes_on(const struct ae_reader *reader);
const char *ae_reader_otherwise(const struct ae_reader *reader);
/* What was left out by --on-bad=skip and --missing=skip. */
const struct ae_left_out *ae_reader_left_out(const struct ae_reader *reader);
/* While it waits for input, ae_reader_next polls this output too, and fails with AE_STATUS_SIGPIPE if nobody reads
   it any more. -1: none. It is none of the inputs, which would be read for ever; nor is the file of --rejects, which
   ae_reader_open empties. */
void ae_reader_poll_output(struct ae_reader *reader, int fd);
/* While it waits for input, ae_reader_next calls this too, as struct ae_input has it. NULL: nothing. */
void ae_reader_on_idle(struct ae_reader *reader, int (*idle)(void *arg, struct ae_error *err), void *arg);

/* A program's part in ae_reader_drain. */
struct ae_drain {
	/* Takes a batch, which lives until the call returns. 0, or -1 and *err. */
	int (*rows)(void *arg, const struct ae_batch *batch, struct ae_error *err);
	/* May be NULL. A stream has ended and another one, the reader's present one, begins; called before the
	   lineages are compared. 0, or -1 and *err. */
	int (*boundary)(void *arg, struct ae_error *err);
	/* May be NULL. Whether no further row is needed; asked before anything is read. */
	bool (*enough)(void *arg);
	void *arg;
	/* If not NULL, all streams must have one lineage. Else the error is "FILE: <otherwise> than in the stream
	   before it", as in "another scaler". */
	const char *otherwise;
	/* If not NULL, a stream that was stopped before its end is an error that says what follows from it, as in
	   "nothing is measured on a part", of AE_STATUS_SIGTERM if SIGTERM stopped this program; and once everything is
	   read, SIGTERM ends the process again, unless rows are still to be written in another pass. If NULL, see
	   ae_reader_stopped. */
	const char *consequence;
	bool more_passes;
};

/* That the present stream has the lineage of the one before it, with the error of struct ae_drain. */
int ae_reader_check_lineage(const struct ae_reader *reader, const struct ae_buf *before, const char *otherwise,
	struct ae_error *err) AE_MUST_CHECK;
/* Reads from the present stream to the end of the last one, and closes the file of --rejects, whose errors count. */
int ae_reader_drain(struct ae_reader *reader, const struct ae_drain *drain, struct ae_error *err) AE_MUST_CHECK;
/* For a program that works on what it has read in another pass, of `total` rows: so many are done, as options.show is
   to tell. */
void ae_reader_tell_pass(struct ae_reader *reader, uint64_t rows, uint64_t total);
/* Frees the reader, which may be NULL, and closes its input. */
/* Threads that may share the work of reading a large file, until another pool, or NULL, is given. */
void ae_reader_share_pool(struct ae_reader *reader, struct ae_thread_pool *pool);
void ae_reader_close(struct ae_reader *reader);

#endif
