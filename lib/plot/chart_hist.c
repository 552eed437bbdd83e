/* SPDX-License-Identifier: MIT */
/* The histogram of err, whole or split by a column. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "plot/chart.h"

enum { WIDTH = 800, HEIGHT = 480, CLASSES = 10 };

struct class
{
	struct ae_buf name;
	struct ae_buf values; /* double */
	uint64_t *counts;
};

struct hist {
	size_t score, by;
	struct class classes[CLASSES];
	size_t count;
	struct ae_buf name; /* of the row at hand */
	double low, high;
	uint64_t most; /* rows in a bin */
};

static void free_hist(struct ae_chart *chart)
{
	struct hist *h = chart->state;
	if (!h)
		return;
	for (size_t i = 0; i < CLASSES; i++) {
		ae_buf_free(&h->classes[i].name);
		ae_buf_free(&h->classes[i].values);
		free(h->classes[i].counts);
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
	h->by = by ? ae_chart_column(chart, by, strlen(by)) : AE_NO_COLUMN;
	if (by && h->by == AE_NO_COLUMN)
		return ae_fail(err, "--by: no column or role \"%s\"", by);
	h->count = !by;
	return by ? ae_chart_check_single(&chart->schema->cols[h->by], "--by", err) : 0;
}

static struct class *find_class(struct ae_chart *chart, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct hist *h = chart->state;
	if (h->by == AE_NO_COLUMN)
		return h->classes;
	h->name.len = 0;
	if (ae_chart_cell(chart, h->by, batch, row, &h->name, err) != 0)
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (ae_buf_equal(&h->classes[i].name, &h->name))
			return &h->classes[i];
	if (h->count == CLASSES) {
		ae_fail(err, "--by %s: more than %d classes", chart->options->by, CLASSES);
		return NULL;
	}
	struct class *class = &h->classes[h->count];
	if (ae_buf_append(&class->name, h->name.data, h->name.len, err) != 0)
		return NULL;
	h->count++;
	return class;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct hist *h = chart->state;
	const struct ae_column *column = &chart->schema->cols[h->score];
	for (size_t row = 0; row < batch->rows; row++) {
		double value = ae_chart_value(column, batch->cols[h->score], row);
		if (!isfinite(value) || (chart->options->range && (value < chart->low || value > chart->high))) {
			chart->left_out++;
			continue;
		}
		struct class *class = find_class(chart, batch, row, err);
		if (!class || ae_buf_append(&class->values, &value, sizeof(value), err) != 0)
			return -1;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ae_buf *x = &((const struct class *)a)->name, *y = &((const struct class *)b)->name;
	double left, right;
	if (ae_number_parse(&left, (const char *)x->data, x->len) == AE_NUMBER_OK &&
		ae_number_parse(&right, (const char *)y->data, y->len) == AE_NUMBER_OK && left != right)
		return left < right ? -1 : 1;
	size_t least = x->len < y->len ? x->len : y->len;
	int order = least ? memcmp(x->data, y->data, least) : 0;
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void find_range(const struct ae_chart *chart, struct hist *h)
{
	h->low = chart->options->range ? chart->low : INFINITY;
	h->high = chart->options->range ? chart->high : -INFINITY;
	for (size_t i = 0; i < h->count && !chart->options->range; i++) {
		const double *values = (const void *)h->classes[i].values.data;
		for (size_t k = 0; k < h->classes[i].values.len / sizeof(double); k++) {
			h->low = fmin(h->low, values[k]);
			h->high = fmax(h->high, values[k]);
		}
	}
	if (h->low == h->high) {
		h->low -= 0.5;
		h->high += 0.5;
	}
}

static int count(struct hist *h, size_t bins, struct ae_error *err)
{
	for (size_t i = 0; i < h->count; i++) {
		struct class *class = &h->classes[i];
		const double *values = (const void *)class->values.data;
		class->counts = ae_calloc(bins, sizeof(*class->counts), err);
		if (!class->counts)
			return -1;
		for (size_t k = 0; k < class->values.len / sizeof(double); k++) {
			double at = (values[k] - h->low) / (h->high - h->low) * (double)bins;
			size_t bin = at < (double)bins ? (size_t)at : bins - 1;
			if (++class->counts[bin] > h->most)
				h->most = class->counts[bin];
		}
	}
	return 0;
}

static void add_axes(struct ae_chart *chart, const struct hist *h)
{
	char x[60] = "Reconstruction error";
	if (*chart->metric) {
		strcat(strcat(strcat(x, " ("), chart->metric), ")");
	}
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
		(double)h->most * 1.08);
}

static void add_title(struct ae_chart *chart, const struct class *class)
{
	char rows[40];
	struct ae_buf text = {0};
	size_t count;
	snprintf(rows, sizeof(rows), " (%zu)", class->values.len / sizeof(double));
	if (ae_text_clean(&text, (const char *)class->name.data, class->name.len, 60, &count, &chart->script.error) !=
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
		ae_gnuplot_add(&chart->script, "%s$class%zu using 1:2 with %s linecolor '%s'", i ? ",\\\n  " : "", i,
			h->count > 1 ? style : "boxes", ae_gnuplot_color(i));
		if (h->by != AE_NO_COLUMN) {
			ae_gnuplot_add(&chart->script, " title ");
			add_title(chart, &h->classes[i]);
		}
	}
	if (!isnan(chart->threshold)) {
		char text[AE_NUMBER_TEXT];
		snprintf(text, sizeof(text), "%.4g", chart->threshold);
		ae_gnuplot_add(&chart->script,
			",\\\n  $threshold using 1:2 with lines linewidth 2 dashtype 2 linecolor 'black' title "
			"'Threshold %s'",
			text);
	}
	ae_gnuplot_add(&chart->script, "\n");
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct hist *h = chart->state;
	size_t bins = chart->options->bins, values = 0;
	for (size_t i = 0; i < h->count; i++)
		values += h->classes[i].values.len;
	if (values == 0)
		return ae_fail(err, "no err to draw%s", chart->options->range ? " in that range" : "");
	qsort(h->classes, h->count, sizeof(*h->classes), by_name);
	find_range(chart, h);
	if (!isfinite(h->high - h->low))
		return ae_fail(err, "the errors are too far apart to draw");
	if (count(h, bins, err) != 0)
		return -1;
	add_axes(chart, h);
	double width = (h->high - h->low) / (double)bins;
	for (size_t i = 0; i < h->count; i++) {
		ae_gnuplot_add(&chart->script, "$class%zu << end\n", i);
		for (size_t bin = 0; bin < bins; bin++) {
			ae_gnuplot_number(&chart->script, h->low + ((double)bin + 0.5) * width, " ");
			ae_gnuplot_add(&chart->script, "%llu\n", (unsigned long long)h->classes[i].counts[bin]);
		}
		ae_gnuplot_add(&chart->script, "end\n");
	}
	if (!isnan(chart->threshold))
		ae_gnuplot_add(&chart->script, "$threshold << end\n%.17g 0\n%.17g %.17g\nend\n", chart->threshold,
			chart->threshold, (double)h->most * 1.08);
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
