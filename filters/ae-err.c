/* SPDX-License-Identifier: MIT */
/* ae-err: recon against target or x gives err. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "cli/err_scoring.h"
#include "eval/attribution.h"
#include "eval/drift.h"
#include "eval/observed.h"
#include "model/lineage.h"

struct err_state {
	const struct ae_err_options *options;
	const struct ae_schema *in;
	struct ae_err_columns at;
	struct ae_observed observed;
	struct ae_scoring scoring;
	double *code; /* the latent of one row */
	struct ae_buf carried;
	struct ae_data score, features;
	double *row; /* recon and then the reference of one row; made with the first row */
	bool model;  /* recon is a model's: its errors are finite */
	bool round;  /* to f32, as networks take and give values: text gets the scores that AEST gets */
	struct ae_attribution attribution;
	struct ae_drift drift;
};

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct err_state *s = state;
	struct ae_lineage lineage = {0};
	s->in = ae_reader_schema(reader);
	int rc = ae_lineage_unpack(&lineage, &s->in->lineage, err);
	if (rc == 0)
		rc = ae_err_columns_choose(&s->at, s->options, reader, &lineage, err);
	if (rc == 0)
		rc = ae_err_scoring_begin(&s->scoring, s->options, &s->at, reader, &lineage, err);
	/* A recon of f64 whose model is known was brought back to original units, which f32 may not resolve. */
	bool compares = s->at.reference != AE_NO_COLUMN;
	s->model = !s->options->of;
	s->round = s->model && !(compares && s->in->cols[s->at.recon].type == AE_F64 && lineage.has_digest);
	if (rc == 0)
		rc = ae_schema_copy_head(out, s->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	bool by_name = s->options->top > 0 || s->options->per_feature;
	if (rc == 0 && by_name && ae_column_check_features(&s->in->cols[s->at.reference], err) != 0)
		rc = ae_fail_in(err, "%s: ", ae_reader_name(reader));
	const unsigned made_of = 1U << AE_X | 1U << AE_TARGET | 1U << AE_RECON | 1U << AE_LATENT;
	unsigned consumed = s->options->keep ? 0 : made_of;
	if (rc != 0 || ae_carry_columns(out, s->in, consumed | 1U << AE_ERR, &s->carried, err) != 0)
		return -1;
	free(s->row);
	free(s->code);
	s->row = s->code = NULL;
	if (ae_err_columns_add(&s->at, s->options, s->in, s->scoring.n, out, err) != 0)
		return -1;
	const struct ae_column *reference = compares ? &s->in->cols[s->at.reference] : NULL;
	const struct ae_model_from from = ae_model_of_stream(reader, s->options->common.model);
	if (s->at.observed != AE_NO_COLUMN && ae_observed_begin(&s->observed, s->in, s->at.observed, out, err) != 0)
		return -1;
	if (s->options->drift && ae_drift_begin(&s->drift, reference, &s->scoring, &from, out, err) != 0)
		return -1;
	return s->options->top ? ae_attribution_begin(&s->attribution, reference, &s->scoring, &from, out, err) : 0;
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

static int score_row(struct err_state *s, const struct ae_batch *in, size_t row, double *score, double **features,
	struct ae_error *err)
{
	const struct ae_scoring *scoring = &s->scoring;
	double *left = s->row, *right = NULL;
	if (s->at.latent != AE_NO_COLUMN)
		take_row(s->code, &s->in->cols[s->at.latent], in->cols[s->at.latent], row, true);
	if (s->at.reference != AE_NO_COLUMN) {
		right = left + ae_shape_size(&s->in->cols[s->at.recon].shape);
		take_row(left, &s->in->cols[s->at.recon], in->cols[s->at.recon], row, s->round);
		take_row(right, &s->in->cols[s->at.reference], in->cols[s->at.reference], row, s->round);
	}
	*score = capped(s, ae_scoring_row(&s->scoring, left, right, s->code));
	for (size_t i = scoring->first; *features && i < scoring->first + scoring->n; i++)
		*(*features)++ = capped(s, ae_scoring_feature(scoring, left, right, i));
	if (s->options->drift && ae_drift_row(&s->drift, left, right, err) != 0)
		return -1;
	return s->options->top ? ae_attribution_row(&s->attribution, left, right, err) : 0;
}

/* Several rows at once, where they are of f32 and nothing but the score is asked for. */
static bool score_plain_rows(const struct err_state *s, const struct ae_batch *in, size_t row, double *score)
{
	const struct ae_err_options *o = s->options;
	if (in->rows - row < AE_SCORE_ROWS || s->at.reference == AE_NO_COLUMN || s->at.latent != AE_NO_COLUMN ||
		o->per_feature || o->drift || o->top)
		return false;
	const struct ae_column *recon = &s->in->cols[s->at.recon], *reference = &s->in->cols[s->at.reference];
	size_t size = ae_shape_size(&recon->shape), at = row * size * sizeof(float);
	if (recon->type != AE_F32 || reference->type != AE_F32 ||
		!ae_scoring_rows(&s->scoring, (const void *)(in->cols[s->at.recon]->values.data + at),
			(const void *)(in->cols[s->at.reference]->values.data + at), size, score))
		return false;
	for (int i = 0; i < AE_SCORE_ROWS; i++)
		score[i] = capped(s, score[i]);
	return true;
}

/* Room for one row, made with the first: a header may announce rows of any size and hold none. */
static int alloc_row(struct err_state *s, struct ae_error *err)
{
	size_t n = s->at.recon != AE_NO_COLUMN ? ae_shape_size(&s->in->cols[s->at.recon].shape) : 0;
	size_t latents = s->at.latent != AE_NO_COLUMN ? ae_shape_size(&s->in->cols[s->at.latent].shape) : 0;
	if (!s->row)
		s->row = ae_calloc(n, 2 * sizeof(*s->row), err);
	if (!s->code)
		s->code = ae_calloc(latents, sizeof(*s->code), err);
	return s->row && s->code ? 0 : -1;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column single = {.type = AE_F64};
	struct err_state *s = state;
	struct ae_column per_feature = {.type = AE_F64, .shape = ae_shape_vector(s->scoring.n)};
	size_t carried = s->carried.len / sizeof(size_t);
	double *features = NULL;
	if (alloc_row(s, err) != 0)
		return -1;
	double *score = ae_data_resize(&s->score, &single, in->rows, err);
	if (!score ||
		(s->options->per_feature && !(features = ae_data_resize(&s->features, &per_feature, in->rows, err))))
		return -1;
	ae_attribution_clear(&s->attribution);
	ae_drift_clear(&s->drift);
	for (size_t row = 0; row < in->rows;) {
		if (score_plain_rows(s, in, row, score + row)) {
			row += AE_SCORE_ROWS;
			continue;
		}
		for (size_t end = in->rows - row < AE_SCORE_ROWS ? in->rows : row + AE_SCORE_ROWS; row < end; row++)
			if (score_row(s, in, row, score + row, &features, err) != 0)
				return -1;
	}
	ae_carry_batch(out, in, &s->carried);
	out->cols[carried] = &s->score;
	if (s->options->per_feature)
		out->cols[++carried] = &s->features;
	if (s->at.observed != AE_NO_COLUMN && ae_observed_rows(&s->observed, in, err) != 0)
		return -1;
	if (s->at.observed != AE_NO_COLUMN)
		out->cols[++carried] = &s->observed.numbers;
	if (s->options->drift) {
		out->cols[++carried] = &s->drift.value;
		out->cols[++carried] = &s->drift.name;
	}
	ae_attribution_columns(&s->attribution, out->cols + carried + 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct ae_err_options o = {.common = {.threads = 1, .in.pair = true}, .worst = NAN};
	const struct ae_opt table[] = {
		AE_GROUP("Error"),
		AE_WORD("metric", 0, &o.metric, "M", ae_metric_name, "%s; default: the loss of the training"),
		AE_FLAG("standardise", 0, &o.standardise, "errors in units of the training errors of the model of -m"),
		AE_REAL("worst", 0, &o.worst, DBL_MIN, 1, "F", "the mean of the worst share F of a row's elements"),
		AE_FLAG("last", 0, &o.last, "of a window its last row alone"),
		AE_TEXT_OPTION("of", 0, &o.of, "x", "hold x itself against target; no model is needed"),
		AE_FLAG("per-feature", 0, &o.per_feature, "add the error of every feature"),
		AE_COUNT("top", 0, &o.top, 0, AE_ATTRIBUTION_MOST, "K",
			"name the K features with the largest share of the error"),
		AE_COUNT("drift", 0, &o.drift, 0, AE_DRIFT_MOST, "N",
			"add how far the errors of the last N rows or so are from those of the training"),
		AE_FLAG("n-obs", 0, &o.n_obs, "add n_obs, how many values of x were observed"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE",
			"that made recon and latent: what it keeps of them for t2, t2q, --standardise, --top"),
		AE_OPTION_RELOAD(&o.common),
		AE_FLAG("keep", 0, &o.keep, "keep x, target, recon and latent"),
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
	int rc = ae_err_options_check(&o, &err);
	s.attribution.top = o.top;
	s.drift.span = o.drift;
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	ae_buf_free(&s.carried);
	free(s.row);
	free(s.code);
	ae_scoring_free(&s.scoring);
	ae_observed_free(&s.observed);
	ae_data_free(&s.score);
	ae_data_free(&s.features);
	ae_attribution_free(&s.attribution);
	ae_drift_free(&s.drift);
	return ae_program_finish(program.name, rc, &err);
}
