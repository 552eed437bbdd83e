/* SPDX-License-Identifier: MIT */
/* The one door to libcsv: text to rows, and rows to text. */
#ifndef AE_IO_CSV_H
#define AE_IO_CSV_H

#include "io/source.h"

/* ---- one record at a time ---- */

struct ae_csv_field {
	const char *text; /* not NUL-terminated */
	size_t len;
};

/* Splits lines into records. */
struct ae_csv;

int ae_csv_new(struct ae_csv **csv, char delimiter, struct ae_error *err) AE_MUST_CHECK;
void ae_csv_free(struct ae_csv *csv);
/* Takes one physical line with its newline. 1: a record is complete; 0: it goes on in the next line (a quoted field
   holds a newline); -1: no valid CSV. After -1 the next line starts a new record. */
int ae_csv_line(struct ae_csv *csv, const char *line, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* The fields of the complete record; they live until the next line, and as long as this one stays where it is. */
const struct ae_csv_field *ae_csv_fields(const struct ae_csv *csv, size_t *count);

/* ---- CSV and TSV as a source ---- */

/* left_out is the caller's and is counted up. */
int ae_csv_source(struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out,
	struct ae_error *err) AE_MUST_CHECK;

/* ---- CSV and TSV out ---- */

/* Appends the header row: one cell an element. */
int ae_csv_write_header(
	struct ae_buf *out, const struct ae_schema *schema, char delimiter, struct ae_error *err) AE_MUST_CHECK;
/* Appends rows [first, first + rows). */
int ae_csv_write_rows(struct ae_buf *out, const struct ae_schema *schema, const struct ae_batch *batch, size_t first,
	size_t rows, char delimiter, struct ae_error *err) AE_MUST_CHECK;

#endif
