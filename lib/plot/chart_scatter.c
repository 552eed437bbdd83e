/* SPDX-License-Identifier: MIT */
/* Rows as points of their latent, or of its principal axes, by class or score. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "core/tensor.h"
#include "io/csv.h"
#include "plot/chart.h"
#include "plot/principal_axes.h"

enum { NAME_MOST = 60 }; /* characters of a class in the key */
enum { WIDTH = 700, HEIGHT = 560, GROUPS = 10, POINTS = 20000 };

struct group {
	struct ae_buf name;
	size_t place; /* among the names of --map */
	uint64_t rows;
	bool used;
};

struct scatter {
	size_t column, by, score;
	size_t n;              /* values of a row */
	uint64_t rows;         /* that have a place */
	uint64_t unscored;     /* of those, without a score */
	struct ae_buf kept;    /* float[n] of each point */
	struct ae_buf scores;  /* double */
	struct ae_buf classes; /* size_t */
	struct group groups[GROUPS];
	size_t order[GROUPS], group_count;
	struct ae_buf name; /* of the present row's group */
	double *places;     /* [points][2] */
	double explained[2];
};

static void free_scatter(struct ae_chart *chart)
{
	struct scatter *s = chart->state;
	if (!s)
		return;
	for (size_t i = 0; i < GROUPS; i++)
		ae_buf_free(&s->groups[i].name);
	ae_buf_free(&s->kept);
	ae_buf_free(&s->scores);
	ae_buf_free(&s->classes);
	ae_buf_free(&s->name);
	free(s->places);
	free(s);
}

static int check(const struct ae_chart *chart, struct ae_error *err)
{
	if (chart->options->log && chart->options->by)
		return ae_fail_usage(err, "--log is a scale of the colours of scores, and --by has those of classes");
	return 0;
}

/* ---- columns ---- */

static int find_column(struct ae_chart *chart, struct scatter *s, struct ae_error *err)
{
	struct ae_buf list = {0};
	if (!chart->options->cols)
		return ae_schema_need(chart->schema, AE_LATENT, &s->column, err) == 0
			       ? 0
			       : ae_fail_more(err, ", ae-err --keep keeps it");
	int rc = ae_chart_columns(chart, &list, err);
	if (rc == 0 && list.len != sizeof(size_t))
		rc = ae_fail(err, "--cols %s: points are of one column", chart->options->cols);
	if (rc == 0)
		memcpy(&s->column, list.data, list.len);
	ae_buf_free(&list);
	const struct ae_column *column = rc == 0 ? &chart->schema->cols[s->column] : NULL;
	if (column && column->type == AE_TEXT)
		rc = ae_fail(err, "--cols %s: column \"%s\" is text", chart->options->cols, column->name);
	return rc;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct scatter *s = chart->state = ae_calloc(1, sizeof(*s), err);
	const char *by = chart->options->by;
	if (!s || find_column(chart, s, err) != 0)
		return -1;
	s->n = ae_shape_size(&chart->schema->cols[s->column].shape);
	s->score = ae_schema_score(chart->schema);
	if (ae_csv_pick(chart->schema, by, &s->by, err) != 0)
		return ae_fail_in(err, "--by: ");
	if (by && s->by == AE_NO_COLUMN)
		return ae_schema_fail_unknown(chart->schema, "--by", by, err);
	if (by && ae_chart_check_single(&chart->schema->cols[s->by], "--by", err) != 0)
		return -1;
	return ae_buf_reserve(&s->kept, s->n * sizeof(float), err);
}

/* ---- rows ---- */

static int find_group(
	struct ae_chart *chart, const struct ae_batch *batch, size_t row, size_t *found, struct ae_error *err)
{
	struct scatter *s = chart->state;
	*found = 0;
	if (s->by == AE_NO_COLUMN)
		return 0;
	s->name.len = 0;
	if (ae_chart_cell(chart, s->by, batch, row, &s->name, err) != 0)
		return -1;
	for (; *found < s->group_count; ++*found)
		if (ae_buf_equal(&s->groups[*found].name, &s->name))
			return 0;
	if (s->group_count == GROUPS)
		return ae_fail(err, "--by %s: more than %d classes", chart->options->by, GROUPS);
	struct group *group = &s->groups[s->group_count++];
	group->place = ae_chart_map_place(chart, &s->name);
	return ae_buf_append(&group->name, s->name.data, s->name.len, err);
}

