/* SPDX-License-Identifier: MIT */
/* The table of metrics, and the verdict on a score. */
#include "model/score.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/number.h"
#include "model/score_rows.h"
#include "train/loss.h"
#include "train/settings.h"

/* ---- metrics ---- */

static double absolute(double recon, double reference)
{
	return ae_score_gap(recon, reference);
}

static double squared(double recon, double reference)
{
	double gap = ae_score_gap(recon, reference);
	return gap * gap;
}

/* The mean of a feature's error over the observed values of a row, or the largest one. Inlined into each metric. */
static inline double reduce(double (*feature)(double recon, double reference), bool largest, const double *recon,
	const double *reference, size_t n)
{
	double sum = 0;
	size_t observed = 0;
	bool computed = true;
	for (size_t i = 0; !largest && i < n; i++)
		sum += feature(recon[i], reference[i]);
	if (!largest && n > 0 && !isnan(sum)) /* nothing is missing */
		return sum / (double)n;
	sum = 0;
	for (size_t i = 0; i < n; i++) {
		double value = feature(recon[i], reference[i]);
		computed &= !isnan(recon[i]);
		if (isnan(reference[i]))
			continue;
		sum = largest ? fmax(sum, value) : sum + value;
		observed++;
	}
	if (!computed || observed == 0)
		return NAN;
	return largest ? sum : sum / (double)observed;
}

static double mae(const double *recon, const double *reference, size_t n)
{
	return reduce(absolute, false, recon, reference, n);
}

static double mse(const double *recon, const double *reference, size_t n)
{
	return reduce(squared, false, recon, reference, n);
}

static double rmse(const double *recon, const double *reference, size_t n)
{
	return sqrt(mse(recon, reference, n));
}

static double max_error(const double *recon, const double *reference, size_t n)
{
	return reduce(absolute, true, recon, reference, n);
}

/* 1 - the cosine of the angle between the two rows, from 0 to 2; 1 where one of them is 0 throughout. A row with a
   reading that f32 cannot hold has no direction: it is AE_BEYOND away. */
static double cosine(const double *recon, const double *reference, size_t n)
{
	double dot = 0, recon2 = 0, reference2 = 0;
	size_t observed = 0;
	bool computed = true, beyond = false;
	for (size_t i = 0; i < n; i++) {
		computed &= !isnan(recon[i]);
		beyond |= fabs(reference[i]) >= AE_BEYOND_F64;
		if (isnan(reference[i]))
			continue;
		dot += recon[i] * reference[i];
		recon2 += recon[i] * recon[i];
		reference2 += reference[i] * reference[i];
		observed++;
	}
	if (!computed || observed == 0)
		return NAN;
	if (beyond)
		return (double)AE_BEYOND;
	double norms = sqrt(recon2) * sqrt(reference2);
	return norms > 0 ? fmin(fmax(1 - dot / norms, 0), 2) : 1;
}

static const struct ae_metric metrics[] = {
	{"mae", "mean absolute error", mae, absolute, AE_METRIC_MEAN, ae_score_rows_absolute},
	{"mse", "mean squared error", mse, squared, AE_METRIC_SQUARES, ae_score_rows_squared},
	{"rmse", "root of the mean squared error", rmse, absolute, AE_METRIC_ROOT, ae_score_rows_root},
	{"max", "largest absolute error", max_error, absolute, AE_METRIC_LARGEST, NULL},
	{"cosine", "1 - cosine similarity", cosine, NULL, AE_METRIC_WHOLE, NULL},
	{"t2", "squared Mahalanobis distance of latent", NULL, NULL, AE_METRIC_T2, NULL},
	{"t2q", "t2 and mse, each in units of its training mean", NULL, NULL, AE_METRIC_T2_Q, NULL},
};
enum { METRICS = sizeof(metrics) / sizeof(*metrics) };

const char *ae_metric_name(size_t i)
{
	return i < METRICS ? metrics[i].name : NULL;
}

const struct ae_metric *ae_metric_find(const char *name)
{
	for (size_t i = 0; i < METRICS; i++)
		if (strcmp(name, metrics[i].name) == 0)
			return &metrics[i];
	return NULL;
}

const struct ae_metric *ae_metric_of_loss(const char *loss)
{
	const struct ae_loss *row = ae_loss_named(*loss ? loss : ae_train_defaults.loss);
	return row ? ae_metric_find(row->metric) : NULL;
}

/* ---- verdicts ---- */

unsigned char ae_verdict(double score, double threshold)
{
	return isnan(score) ? 255 : ae_number_finite(score) >= threshold;
}
