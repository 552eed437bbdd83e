/* SPDX-License-Identifier: MIT */
/* ae-err: recon against target or x gives err. */
#include <math.h>
#include <string.h>

#include "cli/program.h"
#include "eval/attribution.h"
#include "model/lineage.h"

enum metric { MAE, MSE, RMSE, MAX };
static const char *const metric_names[] = {"mae", "mse", "rmse", "max"};

struct options {
	struct ae_common common;
	const char *metric, *of;
	uint64_t top;
	bool per_feature, keep;
};

struct err_state {
	const struct options *options;
	const struct ae_schema *in;
	enum metric metric;
	size_t made, reference; /* the columns compared */
	struct ae_buf carried;
	struct ae_data score, features;
	struct ae_buf left, right; /* both sides of a row as f64 */
	struct ae_attribution blame;
};

static int find_metric(enum metric *metric, const char *name, struct ae_error *err)
{
	for (int i = MAE; i <= MAX; i++) {
		if (strcmp(name, metric_names[i]) == 0) {
			*metric = (enum metric)i;
			return 0;
		}
	}
	return ae_fail_usage(err, "--metric %s: expected one of mae, mse, rmse, max", name);
}

/* Which columns are compared, and by which metric. */
static int settle(struct err_state *s, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	size_t x = ae_schema_find(s->in, AE_X), target = ae_schema_find(s->in, AE_TARGET);
	bool of_x = s->options->of != NULL;
	if (ae_schema_need(s->in, of_x ? AE_X : AE_RECON, &s->made, err) != 0 ||
		(of_x && ae_schema_need(s->in, AE_TARGET, &s->reference, err) != 0))
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	s->reference = target != AE_NO_COLUMN ? target : x;
	if (s->reference == AE_NO_COLUMN)
		return ae_fail(err, "%s: recon alone: there is neither target nor x to hold it against",
			ae_reader_name(reader));
	const struct ae_column *made = &s->in->cols[s->made], *reference = &s->in->cols[s->reference];
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (ae_shape_size(&made->shape) != ae_shape_size(&reference->shape))
		return ae_fail(err, "%s: %s of shape %s against %s of shape %s", ae_reader_name(reader), made->name,
			ae_shape_format(&made->shape, a), reference->name, ae_shape_format(&reference->shape, b));
	/* Huber has no score of its own; the absolute error is what it tends to where it matters, far from 0. */
	const char *name = s->options->metric                    ? s->options->metric
			   : strcmp(lineage->loss, "huber") == 0 ? "mae"
			   : *lineage->loss                      ? lineage->loss
								 : "mse";
	if (find_metric(&s->metric, name, err) != 0)
		return -1;
	strcpy(lineage->metric, metric_names[s->metric]);
	strcpy(lineage->reference, s->reference == x ? "x" : "target");
	lineage->scaled_err = lineage->scaler.len > 0;
	return 0;
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	struct err_state *s = state;
	struct ae_lineage lineage = {0};
	s->in = ae_reader_schema(reader);
	int rc = ae_lineage_unpack(&lineage, &s->in->lineage, err);
	if (rc == 0)
		rc = settle(s, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, s->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	unsigned consumed = s->options->keep ? 0 : 1U << AE_X | 1U << AE_TARGET | 1U << AE_RECON;
	if (rc != 0 || ae_carry_columns(out, s->in, consumed | 1U << AE_ERR, &s->carried, err) != 0)
		return -1;
	const struct ae_column *made = &s->in->cols[s->made], *reference = &s->in->cols[s->reference];
	bool missing = made->missing || reference->missing;
	struct ae_column *column = ae_schema_add(out, "err", AE_ERR, AE_F64, &single, err);
	if (!column)
		return -1;
	column->missing = missing;
	if (s->options->per_feature) {
		column = ae_schema_add(out, "err", AE_ERR, AE_F64, &reference->shape, err);
		if (!column || ae_column_set_features(column, reference->features, reference->feature_count, err) != 0)
			return -1;
		column->missing = missing;
	}
	return s->options->top ? ae_attribution_begin(&s->blame, reference, s->options->common.model, out, err) : 0;
}

/* The score of one row over its n values, added in order. Cells whose reference is missing are left out; a row that
   was not computed has none. */
static double score_row(enum metric metric, const double *made, const double *reference, double *features, size_t n)
{
	double sum = 0;
	size_t observed = 0;
	bool computed = true;
	for (size_t i = 0; i < n; i++) {
		double gap = fabs(made[i] - reference[i]);
		double value = metric == MSE || metric == RMSE ? gap * gap : gap;
		if (features)
			features[i] = metric == RMSE ? gap : value;
		computed &= !isnan(made[i]);
		if (isnan(reference[i]))
			continue;
		sum = metric == MAX ? fmax(sum, value) : sum + value;
		observed++;
	}
	if (!computed || observed == 0)
		return NAN;
	double mean = metric == MAX ? sum : sum / (double)observed;
	return metric == RMSE ? sqrt(mean) : mean;
}

/* As networks take and give values: text, which reads back as f64, gets the scores that AEST gets. */
static void round_to_f32(double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = (float)values[i];
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column single = {.type = AE_F64};
	struct err_state *s = state;
	const struct ae_column *made = &s->in->cols[s->made], *reference = &s->in->cols[s->reference];
	struct ae_column per_feature = {.type = AE_F64, .shape = reference->shape};
	size_t n = ae_shape_size(&made->shape);
	s->left.len = s->right.len = 0;
	if (ae_buf_reserve(&s->left, n * sizeof(double), err) != 0 ||
		ae_buf_reserve(&s->right, n * sizeof(double), err) != 0)
		return -1;
	double *left = (void *)s->left.data, *right = (void *)s->right.data, *features = NULL;
	ae_attribution_clear(&s->blame);
	double *score = ae_data_resize(&s->score, &single, in->rows, err);
	if (s->options->per_feature)
		features = ae_data_resize(&s->features, &per_feature, in->rows, err);
	if (!score || (s->options->per_feature && !features))
		return -1;
	for (size_t row = 0; row < in->rows; row++) {
		ae_to_f64(left, in->cols[s->made]->values.data + row * n * ae_type_size(made->type), made->type, n);
		ae_to_f64(right, in->cols[s->reference]->values.data + row * n * ae_type_size(reference->type),
			reference->type, n);
		if (!s->options->of) {
			round_to_f32(left, n);
			round_to_f32(right, n);
		}
		score[row] = score_row(s->metric, left, right, features ? features + row * n : NULL, n);
		if (s->options->top && ae_attribution_row(&s->blame, left, right, err) != 0)
			return -1;
	}
	ae_carry_batch(out, in, &s->carried);
	size_t carried = s->carried.len / sizeof(size_t);
	out->cols[carried] = &s->score;
	if (features)
		out->cols[carried + 1] = &s->features;
	ae_attribution_columns(&s->blame, out->cols + carried + 1 + (features != NULL));
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Error"),
		AE_TEXT_OPTION("metric", 0, &o.metric, "M", "mae, mse, rmse or max; default: the loss of the training"),
		AE_TEXT_OPTION("of", 0, &o.of, "x", "hold x itself against target; no model is needed"),
		AE_FLAG("per-feature", 0, &o.per_feature, "add the error of every feature"),
		AE_COUNT("top", 0, &o.top, 0, AE_BLAME_MOST, "K",
			"name the K features with the largest share of the error"),
		AE_TEXT_OPTION(
			"model", 'm', &o.common.model, "FILE", "with --top: measure in units of its training errors"),
		AE_FLAG("keep", 0, &o.keep, "keep x, target and recon"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-err", "[options] [file ...]",
		"Measures the reconstruction error of every row: adds the column err.", table,
		sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct err_state s = {.options = &o};
	struct ae_filter filter = {.state = &s, .format = AE_FORMAT_AEST, .begin = begin, .rows = rows};
	int rc = o.metric ? find_metric(&s.metric, o.metric, &err) : 0;
	s.blame.top = o.top;
	if (rc == 0 && o.common.model && !o.top)
		rc = ae_fail_usage(&err, "-m goes with --top");
	if (rc == 0 && o.of && strcmp(o.of, "x") != 0)
		rc = ae_fail_usage(&err, "--of %s: expected x", o.of);
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	ae_buf_free(&s.carried);
	ae_buf_free(&s.left);
	ae_buf_free(&s.right);
	ae_data_free(&s.score);
	ae_data_free(&s.features);
	ae_attribution_free(&s.blame);
	return ae_program_finish(program.name, rc, &err);
}
