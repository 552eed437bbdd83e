/* SPDX-License-Identifier: MIT */
/* The rows of CSV and TSV as they mostly are, read in one pass: no cell is looked at twice. Whatever is odd about a
   line is left to csv_records.h and record_cells.h, which say the same of a plain one. */
#ifndef AE_IO_CSV_PLAIN_H
#define AE_IO_CSV_PLAIN_H

#include "io/record_cells.h"

/* Columns of text one after the other that are read alike, into elements of one column. */
struct ae_csv_run;

struct ae_csv_plain {
	struct ae_csv_run *runs;
	size_t run_count;
	char delimiter;
	bool quotes;     /* a quote at the start of a cell is none of its characters: no TSV */
	bool masks;      /* an empty cell is a missing number */
	bool stops[256]; /* characters that end text, or that make it odd */
	char comment;    /* lines that begin so may be comments; '\n': none */
	uint64_t seen;   /* bytes of the input in which line ends were looked for */
	uint64_t whole;  /* bytes of the input up to the last line end among these */
	unsigned pause;  /* lines that are not tried, since those before them were odd */
	unsigned pauses; /* how many the next odd one costs */
};

/* has_header: a header row stands before the rows, which names the columns. All others outlive it. Without runs, which
   is no error, no row is plain. Freed with ae_csv_plain_free, also after an error. */
int ae_csv_plain_init(struct ae_csv_plain *plain, const struct ae_text_rules *rules,
	const struct ae_record_columns *columns, const struct ae_schema *schema, bool escapes, bool has_header,
	struct ae_error *err) AE_MUST_CHECK;
void ae_csv_plain_free(struct ae_csv_plain *plain);
/* Appends the line at the front of the input as a row and returns its length, which the caller takes off; 0: it is not
   plain, or not all there, and nothing was appended. Only for lines that begin a record, where no mark or header has to
   follow and no line is left out by its number, and behind a row that had a value in each column. */
size_t ae_csv_plain_row(struct ae_csv_plain *plain, struct ae_record_cells *cells, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_input *input);

#endif
