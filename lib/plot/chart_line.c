/* SPDX-License-Identifier: MIT */
/* Charts of one row: its elements as a line, alone or over its reconstruction. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "plot/chart.h"
#include "plot/element_axis.h"

enum { WIDTH = 800, HEIGHT = 480 };

struct curve {
	size_t column[2], columns; /* one, or two to compare */
	size_t title;              /* the column that the title is taken from, or AE_NO_COLUMN */
	struct ae_buf values[2];   /* double, the elements of the row in each column */
	struct ae_buf text;        /* of that title */
	bool has_row;
};

static void free_curve(struct ae_chart *chart)
{
	struct curve *c = chart->state;
	if (!c)
		return;
	ae_buf_free(&c->values[0]);
	ae_buf_free(&c->values[1]);
	ae_buf_free(&c->text);
	free(c);
}

static int find_columns(struct ae_chart *chart, struct curve *c, struct ae_error *err)
{
	struct ae_buf list = {0};
	size_t target = ae_schema_find(chart->schema, AE_TARGET);
	if (!chart->options->cols) {
		c->column[0] = target;
		if ((c->columns == 1 || target == AE_NO_COLUMN) &&
			ae_schema_need(chart->schema, AE_X, &c->column[0], err) != 0)
			return ae_fail_more(err, "; ae-err --keep keeps x and recon");
		if (c->columns == 1 || ae_schema_need(chart->schema, AE_RECON, &c->column[1], err) == 0)
			return 0;
		return ae_fail_more(err, ", ae-err --keep keeps it");
	}
	int rc = ae_chart_columns(chart, &list, err);
	if (rc == 0 && list.len != c->columns * sizeof(size_t))
		rc = c->columns == 1 ? ae_fail(err, "--cols %s: a line is of one column", chart->options->cols)
				     : ae_fail(err, "--cols %s: an overlay is of two columns, input and reconstruction",
					       chart->options->cols);
	if (rc == 0)
		memcpy(c->column, list.data, list.len);
	ae_buf_free(&list);
	return rc;
}

static int begin_curve(struct ae_chart *chart, size_t columns, struct ae_error *err)
{
	struct curve *c = chart->state = ae_calloc(1, sizeof(*c), err);
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (!c)
		return -1;
	c->columns = columns;
	if (ae_csv_pick(chart->schema, chart->options->title, &c->title, err) != 0)
		return ae_fail_in(err, "--title: ");
	if (find_columns(chart, c, err) != 0)
		return -1;
	const struct ae_column *first = &chart->schema->cols[c->column[0]];
	const struct ae_column *second = &chart->schema->cols[c->column[columns - 1]];
	if (first->type == AE_TEXT || second->type == AE_TEXT)
		return ae_fail(err, "column \"%s\" is text: there is no curve of it",
			first->type == AE_TEXT ? first->name : second->name);
	if (ae_shape_size(&first->shape) != ae_shape_size(&second->shape))
		return ae_fail(err, "%s of shape %s over %s of shape %s", second->name,
			ae_shape_format(&second->shape, a), first->name, ae_shape_format(&first->shape, b));
	if (ae_column_check_pair(second, first, err) != 0)
		return -1;
	return c->title == AE_NO_COLUMN ? 0 : ae_chart_check_single(&chart->schema->cols[c->title], "--title", err);
}

static int begin_line(struct ae_chart *chart, struct ae_error *err)
{
	return begin_curve(chart, 1, err);
}

static int begin_overlay(struct ae_chart *chart, struct ae_error *err)
{
	return begin_curve(chart, 2, err);
}

static int add_row(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct curve *c = chart->state;
	for (size_t i = 0; i < c->columns; i++) {
		const struct ae_column *column = &chart->schema->cols[c->column[i]];
		size_t n = ae_shape_size(&column->shape);
		if (ae_buf_reserve(&c->values[i], n * sizeof(double), err) != 0)
			return -1;
		ae_to_f64((double *)(void *)c->values[i].data, batch->cols[c->column[i]]->values.data, column->type, n);
		c->values[i].len = n * sizeof(double);
	}
	c->has_row = true;
	return c->title == AE_NO_COLUMN ? 0 : ae_chart_cell(chart, c->title, batch, 0, &c->text, err);
}

/* Names the axes, the elements themselves where that is possible. */
static void name_elements(struct ae_chart *chart, const struct ae_column *column)
{
	struct ae_gnuplot_script *script = &chart->script;
	const char *title = ((const struct curve *)chart->state)->title == AE_NO_COLUMN ? chart->options->title : NULL;
	const struct ae_element_axis axis = ae_element_axis_fit(script, column);
	ae_gnuplot_titles(script, title, axis.named ? NULL : "Element", "Value");
	ae_element_axis_draw(&axis, script, column, ae_shape_size(&column->shape));
}

static int begin_drawing(struct ae_chart *chart, struct ae_error *err)
{
	struct curve *c = chart->state;
	if (!c->has_row)
		return ae_fail(err, "no row to draw");
	const struct ae_column *column = &chart->schema->cols[c->column[0]];
	size_t n = ae_shape_size(&column->shape);
	ae_gnuplot_begin(&chart->script, WIDTH, HEIGHT);
	if (c->text.len > 0)
		ae_gnuplot_title(&chart->script, (const char *)c->text.data, c->text.len);
	name_elements(chart, column);
	ae_gnuplot_add(&chart->script, "$row << end\n");
	for (size_t i = 0; i < n; i++) {
		ae_gnuplot_add(&chart->script, "%zu ", i + 1);
		for (size_t k = 0; k < c->columns; k++)
			ae_gnuplot_number(&chart->script, ((const double *)(const void *)c->values[k].data)[i],
				k + 1 < c->columns ? " " : "\n");
	}
	ae_gnuplot_add(&chart->script, "end\n");
	return 0;
}

static int draw_line(struct ae_chart *chart, struct ae_error *err)
{
	if (begin_drawing(chart, err) != 0)
		return -1;
	ae_gnuplot_add(&chart->script, "plot $row using 1:2 with lines " AE_LINE_FIRST "\n");
	return 0;
}

static int draw_overlay(struct ae_chart *chart, struct ae_error *err)
{
	if (begin_drawing(chart, err) != 0)
		return -1;
	/* Text has no areas. */
	bool filled = chart->script.format != AE_PICTURE_TEXT;
	ae_gnuplot_add(&chart->script, "plot ");
	if (filled)
		ae_gnuplot_add(&chart->script, "$row using 1:2:3 with filledcurves " AE_FILL_ERROR ",\\\n  ");
	ae_gnuplot_add(&chart->script, "$row using 1:2 with lines " AE_LINE_FIRST " title 'Input',\\\n"
				       "  $row using 1:3 with lines " AE_LINE_SECOND " title 'Reconstruction'");
	if (filled)
		ae_gnuplot_add(&chart->script, ",\\\n  keyentry with filledcurves " AE_FILL_ERROR " title 'Error'");
	ae_gnuplot_add(&chart->script, "\n");
	return 0;
}

const struct ae_chart_kind ae_chart_line = {
	.name = "line",
	.help = "one row as a line",
	.columns = "x",
	.options = {"cols", "map"},
	.rows = 1,
	.begin = begin_line,
	.add = add_row,
	.draw = draw_line,
	.free = free_curve,
};

const struct ae_chart_kind ae_chart_overlay = {
	.name = "overlay",
	.help = "one row, its reconstruction, and the error between them",
	.columns = "target or x, recon",
	.options = {"cols", "map"},
	.rows = 1,
	.begin = begin_overlay,
	.add = add_row,
	.draw = draw_overlay,
	.free = free_curve,
};
