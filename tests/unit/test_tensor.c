/* SPDX-License-Identifier: MIT */
/* What is looked at in whole vectors against one value at a time: what is not finite, and conversion to f32. And sizes
   that are too large. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "core/tensor.h"
#include "core/util.h"
#include "io/batch.h"

enum { MOST = 2100 };
static float f32[MOST];
static double f64[MOST];

static const double strange[] = {(double)NAN, -(double)NAN, (double)INFINITY, -(double)INFINITY};

static void fill(void)
{
	for (size_t i = 0; i < MOST; i++) {
		/* exponents up to the largest, and the smallest numbers */
		f32[i] = i % 3 == 0 ? FLT_MAX : i % 3 == 1 ? -FLT_TRUE_MIN : 1.5F;
		f64[i] = i % 3 == 0 ? -DBL_MAX : i % 3 == 1 ? DBL_TRUE_MIN : 1.5;
	}
}

static size_t first_bad(enum ae_type type, size_t n, bool missing, enum ae_role role)
{
	struct ae_column column = {.type = type, .missing = missing, .role = role};
	return ae_column_first_bad(&column, type == AE_F32 ? (const void *)f32 : f64, n);
}

static void check_finite(void)
{
	static const size_t sizes[] = {0, 1, 3, 4, 7, 8, 9, 140, 1023, 1024, 1025, 2100};
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		size_t n = sizes[s];
		fill();
		CHECK(ae_all_finite(f32, n) && ae_all_finite_f64(f64, n), "%zu finite values", n);
		CHECK(first_bad(AE_F32, n, false, AE_X) == n && first_bad(AE_F64, n, false, AE_X) == n, "%zu", n);
		for (size_t at = 0; at < n; at += n < 200 ? 1 : 97) {
			for (size_t k = 0; k < 4; k++) {
				bool is_nan = isnan(strange[k]);
				fill();
				f32[at] = (float)strange[k];
				f64[at] = strange[k];
				CHECK(!ae_all_finite(f32, n) && !ae_all_finite_f64(f64, n), "%zu of %zu", at, n);
				CHECK(first_bad(AE_F32, n, false, AE_X) == at, "f32 %zu of %zu", at, n);
				CHECK(first_bad(AE_F64, n, false, AE_X) == at, "f64 %zu of %zu", at, n);
				CHECK(first_bad(AE_F64, n, true, AE_X) == (is_nan ? n : at), "missing, %zu", at);
				CHECK(first_bad(AE_F32, n, false, AE_ERR) == (is_nan ? at : n), "err, %zu", at);
			}
		}
	}
	check_group("what is not finite");
}

static void check_conversion(void)
{
	const double values[] = {0, -0.0, 1.1, FLT_MAX, -FLT_MAX, 3.4028235677973362e38, 3.4028235677973366e38, 1e39,
		-1e300, (double)NAN, -(double)INFINITY, 1e-50};
	size_t n = sizeof(values) / sizeof(*values);
	float out[sizeof(values) / sizeof(*values)];
	for (size_t count = 1; count <= n; count++) {
		ae_to_f32(out, values, AE_F64, count);
		for (size_t i = 0; i < count; i++) {
			float wanted = ae_f32_of(values[i]);
			CHECK(memcmp(&out[i], &wanted, sizeof(wanted)) == 0 || (isnan(out[i]) && isnan(wanted)),
				"%g: %g, not %g", values[i], (double)out[i], (double)wanted);
		}
	}
	check_group("f64 to f32");
}

/* Sizes that 32 bits do not hold. */
static void check_sizes(void)
{
	static const char *const large[] = {"65536,65536", "65536,32768", "4,1073741825", "65536,65536,65536,65536"};
	struct ae_shape shape = {.rank = 2, .dim = {INT32_MAX, 1}};
	struct ae_error err;
	for (size_t i = 0; i < sizeof(large) / sizeof(*large); i++)
		CHECK(ae_shape_parse(&shape, large[i], &err) != 0 && err.status == AE_STATUS_USAGE, "%s", large[i]);
	CHECK(ae_product(6, 7) == 42 && ae_product(0, SIZE_MAX) == 0 && ae_product(SIZE_MAX, 1) == SIZE_MAX, "%zu",
		ae_product(6, 7));
	CHECK(ae_product(SIZE_MAX / 2 + 1, 2) == SIZE_MAX, "%zu", ae_product(SIZE_MAX / 2 + 1, 2));

	shape = ae_shape_vector(INT32_MAX);
	CHECK((ae_shape_check_memory(&shape, &err) == 0) == (SIZE_MAX > UINT32_MAX), "2^31-1 values");
	shape = ae_shape_vector(SIZE_MAX / 32 < INT32_MAX ? SIZE_MAX / 32 : INT32_MAX);
	CHECK(ae_shape_check_memory(&shape, &err) == 0, "%s", err.text);
	check_group("sizes that 32 bits do not hold");
}

int main(void)
{
	check_sizes();
	check_finite();
	check_conversion();
	return check_done();
}
