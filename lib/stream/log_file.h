/* SPDX-License-Identifier: MIT */
/* Logs of text that several runs write to: how they begin, and how they end. */
#ifndef AE_STREAM_LOG_FILE_H
#define AE_STREAM_LOG_FILE_H

#include <sys/types.h>

#include "core/order.h"
#include "core/util.h"
#include "io/csv_names.h"

/* How the text of a log is to be read. */
struct ae_log_text {
	bool objects;   /* JSON lines, which have no header: a sample of the rows stands for it */
	bool tsv;       /* else CSV with commas */
	bool multiline; /* CSV, whose cells may hold line ends */
	bool raw; /* records of any format, one behind the other: no header, no mark, and line ends mean nothing */
};

enum ae_log_end {
	AE_LOG_EMPTY,
	AE_LOG_WHOLE,
	AE_LOG_MARKED,      /* with the mark of a failed run, a line "!" */
	AE_LOG_MARKED_OPEN, /* with a mark that has no newline */
	AE_LOG_CUT,         /* within a line */
	AE_LOG_IN_CELL,     /* with a line, but within a cell of several */
};

/* How far a log of cells of several lines has been read, so that only what is new must be. All zero at first and for
   another file. Freed with ae_log_cells_free. */
struct ae_log_cells {
	struct ae_csv *csv;
	off_t at; /* where the next line begins */
	bool open;
};

/* How the file ends, of so many bytes. cells may be NULL: then no cell of it holds a line end. */
int ae_log_find_end(
	int fd, struct ae_log_cells *cells, enum ae_log_end *end, off_t *size, struct ae_error *err) AE_MUST_CHECK;
void ae_log_cells_free(struct ae_log_cells *cells);
/* What must be written behind such an end before a header can stand there. */
const char *ae_log_before_header(enum ae_log_end end);

/* Whether the log begins with the same header as rows that are to be appended, in any quotes, behind a byte order mark
   and behind marks: 0, or -1 and *err, which names both. One without a header will do, and *lone is the size of one
   that is a header without its newline, else 0. A header of the same names in another order will do, too, and *order,
   all zero before, is then what brings the rows into it. Of objects: whether the first one has the keys of the sample,
   in any order; a cut one will do. Errors of reading name no file. */
int ae_log_check_header(int fd, const struct ae_log_text *text, const struct ae_buf *header, off_t *lone,
	struct ae_order *order, struct ae_error *err) AE_MUST_CHECK;

#endif