/* Where the next row goes: behind the others, or in the place of one (algorithm R; Vitter, "Random sampling with a
   reservoir", ACM Transactions on Mathematical Software 11, 1985). AE_NO_COLUMN: nowhere. */
static size_t place_in_reservoir(struct scatter *s, uint64_t seed)
{
	uint64_t row = s->rows++;
	if (row < POINTS)
		return row;
	double at = ae_rng_uniform(seed, AE_RNG_HI(AE_RNG_SAMPLE, 1), row) * (double)(row + 1);
	return at < POINTS ? (size_t)at : AE_NO_COLUMN;
}

static int put(struct ae_buf *list, size_t at, const void *item, size_t size, struct ae_error *err)
{
	if (at * size == list->len)
		return ae_buf_append(list, item, size, err);
	memcpy(list->data + at * size, item, size);
	return 0;
}

/* Takes the row into room behind the points that are kept. False if it has no place on the axes. */
static bool take(struct ae_chart *chart, const struct ae_batch *batch, size_t row)
{
	struct scatter *s = chart->state;
	float *values = (float *)(void *)(s->kept.data + s->kept.len);
	const struct ae_column *column = &chart->schema->cols[s->column];
	for (size_t i = 0; i < s->n; i++) {
		double value = ae_chart_value(column, batch->cols[s->column], row * s->n + i);
		values[i] = ae_f32_of(value);
		if (!(fabs(value) < AE_BEYOND_F64))
			return false;
	}
	return true;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct scatter *s = chart->state;
	size_t size = s->n * sizeof(float), class;
	for (size_t row = 0; row < batch->rows; row++) {
		double score = NAN;
		if (s->score != AE_NO_COLUMN)
			score = ae_chart_value(&chart->schema->cols[s->score], batch->cols[s->score], row);
		bool is_axis = s->n == 1 && s->score != AE_NO_COLUMN;
		if (!take(chart, batch, row) || (is_axis && !(fabs(score) < AE_BEYOND_F64))) {
			chart->left_out++;
			continue;
		}
		if (find_group(chart, batch, row, &class, err) != 0)
			return -1;
		s->groups[class].rows++;
		s->unscored += isnan(score);
		size_t at = place_in_reservoir(s, chart->options->seed);
		if (at == AE_NO_COLUMN)
			continue;
		if (at * size == s->kept.len)
			s->kept.len += size;
		else
			memcpy(s->kept.data + at * size, s->kept.data + s->kept.len, size);
		if (put(&s->scores, at, &score, sizeof(score), err) != 0 ||
			put(&s->classes, at, &class, sizeof(class), err) != 0 ||
			ae_buf_reserve(&s->kept, size, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- places ---- */

static size_t point_count(const struct scatter *s)
{
	return s->classes.len / sizeof(size_t);
}

static double score_of(const struct scatter *s, size_t i)
{
	return ((const double *)(const void *)s->scores.data)[i];
}

static size_t class_of(const struct scatter *s, size_t i)
{
	return ((const size_t *)(const void *)s->classes.data)[i];
}

/* Of one value the other axis is the score, or nothing. */
static int find_places(struct scatter *s, struct ae_error *err)
{
	size_t points = point_count(s);
	const float *values = (const void *)s->kept.data;
	s->places = ae_calloc(points, 2 * sizeof(double), err);
	if (!s->places)
		return -1;
	if (s->n > 2)
		return ae_principal_axes(s->places, s->explained, values, points, s->n, err);
	for (size_t i = 0; i < points; i++) {
		s->places[2 * i] = (double)values[i * s->n];
		s->places[2 * i + 1] = s->n == 2 ? (double)values[i * s->n + 1] : score_of(s, i);
	}
	return 0;
}

static int compare(const struct group *a, const struct group *b)
{
	return ae_chart_compare_classes(a->place, &a->name, b->place, &b->name);
}

/* By insertion: they are few. */
static void sort_groups(struct scatter *s)
{
	for (size_t i = 0; i < s->group_count; i++) {
		size_t at = i;
		for (; at > 0 && compare(&s->groups[i], &s->groups[s->order[at - 1]]) < 0; at--)
			s->order[at] = s->order[at - 1];
		s->order[at] = i;
	}
}

/* ---- drawing ---- */

static void name_axes(struct ae_chart *chart, const struct scatter *s)
{
	const struct ae_column *column = &chart->schema->cols[s->column];
	char name[2][200], sampled[80] = "", axis[2][280];
	if (s->rows > POINTS)
		snprintf(sampled, sizeof(sampled), "; %d of %llu rows, a random sample", POINTS,
			(unsigned long long)s->rows);
	for (size_t i = 0; i < 2; i++)
		if (s->n > 2)
			snprintf(name[i], sizeof(name[i]), "Principal axis %zu of %.60s, %.1f %% of the variance",
				i + 1, column->name, 100 * s->explained[i]);
		else if (i < s->n)
			ae_column_element_name(column, i, name[i], sizeof(name[i]));
		else
			snprintf(name[i], sizeof(name[i]), "Reconstruction error");
	for (size_t i = 0; i < 2; i++)
		snprintf(axis[i], sizeof(axis[i]), "%.199s%s", name[i], i == 0 ? sampled : "");
	ae_gnuplot_titles(&chart->script, chart->options->title, axis[0], axis[1]);
}

static const char *const marks[GROUPS] = {"7", "9", "5", "13", "11", "6", "8", "4", "12", "10"};
static const char *const letters[GROUPS] = {"o", "x", "+", "*", "#", "@", "%", "&", "=", "~"};

/* Place and score, the latter at least `floor`. */
static void add_point(struct ae_gnuplot_script *script, const struct scatter *s, size_t i, double floor)
{
	ae_gnuplot_number(script, s->places[2 * i], " ");
	ae_gnuplot_number(script, s->places[2 * i + 1], " ");
	double score = score_of(s, i);
	ae_gnuplot_number(script, isnan(score) ? NAN : fmin(fmax(score, floor), AE_BEYOND_F64), "\n");
}

static void draw_classes(struct ae_chart *chart, struct scatter *s)
{
	struct ae_gnuplot_script *script = &chart->script;
	bool text = script->format == AE_PICTURE_TEXT;
	for (size_t i = 0; i < point_count(s); i++)
		s->groups[class_of(s, i)].used = true;
	for (size_t g = 0; g < s->group_count; g++) {
		ae_gnuplot_add(script, "$class%zu << end\n", g);
		for (size_t i = 0; i < point_count(s); i++)
			if (class_of(s, i) == s->order[g])
				add_point(script, s, i, -AE_BEYOND_F64);
		ae_gnuplot_add(script, "end\n");
	}
	ae_gnuplot_add(script, "plot NaN");
	for (size_t g = 0; g < s->group_count; g++) {
		const struct group *group = &s->groups[s->order[g]];
		char count[40];
		struct ae_buf title = {0};
		if (!group->used)
			continue;
		snprintf(count, sizeof(count), " (%llu)", (unsigned long long)group->rows);
		if (ae_text_shorten(
			    &title, (const char *)group->name.data, group->name.len, NAME_MOST, &script->error) != 0 ||
			ae_buf_append(&title, count, strlen(count), &script->error) != 0)
			script->failed = true;
		ae_gnuplot_add(script,
			",\\\n  $class%zu using 1:2 with points pointtype %s%s%s pointsize 0.6 linecolor '%s' title ",
			g, text ? "'" : "", text ? letters[g] : marks[g], text ? "'" : "", ae_gnuplot_color(g));
		ae_gnuplot_quote(script, (const char *)title.data, title.len);
		ae_buf_free(&title);
	}
	ae_gnuplot_add(script, "\n");
}

struct shade {
	double score;
	size_t point;
};

static int by_score(const void *a, const void *b)
{
	const struct shade *x = a, *y = b;
	if (isnan(x->score) || isnan(y->score) || x->score == y->score)
		return isnan(x->score) != isnan(y->score) ? (isnan(x->score) ? -1 : 1)
							  : (x->point > y->point) - (x->point < y->point);
	return x->score < y->score ? -1 : 1;
}

/* Scores as colours; points without a score are grey. They are the first ones. */
static void plot_colors(
	struct ae_chart *chart, const struct scatter *s, const struct shade *shades, double low, double high)
{
	struct ae_gnuplot_script *script = &chart->script;
	size_t unscored = 0;
	ae_gnuplot_add(script, "$unscored << end\n");
	for (; unscored < point_count(s) && isnan(shades[unscored].score); unscored++)
		add_point(script, s, shades[unscored].point, low);
	ae_gnuplot_add(script, "end\n$points << end\n");
	for (size_t i = unscored; i < point_count(s); i++)
		add_point(script, s, shades[i].point, low);
	ae_gnuplot_add(
		script, "end\n" AE_GNUPLOT_PALETTE "set cbrange [%.17g:%.17g]\n", low, high > low ? high : low + 1);
	ae_gnuplot_add(script, "%sset cblabel 'Reconstruction error' offset 1\nplot ",
		chart->options->log ? "set logscale cb\n" : "");
	if (unscored > 0)
		ae_gnuplot_add(script,
			"$unscored using 1:2 with points pointtype 7 pointsize 0.6 linecolor '#b0b0b0' "
			"title 'No score (%llu)',\\\n  ",
			(unsigned long long)s->unscored);
	ae_gnuplot_add(script, "$points using 1:2:3 with points pointtype 7 pointsize 0.6 linecolor palette notitle\n");
}

/* Points that have no colours. */
static void plot_plain(struct ae_gnuplot_script *script, const struct scatter *s, const struct shade *shades)
{
	ae_gnuplot_add(script, "$points << end\n");
	for (size_t i = 0; i < point_count(s); i++)
		add_point(script, s, shades[i].point, -AE_BEYOND_F64);
	ae_gnuplot_add(script, "end\nplot $points using 1:2 with points %s\n",
		script->format == AE_PICTURE_TEXT ? "pointtype 'o'"
						  : "pointtype 7 pointsize 0.6 linecolor '" AE_GNUPLOT_BLUE "'");
}

/* The points with the largest scores lie above the others. */
static int draw_scores(struct ae_chart *chart, struct scatter *s, struct ae_error *err)
{
	struct ae_gnuplot_script *script = &chart->script;
	bool text = script->format == AE_PICTURE_TEXT;
	double low = INFINITY, high = -INFINITY;
	struct shade *shades = ae_calloc(point_count(s), sizeof(*shades), err);
	if (!shades)
		return -1;
	for (size_t i = 0; i < point_count(s); i++) {
		double score = score_of(s, i);
		shades[i] = (struct shade){score, i};
		if (fabs(score) < AE_BEYOND_F64 && (!chart->options->log || score > 0)) {
			low = fmin(low, score);
			high = fmax(high, score);
		}
	}
	qsort(shades, point_count(s), sizeof(*shades), by_score);
	if (!text && high >= low)
		plot_colors(chart, s, shades, low, high);
	else
		plot_plain(script, s, shades);
	free(shades);
	return 0;
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	struct scatter *s = chart->state;
	if (s->rows == 0)
		return ae_fail(err, "no row to draw");
	if (find_places(s, err) != 0)
		return -1;
	if (s->n == 1 && s->score == AE_NO_COLUMN)
		return ae_fail(err, "%s has one value a row and there is no err: there is no second axis",
			chart->schema->cols[s->column].name);
	sort_groups(s);
	ae_gnuplot_begin(&chart->script, WIDTH, HEIGHT);
	name_axes(chart, s);
	/* In text the name of the vertical axis stands above. */
	ae_gnuplot_add(&chart->script, "set key %s\nset offsets graph 0.02, graph 0.02, graph 0.02, graph 0.02\n",
		chart->script.format == AE_PICTURE_TEXT ? "below" : "above");
	if (s->by != AE_NO_COLUMN)
		draw_classes(chart, s);
	return s->by != AE_NO_COLUMN ? 0 : draw_scores(chart, s, err);
}

const struct ae_chart_kind ae_chart_scatter = {
	.name = "scatter",
	.help = "rows as points of their latent, by class or score",
	.columns = "latent; err where it is there",
	.options = {"cols", "by", "map", "log", "head"},
	.samples = true,
	.check = check,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_scatter,
};
