/* SPDX-License-Identifier: MIT */
/* Precision, recall and F1 that every threshold on the scores would give. */
#include <math.h>
#include <stdio.h>

#include "core/tensor.h"
#include "plot/chart_evaluate.h"

enum { WIDTH = 800, HEIGHT = 480 };

static int check(const struct ae_chart *chart, struct ae_error *err)
{
	if (chart->options->log && chart->options->range && chart->low <= 0)
		return ae_fail_usage(err, "--range %s: with --log both ends are above 0", chart->options->range);
	return ae_chart_evaluate_check(chart, err);
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	return ae_chart_evaluate_begin(chart, AE_ERR, err);
}

/* ---- drawing ---- */

/* Thresholds nearer than this share of the axis to the one before, with values as near, are left out, but for the last
   one before a larger step: a sweep of a million scores stays a small picture. */
#define NEAREST 0.0005

struct sweep {
	const struct ae_metrics *metrics;
	double anomalies;
	double low, high; /* of the axis */
	bool log;
};

/* Where a threshold is drawn: at the end of the axis if it is beyond. */
static double place_of(const struct sweep *s, double threshold)
{
	return fmin(fmax(threshold, s->low), s->high);
}

/* How far apart two thresholds are drawn, as a share of the axis. */
static double distance(const struct sweep *s, double a, double b)
{
	double u = place_of(s, a), v = place_of(s, b);
	return s->log ? fabs(log(u / v)) / log(s->high / s->low) : fabs(u - v) / (s->high - s->low);
}

static struct ae_metrics_class values_at(const struct sweep *s, const struct ae_metrics_point *point)
{
	double tp = (double)point->tp, flagged = (double)(point->tp + point->fp);
	return (struct ae_metrics_class){
		.precision = tp / flagged, .recall = tp / s->anomalies, .f1 = 2 * tp / (flagged + s->anomalies)};
}

static bool is_near(const struct sweep *s, const struct ae_metrics_point *a, const struct ae_metrics_point *b)
{
	struct ae_metrics_class u = values_at(s, a), v = values_at(s, b);
	return distance(s, a->threshold, b->threshold) < NEAREST && fabs(u.precision - v.precision) < NEAREST &&
	       fabs(u.recall - v.recall) < NEAREST && fabs(u.f1 - v.f1) < NEAREST;
}

static void add_point(struct ae_gnuplot_script *script, const struct sweep *s, const struct ae_metrics_point *point)
{
	struct ae_metrics_class v = values_at(s, point);
	ae_gnuplot_number(script, place_of(s, point->threshold), " ");
	ae_gnuplot_number(script, v.precision, " ");
	ae_gnuplot_number(script, v.recall, " ");
	ae_gnuplot_number(script, v.f1, "\n");
}

/* From the highest score down. A value holds for all thresholds down to the next score: "steps" of gnuplot. */
static void add_values(struct ae_gnuplot_script *script, const struct sweep *s)
{
	struct ae_metrics_point point = {0}, drawn = {0}, before = {0};
	ae_gnuplot_add(script, "$sweep << end\n");
	while (ae_metrics_next(s->metrics, &point)) {
		bool first = drawn.tp + drawn.fp == 0;
		if (!first && is_near(s, &point, &drawn)) {
			before = point;
			continue;
		}
		if (before.tp + before.fp > drawn.tp + drawn.fp)
			add_point(script, s, &before);
		add_point(script, s, &point);
		drawn = before = point;
	}
	if (before.tp + before.fp > drawn.tp + drawn.fp)
		add_point(script, s, &before);
	ae_gnuplot_add(script, "end\n");
}

/* A threshold that the axis has a place for. */
static bool has_place(const struct sweep *s, double threshold)
{
	return fabs(threshold) < AE_BEYOND_F64 && (!s->log || threshold > 0);
}

static void extend(struct sweep *s, double threshold)
{
	if (has_place(s, threshold)) {
		s->low = fmin(s->low, threshold);
		s->high = fmax(s->high, threshold);
	}
}

static void find_range(const struct ae_chart *chart, struct sweep *s)
{
	struct ae_metrics_point point = {0};
	s->low = INFINITY;
	s->high = -INFINITY;
	while (ae_metrics_next(s->metrics, &point))
		extend(s, point.threshold);
	extend(s, chart->threshold);
	if (chart->options->range) {
		s->low = chart->low;
		s->high = chart->high;
	} else if (!(s->high >= s->low)) {
		s->low = s->high = 1;
	}
	if (s->log && s->high <= s->low) {
		s->low /= 2;
		s->high *= 2;
	} else if (s->high <= s->low) {
		double half = fabs(s->low) > 1e15 ? fabs(s->low) / 2 : 0.5;
		s->high = s->low + half;
		s->low -= half;
	}
}

