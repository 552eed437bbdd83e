/* SPDX-License-Identifier: MIT */
/* Metrics against scikit-learn (expected/metrics.py) and at their undefined edges. */
#include "check.h"

#include <float.h>
#include <math.h>

#include "eval/metrics.h"
#include "io/batch.h"

struct expected {
	uint64_t n, levels, cut, anomalies;
	double accuracy;
	struct ae_metrics_class anomaly, normal;
	double roc_auc, pr_auc, best_f1;
};

static const struct expected table[] = {
	{40, 7, 3, 13, 0.52500000000000002, {0.36363636363636365, 0.61538461538461542, 0.45714285714285718},
		{0.72222222222222221, 0.48148148148148145, 0.57777777777777772}, 0.55982905982905984,
		0.37224621783445311, 0.54999999999999993},
	{1000, 13, 8, 299, 0.64900000000000002, {0.43229166666666669, 0.55518394648829428, 0.48609077598828698},
		{0.78409090909090906, 0.68901569186875888, 0.73348519362186793}, 0.67438060296089208,
		0.44318428177589519, 0.51079136690647475},
	{5000, 100003, 60000, 1549, 0.65659999999999996,
		{0.45597484276729561, 0.56165267914783734, 0.50332658374312989},
		{0.7804010349288486, 0.69921761808171545, 0.73758214886137852}, 0.68312101225699873,
		0.45385856909626021, 0.53436759319112259},
};

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-12;
}

static bool near_class(const struct ae_metrics_class *a, const struct ae_metrics_class *b)
{
	return near(a->precision, b->precision) && near(a->recall, b->recall) && near(a->f1, b->f1);
}

static void check_points(const struct ae_metrics *metrics, const struct ae_metrics_result *result)
{
	double area = 0, tp = 0, fp = 0, before = INFINITY;
	for (struct ae_metrics_point point = {0}; ae_metrics_next(metrics, &point);) {
		CHECK(point.threshold < before, "point at %g", point.threshold);
		area += ((double)point.fp - fp) * ((double)point.tp + tp) / 2;
		tp = (double)point.tp;
		fp = (double)point.fp;
		before = point.threshold;
	}
	CHECK(near(area / tp / fp, result->roc_auc), "the area under the points: %.17g", area / tp / fp);
	CHECK(tp + fp == (double)result->scored, "the last point has all rows");
}

static void check_against_scikit(void)
{
	for (size_t t = 0; t < sizeof(table) / sizeof(table[0]); t++) {
		const struct expected *e = &table[t];
		struct ae_error err = {0};
		struct ae_metrics *metrics;
		struct ae_metrics_result r;
		CHECK(ae_metrics_new(&metrics, &err) == 0, "%s", err.text);
		for (uint64_t i = 0; i < e->n; i++) {
			uint64_t score = i * 7919 * 31 % 104729 % e->levels;
			double chance = (double)(i * 2654435761u % 4294967296u) / 4294967296.0;
			bool anomaly = chance * (double)e->levels * 2 < (double)score || i % 11 == 0;
			int rc = ae_metrics_add(metrics, anomaly, score >= e->cut, (double)score, &err);
			CHECK(rc == 0, "%s", err.text);
		}
		ae_metrics_end(metrics, &r);
		CHECK(r.rows == e->n && r.anomalies == e->anomalies && r.no_verdict == 0, "case %zu", t);
		CHECK(near(r.accuracy, e->accuracy), "case %zu: %.17g", t, r.accuracy);
		CHECK(near_class(&r.anomaly, &e->anomaly), "case %zu: %g", t, r.anomaly.f1);
		CHECK(near_class(&r.normal, &e->normal), "case %zu: %g", t, r.normal.f1);
		CHECK(near(r.roc_auc, e->roc_auc), "case %zu: %.17g", t, r.roc_auc);
		CHECK(near(r.pr_auc, e->pr_auc), "case %zu: %.17g", t, r.pr_auc);
		CHECK(near(r.best_f1, e->best_f1), "case %zu: %.17g", t, r.best_f1);
		check_points(metrics, &r);
		ae_metrics_free(metrics);
	}
}

static void check_edges(void)
{
	struct ae_error err = {0};
	struct ae_metrics *metrics;
	struct ae_metrics_result r;
	CHECK(ae_metrics_new(&metrics, &err) == 0, "%s", err.text);
	ae_metrics_end(metrics, &r);
	CHECK(r.rows == 0 && isnan(r.accuracy) && isnan(r.roc_auc) && isnan(r.pr_auc) && isnan(r.best_f1), "no rows");
	CHECK(isnan(r.prevalence) && isnan(r.anomaly.precision) && isnan(r.normal.f1), "no rows");
	CHECK(ae_metrics_add(metrics, false, 0, 0.5, &err) == 0, "%s", err.text);
	ae_metrics_end(metrics, &r);
	CHECK(r.accuracy == 1 && r.normal.f1 == 1 && isnan(r.anomaly.recall), "normal rows alone");
	CHECK(isnan(r.roc_auc) && isnan(r.pr_auc) && isnan(r.best_f1), "normal rows alone");
	CHECK(ae_metrics_add(metrics, true, AE_PRED_NONE, NAN, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, true, 0, 0.75, &err) == 0, "%s", err.text);
	ae_metrics_end(metrics, &r);
	CHECK(r.rows == 3 && r.no_verdict == 1 && r.scored == 2 && r.tn == 1 && r.fn == 1, "a row without a verdict");
	CHECK(r.accuracy == 0.5 && r.anomaly.recall == 0 && isnan(r.anomaly.precision) && r.anomaly.f1 == 0,
		"nothing found");
	CHECK(r.roc_auc == 1 && r.pr_auc == 1 && r.best_f1 == 1 && r.best_threshold == 0.75, "perfect scores");
	CHECK(ae_metrics_add(metrics, true, 1, INFINITY, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, false, 1, DBL_MAX, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, false, 0, -INFINITY, &err) == 0, "%s", err.text);
	ae_metrics_end(metrics, &r);
	/* anomalies: 0.75, largest; others: 0.5, largest, -largest. One pair of six is wrong, one is a tie. */
	CHECK(r.scored == 5 && r.scored_anomalies == 2 && near(r.roc_auc, 4.5 / 6), "infinite scores: %g", r.roc_auc);
	CHECK(near(r.best_f1, 0.8) && r.best_threshold == 0.75, "infinite scores: %g", r.best_threshold);
	ae_metrics_free(metrics);
}

/* What is undefined where all scored rows are of one class. */
static void check_one_class(bool anomaly)
{
	struct ae_error err = {0};
	struct ae_metrics *metrics;
	struct ae_metrics_result r;
	CHECK(ae_metrics_new(&metrics, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, anomaly, 1, 0.5, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, anomaly, 0, INFINITY, &err) == 0, "%s", err.text);
	CHECK(ae_metrics_add(metrics, !anomaly, 0, NAN, &err) == 0, "%s", err.text);
	ae_metrics_end(metrics, &r);
	CHECK(isnan(r.roc_auc) && isnan(r.pr_auc) && isnan(r.best_f1) && isnan(r.best_threshold), "one class");
	CHECK(r.scored == 2 && r.rows == 3, "one class");
	ae_metrics_free(metrics);
}

int main(void)
{
	check_against_scikit();
	check_edges();
	check_one_class(true);
	check_one_class(false);
	return check_done();
}
