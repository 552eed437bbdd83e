/* SPDX-License-Identifier: MIT */
/* A row as the chart of images draws it. */
#include "report/row_image.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/figure.h"

bool ae_row_is_image(const struct ae_report *r)
{
	const struct ae_shape *shape = &r->schema.cols[r->at.x].shape;
	for (size_t i = 0; i < r->lineage.prep.count; i++)
		if (strcmp(r->lineage.prep.steps[i].program, "ae-window") == 0)
			return false;
	return shape->rank >= 2 && shape->dim[0] > 1 && shape->dim[1] > 1 &&
	       (shape->rank == 2 || (shape->rank == 3 && (shape->dim[2] == 1 || shape->dim[2] == 3)));
}

enum { WIDTH = 380, HEIGHT = 400 };

/* One row of two columns. */
struct row {
	struct ae_schema schema;
	struct ae_data data[2];
	double low, high;
};

static int add_column(struct row *row, size_t i, const struct ae_report *r, const double *values, struct ae_error *err)
{
	const struct ae_column *x = &r->schema.cols[r->at.x];
	const struct ae_column *c =
		ae_schema_add(&row->schema, i ? "recon" : "x", i ? AE_RECON : AE_X, AE_F64, &x->shape, err);
	double *to = c ? ae_data_resize(&row->data[i], c, 1, err) : NULL;
	if (!to)
		return -1;
	size_t n = ae_shape_size(&c->shape);
	memcpy(to, values, n * sizeof(*to));
	for (size_t k = 0; k < n && x->type != AE_U8; k++)
		if (fabs(to[k]) < AE_BEYOND_F64) {
			row->low = fmin(row->low, to[k]);
			row->high = fmax(row->high, to[k]);
		}
	return 0;
}

static int draw(struct ae_report *r, struct ae_chart *chart, struct row *row, struct ae_error *err)
{
	struct ae_data *cols[] = {&row->data[0], &row->data[1]};
	const struct ae_batch batch = {.rows = 1, .cols = cols};
	chart->kind = &ae_chart_grid;
	chart->schema = &row->schema;
	chart->script.width = WIDTH;
	chart->script.height = HEIGHT;
	if (ae_chart_open(chart, err) != 0 || chart->kind->begin(chart, err) != 0 ||
		chart->kind->add(chart, &batch, err) != 0 || chart->kind->draw(chart, err) != 0)
		return -1;
	return ae_figure_add_script(r, &chart->script, 0, 0, err);
}

int ae_row_image_add(struct ae_report *r, const double *values, const char *title, struct ae_error *err)
{
	struct row row = {.low = 0, .high = r->schema.cols[r->at.x].type == AE_U8 ? 255 : 1};
	struct ae_chart chart = {0};
	struct ae_chart_options options = {.title = title};
	char range[60];
	size_t n = ae_shape_size(&r->schema.cols[r->at.x].shape);
	int rc = add_column(&row, 0, r, values, err);
	if (rc == 0)
		rc = add_column(&row, 1, r, values + n, err);
	snprintf(range, sizeof(range), "%.17g,%.17g", row.low, row.high);
	options.range = range;
	ae_figure_prepare(&chart, &options);
	if (rc == 0)
		rc = draw(r, &chart, &row, err);
	ae_chart_free(&chart);
	ae_schema_free(&row.schema);
	ae_data_free(&row.data[0]);
	ae_data_free(&row.data[1]);
	return rc;
}
