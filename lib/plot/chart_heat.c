/* SPDX-License-Identifier: MIT */
/* The error of every feature over time, as colours. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"
#include "eval/scoring.h"
#include "model/lineage.h"
#include "plot/chart.h"
#include "plot/feature_name.h"
#include "plot/time_axis.h"
#include "plot/time_bins.h"

/* Bins: as many as there is memory for, of all features. */
enum { BINS = 1024, LEAST_BINS = 64, VALUES = 4 << 20 };
enum { WIDTH = 1000, ROW = 18, AROUND = 130, LEAST_HEIGHT = 300, HEIGHT = 900, NAME = 28, TEXT_NAME = 16 };

/* A bin is a count of its rows, and of each feature the largest error, at least DBL_TRUE_MIN; 0 where there is none. */
struct heat {
	size_t column, recon; /* errors; or what recon is held against, and recon */
	size_t features;
	struct ae_scoring scoring; /* standardises where there is a model */
	double *row;               /* [2][features]: recon and its reference */
	struct ae_time_axis axis;
	struct ae_time_bins bins;
	double *largest; /* [features] of all rows */
	size_t *shown;   /* [shown_count] features in the order of the column */
	size_t shown_count;
};

static void free_heat(struct ae_chart *chart)
{
	struct heat *h = chart->state;
	if (!h)
		return;
	ae_scoring_free(&h->scoring);
	ae_time_bins_free(&h->bins);
	free(h->row);
	free(h->largest);
	free(h->shown);
	free(h);
}

static int check(const struct ae_chart *chart, struct ae_error *err)
{
	if (chart->options->log && chart->options->range && chart->low <= 0)
		return ae_fail_usage(
			err, "--log --range %s: a logarithmic scale begins above 0", chart->options->range);
	return 0;
}

/* ---- columns ---- */

static void merge(void *arg, void *into, const void *from)
{
	const struct heat *h = arg;
	double *a = into;
	const double *b = from;
	a[0] += b[0];
	for (size_t i = 1; i <= h->features; i++)
		a[i] = a[i] > b[i] ? a[i] : b[i];
}

static bool is_empty(const void *bin)
{
	return *(const double *)bin == 0;
}

/* Errors of single features, which ae-err --per-feature makes. */
static size_t find_errors(const struct ae_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++)
		if (schema->cols[i].role == AE_ERR && schema->cols[i].shape.rank > 0)
			return i;
	return AE_NO_COLUMN;
}

static int find_pair(struct ae_chart *chart, struct heat *h, struct ae_error *err)
{
	const struct ae_schema *in = chart->schema;
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	h->recon = ae_schema_find(in, AE_RECON);
	h->column = ae_schema_find(in, AE_TARGET);
	if (h->column == AE_NO_COLUMN)
		h->column = ae_schema_find(in, AE_X);
	if (h->column == AE_NO_COLUMN || h->recon == AE_NO_COLUMN)
		return ae_fail(err,
			"no errors of single features: ae-err --per-feature makes them, or --keep keeps x and "
			"recon");
	const struct ae_column *reference = &in->cols[h->column], *recon = &in->cols[h->recon];
	if (ae_shape_size(&reference->shape) != ae_shape_size(&recon->shape))
		return ae_fail(err, "%s of shape %s against %s of shape %s", recon->name,
			ae_shape_format(&recon->shape, a), reference->name, ae_shape_format(&reference->shape, b));
	return ae_column_check_pair(recon, reference, err);
}

