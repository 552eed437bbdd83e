/* SPDX-License-Identifier: MIT */
/* SIMD vectors of the width of the instruction set, in GCC's vector extension; only the fused multiply-add is an
   intrinsic. Only for the sources that are compiled once per instruction set. */
#ifndef AE_KERNELS_SIMD_H
#define AE_KERNELS_SIMD_H

#include <stddef.h>
#include <stdint.h>
#if defined(__FMA__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF)
#define HAVE_FMA 1
#else
#define HAVE_FMA 0
#endif

/* Lanes of a vector of floats. */
#if defined(AE_KERNEL_WIDTH)
#define W AE_KERNEL_WIDTH
#elif defined(__AVX512F__)
#define W 16
#elif defined(__AVX2__)
#define W 8
#else
#define W 4
#endif

/* No vector is passed between functions that are not inlined, so its calling convention does not matter. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(W * 4)));
typedef uint32_t vec_u32 __attribute__((vector_size(W * 4)));
typedef int32_t vec_i32 __attribute__((vector_size(W * 4))); /* also masks: -1 or 0 in a lane */
typedef uint8_t vec_u8 __attribute__((vector_size(W)));
/* W / 2 lanes: floats, and their conversion to double precision. */
typedef float vec_half __attribute__((vector_size(W * 2)));
typedef double vec_f64 __attribute__((vector_size(W * 4)));
typedef int64_t vec_i64 __attribute__((vector_size(W * 4)));

/* The same in memory, aligned as one element. */
typedef float mem_vec __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef float mem_vec_half __attribute__((vector_size(W * 2), aligned(4), may_alias));
typedef double mem_vec_f64 __attribute__((vector_size(W * 4), aligned(8), may_alias));
typedef uint8_t mem_vec_u8 __attribute__((vector_size(W), aligned(1), may_alias));

INLINE vec load(const float *p)
{
	return *(const mem_vec *)p;
}

INLINE vec_half load_half(const float *p)
{
	return *(const mem_vec_half *)p;
}

INLINE void store(float *p, vec v)
{
	*(mem_vec *)p = v;
}

INLINE vec splat(float s)
{
	return s - (vec){0};
}

/* a * b + c, a fused multiply-add where the instruction set has one, by name: what a compiler fuses by itself depends
   on its version and its options. The compiler makes vector instructions of the loop in simple kernels only. */
INLINE vec fma_(vec a, vec b, vec c)
{
#if defined(__AVX512F__) && W == 16
	return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__) && W == 8
	return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__) && W == 4
	return (vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif HAVE_FMA
	vec r;
	for (int i = 0; i < W; i++)
		r[i] = __builtin_fmaf(a[i], b[i], c[i]);
	return r;
#else
	return a * b + c;
#endif
}

/* The same of doubles. */
INLINE vec_f64 fma_f64(vec_f64 a, vec_f64 b, vec_f64 c)
{
#if defined(__AVX512F__) && W == 16
	return (vec_f64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__) && W == 8
	return (vec_f64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__) && W == 4
	return (vec_f64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif HAVE_FMA
	vec_f64 r;
	for (int i = 0; i < W / 2; i++)
		r[i] = __builtin_fma(a[i], b[i], c[i]);
	return r;
#else
	return a * b + c;
#endif
}

/* The same of single floats, in loops that the compiler makes vectors of. */
INLINE float fma_float(float a, float b, float c)
{
#if HAVE_FMA
	return __builtin_fmaf(a, b, c);
#else
	return a * b + c;
#endif
}

INLINE double fma_double(double a, double b, double c)
{
#if HAVE_FMA
	return __builtin_fma(a, b, c);
#else
	return a * b + c;
#endif
}

/* Square roots, rounded once. */
INLINE vec sqrt_(vec v)
{
#if defined(__AVX512F__) && W == 16
	return (vec)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__) && W == 8
	return (vec)_mm256_sqrt_ps((__m256)v);
#elif defined(__aarch64__) && W == 4
	return (vec)vsqrtq_f32((float32x4_t)v);
#else
	for (int i = 0; i < W; i++)
		v[i] = __builtin_sqrtf(v[i]);
	return v;
#endif
}

