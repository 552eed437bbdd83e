/* SPDX-License-Identifier: MIT */
/* The score over time: threshold, episodes of anomalies, and the truth. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/label_counts.h"
#include "eval/truth.h"
#include "plot/chart.h"
#include "plot/time_axis.h"
#include "plot/time_bins.h"

/* Bins that are kept: as many columns of pixels as a picture of twice the size has. */
enum { WIDTH = 1000, HEIGHT = 400, BINS = 2048 };

/* What is known of the rows of a bin. */
struct score_bin {
	uint64_t rows, scored;       /* all, and those with a score on the axis */
	uint64_t beyond, below;      /* with one of AE_BEYOND_F64 or more, or its negative or less: off every axis */
	uint64_t flagged, anomalies; /* by the verdict, in truth */
	double least, most, sum;     /* of the scores */
};

struct score {
	size_t score, pred, label; /* columns */
	struct ae_labels truth;
	struct ae_label_counts labels;
	bool found; /* a row of the label that was asked for */
	struct ae_time_axis axis;
	struct ae_time_bins bins;
	struct score_bin all;
	double floor; /* of the axis: what is lower is drawn there */
	double step;  /* between neighbouring bins with rows, mostly: places */
};

static void free_score(struct ae_chart *chart)
{
	struct score *s = chart->state;
	if (!s)
		return;
	ae_label_counts_free(&s->labels);
	ae_time_bins_free(&s->bins);
	free(s);
}

static int check(const struct ae_chart *chart, struct ae_error *err)
{
	if (chart->options->normal && chart->options->anomaly)
		return ae_fail_usage(err, "--normal and --anomaly exclude each other");
	return 0;
}

/* ---- rows ---- */

static void merge(void *arg, void *into, const void *from)
{
	struct score_bin *a = into;
	const struct score_bin *b = from;
	(void)arg;
	if (b->scored) {
		a->least = a->scored && a->least < b->least ? a->least : b->least;
		a->most = a->scored && a->most > b->most ? a->most : b->most;
	}
	a->sum += b->sum;
	a->rows += b->rows;
	a->scored += b->scored;
	a->beyond += b->beyond;
	a->below += b->below;
	a->flagged += b->flagged;
	a->anomalies += b->anomalies;
}

static bool is_empty(const void *bin)
{
	return ((const struct score_bin *)bin)->rows == 0;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct score *s = chart->state = ae_calloc(1, sizeof(*s), err);
	if (!s || ae_schema_need(chart->schema, AE_ERR, &s->score, err) != 0)
		return -1;
	s->truth = (struct ae_labels){chart->options->normal, chart->options->anomaly};
	s->label = AE_NO_COLUMN;
	if ((s->truth.normal || s->truth.anomaly) && ae_schema_need(chart->schema, AE_LABEL, &s->label, err) != 0)
		return -1;
	s->pred = ae_schema_find(chart->schema, AE_PRED);
	s->bins = (struct ae_time_bins){.size = sizeof(struct score_bin), .most = BINS, .merge = merge};
	ae_time_axis_begin(&s->axis, chart->schema);
	return 0;
}

/* A row by itself. */
static struct score_bin look(const struct ae_chart *chart, const struct ae_batch *batch, size_t row)
{
	struct score *s = chart->state;
	struct score_bin one = {.rows = 1};
	double value = ae_chart_value(&chart->schema->cols[s->score], batch->cols[s->score], row);
	if (fabs(value) >= AE_BEYOND_F64) {
		one.beyond = value > 0;
		one.below = value < 0;
	} else if (!isnan(value)) {
		one.scored = 1;
		one.least = one.most = one.sum = value;
	}
	if (s->pred != AE_NO_COLUMN)
		one.flagged = batch->cols[s->pred]->values.data[row] == 1;
	else
		one.flagged = value >= chart->threshold;
	if (s->label != AE_NO_COLUMN) {
		enum ae_truth truth = ae_truth_of(&s->truth, batch->cols[s->label], row);
		one.anomalies = truth == AE_TRUTH_ANOMALY;
		s->found |= truth == (s->truth.anomaly ? AE_TRUTH_ANOMALY : AE_TRUTH_NORMAL);
	}
	return one;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct score *s = chart->state;
	for (size_t row = 0; row < batch->rows; row++) {
		int64_t place;
		struct score_bin one = look(chart, batch, row), *bin;
		if (!ae_time_axis_place(&s->axis, batch, row, &place)) {
			chart->left_out++;
			continue;
		}
		bin = ae_time_bins_at(&s->bins, place, err);
		if (!bin)
			return -1;
		merge(NULL, bin, &one);
		merge(NULL, &s->all, &one);
	}
	return s->label == AE_NO_COLUMN ? 0
					: ae_label_counts_add(&s->labels, batch->cols[s->label], 0, batch->rows, err);
}

