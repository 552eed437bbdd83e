/* SPDX-License-Identifier: MIT */
/* Metrics of verdicts and scores against the truth: counts, rates, areas under curves. */
#include "eval/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "core/number.h"
#include "core/quantile.h"
#include "core/util.h"

struct ae_metrics {
	uint64_t rows, anomalies, no_verdict;
	uint64_t counts[2][2];   /* [anomaly in truth][verdict] */
	struct ae_buf scores[2]; /* doubles, [anomaly in truth] */
};

int ae_metrics_new(struct ae_metrics **metrics, struct ae_error *err)
{
	*metrics = ae_calloc(1, sizeof(**metrics), err);
	return *metrics ? 0 : -1;
}

int ae_metrics_add(struct ae_metrics *metrics, bool anomaly, uint8_t verdict, double score, struct ae_error *err)
{
	metrics->rows++;
	metrics->anomalies += anomaly;
	if (verdict <= 1)
		metrics->counts[anomaly][verdict]++;
	else
		metrics->no_verdict++;
	if (isnan(score))
		return 0;
	score = ae_number_finite(score);
	return ae_buf_append(&metrics->scores[anomaly], &score, sizeof(score), err);
}

static double *scores_of(const struct ae_metrics *metrics, bool anomaly, size_t *n)
{
	*n = metrics->scores[anomaly].len / sizeof(double);
	return (double *)(void *)metrics->scores[anomaly].data;
}

/* How many of n sorted numbers, from the last one down, reach a threshold. */
static uint64_t count_reaching(const double *sorted, size_t n, double threshold)
{
	uint64_t count = 0;
	while (n > 0 && sorted[n - 1] >= threshold) {
		n--;
		count++;
	}
	return count;
}

bool ae_metrics_next(const struct ae_metrics *metrics, struct ae_metrics_point *point)
{
	size_t anomalies, normals;
	const double *anomaly = scores_of(metrics, true, &anomalies);
	const double *normal = scores_of(metrics, false, &normals);
	anomalies -= point->tp;
	normals -= point->fp;
	if (anomalies + normals == 0)
		return false;
	bool first = normals == 0 || (anomalies > 0 && anomaly[anomalies - 1] > normal[normals - 1]);
	point->threshold = first ? anomaly[anomalies - 1] : normal[normals - 1];
	point->tp += count_reaching(anomaly, anomalies, point->threshold);
	point->fp += count_reaching(normal, normals, point->threshold);
	return true;
}

static double ratio(double a, double b)
{
	return b == 0 ? NAN : a / b;
}

static double f1_of(uint64_t tp, uint64_t fp, uint64_t fn)
{
	return ratio(2 * (double)tp, 2 * (double)tp + (double)fp + (double)fn);
}

static struct ae_metrics_class class_of(uint64_t tp, uint64_t fp, uint64_t fn)
{
	return (struct ae_metrics_class){
		.precision = ratio((double)tp, (double)(tp + fp)),
		.recall = ratio((double)tp, (double)(tp + fn)),
		.f1 = f1_of(tp, fp, fn),
	};
}

static void end_curves(struct ae_metrics *metrics, struct ae_metrics_result *result)
{
	size_t anomalies, normals;
	double *scores = scores_of(metrics, true, &anomalies);
	ae_sort_f64(scores, anomalies);
	scores = scores_of(metrics, false, &normals);
	ae_sort_f64(scores, normals);
	result->scored = anomalies + normals;
	result->scored_anomalies = anomalies;
	result->roc_auc = result->pr_auc = result->best_f1 = result->best_threshold = NAN;
	if (anomalies == 0 || normals == 0)
		return;
	double area = 0; /* pairs in the right order, a tie counting half */
	double precision = 0;
	struct ae_metrics_point point = {0}, last = {0};
	for (; ae_metrics_next(metrics, &point); last = point) {
		uint64_t found = point.tp - last.tp;
		area += (double)found * ((double)(normals - point.fp) + (double)(point.fp - last.fp) / 2);
		precision += (double)found * ((double)point.tp / (double)(point.tp + point.fp));
		double f1 = f1_of(point.tp, point.fp, anomalies - point.tp);
		if (!(f1 <= result->best_f1)) {
			result->best_f1 = f1;
			result->best_threshold = point.threshold;
		}
	}
	result->roc_auc = area / ((double)anomalies * (double)normals);
	result->pr_auc = precision / (double)anomalies;
}

void ae_metrics_end(struct ae_metrics *metrics, struct ae_metrics_result *result)
{
	uint64_t tp = metrics->counts[1][1], fp = metrics->counts[0][1];
	uint64_t tn = metrics->counts[0][0], fn = metrics->counts[1][0];
	*result = (struct ae_metrics_result){
		.rows = metrics->rows,
		.anomalies = metrics->anomalies,
		.no_verdict = metrics->no_verdict,
		.tp = tp,
		.fp = fp,
		.tn = tn,
		.fn = fn,
		.accuracy = ratio((double)(tp + tn), (double)(tp + fp + tn + fn)),
		.anomaly = class_of(tp, fp, fn),
		.normal = class_of(tn, fn, fp),
		.prevalence = ratio((double)metrics->anomalies, (double)metrics->rows),
	};
	end_curves(metrics, result);
}

void ae_metrics_free(struct ae_metrics *metrics)
{
	if (!metrics)
		return;
	ae_buf_free(&metrics->scores[0]);
	ae_buf_free(&metrics->scores[1]);
	free(metrics);
}
