/* SPDX-License-Identifier: MIT */
/* Charts of how well verdicts and scores agree with the labels: confusion, roc, pr. */
#include <math.h>
#include <stdio.h>

#include "plot/chart_evaluate.h"

static int begin_confusion(struct ae_chart *chart, struct ae_error *err)
{
	return ae_chart_evaluate_begin(chart, AE_PRED, err);
}

static int begin_curve(struct ae_chart *chart, struct ae_error *err)
{
	return ae_chart_evaluate_begin(chart, AE_ERR, err);
}

/* ---- the confusion matrix ---- */

/* 0xRRGGBB, from white for a share of 0 to blue for 1. */
static unsigned shade(double share)
{
	unsigned color = 0;
	static const int white[] = {0xf4, 0xf8, 0xfc}, blue[] = {0x1f, 0x5f, 0x9f};
	for (size_t i = 0; i < 3; i++)
		color = color << 8 | (unsigned)lround(white[i] + (blue[i] - white[i]) * share);
	return color;
}

static void add_cell(struct ae_gnuplot_script *script, int x, int y, uint64_t count, uint64_t of)
{
	double share = of ? (double)count / (double)of : 0;
	const char *color = share > 0.55 ? "white" : "black";
	static const char *const sizes[] = {"", " font ',20'", " font ',22'"};
	if (script->format != AE_PICTURE_TEXT)
		ae_gnuplot_add(script,
			"set object rectangle from %d, %d to %d, %d fillstyle solid 1 border linecolor '#ffffff' "
			"fillcolor '#%06x' behind\n",
			x, y, x + 1, y + 1, shade(share));
	ae_gnuplot_add(script, "set label '%llu' at %d.5, %d.56 center%s textcolor '%s' front\n",
		(unsigned long long)count, x, y, sizes[script->format], color);
	if (of == 0)
		ae_gnuplot_add(script, "set label '0 of 0' at %d.5, %d.36 center textcolor 'black' front\n", x, y);
	else
		ae_gnuplot_add(script, "set label '%.1f %%' at %d.5, %d.36 center textcolor '%s' front\n", 100 * share,
			x, y, color);
}

static int draw_confusion(struct ae_chart *chart, struct ae_error *err)
{
	struct ae_evaluate *e = chart->state;
	struct ae_metrics_result r;
	char x[80] = "Verdict";
	if (ae_evaluate_end(e, err) != 0)
		return -1;
	ae_metrics_end(e->metrics, &r);
	chart->no_label = chart->left_out = e->no_label;
	if (r.no_verdict == r.rows)
		return ae_fail(err, "no row has a verdict");
	if (r.no_verdict)
		snprintf(x, sizeof(x), "Verdict (%llu row%s none)", (unsigned long long)r.no_verdict,
			r.no_verdict > 1 ? "s have" : " has");
	ae_gnuplot_begin(&chart->script, 560, 500);
	ae_gnuplot_titles(
		&chart->script, chart->options->title ? chart->options->title : "Confusion matrix", x, "Truth");
	ae_gnuplot_add(&chart->script,
		"set xrange [0:2]\nset yrange [0:2]\nunset grid\nset border 15\nset tics scale 0\n"
		"set xtics ('normal' 0.5, 'anomaly' 1.5)\nset ytics ('normal' 1.5, 'anomaly' 0.5)%s\n",
		chart->script.format == AE_PICTURE_TEXT ? "" : " rotate by 90 center");
	if (chart->script.format == AE_PICTURE_TEXT)
		ae_gnuplot_add(
			&chart->script, "set arrow from 1, 0 to 1, 2 nohead\nset arrow from 0, 1 to 1.98, 1 nohead\n");
	add_cell(&chart->script, 0, 1, r.tn, r.tn + r.fp);
	add_cell(&chart->script, 1, 1, r.fp, r.tn + r.fp);
	add_cell(&chart->script, 0, 0, r.fn, r.tp + r.fn);
	add_cell(&chart->script, 1, 0, r.tp, r.tp + r.fn);
	ae_gnuplot_add(&chart->script, "plot NaN\n");
	return 0;
}

