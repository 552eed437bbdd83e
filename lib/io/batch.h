/* SPDX-License-Identifier: MIT */
/* Schemas and batches: a stream in memory. No function keeps state: threads may call them at once on schemas and data
   of their own, and all may read the same. */
#ifndef AE_IO_BATCH_H
#define AE_IO_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/crc32.h"
#include "core/number.h"
#include "core/tensor.h"
#include "core/util.h"

enum ae_role { AE_X, AE_TARGET, AE_RECON, AE_LATENT, AE_ERR, AE_PRED, AE_LABEL, AE_ID, AE_TIME, AE_PASS };

/* The verdict of a row that has none. */
#define AE_PRED_NONE 255

/* One column of a stream. Owns everything it points at. */
struct ae_column {
	char *name;
	char *role_text; /* as the stream said it: a role unknown here is carried as AE_PASS under its own word */
	enum ae_role role;
	enum ae_type type;
	struct ae_shape shape;
	char **features; /* names of the last axis, or of every element; NULL if unnamed */
	size_t feature_count;
	bool compared;       /* text that must be numbers, since a condition compares it; no part of a stream */
	enum ae_type was;    /* type before a scaler made it f32; AE_F32 where nobody says. No matter in comparisons */
	bool missing;        /* NaN is legal */
	uint32_t maxval;     /* of images: the value of white, before scaling; 0: 255, or no image */
	struct ae_buf extra; /* header keys unknown here: `extra_count` packed key-value pairs */
	size_t extra_count;
};

/* The most bytes of a model that a header carries. */
#define AE_CARRIED_MODEL ((size_t)32 << 20)

/* The header of a stream. Owns its columns. Two schemas with the same columns, in any order, may follow each other in
   one stream. */
struct ae_schema {
	struct ae_column *cols;
	size_t count, cap;
	struct ae_buf lineage;  /* opaque here, see lineage.h; empty means none */
	bool continued;         /* its rows go on where those of the stream before it ended */
	struct ae_buf model;    /* a model file, whole, that is used instead of the one of -m; empty means none */
	struct ae_buf model_of; /* what the first program of the chain calls that file (cli/carried.h), or empty. None
				   of the three matters in comparisons */
	struct ae_buf extra;
	size_t extra_count;
};

const char *ae_role_name(enum ae_role role);
/* Whether a word names a role; *role is set if so. */
bool ae_role_parse(enum ae_role *role, const char *word);

