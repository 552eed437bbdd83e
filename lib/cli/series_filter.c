/* SPDX-License-Identifier: MIT */
/* Filters of series. */
#include "cli/series_filter.h"

#include <stdio.h>

#include "eval/observed.h"

static size_t value_bytes(const struct ae_column *column)
{
	return ae_product(ae_shape_size(&column->shape), ae_type_size(column->type));
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct ae_series_filter *f = state;
	struct ae_series_layout layout = {0};
	f->in = ae_reader_schema(reader);
	f->observed = f->kind->adds_observed ? ae_observed_find_number(f->in) : AE_NO_COLUMN;
	if (f->kind->begin(f, reader, &layout, err) != 0 || ae_series_begin(&f->series, reader, &layout, err) != 0 ||
		ae_schema_copy_head(out, f->in, err) != 0 || ae_carry_columns(out, f->in, 0, &f->carried, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	f->column = layout.column;
	if (f->kind->describe(f, out, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	f->in_bytes = value_bytes(&f->in->cols[f->column]);
	f->out_bytes = value_bytes(&out->cols[f->column]);
	return 0;
}

static size_t rows_at_once(const void *state)
{
	const struct ae_series_filter *f = state;
	size_t most = f->kind->most_bytes / f->out_bytes;
	return most ? most : 1;
}

/* Appends what becomes of a row, if anything does. */
static int make_row(struct ae_series_filter *f, const struct ae_batch *in, size_t row, struct ae_error *err)
{
	struct ae_series_group *group = NULL;
	struct ae_error why;
	int good = f->alone ? 1 : ae_series_row(&f->series, in, row, &group, err);
	if (good != 1)
		return good;
	const unsigned char *value = in->cols[f->column]->values.data + row * f->in_bytes;
	struct ae_buf *made_observed = &f->made_observed.values;
	if (f->observed != AE_NO_COLUMN)
		memcpy(&f->n_obs, in->cols[f->observed]->values.data + row * sizeof(f->n_obs), sizeof(f->n_obs));
	switch (f->kind->row(f, group, value, f->made.values.data + f->made.values.len, &why)) {
	case AE_SERIES_MADE:
		f->made.values.len += f->out_bytes;
		return f->observed == AE_NO_COLUMN ? 0 : ae_buf_append(made_observed, &f->n_obs, sizeof(f->n_obs), err);
	case AE_SERIES_FAILED:
		*err = why;
		return -1;
	case AE_SERIES_NONE:
		return ae_series_drop(&f->series, row, err);
	default:
		return ae_series_bad(&f->series, in, row, why.text, err);
	}
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct ae_series_filter *f = state;
	f->rows += in->rows;
	f->made.values.len = f->made_observed.values.len = 0;
	if (ae_buf_reserve(&f->made.values, ae_product(in->rows, f->out_bytes), err) != 0)
		return -1;
	for (size_t row = 0; row < in->rows; row++)
		if (make_row(f, in, row, err) != 0)
			return -1;
	const struct ae_batch *kept = ae_series_kept(&f->series, in, err);
	if (!kept)
		return -1;
	ae_carry_batch(out, kept, &f->carried);
	out->cols[f->column] = &f->made;
	if (f->observed != AE_NO_COLUMN)
		out->cols[f->observed] = &f->made_observed;
	out->rows = kept->rows;
	return 0;
}

int ae_series_find_x(
	const struct ae_schema *in, const char *program, const char *of, size_t *column, struct ae_error *err)
{
	static const enum ae_role of_x[] = {AE_TARGET, AE_RECON, AE_LATENT};
	if (ae_schema_need(in, AE_X, column, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(of_x) / sizeof(*of_x); i++)
		if (ae_schema_find(in, of_x[i]) != AE_NO_COLUMN)
			return ae_fail(err, "there is a %s of %s: use %s before what made it", ae_role_name(of_x[i]),
				of, program);
	return 0;
}

static int idle(void *state)
{
	struct ae_series_filter *f = state;
	return ae_series_idle(&f->series);
}

static int settled(void *state)
{
	struct ae_series_filter *f = state;
	return ae_series_settled(&f->series);
}

static int end(void *state, struct ae_error *err)
{
	struct ae_series_filter *f = state;
	return ae_series_last(&f->series, err);
}

int ae_series_filter_run(struct ae_series_filter *f, const struct ae_filter *instead, char *const *files, size_t count,
	struct ae_error *err)
{
	const struct ae_filter filter = {.state = f,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.rows_at_once = f->kind->most_bytes ? rows_at_once : NULL,
		.idle = idle,
		.settled = settled,
		.end = end,
		.also = ae_series_also(&f->series),
		.rejected = &f->series.rejected};
	int rc = ae_series_start(&f->series, err);
	if (rc == 0)
		rc = ae_filter_run(instead ? instead : &filter, f->series.program, f->series.common, files, count, err);
	if (rc >= 0 && f->kind->note)
		f->kind->note(f);
	if (rc >= 0)
		ae_series_note(&f->series);
	return rc;
}

void ae_series_filter_free(struct ae_series_filter *f)
{
	ae_series_free(&f->series);
	ae_buf_free(&f->carried);
	ae_data_free(&f->made);
	ae_data_free(&f->made_observed);
}