/* ---- curves ---- */

/* A point nearer than this to the one drawn before it is left out: a curve of a million rows stays a small picture. */
#define NEAREST 0.0005
enum { TITLE = 90 }; /* characters of --title beside the area */
enum { CHANCE_POINTS = 32 };

struct curve {
	const struct ae_metrics *metrics;
	uint64_t rows; /* with a score */
	double anomalies, normals;
	bool roc;
};

static void place(const struct curve *c, const struct ae_metrics_point *point, double *x, double *y)
{
	double tp = (double)point->tp, fp = (double)point->fp;
	*x = c->roc ? fp / c->normals : tp / c->anomalies;
	*y = c->roc ? tp / c->anomalies : tp / (tp + fp);
}

static void add_curve(struct ae_gnuplot_script *script, const struct curve *c)
{
	double x = 0, y = 0, drawn_x = 0, drawn_y = 0;
	struct ae_metrics_point first = {0}, point = {0};
	ae_gnuplot_add(script, "$curve << end\n");
	if (!c->roc && ae_metrics_next(c->metrics, &first))
		place(c, &first, &x, &drawn_y);
	ae_gnuplot_number(script, 0, " ");
	ae_gnuplot_number(script, drawn_y, "\n");
	while (ae_metrics_next(c->metrics, &point)) {
		place(c, &point, &x, &y);
		if (point.tp + point.fp < c->rows && fabs(x - drawn_x) < NEAREST && fabs(y - drawn_y) < NEAREST)
			continue;
		ae_gnuplot_number(script, x, " ");
		ae_gnuplot_number(script, y, "\n");
		drawn_x = x;
		drawn_y = y;
	}
	ae_gnuplot_add(script, "end\n");
}

/* Adds the point of the threshold: the last one of the curve whose rows all reach it. False if no row does. */
static bool add_threshold(struct ae_chart *chart, const struct curve *c)
{
	struct ae_metrics_point point = {0}, next = {0};
	double x, y;
	while (ae_metrics_next(c->metrics, &next) && next.threshold >= chart->threshold)
		point = next;
	if (point.tp + point.fp == 0)
		return false;
	place(c, &point, &x, &y);
	ae_gnuplot_add(&chart->script, "$threshold << end\n");
	ae_gnuplot_number(&chart->script, x, " ");
	ae_gnuplot_number(&chart->script, y, "\nend\n");
	return true;
}

static void add_plots(struct ae_chart *chart, const struct curve *c, const struct ae_metrics_result *r, bool threshold)
{
	struct ae_gnuplot_script *script = &chart->script;
	const char *x = c->roc ? "False positive rate" : "Recall";
	const char *given = chart->options->title ? chart->options->title
			    : c->roc              ? "ROC curve"
						  : "Precision and recall";
	char area[60];
	struct ae_buf title = {0};
	snprintf(area, sizeof(area), c->roc ? ", area %.4f" : ", average precision %.4f",
		c->roc ? r->roc_auc : r->pr_auc);
	if (ae_text_shorten(&title, given, strlen(given), TITLE, &script->error) != 0 ||
		ae_buf_append(&title, area, strlen(area) + 1, &script->error) != 0)
		script->failed = true;
	ae_gnuplot_titles(script, script->failed ? NULL : (const char *)title.data, x,
		c->roc ? "True positive rate" : "Precision");
	/* In text the frame would hide a curve along the edges. */
	ae_gnuplot_add(script, "set xrange [%s]\nset yrange [%s]\nset xtics 0.2\nset ytics 0.2\n",
		script->format == AE_PICTURE_TEXT ? "-0.02:1.02" : "0:1.005",
		script->format == AE_PICTURE_TEXT ? "-0.06:1.06" : "0:1.02");
	ae_gnuplot_add(script, "$chance << end\n");
	for (int i = 0; i <= CHANCE_POINTS; i++) {
		double at = (double)i / CHANCE_POINTS;
		ae_gnuplot_add(script, "%.17g %.17g\n", at, c->roc ? at : r->prevalence);
	}
	ae_gnuplot_add(script, "end\n");
	/* In text the lightest sign of all. */
	ae_gnuplot_add(script, "plot $chance using 1:2 with %s title 'chance',\\\n",
		script->format == AE_PICTURE_TEXT ? "points pointtype '.'" : "lines " AE_LINE_CHANCE);
	ae_gnuplot_add(script, "  $curve using 1:2 with %s " AE_LINE_FIRST " title 'err'", c->roc ? "lines" : "fsteps");
	if (threshold)
		ae_gnuplot_add(script,
			",\\\n  $threshold using 1:2 with points %s linecolor '" AE_GNUPLOT_VERMILION
			"' title 'threshold %.4g'",
			ae_gnuplot_dot(script), chart->threshold);
	ae_gnuplot_add(script, "\n");
	ae_buf_free(&title);
}

