/* SPDX-License-Identifier: MIT */
/* The histogram of the scores, or one for each value of the column of --by. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/number.h"
#include "io/csv.h"
#include "plot/chart.h"

enum { WIDTH = 800, HEIGHT = 480, GROUPS = 10 };

/* The rows of one value of that column, or all rows. */
struct group {
	struct ae_buf name;
	struct ae_buf values; /* double */
	uint64_t *counts;     /* [bins] */
};

struct hist {
	size_t score, by;
	struct group groups[GROUPS];
	size_t count;
	struct ae_buf name; /* of the present row's group */
	double low, high;
	uint64_t scores; /* rows with a score, in the range or not */
	uint64_t most;   /* rows in a bin */
};

static void free_hist(struct ae_chart *chart)
{
	struct hist *h = chart->state;
	if (!h)
		return;
	for (size_t i = 0; i < GROUPS; i++) {
		ae_buf_free(&h->groups[i].name);
		ae_buf_free(&h->groups[i].values);
		free(h->groups[i].counts);
	}
	ae_buf_free(&h->name);
	free(h);
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
		return ae_fail(err, "--by: no column or role \"%s\"", by);
	h->count = !by;
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
		if (chart->options->range && (value < chart->low || value > chart->high))
			chart->left_out++;
		else if (ae_buf_append(&group->values, &value, sizeof(value), err) != 0)
			return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ae_buf *x = &((const struct group *)a)->name, *y = &((const struct group *)b)->name;
	struct ae_decimal left, right;
	if (ae_decimal_parse(&left, (const char *)x->data, x->len) &&
		ae_decimal_parse(&right, (const char *)y->data, y->len) && ae_decimal_compare(&left, &right) != 0)
		return ae_decimal_compare(&left, &right);
	size_t least = x->len < y->len ? x->len : y->len;
	int order = least ? memcmp(x->data, y->data, least) : 0;
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void find_range(const struct ae_chart *chart, struct hist *h)
{
	h->low = chart->options->range ? chart->low : INFINITY;
	h->high = chart->options->range ? chart->high : -INFINITY;
	for (size_t i = 0; i < h->count && !chart->options->range; i++) {
		const double *values = (const void *)h->groups[i].values.data;
		for (size_t k = 0; k < h->groups[i].values.len / sizeof(double); k++) {
			h->low = fmin(h->low, values[k]);
			h->high = fmax(h->high, values[k]);
		}
	}
	if (h->low == h->high) {
		h->low -= 0.5;
		h->high += 0.5;
	}
}

static int fill_bins(struct hist *h, size_t bins, struct ae_error *err)
{
	for (size_t i = 0; i < h->count; i++) {
		struct group *group = &h->groups[i];
		const double *values = (const void *)group->values.data;
		group->counts = ae_calloc(bins, sizeof(*group->counts), err);
		if (!group->counts)
			return -1;
		for (size_t k = 0; k < group->values.len / sizeof(double); k++) {
			double at = (values[k] - h->low) / (h->high - h->low) * (double)bins;
			size_t bin = at < (double)bins ? (size_t)at : bins - 1;
			if (++group->counts[bin] > h->most)
				h->most = group->counts[bin];
		}
	}
	return 0;
}

/* The end of the vertical axis, above the highest bar. */
static double top_of(const struct hist *h)
{
	return 1.08 * (h->most > 0 ? (double)h->most : 1);
}

static void add_axes(struct ae_chart *chart, const struct hist *h)
{
	char x[AE_METRIC_TEXT + 30] = "Reconstruction error";
	if (*chart->metric)
		snprintf(x, sizeof(x), "Reconstruction error (%s)", chart->metric);
	ae_gnuplot_begin(&chart->script, WIDTH, HEIGHT);
	ae_gnuplot_titles(&chart->script, chart->options->title, x, "Rows");
	ae_gnuplot_add(&chart->script, "set style fill %s noborder\nset boxwidth %.17g\nset offsets 0, 0, 0, 0\n",
		h->count > 1 ? "transparent solid 0.55" : "solid 1", (h->high - h->low) / (double)chart->options->bins);
	double low = h->low, high = h->high, margin = (high - low) * 0.02;
	if (!chart->options->range && chart->threshold < low)
		low = chart->threshold;
	if (!chart->options->range && chart->threshold > high)
		high = chart->threshold;
	if (chart->options->range)
		margin = 0;
	ae_gnuplot_add(&chart->script, "set xrange [%.17g:%.17g]\nset yrange [0:%.17g]\n", low - margin, high + margin,
		top_of(h));
}

static void add_title(struct ae_chart *chart, const struct group *group)
{
	char rows[40];
	struct ae_buf text = {0};
	size_t count;
	snprintf(rows, sizeof(rows), " (%zu)", group->values.len / sizeof(double));
	if (ae_text_clean(&text, (const char *)group->name.data, group->name.len, 60, &count, &chart->script.error) !=
			0 ||
		ae_buf_append(&text, rows, strlen(rows), &chart->script.error) != 0)
		chart->script.failed = true;
	ae_gnuplot_quote(&chart->script, (const char *)text.data, text.len);
	ae_buf_free(&text);
}

static void add_plots(struct ae_chart *chart, const struct hist *h)
{
	const char *style = chart->script.format == AE_PICTURE_TEXT ? "steps" : "boxes";
	ae_gnuplot_add(&chart->script, "plot ");
	for (size_t i = 0; i < h->count; i++) {
		ae_gnuplot_add(&chart->script, "%s$group%zu using 1:2 with %s linecolor '%s'", i ? ",\\\n  " : "", i,
			h->count > 1 ? style : "boxes", ae_gnuplot_color(i));
		if (h->by != AE_NO_COLUMN) {
			ae_gnuplot_add(&chart->script, " title ");
			add_title(chart, &h->groups[i]);
		}
	}
	if (!isnan(chart->threshold)) {
		char text[AE_NUMBER_TEXT];
		snprintf(text, sizeof(text), "%.4g", chart->threshold);
		ae_gnuplot_add(&chart->script,
			",\\\n  $threshold using 1:2 with lines " AE_LINE_THRESHOLD " title 'Threshold %s'", text);
	}
	ae_gnuplot_add(&chart->script, "\n");
}

static void add_counts(struct ae_chart *chart, const struct hist *h)
{
	size_t bins = chart->options->bins;
	double width = (h->high - h->low) / (double)bins;
	for (size_t i = 0; i < h->count; i++) {
		ae_gnuplot_add(&chart->script, "$group%zu << end\n", i);
		for (size_t bin = 0; bin < bins; bin++) {
			ae_gnuplot_number(&chart->script, h->low + ((double)bin + 0.5) * width, " ");
			ae_gnuplot_add(&chart->script, "%llu\n", (unsigned long long)h->groups[i].counts[bin]);
		}
		ae_gnuplot_add(&chart->script, "end\n");
	}
	if (!isnan(chart->threshold))
		ae_gnuplot_add(&chart->script, "$threshold << end\n%.17g 0\n%.17g %.17g\nend\n", chart->threshold,
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
	find_range(chart, h);
	if (!isfinite(h->high - h->low))
		return ae_fail(err, "the errors are too far apart to draw");
	if (fill_bins(h, chart->options->bins, err) != 0)
		return -1;
	add_axes(chart, h);
	add_counts(chart, h);
	add_plots(chart, h);
	return 0;
}

const struct ae_chart_kind ae_chart_hist = {
	.name = "hist",
	.help = "histogram of the scores, or one for each value of a column",
	.columns = "err",
	.options = {"by", "bins", "range", "at", "model", "map", "head"},
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_hist,
};
