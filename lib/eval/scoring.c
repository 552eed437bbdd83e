/* SPDX-License-Identifier: MIT */
/* Every sum is in f64 and in the order of the elements, so that scores are the same bits everywhere. */
#include "eval/scoring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "core/number.h"
#include "core/quantile.h"
#include "core/share.h"
#include "eval/attribution.h"
#include "model/model.h"

/* The least unit is this share of the median one: a feature that was nearly constant in training must not rule. */
#define LEAST_UNIT 0.1

bool ae_scoring_takes_model(const struct ae_scoring *s)
{
	return s->standardise || (s->metric && s->metric->kind >= AE_METRIC_T2);
}

int ae_scoring_check(const struct ae_scoring *s, struct ae_error *err)
{
	enum ae_metric_kind kind = s->metric ? s->metric->kind : AE_METRIC_MEAN;
	const char *name = s->metric ? s->metric->name : "";
	bool whole = kind == AE_METRIC_WHOLE || kind >= AE_METRIC_T2;
	if (whole && (s->standardise || s->worst > 0 || s->last))
		return ae_fail_usage(
			err, "--metric %s is not made of elements: neither --standardise nor --worst nor --last", name);
	if (kind == AE_METRIC_LARGEST && s->worst > 0)
		return ae_fail_usage(err, "--metric max is the worst element already: no --worst");
	return 0;
}

/* ---- what the model keeps ---- */

static void raise_units(double *unit, double *sorted, size_t n)
{
	double sum = 0;
	memcpy(sorted, unit, n * sizeof(*unit));
	ae_sort_f64(sorted, n);
	for (size_t i = 0; i < n; i++)
		sum += unit[i];
	double middle = ae_median(sorted, n), least = LEAST_UNIT * (middle > 0 ? middle : sum / (double)n);
	for (size_t i = 0; i < n; i++)
		unit[i] = least > 0 ? fmax(unit[i], least) : 1;
}

static void digest_numbers(struct ae_sha256 *sum, const double *values, size_t n)
{
	uint64_t count = n * sizeof(*values);
	ae_little_endian(&count, sizeof(count), 1);
	ae_sha256_update(sum, &count, sizeof(count));
	for (size_t i = 0; i < n; i++) {
		double value = values[i];
		ae_little_endian(&value, sizeof(value), 1);
		ae_sha256_update(sum, &value, sizeof(value));
	}
}

static void digest_stats(struct ae_scoring *s, const struct ae_model *model)
{
	struct ae_sha256 sum = {0};
	ae_sha256_init(&sum);
	const struct ae_model_latent *latent = &model->stats.latent;
	if (s->metric->kind >= AE_METRIC_T2) {
		digest_numbers(&sum, latent->mean, latent->count);
		digest_numbers(&sum, latent->covariance, ae_triangle(latent->count));
	}
	/* t2q's unit of t2 is made of it too. */
	if (s->metric->kind > AE_METRIC_T2)
		digest_numbers(&sum, &latent->shrinkage, 1);
	if (s->metric->kind != AE_METRIC_T2) {
		digest_numbers(&sum, model->stats.err_mean, model->stats.err_count);
		digest_numbers(&sum, model->stats.err_sd, model->stats.err_count);
	}
	ae_sha256_final(&sum, s->stats);
}

/* In place; -1 if the matrix is not positive definite. */
static int factorize(double *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			double *left = a + ae_triangle(i), *right = a + ae_triangle(j), sum = left[j];
			for (size_t k = 0; k < j; k++)
				sum -= left[k] * right[k];
			if (i == j && !(sum > 0))
				return -1;
			left[j] = i == j ? sqrt(sum) : sum / right[j];
		}
	return 0;
}

/* The squared length of factor^-1 v; v is spent. */
static double squared_length(const double *factor, double *v, size_t n)
{
	double length = 0;
	for (size_t i = 0; i < n; i++) {
		const double *row = factor + ae_triangle(i);
		double sum = v[i];
		for (size_t k = 0; k < i; k++)
			sum -= row[k] * v[k];
		v[i] = sum / row[i];
		length += v[i] * v[i];
	}
	return length;
}

