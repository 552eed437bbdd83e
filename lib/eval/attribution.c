/* SPDX-License-Identifier: MIT */
/* Attribution of a row's error to the features with the largest errors. */
#include "eval/attribution.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/scoring.h"
#include "model/model.h"
#include "model/score.h"

/* The place of each feature among the model's: by name where both have names. */
static int find_places(
	struct ae_order *order, const struct ae_column *column, const struct ae_model *model, struct ae_error *err)
{
	size_t count = model->feature_count;
	if (count == 0 || count != column->feature_count)
		return 0;
	return ae_order_need(order, "the model", model->features, column->name, column->features, count, err);
}

int ae_error_stats(double **mean, double **sd, const struct ae_column *column, const struct ae_model *model,
	const char *path, struct ae_error *err)
{
	struct ae_order order = {0};
	size_t count = ae_shape_size(&column->shape);
	if (model->stats.err_count == 0)
		return ae_fail(err, "%s: holds no training errors, as checkpoints do: go on with the training", path);
	if (model->stats.err_count != count)
		return ae_fail(err, "%s: holds training errors of %zu features, but there are %zu", path,
			model->stats.err_count, count);
	if (find_places(&order, column, model, err) != 0)
		return ae_fail_in(err, "%s: ", path);
	*mean = ae_calloc(count, sizeof(**mean), err);
	*sd = ae_calloc(count, sizeof(**sd), err);
	bool made = *mean && *sd;
	if (made) {
		memcpy(*mean, model->stats.err_mean, count * sizeof(**mean));
		memcpy(*sd, model->stats.err_sd, count * sizeof(**sd));
		ae_order_apply(&order, *mean, sizeof(**mean), count);
		ae_order_apply(&order, *sd, sizeof(**sd), count);
	}
	ae_order_free(&order);
	return made ? 0 : -1;
}

int ae_error_units(double **unit, const struct ae_column *column, const struct ae_model *model, const char *path,
	struct ae_error *err)
{
	double *sd = NULL;
	*unit = NULL;
	int rc = ae_error_stats(unit, &sd, column, model, path, err);
	for (size_t i = 0; rc == 0 && i < ae_shape_size(&column->shape); i++)
		(*unit)[i] = hypot((*unit)[i], sd[i]);
	free(sd);
	return rc;
}

static int take_units(struct ae_attribution *a, const struct ae_column *column, const struct ae_model *model,
	const char *path, struct ae_error *err)
{
	double least = 0;
	if (ae_error_units(&a->unit, column, model, path, err) != 0)
		return -1;
	for (size_t i = 0; i < a->end; i++)
		if (a->unit[i] > 0 && (least == 0 || a->unit[i] < least))
			least = a->unit[i];
	/* A feature without an error in training takes the smallest unit of the others. */
	for (size_t i = 0; i < a->end; i++)
		if (a->unit[i] == 0)
			a->unit[i] = least > 0 ? least : 1;
	return 0;
}

static int read_units(struct ae_attribution *a, const struct ae_column *column, const struct ae_model_from *from,
	struct ae_error *err)
{
	struct ae_model *model = NULL;
	if (!from->path)
		return 0;
	if (ae_model_read_statistics(&model, from, err) != 0)
		return -1;
	int rc = take_units(a, column, model, from->path, err);
	ae_model_free(model);
	return rc;
}

/* Those of the scoring have a least one, that a feature which was nearly constant in training does not take all blame.
 */
static int choose_units(struct ae_attribution *a, const struct ae_column *column, const struct ae_scoring *scoring,
	const struct ae_model_from *from, struct ae_error *err)
{
	if (!scoring->unit)
		return read_units(a, column, from, err);
	if (!(a->unit = ae_calloc(a->end, sizeof(*a->unit), err)))
		return -1;
	memcpy(a->unit, scoring->unit, a->end * sizeof(*a->unit));
	return 0;
}

/* Elements, or the columns of a window. */
static void choose_features(struct ae_attribution *a, const struct ae_scoring *scoring)
{
	const struct ae_shape *shape = &a->column.shape;
	a->first = scoring->first;
	a->end = scoring->first + scoring->n;
	a->count = scoring->n;
	if (shape->rank == 2 && (scoring->last || a->column.feature_count == shape->dim[1])) {
		a->count = shape->dim[1];
		a->column.shape = ae_shape_vector(a->count);
	}
}

