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

static void free_hist(struct ae_chart *p)
{
	struct hist *h = p->state;
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

static int begin(struct ae_chart *p, struct ae_error *err)
{
	struct hist *h = p->state = ae_calloc(1, sizeof(*h), err);
	const char *by = p->options->by;
	if (!h || ae_schema_need(p->schema, AE_ERR, &h->score, err) != 0)
		return -1;
	h->by = by ? ae_chart_column(p, by, strlen(by)) : AE_NO_COLUMN;
	if (by && h->by == AE_NO_COLUMN)
		return ae_fail(err, "--by: no column or role \"%s\"", by);
	h->count = !by;
	return by ? ae_chart_single(&p->schema->cols[h->by], "--by", err) : 0;
}

static struct class *find_class(struct ae_chart *p, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct hist *h = p->state;
	if (h->by == AE_NO_COLUMN)
		return h->classes;
	h->name.len = 0;
	if (ae_chart_cell(p, h->by, batch, row, &h->name, err) != 0)
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (ae_buf_equal(&h->classes[i].name, &h->name))
			return &h->classes[i];
	if (h->count == CLASSES) {
		ae_fail(err, "--by %s: more than %d classes", p->options->by, CLASSES);
		return NULL;
	}
	struct class *class = &h->classes[h->count];
	if (ae_buf_append(&class->name, h->name.data, h->name.len, err) != 0)
		return NULL;
	h->count++;
	return class;
}

static int rows(struct ae_chart *p, const struct ae_batch *batch, struct ae_error *err)
{
	struct hist *h = p->state;
	const struct ae_column *column = &p->schema->cols[h->score];
	for (size_t row = 0; row < batch->rows; row++) {
		double value = ae_chart_value(column, batch->cols[h->score], row);
		if (!isfinite(value) || (p->options->range && (value < p->low || value > p->high))) {
			p->left_out++;
			continue;
		}
		struct class *class = find_class(p, batch, row, err);
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

static void find_range(const struct ae_chart *p, struct hist *h)
{
	h->low = p->options->range ? p->low : INFINITY;
	h->high = p->options->range ? p->high : -INFINITY;
	for (size_t i = 0; i < h->count && !p->options->range; i++) {
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

static void add_axes(struct ae_chart *p, const struct hist *h)
{
	char x[60] = "Reconstruction error";
	if (*p->metric) {
		strcat(strcat(strcat(x, " ("), p->metric), ")");
	}
	ae_plot_begin(&p->plot, WIDTH, HEIGHT);
	ae_plot_names(&p->plot, p->options->title, x, "Rows");
	ae_plot_add(&p->plot, "set style fill %s noborder\nset boxwidth %.17g\nset offsets 0, 0, 0, 0\n",
		h->count > 1 ? "transparent solid 0.55" : "solid 1", (h->high - h->low) / (double)p->options->bins);
	double low = h->low, high = h->high, margin = (high - low) * 0.02;
	if (!p->options->range && p->threshold < low)
		low = p->threshold;
	if (!p->options->range && p->threshold > high)
		high = p->threshold;
	if (p->options->range)
		margin = 0;
	ae_plot_add(&p->plot, "set xrange [%.17g:%.17g]\nset yrange [0:%.17g]\n", low - margin, high + margin,
		(double)h->most * 1.08);
}

static void add_title(struct ae_chart *p, const struct class *class)
{
	char rows[40];
	struct ae_buf text = {0};
	size_t count;
	snprintf(rows, sizeof(rows), " (%zu)", class->values.len / sizeof(double));
	if (ae_plot_clean(&text, (const char *)class->name.data, class->name.len, 60, &count, &p->plot.error) != 0 ||
		ae_buf_append(&text, rows, strlen(rows), &p->plot.error) != 0)
		p->plot.failed = true;
	ae_plot_quote(&p->plot, (const char *)text.data, text.len);
	ae_buf_free(&text);
}

static void add_plots(struct ae_chart *p, const struct hist *h)
{
	const char *style = p->plot.format == AE_PLOT_TEXT ? "steps" : "boxes";
	ae_plot_add(&p->plot, "plot ");
	for (size_t i = 0; i < h->count; i++) {
		ae_plot_add(&p->plot, "%s$class%zu using 1:2 with %s linecolor '%s'", i ? ",\\\n  " : "", i,
			h->count > 1 ? style : "boxes", ae_plot_color(i));
		if (h->by != AE_NO_COLUMN) {
			ae_plot_add(&p->plot, " title ");
			add_title(p, &h->classes[i]);
		}
	}
	if (!isnan(p->threshold)) {
		char text[AE_NUMBER_TEXT];
		snprintf(text, sizeof(text), "%.4g", p->threshold);
		ae_plot_add(&p->plot,
			",\\\n  $threshold using 1:2 with lines linewidth 2 dashtype 2 linecolor 'black' title "
			"'Threshold %s'",
			text);
	}
	ae_plot_add(&p->plot, "\n");
}

static int draw(struct ae_chart *p, struct ae_error *err)
{
	struct hist *h = p->state;
	size_t bins = p->options->bins, values = 0;
	for (size_t i = 0; i < h->count; i++)
		values += h->classes[i].values.len;
	if (values == 0)
		return ae_fail(err, "no err to draw%s", p->options->range ? " in that range" : "");
	qsort(h->classes, h->count, sizeof(*h->classes), by_name);
	find_range(p, h);
	if (!isfinite(h->high - h->low))
		return ae_fail(err, "the errors are too far apart to draw");
	if (count(h, bins, err) != 0)
		return -1;
	add_axes(p, h);
	double width = (h->high - h->low) / (double)bins;
	for (size_t i = 0; i < h->count; i++) {
		ae_plot_add(&p->plot, "$class%zu << end\n", i);
		for (size_t bin = 0; bin < bins; bin++) {
			ae_plot_number(&p->plot, h->low + ((double)bin + 0.5) * width, " ");
			ae_plot_add(&p->plot, "%llu\n", (unsigned long long)h->classes[i].counts[bin]);
		}
		ae_plot_add(&p->plot, "end\n");
	}
	if (!isnan(p->threshold))
		ae_plot_add(&p->plot, "$threshold << end\n%.17g 0\n%.17g %.17g\nend\n", p->threshold, p->threshold,
			(double)h->most * 1.08);
	add_plots(p, h);
	return 0;
}

const struct ae_chart_kind ae_chart_hist = {"hist", false, begin, rows, draw, free_hist};
