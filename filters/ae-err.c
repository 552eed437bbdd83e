/* SPDX-License-Identifier: MIT */
/* ae-err: recon against target or x gives err. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "eval/attribution.h"
#include "model/lineage.h"
#include "model/score.h"

struct options {
	struct ae_common common;
	const char *metric, *of;
	uint64_t top;
	bool per_feature, keep;
};

struct err_state {
	const struct options *options;
	const struct ae_schema *in;
	const struct ae_metric *metric;
	size_t recon, reference; /* the columns compared */
	struct ae_buf carried;
	struct ae_data score, features;
	double *row; /* recon and then the reference of one row; made with the first row */
	bool model;  /* recon is a model's: its errors are finite */
	bool round;  /* to f32, as networks take and give values: text gets the scores that AEST gets */
	struct ae_attribution attribution;
};

static int check_options(const struct options *o, struct ae_error *err)
{
	const struct ae_metric *metric = o->metric ? ae_metric_find(o->metric) : NULL;
	if (o->metric && !metric)
		return ae_fail_word(err, "metric", o->metric, ae_metric_name);
	if (metric && !metric->feature && (o->per_feature || o->top))
		return ae_fail_usage(
			err, "--metric %s: it has no error per feature, so neither --per-feature nor --top", o->metric);
	if (o->common.model && !o->top)
		return ae_fail_usage(err, "-m goes with --top");
	return o->of && strcmp(o->of, "x") != 0 ? ae_fail_usage(err, "--of %s: expected x", o->of) : 0;
}

