/* SPDX-License-Identifier: MIT */
/* A sum in order waits for each addition: the sums of several rows do so at the same time, two rows in one vector. */
#include "model/score_rows.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* Vectors that every processor has, and one of two of them. */
typedef float quad_f32 __attribute__((vector_size(16)));
typedef int32_t quad_i32 __attribute__((vector_size(16)));
typedef double pair_f64 __attribute__((vector_size(16)));
typedef int64_t pair_i64 __attribute__((vector_size(16)));
typedef double quad_f64 __attribute__((vector_size(32)));

/* Above it a reading may stand for one that f32 cannot hold (AE_BEYOND). */
#define LARGE 1e29f

INLINE void to_f64(pair_f64 out[2], quad_f32 in)
{
	const quad_f64 all = __builtin_convertvector(in, quad_f64);
	memcpy(out, &all, sizeof(all));
}

/* The errors of four elements of a row; notes large readings. */
INLINE void take_errors(pair_f64 gap[2], quad_i32 *large, const float *recon, const float *reference, bool squares)
{
	quad_f32 y, x;
	pair_f64 left[2], right[2];
	memcpy(&y, recon, sizeof(y));
	memcpy(&x, reference, sizeof(x));
	*large |= (quad_i32)((quad_f32)((quad_i32)x & INT32_MAX) > LARGE);
	to_f64(left, y);
	to_f64(right, x);
	for (int i = 0; i < 2; i++) {
		gap[i] = left[i] - right[i];
		gap[i] = squares ? gap[i] * gap[i] : (pair_f64)((pair_i64)gap[i] & INT64_MAX);
	}
}

/* Adds those of two rows to their sums, element by element. */
INLINE pair_f64 add_errors(
	pair_f64 sum, quad_i32 *large, const float *recon, const float *reference, size_t stride, bool squares)
{
	pair_f64 a[2], b[2];
	take_errors(a, large, recon, reference, squares);
	take_errors(b, large, recon + stride, reference + stride, squares);
	sum += __builtin_shufflevector(a[0], b[0], 0, 2);
	sum += __builtin_shufflevector(a[0], b[0], 1, 3);
	sum += __builtin_shufflevector(a[1], b[1], 0, 2);
	return sum + __builtin_shufflevector(a[1], b[1], 1, 3);
}

INLINE bool score(
	const float *recon, const float *reference, size_t stride, size_t n, double result[AE_SCORE_ROWS], bool squares)
{
	pair_f64 sum[2] = {{0}};
	quad_i32 large = {0};
	bool plain = n > 0;
	size_t whole = n / 4 * 4;
	for (size_t i = 0; i < whole; i += 4) {
		const float *y = recon + i, *x = reference + i;
		sum[0] = add_errors(sum[0], &large, y, x, stride, squares);
		sum[1] = add_errors(sum[1], &large, y + 2 * stride, x + 2 * stride, stride, squares);
	}
	for (size_t r = 0; r < AE_SCORE_ROWS; r++) {
		double s = sum[r / 2][r % 2];
		for (size_t i = whole; i < n; i++) {
			float reading = reference[r * stride + i];
			double gap = (double)recon[r * stride + i] - (double)reading;
			s += squares ? gap * gap : fabs(gap);
			plain &= fabsf(reading) <= LARGE;
		}
		plain &= !isnan(s);
		result[r] = s / (double)n;
	}
	return plain && (large[0] | large[1] | large[2] | large[3]) == 0;
}

bool ae_score_rows_absolute(
	const float *recon, const float *reference, size_t stride, size_t n, double result[AE_SCORE_ROWS])
{
	return score(recon, reference, stride, n, result, false);
}

bool ae_score_rows_squared(
	const float *recon, const float *reference, size_t stride, size_t n, double result[AE_SCORE_ROWS])
{
	return score(recon, reference, stride, n, result, true);
}

bool ae_score_rows_root(
	const float *recon, const float *reference, size_t stride, size_t n, double result[AE_SCORE_ROWS])
{
	bool plain = score(recon, reference, stride, n, result, true);
	for (size_t r = 0; r < AE_SCORE_ROWS; r++)
		result[r] = sqrt(result[r]);
	return plain;
}