/* "; 0.3 has precision 0.91, recall 0.85, F1 0.88". */
static void add_threshold_values(const struct ae_chart *chart, const struct sweep *s, char *text, size_t size)
{
	struct ae_metrics_point point = {0}, next = {0};
	while (ae_metrics_next(s->metrics, &next) && next.threshold >= chart->threshold)
		point = next;
	struct ae_metrics_class v = values_at(s, &point);
	if (point.tp + point.fp == 0)
		snprintf(text, size, "; no score reaches %.4g", chart->threshold);
	else
		snprintf(text, size, "; %.4g has precision %.3f, recall %.3f, F1 %.3f", chart->threshold, v.precision,
			v.recall, v.f1);
}

static void add_plots(struct ae_chart *chart, const struct sweep *s, const struct ae_metrics_result *r)
{
	struct ae_gnuplot_script *script = &chart->script;
	char x[AE_METRIC_TEXT + 260], values[160] = "";
	if (!isnan(chart->threshold))
		add_threshold_values(chart, s, values, sizeof(values));
	snprintf(x, sizeof(x), *chart->metric ? "Threshold (%s)%s" : "Threshold%s%s", chart->metric, values);
	ae_gnuplot_titles(script, chart->options->title ? chart->options->title : "Precision, recall and F1", x, NULL);
	ae_gnuplot_add(script, "set xrange [%.17g:%.17g]\nset yrange [%s]\nset ytics 0.2\nset key above\n%s", s->low,
		s->high, script->format == AE_PICTURE_TEXT ? "-0.06:1.06" : "0:1.02", s->log ? "set logscale x\n" : "");
	ae_gnuplot_add(script,
		"plot $sweep using 1:2 with steps " AE_LINE_FIRST " title 'Precision',\\\n"
		"  $sweep using 1:3 with steps " AE_LINE_SECOND " title 'Recall',\\\n"
		"  $sweep using 1:4 with steps linewidth 2.4 linecolor '" AE_GNUPLOT_BLACK "' title 'F1',\\\n"
		"  $best using 1:2 with points pointtype 7 pointsize 1.2 linecolor '" AE_GNUPLOT_BLACK
		"' title 'Best F1 %.3f, at %.4g'",
		r->best_f1, r->best_threshold);
	if (has_place(s, chart->threshold))
		ae_gnuplot_add(script,
			",\\\n  $threshold using 1:2 with lines " AE_LINE_THRESHOLD " title 'Threshold %.4g'",
			chart->threshold);
	ae_gnuplot_add(script, "\n");
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct ae_evaluate *e = chart->state;
	struct ae_metrics_result r;
	struct sweep s = {.metrics = e->metrics, .log = chart->options->log};
	if (ae_evaluate_end(e, err) != 0)
		return -1;
	ae_metrics_end(e->metrics, &r);
	if (r.scored == 0)
		return ae_fail(err, "no row has a score");
	if (r.scored_anomalies == 0 || r.scored_anomalies == r.scored)
		return ae_fail(err, "the rows that have a score are all of one class: there is nothing to part");
	chart->no_label = e->no_label;
	chart->left_out = r.rows - r.scored + e->no_label;
	s.anomalies = (double)r.scored_anomalies;
	find_range(chart, &s);
	ae_gnuplot_begin(&chart->script, WIDTH, HEIGHT);
	add_values(&chart->script, &s);
	ae_gnuplot_add(&chart->script, "$best << end\n%.17g %.17g\nend\n", place_of(&s, r.best_threshold), r.best_f1);
	if (has_place(&s, chart->threshold))
		ae_gnuplot_add(&chart->script, "$threshold << end\n%.17g 0\n%.17g 1\nend\n", chart->threshold,
			chart->threshold);
	add_plots(chart, &s, &r);
	return 0;
}

const struct ae_chart_kind ae_chart_sweep = {
	.name = "sweep",
	.help = "precision, recall and F1 of every threshold",
	.columns = "label, err",
	.options = {"normal", "anomaly", "at", "model", "range", "log", "head"},
	.no_inputs = true,
	.check = check,
	.begin = begin,
	.add = ae_chart_evaluate_add,
	.draw = draw,
	.free = ae_chart_evaluate_free,
};
