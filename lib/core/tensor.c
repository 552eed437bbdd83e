/* SPDX-License-Identifier: MIT */
/* Element types, shapes, conversion between types, and missing values. */
#include "core/tensor.h"

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
	size_t total = 1;
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

void ae_to_f32(float *out, const void *in, enum ae_type type, size_t n)
{
	if (type == AE_F32) {
		memcpy(out, in, n * sizeof(*out));
	} else if (type == AE_F64) {
		const double *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = ae_f32_of(values[i]);
	} else {
		const uint8_t *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = values[i];
	}
}

void ae_to_f64(double *out, const void *in, enum ae_type type, size_t n)
{
	if (type == AE_F64) {
		memcpy(out, in, n * sizeof(*out));
	} else if (type == AE_F32) {
		const float *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = values[i];
	} else {
		const uint8_t *values = in;
		for (size_t i = 0; i < n; i++)
			out[i] = values[i];
	}
}

/* Loops over blocks of constant size, without a branch, so that compilers make vectors of them. */
enum { BLOCK = 16 };

/* The largest size among n values; NaN has none. */
#define MOST(name, type, abs)                                                                                          \
	static type name(const type *values, size_t n)                                                                 \
	{                                                                                                              \
		type most[BLOCK] = {0};                                                                                \
		size_t i = 0;                                                                                          \
		for (; i + BLOCK <= n; i += BLOCK)                                                                     \
			for (size_t j = 0; j < BLOCK; j++) {                                                           \
				type size = abs(values[i + j]);                                                        \
				most[j] = size > most[j] ? size : most[j];                                             \
			}                                                                                              \
		for (; i < n; i++)                                                                                     \
			most[0] = abs(values[i]) > most[0] ? abs(values[i]) : most[0];                                 \
		for (size_t j = 1; j < BLOCK; j++)                                                                     \
			most[0] = most[j] > most[0] ? most[j] : most[0];                                               \
		return most[0];                                                                                        \
	}
MOST(most_f32, float, fabsf)
MOST(most_f64, double, fabs)

size_t ae_count_above(const void *values, enum ae_type type, double limit, size_t n, size_t *first)
{
	size_t count = 0;
	if ((type != AE_F32 || !((double)most_f32(values, n) > limit)) &&
		(type != AE_F64 || !(most_f64(values, n) > limit)))
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

bool ae_all_finite(const float *values, size_t n)
{
	int32_t most[BLOCK] = {0}, bits[BLOCK];
	size_t i = 0;
	for (; i + BLOCK <= n; i += BLOCK) {
		memcpy(bits, values + i, sizeof(bits));
		for (size_t j = 0; j < BLOCK; j++) {
			int32_t size = bits[j] & INT32_MAX;
			most[j] = size > most[j] ? size : most[j];
		}
	}
	for (; i < n; i++)
		if (!isfinite(values[i]))
			return false;
	for (size_t j = 1; j < BLOCK; j++)
		most[0] = most[j] > most[0] ? most[j] : most[0];
	return most[0] < 0x7f800000;
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
