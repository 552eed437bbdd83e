/* SPDX-License-Identifier: MIT */
/* What text that cannot be read probably is: the part of a message that names the option that helps. */
#ifndef AE_IO_CSV_ADVICE_H
#define AE_IO_CSV_ADVICE_H

#include <stdbool.h>

#include "io/csv_roles.h"

/* Room for an advice. */
enum { AE_ADVICE_TEXT = 200 };

/* Of a cell that is no number, in text of so many columns with this delimiter: a spelling of missing, several fields, a
   decimal comma, blanks. False, and nothing written, if it is nothing of that kind. */
bool ae_csv_cell_advice(char advice[AE_ADVICE_TEXT], const struct ae_csv_field *cell, char delimiter, size_t columns);
/* Whether a cell is what other programs write for a missing value ("N/A", "null", "-"). */
bool ae_csv_is_missing_word(const struct ae_csv_field *cell);
/* Which character separates the fields of a header's line that came as one field, as "-d ';'"; or, if the line could
   not be split for its quotes, which one stands between quoted names. NULL: none. */
const char *ae_csv_delimiter_advice(const char *line, size_t len, char delimiter);

#endif