/* Adds an empty column with copies of name and role; the pointer lives until the next add. NULL and err on failure. */
struct ae_column *ae_schema_add(struct ae_schema *schema, const char *name, enum ae_role role, enum ae_type type,
	const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;
/* Adds a copy of a column. */
int ae_schema_add_copy(struct ae_schema *schema, const struct ae_column *column, struct ae_error *err) AE_MUST_CHECK;
/* Copies all but the columns, of which dst keeps its own: lineage, model and unknown keys. */
int ae_schema_copy_head(struct ae_schema *dst, const struct ae_schema *src, struct ae_error *err) AE_MUST_CHECK;
/* Makes dst, which is empty, a copy. */
int ae_schema_copy(struct ae_schema *dst, const struct ae_schema *src, struct ae_error *err) AE_MUST_CHECK;
/* Names a column's features; names are copied. count is the last axis, or every element, or 0. */
int ae_column_set_features(
	struct ae_column *column, char *const *names, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Checks that no two features have one name, for whom refers to them by name; the error gives column, places and name.
 */
int ae_column_check_features(const struct ae_column *column, struct ae_error *err) AE_MUST_CHECK;
/* Checks that two columns may be held against each other: where both have as many names of features, the same ones in
   the same order. */
int ae_column_check_pair(
	const struct ae_column *column, const struct ae_column *reference, struct ae_error *err) AE_MUST_CHECK;
void ae_schema_free(struct ae_schema *schema);

#define AE_NO_COLUMN SIZE_MAX
/* The first column of a role, AE_NO_COLUMN if there is none. The score is found by ae_schema_score. */
size_t ae_schema_find(const struct ae_schema *schema, enum ae_role role);
/* The `err` column of shape []. */
size_t ae_schema_score(const struct ae_schema *schema);
/* The column that a user means by a word of len bytes: the one of this name, else the first of this role (by "err" the
   score). AE_NO_COLUMN if there is none. */
size_t ae_schema_lookup(const struct ae_schema *schema, const char *word, size_t len);
/* The same, but a name that two columns have is an error that gives their numbers. *index is AE_NO_COLUMN if no column
   answers. */
int ae_schema_pick(const struct ae_schema *schema, const char *word, size_t *index, struct ae_error *err) AE_MUST_CHECK;
/* The two halves of lookup. */
size_t ae_schema_find_name(const struct ae_schema *schema, const char *word, size_t len);
size_t ae_schema_find_role(const struct ae_schema *schema, const char *word, size_t len);
/* Whether a word is a column's name or role, where a role means all of its columns. */
bool ae_column_answers(const struct ae_column *column, const char *word, size_t len);
/* As find, but a missing column is an error: `no column of role err`, with what is there and which program
   makes it. */
int ae_schema_need(
	const struct ae_schema *schema, enum ae_role role, size_t *index, struct ae_error *err) AE_MUST_CHECK;
/* That no column has a name, or role, that an option gives: `--by: no column "labl"; the nearest is "label"`. Returns
   -1. */
int ae_schema_fail_unknown(const struct ae_schema *schema, const char *option, const char *name, struct ae_error *err);
/* Checks the rules of ae-stream(5): at most one column each of x, target, recon, latent, pred, label; text only where
   it belongs; every shape within the limits. */
int ae_schema_check(const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Checks that x and target, where both are there, may be held against each other. */
int ae_schema_check_target(const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* The name of element i of a column as text files show it (NAME, NAME.3, recon.FEATURE, a feature's own name for x).
   Writes at most size bytes with the NUL. */
void ae_column_element_name(const struct ae_column *column, size_t i, char *text, size_t size);

/* The values of one column for some rows: numbers row-major and aligned; text as one end offset a row and the bytes.
   All zero is a valid empty one. Freed with ae_data_free. */
struct ae_data {
	struct ae_buf values;
	struct ae_buf ends; /* uint32_t a row, text only */
	struct ae_buf sums; /* struct ae_crc32_run, of values from the first byte on, as far as they are known */
	size_t finite;      /* so many bytes of values, from the first, are known to be finite numbers */
};

void ae_data_free(struct ae_data *data);
void ae_data_clear(struct ae_data *data);
/* Appends rows [first, first + rows) of src, a column like `column`. */
int ae_data_append(struct ae_data *dst, const struct ae_column *column, const struct ae_data *src, size_t first,
	size_t rows, struct ae_error *err) AE_MUST_CHECK;
int ae_data_append_text(struct ae_data *dst, const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Room for `rows` rows of a number column; returns where they start, with values.len set to hold them. */
void *ae_data_resize(
	struct ae_data *data, const struct ae_column *column, size_t rows, struct ae_error *err) AE_MUST_CHECK;
/* Text of a row; not NUL-terminated. */
const char *ae_data_text(const struct ae_data *data, size_t row, size_t *len);
/* A cell of a column of single values as text files show it, not NUL-terminated: text, or a number written to `number`;
   a verdict that is none is "none". */
const char *ae_data_cell(const struct ae_column *column, const struct ae_data *data, size_t row,
	char number[AE_NUMBER_TEXT], size_t *len);
const uint32_t *ae_data_ends(const struct ae_data *data);
/* The first of n numbers that may not stand in a column, or n. A stream may hold NaN where its header says so, infinity
   in err and pass alone. */
size_t ae_column_first_bad(const struct ae_column *column, const void *values, size_t n);
/* The same of the first n numbers of data, without a look at those that are known to be finite. */
size_t ae_data_first_bad(const struct ae_column *column, const struct ae_data *data, size_t n);
/* Bytes rows [first, first + rows) take on the wire. */
size_t ae_data_bytes(const struct ae_column *column, const struct ae_data *data, size_t first, size_t rows);

/* Rows of a schema: one ae_data a column, each owned by whoever made it (the reader owns what it read until the next
   read; a filter owns what it adds). */
struct ae_batch {
	size_t rows;
	struct ae_data **cols;
	const uint64_t *lines; /* on which they end, in rows that were just read from text; else NULL */
	bool summed;           /* one that is to be filled: who takes it has use for the sums of its columns */
	size_t first;          /* where its first row stands in the batch that was read, of which it is a part */
};

/* Where a row stands, for messages: "line 4" of text, else "row 3". */
struct ae_place {
	const struct ae_batch *batch;
	size_t row;      /* of the batch */
	uint64_t before; /* rows of the stream before it */
};
enum { AE_PLACE_TEXT = 32 };
char *ae_place_format(const struct ae_place *place, char text[AE_PLACE_TEXT]);

/* Bytes a batch takes on the wire. */
size_t ae_batch_bytes(const struct ae_schema *schema, const struct ae_batch *batch);

/* A batch that owns its data, grown row by row. All zero, then ae_rows_init. */
struct ae_rows {
	struct ae_batch batch;
	struct ae_data *data;
	size_t count;
	struct ae_buf lines; /* of the batch */
};

int ae_rows_init(struct ae_rows *rows, size_t columns, struct ae_error *err) AE_MUST_CHECK;
int ae_rows_append(struct ae_rows *rows, const struct ae_schema *schema, const struct ae_batch *batch, size_t first,
	size_t n, struct ae_error *err) AE_MUST_CHECK;
/* Says on which line of text the row that was appended last ends: all rows of a batch, or none. rows->lines has room
   for it. Inline, since it is done for every row. */
static inline void ae_rows_set_line(struct ae_rows *rows, uint64_t line)
{
	memcpy(rows->lines.data + rows->lines.len, &line, sizeof(line));
	rows->lines.len += sizeof(line);
	rows->batch.lines = (const void *)rows->lines.data;
}
/* Drops what columns got for rows that are not counted, as by a batch that turned out to be bad. */
void ae_rows_cut(struct ae_rows *rows, const struct ae_schema *schema);
void ae_rows_clear(struct ae_rows *rows);
void ae_rows_free(struct ae_rows *rows);

#endif