/* The mean of T2 over the training rows: the trace of C^-1 S, of which C = (1 - s) S + s v I was made. */
static double mean_distance(struct ae_scoring *s, const struct ae_model_latent *latent)
{
	double n = (double)latent->count, variance = 0, trace = 0, shrinkage = latent->shrinkage;
	if (shrinkage >= 1)
		return n;
	for (size_t i = 0; i < latent->count; i++) {
		variance += latent->covariance[ae_triangle(i) + i] / n;
		memset(s->work, 0, latent->count * sizeof(*s->work));
		s->work[i] = 1;
		trace += squared_length(s->factor, s->work, latent->count);
	}
	double mean = (n - shrinkage * variance * trace) / (1 - shrinkage);
	return mean > 0 ? mean : 1;
}

static int take_distance(struct ae_scoring *s, const struct ae_model *model, size_t latents, struct ae_error *err)
{
	const struct ae_model_latent *latent = &model->stats.latent;
	size_t n = latent->count;
	if (n == 0 && ae_model_latent_size(model) == 0)
		return ae_fail(err,
			"%s: an ensemble has a latent for each of its networks: --metric %s takes one network",
			s->from.path, s->metric->name);
	if (n == 0 && ae_model_latent_size(model) > AE_LATENT_STATS_MOST)
		return ae_fail(err, "%s: its latent has more than %d values: no covariance is kept for --metric %s",
			s->from.path, AE_LATENT_STATS_MOST, s->metric->name);
	if (n == 0)
		return ae_fail(err,
			"%s: holds no statistics of the latent, as checkpoints and models trained before do: train it "
			"again for --metric %s",
			s->from.path, s->metric->name);
	if (n != latents)
		return ae_fail(
			err, "%s: its latent has %zu values, but that of the stream %zu", s->from.path, n, latents);
	s->latents = n;
	s->mean = ae_calloc(n, sizeof(*s->mean), err);
	s->factor = ae_calloc(ae_triangle(n), sizeof(*s->factor), err);
	if (!s->mean || !s->factor)
		return -1;
	memcpy(s->mean, latent->mean, n * sizeof(*s->mean));
	memcpy(s->factor, latent->covariance, ae_triangle(n) * sizeof(*s->factor));
	if (factorize(s->factor, n) != 0)
		return ae_fail(err, "%s: the covariance of its latent has no inverse", s->from.path);
	if (s->metric->kind == AE_METRIC_T2)
		return 0;
	s->t2 = mean_distance(s, latent);
	for (size_t i = 0; i < model->stats.err_count; i++)
		s->q += (model->stats.err_mean[i] * model->stats.err_mean[i] +
				model->stats.err_sd[i] * model->stats.err_sd[i]) /
			(double)model->stats.err_count;
	s->q = s->q > 0 ? s->q : 1;
	return 0;
}

static int check_lineage(const struct ae_scoring *s, const struct ae_model *model, const struct ae_lineage *lineage,
	bool text, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	if (!model->net)
		return ae_fail(err, "%s: holds no network; ae-train writes files that do", s->from.path);
	if (ae_model_digest(model, digest, err) != 0)
		return -1;
	if (!text && (!lineage->has_digest || memcmp(digest, lineage->digest, sizeof(digest)) != 0))
		return ae_fail(err, "what is scored was not made with %s", s->from.path);
	if (!text && ae_scoring_takes_model(s) && s->metric->kind != AE_METRIC_T2 &&
		ae_lineage_is_scaled(lineage) != (ae_prep_find_scaler(&model->prep) != AE_PREP_NONE))
		return ae_fail(err,
			"recon is in original units, but the training errors of %s in scaled ones: score before "
			"ae-normalize --invert",
			s->from.path);
	return 0;
}

