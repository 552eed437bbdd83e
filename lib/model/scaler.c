/* SPDX-License-Identifier: MIT */
/* Scalers in use: applying, inverting, packing. */
#include "model/scaler.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "core/number.h"

#define BLOCK 64

bool ae_scaler_fits(const struct ae_scaler *scaler, const struct ae_shape *shape)
{
	return scaler->per_tensor || scaler->columns == (shape->rank > 0 ? shape->dim[shape->rank - 1] : 1);
}

/* One value a column, seen as a sequence without end that repeats every `columns` values. */
struct cycle {
	const double *values;
	size_t columns;
	size_t at; /* where window begins, SIZE_MAX before the first */
	double window[BLOCK];
};

/* BLOCK values from position at on. */
static const double *cycle_window(struct cycle *cycle, size_t at)
{
	at %= cycle->columns;
	if (at + BLOCK <= cycle->columns)
		return cycle->values + at;
	if (cycle->at == at)
		return cycle->window;
	cycle->at = at;
	for (size_t i = 0; i < BLOCK; i++) {
		cycle->window[i] = cycle->values[at];
		at = at + 1 < cycle->columns ? at + 1 : 0;
	}
	return cycle->window;
}

static void cycle_init(struct cycle *cycle, const struct ae_scaler *scaler, const double *values)
{
	cycle->values = values;
	cycle->columns = scaler->columns;
	cycle->at = SIZE_MAX;
}

static inline void scale_values(float *y, const double *x, const double *center, const double *scale, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = (float)((x[i] - center[i]) / scale[i]);
}

/* The last values of a call, fewer than a block, where the cycle does not begin again within them. */
static bool is_short(const struct cycle *cycle, size_t at, size_t n)
{
	return n < BLOCK && at % cycle->columns + n <= cycle->columns;
}

size_t ae_scaler_apply(const struct ae_scaler *scaler, float *out, const void *in, enum ae_type type, size_t rows,
	const struct ae_shape *shape)
{
	struct cycle centers, scales;
	size_t total = rows * ae_shape_size(shape), beyond = 0, first;
	double copy[BLOCK];
	float last[BLOCK];
	cycle_init(&centers, scaler, scaler->center);
	cycle_init(&scales, scaler, scaler->scale);
	for (size_t at = 0; at < total; at += BLOCK) {
		size_t n = total - at < BLOCK ? total - at : BLOCK, column = at % centers.columns;
		bool few = is_short(&centers, at, n);
		const double *x = type == AE_F64 && n == BLOCK ? (const double *)in + at : copy;
		float *y = n == BLOCK ? out + at : last;
		if (n < BLOCK && !few)
			memset(copy, 0, sizeof(copy));
		if (x == copy)
			ae_to_f64(copy, (const unsigned char *)in + at * ae_type_size(type), type, n);
		if (few)
			scale_values(y, x, scaler->center + column, scaler->scale + column, n);
		else
			scale_values(y, x, cycle_window(&centers, at), cycle_window(&scales, at), BLOCK);
		if (ae_count_beyond(y, AE_F32, n, &first) > 0) {
			ae_saturate(y, n);
			beyond += ae_count_beyond(y, AE_F32, n, &first);
		}
		if (y == last)
			memcpy(out + at, y, n * sizeof(*out));
	}
	return beyond;
}