/* Errors come in units of those of the training with a model, for which x and recon are needed. */
static int begin_units(struct ae_chart *chart, struct heat *h, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	h->scoring.metric = ae_metric_find("mae");
	h->scoring.standardise = true;
	h->scoring.from.path = chart->options->model;
	if (ae_lineage_unpack(&lineage, &chart->schema->lineage, err) != 0)
		return -1;
	int rc = ae_scoring_begin(&h->scoring, &chart->schema->cols[h->column], 0, !lineage.has_digest, &lineage, err);
	ae_lineage_free(&lineage);
	return rc;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct heat *h = chart->state = ae_calloc(1, sizeof(*h), err);
	if (!h)
		return -1;
	h->recon = AE_NO_COLUMN;
	h->column = chart->options->model ? AE_NO_COLUMN : find_errors(chart->schema);
	if (h->column == AE_NO_COLUMN && find_pair(chart, h, err) != 0)
		return -1;
	h->features = ae_shape_size(&chart->schema->cols[h->column].shape);
	if (h->features > VALUES / LEAST_BINS)
		return ae_fail(err, "%zu features are more than %d, of which errors over time are kept", h->features,
			VALUES / LEAST_BINS);
	if (chart->options->model && begin_units(chart, h, err) != 0)
		return -1;
	h->row = ae_calloc(2 * h->features, sizeof(double), err);
	h->largest = h->row ? ae_calloc(h->features, sizeof(double), err) : NULL;
	if (!h->largest)
		return -1;
	size_t most = VALUES / h->features;
	h->bins = (struct ae_time_bins){.size = (1 + h->features) * sizeof(double),
		.most = most > BINS ? BINS : most,
		.merge = merge,
		.arg = h};
	ae_time_axis_begin(&h->axis, chart->schema);
	return 0;
}

/* ---- rows ---- */

static void take(double *out, const struct ae_column *column, const struct ae_data *data, size_t row, size_t n)
{
	ae_to_f64(out, data->values.data + row * n * ae_type_size(column->type), column->type, n);
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct heat *h = chart->state;
	double *reference = h->row, *recon = h->row + h->features;
	const struct ae_column *cols = chart->schema->cols;
	for (size_t row = 0; row < batch->rows; row++) {
		int64_t place;
		if (!ae_time_axis_place(&h->axis, batch, row, &place)) {
			chart->left_out++;
			continue;
		}
		double *bin = ae_time_bins_at(&h->bins, place, err);
		if (!bin)
			return -1;
		bin[0]++;
		take(reference, &cols[h->column], batch->cols[h->column], row, h->features);
		if (h->recon != AE_NO_COLUMN)
			take(recon, &cols[h->recon], batch->cols[h->recon], row, h->features);
		for (size_t i = 0; i < h->features; i++) {
			double error = h->recon == AE_NO_COLUMN ? fabs(reference[i])
				       : h->scoring.unit        ? ae_scoring_feature(&h->scoring, recon, reference, i)
								: ae_score_gap(recon[i], reference[i]);
			if (isnan(error))
				continue;
			error = fmax(error, DBL_TRUE_MIN);
			bin[1 + i] = fmax(bin[1 + i], error);
			h->largest[i] = fmax(h->largest[i], error);
		}
	}
	return 0;
}

/* ---- what is drawn ---- */

static double cell(const struct heat *h, size_t bin, size_t feature)
{
	return ((const double *)ae_time_bins_get(&h->bins, bin))[1 + feature];
}

/* Chooses the features with the largest errors, the first of equal ones: each time one that is smaller goes. */
static int choose_features(struct heat *h, size_t most, struct ae_error *err)
{
	double *sorted = ae_calloc(h->features, sizeof(*sorted), err);
	h->shown = sorted ? ae_calloc(most, sizeof(*h->shown), err) : NULL;
	if (!h->shown) {
		free(sorted);
		return -1;
	}
	memcpy(sorted, h->largest, h->features * sizeof(*sorted));
	ae_sort_f64(sorted, h->features);
	double least = h->features > most ? sorted[h->features - most] : 0;
	size_t above = 0;
	for (size_t i = 0; i < h->features; i++)
		above += h->largest[i] > least;
	for (size_t i = 0, equal = 0; i < h->features && h->shown_count < most; i++)
		if (h->largest[i] > least || (h->largest[i] == least && equal++ < most - above))
			h->shown[h->shown_count++] = i;
	free(sorted);
	return 0;
}

static void feature_name(struct ae_chart *chart, size_t feature, size_t most, bool format, struct ae_buf *text)
{
	const struct heat *h = chart->state;
	if (ae_feature_label(&chart->schema->cols[h->column], feature, most, format, text, &chart->script.error) != 0)
		chart->script.failed = true;
}

/* The ends of the colours: what is beyond f32 counts as the largest of the others. */
static void find_colors(const struct ae_chart *chart, const struct heat *h, double *low, double *high)
{
	*low = 0;
	*high = 0;
	double least = INFINITY;
	for (size_t i = 0; i < h->bins.used; i++)
		for (size_t k = 0; k < h->shown_count; k++) {
			double value = cell(h, i, h->shown[k]);
			if (value < AE_BEYOND_F64)
				*high = fmax(*high, value);
			if (value > DBL_TRUE_MIN)
				least = fmin(least, value);
		}
	*high = *high > DBL_TRUE_MIN ? *high : 1;
	if (chart->options->log)
		*low = least < *high ? least : *high / 10;
	if (chart->options->range) {
		*low = chart->low;
		*high = chart->high;
	}
}

