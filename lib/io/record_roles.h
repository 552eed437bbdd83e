/* SPDX-License-Identifier: MIT */
/* Which text column plays which role: from the options, then from the names. */
#ifndef AE_IO_RECORD_ROLES_H
#define AE_IO_RECORD_ROLES_H

#include "io/cell.h"
#include "io/source.h"

/* Where a cell goes. */
struct ae_record_slot {
	size_t column;  /* in the schema */
	size_t element; /* in the column's row */
	bool named;     /* the user, or a name x.N, said that this is an input: no guess about it is made */
	bool unknown;   /* passed through because the model, by whose features x was found, does not know it */
};

struct ae_record_columns {
	struct ae_record_slot *slots;
	char **names; /* of every text column, for messages: its header or its number */
	size_t count;
	bool all_numbers; /* every name is a number, so a row may look like the header */
};

/* Gives `count` text columns their roles and fills the empty schema. names are the header's cells, or NULL for a file
   without header; numbers among them are an error unless the options give names or say that numbers are names, or they
   are keys: of objects, where "a.b" is a part of a. Where
   the rules have names of features, and --x is not given, x is the columns of these names, in their order. Errors name
   the column and the options that settle it. Freed with ae_record_columns_free. */
int ae_record_columns_init(struct ae_record_columns *columns, struct ae_schema *schema, const struct ae_cell *names,
	size_t count, bool keys, const struct ae_text_rules *rules, struct ae_error *err) AE_MUST_CHECK;
/* Keeps the names of columns that a model does not know, for the program's note. */
int ae_record_columns_note_unknown(
	const struct ae_record_columns *columns, struct ae_left_out *left_out, struct ae_error *err) AE_MUST_CHECK;
void ae_record_columns_free(struct ae_record_columns *columns);

#endif
