/* SPDX-License-Identifier: MIT */
/* Scalers: fitted on one stream, applied to others. Every method is x -> (x - center) / scale, in f64, rounded once. */
#ifndef AE_MODEL_SCALER_H
#define AE_MODEL_SCALER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/order.h"
#include "core/tensor.h"
#include "core/util.h"

struct ae_scaler_column; /* count, mean, variance, least and greatest value of a column */

/* A row of the table of methods in scaler_fit.c. It finds center and scale by one of two functions; with neither they
   are known without rows: 0 and K. */
struct ae_scaler_method {
	const char *name, *form; /* "div", "div:K" */
	/* From the statistics of a column. */
	void (*of_statistics)(const struct ae_scaler_column *column, double *center, double *scale);
	/* From its values, which it may put in another order; they are all kept in memory then. n is at least 1. */
	void (*of_values)(double *values, size_t n, double *center, double *scale);
};

/* A method and its number: K of div:K, else 0. */
struct ae_scaler_rule {
	const struct ae_scaler_method *method;
	double divisor;
};

/* The forms of all methods, "minmax" and so on (an ae_words). */
const char *ae_scaler_forms(size_t i);
/* The method whose name is name[0, len), NULL if there is none. */
const struct ae_scaler_method *ae_scaler_method_find(const char *name, size_t len);
/* Whether center and scale come from rows: all methods but div. */
bool ae_scaler_method_needs_rows(const struct ae_scaler_method *method);

/* All zero is an empty scaler. Owns its arrays; freed with ae_scaler_free. */
struct ae_scaler {
	const struct ae_scaler_method *method;
	bool per_tensor;        /* one center and scale for all; always so for div */
	double divisor;         /* of div, else 0 */
	size_t columns;         /* size of the last axis, 1 per tensor */
	double *center, *scale; /* of each column; scale is above 0 */
	double *mean;           /* of each column, unscaled, for --missing=mean; NULL for div */
};

/* Reads "minmax" or "div:255". A usage error if it is no method, or K is not above 0. */
int ae_scaler_parse(struct ae_scaler_rule *rule, const char *text, struct ae_error *err) AE_MUST_CHECK;

/* ---- fitting ---- */

/* Statistics gathered row by row; the result does not depend on how the rows are cut into calls. Holds about 100
   bytes an element of one row, from the first row on; robust holds all values in their own type besides. Freed with
   ae_scaler_fit_free. */
struct ae_scaler_fit;

int ae_scaler_fit_new(struct ae_scaler_fit **fit, const struct ae_scaler_rule *rule, bool per_tensor,
	const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;
/* Takes rows of the shape given to _new, of a number type that stays the same. NaN cells are left out. */
int ae_scaler_fit_rows(
	struct ae_scaler_fit *fit, const void *x, enum ae_type type, size_t rows, struct ae_error *err) AE_MUST_CHECK;
/* The first column that has no value yet, *columns if all have or need none; *columns is how many there are. */
size_t ae_scaler_fit_empty(const struct ae_scaler_fit *fit, size_t *columns);
/* Before _end: a column of fewer than `least` values gets center, scale and mean of a scaler of other rows, which have
   these columns, and one without spread its scale. It must live until _end. */
void ae_scaler_fit_fall_back(struct ae_scaler_fit *fit, const struct ae_scaler *to, uint64_t least);
/* A column without spread gets scale 1 and keeps its center; one without any value is an error.
   An infinite value, or a spread beyond the largest double, is an error. *out, all zero or in use, is filled. */
int ae_scaler_fit_end(struct ae_scaler_fit *fit, struct ae_scaler *out, struct ae_error *err) AE_MUST_CHECK;
/* After _end: how many columns have no spread or too few values; which[column] says which, and lives as long as fit. */
size_t ae_scaler_fit_constant(const struct ae_scaler_fit *fit, const bool **which);
void ae_scaler_fit_free(struct ae_scaler_fit *fit);

/* ---- using ---- */

/* Whether rows of this shape have the columns that the scaler has. */
bool ae_scaler_fits(const struct ae_scaler *scaler, const struct ae_shape *shape);
/* (x - center) / scale for rows of a shape that fits. NaN stays NaN; what is larger in size than AE_BEYOND becomes
   that. Returns how many values are AE_BEYOND in size. out may be in, if both are f32. */
size_t ae_scaler_apply(const struct ae_scaler *scaler, float *out, const void *in, enum ae_type type, size_t rows,
	const struct ae_shape *shape);
/* x * scale + center in f64; what f64 cannot hold becomes the largest double. Scaled values of AE_BEYOND or more in
   size stand for what f32 could not hold: they become AE_BEYOND with their sign. */
void ae_scaler_invert(
	const struct ae_scaler *scaler, double *out, const float *in, size_t rows, const struct ae_shape *shape);
/* The same, rounded to f32 as ae_to_f32 does; out may be in. */
void ae_scaler_invert_f32(
	const struct ae_scaler *scaler, float *out, const float *in, size_t rows, const struct ae_shape *shape);

/* Puts the mean of the fitted rows, in scaled units, in the place of each NaN of scaled rows of a shape that fits;
   rows of nothing but NaN stay. Returns how many were filled. Not with a div scaler, which has no mean. */
size_t ae_scaler_fill_missing(const struct ae_scaler *scaler, float *scaled, size_t rows, const struct ae_shape *shape);

/* Makes it the scaler of rows whose elements were put in order: of the columns in theirs. An order by which elements of
   one column go to several is an error. */
int ae_scaler_reorder(struct ae_scaler *scaler, const struct ae_order *order, struct ae_error *err) AE_MUST_CHECK;

/* Packs as a msgpack map, replacing what blob held; equal scalers give equal bytes. */
int ae_scaler_pack(const struct ae_scaler *scaler, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Fills *scaler, which is all zero or in use. Everything is checked: counts, finite numbers, scales
   above 0; an unknown key or method is an error, since it would change the values. Empty on failure. */
int ae_scaler_unpack(
	struct ae_scaler *scaler, const unsigned char *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;

/* One line: "minmax per tensor: center -6.28, scale 13.7" or "standard per column, 140 columns". Returns text. */
#define AE_SCALER_TEXT 160
char *ae_scaler_describe(const struct ae_scaler *scaler, char text[AE_SCALER_TEXT]);

void ae_scaler_free(struct ae_scaler *scaler);

#endif
