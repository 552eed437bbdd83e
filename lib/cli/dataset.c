/* SPDX-License-Identifier: MIT */
/* Reading the rows to train on into memory. */
#include "cli/dataset.h"

#include <math.h>
#include <stdio.h>

#include "cli/beyond.h"

static int describe(struct ae_dataset *d, const struct ae_schema *schema, size_t x, size_t target, struct ae_error *err)
{
	if (ae_schema_copy_head(&d->schema, schema, err) != 0 ||
		ae_schema_add_copy(&d->schema, &schema->cols[x], err) != 0 ||
		(target != AE_NO_COLUMN && ae_schema_add_copy(&d->schema, &schema->cols[target], err) != 0))
		return -1;
	d->x = d->schema.cols[0];
	if (target != AE_NO_COLUMN)
		d->target = d->schema.cols[1];
	return 0;
}

/* Whether a row has no missing value, or, with mask, some value. */
static bool is_complete(const struct ae_column *column, const struct ae_data *data, size_t row, bool mask)
{
	size_t n = ae_shape_size(&column->shape), size = n * ae_type_size(column->type);
	if (!column->missing)
		return true;
	size_t nans = ae_count_nan(data->values.data + row * size, column->type, n);
	return mask ? nans < n : nans == 0;
}

/* Rows whose places follow one another, from row `first` on: mostly all of them. */
struct run {
	size_t first;
	uint64_t place; /* of row `first` */
};

/* The place of a row: that of the last run that begins at it or before. */
static uint64_t place_of(const struct ae_dataset *d, size_t row)
{
	const struct run *runs = (const void *)d->places.data;
	size_t i = d->places.len / sizeof(*runs) - 1;
	while (runs[i].first > row)
		i--;
	return runs[i].place + (row - runs[i].first);
}

/* The first value of a column that is too large to be fitted on, if there is one. */
static int check_column(
	const struct ae_dataset *d, const struct ae_column *c, const struct ae_data *data, struct ae_error *err)
{
	char place[AE_PLACE_TEXT];
	size_t n = ae_shape_size(&c->shape), first;
	if (ae_count_beyond(data->values.data, c->type, d->rows * n, &first) == 0)
		return 0;
	snprintf(place, sizeof(place), "%s %llu", d->in_lines ? "line" : "row",
		(unsigned long long)place_of(d, first / n));
	return ae_beyond_fail(c, first % n, place, err);
}

int ae_dataset_check_size(const struct ae_dataset *d, struct ae_error *err)
{
	if (check_column(d, &d->x, &d->x_data, err) != 0)
		return -1;
	return d->target.name ? check_column(d, &d->target, &d->target_data, err) : 0;
}

struct intake {
	struct ae_dataset *dataset;
	const struct ae_reader *reader;
	struct ae_where *where;
	size_t x, target, label;
	bool mask;
	uint64_t done; /* rows of this stream */
};

/* Whether a row has the values to train on: all of them, or with --missing=mask at least one of x and of target. */
static bool is_usable(const struct intake *in, const struct ae_batch *batch, size_t row)
{
	const struct ae_dataset *d = in->dataset;
	return is_complete(&d->x, batch->cols[in->x], row, in->mask) &&
	       (in->target == AE_NO_COLUMN || is_complete(&d->target, batch->cols[in->target], row, in->mask));
}

/* The row was the last that was taken. */
static int keep_place(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_dataset *d = in->dataset;
	struct run run = {.first = d->rows - 1, .place = batch->lines ? batch->lines[row] : in->done + row + 1};
	d->in_lines = batch->lines != NULL;
	if (d->places.len > 0 && place_of(d, run.first) == run.place)
		return 0;
	return ae_buf_append(&d->places, &run, sizeof(run), err);
}

/* Whether a row has values that can be fitted on. */
static int check_row(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	const struct ae_dataset *d = in->dataset;
	const struct ae_place place = {batch, row, in->done};
	size_t size = ae_shape_size(&d->x.shape) * ae_type_size(d->x.type);
	int rc = ae_beyond_refuse(&d->x, batch->cols[in->x]->values.data + row * size, 1, &place, err);
	if (rc == 0 && in->target != AE_NO_COLUMN) {
		size = ae_shape_size(&d->target.shape) * ae_type_size(d->target.type);
		rc = ae_beyond_refuse(&d->target, batch->cols[in->target]->values.data + row * size, 1, &place, err);
	}
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(in->reader));
}