static int take_model(struct ae_scoring *s, const struct ae_model *model, const struct ae_column *reference,
	size_t latents, struct ae_error *err)
{
	if (s->metric->kind >= AE_METRIC_T2 && take_distance(s, model, latents, err) != 0)
		return -1;
	digest_stats(s, model);
	if (!s->standardise)
		return 0;
	if (ae_error_units(&s->unit, reference, model, s->from.path, err) != 0)
		return -1;
	raise_units(s->unit, s->work, s->first + s->n);
	return 0;
}

/* ---- a stream ---- */

static int choose_elements(struct ae_scoring *s, const struct ae_column *reference, struct ae_error *err)
{
	s->first = 0;
	s->n = reference ? ae_shape_size(&reference->shape) : 0;
	if (!s->last)
		return 0;
	if (reference->shape.rank != 2)
		return ae_fail(err, "--last takes windows, of shape [rows,columns], as ae-window makes them");
	s->n = reference->shape.dim[1];
	s->first = (reference->shape.dim[0] - 1) * s->n;
	return 0;
}

static void describe(const struct ae_scoring *s, struct ae_lineage *lineage)
{
	char share[AE_NUMBER_TEXT] = "";
	if (s->worst > 0)
		ae_number_format_f64(share, s->worst);
	snprintf(lineage->metric, sizeof(lineage->metric), "%s%s%s%s%s", s->metric->name,
		s->standardise ? ",standardise" : "", *share ? ",worst:" : "", share, s->last ? ",last" : "");
	lineage->has_stats = s->from.path != NULL && ae_scoring_takes_model(s);
	memset(lineage->stats, 0, sizeof(lineage->stats));
	if (lineage->has_stats)
		memcpy(lineage->stats, s->stats, sizeof(lineage->stats));
}

static void drop(struct ae_scoring *s)
{
	free(s->unit);
	free(s->work);
	free(s->mean);
	free(s->factor);
	s->unit = s->work = s->mean = s->factor = NULL;
	s->q = 0;
}

int ae_scoring_begin(struct ae_scoring *s, const struct ae_column *reference, size_t latents, bool text,
	struct ae_lineage *lineage, struct ae_error *err)
{
	struct ae_model *model = NULL;
	drop(s);
	if (choose_elements(s, reference, err) != 0)
		return -1;
	bool works = s->worst > 0 || ae_scoring_takes_model(s);
	size_t room = 2 * (s->first + s->n) > latents ? 2 * (s->first + s->n) : latents;
	if (works && !(s->work = ae_calloc(room, sizeof(*s->work), err)))
		return -1;
	int rc = 0;
	if (s->from.path) {
		rc = ae_model_read_statistics(&model, &s->from, err);
		if (rc == 0)
			rc = check_lineage(s, model, lineage, text, err);
		if (rc == 0 && ae_scoring_takes_model(s))
			rc = take_model(s, model, reference, latents, err);
		ae_model_free(model);
	}
	if (rc == 0)
		describe(s, lineage);
	return rc;
}

void ae_scoring_free(struct ae_scoring *s)
{
	drop(s);
}

/* ---- rows ---- */

double ae_scoring_feature(const struct ae_scoring *s, const double *recon, const double *reference, size_t i)
{
	if (!s->unit)
		return s->metric->feature(recon[i], reference[i]);
	double error = ae_score_gap(recon[i], reference[i]) / s->unit[i];
	if (fabs(reference[i]) >= AE_BEYOND_F64 && error < (double)AE_BEYOND)
		error = (double)AE_BEYOND;
	return s->metric->kind == AE_METRIC_SQUARES ? error * error : error;
}

/* Puts the values of a[n] above `pivot`, or with `equal` those at it or above, before the others: their number. Without
   a branch, which nothing could foresee. */
static inline size_t part(double *a, size_t n, double pivot, bool equal)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		double value = a[i];
		a[i] = a[count];
		a[count] = value;
		count += equal ? value >= pivot : value > pivot;
	}
	return count;
}

