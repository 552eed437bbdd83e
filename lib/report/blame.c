/* SPDX-License-Identifier: MIT */
/* Finds the features with the largest shares of a row's error. */
#include "report/blame.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/attribution.h"

static bool find_single(const struct ae_schema *schema, const char *name, size_t *column)
{
	*column = ae_schema_find_name(schema, name, strlen(name));
	return *column != AE_NO_COLUMN && schema->cols[*column].shape.rank == 0;
}

/* The columns top1, top1_share, top2 and so on. */
static void find_tops(struct ae_blamer *b, const struct ae_schema *schema)
{
	for (unsigned k = 0; k < AE_BLAME_TOP && b->tops == k; k++) {
		char name[40];
		snprintf(name, sizeof(name), "top%u", k + 1);
		bool named = find_single(schema, name, &b->top[k]) && schema->cols[b->top[k]].type == AE_TEXT;
		strcat(name, "_share");
		b->tops += named && find_single(schema, name, &b->share[k]);
	}
}

static int find_units(struct ae_blamer *b, const struct ae_report *r, struct ae_error *err)
{
	double least = 0;
	size_t n = ae_shape_size(&b->column.shape);
	if (r->model->stats.err_count != n)
		return 0;
	if (ae_error_units(&b->unit, &b->column, r->model, r->options->model, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (b->unit[i] > 0 && (least == 0 || b->unit[i] < least))
			least = b->unit[i];
	for (size_t i = 0; i < n; i++)
		b->unit[i] = b->unit[i] > 0 ? b->unit[i] : least > 0 ? least : 1;
	return 0;
}

int ae_blamer_begin(struct ae_blamer *b, const struct ae_report *r, struct ae_error *err)
{
	const struct ae_schema *schema = &r->schema;
	b->features = AE_NO_COLUMN;
	find_tops(b, schema);
	for (size_t i = 0; i < schema->count && b->features == AE_NO_COLUMN; i++)
		if (schema->cols[i].role == AE_ERR && schema->cols[i].shape.rank > 0)
			b->features = i;
	b->pair = r->at.x != AE_NO_COLUMN && r->at.recon != AE_NO_COLUMN &&
		  ae_shape_equal(&schema->cols[r->at.x].shape, &schema->cols[r->at.recon].shape);
	if (b->tops || (b->features == AE_NO_COLUMN && !b->pair))
		return 0;
	/* A feature is named "flow", not "err.flow". */
	b->column = schema->cols[b->features != AE_NO_COLUMN ? b->features : r->at.x];
	b->column.role = AE_X;
	b->column.name = (char *)(uintptr_t)ae_role_name(AE_X);
	size_t n = b->count = ae_shape_size(&b->column.shape);
	if (b->features == AE_NO_COLUMN && find_units(b, r, err) != 0)
		return -1;
	if (b->column.shape.rank == 2 && b->column.feature_count == b->column.shape.dim[1]) {
		b->count = b->column.shape.dim[1];
		b->column.shape = ae_shape_vector(b->count);
	}
	b->x = ae_calloc(n, 2 * sizeof(*b->x), err);
	b->squares = ae_calloc(b->count, sizeof(*b->squares), err);
	b->recon = b->x ? b->x + n : NULL;
	return b->x && b->squares ? 0 : -1;
}

bool ae_blamer_knows(const struct ae_blamer *b)
{
	return b->tops > 0 || b->squares;
}

static void take(double *out, const struct ae_column *c, const struct ae_data *data, size_t row)
{
	size_t n = ae_shape_size(&c->shape);
	ae_to_f64(out, data->values.data + row * n * ae_type_size(c->type), c->type, n);
}

static void take_tops(const struct ae_blamer *b, const struct ae_report *r, const struct ae_batch *batch, size_t row,
	struct ae_blame *blame)
{
	char number[AE_NUMBER_TEXT];
	size_t len;
	for (unsigned k = 0; k < b->tops; k++) {
		const char *name = ae_data_text(batch->cols[b->top[k]], row, &len);
		if (len == 0) /* the row has no error per feature */
			continue;
		ae_report_copy_text(blame->top[blame->count].name, AE_BLAME_NAME, name, len);
		double *share = &blame->top[blame->count++].share;
		const char *text =
			ae_data_cell(&r->schema.cols[b->share[k]], batch->cols[b->share[k]], row, number, &len);
		if (ae_number_parse(share, text, len) != AE_NUMBER_OK)
			*share = NAN;
	}
}

/* The squared errors of the features in their units, and the sum of them. */
static double fill_squares(
	const struct ae_blamer *b, const struct ae_report *r, const struct ae_batch *batch, size_t row)
{
	double sum = 0;
	bool given = b->features != AE_NO_COLUMN;
	size_t from = given ? b->features : r->at.x, n = ae_shape_size(&r->schema.cols[from].shape);
	take(b->x, &r->schema.cols[from], batch->cols[from], row);
	if (!given)
		take(b->recon, &r->schema.cols[r->at.recon], batch->cols[r->at.recon], row);
	memset(b->squares, 0, b->count * sizeof(*b->squares));
	for (size_t i = 0; i < n; i++) {
		double error = given ? b->x[i] : (b->x[i] - b->recon[i]) / (b->unit ? b->unit[i] : 1);
		double part = isnan(error) ? 0 : given ? fabs(error) : error * error;
		b->squares[i % b->count] += fmin(part, 1e300);
		sum += fmin(part, 1e300);
	}
	return sum;
}

void ae_blamer_row(const struct ae_blamer *b, const struct ae_report *r, const struct ae_batch *batch, size_t row,
	struct ae_blame *blame)
{
	*blame = (struct ae_blame){0};
	if (b->tops)
		take_tops(b, r, batch, row, blame);
	if (b->tops || !b->squares)
		return;
	double sum = fill_squares(b, r, batch, row);
	for (unsigned k = 0; k < AE_BLAME_TOP && k < b->count && sum > 0; k++) {
		size_t most = 0;
		char name[300];
		for (size_t i = 1; i < b->count; i++)
			if (b->squares[i] > b->squares[most])
				most = i;
		if (b->squares[most] <= 0)
			return;
		ae_column_element_name(&b->column, most, name, sizeof(name));
		ae_report_copy_text(blame->top[k].name, AE_BLAME_NAME, name, strlen(name));
		blame->top[k].share = b->squares[most] / sum;
		b->squares[most] = -1;
		blame->count++;
	}
}

void ae_blame_add(struct ae_html *page, const struct ae_blame *blame)
{
	for (unsigned k = 0; k < blame->count; k++) {
		ae_html_text(page, "%s%s", k ? ", " : "", blame->top[k].name);
		if (!isnan(blame->top[k].share))
			ae_html_text(page, " %.0f\u00a0%%", 100 * blame->top[k].share);
	}
}

void ae_blamer_free(struct ae_blamer *b)
{
	free(b->unit);
	free(b->x);
	free(b->squares);
}
