/* SPDX-License-Identifier: MIT */
/* What one run after another appends to a file: --append, --episodes, --rejects. */
#ifndef AE_STREAM_APPEND_H
#define AE_STREAM_APPEND_H

#include "core/order.h"
#include "core/outfile.h"
#include "core/util.h"
#include "stream/log_file.h"

struct ae_append {
	struct ae_outfile *file; /* the caller's; its descriptor keeps its number for good */
	struct ae_log_text text;
	struct ae_buf header;  /* with its newline; of objects a sample, which is never written */
	struct ae_order order; /* of the log's columns, if it is not ours */
	struct ae_buf start;   /* of the file, as long as our header, when its own was checked */
	struct ae_buf out;     /* of one write, where that is more than the lines as they are */
	bool lines;            /* of raw records: they are whole lines; the caller's */
	off_t lone_header;     /* the size of a file that is the header without its newline, else 0 */
	struct ae_log_cells cells;
	bool begun;
	bool unlocked; /* somebody kept the lock the last time */
	bool plain;    /* the file is no regular one: nothing is looked for there */
	bool wrote;    /* lines */
};

/* Opens a regular file at its end; it is made if it is not there. */
int ae_append_open(struct ae_append *append, struct ae_outfile *file, const char *path, const struct ae_log_text *text,
	struct ae_error *err) AE_MUST_CHECK;
/* The same; anything but a regular file, such as a FIFO or a descriptor, is written to as it is. */
int ae_append_open_any(struct ae_append *append, struct ae_outfile *file, const char *path,
	const struct ae_log_text *text, struct ae_error *err) AE_MUST_CHECK;
/* Gives the header, with its newline, or the sample of rows without one, or nothing. An empty file gets it at once; a
   file that has another one, as ae_log_check_header tells, is an error, and nothing is written to it; one that has the
   same columns in another order gets the rows in that. What others write into one that was cut in its place is
   checked before the next lines. */
int ae_append_begin(
	struct ae_append *append, const unsigned char *header, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Appends whole lines in one write, to the file that has the name now, under its lock (flock), for which it waits a
   second at most, and not once SIGTERM, where that is blocked, has come: then it writes without. The header comes first
   where the file is empty or ends with the mark of a failed run; what whoever wrote the end of it has cut, a line or a
   cell, is first marked as such a run. Raw records that are lines begin on a line of their own. */
int ae_append_lines(
	struct ae_append *append, const unsigned char *lines, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* For every second in which nothing is written: goes over to another file if there is one of that name. */
int ae_append_idle(struct ae_append *append, struct ae_error *err) AE_MUST_CHECK;
/* The run has failed: ends what it wrote with the mark, a line "!". Without a header only if it wrote. */
void ae_append_fail(struct ae_append *append);
/* Frees what it holds, but not the file. */
void ae_append_free(struct ae_append *append);

/* How the file ends that the descriptor, opened for appending, writes to; AE_LOG_EMPTY for anything else. */
enum ae_log_end ae_append_end_of(int fd, const struct ae_log_text *text);

#endif
