/* SPDX-License-Identifier: MIT */
/* Metrics of verdicts and scores against the truth: counts, rates, areas under curves. */
#include "eval/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "core/util.h"

struct row {
	double score;
	bool anomaly;
};

struct ae_metrics {
	uint64_t rows, anomalies, no_verdict;
	uint64_t counts[2][2]; /* [anomaly in truth][verdict] */
	struct ae_buf scored;  /* struct row */
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
	struct row row = {.score = score, .anomaly = anomaly};
	return ae_buf_append(&metrics->scored, &row, sizeof(row), err);
}

static int descending(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	return (x->score < y->score) - (x->score > y->score);
}

static const struct row *sort_rows(struct ae_metrics *metrics, size_t *n)
{
	*n = metrics->scored.len / sizeof(struct row);
	if (*n > 1)
		qsort(metrics->scored.data, *n, sizeof(struct row), descending);
	return (const struct row *)(const void *)metrics->scored.data;
}

/* Takes the rows from i on that tie into *point; returns the row after them. */
static size_t next_point(struct ae_metrics_point *point, const struct row *rows, size_t n, size_t i)
{
	point->threshold = rows[i].score;
	for (; i < n && rows[i].score == point->threshold; i++) {
		point->tp += rows[i].anomaly;
		point->fp += !rows[i].anomaly;
	}
	return i;
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
	size_t n, anomalies = 0;
	const struct row *rows = sort_rows(metrics, &n);
	for (size_t i = 0; i < n; i++)
		anomalies += rows[i].anomaly;
	size_t normals = n - anomalies;
	result->scored = n;
	result->best_f1 = result->best_threshold = NAN;
	double area = 0; /* pairs in the right order, a tie counting half */
	double precision = 0;
	struct ae_metrics_point point = {0}, last = {0};
	for (size_t i = 0; i < n; last = point) {
		i = next_point(&point, rows, n, i);
		uint64_t found = point.tp - last.tp;
		area += (double)found * ((double)(normals - point.fp) + (double)(point.fp - last.fp) / 2);
		precision += (double)found * ((double)point.tp / (double)(point.tp + point.fp));
		double f1 = f1_of(point.tp, point.fp, anomalies - point.tp);
		if (anomalies > 0 && !(f1 <= result->best_f1)) {
			result->best_f1 = f1;
			result->best_threshold = point.threshold;
		}
	}
	result->roc_auc = ratio(area, (double)anomalies * (double)normals);
	result->pr_auc = ratio(precision, (double)anomalies);
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

int ae_metrics_points(struct ae_metrics *metrics, struct ae_metrics_point **points, size_t *n, struct ae_error *err)
{
	size_t count, groups = 0;
	const struct row *rows = sort_rows(metrics, &count);
	for (size_t i = 0; i < count; i++)
		groups += i == 0 || rows[i].score != rows[i - 1].score;
	*points = ae_calloc(groups, sizeof(**points), err);
	if (!*points)
		return -1;
	*n = groups;
	size_t i = 0;
	for (size_t g = 0; g < groups; g++) {
		if (g > 0)
			(*points)[g] = (*points)[g - 1];
		i = next_point(&(*points)[g], rows, count, i);
	}
	return 0;
}

void ae_metrics_free(struct ae_metrics *metrics)
{
	if (!metrics)
		return;
	ae_buf_free(&metrics->scored);
	free(metrics);
}