INLINE vec abs_(vec v)
{
	return (vec)((vec_i32)v & INT32_MAX);
}

/* v where the mask is set, else 0. */
INLINE vec mask_and(vec_i32 mask, vec v)
{
	return (vec)(mask & (vec_i32)v);
}

/* a where the mask is set, else b. */
INLINE vec blend(vec_i32 mask, vec a, vec b)
{
	return (vec)((mask & (vec_i32)a) | (~mask & (vec_i32)b));
}

/* The mask of the first `rows` lanes. */
INLINE vec_i32 lanes_below(size_t rows)
{
	vec_i32 mask = {0};
	for (size_t i = 0; i < W; i++)
		mask[i] = i < rows ? -1 : 0;
	return mask;
}

/* Between lo and hi; NaN stays NaN. */
INLINE vec clamp(vec x, float lo, float hi)
{
	x = blend(x < splat(lo), splat(lo), x);
	return blend(x > splat(hi), splat(hi), x);
}

INLINE vec_f64 abs_f64(vec_f64 x)
{
	return (vec_f64)((vec_i64)x & INT64_MAX);
}

INLINE vec_f64 blend_f64(vec_i64 mask, vec_f64 a, vec_f64 b)
{
	return (vec_f64)((mask & (vec_i64)a) | (~mask & (vec_i64)b));
}

/* The shuffles of one interleaving step: of the lower and of the upper halves of two vectors. */
#if W == 16
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define STEPS 4
#elif W == 8
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define STEPS 3
#else
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#define STEPS 2
#endif

#if W == 8
/* Transposes a W x W matrix of floats in place: elements, then pairs of them inside the halves of vectors, each step an
   instruction a vector, then the halves. */
INLINE void transpose(vec v[W])
{
	vec a[W], b[W];
	for (int i = 0; i < W; i += 2) {
		a[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		a[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
	for (int i = 0; i < W; i += 4)
		for (int j = 0; j < 2; j++) {
			b[i + 2 * j] = __builtin_shufflevector(a[i + j], a[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
			b[i + 2 * j + 1] = __builtin_shufflevector(a[i + j], a[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
		}
	for (int i = 0; i < W / 2; i++) {
		v[i] = __builtin_shufflevector(b[i], b[i + W / 2], 0, 1, 2, 3, 8, 9, 10, 11);
		v[i + W / 2] = __builtin_shufflevector(b[i], b[i + W / 2], 4, 5, 6, 7, 12, 13, 14, 15);
	}
}
#else
/* Transposes a W x W matrix of floats in place, in log2(W) steps that interleave vectors of the lower half with those
   of the upper half. */
INLINE void transpose(vec v[W])
{
	for (int step = 0; step < STEPS; step++) {
		vec r[W];
		for (int i = 0; i < W / 2; i++) {
			r[2 * i] = __builtin_shufflevector(v[i], v[i + W / 2], LOW);
			r[2 * i + 1] = __builtin_shufflevector(v[i], v[i + W / 2], HIGH);
		}
		for (int i = 0; i < W; i++)
			v[i] = r[i];
	}
}
#endif

/* Horizontal sums: lane i of the result is the sum of the lanes of v[i]. The steps are those of transpose(), with the
   two halves added at each. Overwrites v. */
INLINE vec sum_lanes(vec v[W])
{
#pragma GCC unroll 4
	for (int n = W / 2; n > 0; n /= 2)
#pragma GCC unroll 8
		for (int i = 0; i < n; i++)
			v[i] = __builtin_shufflevector(v[i], v[i + n], LOW) +
			       __builtin_shufflevector(v[i], v[i + n], HIGH);
	return v[0];
}

/* A name per instruction set: JOIN(AE_KERNELS, _conv). */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#endif
