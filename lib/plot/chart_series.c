/* SPDX-License-Identifier: MIT */
/* Features over time with their reconstruction: panels above each other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tensor.h"
#include "io/csv.h"
#include "plot/chart.h"
#include "plot/feature_name.h"
#include "plot/time_axis.h"
#include "plot/time_bins.h"

enum { WIDTH = 1000, PANEL = 110, AROUND = 110, PANELS = 16, SHOWN = 6, BINS = 2048, NAME = 28, TEXT_MARGIN = 14 };

/* Of one column and feature. */
struct values {
	uint64_t count;
	double least, most, sum;
};

/* A bin is the number of its rows, then the values of each chosen feature: input, reconstruction. */
struct bin {
	uint64_t rows;
	struct values of[][2];
};

struct series {
	size_t column[2], columns; /* input, and reconstruction where there is one */
	size_t features;           /* of a row */
	size_t *chosen, count;
	struct ae_time_axis axis;
	struct ae_time_bins bins;
	struct values all[PANELS]; /* of both */
	double step;
};

static void free_series(struct ae_chart *chart)
{
	struct series *s = chart->state;
	if (!s)
		return;
	ae_time_bins_free(&s->bins);
	free(s->chosen);
	free(s);
}

/* ---- columns ---- */

static void add_values(struct values *a, const struct values *b)
{
	if (b->count) {
		a->least = a->count && a->least < b->least ? a->least : b->least;
		a->most = a->count && a->most > b->most ? a->most : b->most;
	}
	a->sum += b->sum;
	a->count += b->count;
}

static void merge(void *arg, void *into, const void *from)
{
	const struct series *s = arg;
	struct bin *a = into;
	const struct bin *b = from;
	a->rows += b->rows;
	for (size_t k = 0; k < s->count; k++)
		for (size_t c = 0; c < s->columns; c++)
			add_values(&a->of[k][c], &b->of[k][c]);
}

static bool is_empty(const void *bin)
{
	return ((const struct bin *)bin)->rows == 0;
}

static int find_columns(struct ae_chart *chart, struct series *s, struct ae_error *err)
{
	const struct ae_schema *in = chart->schema;
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	s->column[0] = ae_schema_find(in, AE_TARGET);
	if (s->column[0] == AE_NO_COLUMN && ae_schema_need(in, AE_X, &s->column[0], err) != 0)
		return ae_fail_more(err, "; ae-err --keep keeps x and recon");
	s->column[1] = ae_schema_find(in, AE_RECON);
	s->columns = s->column[1] == AE_NO_COLUMN ? 1 : 2;
	const struct ae_column *x = &in->cols[s->column[0]], *recon = &in->cols[s->column[s->columns - 1]];
	s->features = ae_shape_size(&x->shape);
	if (ae_shape_size(&recon->shape) != s->features)
		return ae_fail(err, "%s of shape %s against %s of shape %s", recon->name,
			ae_shape_format(&recon->shape, a), x->name, ae_shape_format(&x->shape, b));
	return ae_column_check_pair(recon, x, err);
}

static int choose(struct ae_chart *chart, struct series *s, const char *wanted, struct ae_error *err)
{
	char name[1000];
	for (size_t i = 0; i < s->features; i++) {
		ae_feature_name(&chart->schema->cols[s->column[0]], i, name, sizeof(name));
		if (strcmp(name, wanted) == 0) {
			s->chosen[s->count++] = i;
			return 0;
		}
	}
	const struct ae_column *x = &chart->schema->cols[s->column[0]];
	const char *near = ae_nearest(wanted, (const char *const *)x->features, x->feature_count);
	return ae_fail(err, "--features: %s has no feature \"%s\"%s%s%s", x->name, wanted,
		near ? "; the nearest is \"" : "", near ? near : "", near ? "\"" : "");
}

