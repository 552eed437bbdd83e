/* SPDX-License-Identifier: MIT */
/* Records whose cells have names and come in any order, as objects of JSON and maps of MessagePack. The keys of the
   first one are the header; what is nested becomes columns whose names have a "." at each level, "fields.flow", and
   elements of arrays have their places, from 1: "x.1". A record that is one array has cells without names. */
#ifndef AE_IO_RECORD_KEYS_H
#define AE_IO_RECORD_KEYS_H

#include "io/record_cells.h"

/* How deep records may nest. */
enum { AE_KEYS_DEPTH = 24 };

struct ae_keys_level {
	size_t path;    /* bytes of the path to what is in here */
	uint64_t count; /* elements so far */
	size_t next;    /* the column behind that of the last element, 0 if that had none */
	bool array;
};

struct ae_record_keys {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_record_columns columns;
	struct ae_record_cells cells;
	bool known;                /* the columns are */
	bool named;                /* they have keys; else records are arrays */
	bool decided;              /* and so it stays */
	bool plain;                /* no name has a character that JSON escapes */
	bool wanted;               /* the columns are those that are wanted: a further key is left out */
	struct ae_buf names, text; /* before: struct ae_cell a key, whose text is an offset, and their bytes */

	struct ae_cell *values; /* [columns] of the present record */
	uint64_t *seen;         /* [columns] the last record that had it */
	size_t *lens;           /* [columns] of the names */
	bool *follows;          /* [columns] it is the next element of the array that the one before it is of */
	uint32_t *sorted;       /* [columns] by their names */
	char *numbers;          /* [columns][AE_NUMBER_TEXT] */
	uint64_t record;        /* its number */
	size_t next, found;     /* the column that probably comes next; how many have come */

	struct ae_keys_level levels[AE_KEYS_DEPTH + 1];
	size_t depth;
	const char *key; /* of the value that comes next, in an object */
	size_t key_len;
	struct ae_buf path;
};

/* rules and left_out outlive it. Freed with ae_record_keys_free, whatever failed. */
void ae_record_keys_init(struct ae_record_keys *keys, const struct ae_text_rules *rules, struct ae_left_out *left_out);
void ae_record_keys_free(struct ae_record_keys *keys);

/* The functions below take a record apart: begin, then what is in it in its order. Texts must live until the record
   has been added. They return 0, AE_RECORD_BAD or AE_RECORD_FAIL and *err, which names the key. */

void ae_record_keys_begin(struct ae_record_keys *keys);
/* An object or an array begins, the record itself first. */
int ae_record_keys_open(struct ae_record_keys *keys, bool array, struct ae_error *err) AE_MUST_CHECK;
int ae_record_keys_close(struct ae_record_keys *keys, struct ae_error *err) AE_MUST_CHECK;
/* The key of what comes next in an object. */
int ae_record_keys_key(struct ae_record_keys *keys, const char *key, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* A value as text, which holds no NUL; "" is a missing one. */
int ae_record_keys_text(struct ae_record_keys *keys, const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* The same of text that may hold one. */
int ae_record_keys_string(
	struct ae_record_keys *keys, const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* A missing value, or a missing object or array. */
int ae_record_keys_null(struct ae_record_keys *keys, struct ae_error *err) AE_MUST_CHECK;
/* A truth: 1 or 0 among numbers, else true or false. */
int ae_record_keys_bool(struct ae_record_keys *keys, bool truth, struct ae_error *err) AE_MUST_CHECK;
int ae_record_keys_f64(struct ae_record_keys *keys, double value, struct ae_error *err) AE_MUST_CHECK;
int ae_record_keys_f32(struct ae_record_keys *keys, float value, struct ae_error *err) AE_MUST_CHECK;
/* Seconds since 1970, as text. */
int ae_record_keys_time(
	struct ae_record_keys *keys, int64_t seconds, uint32_t nanoseconds, struct ae_error *err) AE_MUST_CHECK;
/* An integer, negative or from 0. */
int ae_record_keys_integer(
	struct ae_record_keys *keys, bool negative, uint64_t size, struct ae_error *err) AE_MUST_CHECK;

/* Whether --header gives the names, so that no record is waited for. */
bool ae_record_keys_are_given(const struct ae_record_keys *keys);

/* How a source gives its records while there are no columns yet. */
struct ae_record_source {
	void *arg;
	struct ae_input *input;
	enum ae_read (*next)(void *arg, struct ae_input *input, struct ae_error *err); /* waits: a record, or the end */
	int (*parse)(void *arg, struct ae_input *input, struct ae_error *err);         /* takes it apart */
	int (*fail_at)(void *arg, struct ae_error *err);                               /* adds its place to *err; -1 */
	/* Counts it, and what *err says, keeps it where such are kept, and goes on to the next one. */
	int (*leave_out)(void *arg, struct ae_input *input, enum ae_record_taken taken, struct ae_error *err);
};
/* Makes the columns, of --header or else of the first record that may give them, and fills the empty schema. Bad
   records, and those without a key of those that a model takes, are left out where such rows are. That record is to be
   taken apart again. */
int ae_record_keys_header(struct ae_record_keys *keys, const struct ae_record_source *from, struct ae_schema *schema,
	struct ae_error *err) AE_MUST_CHECK;
/* The column of a key, columns.count if it is none's. For scans that go past the functions above: they note what they
   take with ae_record_keys_note, and put it into values themselves. */
size_t ae_record_keys_find(const struct ae_record_keys *keys, const char *key, size_t len);
/* The same of the first element of the array that has this key. */
size_t ae_record_keys_find_array(struct ae_record_keys *keys, const char *key, size_t len);
/* False: the record has had a value of this column. */
static inline bool ae_record_keys_note(struct ae_record_keys *keys, size_t column)
{
	if (keys->seen[column] == keys->record)
		return false;
	keys->seen[column] = keys->record;
	keys->next = column + 1;
	keys->found++;
	return true;
}
/* Appends the record as a row. *failed: as ae_record_cells_add says. */
enum ae_record_taken ae_record_keys_add(struct ae_record_keys *keys, const struct ae_schema *schema,
	struct ae_rows *rows, size_t *failed, struct ae_error *err);

#endif