static const char *what(const struct ae_chart *chart, const struct heat *h)
{
	return h->scoring.unit                                     ? "Largest error / training error"
	       : h->recon != AE_NO_COLUMN                          ? "Largest absolute error"
	       : strncmp(chart->metric, "mse", strlen("mse")) == 0 ? "Largest squared error"
								   : "Largest error";
}

/* ---- as a picture ---- */

static void add_names(struct ae_chart *chart, const struct heat *h)
{
	struct ae_gnuplot_script *script = &chart->script;
	struct ae_buf name = {0};
	ae_gnuplot_add(script, "set ytics scale 0 (");
	for (size_t k = 0; k < h->shown_count; k++) {
		feature_name(chart, h->shown[k], NAME, true, &name);
		ae_gnuplot_quote(script, (const char *)name.data, name.len);
		ae_gnuplot_add(script, " %zu%s", h->shown_count - 1 - k, k + 1 < h->shown_count ? ", " : ")\n");
	}
	ae_buf_free(&name);
}

/* Where the first cell begins and the last one ends. One moment alone is as wide as the axis that ae_time_axis_draw
   gives it. */
static void find_edges(const struct heat *h, double *left, double *right)
{
	double begin = ae_time_bins_begin(&h->bins, 0, h->axis.least) - 0.5;
	*left = ae_time_axis_number(&h->axis, begin);
	*right = ae_time_axis_number(&h->axis, begin + ae_time_bins_width(&h->bins) * (double)h->bins.used);
	if (ae_time_axis_span(&h->axis) == 0) {
		*left = ae_time_axis_number(&h->axis, 0) - 0.5;
		*right = *left + 1;
	}
}

/* An image has at least two pixels each way: one that is alone is two of half the size. */
static void add_cells(struct ae_gnuplot_script *script, const struct heat *h)
{
	double left, right;
	size_t columns = h->bins.used > 1 ? 1 : 2, rows = h->shown_count > 1 ? 1 : 2;
	find_edges(h, &left, &right);
	double width = (right - left) / (double)(h->bins.used * columns);
	ae_gnuplot_add(script, "$heat << end\n");
	for (size_t k = 0; k < h->shown_count * rows; k++)
		for (size_t i = 0; i < h->bins.used * columns; i++) {
			double y = rows == 1 ? (double)(h->shown_count - 1 - k) : k ? -0.25 : 0.25;
			double value = cell(h, i / columns, h->shown[k / rows]);
			ae_gnuplot_number(script, left + width * ((double)i + 0.5), " ");
			ae_gnuplot_add(script, "%.17g ", y);
			ae_gnuplot_number(script, value > DBL_TRUE_MIN ? value : value > 0 ? 0 : NAN, "\n");
		}
	ae_gnuplot_add(script, "end\n");
}

static void draw_picture(struct ae_chart *chart, const struct heat *h)
{
	struct ae_gnuplot_script *script = &chart->script;
	char how_many[80];
	double low, high, left, right;
	find_edges(h, &left, &right);
	find_colors(chart, h, &low, &high);
	snprintf(how_many, sizeof(how_many), "%zu of %zu features, of the largest errors", h->shown_count, h->features);
	ae_gnuplot_titles(script, chart->options->title, NULL, h->shown_count < h->features ? how_many : NULL);
	ae_time_axis_draw(&h->axis, script);
	ae_gnuplot_add(script, "set xrange [%.17g:%.17g]\nset yrange [-0.5:%zu.5]\nunset grid\n", left, right,
		h->shown_count - 1);
	ae_gnuplot_add(script,
		AE_GNUPLOT_PALETTE "set cbrange [%.17g:%.17g]\nset cblabel '%s' offset 1\n%sset colorbox\n", low, high,
		what(chart, h), chart->options->log ? "set logscale cb\n" : "");
	add_names(chart, h);
	add_cells(script, h);
	ae_gnuplot_add(script, "set rmargin\nplot $heat using 1:2:3 with image\n");
}

