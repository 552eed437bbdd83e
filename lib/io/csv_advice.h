/* SPDX-License-Identifier: MIT */
/* What text that cannot be read probably is: the part of a message that names the option that helps. */
#ifndef AE_IO_CSV_ADVICE_H
#define AE_IO_CSV_ADVICE_H

#include <stdbool.h>

#include "io/csv_roles.h"

/* Room for an advice. */
enum { AE_ADVICE_TEXT = 200 };

/* Of a cell that is no number, in text of so many columns with this delimiter: a spelling of missing, several fields, a
   decimal comma. False, and nothing written, if it is nothing of that kind. */
bool ae_csv_cell_advice(char advice[AE_ADVICE_TEXT], const struct ae_csv_field *cell, char delimiter, size_t columns);
/* Whether a cell is what other programs write for a missing value ("N/A", "null", "-"). */
bool ae_csv_is_missing_word(const struct ae_csv_field *cell);
/* Which character separates the fields of a header's line that came as one field, as "-d ';'"; or, if the line could
   not be split for its quotes, which one stands between quoted names. NULL: none. */
const char *ae_csv_delimiter_advice(const char *line, size_t len, char delimiter);

/* How the fields of a record compare with the names of a header. */
enum ae_csv_header_like {
	AE_CSV_ROW,          /* no header */
	AE_CSV_SAME_HEADER,  /* the names themselves */
	AE_CSV_MAYBE_HEADER, /* words alone, less than half of them names of the header */
	AE_CSV_OTHER_HEADER, /* words alone, at least half of them names of the header */
};

enum ae_csv_header_like ae_csv_compare_header(
	const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count);
/* Whether every field is a name of the header. */
bool ae_csv_all_from_header(const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count);
/* Says that another header stands here, and the first difference. Returns -1. */
int ae_csv_fail_other_header(
	const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count, struct ae_error *err);

#endif
