/* SPDX-License-Identifier: MIT */
/* Element types, shapes, conversion between types, and missing values. */
#include "core/tensor.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/util.h"

const char *ae_type_name(enum ae_type type)
{
	static const char *const names[] = {"f32", "f64", "u8", "text"};
	return names[type];
}

size_t ae_type_size(enum ae_type type)
{
	static const size_t sizes[] = {4, 8, 1, 0};
	return sizes[type];
}

size_t ae_shape_size(const struct ae_shape *shape)
{
	size_t n = 1;
	for (uint32_t i = 0; i < shape->rank; i++)
		n *= shape->dim[i];
	return n;
}

int ae_shape_check_memory(const struct ae_shape *shape, struct ae_error *err)
{
	return ae_shape_size(shape) > SIZE_MAX / (4 * sizeof(double)) ? ae_fail_memory(err) : 0;
}

bool ae_shape_equal(const struct ae_shape *a, const struct ae_shape *b)
{
	return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof(a->dim[0])) == 0;
}

int ae_shape_check_size(
	const struct ae_shape *shape, const struct ae_shape *wanted, const char *name, struct ae_error *err)
{
	char got_text[AE_SHAPE_TEXT], wanted_text[AE_SHAPE_TEXT];
	if (ae_shape_size(shape) == ae_shape_size(wanted))
		return 0;
	return ae_fail(err, "column \"%s\": expected %zu values of shape %s, got %zu of shape %s", name,
		ae_shape_size(wanted), ae_shape_format(wanted, wanted_text), ae_shape_size(shape),
		ae_shape_format(shape, got_text));
}

struct ae_shape ae_shape_vector(size_t n)
{
	struct ae_shape shape = {.rank = 1, .dim = {(uint32_t)n}};
	return shape;
}

char *ae_shape_format(const struct ae_shape *shape, char *text)
{
	char *end = text;
	*end++ = '[';
	for (uint32_t i = 0; i < shape->rank; i++)
		end += sprintf(end, i ? ",%u" : "%u", shape->dim[i]);
	*end++ = ']';
	*end = '\0';
	return text;
}

int ae_shape_parse(struct ae_shape *shape, const char *text, struct ae_error *err)
{
	size_t len = strlen(text);
	const char *at = text;
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		at++;
		len -= 2;
	}
	const char *end = at + len;
	uint64_t total = 1;
	shape->rank = 0;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		char digits[16] = "";
		uint64_t dim;
		if (stop == at || (size_t)(stop - at) >= sizeof(digits) || shape->rank == AE_RANK_MAX)
			return ae_fail_usage(err, "\"%s\" is not a shape such as 140 or 28,28,1", text);
		memcpy(digits, at, (size_t)(stop - at));
		if (ae_parse_u64(&dim, digits, 1, INT32_MAX) != 0 || (total *= dim) > INT32_MAX)
			return ae_fail_usage(err, "\"%s\" is not a shape such as 140 or 28,28,1", text);
		shape->dim[shape->rank++] = (uint32_t)dim;
		at = comma ? comma + 1 : end;
	}
	if (shape->rank == 0 || end[-1] == ',')
		return ae_fail_usage(err, "\"%s\" is not a shape such as 140 or 28,28,1", text);
	return 0;
}

/* Vectors that every processor has. Two a step, so that the loop costs less than the memory. */
typedef float vec_f32 __attribute__((vector_size(16), aligned(4), may_alias));
typedef double vec_f64 __attribute__((vector_size(16), aligned(8), may_alias));
typedef int32_t vec_i32 __attribute__((vector_size(16), aligned(4), may_alias));
typedef double vec_4f64 __attribute__((vector_size(32), aligned(8), may_alias));

void ae_to_f64(double *out, const void *in, enum ae_type type, size_t n)
{
	if (type == AE_F64) {
		memcpy(out, in, n * sizeof(*out));
	} else if (type == AE_F32) {
		const float *values = in;
		size_t i = 0;
		for (; i + 4 <= n; i += 4) {
			const vec_4f64 four = __builtin_convertvector(*(const vec_f32 *)(values + i), vec_4f64);
			memcpy(out + i, &four, sizeof(four));
		}
		for (; i < n; i++)
			out[i] = values[i];
	} else {
		const uint8_t *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = values[i];
	}
}