/* ---- what the bins say ---- */

static const struct score_bin *get(const struct score *s, size_t i)
{
	return ae_time_bins_get(&s->bins, i);
}

/* The middle of a bin, as an offset; rows of one place are at that place. */
static double middle(const struct score *s, size_t i)
{
	return ae_time_bins_middle(&s->bins, i, s->axis.least, ae_time_axis_span(&s->axis));
}

static double number_at(const struct score *s, double offset)
{
	return ae_time_axis_number(&s->axis, fmin(fmax(offset, 0), ae_time_axis_span(&s->axis)));
}

/* Whether the curve breaks before bin i, `before` being the last one with a score: rows without a score lie between, or
   no rows where there should be some. */
static bool breaks(const struct score *s, size_t before, size_t i)
{
	for (size_t k = before + 1; k < i; k++)
		if (get(s, k)->rows)
			return true;
	return before == AE_NO_COLUMN || ae_time_bins_apart(&s->bins, s->step, before, i);
}

/* The next bin with a score from i on, AE_NO_COLUMN if there is none. */
static size_t next_scored(const struct score *s, size_t i)
{
	while (i < s->bins.used && !get(s, i)->scored)
		i++;
	return i < s->bins.used ? i : AE_NO_COLUMN;
}

/* ---- drawing ---- */

/* The vertical axis. */
struct ends {
	double low, high;
	bool log;
};

/* Where a threshold is that no axis has a place for: 1 above, -1 below, else 0. */
static int beyond_axis(const struct ae_chart *chart)
{
	double at = chart->threshold;
	if (at >= AE_BEYOND_F64)
		return 1;
	return at <= -AE_BEYOND_F64 || (chart->options->log && at <= 0) ? -1 : 0;
}

/* The least number above 0, where an axis of logarithms begins. */
static double least_positive(const struct ae_chart *chart, const struct score *s)
{
	double least = chart->threshold > 0 && !beyond_axis(chart) ? chart->threshold : INFINITY;
	for (size_t i = 0; i < s->bins.used; i++) {
		const struct score_bin *bin = get(s, i);
		if (bin->scored && bin->most > 0)
			least = fmin(least, bin->least > 0 ? bin->least : bin->most);
	}
	return isfinite(least) ? least : 1;
}

static void find_ends(const struct ae_chart *chart, const struct score *s, struct ends *y)
{
	double least = s->all.scored ? s->all.least : 0, most = s->all.scored ? s->all.most : 1;
	if (!isnan(chart->threshold) && !beyond_axis(chart)) {
		least = fmin(least, chart->threshold);
		most = fmax(most, chart->threshold);
	}
	y->log = chart->options->log;
	if (y->log) {
		y->low = least_positive(chart, s) / 1.2;
		y->high = fmax(most * 1.2, y->low * 2);
		return;
	}
	y->low = fmin(least * 1.05, 0);
	y->high = most > y->low ? most + 0.05 * (most - y->low) : y->low + 1;
}

static double at_height(const struct ends *y, double share)
{
	return y->log ? y->low * pow(y->high / y->low, share) : y->low + share * (y->high - y->low);
}

/* One point of the curve: place, least, most, mean. */
static void add_point(struct ae_gnuplot_script *script, const struct score *s, size_t i)
{
	const struct score_bin *bin = get(s, i);
	ae_gnuplot_number(script, number_at(s, middle(s, i)), " ");
	ae_gnuplot_number(script, fmax(bin->least, s->floor), " ");
	ae_gnuplot_number(script, fmax(bin->most, s->floor), " ");
	ae_gnuplot_number(script, fmax(bin->sum / (double)bin->scored, s->floor), "\n");
}

