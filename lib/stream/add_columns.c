/* SPDX-License-Identifier: MIT */
/* Columns from files, constants, row numbers and another stream, put beside those of a batch. */
#include "stream/add_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/value_file.h"

/* A new text column: the values of a file, one text for every row, or the row's number. */
struct new_column {
	const char *path;   /* of the file, else NULL */
	struct ae_data all; /* its values */
	size_t rows;
	const char *constant;
	bool counted;
	struct ae_data batch;
};

enum { ADDED_MAX = 4 };

struct ae_add_columns {
	const struct ae_schema *in;
	struct new_column added[ADDED_MAX];
	size_t added_count;
	struct ae_buf carried; /* size_t: the input column of each of the first output columns */
	/* paste: */
	const char *paste_path;
	struct ae_reader *paste;
	struct ae_schema paste_schema;
	struct ae_rows waiting; /* pasted rows that have come and not been used */
	struct ae_rows pasted;  /* those beside the batch at hand */
	struct ae_buf paste_map;
	size_t id_left, id_right;
	struct ae_batch out;
	uint64_t rows;
};

/* ---- the schema ---- */

static int check_options(const struct ae_add_columns_options *o, struct ae_error *err)
{
	if (o->set && (strncmp(o->set, "label=", 6) != 0))
		return ae_fail_usage(err, "--set %s: expected label=VALUE", o->set);
	if (o->set && o->label_file)
		return ae_fail_usage(err, "--set and --label-file exclude each other");
	if (o->number && o->id_file)
		return ae_fail_usage(err, "--number and --id-file exclude each other");
	return 0;
}

static struct new_column *add_text(
	struct ae_add_columns *a, struct ae_schema *out, enum ae_role role, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	if (!ae_schema_add(out, ae_role_name(role), role, AE_TEXT, &single, err))
		return NULL;
	return &a->added[a->added_count++];
}

static int add_file(
	struct ae_add_columns *a, struct ae_schema *out, enum ae_role role, const char *path, struct ae_error *err)
{
	struct new_column *column = add_text(a, out, role, err);
	if (!column)
		return -1;
	column->path = path;
	return ae_column_file_read(&column->all, &column->rows, path, err);
}

/* Columns of the pasted stream that have the features of one here come in its order: x's, else target's, else recon's.
   The lineage of the pasted stream is not used. */
static struct ae_feature_names paste_order(const struct ae_schema *in)
{
	static const enum ae_role roles[] = {AE_X, AE_TARGET, AE_RECON};
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		size_t column = ae_schema_find(in, roles[i]);
		if (column != AE_NO_COLUMN && in->cols[column].feature_count)
			return (struct ae_feature_names){
				.names = in->cols[column].features, .count = in->cols[column].feature_count};
	}
	return (struct ae_feature_names){0};
}

/* What is said of the stream's text is said of the pasted one's too, where it has the names. */
static struct ae_reader_options paste_options(const struct ae_add_columns *a, const struct ae_reader_options *in)
{
	return (struct ae_reader_options){.features = paste_order(a->in),
		.pair = true,
		.results = true,
		.beside = a->in,
		.more_inputs = true,
		.follows = true,
		.delimiter = in->delimiter,
		.numeric_header = in->numeric_header,
		.label = in->label,
		.id = in->id,
		.time = in->time,
		.pass = in->pass,
		.f32 = in->f32,
		.missing = in->missing,
		.on_bad = in->on_bad,
		.rejects = in->rejects,
		.lenient_eof = in->lenient_eof,
		.multiline = in->multiline,
		.na = in->na,
		.comment = in->comment,
		.units = in->units,
		.report = in->report,
		.report_arg = in->report_arg};
}

static int open_paste(
	struct ae_add_columns *a, const struct ae_add_columns_options *o, struct ae_schema *out, struct ae_error *err)
{
	const struct ae_reader_options options = paste_options(a, o->in);
	const char *path = o->paste;
	char *file = (char *)(uintptr_t)path;
	a->paste_path = path;
	if (ae_reader_open(&a->paste, &file, 1, &options, err) != 0)
		return -1;
	const struct ae_schema *schema = ae_reader_schema(a->paste);
	a->id_left = ae_schema_find(a->in, AE_ID);
	a->id_right = ae_schema_find(schema, AE_ID);
	if (ae_schema_copy_head(&a->paste_schema, schema, err) != 0)
		return -1;
	for (size_t i = 0; i < schema->count; i++) {
		if (ae_schema_add_copy(&a->paste_schema, &schema->cols[i], err) != 0)
			return -1;
		if (i == a->id_right && a->id_left != AE_NO_COLUMN)
			continue; /* the same ids once */
		if (ae_schema_add_copy(out, &schema->cols[i], err) != 0 ||
			ae_buf_append(&a->paste_map, &i, sizeof(i), err) != 0)
			return -1;
	}
	if (ae_schema_check(out, err) != 0)
		return ae_fail_in(err, "--paste %s: ", path);
	return ae_rows_init(&a->waiting, schema->count, err) != 0 ? -1 : ae_rows_init(&a->pasted, schema->count, err);
}