static int choose_features(struct ae_chart *chart, struct series *s, struct ae_error *err)
{
	char **items;
	size_t count;
	s->chosen = ae_calloc(PANELS, sizeof(*s->chosen), err);
	if (!s->chosen)
		return -1;
	if (!chart->options->features) {
		for (size_t i = 0; i < s->features && i < SHOWN; i++)
			s->chosen[s->count++] = i;
		return 0;
	}
	if (ae_csv_split(&items, &count, chart->options->features, err) != 0)
		return ae_fail_in(err, "--features %s: ", chart->options->features);
	int rc = count <= PANELS ? 0 : ae_fail(err, "--features: more than %d", PANELS);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = choose(chart, s, items[i], err);
	ae_names_free(items, count);
	return rc;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct series *s = chart->state = ae_calloc(1, sizeof(*s), err);
	if (!s || find_columns(chart, s, err) != 0 || choose_features(chart, s, err) != 0)
		return -1;
	s->bins = (struct ae_time_bins){.size = sizeof(struct bin) + s->count * sizeof(struct values[2]),
		.most = BINS,
		.merge = merge,
		.arg = s};
	ae_time_axis_begin(&s->axis, chart->schema);
	return 0;
}

/* ---- rows ---- */

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct series *s = chart->state;
	for (size_t row = 0; row < batch->rows; row++) {
		int64_t place;
		if (!ae_time_axis_place(&s->axis, batch, row, &place)) {
			chart->left_out++;
			continue;
		}
		struct bin *bin = ae_time_bins_at(&s->bins, place, err);
		if (!bin)
			return -1;
		bin->rows++;
		for (size_t k = 0; k < s->count; k++)
			for (size_t c = 0; c < s->columns; c++) {
				size_t at = row * s->features + s->chosen[k];
				double value = ae_chart_value(
					&chart->schema->cols[s->column[c]], batch->cols[s->column[c]], at);
				const struct values one = {1, value, value, value};
				if (!(fabs(value) < AE_BEYOND_F64))
					continue;
				add_values(&bin->of[k][c], &one);
				add_values(&s->all[k], &one);
			}
	}
	return 0;
}

/* ---- drawing ---- */

static const struct bin *get(const struct series *s, size_t i)
{
	return ae_time_bins_get(&s->bins, i);
}

/* The height of a value in panel k, which goes from the whole number of its place to the next. */
static double height(const struct series *s, size_t k, double value)
{
	const struct values *all = &s->all[k];
	double span = all->most - all->least;
	double share = span > 0 ? (value - all->least) / span : 0.5;
	return (double)(s->count - 1 - k) + 0.08 + 0.84 * share;
}

/* The name of a panel in its middle, and its ends. */
static void add_ticks(struct ae_chart *chart, const struct series *s)
{
	struct ae_gnuplot_script *script = &chart->script;
	const struct ae_column *x = &chart->schema->cols[s->column[0]];
	struct ae_buf name = {0};
	bool text = script->format == AE_PICTURE_TEXT;
	size_t around = text ? 6 : AROUND, whole = text ? script->lines : script->height;
	size_t room = whole > around ? (whole - around) / (text ? 1 : 16) : 0;
	ae_gnuplot_add(script, "set ytics scale 0 (");
	for (size_t k = 0; k < s->count; k++) {
		const struct values *all = &s->all[k];
		if (ae_feature_label(x, s->chosen[k], NAME, true, &name, &script->error) != 0)
			script->failed = true;
		ae_gnuplot_add(script, k ? ", " : "");
		ae_gnuplot_quote(script, (const char *)name.data, name.len);
		ae_gnuplot_add(script, " %.9g", (double)(s->count - 1 - k) + 0.5);
		if (all->count > 0 && all->least < all->most && room >= 3 * s->count)
			ae_gnuplot_add(script, ", '%.4g' %.9g, '%.4g' %.9g", all->least, height(s, k, all->least),
				all->most, height(s, k, all->most));
	}
	ae_buf_free(&name);
	ae_gnuplot_add(script, ")\n");
	for (size_t k = 1; k < s->count; k++)
		ae_gnuplot_add(script, "set arrow from graph 0, first %zu to graph 1, first %zu nohead%s\n", k, k,
			text ? "" : " linecolor '#a0a0a0'");
}

static double mean_height(const struct series *s, size_t k, const struct values *values)
{
	return values->count ? height(s, k, values->sum / (double)values->count) : NAN;
}

