/* SPDX-License-Identifier: MIT */
/* The records of one text input: its lines without those that are no rows. */
#ifndef AE_IO_CSV_RECORDS_H
#define AE_IO_CSV_RECORDS_H

#include "io/csv.h"
#include "io/csv_names.h"
#include "io/source.h"
#include "io/text_lines.h"

struct ae_csv_records {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_text_lines lines; /* cut: the record before a mark that is not taken yet */
	struct ae_csv *csv;
	struct ae_buf header; /* the header's line without its end: a later one is no row; empty without header row */
	struct ae_csv_names names; /* its fields */
	bool header_is_row;   /* its names are numbers: a later one is a row, but behind a mark or a byte order mark */
	struct ae_buf record; /* the lines of the present record, if keep is set or if it has several */
	bool keep;
	bool escapes;         /* TSV */
	bool bom;             /* the present record began with a byte order mark */
	bool lone;            /* there is one column: a blank line is one empty cell */
	uint64_t first_line;  /* of the present record */
	bool repeated;        /* set where the header came again; the user sets it back */
	uint64_t mark;        /* the line of a failed writer's mark, until it is known what follows; 0: none */
	bool mark_cut;        /* that writer cut the record before it, which is none */
	struct ae_buf blanks; /* without header row: uint64_t, the lines before the first record that are blank */
	bool again;           /* the first record is due once more, behind the rows that those are */
	struct ae_buf first;  /* its lines, while they are taken */
	uint64_t again_line;  /* its line */
	size_t blanks_taken;
	bool began, in_record; /* a record has come; a quoted field goes on in lines that have not come yet */
};

enum ae_csv_got {
	AE_CSV_BAD = -2,  /* a record in error, which the user may leave out */
	AE_CSV_FAIL = -1, /* the input is in error */
	AE_CSV_IDLE = 0,  /* none has come yet (only if asked not to wait) */
	AE_CSV_RECORD = 1,
	AE_CSV_END = 2,
};

/* rules and left_out outlive it; the latter counts the marks that are passed over. escapes: TSV. Freed with
 * ae_csv_records_free. */
int ae_csv_records_init(struct ae_csv_records *records, const struct ae_text_rules *rules, struct ae_left_out *left_out,
	bool escapes, struct ae_error *err) AE_MUST_CHECK;
void ae_csv_records_free(struct ae_csv_records *records);
/* Keeps the present record as the header, which is no row where it comes again. */
int ae_csv_records_set_header(struct ae_csv_records *records, bool is_row, struct ae_error *err) AE_MUST_CHECK;
/* The next record, whose fields ae_csv_fields(records->csv) has until more input is filled in. Left out are the lines
   of --skip-lines and --comment, byte order marks before a header, repeated headers, and before one a failed writer's
   mark with the line that it cut. Such a mark at the end is AE_CSV_FAIL. If records->mark is set afterwards, the record
   stands where only a header may stand. Errors name the line. Without header row the first record says what blank lines
   before it are: they are kept in records->blanks. */
enum ae_csv_got ae_csv_records_next(
	struct ae_csv_records *records, struct ae_input *input, bool wait, struct ae_error *err);
/* The present record, the first one, read with keep set, is the next one again: without header row it only told the
   number of columns. The blank lines before it, which are rows of one column, come before it. */
void ae_csv_records_again(struct ae_csv_records *records);
/* The i-th of records->blanks. */
uint64_t ae_csv_records_blank(const struct ae_csv_records *records, size_t i);
/* The header that must follow a mark does not. Returns -1. */
int ae_csv_records_fail_mark(const struct ae_csv_records *records, struct ae_error *err);
/* Counts a mark that is followed by a header, ours or another. */
void ae_csv_records_pass_mark(struct ae_csv_records *records);
/* Whether the next line begins a record, and a row is as welcome there as anything else. */
bool ae_csv_records_at_row(const struct ae_csv_records *records);
/* Takes a line of len bytes, which the user has read as a row there, off the front of the input. */
void ae_csv_records_pass(struct ae_csv_records *records, struct ae_input *input, size_t len);
/* Puts "line N: " of the present record before the error. Returns -1. */
int ae_csv_records_fail(const struct ae_csv_records *records, struct ae_error *err);

#endif
