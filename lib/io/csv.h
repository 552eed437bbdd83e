/* SPDX-License-Identifier: MIT */
/* Records of CSV, one at a time. No other file includes libcsv. The formats are ae_csv_input and ae_csv_output. */
#ifndef AE_IO_CSV_H
#define AE_IO_CSV_H

#include <stddef.h>

#include "core/error.h"
#include "io/batch.h"
#include "io/cell.h"

/* Splits lines into records. */
struct ae_csv;

int ae_csv_new(struct ae_csv **csv, char delimiter, struct ae_error *err) AE_MUST_CHECK;
void ae_csv_free(struct ae_csv *csv);
/* TSV instead of CSV: a quote is data, and \t, \n, \r and \\ in a field stand for a tab, line ends and a backslash, as
   Miller has it; any other backslash is data, but for a line of \! alone, which is one field "!". */
void ae_csv_use_escapes(struct ae_csv *csv);
/* Takes one physical line with its newline. 1: a record is complete; 0: it goes on in the next line (a quoted field
   holds a newline); AE_CSV_INVALID: no valid CSV; -1: another failure, such as of memory. After an error the next line
   starts a new record. */
enum { AE_CSV_INVALID = -2 };
int ae_csv_line(struct ae_csv *csv, const char *line, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Forgets a record that goes on, so that the next line starts a new one. */
int ae_csv_drop(struct ae_csv *csv, struct ae_error *err) AE_MUST_CHECK;
/* Makes a record of one empty field, for what a blank line stands for where there is one column. */
int ae_csv_blank(struct ae_csv *csv, struct ae_error *err) AE_MUST_CHECK;
/* The fields of the complete record; they live until the next line, and as long as this one stays where it is. */
const struct ae_cell *ae_csv_fields(const struct ae_csv *csv, size_t *count);

/* Splits a list from an option: items stand between commas, and in quotes, doubled inside, where they hold commas,
   quotes or line ends themselves. "" is one empty item. The caller frees *items with ae_names_free(*items, *count).
   Errors are of status AE_STATUS_USAGE and do not name the option. */
int ae_csv_split(char ***items, size_t *count, const char *text, struct ae_error *err) AE_MUST_CHECK;
/* The column of a stream that an option's text means by name or role, as it stands or quoted as such an item. *column
   is AE_NO_COLUMN if it means none, or if text is NULL. A name that two columns have is an error, which does not name
   the option. */
int ae_csv_pick(const struct ae_schema *schema, const char *text, size_t *column, struct ae_error *err) AE_MUST_CHECK;

#endif
