/* SPDX-License-Identifier: MIT */
/* Fits scalers: one pass over the rows, element by element, merged into columns at the end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/moments.h"
#include "core/quantile.h"
#include "model/scaler.h"

#define CHUNK 1024

/* One for each element of a row; they are merged into columns at the end. */
struct statistics {
	struct ae_moments moments;
	double min, max;
};

static const struct statistics empty = {.min = INFINITY, .max = -INFINITY};

struct ae_scaler_fit {
	enum ae_scaler_method method;
	double divisor;
	bool per_tensor;
	size_t columns, elements;      /* of a row */
	struct statistics *statistics; /* [elements], NULL for AE_SCALER_DIV */
	struct ae_buf values;          /* robust: all values as they came */
	enum ae_type type;             /* of values */
	bool *constant;                /* [columns] */
	size_t constants;
};

int ae_scaler_fit_new(struct ae_scaler_fit **fit, enum ae_scaler_method method, double divisor, bool per_tensor,
	const struct ae_shape *shape, struct ae_error *err)
{
	struct ae_scaler_fit *f = ae_calloc(1, sizeof(*f), err);
	if (!f)
		return -1;
	f->method = method;
	f->divisor = divisor;
	f->per_tensor = per_tensor || method == AE_SCALER_DIV;
	f->elements = ae_shape_size(shape);
	f->columns = f->per_tensor || shape->rank == 0 ? 1 : shape->dim[shape->rank - 1];
	f->constant = ae_calloc(f->columns, sizeof(*f->constant), err);
	f->statistics = method == AE_SCALER_DIV ? NULL : ae_calloc(f->elements, sizeof(*f->statistics), err);
	if (!f->constant || (!f->statistics && method != AE_SCALER_DIV)) {
		ae_scaler_fit_free(f);
		return -1;
	}
	for (size_t i = 0; f->statistics && i < f->elements; i++)
		f->statistics[i] = empty;
	*fit = f;
	return 0;
}

static void add(struct statistics *s, double x)
{
	if (isnan(x))
		return;
	ae_moments_add(&s->moments, x);
	s->min = x < s->min ? x : s->min;
	s->max = x > s->max ? x : s->max;
}

static void merge(struct statistics *into, const struct statistics *s)
{
	ae_moments_merge(&into->moments, &s->moments);
	into->min = s->min < into->min ? s->min : into->min;
	into->max = s->max > into->max ? s->max : into->max;
}

int ae_scaler_fit_rows(struct ae_scaler_fit *fit, const void *x, enum ae_type type, size_t rows, struct ae_error *err)
{
	if (fit->method == AE_SCALER_DIV)
		return 0;
	size_t total = rows * fit->elements;
	size_t size = ae_type_size(type);
	if (fit->method == AE_SCALER_ROBUST) {
		if (fit->values.len > 0 && fit->type != type)
			return ae_fail(err, "values turn from %s into %s", ae_type_name(fit->type), ae_type_name(type));
		fit->type = type;
		if (ae_buf_append(&fit->values, x, total * size, err) != 0)
			return -1;
	}
	double values[CHUNK];
	size_t element = 0;
	for (size_t at = 0; at < total; at += CHUNK) {
		size_t n = total - at < CHUNK ? total - at : CHUNK;
		ae_to_f64(values, (const unsigned char *)x + at * size, type, n);
		for (size_t i = 0; i < n; i++) {
			add(&fit->statistics[element], values[i]);
			element = element + 1 < fit->elements ? element + 1 : 0;
		}
	}
	return 0;
}

/* Median and interquartile range of each column that has values. */
static int end_robust(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	size_t size = ae_type_size(fit->type);
	size_t total = size > 0 ? fit->values.len / size : 0;
	size_t groups = total / fit->columns;
	double *sorted = ae_calloc(groups, sizeof(*sorted), err);
	if (!sorted)
		return -1;
	for (size_t j = 0; j < fit->columns; j++) {
		size_t n = 0;
		for (size_t i = 0; i < groups; i++) {
			ae_to_f64(&sorted[n], fit->values.data + (i * fit->columns + j) * size, fit->type, 1);
			n += !isnan(sorted[n]);
		}
		if (n == 0)
			continue;
		ae_sort_f64(sorted, n);
		out->center[j] = ae_median(sorted, n);
		out->scale[j] = ae_quantile(sorted, n, 0.75) - ae_quantile(sorted, n, 0.25);
	}
	free(sorted);
	return 0;
}

static void end_column(enum ae_scaler_method method, struct ae_scaler *out, size_t j, const struct statistics *s)
{
	out->mean[j] = s->moments.mean;
	if (s->moments.count == 0)
		return;
	if (method == AE_SCALER_MINMAX) {
		out->center[j] = s->min;
		out->scale[j] = s->max - s->min;
	} else if (method == AE_SCALER_STANDARD) {
		out->center[j] = s->moments.mean;
		out->scale[j] = ae_moments_sd(&s->moments);
	} else if (method == AE_SCALER_MAXABS) {
		out->scale[j] = fmax(fabs(s->min), fabs(s->max));
	}
}

static int fill(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	out->method = fit->method;
	out->per_tensor = fit->per_tensor;
	out->columns = fit->columns;
	out->center = ae_calloc(fit->columns, sizeof(double), err);
	out->scale = ae_calloc(fit->columns, sizeof(double), err);
	if (!out->center || !out->scale)
		return -1;
	if (fit->method == AE_SCALER_DIV) {
		out->divisor = out->scale[0] = fit->divisor;
		return 0;
	}
	out->mean = ae_calloc(fit->columns, sizeof(double), err);
	if (!out->mean)
		return -1;
	for (size_t j = 0; j < fit->columns; j++) {
		struct statistics column = empty;
		for (size_t i = j; i < fit->elements; i += fit->columns)
			merge(&column, &fit->statistics[i]);
		if (column.moments.count > 0 && (isinf(column.min) || isinf(column.max)))
			return ae_fail(err, "column %zu holds an infinite value", j + 1);
		if (column.moments.count == 0 && fit->columns > 1)
			return ae_fail(err, "column %zu of x has no value to fit on: leave it out", j + 1);
		if (column.moments.count == 0)
			return ae_fail(err, "x has no value to fit on");
		end_column(fit->method, out, j, &column);
	}
	return fit->method == AE_SCALER_ROBUST ? end_robust(fit, out, err) : 0;
}

int ae_scaler_fit_end(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	ae_scaler_free(out);
	int rc = fill(fit, out, err);
	fit->constants = 0;
	for (size_t j = 0; rc == 0 && j < fit->columns; j++) {
		if (!isfinite(out->center[j]) || !isfinite(out->scale[j]) || (out->mean && !isfinite(out->mean[j])))
			rc = ae_fail(err, "the values of column %zu are too large to scale", j + 1);
		fit->constant[j] = out->scale[j] == 0;
		fit->constants += fit->constant[j];
		if (fit->constant[j])
			out->scale[j] = 1;
	}
	if (rc != 0)
		ae_scaler_free(out);
	return rc;
}

size_t ae_scaler_fit_constant(const struct ae_scaler_fit *fit, const bool **which)
{
	*which = fit->constant;
	return fit->constants;
}

void ae_scaler_fit_free(struct ae_scaler_fit *fit)
{
	if (!fit)
		return;
	ae_buf_free(&fit->values);
	free(fit->statistics);
	free(fit->constant);
	free(fit);
}