/* Of panel k: place, input (mean, least, most), reconstruction (mean); an empty line where the input breaks. */
static void add_panel(struct ae_gnuplot_script *script, const struct series *s, size_t k)
{
	size_t before = AE_NO_COLUMN;
	ae_gnuplot_add(script, "$panel%zu << end\n", k);
	for (size_t i = 0; i < s->bins.used; i++) {
		const struct bin *bin = get(s, i);
		const struct values *x = &bin->of[k][0], *recon = &bin->of[k][1];
		if (!bin->rows)
			continue;
		if (!x->count || (before != AE_NO_COLUMN && ae_time_bins_apart(&s->bins, s->step, before, i)))
			ae_gnuplot_add(script, "\n");
		before = i;
		if (!x->count)
			continue;
		double place = ae_time_bins_middle(&s->bins, i, s->axis.least, ae_time_axis_span(&s->axis));
		ae_gnuplot_number(script, ae_time_axis_number(&s->axis, place), " ");
		ae_gnuplot_number(script, mean_height(s, k, x), " ");
		ae_gnuplot_number(script, height(s, k, x->least), " ");
		ae_gnuplot_number(script, height(s, k, x->most), " ");
		ae_gnuplot_number(script, s->columns == 2 ? mean_height(s, k, recon) : NAN, "\n");
	}
	ae_gnuplot_add(script, "end\n");
}

/* The first one that has a value: the key is its. */
static size_t first_panel(const struct series *s)
{
	size_t k = 0;
	while (k < s->count && s->all[k].count == 0)
		k++;
	return k;
}

static void plot_panel(struct ae_gnuplot_script *script, const struct series *s, size_t k, bool many)
{
	bool text = script->format == AE_PICTURE_TEXT, pair = s->columns == 2;
	const char *style = s->axis.rows == 1 ? "points" : "lines";
	if (s->all[k].count == 0)
		return;
	bool titled = k == first_panel(s);
	if (many && !text)
		ae_gnuplot_add(script,
			",\\\n  $panel%zu using 1:3:4 with filledcurves fillstyle solid 1 noborder linecolor "
			"'#cfe3f1'%s",
			k, titled ? " title 'Least to largest input'" : "");
	if (pair && !text)
		ae_gnuplot_add(script, ",\\\n  $panel%zu using 1:2:5 with filledcurves " AE_FILL_ERROR "%s", k,
			titled ? " title 'Error'" : "");
	ae_gnuplot_add(script,
		",\\\n  $panel%zu using 1:2 with %s linetype 1 linewidth 1.4 linecolor '" AE_GNUPLOT_BLUE "'%s", k,
		style,
		!titled ? ""
		: many  ? " title 'Input, mean'"
			: " title 'Input'");
	if (pair)
		ae_gnuplot_add(script,
			",\\\n  $panel%zu using 1:5 with %s linetype 2 linewidth 1.4 dashtype 2 linecolor "
			"'" AE_GNUPLOT_ORANGE "'%s",
			k, style,
			!titled ? ""
			: many  ? " title 'Reconstruction, mean'"
				: " title 'Reconstruction'");
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct series *s = chart->state;
	struct ae_gnuplot_script *script = &chart->script;
	char how_many[100] = "";
	if (s->bins.used == 0)
		return ae_fail(err, "no row to draw");
	ae_gnuplot_begin(script, WIDTH, (unsigned)(AROUND + PANEL * s->count));
	bool text = script->format == AE_PICTURE_TEXT;
	size_t pixels = (size_t)(script->width * script->scale);
	ae_time_bins_reduce(&s->bins, text ? script->columns - TEXT_MARGIN : pixels, is_empty);
	if (ae_time_bins_step(&s->step, &s->bins, is_empty, err) != 0)
		return -1;
	if (s->count < s->features && !chart->options->features)
		snprintf(how_many, sizeof(how_many), "%zu of %zu features: --features names others", s->count,
			s->features);
	ae_gnuplot_titles(script, chart->options->title, NULL, *how_many ? how_many : NULL);
	ae_time_axis_draw(&s->axis, script);
	ae_gnuplot_add(script, "set yrange [0:%zu]\nset key above\nset grid noytics\n", s->count);
	add_ticks(chart, s);
	for (size_t k = 0; k < s->count; k++)
		add_panel(script, s, k);
	ae_gnuplot_add(script, "plot NaN");
	for (size_t k = 0; k < s->count; k++)
		plot_panel(script, s, k, s->axis.rows - s->axis.unplaced > s->bins.used);
	ae_gnuplot_add(script, "\n");
	return 0;
}

const struct ae_chart_kind ae_chart_series = {
	.name = "series",
	.help = "features over time, with their reconstruction and the error",
	.columns = "target or x; recon and time where they are there",
	.options = {"features", "head"},
	.gaps = true,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_series,
};
