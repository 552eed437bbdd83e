/* SPDX-License-Identifier: MIT */
#include "cli/dataset.h"

#include <math.h>

static int describe(struct ae_dataset *d, const struct ae_reader *reader, size_t x, size_t target, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	d->text = ae_reader_is_text(reader);
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
	size_t n = ae_shape_size(&column->shape), nans = 0;
	const float *f32 = (const void *)data->values.data;
	const double *f64 = (const void *)data->values.data;
	if (!column->missing || column->type == AE_U8)
		return true;
	for (size_t i = row * n; i < (row + 1) * n; i++)
		nans += column->type == AE_F32 ? isnan(f32[i]) : isnan(f64[i]);
	return mask ? nans < n : nans == 0;
}

struct taken {
	const struct ae_schema *schema;
	size_t x, target, label;
	bool mask;
};

static int take_rows(struct ae_dataset *d, const struct taken *t, const struct ae_batch *batch,
	const struct ae_where *where, struct ae_error *err)
{
	for (size_t row = 0; row < batch->rows; row++) {
		if (!ae_where_holds(where, batch, row))
			continue;
		if (!is_complete(&d->x, batch->cols[t->x], row, t->mask) ||
			(t->target != AE_NO_COLUMN && !is_complete(&d->target, batch->cols[t->target], row, t->mask))) {
			d->left_out++;
			continue;
		}
		if (ae_data_append(&d->x_data, &d->x, batch->cols[t->x], row, 1, err) != 0 ||
			(t->target != AE_NO_COLUMN && ae_data_append(&d->target_data, &d->target,
							      batch->cols[t->target], row, 1, err) != 0) ||
			(t->label != AE_NO_COLUMN &&
				ae_label_counts_add(&d->labels, batch->cols[t->label], row, 1, err) != 0))
			return -1;
		d->rows++;
	}
	return 0;
}

int ae_dataset_read(
	struct ae_dataset *d, struct ae_reader *reader, struct ae_where *where, bool mask, struct ae_error *err)
{
	const struct ae_batch *batch = NULL;
	const struct ae_schema *schema = ae_reader_schema(reader);
	struct taken taken = {
		.target = ae_schema_find(schema, AE_TARGET), .label = ae_schema_find(schema, AE_LABEL), .mask = mask};
	if (ae_schema_need(schema, AE_X, &taken.x, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (describe(d, reader, taken.x, taken.target, err) != 0 || ae_where_bind(where, schema, err) != 0)
		return -1;
	enum ae_read got;
	while ((got = ae_reader_next(reader, &batch, err)) > 0) {
		if (got == AE_READ_ROWS) {
			if (take_rows(d, &taken, batch, where, err) != 0)
				return -1;
		} else if (!ae_buf_equal(&d->schema.lineage, &ae_reader_schema(reader)->lineage)) {
			return ae_fail(err, "%s: another scaler than in the stream before it", ae_reader_name(reader));
		} else if (ae_where_bind(where, ae_reader_schema(reader), err) != 0) {
			return -1;
		}
	}
	if (got == AE_READ_FAIL || ae_reader_finish(reader, err) != 0)
		return -1;
	return ae_reader_whole(reader, "nothing is trained on a part", err);
}

void ae_dataset_free(struct ae_dataset *d)
{
	ae_schema_free(&d->schema);
	ae_data_free(&d->x_data);
	ae_data_free(&d->target_data);
	ae_label_counts_free(&d->labels);
	*d = (struct ae_dataset){0};
}
