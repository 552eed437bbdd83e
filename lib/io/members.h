/* SPDX-License-Identifier: MIT */
/* What an object has for each row of a stream, in formats that write a row as one: a single value, or a tensor as an
   array. Features with names are members of their own, as they are columns of text. */
#ifndef AE_IO_MEMBERS_H
#define AE_IO_MEMBERS_H

#include "io/batch.h"

enum { AE_REPLACED_TEXT = 240 };

struct ae_member {
	size_t key, key_len; /* where its encoded key stands in struct ae_members */
	size_t column;
	size_t element; /* of the column's row, unless array */
	bool array;     /* all of them, as arrays in arrays */
};

struct ae_members {
	struct ae_buf list; /* struct ae_member */
	struct ae_buf keys;
	size_t count;
	char replaced[AE_REPLACED_TEXT]; /* which text first had bytes replaced by U+FFFD, "": none */
};

/* Lists the members of a schema. add_key appends an encoded name, whatever its bytes are. All zero before; a second
   call replaces the first. Two members of one name are an error. Freed with ae_members_free. */
int ae_members_init(struct ae_members *members, const struct ae_schema *schema,
	int (*add_key)(struct ae_buf *keys, const char *name, struct ae_error *err),
	struct ae_error *err) AE_MUST_CHECK;
void ae_members_free(struct ae_members *members);

/* Keeps that the text of a row, counted from 1, was no UTF-8. */
void ae_members_note_replaced(struct ae_members *members, uint64_t row, const struct ae_column *column);

static inline const struct ae_member *ae_members_at(const struct ae_members *members, size_t i)
{
	return (const struct ae_member *)(const void *)members->list.data + i;
}

/* Element `at` of a column's numbers. False: it has no value. */
bool ae_member_number(const struct ae_column *column, const struct ae_data *data, size_t at, double *value);

#endif
