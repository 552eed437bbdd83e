/* SPDX-License-Identifier: MIT */
/* The methods of scalers, and fitting: one pass over the rows, element by element, merged into columns at the end. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/moments.h"
#include "core/quantile.h"
#include "model/scaler.h"

#define CHUNK 1024

/* One for each element of a row; they are merged into columns at the end. */
struct ae_scaler_column {
	struct ae_offset_moments moments;
	double min, max;
};

static const struct ae_scaler_column empty = {.min = INFINITY, .max = -INFINITY};

/* ---- methods ---- */

/* (x - min) / (max - min) */
static void minmax(const struct ae_scaler_column *column, double *center, double *scale)
{
	*center = column->min;
	*scale = column->max - column->min;
}

/* (x - mean) / population standard deviation */
static void standard(const struct ae_scaler_column *column, double *center, double *scale)
{
	ae_offset_moments_get(&column->moments, center, scale);
}

/* (x - median) / (Q3 - Q1), quantiles as NumPy's linear ones */
static void robust(double *values, size_t n, double *center, double *scale)
{
	size_t low = ae_quantile_rank(n, 0.25), high = ae_quantile_rank(n, 0.75), last = n - 1;
	size_t ranks[] = {low, low < last ? low + 1 : last, last / 2, n / 2, high, high < last ? high + 1 : last};
	ae_select_f64(values, n, ranks, sizeof(ranks) / sizeof(*ranks));
	*center = ae_median(values, n);
	*scale = ae_quantile(values, n, 0.75) - ae_quantile(values, n, 0.25);
}

/* x / max |x| */
static void maxabs(const struct ae_scaler_column *column, double *center, double *scale)
{
	*center = 0;
	*scale = fmax(fabs(column->min), fabs(column->max));
}