/* The curve, with an empty line where it breaks. A stretch of one bin, which has no line, is in $single instead. False
   if there are no others. */
static bool add_curve(struct ae_gnuplot_script *script, const struct score *s, bool single)
{
	size_t before = AE_NO_COLUMN, n = 0;
	ae_gnuplot_add(script, single ? "$single << end\n" : "$score << end\n");
	for (size_t i = next_scored(s, 0), next; i != AE_NO_COLUMN; before = i, i = next) {
		next = next_scored(s, i + 1);
		bool first = breaks(s, before, i);
		if ((first && (next == AE_NO_COLUMN || breaks(s, i, next))) != single)
			continue;
		if (n++ > 0 && first)
			ae_gnuplot_add(script, "\n");
		add_point(script, s, i);
	}
	ae_gnuplot_add(script, "end\n");
	return n > 0;
}

/* Which bins a mark is for. */
enum mark { FLAGGED, ANOMALIES, BEYOND, BELOW };

static bool has(const struct score_bin *bin, enum mark mark)
{
	const uint64_t rows[] = {
		[FLAGGED] = bin->flagged, [ANOMALIES] = bin->anomalies, [BEYOND] = bin->beyond, [BELOW] = bin->below};
	return rows[mark];
}

/* Runs of marked bins as rectangles, from half a step before the first row to half a step behind the last, which are
   wide enough to be seen: x, y, and their ends. */
static void add_runs(struct ae_gnuplot_script *script, const struct score *s, enum mark mark, const double y[2])
{
	double half = fmax(s->step, ae_time_axis_span(&s->axis) / 300) / 2;
	size_t first = AE_NO_COLUMN, last = 0;
	ae_gnuplot_add(script, "$mark%d << end\n", mark);
	for (size_t i = 0; i <= s->bins.used; i++) {
		bool end = i == s->bins.used, rows = !end && get(s, i)->rows;
		if (!end && !rows)
			continue;
		bool marked = !end && has(get(s, i), mark);
		if (first != AE_NO_COLUMN && (!marked || ae_time_bins_apart(&s->bins, s->step, last, i))) {
			double from = number_at(s, middle(s, first) - half), to = number_at(s, middle(s, last) + half);
			ae_gnuplot_add(script, "%.17g %.17g %.17g %.17g %.17g %.17g\n", (from + to) / 2,
				(y[0] + y[1]) / 2, from, to, y[0], y[1]);
			first = AE_NO_COLUMN;
		}
		if (marked && first == AE_NO_COLUMN)
			first = i;
		if (marked)
			last = i;
	}
	ae_gnuplot_add(script, "end\n");
}

/* Marked bins as points. */
static void add_marks(struct ae_gnuplot_script *script, const struct score *s, enum mark mark, double y)
{
	ae_gnuplot_add(script, "$mark%d << end\n", mark);
	for (size_t i = 0; i < s->bins.used; i++)
		if (has(get(s, i), mark))
			ae_gnuplot_add(script, "%.17g %.17g\n", number_at(s, middle(s, i)), y);
	ae_gnuplot_add(script, "end\n");
}

/* Where the axis has room for rows of marks above the curve. */
static const double truth_strip[] = {0.955, 0.995};
/* Columns of text beside the curve, lines around it, and of a picture that has no room for a key. */
enum { TEXT_MARGIN = 14, TEXT_LINES = 8, SMALL = 16 };

static void add_axes(struct ae_chart *chart, struct score *s, struct ends *y)
{
	struct ae_gnuplot_script *script = &chart->script;
	bool text = script->format == AE_PICTURE_TEXT;
	char name[60 + AE_METRIC_TEXT] = "Reconstruction error";
	if (*chart->metric)
		snprintf(name, sizeof(name), "Reconstruction error (%s)", chart->metric);
	find_ends(chart, s, y);
	if (s->all.anomalies || (text && s->all.flagged) || s->all.beyond)
		y->high = at_height(y, text ? 1.25 : 1.08);
	if (s->all.below)
		y->low = at_height(y, text ? -0.12 : -0.06);
	s->floor = y->log ? y->low : -INFINITY;
	ae_gnuplot_titles(script, chart->options->title, NULL, name);
	ae_time_axis_draw(&s->axis, script);
	ae_gnuplot_add(script, "set yrange [%.17g:%.17g]\nset key %s\n%s", y->low, y->high,
		text && script->lines < SMALL ? "off"
		: text                        ? "below width 3"
					      : "above",
		y->log ? "set logscale y\n" : "");
}

