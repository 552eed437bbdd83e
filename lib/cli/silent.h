/* SPDX-License-Identifier: MIT */
/* Notes about elements of x that have had no value for many rows, as of a sensor that is gone: what is filled would
   hide it. Rows of all groups count. */
#ifndef AE_CLI_SILENT_H
#define AE_CLI_SILENT_H

#include "cli/program.h"

enum { AE_SILENT_ROWS = 1000 };

/* Start with program and common, the rest zero; freed with ae_silent_free. */
struct ae_silent {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *name;                /* of the input */
	const struct ae_column *counted; /* that of the stream */
	size_t column;
	uint64_t done;                      /* rows of the stream */
	size_t missing;                     /* elements of the last row */
	struct ae_silent_element *elements; /* made with the first that is missing */
};

/* Each stream, before its rows: the elements of that column. Schema and name outlive the rows. */
void ae_silent_begin(struct ae_silent *silent, const struct ae_schema *in, size_t column, const char *name);
/* A batch. Notes elements with their AE_SILENT_ROWS-th row after one another without a value, and with the first value
   after that; several of a row in one note. */
int ae_silent_rows(struct ae_silent *silent, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
void ae_silent_free(struct ae_silent *silent);

#endif