static int choose_columns(struct err_state *s, const struct ae_reader *reader, struct ae_error *err)
{
	size_t x = ae_schema_find(s->in, AE_X), target = ae_schema_find(s->in, AE_TARGET);
	bool of_x = s->options->of != NULL;
	if (ae_schema_need(s->in, of_x ? AE_X : AE_RECON, &s->recon, err) != 0 ||
		(of_x && ae_schema_need(s->in, AE_TARGET, &s->reference, err) != 0))
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	s->reference = target != AE_NO_COLUMN ? target : x;
	if (s->reference == AE_NO_COLUMN)
		return ae_fail(err, "%s: recon alone: there is neither target nor x to hold it against",
			ae_reader_name(reader));
	const struct ae_column *recon = &s->in->cols[s->recon], *reference = &s->in->cols[s->reference];
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (ae_shape_size(&recon->shape) != ae_shape_size(&reference->shape))
		return ae_fail(err, "%s: %s of shape %s against %s of shape %s", ae_reader_name(reader), recon->name,
			ae_shape_format(&recon->shape, a), reference->name, ae_shape_format(&reference->shape, b));
	if (ae_column_check_pair(recon, reference, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

static int choose_metric(
	struct err_state *s, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	s->metric = s->options->metric ? ae_metric_find(s->options->metric) : ae_metric_of_loss(lineage->loss);
	if (!s->metric)
		return ae_fail(err, "%s: the model was trained with %s, which is no metric: choose one with --metric",
			ae_reader_name(reader), lineage->loss);
	if (!s->metric->feature && (s->options->per_feature || s->options->top))
		return ae_fail(err,
			"%s: %s, the loss of the training, has no error per feature: choose another --metric",
			ae_reader_name(reader), s->metric->name);
	strcpy(lineage->metric, s->metric->name);
	strcpy(lineage->reference, s->in->cols[s->reference].role == AE_X ? "x" : "target");
	lineage->smooth[0] = '\0';
	lineage->scaled_err = ae_lineage_is_scaled(lineage);
	/* A recon of f64 whose model is known was brought back to original units, which f32 may not resolve. */
	s->model = !s->options->of;
	s->round = s->model && !(s->in->cols[s->recon].type == AE_F64 && lineage->has_digest);
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
		rc = choose_columns(s, reader, err);
	if (rc == 0)
		rc = choose_metric(s, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, s->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	bool by_name = s->options->top > 0 || s->options->per_feature;
	if (rc == 0 && by_name && ae_column_check_features(&s->in->cols[s->reference], err) != 0)
		rc = ae_fail_in(err, "%s: ", ae_reader_name(reader));
	unsigned consumed = s->options->keep ? 0 : 1U << AE_X | 1U << AE_TARGET | 1U << AE_RECON;
	if (rc != 0 || ae_carry_columns(out, s->in, consumed | 1U << AE_ERR, &s->carried, err) != 0)
		return -1;
	const struct ae_column *recon = &s->in->cols[s->recon], *reference = &s->in->cols[s->reference];
	bool missing = recon->missing || reference->missing;
	struct ae_column *column = ae_schema_add(out, "err", AE_ERR, AE_F64, &single, err);
	free(s->row);
	s->row = NULL;
	if (!column)
		return -1;
	column->missing = missing;
	if (s->options->per_feature) {
		column = ae_schema_add(out, "err", AE_ERR, AE_F64, &reference->shape, err);
		if (!column || ae_column_set_features(column, reference->features, reference->feature_count, err) != 0)
			return -1;
		column->missing = missing;
	}
	return s->options->top ? ae_attribution_begin(&s->attribution, reference, s->options->common.model, out, err)
			       : 0;
}

/* A row of a column as f64. */
static void take_row(double *out, const struct ae_column *column, const struct ae_data *data, size_t row, bool round)
{
	size_t n = ae_shape_size(&column->shape);
	ae_to_f64(out, data->values.data + row * n * ae_type_size(column->type), column->type, n);
	for (size_t i = 0; round && column->type == AE_F64 && i < n; i++)
		out[i] = ae_f32_of(out[i]);
}

static double capped(const struct err_state *s, double error)
{
	return s->model && isinf(error) ? DBL_MAX : error;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column single = {.type = AE_F64};
	struct err_state *s = state;
	const struct ae_column *recon = &s->in->cols[s->recon], *reference = &s->in->cols[s->reference];
	struct ae_column per_feature = {.type = AE_F64, .shape = reference->shape};
	size_t n = ae_shape_size(&recon->shape), carried = s->carried.len / sizeof(size_t);
	if (!s->row && !(s->row = ae_calloc(n, 2 * sizeof(*s->row), err)))
		return -1;
	double *left = s->row, *right = s->row + n, *features = NULL;
	double *score = ae_data_resize(&s->score, &single, in->rows, err);
	if (!score ||
		(s->options->per_feature && !(features = ae_data_resize(&s->features, &per_feature, in->rows, err))))
		return -1;
	ae_attribution_clear(&s->attribution);
	for (size_t row = 0; row < in->rows; row++) {
		take_row(left, recon, in->cols[s->recon], row, s->round);
		take_row(right, reference, in->cols[s->reference], row, s->round);
		score[row] = capped(s, s->metric->row(left, right, n));
		for (size_t i = 0; features && i < n; i++)
			*features++ = capped(s, s->metric->feature(left[i], right[i]));
		if (s->options->top && ae_attribution_row(&s->attribution, left, right, err) != 0)
			return -1;
	}
	ae_carry_batch(out, in, &s->carried);
	out->cols[carried] = &s->score;
	if (s->options->per_feature)
		out->cols[++carried] = &s->features;
	ae_attribution_columns(&s->attribution, out->cols + carried + 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.pair = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Error"),
		AE_WORD("metric", 0, &o.metric, "M", ae_metric_name, "%s; default: the loss of the training"),
		AE_TEXT_OPTION("of", 0, &o.of, "x", "hold x itself against target; no model is needed"),
		AE_FLAG("per-feature", 0, &o.per_feature, "add the error of every feature"),
		AE_COUNT("top", 0, &o.top, 0, AE_ATTRIBUTION_MOST, "K",
			"name the K features with the largest share of the error"),
		AE_FILE_IN(
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
	struct ae_filter filter = {.state = &s, .format = &ae_aest_output, .begin = begin, .rows = rows};
	int rc = check_options(&o, &err);
	s.attribution.top = o.top;
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	ae_buf_free(&s.carried);
	free(s.row);
	ae_data_free(&s.score);
	ae_data_free(&s.features);
	ae_attribution_free(&s.attribution);
	return ae_program_finish(program.name, rc, &err);
}