static int draw_curve(struct ae_chart *chart, bool roc, struct ae_error *err)
{
	struct ae_evaluate *e = chart->state;
	struct ae_metrics_result r;
	struct curve c = {.metrics = e->metrics, .roc = roc};
	if (ae_evaluate_end(e, err) != 0)
		return -1;
	ae_metrics_end(e->metrics, &r);
	if (r.scored == 0)
		return ae_fail(err, "no row has a score");
	if (isnan(r.roc_auc))
		return ae_fail(err, "the rows that have a score are all of one class: there is no curve");
	chart->no_label = e->no_label;
	chart->left_out = r.rows - r.scored + e->no_label;
	c.rows = r.scored;
	c.anomalies = (double)r.scored_anomalies;
	c.normals = (double)(r.scored - r.scored_anomalies);
	r.prevalence = c.anomalies / (c.anomalies + c.normals);
	ae_gnuplot_begin(&chart->script, 600, 540);
	add_curve(&chart->script, &c);
	bool threshold = !isnan(chart->threshold) && add_threshold(chart, &c);
	add_plots(chart, &c, &r, threshold);
	return 0;
}

static int draw_roc(struct ae_chart *chart, struct ae_error *err)
{
	return draw_curve(chart, true, err);
}

static int draw_pr(struct ae_chart *chart, struct ae_error *err)
{
	return draw_curve(chart, false, err);
}

const struct ae_chart_kind ae_chart_confusion = {
	.name = "confusion",
	.help = "truth against verdict",
	.columns = "label, pred",
	.options = {"normal", "anomaly", "head"},
	.no_inputs = true,
	.check = ae_chart_evaluate_check,
	.begin = begin_confusion,
	.add = ae_chart_evaluate_add,
	.draw = draw_confusion,
	.free = ae_chart_evaluate_free,
};

const struct ae_chart_kind ae_chart_roc = {
	.name = "roc",
	.help = "receiver operating characteristic of the scores",
	.columns = "label, err",
	.options = {"normal", "anomaly", "at", "model", "head"},
	.no_inputs = true,
	.check = ae_chart_evaluate_check,
	.begin = begin_curve,
	.add = ae_chart_evaluate_add,
	.draw = draw_roc,
	.free = ae_chart_evaluate_free,
};

const struct ae_chart_kind ae_chart_pr = {
	.name = "pr",
	.help = "precision against recall of the scores",
	.columns = "label, err",
	.options = {"normal", "anomaly", "at", "model", "head"},
	.no_inputs = true,
	.check = ae_chart_evaluate_check,
	.begin = begin_curve,
	.add = ae_chart_evaluate_add,
	.draw = draw_pr,
	.free = ae_chart_evaluate_free,
};
