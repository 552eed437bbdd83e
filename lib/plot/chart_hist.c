/* SPDX-License-Identifier: MIT */
/* The histogram of the scores, or one for each value of the column of --by. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/csv.h"
#include "plot/bins.h"
#include "plot/chart.h"

enum { WIDTH = 800, HEIGHT = 480, GROUPS = 10, NAME_MOST = 60 };

/* The rows of one value of that column, or all rows. */
struct group {
	struct ae_buf name;
	struct ae_buf values; /* double */
	size_t place;         /* among the names of --map */
};

struct hist {
	size_t score, by;
	bool log;
	struct group groups[GROUPS];
	size_t count;
	struct ae_buf name; /* of the present row's group */
	struct ae_bins_group counted[GROUPS];
	struct ae_bins bins;
	uint64_t scores;                 /* rows with a score, drawn or not */
	uint64_t below, above, no_place; /* rows that --range, or a logarithmic axis, leaves out */
};

static void free_hist(struct ae_chart *chart)
{
	struct hist *h = chart->state;
	if (!h)
		return;
	for (size_t i = 0; i < GROUPS; i++) {
		ae_buf_free(&h->groups[i].name);
		ae_buf_free(&h->groups[i].values);
		free(h->counted[i].counts);
	}
	ae_buf_free(&h->name);
	free(h);
}

static int check(const struct ae_chart *chart, struct ae_error *err)
{
	if (chart->options->log && chart->options->range && chart->low <= 0)
		return ae_fail_usage(err, "--range %s: with --log both ends are above 0", chart->options->range);
	return 0;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct hist *h = chart->state = ae_calloc(1, sizeof(*h), err);
	const char *by = chart->options->by;
	if (!h || ae_schema_need(chart->schema, AE_ERR, &h->score, err) != 0)
		return -1;
	if (ae_csv_pick(chart->schema, by, &h->by, err) != 0)
		return ae_fail_in(err, "--by: ");
	if (by && h->by == AE_NO_COLUMN)
		return ae_schema_fail_unknown(chart->schema, "--by", by, err);
	h->count = !by;
	h->log = chart->options->log;
	return by ? ae_chart_check_single(&chart->schema->cols[h->by], "--by", err) : 0;
}

static struct group *find_group(struct ae_chart *chart, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct hist *h = chart->state;
	if (h->by == AE_NO_COLUMN)
		return h->groups;
	h->name.len = 0;
	if (ae_chart_cell(chart, h->by, batch, row, &h->name, err) != 0)
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (ae_buf_equal(&h->groups[i].name, &h->name))
			return &h->groups[i];
	if (h->count == GROUPS) {
		ae_fail(err, "--by %s: more than %d classes", chart->options->by, GROUPS);
		return NULL;
	}
	struct group *group = &h->groups[h->count];
	if (ae_buf_append(&group->name, h->name.data, h->name.len, err) != 0)
		return NULL;
	group->place = ae_chart_map_place(chart, &group->name);
	h->count++;
	return group;
}

/* Whether the classes are those of the label, and a row has none. */
static bool is_unlabelled(const struct ae_chart *chart, const struct ae_batch *batch, size_t row)
{
	const struct hist *h = chart->state;
	size_t len;
	if (h->by == AE_NO_COLUMN || chart->schema->cols[h->by].role != AE_LABEL)
		return false;
	const char *label = ae_data_text(batch->cols[h->by], row, &len);
	return ae_number_is_missing(label, len);
}

