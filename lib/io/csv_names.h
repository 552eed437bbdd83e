/* SPDX-License-Identifier: MIT */
/* The fields of a header, kept to be compared with those of later records. */
#ifndef AE_IO_CSV_NAMES_H
#define AE_IO_CSV_NAMES_H

#include "core/util.h"
#include "io/csv.h"

/* All zero at first. Freed with ae_csv_names_free. */
struct ae_csv_names {
	struct ae_buf fields; /* struct ae_cell a name, into text */
	struct ae_buf text;
};

/* Keeps a copy of the fields. */
int ae_csv_names_set(
	struct ae_csv_names *names, const struct ae_cell *fields, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Whether a record has the same fields, whatever the quotes and line ends they were read with. A byte order mark before
   the first one is passed over. False if no names are kept. */
bool ae_csv_names_equal(const struct ae_csv_names *names, const struct ae_cell *fields, size_t count);
void ae_csv_names_free(struct ae_csv_names *names);

#endif
