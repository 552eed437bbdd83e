/* SPDX-License-Identifier: MIT */
#include "cli/apply.h"

#include <math.h>
#include <string.h>

/* ---- what must fit ---- */

static int check_shape(const struct ae_apply *a, const struct ae_column *column, struct ae_error *err)
{
	const struct ae_shape *wanted = ae_infer_input(a->infer);
	char got_text[AE_SHAPE_TEXT], wanted_text[AE_SHAPE_TEXT];
	if (ae_shape_size(&column->shape) == ae_shape_size(wanted))
		return 0;
	return ae_fail(err, "column \"%s\": expected %zu values of shape %s, got %zu of shape %s", column->name,
		ae_shape_size(wanted), ae_shape_format(wanted, wanted_text), ae_shape_size(&column->shape),
		ae_shape_format(&column->shape, got_text));
}

static int check_scaler(
	const struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_buf *wanted = &a->model->scaler;
	if (ae_buf_equal(wanted, &lineage->scaler))
		return 0;
	if (wanted->len == 0)
		return ae_fail(err, "x is scaled, but the model was trained on unscaled x: pipe it through "
				    "ae-normalize --invert");
	if (lineage->scaler.len)
		return ae_fail(err,
			"x was scaled by another scaler than the model's: scale the original with "
			"ae-normalize -m %s",
			a->path);
	if (!ae_reader_is_text(reader))
		return ae_fail(err,
			"x is not scaled, but the model was trained on scaled x: pipe it through "
			"ae-normalize -m %s",
			a->path);
	if (!a->scaled)
		return ae_fail(err,
			"text does not say how x was scaled: pipe the original through ae-normalize -m %s, "
			"or vouch with --scaled that this was",
			a->path);
	return ae_buf_set(&lineage->scaler, wanted->data, wanted->len, err);
}

/* A latent must come from this model; text cannot say. */
static int check_digest(const struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage,
	const unsigned char *digest, struct ae_error *err)
{
	if (ae_reader_is_text(reader))
		return ae_buf_set(&lineage->scaler, a->model->scaler.data, a->model->scaler.len, err);
	if (!lineage->has_digest || memcmp(lineage->digest, digest, sizeof(lineage->digest)) != 0)
		return ae_fail(err, "latent was not made with %s", a->path);
	return 0;
}

static int load(struct ae_apply *a, struct ae_error *err)
{
	ae_model_free(a->model);
	ae_infer_free(a->infer);
	a->model = NULL;
	a->infer = NULL;
	if (ae_model_read(&a->model, a->path, err) != 0)
		return -1;
	if (!a->model->net)
		return ae_fail(err, "%s: holds no network; ae-train writes files that do", a->path);
	return ae_infer_new(&a->infer, a->model->net, a->part, a->threads, err);
}