/* A block in original units: n values, at most BLOCK, from position at on. */
static void invert_block(
	struct cycle *centers, struct cycle *scales, double y[BLOCK], const float *in, size_t at, size_t n)
{
	const double *center = cycle_window(centers, at);
	const double *scale = cycle_window(scales, at);
	float x[BLOCK] = {0};
	memcpy(x, in + at, n * sizeof(*in));
	for (size_t i = 0; i < BLOCK; i++)
		y[i] = (double)x[i] * scale[i] + center[i];
	size_t first;
	if (ae_count_beyond(x, AE_F32, n, &first) == 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (fabsf(x[i]) >= AE_BEYOND)
			y[i] = copysign(AE_BEYOND_F64, (double)x[i]);
}

void ae_scaler_invert(
	const struct ae_scaler *scaler, double *out, const float *in, size_t rows, const struct ae_shape *shape)
{
	struct cycle centers, scales;
	size_t total = rows * ae_shape_size(shape), first;
	double y[BLOCK];
	cycle_init(&centers, scaler, scaler->center);
	cycle_init(&scales, scaler, scaler->scale);
	for (size_t at = 0; at < total; at += BLOCK) {
		size_t n = total - at < BLOCK ? total - at : BLOCK;
		invert_block(&centers, &scales, y, in, at, n);
		if (ae_count_above(y, AE_F64, DBL_MAX, BLOCK, &first) > 0)
			for (size_t i = 0; i < n; i++)
				y[i] = isinf(y[i]) ? copysign(DBL_MAX, y[i]) : y[i];
		memcpy(out + at, y, n * sizeof(*out));
	}
}

void ae_scaler_invert_f32(
	const struct ae_scaler *scaler, float *out, const float *in, size_t rows, const struct ae_shape *shape)
{
	struct cycle centers, scales;
	size_t total = rows * ae_shape_size(shape), first;
	double y[BLOCK];
	float rounded[BLOCK];
	cycle_init(&centers, scaler, scaler->center);
	cycle_init(&scales, scaler, scaler->scale);
	for (size_t at = 0; at < total; at += BLOCK) {
		size_t n = total - at < BLOCK ? total - at : BLOCK;
		invert_block(&centers, &scales, y, in, at, n);
		for (size_t i = 0; i < BLOCK; i++)
			rounded[i] = (float)y[i];
		if (ae_count_beyond(rounded, AE_F32, BLOCK, &first) > 0)
			ae_to_f32(rounded, y, AE_F64, BLOCK);
		memcpy(out + at, rounded, n * sizeof(*out));
	}
}

size_t ae_scaler_fill_missing(const struct ae_scaler *scaler, float *scaled, size_t rows, const struct ae_shape *shape)
{
	size_t size = ae_shape_size(shape), filled = 0;
	for (size_t row = 0; row < rows; row++, scaled += size) {
		size_t holes = ae_count_nan(scaled, AE_F32, size);
		for (size_t i = 0; holes < size && i < size; i++) {
			size_t c = i % scaler->columns;
			if (isnan(scaled[i]))
				scaled[i] = (float)((scaler->mean[c] - scaler->center[c]) / scaler->scale[c]);
		}
		filled += holes < size ? holes : 0;
	}
	return filled;
}

/* The order of the columns that an order of all elements makes: false if there is none. */
static bool order_of_columns(struct ae_order *out, const struct ae_order *order)
{
	if (order->count % out->count != 0)
		return false;
	for (size_t i = 0; i < order->count; i++) {
		size_t from = order->from[i] % out->count;
		if (i < out->count)
			out->from[i] = from;
		else if (out->from[i % out->count] != from)
			return false;
	}
	return true;
}

int ae_scaler_reorder(struct ae_scaler *scaler, const struct ae_order *order, struct ae_error *err)
{
	struct ae_order columns = {.count = scaler->columns};
	if (scaler->columns == 1)
		return 0;
	columns.from = ae_calloc(scaler->columns, sizeof(*columns.from), err);
	columns.group = ae_calloc(scaler->columns, sizeof(double), err);
	int rc = columns.from && columns.group ? 0 : -1;
	if (rc == 0 && !order_of_columns(&columns, order))
		rc = ae_fail(err, "x in another order does not go with its scaler of %zu columns", scaler->columns);
	if (rc == 0) {
		ae_order_apply(&columns, scaler->center, sizeof(double), scaler->columns);
		ae_order_apply(&columns, scaler->scale, sizeof(double), scaler->columns);
		if (scaler->mean)
			ae_order_apply(&columns, scaler->mean, sizeof(double), scaler->columns);
	}
	ae_order_free(&columns);
	return rc;
}

int ae_scaler_pack(const struct ae_scaler *scaler, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, scaler->mean ? 6 : 5);
	ae_pack_str(&pack, "method");
	ae_pack_str(&pack, scaler->method->name);
	ae_pack_str(&pack, "per");
	ae_pack_str(&pack, scaler->per_tensor ? "tensor" : "column");
	ae_pack_str(&pack, "columns");
	ae_pack_u64(&pack, scaler->columns);
	ae_pack_str(&pack, "center");
	ae_pack_f64s(&pack, scaler->center, scaler->columns);
	ae_pack_str(&pack, "scale");
	ae_pack_f64s(&pack, scaler->scale, scaler->columns);
	if (scaler->mean) {
		ae_pack_str(&pack, "mean");
		ae_pack_f64s(&pack, scaler->mean, scaler->columns);
	}
	return pack.failed ? -1 : 0;
}

