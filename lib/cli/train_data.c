/* SPDX-License-Identifier: MIT */
/* Data sets against models: slices of rows, units, shapes, ranges. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/train_data.h"
#include "core/number.h"
#include "model/lineage.h"
#include "model/scaler.h"

struct ae_train_data ae_train_data_rows(const struct ae_dataset *d, size_t first, size_t rows)
{
	struct ae_train_data data = {.rows = rows};
	if (rows == 0)
		return data;
	data.x_type = d->x.type;
	data.x = d->x_data.values.data + first * ae_shape_size(&d->x.shape) * ae_type_size(d->x.type);
	if (d->target.name) {
		data.target_type = d->target.type;
		data.target = d->target_data.values.data +
			      first * ae_shape_size(&d->target.shape) * ae_type_size(d->target.type);
	}
	return data;
}

static int scale(const struct ae_scaler *scaler, struct ae_column *column, struct ae_data *data, size_t rows,
	struct ae_error *err)
{
	struct ae_data scaled = {0};
	struct ae_column result = *column;
	result.type = AE_F32;
	if (!ae_scaler_fits(scaler, &column->shape))
		return ae_fail(
			err, "column \"%s\" does not fit the scaler's %zu columns", column->name, scaler->columns);
	float *values = ae_data_resize(&scaled, &result, rows, err);
	if (!values)
		return -1;
	ae_scaler_apply(scaler, values, data->values.data, column->type, rows, &column->shape);
	ae_data_free(data);
	*data = scaled;
	column->type = AE_F32;
	return 0;
}

int ae_train_data_check_output(
	const struct ae_net *net, const struct ae_column *x, const struct ae_column *target, struct ae_error *err)
{
	const struct ae_column *wanted = target->name ? target : x;
	char out_text[AE_SHAPE_TEXT], wanted_text[AE_SHAPE_TEXT];
	if (ae_shape_size(ae_net_output(net)) == ae_shape_size(&wanted->shape))
		return 0;
	return ae_fail(err, "the network makes rows of shape %s, but %s has %s",
		ae_shape_format(ae_net_output(net), out_text), target->name ? "target" : "x",
		ae_shape_format(&wanted->shape, wanted_text));
}

int ae_train_data_check_range(const struct ae_net *net, const struct ae_dataset *d, bool force, struct ae_error *err)
{
	double low, high, least = INFINITY, most = -INFINITY;
	const struct ae_column *column = d->target.name ? &d->target : &d->x;
	const struct ae_data *data = d->target.name ? &d->target_data : &d->x_data;
	size_t n = ae_shape_size(&column->shape), size = ae_type_size(column->type);
	ae_net_output_range(net, &low, &high);
	if (force || (isinf(low) && isinf(high)))
		return 0;
	for (size_t i = 0; i < d->rows * n; i++) {
		double value;
		ae_to_f64(&value, data->values.data + i * size, column->type, 1);
		least = value < least ? value : least;
		most = value > most ? value : most;
	}
	double slack = 1e-6;
	if (least >= low - slack && most <= high + slack)
		return 0;
	char text[4][AE_NUMBER_TEXT];
	ae_number_format_f32(text[0], (float)least);
	ae_number_format_f32(text[1], (float)most);
	if (isinf(high))
		strcpy(text[3], "infinity");
	else
		ae_number_format_f64(text[3], high);
	ae_number_format_f64(text[2], low);
	return ae_fail(err,
		"%s goes from %s to %s, but the network's output only from %s to %s: scale it with "
		"ae-normalize, give the last layer another activation, or --force",
		d->target.name ? "target" : "x", text[0], text[1], text[2], text[3]);
}

int ae_train_data_describe(struct ae_model *model, const struct ae_dataset *d, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &d->schema.lineage, err);
	if (rc == 0)
		rc = ae_buf_set(&model->scaler, lineage.scaler.data, lineage.scaler.len, err);
	ae_lineage_free(&lineage);
	return rc == 0 ? ae_model_set_input(model, &d->x.shape, d->x.features, d->x.feature_count, err) : -1;
}

int ae_train_data_check_same(const struct ae_model *model, const struct ae_dataset *d, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &d->schema.lineage, err);
	if (rc == 0 && !ae_shape_equal(&model->input, &d->x.shape)) {
		char was[AE_SHAPE_TEXT], is[AE_SHAPE_TEXT];
		rc = ae_fail(err, "was trained on x of shape %s, but this one has %s",
			ae_shape_format(&model->input, was), ae_shape_format(&d->x.shape, is));
	}
	if (rc == 0 && !ae_buf_equal(&lineage.scaler, &model->scaler))
		rc = ae_fail(err, "was trained on x of another scaler: scale the original with ae-normalize -m");
	ae_lineage_free(&lineage);
	return rc == 0 ? ae_model_check_names(model, d->x.features, d->x.feature_count, err) : -1;
}

int ae_train_data_match_units(struct ae_dataset *valid, const struct ae_dataset *train, struct ae_error *err)
{
	struct ae_lineage a = {0}, b = {0};
	struct ae_scaler scaler = {0};
	int rc = ae_lineage_unpack(&a, &train->schema.lineage, err);
	if (rc == 0)
		rc = ae_lineage_unpack(&b, &valid->schema.lineage, err);
	if (rc == 0 && !ae_shape_equal(&train->x.shape, &valid->x.shape))
		rc = ae_fail(err, "x of another shape than the training rows");
	if (rc == 0 && b.scaler.len && !ae_buf_equal(&a.scaler, &b.scaler))
		rc = ae_fail(err, "x was scaled by another scaler than the training rows");
	if (rc == 0 && a.scaler.len && !b.scaler.len) {
		rc = ae_scaler_unpack(&scaler, a.scaler.data, a.scaler.len, err);
		if (rc == 0)
			rc = scale(&scaler, &valid->x, &valid->x_data, valid->rows, err);
		if (rc == 0 && valid->target.name)
			rc = scale(&scaler, &valid->target, &valid->target_data, valid->rows, err);
	}
	ae_scaler_free(&scaler);
	ae_lineage_free(&a);
	ae_lineage_free(&b);
	return rc;
}