static int take_row(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_dataset *d = in->dataset;
	if (d->rows == 0)
		ae_label_counts_free(&d->labels);
	if (ae_data_append(&d->x_data, &d->x, batch->cols[in->x], row, 1, err) != 0)
		return -1;
	if (in->target != AE_NO_COLUMN &&
		ae_data_append(&d->target_data, &d->target, batch->cols[in->target], row, 1, err) != 0)
		return -1;
	if (in->label != AE_NO_COLUMN && ae_label_counts_add(&d->labels, batch->cols[in->label], row, 1, err) != 0)
		return -1;
	d->rows++;
	if (d->holdout && ae_holdout_take(d->holdout, row, err) != 0)
		return -1;
	return d->any_size ? keep_place(in, batch, row, err) : check_row(in, batch, row, err);
}

/* A row for which `where` does not hold. Its label tells what went wrong if no row is taken at all. */
static int pass_over(const struct intake *in, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_dataset *d = in->dataset;
	if (d->rows > 0 || in->label == AE_NO_COLUMN)
		return 0;
	return ae_label_counts_add(&d->labels, batch->cols[in->label], row, 1, err);
}

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct intake *in = arg;
	for (size_t row = 0; row < batch->rows; row++) {
		if (!ae_where_holds(in->where, batch, row)) {
			if (pass_over(in, batch, row, err) != 0)
				return -1;
			continue;
		}
		if (!is_usable(in, batch, row))
			in->dataset->left_out++;
		else if (take_row(in, batch, row, err) != 0)
			return -1;
	}
	in->done += batch->rows;
	return in->dataset->holdout ? ae_holdout_batch(in->dataset->holdout, batch, err) : 0;
}

static int next_stream(void *arg, struct ae_error *err)
{
	struct intake *in = arg;
	in->done = 0;
	return ae_where_bind(in->where, ae_reader_schema(in->reader), err);
}

int ae_dataset_read(
	struct ae_dataset *d, struct ae_reader *reader, struct ae_where *where, bool mask, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	struct intake in = {.dataset = d,
		.reader = reader,
		.where = where,
		.target = ae_schema_find(schema, AE_TARGET),
		.label = ae_schema_find(schema, AE_LABEL),
		.mask = mask};
	const struct ae_drain drain = {.rows = take_rows,
		.boundary = next_stream,
		.arg = &in,
		.otherwise = "another scaler",
		.consequence = "nothing is trained on a part"};
	d->text = ae_reader_is_text(reader);
	if (ae_schema_need(schema, AE_X, &in.x, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_column_check_features(&schema->cols[in.x], err) != 0 ||
		(in.target != AE_NO_COLUMN && ae_column_check_features(&schema->cols[in.target], err) != 0))
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (describe(d, schema, in.x, in.target, err) != 0 || ae_where_bind(where, schema, err) != 0 ||
		(d->holdout && ae_holdout_begin(d->holdout, schema, err) != 0))
		return -1;
	return ae_reader_drain(reader, &drain, err);
}

/* Widens the ranges of the columns to n values, those of one column after the other and again from the first. NaN
   widens none. */
#define WIDEN(name, type)                                                                                              \
	static void name(double *restrict low, double *restrict high, size_t columns, const type *values, size_t n)    \
	{                                                                                                              \
		for (size_t e = 0; e < n; e += columns)                                                                \
			for (size_t j = 0; j < columns; j++) {                                                         \
				double v = values[e + j];                                                              \
				low[j] = v < low[j] ? v : low[j];                                                      \
				high[j] = v > high[j] ? v : high[j];                                                   \
			}                                                                                              \
	}
WIDEN(widen_u8, unsigned char)
WIDEN(widen_f32, float)
WIDEN(widen_f64, double)

void ae_dataset_ranges(const struct ae_dataset *dataset, size_t rows, size_t columns, double *low, double *high)
{
	const void *values = dataset->x_data.values.data;
	size_t n = rows * ae_shape_size(&dataset->x.shape);
	for (size_t j = 0; j < columns; j++) {
		low[j] = INFINITY;
		high[j] = -INFINITY;
	}
	if (dataset->x.type == AE_F32)
		widen_f32(low, high, columns, values, n);
	else if (dataset->x.type == AE_F64)
		widen_f64(low, high, columns, values, n);
	else
		widen_u8(low, high, columns, values, n);
}

void ae_dataset_free(struct ae_dataset *d)
{
	ae_schema_free(&d->schema);
	ae_data_free(&d->x_data);
	ae_data_free(&d->target_data);
	ae_label_counts_free(&d->labels);
	ae_buf_free(&d->places);
	*d = (struct ae_dataset){0};
}