/* "Anomalies: 12 rows". */
static void add_count(struct ae_gnuplot_script *script, const char *what, uint64_t rows)
{
	ae_gnuplot_add(script, " title '%s (%llu row%s)'", what, (unsigned long long)rows, rows == 1 ? "" : "s");
}

static const char *flagged_name(const struct score *s)
{
	return s->pred != AE_NO_COLUMN ? "Verdict: anomaly" : "At or above the threshold";
}

static void plot_curve(const struct ae_chart *chart, const struct score *s, bool curve, bool single)
{
	struct ae_gnuplot_script *script = (struct ae_gnuplot_script *)&chart->script;
	bool text = script->format == AE_PICTURE_TEXT, many = s->all.scored > s->bins.used;
	const char *title = many ? "Mean" : "Error";
	if (many && curve && !text)
		ae_gnuplot_add(script, ",\\\n  $score using 1:2:3 with filledcurves linecolor '" AE_GNUPLOT_BLUE
				       "' fillstyle transparent solid 0.35 noborder title 'Least to largest',\\\n"
				       "  $score using 1:3 with lines linewidth 0.7 linecolor '" AE_GNUPLOT_BLUE "'");
	if (many && curve && text)
		ae_gnuplot_add(script, ",\\\n  $score using 1:2:(0):($3-$2) with vectors nohead title 'Error',\\\n"
				       "  $score using 1:4 with points pointtype '|' notitle");
	else if (curve)
		ae_gnuplot_add(script,
			",\\\n  $score using 1:4 with lines linewidth 1.4 linecolor '" AE_GNUPLOT_BLUE "' title '%s'",
			title);
	if (single)
		ae_gnuplot_add(script,
			",\\\n  $single using 1:3 with points pointtype 7 pointsize 0.6 linecolor '" AE_GNUPLOT_BLUE
			"'%s",
			curve ? "" : " title 'Error'");
}

static void plot_threshold(struct ae_chart *chart, const char *style)
{
	struct ae_gnuplot_script *script = &chart->script;
	int beyond = beyond_axis(chart);
	if (isnan(chart->threshold))
		return;
	if (beyond)
		ae_gnuplot_add(script, ",\\\n  NaN %s title '%s Threshold %.4g'", style,
			beyond > 0 ? "\u2191" : "\u2193", chart->threshold);
	else
		ae_gnuplot_add(
			script, ",\\\n  %.17g %s title 'Threshold %.4g'", chart->threshold, style, chart->threshold);
}

static void draw_picture(struct ae_chart *chart, const struct score *s, const struct ends *y)
{
	struct ae_gnuplot_script *script = &chart->script;
	const double whole[] = {y->low, y->high};
	const double strip[] = {at_height(y, truth_strip[0]), at_height(y, truth_strip[1])};
	bool curve = add_curve(script, s, false), single = add_curve(script, s, true);
	add_runs(script, s, FLAGGED, whole);
	add_runs(script, s, ANOMALIES, strip);
	add_marks(script, s, BEYOND, at_height(y, 0.92));
	add_marks(script, s, BELOW, at_height(y, 0.03));
	ae_gnuplot_add(script, "plot NaN");
	if (s->all.flagged) {
		ae_gnuplot_add(script, ",\\\n  $mark0 using 1:2:3:4:5:6 with boxxyerror " AE_FILL_STRETCH);
		add_count(script, flagged_name(s), s->all.flagged);
	}
	plot_curve(chart, s, curve, single);
	if (s->all.anomalies) {
		ae_gnuplot_add(script, ",\\\n  $mark1 using 1:2:3:4:5:6 with boxxyerror fillstyle solid 1 noborder "
				       "linecolor '" AE_GNUPLOT_VERMILION "'");
		add_count(script, "Truth: anomaly", s->all.anomalies);
	}
	plot_threshold(chart, "with lines " AE_LINE_THRESHOLD);
	if (s->all.beyond) {
		ae_gnuplot_add(script, ",\\\n  $mark2 using 1:2 with points pointtype 9 linecolor 'black'");
		add_count(script, "1e30 or more", s->all.beyond);
	}
	if (s->all.below) {
		ae_gnuplot_add(script, ",\\\n  $mark3 using 1:2 with points pointtype 11 linecolor 'black'");
		add_count(script, "-1e30 or less", s->all.below);
	}
	ae_gnuplot_add(script, "\n");
}