int ae_attribution_begin(struct ae_attribution *a, const struct ae_column *column, const struct ae_scoring *scoring,
	const struct ae_model_from *from, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	a->column = *column;
	a->column.role = AE_X; /* a feature is named "flow", not "target.flow" */
	a->column.name = (char *)(uintptr_t)ae_role_name(AE_X);
	choose_features(a, scoring);
	if (a->top > a->count)
		return ae_fail(err, "--top %llu: there are %zu features", (unsigned long long)a->top, a->count);
	free(a->unit);
	free(a->squares);
	a->unit = a->squares = NULL;
	if (choose_units(a, column, scoring, from, err) != 0)
		return -1;
	for (size_t k = 0; k < a->top; k++) {
		char name[40];
		snprintf(name, sizeof(name), "top%zu", k + 1);
		if (!ae_schema_add(out, name, AE_PASS, AE_TEXT, &single, err))
			return -1;
		strcat(name, "_share");
		struct ae_column *share = ae_schema_add(out, name, AE_PASS, AE_F64, &single, err);
		if (!share)
			return -1;
		share->missing = column->missing;
	}
	return 0;
}

void ae_attribution_clear(struct ae_attribution *a)
{
	for (size_t k = 0; k < a->top; k++) {
		ae_data_clear(&a->name[k]);
		ae_data_clear(&a->share[k]);
	}
}

/* Adds the squared errors in their units, each divided by `divisor`, to those of their features. Returns the sum of
 *all; most is the largest error. */
static double add_squares(
	struct ae_attribution *a, const double *recon, const double *reference, double divisor, double *most)
{
	double sum = 0;
	*most = 0;
	memset(a->squares, 0, a->count * sizeof(*a->squares));
	for (size_t i = a->first, feature = 0; i < a->end; i++) {
		double error = ae_score_gap(recon[i], reference[i]) / (a->unit ? a->unit[i] : 1);
		double capped = fmin(error, DBL_MAX) / divisor, square = isnan(error) ? 0 : capped * capped;
		a->squares[feature] += square;
		sum += square;
		*most = error > *most ? error : *most;
		feature = feature + 1 < a->count ? feature + 1 : 0;
	}
	return sum;
}

/* The squared errors of the features, and their sum, which is finite: errors beyond 1e150 are taken as shares of the
   largest. */
static double fill_squares(struct ae_attribution *a, const double *recon, const double *reference)
{
	double most, sum = add_squares(a, recon, reference, 1, &most);
	return isfinite(sum) ? sum : add_squares(a, recon, reference, fmin(most, DBL_MAX), &most);
}

int ae_attribution_row(struct ae_attribution *a, const double *recon, const double *reference, struct ae_error *err)
{
	/* With the first row: a header may announce rows of any size and hold none. */
	if (!a->squares && !(a->squares = ae_calloc(a->count, sizeof(*a->squares), err)))
		return -1;
	double sum = fill_squares(a, recon, reference);
	bool computed = !isnan(recon[a->first]);
	for (size_t k = 0; k < a->top; k++) {
		char name[300] = "";
		double share = NAN;
		size_t most = 0;
		for (size_t i = 1; i < a->count; i++)
			if (a->squares[i] > a->squares[most])
				most = i;
		if (computed) {
			share = sum > 0 ? a->squares[most] / sum : 0;
			ae_column_element_name(&a->column, most, name, sizeof(name));
			a->squares[most] = -1;
			share = share < 0 ? 0 : share;
		}
		if (ae_data_append_text(&a->name[k], name, strlen(name), err) != 0 ||
			ae_buf_append(&a->share[k].values, &share, sizeof(share), err) != 0)
			return -1;
	}
	return 0;
}

void ae_attribution_columns(struct ae_attribution *a, struct ae_data **cols)
{
	for (size_t k = 0; k < a->top; k++) {
		*cols++ = &a->name[k];
		*cols++ = &a->share[k];
	}
}

void ae_attribution_free(struct ae_attribution *a)
{
	for (size_t k = 0; k < AE_ATTRIBUTION_MOST; k++) {
		ae_data_free(&a->name[k]);
		ae_data_free(&a->share[k]);
	}
	free(a->unit);
	free(a->squares);
}