static const struct ae_scaler_method methods[] = {
	{"minmax", "minmax", minmax, NULL},
	{"standard", "standard", standard, NULL},
	{"robust", "robust", NULL, robust},
	{"maxabs", "maxabs", maxabs, NULL},
	{"div", "div:K", NULL, NULL},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

const char *ae_scaler_forms(size_t i)
{
	return i < METHODS ? methods[i].form : NULL;
}

const struct ae_scaler_method *ae_scaler_method_find(const char *name, size_t len)
{
	for (size_t i = 0; i < METHODS; i++)
		if (len == strlen(methods[i].name) && memcmp(name, methods[i].name, len) == 0)
			return &methods[i];
	return NULL;
}

bool ae_scaler_method_needs_rows(const struct ae_scaler_method *method)
{
	return method->of_statistics || method->of_values;
}

int ae_scaler_parse(struct ae_scaler_rule *rule, const char *text, struct ae_error *err)
{
	size_t len = strcspn(text, ":");
	const struct ae_scaler_method *method = ae_scaler_method_find(text, len);
	bool needs_rows = method && ae_scaler_method_needs_rows(method);
	if (!method || (needs_rows && text[len]) || (!needs_rows && !text[len]))
		return ae_fail_word(err, "scaler", text, ae_scaler_forms);
	*rule = (struct ae_scaler_rule){.method = method};
	if (!needs_rows && ae_parse_real(&rule->divisor, text + len + 1, DBL_MIN, DBL_MAX) != 0)
		return ae_fail_usage(
			err, "\"%s\": %s takes a number K above 0, such as %s:255", text, method->form, method->name);
	return 0;
}

/* ---- fitting ---- */

struct ae_scaler_fit {
	struct ae_scaler_rule rule;
	bool per_tensor;
	size_t columns, elements;            /* of a row */
	struct ae_scaler_column *statistics; /* [elements], NULL before the first row */
	struct ae_buf values;                /* of_values: all values as they came */
	enum ae_type type;                   /* of values */
	bool *constant;                      /* [columns], NULL before the end */
	size_t constants;
	const struct ae_scaler *to; /* that it falls back to, for columns of fewer values than `least`; NULL: none */
	uint64_t least;
};

int ae_scaler_fit_new(struct ae_scaler_fit **fit, const struct ae_scaler_rule *rule, bool per_tensor,
	const struct ae_shape *shape, struct ae_error *err)
{
	struct ae_scaler_fit *f = ae_calloc(1, sizeof(*f), err);
	if (!f)
		return -1;
	bool needs_rows = ae_scaler_method_needs_rows(rule->method);
	f->rule = *rule;
	f->per_tensor = per_tensor || !needs_rows;
	f->elements = ae_shape_size(shape);
	f->columns = f->per_tensor || shape->rank == 0 ? 1 : shape->dim[shape->rank - 1];
	*fit = f;
	return 0;
}

/* With the first row: a header of a few bytes may announce rows of any size and hold none. */
static int begin_statistics(struct ae_scaler_fit *fit, struct ae_error *err)
{
	fit->statistics = ae_calloc(fit->elements, sizeof(*fit->statistics), err);
	if (!fit->statistics)
		return -1;
	for (size_t i = 0; i < fit->elements; i++)
		fit->statistics[i] = empty;
	return 0;
}

static void add(struct ae_scaler_column *s, double x)
{
	if (isnan(x))
		return;
	ae_offset_moments_add(&s->moments, x);
	s->min = x < s->min ? x : s->min;
	s->max = x > s->max ? x : s->max;
}

static void merge(struct ae_scaler_column *into, const struct ae_scaler_column *s)
{
	ae_offset_moments_merge(&into->moments, &s->moments);
	into->min = s->min < into->min ? s->min : into->min;
	into->max = s->max > into->max ? s->max : into->max;
}

int ae_scaler_fit_rows(struct ae_scaler_fit *fit, const void *x, enum ae_type type, size_t rows, struct ae_error *err)
{
	if (!ae_scaler_method_needs_rows(fit->rule.method) || rows == 0)
		return 0;
	if (!fit->statistics && begin_statistics(fit, err) != 0)
		return -1;
	size_t total = rows * fit->elements;
	size_t size = ae_type_size(type);
	if (fit->rule.method->of_values) {
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

/* The values of column j that there are, as f64, into values; their number. values may be those of the fit, if they are
   f64 in one column. */
static size_t gather(const struct ae_scaler_fit *fit, size_t j, double *values)
{
	size_t n = 0, total = fit->values.len / ae_type_size(fit->type);
	for (size_t i = j; i < total; i += fit->columns) {
		double value;
		if (fit->type == AE_F32)
			value = (double)((const float *)(const void *)fit->values.data)[i];
		else
			ae_to_f64(&value, fit->values.data + i * ae_type_size(fit->type), fit->type, 1);
		values[n] = value;
		n += !isnan(value);
	}
	return n;
}

void ae_scaler_fit_fall_back(struct ae_scaler_fit *fit, const struct ae_scaler *to, uint64_t least)
{
	fit->to = to;
	fit->least = least;
}

static void take_column(const struct ae_scaler_fit *fit, struct ae_scaler *out, size_t j)
{
	out->center[j] = fit->to->center[j];
	out->scale[j] = fit->to->scale[j];
	out->mean[j] = fit->to->mean[j];
}

/* Center and scale of each column from its values, which are not there any more afterwards. */
static int fill_from_values(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	bool in_place = fit->columns == 1 && fit->type == AE_F64;
	double *values = (double *)(void *)fit->values.data;
	if (!in_place)
		values = ae_calloc(fit->values.len / ae_type_size(fit->type) / fit->columns, sizeof(*values), err);
	if (!values)
		return -1;
	for (size_t j = 0; j < fit->columns; j++) {
		size_t n = gather(fit, j, values);
		if (fit->to && n < fit->least)
			continue;
		fit->rule.method->of_values(values, n, &out->center[j], &out->scale[j]);
	}
	if (!in_place)
		free(values);
	ae_buf_free(&fit->values);
	return 0;
}

size_t ae_scaler_fit_empty(const struct ae_scaler_fit *fit, size_t *columns)
{
	*columns = fit->columns;
	for (size_t j = 0; fit->statistics && j < fit->columns; j++) {
		size_t i = j;
		while (i < fit->elements && fit->statistics[i].moments.running.count == 0)
			i += fit->columns;
		if (i >= fit->elements)
			return j;
	}
	return fit->columns;
}

/* Statistics of column j from those of its elements. */
static int merge_column(
	struct ae_scaler_column *column, const struct ae_scaler_fit *fit, size_t j, struct ae_error *err)
{
	*column = empty;
	for (size_t i = j; i < fit->elements; i += fit->columns)
		merge(column, &fit->statistics[i]);
	if (column->moments.running.count > 0 && (isinf(column->min) || isinf(column->max)))
		return ae_fail(err, "column %zu holds an infinite value", j + 1);
	if (fit->to)
		return 0;
	if (column->moments.running.count == 0 && fit->columns > 1)
		return ae_fail(err, "column %zu of x has no value to fit on: leave it out", j + 1);
	if (column->moments.running.count == 0)
		return ae_fail(err, "x has no value to fit on");
	return 0;
}

static int fill(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	const struct ae_scaler_method *method = fit->rule.method;
	bool needs_rows = ae_scaler_method_needs_rows(method);
	if (needs_rows && !fit->statistics)
		return ae_fail(err, "x has no value to fit on");
	out->method = method;
	out->per_tensor = fit->per_tensor;
	out->columns = fit->columns;
	out->center = ae_calloc(fit->columns, sizeof(double), err);
	out->scale = ae_calloc(fit->columns, sizeof(double), err);
	if (!out->center || !out->scale)
		return -1;
	if (!needs_rows) {
		out->divisor = out->scale[0] = fit->rule.divisor;
		return 0;
	}
	out->mean = ae_calloc(fit->columns, sizeof(double), err);
	if (!out->mean)
		return -1;
	for (size_t j = 0; j < fit->columns; j++) {
		struct ae_scaler_column column;
		double sd;
		if (merge_column(&column, fit, j, err) != 0)
			return -1;
		fit->constant[j] = column.moments.running.count < (double)fit->least;
		if (fit->constant[j]) {
			take_column(fit, out, j);
			continue;
		}
		ae_offset_moments_get(&column.moments, &out->mean[j], &sd);
		if (method->of_statistics)
			method->of_statistics(&column, &out->center[j], &out->scale[j]);
	}
	return method->of_values ? fill_from_values(fit, out, err) : 0;
}

int ae_scaler_fit_end(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err)
{
	ae_scaler_free(out);
	if (!fit->constant && !(fit->constant = ae_calloc(fit->columns, sizeof(*fit->constant), err)))
		return -1;
	int rc = fill(fit, out, err);
	fit->constants = 0;
	for (size_t j = 0; rc == 0 && j < fit->columns; j++) {
		if (!isfinite(out->center[j]) || !isfinite(out->scale[j]) || (out->mean && !isfinite(out->mean[j])))
			rc = ae_fail(err, "the values of column %zu are too large to scale", j + 1);
		bool spread = out->scale[j] != 0;
		fit->constant[j] |= !spread;
		fit->constants += fit->constant[j];
		if (!spread)
			out->scale[j] = fit->to ? fit->to->scale[j] : 1;
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