/* ---- as text ---- */

static const char shades[] = " .:-=+*#%@";

static void append(struct ae_chart *chart, const char *text)
{
	struct ae_gnuplot_script *script = &chart->script;
	if (!script->failed && ae_buf_append(&script->text, text, strlen(text), &script->error) != 0)
		script->failed = true;
}

static size_t text_columns(const struct ae_chart *chart)
{
	return chart->script.columns - TEXT_NAME - 4;
}

static char shade_of(double value, double low, double high, bool log)
{
	const int most = (int)sizeof(shades) - 2;
	if (value == 0)
		return ' ';
	double share = log ? (log10(fmax(value, low)) - log10(low)) / (log10(high) - log10(low))
			   : (value - low) / (high - low);
	return shades[(int)(fmin(fmax(share, 0), 1) * most)];
}

static void draw_text(struct ae_chart *chart, const struct heat *h)
{
	size_t columns = h->bins.used > 1 ? text_columns(chart) : 1;
	struct ae_buf name = {0};
	char line[400], least[AE_TIME_AXIS_TEXT], most[AE_TIME_AXIS_TEXT];
	double low, high;
	size_t pad;
	find_colors(chart, h, &low, &high);
	if (chart->options->title) {
		const char *title = chart->options->title;
		if (ae_text_clean(&name, title, strlen(title), chart->script.columns, &pad, &chart->script.error) !=
				0 ||
			ae_buf_append(&chart->script.text, name.data, name.len, &chart->script.error) != 0)
			chart->script.failed = true;
		append(chart, "\n");
		name.len = 0;
	}
	for (size_t k = 0; k < h->shown_count; k++) {
		feature_name(chart, h->shown[k], TEXT_NAME, false, &name);
		size_t width = 0; /* in characters */
		for (size_t i = 0; i < name.len; i++)
			width += (name.data[i] & 0xc0) != 0x80;
		pad = width < TEXT_NAME ? TEXT_NAME - width : 0;
		snprintf(line, sizeof(line), "%*s%.*s |", (int)pad, "", (int)name.len, (const char *)name.data);
		append(chart, line);
		for (size_t i = 0; i < columns; i++) { /* a bin is a column or two */
			double value = cell(h, i * h->bins.used / columns, h->shown[k]);
			char shade[2] = {shade_of(value, low, high, chart->options->log), 0};
			append(chart, shade);
		}
		append(chart, "|\n");
	}
	ae_buf_free(&name);
	ae_time_axis_ends(&h->axis, least, most);
	snprintf(line, sizeof(line), "%*s%s to %s\n\"%s\": %s, %.4g to %.4g\n", TEXT_NAME + 2, "", least, most, shades,
		what(chart, h), low, high);
	append(chart, line);
	if (h->shown_count < h->features) {
		snprintf(line, sizeof(line), "%zu of %zu features, of the largest errors\n", h->shown_count,
			h->features);
		append(chart, line);
	}
}

/* ---- the chart ---- */

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct heat *h = chart->state;
	struct ae_gnuplot_script *script = &chart->script;
	if (h->bins.used == 0)
		return ae_fail(err, "no row to draw");
	size_t wanted = AROUND + ROW * h->features;
	ae_gnuplot_begin(
		script, WIDTH, (unsigned)(wanted < HEIGHT ? wanted < LEAST_HEIGHT ? LEAST_HEIGHT : wanted : HEIGHT));
	bool text = script->format == AE_PICTURE_TEXT;
	size_t rows = text ? script->lines - 3 : script->height < AROUND + ROW ? 1 : (script->height - AROUND) / ROW;
	size_t columns = text ? text_columns(chart) : (size_t)(script->width * script->scale / 2);
	ae_time_bins_reduce(&h->bins, columns, text ? NULL : is_empty);
	if (choose_features(h, rows < h->features ? rows : h->features, err) != 0)
		return -1;
	(text ? draw_text : draw_picture)(chart, h);
	return 0;
}

const struct ae_chart_kind ae_chart_heat = {
	.name = "heat",
	.help = "the error of every feature over time, as colours",
	.columns = "err of every feature, or target or x, and recon; time where it is there",
	.options = {"model", "range", "log", "head"},
	.gaps = true,
	.units = true,
	.check = check,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_heat,
};