static int build(
	struct ae_add_columns *a, const struct ae_add_columns_options *o, struct ae_schema *out, struct ae_error *err)
{
	bool labels = o->set || o->label_file;
	if (check_options(o, err) != 0 || ae_schema_copy_head(out, a->in, err) != 0)
		return -1;
	for (size_t i = 0; i < a->in->count; i++) {
		const struct ae_column *c = &a->in->cols[i];
		if (labels && c->role == AE_LABEL)
			continue;
		if ((o->number || o->id_file) && strcmp(c->name, "id") == 0)
			return ae_fail(
				err, "%s: there is a column \"id\" already", o->number ? "--number" : "--id-file");
		if (ae_schema_add_copy(out, c, err) != 0 || ae_buf_append(&a->carried, &i, sizeof(i), err) != 0)
			return -1;
	}
	if (o->number) {
		struct new_column *column = add_text(a, out, AE_ID, err);
		if (!column)
			return -1;
		column->counted = true;
	}
	if (o->id_file && add_file(a, out, AE_ID, o->id_file, err) != 0)
		return -1;
	if (o->label_file && add_file(a, out, AE_LABEL, o->label_file, err) != 0)
		return -1;
	if (o->set) {
		struct new_column *column = add_text(a, out, AE_LABEL, err);
		if (!column)
			return -1;
		column->constant = o->set + strlen("label=");
	}
	if (o->paste && open_paste(a, o, out, err) != 0)
		return -1;
	a->out.cols = ae_calloc(out->count, sizeof(*a->out.cols), err);
	return a->out.cols ? 0 : -1;
}

int ae_add_columns_new(struct ae_add_columns **out_add, const struct ae_add_columns_options *options,
	const struct ae_schema *in, struct ae_schema *out, struct ae_error *err)
{
	struct ae_add_columns *a = ae_calloc(1, sizeof(*a), err);
	if (!a)
		return -1;
	a->in = in;
	if (build(a, options, out, err) != 0) {
		ae_add_columns_free(a);
		return -1;
	}
	*out_add = a;
	return 0;
}

/* ---- rows ---- */

static int fill_rows(struct ae_add_columns *a, struct new_column *column, size_t rows, struct ae_error *err)
{
	ae_data_clear(&column->batch);
	for (size_t i = 0; i < rows; i++) {
		char number[24];
		const char *text = column->constant;
		size_t len = text ? strlen(text) : 0;
		if (column->counted) {
			len = (size_t)snprintf(number, sizeof(number), "%llu", (unsigned long long)(a->rows + i));
			text = number;
		} else if (column->path) {
			if (a->rows + i >= column->rows)
				return ae_fail(
					err, "%s: %zu rows, but the stream has more", column->path, column->rows);
			text = ae_data_text(&column->all, (size_t)a->rows + i, &len);
		}
		if (ae_data_append_text(&column->batch, text, len, err) != 0)
			return -1;
	}
	return 0;
}

/* Moves the next rows of the pasted stream beside the batch. */
static int paste_rows(struct ae_add_columns *a, size_t rows, struct ae_error *err)
{
	while (a->waiting.batch.rows < rows) {
		const struct ae_batch *batch = NULL;
		enum ae_read got = ae_reader_next(a->paste, &batch, err);
		if (got == AE_READ_FAIL)
			return -1;
		if (got == AE_READ_END && ae_reader_terminated(a->paste))
			return ae_fail_terminated(err, "%s: stopped before the row beside another came", a->paste_path);
		if (got == AE_READ_END)
			return ae_fail(err, "%s: %llu rows, but the stream has more", a->paste_path,
				(unsigned long long)(a->rows + a->waiting.batch.rows));
		if (got == AE_READ_ROWS &&
			ae_rows_append(&a->waiting, &a->paste_schema, batch, 0, batch->rows, err) != 0)
			return -1;
	}
	struct ae_rows rest;
	ae_rows_clear(&a->pasted);
	if (ae_rows_append(&a->pasted, &a->paste_schema, &a->waiting.batch, 0, rows, err) != 0 ||
		ae_rows_init(&rest, a->paste_schema.count, err) != 0)
		return -1;
	int rc = ae_rows_append(&rest, &a->paste_schema, &a->waiting.batch, rows, a->waiting.batch.rows - rows, err);
	ae_rows_free(&a->waiting);
	a->waiting = rest;
	return rc;
}