static void draw_text(struct ae_chart *chart, const struct score *s, const struct ends *y)
{
	struct ae_gnuplot_script *script = &chart->script;
	bool curve = add_curve(script, s, false), single = add_curve(script, s, true);
	const double line = 1.0 / (script->lines - TEXT_LINES);
	add_marks(script, s, ANOMALIES, at_height(y, 1 - line));
	add_marks(script, s, FLAGGED, at_height(y, 1 - 2 * line));
	add_marks(script, s, BEYOND, at_height(y, 1 - 3 * line));
	add_marks(script, s, BELOW, at_height(y, line));
	ae_gnuplot_add(script, "plot NaN");
	plot_curve(chart, s, curve, single);
	plot_threshold(chart, "with points pointtype '-'");
	if (s->all.flagged) {
		ae_gnuplot_add(script, ",\\\n  $mark0 using 1:2 with points pointtype '!' title 'Anomalies: %llu'",
			(unsigned long long)s->all.flagged);
	}
	if (s->all.anomalies) {
		ae_gnuplot_add(script, ",\\\n  $mark1 using 1:2 with points pointtype 'T' title 'In truth: %llu'",
			(unsigned long long)s->all.anomalies);
	}
	if (s->all.beyond) {
		ae_gnuplot_add(script, ",\\\n  $mark2 using 1:2 with points pointtype '^'");
		add_count(script, "1e30 or more", s->all.beyond);
	}
	if (s->all.below) {
		ae_gnuplot_add(script, ",\\\n  $mark3 using 1:2 with points pointtype 'v'");
		add_count(script, "-1e30 or less", s->all.below);
	}
	ae_gnuplot_add(script, "\n");
}

/* A label that no row has is a mistake, as in ae-metrics. */
static int check_labels(const struct ae_chart *chart, const struct score *s, struct ae_error *err)
{
	if (s->label == AE_NO_COLUMN || s->found)
		return 0;
	return ae_label_counts_fail(&s->labels, chart->options->normal, chart->options->anomaly, err);
}

/* The bins are a copy: more rows may come. */
static int draw_bins(struct ae_chart *chart, struct score *s, struct ae_error *err)
{
	bool text = chart->script.format == AE_PICTURE_TEXT;
	struct ends y;
	ae_gnuplot_begin(&chart->script, WIDTH, HEIGHT);
	double pixels = chart->script.width * chart->script.scale;
	ae_time_bins_reduce(&s->bins, text ? 2 * (chart->script.columns - TEXT_MARGIN) : (size_t)pixels, is_empty);
	if (ae_time_bins_step(&s->step, &s->bins, is_empty, err) != 0)
		return -1;
	add_axes(chart, s, &y);
	(text ? draw_text : draw_picture)(chart, s, &y);
	return 0;
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct score *s = chart->state, copy = *s;
	if (s->all.scored + s->all.beyond + s->all.below == 0)
		return chart->live ? 0 : ae_fail(err, "no err to draw");
	if (!chart->live && check_labels(chart, s, err) != 0)
		return -1;
	if (ae_time_bins_copy(&copy.bins, &s->bins, err) != 0)
		return -1;
	int rc = draw_bins(chart, &copy, err);
	ae_time_bins_free(&copy.bins);
	return rc;
}

const struct ae_chart_kind ae_chart_score = {
	.name = "score",
	.help = "the score over time, with threshold, verdicts and truth",
	.columns = "err; time, pred and label where they are there",
	.options = {"at", "model", "normal", "anomaly", "log", "live", "head"},
	.no_inputs = true,
	.gaps = true,
	.check = check,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_score,
};
