#include "apply.h"

#include <math.h>
#include <string.h>

int ae_apply_load(struct ae_apply *apply, struct ae_error *err)
{
	ae_model_free(apply->model);
	ae_infer_free(apply->infer);
	apply->model = NULL;
	apply->infer = NULL;
	if (ae_model_read(&apply->model, apply->path, err) != 0)
		return -1;
	if (!apply->model->net)
		return ae_fail(err, "%s: holds no network; ae-train writes files that do", apply->path);
	ae_model_digest(apply->model, apply->digest);
	return ae_infer_new(&apply->infer, apply->model->net, apply->part, apply->threads, err);
}

int ae_apply_check_names(const struct ae_model *model, const struct ae_column *x, struct ae_error *err)
{
	if (!model->feature_count || model->feature_count != x->feature_count)
		return 0;
	for (size_t i = 0; i < x->feature_count; i++)
		if (strcmp(model->features[i], x->features[i]) != 0)
			return ae_fail(err, "input %zu is \"%s\", but the model was trained with \"%s\" there", i + 1,
				x->features[i], model->features[i]);
	return 0;
}

static int check_scaler(
	const struct ae_apply *apply, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_buf *wanted = &apply->model->scaler;
	const char *name = ae_reader_name(reader);
	if (ae_buf_equal(wanted, &lineage->scaler))
		return 0;
	if (wanted->len == 0)
		return ae_fail(err,
			"%s: x is scaled, but the model was trained on unscaled x: pipe it through "
			"ae-normalize --invert",
			name);
	if (lineage->scaler.len)
		return ae_fail(err,
			"%s: x was scaled by another scaler than the model's: scale the original with "
			"ae-normalize -m %s",
			name, apply->path);
	if (!ae_reader_is_text(reader))
		return ae_fail(err,
			"%s: x is not scaled, but the model was trained on scaled x: pipe it through "
			"ae-normalize -m %s",
			name, apply->path);
	if (!apply->scaled)
		return ae_fail(err,
			"%s: text does not say how x was scaled: pipe the original through "
			"ae-normalize -m %s, or vouch with --scaled that this was",
			name, apply->path);
	return ae_buf_set(&lineage->scaler, wanted->data, wanted->len, err);
}

int ae_apply_check(const struct ae_apply *apply, const struct ae_reader *reader, size_t *x, struct ae_lineage *lineage,
	struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	const struct ae_model *model = apply->model;
	char got[AE_SHAPE_TEXT], wanted[AE_SHAPE_TEXT];
	if (ae_schema_need(schema, AE_X, x, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	const struct ae_column *column = &schema->cols[*x];
	if (ae_shape_size(&column->shape) != ae_shape_size(&model->input))
		return ae_fail(err, "%s: column \"%s\": expected %zu values of shape %s, got %zu of shape %s",
			ae_reader_name(reader), column->name, ae_shape_size(&model->input),
			ae_shape_format(&model->input, wanted), ae_shape_size(&column->shape),
			ae_shape_format(&column->shape, got));
	if (ae_apply_check_names(model, column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_lineage_unpack(lineage, &schema->lineage, err) != 0 || check_scaler(apply, reader, lineage, err) != 0)
		return -1;
	lineage->has_digest = true;
	memcpy(lineage->digest, apply->digest, sizeof(lineage->digest));
	memcpy(lineage->loss, model->settings.loss, sizeof(lineage->loss));
	return 0;
}

static size_t count_nan(const struct ae_column *column, const unsigned char *row, size_t n)
{
	const float *f32 = (const void *)row;
	const double *f64 = (const void *)row;
	size_t nans = 0;
	for (size_t i = 0; i < n; i++)
		nans += column->type == AE_F32 ? isnan(f32[i]) : isnan(f64[i]);
	return nans;
}

static void zero_nan(float *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(values[i]))
			values[i] = 0;
}

int ae_apply_rows(struct ae_apply *apply, const struct ae_column *column, const struct ae_data *in, size_t rows,
	float *out, size_t out_size, struct ae_buf *spare, struct ae_error *err)
{
	const unsigned char *values = in->values.data;
	if (!column->missing || column->type == AE_U8)
		return ae_infer_rows(apply->infer, values, column->type, rows, out, err);
	size_t n = ae_shape_size(&column->shape), size = n * ae_type_size(column->type), whole = 0;
	spare->len = 0;
	if (ae_buf_reserve(spare, rows * n * sizeof(float) + 1, err) != 0)
		return -1;
	float *gathered = (void *)spare->data;
	for (size_t row = 0; row < rows; row++) {
		size_t nans = count_nan(column, values + row * size, n);
		bool computed = nans == 0 || (nans < n && apply->model->settings.missing_mask);
		for (size_t i = 0; i < out_size; i++) /* NaN marks the rows that are not computed */
			out[row * out_size + i] = computed ? 0 : NAN;
		if (!computed)
			continue;
		ae_to_f32(gathered + whole * n, values + row * size, column->type, n);
		zero_nan(gathered + whole++ * n, n);
	}
	struct ae_buf results = {0};
	if (ae_buf_reserve(&results, whole * out_size * sizeof(float) + 1, err) != 0)
		return -1;
	float *result = (void *)results.data;
	int rc = ae_infer_rows(apply->infer, gathered, AE_F32, whole, result, err);
	for (size_t row = 0, next = 0; rc == 0 && row < rows; row++)
		if (!isnan(out[row * out_size]))
			memcpy(out + row * out_size, result + next++ * out_size, out_size * sizeof(float));
	ae_buf_free(&results);
	return rc;
}

void ae_apply_free(struct ae_apply *apply)
{
	ae_model_free(apply->model);
	ae_infer_free(apply->infer);
	apply->model = NULL;
	apply->infer = NULL;
}