/* A row that was left out moves those behind it beside others, which nothing but ids tells. */
static int check_whole(const struct ae_add_columns *a, struct ae_error *err)
{
	const struct ae_left_out *left_out = ae_reader_left_out(a->paste);
	if (left_out->of[AE_LEFT_OUT_BAD].count + left_out->of[AE_LEFT_OUT_MISSING].count == 0)
		return 0;
	return ae_fail(err,
		"%s: rows were left out, and without ids nothing tells which rows belong together: --id names those of "
		"both sides",
		a->paste_path);
}

static int check_ids(const struct ae_add_columns *a, const struct ae_batch *in, struct ae_error *err)
{
	if (a->id_left == AE_NO_COLUMN || a->id_right == AE_NO_COLUMN)
		return check_whole(a, err);
	for (size_t i = 0; i < in->rows; i++) {
		size_t left_len, right_len;
		const char *left = ae_data_text(in->cols[a->id_left], i, &left_len);
		const char *right = ae_data_text(a->pasted.batch.cols[a->id_right], i, &right_len);
		if (left_len != right_len || memcmp(left, right, left_len) != 0)
			return ae_fail(err, "%s: row %llu: id \"%.*s\" beside id \"%.*s\"", a->paste_path,
				(unsigned long long)(a->rows + i + 1), (int)right_len, right, (int)left_len, left);
	}
	return 0;
}

int ae_add_columns_rows(
	struct ae_add_columns *a, const struct ae_batch *in, const struct ae_batch **out, struct ae_error *err)
{
	size_t column = 0;
	const size_t *carried = (const void *)a->carried.data, *pasted = (const void *)a->paste_map.data;
	for (size_t i = 0; i < a->carried.len / sizeof(*carried); i++)
		a->out.cols[column++] = in->cols[carried[i]];
	for (size_t i = 0; i < a->added_count; i++) {
		if (fill_rows(a, &a->added[i], in->rows, err) != 0)
			return -1;
		a->out.cols[column++] = &a->added[i].batch;
	}
	if (a->paste && (paste_rows(a, in->rows, err) != 0 || check_ids(a, in, err) != 0))
		return -1;
	for (size_t i = 0; i < a->paste_map.len / sizeof(*pasted); i++)
		a->out.cols[column++] = &a->pasted.data[pasted[i]];
	a->out.rows = in->rows;
	a->rows += in->rows;
	*out = &a->out;
	return 0;
}

int ae_add_columns_end(struct ae_add_columns *a, struct ae_error *err)
{
	for (size_t i = 0; i < a->added_count; i++)
		if (a->added[i].path && a->added[i].rows != a->rows)
			return ae_fail(err, "%s: %zu rows, but the stream has %llu", a->added[i].path, a->added[i].rows,
				(unsigned long long)a->rows);
	if (!a->paste)
		return 0;
	const struct ae_batch *batch = NULL;
	enum ae_read got = a->waiting.batch.rows ? AE_READ_ROWS : ae_reader_next(a->paste, &batch, err);
	while (got == AE_READ_BOUNDARY)
		got = ae_reader_next(a->paste, &batch, err);
	if (got == AE_READ_ROWS)
		return ae_fail(err, "%s: more rows than the stream's %llu", a->paste_path, (unsigned long long)a->rows);
	return got == AE_READ_FAIL ? -1 : 0;
}

const struct ae_reader *ae_add_columns_pasted(const struct ae_add_columns *a)
{
	return a->paste;
}

void ae_add_columns_free(struct ae_add_columns *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->added_count; i++) {
		ae_data_free(&a->added[i].all);
		ae_data_free(&a->added[i].batch);
	}
	ae_reader_close(a->paste);
	ae_schema_free(&a->paste_schema);
	ae_rows_free(&a->waiting);
	ae_rows_free(&a->pasted);
	ae_buf_free(&a->carried);
	ae_buf_free(&a->paste_map);
	free(a->out.cols);
	free(a);
}