/* Whether one of n values is larger in size than limit. NaN is not. */
#define ANY_ABOVE(name, type, vec, width)                                                                              \
	static bool name(const type *values, type limit, size_t n)                                                     \
	{                                                                                                              \
		vec_i32 above = {0};                                                                                   \
		size_t i = 0;                                                                                          \
		for (; i + 2 * (width) <= n; i += 2 * (width)) {                                                       \
			vec a = *(const vec *)(values + i), b = *(const vec *)(values + i + (width));                  \
			above |= (vec_i32)(a > limit) | (vec_i32)(a < -limit) | (vec_i32)(b > limit) |                 \
				 (vec_i32)(b < -limit);                                                                \
		}                                                                                                      \
		bool any = false;                                                                                      \
		for (size_t j = 0; j < 4; j++)                                                                         \
			any |= above[j] != 0;                                                                          \
		for (; i < n; i++)                                                                                     \
			any |= values[i] > limit || values[i] < -limit;                                                \
		return any;                                                                                            \
	}
ANY_ABOVE(any_f32, float, vec_f32, 4)
ANY_ABOVE(any_f64, double, vec_f64, 2)

void ae_to_f32(float *out, const void *in, enum ae_type type, size_t n)
{
	if (type == AE_F32) {
		memcpy(out, in, n * sizeof(*out));
	} else if (type == AE_F64) {
		const double *values = in;
		bool large = any_f64(values, (double)FLT_MAX, n);
		for (size_t i = 0; i < n; i++)
			out[i] = large ? ae_f32_of(values[i]) : (float)values[i];
	} else {
		const uint8_t *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = values[i];
	}
}

size_t ae_count_above(const void *values, enum ae_type type, double limit, size_t n, size_t *first)
{
	size_t count = 0;
	if (!(type == AE_F32 && any_f32(values, (float)limit, n)) && !(type == AE_F64 && any_f64(values, limit, n)))
		return 0;
	for (size_t i = n; i-- > 0;) {
		double value = type == AE_F32 ? (double)((const float *)values)[i] : ((const double *)values)[i];
		if (fabs(value) > limit) {
			*first = i;
			count++;
		}
	}
	return count;
}

size_t ae_count_beyond(const void *values, enum ae_type type, size_t n, size_t *first)
{
	return ae_count_above(values, type, (double)nextafterf(AE_BEYOND, 0), n, first);
}

void ae_saturate(float *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = values[i] > AE_BEYOND ? AE_BEYOND : values[i] < -AE_BEYOND ? -AE_BEYOND : values[i];
}

/* Whether the words of n whole vectors show no exponent of all ones, which is that of what is not finite. `infinity`
   has this exponent alone; a word of it that is 0 is the lower half of a double and shows nothing. */
static bool vectors_finite(const void *values, vec_i32 infinity, size_t n)
{
	const char *at = values;
	vec_i32 bad = {0}, shown = infinity | (infinity == 0);
	for (size_t i = 0; i + 2 <= n; i += 2, at += 2 * sizeof(vec_i32)) {
		vec_i32 a, b;
		memcpy(&a, at, sizeof(a));
		memcpy(&b, at + sizeof(a), sizeof(b));
		bad |= (vec_i32)((a & infinity) == shown) | (vec_i32)((b & infinity) == shown);
	}
	return (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
}

bool ae_all_finite(const float *values, size_t n)
{
	const float each[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
	vec_i32 infinity;
	memcpy(&infinity, each, sizeof(infinity));
	size_t whole = n / 8 * 8;
	bool finite = vectors_finite(values, infinity, whole / 4);
	for (size_t i = whole; i < n; i++)
		finite &= isfinite(values[i]) != 0;
	return finite;
}

bool ae_all_finite_f64(const double *values, size_t n)
{
	const double each[2] = {(double)INFINITY, (double)INFINITY};
	vec_i32 infinity;
	memcpy(&infinity, each, sizeof(infinity));
	size_t whole = n / 4 * 4;
	bool finite = vectors_finite(values, infinity, whole / 2);
	for (size_t i = whole; i < n; i++)
		finite &= isfinite(values[i]) != 0;
	return finite;
}

size_t ae_count_nan(const void *values, enum ae_type type, size_t n)
{
	const float *f32 = values;
	const double *f64 = values;
	size_t count = 0;
	if (type != AE_F32 && type != AE_F64)
		return 0;
	for (size_t i = 0; i < n; i++)
		count += type == AE_F32 ? isnan(f32[i]) : isnan(f64[i]);
	return count;
}

void ae_fill_nan(float *values, const float *other, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(values[i]))
			values[i] = other ? other[i] : 0;
}
