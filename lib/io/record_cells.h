/* SPDX-License-Identifier: MIT */
/* Cells of text to values. */
#ifndef AE_IO_RECORD_CELLS_H
#define AE_IO_RECORD_CELLS_H

#include "io/record_roles.h"

/* What becomes of a record: it may be a row, a line of units or a header, or an error of its own or another. */
enum ae_record_taken {
	AE_RECORD_FAIL = -2, /* no error of the record's, such as of memory: nothing goes on */
	AE_RECORD_BAD = -1,
	AE_RECORD_TAKEN = 0,
	AE_RECORD_MISSING = 1, /* left out for a missing value */
	AE_RECORD_HEADER = 2,  /* our header again, or units; cells never tell */
};

/* How the cells of a text become values, and which columns have had some. */
struct ae_record_cells {
	const struct ae_text_rules *rules;
	const struct ae_record_columns *columns;
	enum ae_type *types; /* [columns] */
	size_t numbers;      /* columns of numbers */
	bool delimited;      /* what is wrong with a cell may be its delimiter's fault */
	bool has_na;         /* --na: no cell is a number */
	bool *has_value;     /* [columns] one of its numbers was taken */
	size_t *empty;       /* [empty_count] the columns of inputs that have none yet */
	size_t empty_count;
	size_t *sizes;    /* [columns of the schema] bytes of a row; 0 for text */
	size_t row_bytes; /* their sum */
	size_t *marks;    /* [columns of the schema] lengths to go back to when a row turns out bad */
};

/* rules and columns outlive it; the schema is what ae_record_columns_init made of the columns. Freed with
   ae_record_cells_free, also after an error. */
int ae_record_cells_init(struct ae_record_cells *cells, const struct ae_text_rules *rules,
	const struct ae_record_columns *columns, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
void ae_record_cells_free(struct ae_record_cells *cells);
/* Appends a record of as many fields as there are columns as a row, or nothing. behind_header is the record's line if
   it is the first one behind a header row, else 0: its errors say that it may hold units, or be the header. Errors name
   the column but not the line. *failed, set unless the row is taken or there is no room for it, is the column whose
   cell was the reason. */
enum ae_record_taken ae_record_cells_add(struct ae_record_cells *cells, const struct ae_schema *schema,
	struct ae_rows *rows, const struct ae_cell *fields, uint64_t behind_header, size_t *failed,
	struct ae_error *err);
/* The two ends of what add does, for who reads cells in another way: room for a row in every column, behind marks[i]
   bytes of it, or in none; and no row after all. */
enum ae_record_taken ae_record_cells_begin(const struct ae_record_cells *cells, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err) AE_MUST_CHECK;
void ae_record_cells_undo(const struct ae_record_cells *cells, const struct ae_schema *schema, struct ae_rows *rows);
/* How many of n fields, of which those beyond the columns do not count, are numbers in columns of numbers, and how many
   are words there. */
void ae_record_cells_count(
	const struct ae_record_cells *cells, const struct ae_cell *fields, size_t n, size_t *numbers, size_t *words);

#endif