/* Whether the picture has a place for a score; counts those that it leaves out. */
static bool has_place(struct ae_chart *chart, double value)
{
	struct hist *h = chart->state;
	if (chart->options->range && value < chart->low)
		h->below++;
	else if (chart->options->range && value > chart->high)
		h->above++;
	else if (chart->options->log && value <= 0)
		h->no_place++;
	else
		return true;
	chart->left_out++;
	return false;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct hist *h = chart->state;
	const struct ae_column *column = &chart->schema->cols[h->score];
	for (size_t row = 0; row < batch->rows; row++) {
		double value = ae_chart_value(column, batch->cols[h->score], row);
		bool unlabelled = is_unlabelled(chart, batch, row);
		/* An infinite score counts as the largest number, and neither has a place on an axis. */
		if (unlabelled || isnan(value) || fabs(value) >= DBL_MAX) {
			chart->left_out++;
			chart->no_label += unlabelled;
			continue;
		}
		struct group *group = find_group(chart, batch, row, err);
		if (!group)
			return -1;
		h->scores++;
		if (has_place(chart, value) && ae_buf_append(&group->values, &value, sizeof(value), err) != 0)
			return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	return ae_chart_compare_classes(x->place, &x->name, y->place, &y->name);
}

static int count_bins(struct ae_chart *chart, struct hist *h, struct ae_error *err)
{
	struct ae_bins *bins = &h->bins;
	*bins = (struct ae_bins){.bins = chart->options->bins,
		.logarithmic = h->log,
		.groups = h->counted,
		.group_count = h->count,
		.low = chart->low,
		.high = chart->high};
	if (!chart->options->range)
		ae_bins_find_ends(bins);
	if (!isfinite(bins->high - bins->low))
		return ae_fail(err, "the errors are too far apart to draw%s",
			h->log ? "" : ": --range takes some, --log all above 0");
	return ae_bins_count(bins, err);
}

/* How many rows the first bin has, where it has nearly all of them, and a logarithmic axis would part them; else 0. */
static uint64_t crowded(const struct ae_chart *chart, const struct hist *h, size_t values)
{
	uint64_t first = 0;
	double edge = ae_bins_edge(&h->bins, 1), most = 0;
	if (h->log || chart->options->range || h->bins.below || !(h->bins.low > 0))
		return 0;
	for (size_t i = 0; i < h->count; i++) {
		first += h->counted[i].counts[1];
		for (size_t k = 0; k < h->counted[i].n; k++)
			if (h->counted[i].values[k] < edge)
				most = fmax(most, h->counted[i].values[k]);
	}
	return (double)first >= 0.9 * (double)values && most >= 3 * h->bins.low ? first : 0;
}

static int fill_bins(struct ae_chart *chart, struct hist *h, struct ae_error *err)
{
	size_t values = 0;
	for (size_t i = 0; i < h->count; i++) {
		h->counted[i].values = (const void *)h->groups[i].values.data;
		values += h->counted[i].n = h->groups[i].values.len / sizeof(double);
	}
	if (!chart->options->range && values == 0)
		return ae_fail(err, "no err above 0 to draw with --log");
	if (count_bins(chart, h, err) != 0)
		return -1;
	uint64_t first = crowded(chart, h, values);
	if (first && chart->options->spread) {
		for (size_t i = 0; i < h->count; i++) {
			free(h->counted[i].counts);
			h->counted[i].counts = NULL;
		}
		h->log = true;
		return count_bins(chart, h, err);
	}
	if (first)
		snprintf(chart->advice, sizeof(chart->advice), "%llu of %zu rows share the first bin: --log parts them",
			(unsigned long long)first, values);
	return 0;
}

/* The end of the vertical axis, above the highest bar. */
static double top_of(const struct hist *h)
{
	uint64_t most = ae_bins_highest(&h->bins, true);
	return 1.08 * (most > 0 ? (double)most : 1);
}

/* The ends of the horizontal axis: bars for what lies far away stand beside a gap. */
static void find_axis(const struct hist *h, double *low, double *high)
{
	*low = ae_bins_edge(&h->bins, h->bins.below ? -2 : 0);
	*high = ae_bins_edge(&h->bins, (double)h->bins.bins + (h->bins.above ? 2 : 0));
}

/* Where a threshold is that has no place on the axis: -1 to the left of it, 1 to the right. One that is near is given a
   place. */
static int place_threshold(const struct ae_chart *chart, const struct hist *h, double *low, double *high)
{
	double at = chart->threshold;
	if (isnan(at) || (at >= h->bins.low && at <= h->bins.high))
		return 0;
	bool log = h->log, left = at < h->bins.low;
	double span = log ? log10(h->bins.high / h->bins.low) : h->bins.high - h->bins.low;
	double beyond = left ? h->bins.low - at : at - h->bins.high;
	if (log)
		beyond = at <= 0 ? INFINITY : left ? log10(h->bins.low / at) : log10(at / h->bins.high);
	if (chart->options->range || (left ? h->bins.below : h->bins.above) || beyond > span)
		return left ? -1 : 1;
	*(left ? low : high) = at;
	return 0;
}

/* Says below the axis which rows are not in the bins. */
static void add_titles(struct ae_chart *chart, const struct hist *h)
{
	char x[AE_METRIC_TEXT + 400] = "Reconstruction error";
	const struct ae_bins *b = &h->bins;
	size_t size = sizeof(x), used = strlen(x);
	if (*chart->metric)
		used += (size_t)snprintf(x + used, size - used, " (%s)", chart->metric);
	if (h->below + h->above > 0)
		used += (size_t)snprintf(x + used, size - used, "\n%llu below %.4g and %llu above %.4g: not drawn",
			(unsigned long long)h->below, b->low, (unsigned long long)h->above, b->high);
	if (h->no_place > 0)
		used += (size_t)snprintf(
			x + used, size - used, "\n%llu not above 0: not drawn", (unsigned long long)h->no_place);
	if (b->below > 0)
		used += (size_t)snprintf(x + used, size - used, "\n%llu below %.4g, down to %.4g: the bar on the left",
			(unsigned long long)b->below, b->low, b->least);
	if (b->above > 0)
		snprintf(x + used, size - used, "\n%llu above %.4g, up to %.4g: the bar on the right",
			(unsigned long long)b->above, b->high, b->most);
	ae_gnuplot_titles(&chart->script, chart->options->title, x, "Rows");
}

/* Ticks where the bins are: what is beyond has no scale. */
static void add_ticks(struct ae_gnuplot_script *script, const struct ae_bins *b)
{
	double tick = ae_bins_tick(b->low, b->high);
	if (b->below + b->above > 0)
		ae_gnuplot_add(script, "set xtics %.17g,%.17g,%.17g\n", ceil(b->low / tick) * tick, tick, b->high);
	if (ae_bins_highest(b, true) <= 5)
		ae_gnuplot_add(script, "set ytics 1\n");
	if (b->logarithmic)
		ae_gnuplot_add(script, "set logscale x\nset format x '%%g'\n");
}

/* Returns place_threshold(). */
static int add_axes(struct ae_chart *chart, const struct hist *h)
{
	struct ae_gnuplot_script *script = &chart->script;
	double low, high;
	ae_gnuplot_begin(script, WIDTH, HEIGHT);
	add_titles(chart, h);
	add_ticks(script, &h->bins);
	find_axis(h, &low, &high);
	int beyond = place_threshold(chart, h, &low, &high);
	if (!chart->options->range) {
		double margin = h->log ? pow(high / low, 0.02) : (high - low) * 0.02;
		low = h->log ? fmax(low / margin, DBL_MIN) : low - margin;
		high = fmin(h->log ? high * margin : high + margin, DBL_MAX);
	}
	ae_gnuplot_add(script,
		"set style fill %s noborder\nset offsets 0, 0, 0, 0\nset xrange [%.17g:%.17g]\nset yrange [0:%.17g]\n",
		h->count > 1 ? "transparent solid 0.55" : "solid 1", low, high, top_of(h));
	if (beyond)
		ae_gnuplot_add(script,
			"set arrow from graph %g, 0.9 to graph %d, 0.9 front linewidth 2 linecolor '%s'\n",
			beyond < 0 ? 0.08 : 0.92, beyond > 0, AE_GNUPLOT_BLACK);
	return beyond;
}

static void add_title(struct ae_chart *chart, const struct group *group)
{
	char rows[40];
	struct ae_buf text = {0};
	struct ae_gnuplot_script *script = &chart->script;
	size_t room = script->format == AE_PICTURE_TEXT ? script->columns - 24U : (script->width - 80U) / 9;
	snprintf(rows, sizeof(rows), " (%zu)", group->values.len / sizeof(double));
	if (ae_text_shorten(&text, (const char *)group->name.data, group->name.len, room < NAME_MOST ? room : NAME_MOST,
		    &script->error) != 0 ||
		ae_buf_append(&text, rows, strlen(rows), &script->error) != 0)
		script->failed = true;
	ae_gnuplot_quote(script, (const char *)text.data, text.len);
	ae_buf_free(&text);
}

static void add_plots(struct ae_chart *chart, const struct hist *h, int beyond)
{
	struct ae_gnuplot_script *script = &chart->script;
	bool steps = script->format == AE_PICTURE_TEXT && h->count > 1;
	ae_gnuplot_add(script, "plot ");
	for (size_t i = 0; i < h->count; i++) {
		ae_gnuplot_add(script, "%s$group%zu using %s linecolor '%s'", i ? ",\\\n  " : "", i,
			steps ? "1:2 with steps" : "1:2:3 with boxes", ae_gnuplot_color(i));
		if (h->by != AE_NO_COLUMN) {
			ae_gnuplot_add(script, " title ");
			add_title(chart, &h->groups[i]);
		}
	}
	if (!isnan(chart->threshold))
		ae_gnuplot_add(script,
			",\\\n  $threshold using 1:2 with lines " AE_LINE_THRESHOLD " title '%sThreshold %.4g%s'",
			beyond < 0 ? "\u2190 " : "", chart->threshold, beyond > 0 ? " \u2192" : "");
	ae_gnuplot_add(script, "\n");
}

/* Says above a bar beyond the bins, which may be low, how many it holds. */
static void label_beyond(
	struct ae_gnuplot_script *script, const struct hist *h, double from, size_t slot, uint64_t count)
{
	uint64_t most = 0;
	for (size_t i = 0; i < h->count; i++)
		if (h->counted[i].counts[slot] > most)
			most = h->counted[i].counts[slot];
	if (count > 0)
		ae_gnuplot_add(script, "set label '%llu' at %.17g, %llu center offset 0, 0.6\n",
			(unsigned long long)count, ae_bins_edge(&h->bins, from + 0.5), (unsigned long long)most);
}

/* A bar: its middle, its height and its width. */
static void add_bar(struct ae_gnuplot_script *script, const struct ae_bins *b, double from, uint64_t count)
{
	double low = ae_bins_edge(b, from), high = ae_bins_edge(b, from + 1);
	ae_gnuplot_number(script, low / 2 + high / 2, " ");
	ae_gnuplot_add(script, "%llu ", (unsigned long long)count);
	ae_gnuplot_number(script, high - low, "\n");
}

static void add_counts(struct ae_chart *chart, const struct hist *h)
{
	const struct ae_bins *b = &h->bins;
	struct ae_gnuplot_script *script = &chart->script;
	for (size_t i = 0; i < h->count; i++) {
		const uint64_t *counts = h->counted[i].counts;
		ae_gnuplot_add(script, "$group%zu << end\n", i);
		if (b->below > 0) {
			add_bar(script, b, -2, counts[0]);
			add_bar(script, b, -1, 0);
		}
		for (size_t bin = 0; bin < b->bins; bin++)
			add_bar(script, b, (double)bin, counts[bin + 1]);
		if (b->above > 0) {
			add_bar(script, b, (double)b->bins, 0);
			add_bar(script, b, (double)b->bins + 1, counts[b->bins + 1]);
		}
		ae_gnuplot_add(script, "end\n");
	}
	label_beyond(script, h, -2, 0, b->below);
	label_beyond(script, h, (double)b->bins + 1, b->bins + 1, b->above);
	if (!isnan(chart->threshold))
		ae_gnuplot_add(script, "$threshold << end\n%.17g 0\n%.17g %.17g\nend\n", chart->threshold,
			chart->threshold, top_of(h));
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct hist *h = chart->state;
	if (h->scores == 0 && chart->no_label > 0)
		return ae_fail(err, "no row with an err has a label");
	if (h->scores == 0)
		return ae_fail(err, "no err to draw");
	qsort(h->groups, h->count, sizeof(*h->groups), by_name);
	if (fill_bins(chart, h, err) != 0)
		return -1;
	int beyond = add_axes(chart, h);
	add_counts(chart, h);
	add_plots(chart, h, beyond);
	return 0;
}

const struct ae_chart_kind ae_chart_hist = {
	.name = "hist",
	.help = "histogram of the scores, or one for each value of a column",
	.columns = "err",
	.options = {"by", "bins", "range", "at", "model", "map", "log", "head"},
	.no_inputs = true,
	.check = check,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_hist,
};