static int take_numbers(
	double **numbers, size_t columns, const struct ae_value *value, double above, struct ae_error *err)
{
	size_t n;
	free(*numbers);
	*numbers = NULL;
	if (ae_value_f64s(value, numbers, &n, err) != 0 || n != columns)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite((*numbers)[i]) || !((*numbers)[i] > above))
			return -1;
	}
	return 0;
}

/* Fills the scaler; returns the key whose value is bad or missing, NULL if all is well. *err has a text where memory
   ran out. */
static const char *take_map(struct ae_scaler *scaler, const struct ae_value *map, struct ae_error *err)
{
	const char *name;
	char per[8];
	size_t len;
	uint64_t columns;
	if (ae_value_str(ae_value_get(map, "method"), &name, &len) != 0 ||
		!(scaler->method = ae_scaler_method_find(name, len)))
		return "method";
	bool fitted = ae_scaler_method_needs_rows(scaler->method);
	if (ae_value_word(ae_value_get(map, "per"), per, sizeof(per)) != 0)
		return "per";
	scaler->per_tensor = strcmp(per, "tensor") == 0;
	if (!scaler->per_tensor && (strcmp(per, "column") != 0 || !fitted))
		return "per";
	if (ae_value_u64(ae_value_get(map, "columns"), &columns) != 0 || columns < 1 || columns > INT32_MAX ||
		(scaler->per_tensor && columns != 1))
		return "columns";
	scaler->columns = (size_t)columns;
	if (take_numbers(&scaler->center, scaler->columns, ae_value_get(map, "center"), -INFINITY, err) != 0)
		return "center";
	if (take_numbers(&scaler->scale, scaler->columns, ae_value_get(map, "scale"), 0, err) != 0)
		return "scale";
	if (!fitted) {
		scaler->divisor = scaler->scale[0];
		return ae_value_get(map, "mean") ? "mean" : scaler->center[0] != 0 ? "center" : NULL;
	}
	return take_numbers(&scaler->mean, scaler->columns, ae_value_get(map, "mean"), -INFINITY, err) != 0 ? "mean"
													    : NULL;
}

static int check_keys(const struct ae_value *map, struct ae_error *err)
{
	static const char *const keys[] = {"method", "per", "columns", "center", "scale", "mean", NULL};
	if (!ae_value_is_map(map))
		return ae_fail(err, "scaler: not a map");
	const char *key;
	size_t len;
	const struct ae_value *value;
	for (struct ae_walk walk = ae_walk_in(map); ae_walk_pair(&walk, &key, &len, &value);) {
		size_t k = 0;
		while (keys[k] && !(key && len == strlen(keys[k]) && memcmp(key, keys[k], len) == 0))
			k++;
		if (!keys[k])
			return ae_fail(err, "scaler: unknown key \"%.*s\"", key ? (int)len : 0, key ? key : "");
	}
	return 0;
}

int ae_scaler_unpack(struct ae_scaler *scaler, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	ae_scaler_free(scaler);
	const struct ae_value *map = ae_value_packed(bytes, len, "scaler", err);
	if (!map)
		return -1;
	int rc = check_keys(map, err);
	struct ae_error why = {0};
	const char *bad = rc == 0 ? take_map(scaler, map, &why) : NULL;
	if (bad)
		rc = ae_fail_or(err, &why, "scaler: bad or missing \"%s\"", bad);
	if (rc != 0)
		ae_scaler_free(scaler);
	return rc;
}

char *ae_scaler_describe(const struct ae_scaler *scaler, char text[AE_SCALER_TEXT])
{
	char center[AE_NUMBER_TEXT], scale[AE_NUMBER_TEXT];
	ae_number_format_f64(center, scaler->center[0]);
	ae_number_format_f64(scale, scaler->scale[0]);
	const char *name = scaler->method->name;
	if (!ae_scaler_method_needs_rows(scaler->method))
		snprintf(text, AE_SCALER_TEXT, "%s:%s", name, scale);
	else if (scaler->per_tensor)
		snprintf(text, AE_SCALER_TEXT, "%s per tensor: center %s, scale %s", name, center, scale);
	else
		snprintf(text, AE_SCALER_TEXT, "%s per column, %zu column%s", name, scaler->columns,
			scaler->columns == 1 ? "" : "s");
	return text;
}

void ae_scaler_free(struct ae_scaler *scaler)
{
	free(scaler->center);
	free(scaler->scale);
	free(scaler->mean);
	*scaler = (struct ae_scaler){0};
}