/* Checks the input column and brings the lineage up to date. */
static int check(struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	ae_model_digest(a->model, digest);
	if (ae_schema_need(a->in, a->from, &a->column, err) != 0 || check_shape(a, &a->in->cols[a->column], err) != 0 ||
		ae_lineage_unpack(lineage, &a->in->lineage, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	int rc = a->from == AE_LATENT ? check_digest(a, reader, lineage, digest, err)
				      : ae_model_check_names(a->model, a->in->cols[a->column].features,
						a->in->cols[a->column].feature_count, err);
	if (rc == 0 && a->from == AE_X)
		rc = check_scaler(a, reader, lineage, err);
	if (rc != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	lineage->has_digest = true;
	memcpy(lineage->digest, digest, sizeof(lineage->digest));
	memcpy(lineage->loss, a->model->settings.loss, sizeof(lineage->loss));
	return 0;
}

static int add_column(const struct ae_apply *a, struct ae_schema *out, struct ae_error *err)
{
	const struct ae_column *from = &a->in->cols[a->column];
	const struct ae_shape *shape = ae_infer_output(a->infer);
	/* A network of dense layers alone gives vectors; its reconstruction has the shape that x had. */
	if (a->to == AE_RECON && ae_shape_size(&a->model->input) == ae_shape_size(shape))
		shape = a->from == AE_X ? &from->shape : &a->model->input;
	struct ae_column *column = ae_schema_add(out, ae_role_name(a->to), a->to, AE_F32, shape, err);
	if (!column)
		return -1;
	column->missing = from->missing;
	if (a->to != AE_RECON)
		return 0;
	return a->from == AE_X ? ae_column_set_features(column, from->features, from->feature_count, err)
			       : ae_column_set_features(column, a->model->features, a->model->feature_count, err);
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct ae_apply *a = state;
	struct ae_lineage lineage = {0};
	a->in = ae_reader_schema(reader);
	if (load(a, err) != 0)
		return -1;
	int rc = check(a, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, a->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_carry_columns(out, a->in, a->drop | 1U << a->to, &a->carried, err) != 0)
		return -1;
	return add_column(a, out, err);
}

/* ---- rows ---- */

static size_t count_nan(const struct ae_column *column, const unsigned char *row, size_t n)
{
	const float *f32 = (const void *)row;
	const double *f64 = (const void *)row;
	size_t nans = 0;
	for (size_t i = 0; i < n; i++)
		nans += column->type == AE_F32 ? isnan(f32[i]) : isnan(f64[i]);
	return nans;
}

/* Gathers the rows that are computed, with 0 in their holes, runs them, and puts the results back among NaN. */
static int run_with_holes(
	struct ae_apply *a, const struct ae_column *column, const struct ae_batch *in, float *out, struct ae_error *err)
{
	size_t n = ae_shape_size(&column->shape), size = n * ae_type_size(column->type), whole = 0;
	size_t out_size = ae_shape_size(ae_infer_output(a->infer));
	const unsigned char *values = in->cols[a->column]->values.data;
	a->gathered.len = a->computed.len = 0;
	if (ae_buf_reserve(&a->gathered, in->rows * n * sizeof(float), err) != 0 ||
		ae_buf_reserve(&a->computed, in->rows * out_size * sizeof(float), err) != 0)
		return -1;
	float *gathered = (void *)a->gathered.data, *computed = (void *)a->computed.data;
	for (size_t row = 0; row < in->rows; row++) {
		size_t nans = count_nan(column, values + row * size, n);
		bool runs = nans == 0 || (nans < n && a->model->settings.missing_mask);
		out[row * out_size] = runs ? 0 : NAN; /* marks the row */
		if (!runs)
			continue;
		float *to = gathered + whole++ * n;
		ae_to_f32(to, values + row * size, column->type, n);
		for (size_t i = 0; i < n; i++)
			to[i] = isnan(to[i]) ? 0 : to[i];
	}
	if (ae_infer_rows(a->infer, gathered, AE_F32, whole, computed, err) != 0)
		return -1;
	for (size_t row = 0, next = 0; row < in->rows; row++) {
		float *to = out + row * out_size;
		if (!isnan(*to))
			memcpy(to, computed + next++ * out_size, out_size * sizeof(float));
		else
			for (size_t i = 0; i < out_size; i++)
				to[i] = NAN;
	}
	return 0;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct ae_apply *a = state;
	const struct ae_column *column = &a->in->cols[a->column];
	struct ae_column result = {.type = AE_F32, .shape = *ae_infer_output(a->infer)};
	float *made = ae_data_resize(&a->made, &result, in->rows, err);
	if (!made)
		return -1;
	int rc = column->missing && column->type != AE_U8
			 ? run_with_holes(a, column, in, made, err)
			 : ae_infer_rows(a->infer, in->cols[a->column]->values.data, column->type, in->rows, made, err);
	ae_carry_batch(out, in, &a->carried);
	out->cols[a->carried.len / sizeof(size_t)] = &a->made;
	return rc;
}

int ae_apply_main(struct ae_apply *a, const bool *keep, const struct ae_program *program, struct ae_common *common,
	int argc, char **argv)
{
	int first, status;
	if (!ae_program_start(program, argc, argv, &first, &status))
		return status;
	struct ae_error err;
	struct ae_filter filter = {.state = a, .format = AE_FORMAT_AEST, .begin = begin, .rows = rows};
	a->path = common->model;
	a->threads = (int)common->threads;
	a->drop = keep && !*keep ? 1U << a->from : 0;
	int rc = common->model ? 0 : ae_fail_usage(&err, "-m FILE is required");
	if (rc == 0)
		rc = ae_filter_run(&filter, program, common, argv + first, (size_t)(argc - first), &err);
	ae_model_free(a->model);
	ae_infer_free(a->infer);
	ae_data_free(&a->made);
	ae_buf_free(&a->carried);
	ae_buf_free(&a->gathered);
	ae_buf_free(&a->computed);
	return ae_program_finish(program->name, rc, &err);
}
