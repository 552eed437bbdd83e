/* SPDX-License-Identifier: MIT */
/* The chart of a training's log: loss and validation loss by epoch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/chart.h"

/* A log is read as text, so that its columns may be elements of one x. */
enum { WIDTH = 800, HEIGHT = 480, ELEMENTS_MOST = 24 };

static const char *const loss_columns[] = {"epoch", "loss", "valid_loss"};

struct loss {
	size_t column[3],
		element[3];   /* where epoch, loss and valid_loss stand; no valid_loss: beyond the last column */
	struct ae_buf values; /* three doubles a row */
};

static void free_loss(struct ae_chart *chart)
{
	struct loss *l = chart->state;
	if (l)
		ae_buf_free(&l->values);
	free(l);
}

static bool find_element(const struct ae_schema *schema, const char *name, size_t *column, size_t *element)
{
	char text[32];
	for (*column = 0; *column < schema->count; ++*column) {
		const struct ae_column *c = &schema->cols[*column];
		size_t n = c->type == AE_TEXT ? 0 : ae_shape_size(&c->shape);
		for (*element = 0; *element < n && n <= ELEMENTS_MOST; ++*element) {
			ae_column_element_name(c, *element, text, sizeof(text));
			if (strcmp(text, name) == 0)
				return true;
		}
	}
	return false;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct loss *l = chart->state = ae_calloc(1, sizeof(*l), err);
	if (!l)
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (!find_element(chart->schema, loss_columns[i], &l->column[i], &l->element[i]) && i < 2)
			return ae_fail(err, "no column \"%s\": ae-train --log writes epoch, loss, valid_loss",
				loss_columns[i]);
	return 0;
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct loss *l = chart->state;
	for (size_t row = 0; row < batch->rows; row++) {
		for (size_t i = 0; i < 3; i++) {
			double value = NAN;
			if (l->column[i] < chart->schema->count) {
				const struct ae_column *c = &chart->schema->cols[l->column[i]];
				size_t at = row * ae_shape_size(&c->shape) + l->element[i];
				value = ae_chart_value(c, batch->cols[l->column[i]], at);
			}
			if (ae_buf_append(&l->values, &value, sizeof(value), err) != 0)
				return -1;
		}
	}
	return 0;
}

/* The data, with an empty line between two trainings, which is a gap in the curves. Returns whether a validation loss
   is among it; *first and *last are the ends of the epochs. */
static bool add_values(struct ae_gnuplot_script *script, const struct loss *l, double *first, double *last)
{
	const double *v = (const void *)l->values.data;
	bool has_valid = false;
	*first = INFINITY;
	*last = -INFINITY;
	ae_gnuplot_add(script, "$log << end\n");
	for (size_t i = 0; i < l->values.len / (3 * sizeof(double)); i++, v += 3) {
		if (i > 0 && v[0] <= v[-3])
			ae_gnuplot_add(script, "\n");
		ae_gnuplot_number(script, v[0], " ");
		ae_gnuplot_number(script, v[1], " ");
		ae_gnuplot_number(script, v[2], "\n");
		has_valid |= !isnan(v[2]);
		*first = fmin(*first, v[0]);
		*last = fmax(*last, v[0]);
	}
	ae_gnuplot_add(script, "end\n");
	return has_valid;
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	const struct loss *l = chart->state;
	struct ae_gnuplot_script *script = &chart->script;
	size_t rows = l->values.len / (3 * sizeof(double));
	double first, last;
	if (rows == 0)
		return ae_fail(err, "no epoch to draw");
	ae_gnuplot_begin(script, WIDTH, HEIGHT);
	ae_gnuplot_titles(script, chart->options->title, "Epoch", "Loss");
	bool has_valid = add_values(script, l, &first, &last);
	bool few = rows <= 40 && script->format != AE_PICTURE_TEXT;
	const char *style = few ? "linespoints pointtype 7 pointsize 0.5" : rows == 1 ? "points" : "lines";
	if (last > first)
		ae_gnuplot_add(script, "set xrange [%.17g:%.17g]\n", first, last);
	if (last - first <= 20)
		ae_gnuplot_add(script, "set xtics %d\n", last - first <= 10 ? 1 : 2);
	ae_gnuplot_add(script, "plot $log using 1:2 with %s " AE_LINE_FIRST " title 'Training loss'", style);
	if (has_valid)
		ae_gnuplot_add(
			script, ",\\\n  $log using 1:3 with %s " AE_LINE_SECOND " title 'Validation loss'", style);
	ae_gnuplot_add(script, "\n");
	return 0;
}

const struct ae_chart_kind ae_chart_loss = {
	.name = "loss",
	.help = "training and validation loss by epoch, from the log of ae-train",
	.columns = "epoch, loss, valid_loss",
	.options = {"head"},
	.gaps = true,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_loss,
};