static double middle_of(double a, double b, double c)
{
	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* The k-th largest of a[n], from 1, which come into another order. After Hoare, "Algorithm 65: find", Communications of
   the ACM 4 (1961). */
static double find_largest(double *a, size_t n, size_t k)
{
	size_t effort = 16 * n; /* values to look at, several times what it takes unless somebody chose them */
	for (;; effort -= n) {
		if (effort < n) {
			ae_sort_f64(a, n);
			return a[n - k];
		}
		double pivot = middle_of(a[0], a[n / 2], a[n - 1]);
		size_t above = part(a, n, pivot, false);
		if (k <= above) {
			n = above;
			continue;
		}
		a += above;
		n -= above;
		k -= above;
		size_t equal = part(a, n, pivot, true);
		if (k <= equal || equal == 0) /* that is NaN */
			return pivot;
		a += equal;
		n -= equal;
		k -= equal;
	}
}

/* The mean of the worst share of values[n], which are added in their order; `copy` has room for them. */
static double mean_of_worst(const double *values, double *copy, size_t n, double share)
{
	size_t k = ae_share_up(share, n), above = 0;
	memcpy(copy, values, n * sizeof(*copy));
	double least = find_largest(copy, n, k), sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += values[i] > least ? values[i] : 0;
		above += values[i] > least;
	}
	return (sum + (double)(k - above) * least) / (double)k;
}

/* The errors of the elements whose reference is there, in s->work: their number, 0 also where recon is missing. As
   ae_scoring_feature has them, squared for rmse. */
static size_t take_errors(const struct ae_scoring *s, const double *recon, const double *reference)
{
	const double *unit = s->unit;
	double *work = s->work, beyond = (double)AE_BEYOND;
	size_t count = 0;
	bool computed = true;
	for (size_t i = s->first; i < s->first + s->n; i++) {
		double error = ae_score_gap(recon[i], reference[i]) / (unit ? unit[i] : 1);
		work[count] = fabs(reference[i]) >= AE_BEYOND_F64 && error < beyond ? beyond : error;
		count += !isnan(reference[i]);
		computed &= !isnan(recon[i]);
	}
	bool squares = s->metric->kind == AE_METRIC_SQUARES || s->metric->kind == AE_METRIC_ROOT;
	for (size_t i = 0; squares && i < count; i++)
		work[i] *= work[i];
	return computed ? count : 0;
}

/* With units or a share. */
static double modified_row(struct ae_scoring *s, const double *recon, const double *reference)
{
	double sum = 0, most = 0;
	size_t count = take_errors(s, recon, reference);
	if (count == 0)
		return NAN;
	if (s->metric->kind == AE_METRIC_LARGEST) {
		for (size_t i = 0; i < count; i++)
			most = s->work[i] > most ? s->work[i] : most;
		return most;
	}
	for (size_t i = 0; s->worst <= 0 && i < count; i++)
		sum += s->work[i];
	double mean = s->worst > 0 ? mean_of_worst(s->work, s->work + s->n, count, s->worst) : sum / (double)count;
	return s->metric->kind == AE_METRIC_ROOT ? sqrt(mean) : mean;
}

double ae_scoring_row(struct ae_scoring *s, const double *recon, const double *reference, const double *latent)
{
	if (s->metric->kind >= AE_METRIC_T2) {
		for (size_t i = 0; i < s->latents; i++)
			s->work[i] = latent[i] - s->mean[i];
		double distance = squared_length(s->factor, s->work, s->latents);
		return s->metric->kind == AE_METRIC_T2
			       ? distance
			       : distance / s->t2 + ae_metric_find("mse")->row(recon, reference, s->n) / s->q;
	}
	if (s->unit || s->worst > 0)
		return modified_row(s, recon, reference);
	return s->metric->row(recon + s->first, reference + s->first, s->n);
}

bool ae_scoring_rows(const struct ae_scoring *s, const float *recon, const float *reference, size_t size, double *score)
{
	return s->metric->rows && !s->unit && s->worst == 0 &&
	       s->metric->rows(recon + s->first, reference + s->first, size, s->n, score);
}
