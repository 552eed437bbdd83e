/* SPDX-License-Identifier: MIT */
/* Element types and shapes: what streams, models and networks have in common. */
#ifndef AE_CORE_TENSOR_H
#define AE_CORE_TENSOR_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

enum ae_type { AE_F32, AE_F64, AE_U8, AE_TEXT };

#define AE_RANK_MAX 8

/* The shape of one row: [] is a single number, [28,28,1] is height, width, channels. */
struct ae_shape {
	uint32_t rank;
	uint32_t dim[AE_RANK_MAX];
};

/* "f32", "f64", "u8", "text". */
const char *ae_type_name(enum ae_type type);
/* Bytes an element takes; 0 for text. */
size_t ae_type_size(enum ae_type type);

/* Elements a row holds: the product of the dimensions, 1 for []. */
size_t ae_shape_size(const struct ae_shape *shape);
/* An error if a row as f64 takes more than a quarter of all addresses, which with 32 bits 2^31-1 elements do. */
int ae_shape_check_memory(const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;
bool ae_shape_equal(const struct ae_shape *a, const struct ae_shape *b);
/* An error unless both shapes hold equally many values: "column "NAME": expected ...". */
int ae_shape_check_size(const struct ae_shape *shape, const struct ae_shape *wanted, const char *name,
	struct ae_error *err) AE_MUST_CHECK;
/* The shape [n]. */
struct ae_shape ae_shape_vector(size_t n);
/* Writes "[28,28,1]" into text, which holds at least AE_SHAPE_TEXT bytes, and returns it. */
#define AE_SHAPE_TEXT (2 + AE_RANK_MAX * 11)
char *ae_shape_format(const struct ae_shape *shape, char *text);
/* Reads "28,28,1" or "[28,28,1]". A dimension of 0, a rank above AE_RANK_MAX or more than 2^31-1 elements is a usage
   error. */
int ae_shape_parse(struct ae_shape *shape, const char *text, struct ae_error *err) AE_MUST_CHECK;

/* What stands for a value that f32 cannot hold, with its sign. It is far from every reading, and sums of its square are
   finite in f64. */
#define AE_BEYOND 1e30f
/* From here on a number of f64 is one. AE_BEYOND is a bit more: what 1e30 in text becomes in f32. */
#define AE_BEYOND_F64 1e30

/* A number rounded to f32. What f32 cannot hold becomes AE_BEYOND with its sign; NaN stays. */
static inline float ae_f32_of(double value)
{
	float rounded = (float)value;
	return isinf(rounded) ? copysignf(AE_BEYOND, rounded) : rounded;
}

/* Converts n elements of a number type to f32 as ae_f32_of does. */
void ae_to_f32(float *out, const void *in, enum ae_type type, size_t n);
/* How many of n numbers are larger in size than limit; *first is the first of them if there is one. NaN is not. */
size_t ae_count_above(const void *values, enum ae_type type, double limit, size_t n, size_t *first);
/* How many are AE_BEYOND or more, which nothing is fitted on. */
size_t ae_count_beyond(const void *values, enum ae_type type, size_t n, size_t *first);
/* Brings n values within AE_BEYOND; NaN stays. */
void ae_saturate(float *values, size_t n);
/* Whether n values are neither infinite nor NaN. */
bool ae_all_finite(const float *values, size_t n);
bool ae_all_finite_f64(const double *values, size_t n);
/* Converts n elements of a number type to f64; exact. */
void ae_to_f64(double *out, const void *in, enum ae_type type, size_t n);

/* How many of n numbers are NaN, which stands for a missing value; u8 has none. */
size_t ae_count_nan(const void *values, enum ae_type type, size_t n);
/* Replaces each NaN by the value of `other` at its place, or by 0 if other is NULL. */
void ae_fill_nan(float *values, const float *other, size_t n);

#endif
