/* SPDX-License-Identifier: MIT */
/* What text that cannot be read probably is: the part of a message that names the option that helps. */
#ifndef AE_IO_CSV_ADVICE_H
#define AE_IO_CSV_ADVICE_H

#include <stdbool.h>

#include "io/record_roles.h"

/* Room for an advice. */
enum { AE_ADVICE_TEXT = 200 };

/* Of a cell that is no number, in text of so many columns with this delimiter: a spelling of missing, several fields, a
   decimal comma, blanks. False, and nothing written, if it is nothing of that kind. */
bool ae_csv_cell_advice(char advice[AE_ADVICE_TEXT], const struct ae_cell *cell, char delimiter, size_t columns);
/* Whether a cell is what other programs write for a missing value ("N/A", "null", "-"). */
bool ae_csv_is_missing_word(const struct ae_cell *cell);

/* Whether a record begins with # as comments do, and no --comment says what they begin with. */
bool ae_csv_is_comment(const struct ae_text_rules *rules, const struct ae_cell *fields, size_t count);

/* What an error of a line may end in. */
#define AE_ADVICE_TITLE "; if lines stand before the header: --skip-lines N"
#define AE_ADVICE_UNITS "; if this line holds units: --units"
#define AE_ADVICE_COMMENT "; if lines that begin with # are comments: --comment '#'"

/* Refuses a first line that is no header: one that tells spreadsheets the delimiter, or has one field that looks like
   several, where the user gave no delimiter. line is with its end, of `count` fields. 0, or -1 and *err. */
int ae_csv_check_first_line(const struct ae_text_rules *rules, const struct ae_buf *line, const struct ae_cell *fields,
	size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Adds to the error of a header's line that is no CSV which delimiter stands between its quoted names, if one does. */
void ae_csv_advise_header(const struct ae_text_rules *rules, const struct ae_buf *line, struct ae_error *err);
/* Adds to the error of a header whose columns could not be made that it may be a comment or a title. */
void ae_csv_advise_columns(
	const struct ae_text_rules *rules, const struct ae_cell *fields, size_t count, struct ae_error *err);

#endif
