/* SPDX-License-Identifier: MIT */
/* Vectors of the target's own width for kernels.c: GCC's vector extension, no intrinsics. */
#ifndef AE_KERNELS_SIMD_H
#define AE_KERNELS_SIMD_H

#include <stddef.h>
#include <stdint.h>

#if defined(AE_KERNEL_WIDTH)
#define W AE_KERNEL_WIDTH
#elif defined(__AVX512F__)
#define W 16
#elif defined(__AVX2__)
#define W 8
#else
#define W 4
#endif

#if !defined(__clang__)
#pragma GCC optimize("fp-contract=fast")
#endif
/* No vector passes between functions that are not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(W * 4)));
typedef uint32_t bits __attribute__((vector_size(W * 4)));
typedef int32_t ints __attribute__((vector_size(W * 4)));
/* Half as many in double precision. */
typedef float half __attribute__((vector_size(W * 2)));
typedef double wide __attribute__((vector_size(W * 4)));
typedef int64_t wide_ints __attribute__((vector_size(W * 4)));
typedef uint8_t bytes __attribute__((vector_size(W)));

/* The same in memory, at any float's address. */
typedef float mem __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef float mem_half __attribute__((vector_size(W * 2), aligned(4), may_alias));
typedef double mem_wide __attribute__((vector_size(W * 4), aligned(8), may_alias));
typedef uint8_t mem_bytes __attribute__((vector_size(W), aligned(1), may_alias));

INLINE vec load(const float *p)
{
	return *(const mem *)p;
}

INLINE half load_half(const float *p)
{
	return *(const mem_half *)p;
}

INLINE void store(float *p, vec v)
{
	*(mem *)p = v;
}

INLINE vec splat(float s)
{
	return s - (vec){0};
}

/* a * b + c, rounded once where the processor can. GCC fuses the whole vector only by contraction (see the
   pragma above); where it does that in other expressions too, their order is as fixed. */
INLINE vec fma_(vec a, vec b, vec c)
{
#if defined(__clang__) && (defined(__FMA__) || defined(__ARM_FEATURE_FMA))
	vec r;
	for (int i = 0; i < W; i++)
		r[i] = __builtin_fmaf(a[i], b[i], c[i]);
	return r;
#else
	return a * b + c;
#endif
}

INLINE vec keep(ints mask, vec v)
{
	return (vec)(mask & (ints)v);
}

INLINE vec pick(ints mask, vec a, vec b)
{
	return (vec)((mask & (ints)a) | (~mask & (ints)b));
}

INLINE ints lanes_below(size_t rows)
{
	ints mask = {0};
	for (size_t i = 0; i < W; i++)
		mask[i] = i < rows ? -1 : 0;
	return mask;
}

INLINE vec clamp(vec x, float lo, float hi)
{
	x = pick(x < splat(lo), splat(lo), x);
	return pick(x > splat(hi), splat(hi), x);
}

INLINE wide wide_abs(wide x)
{
	return (wide)((wide_ints)x & INT64_MAX);
}

INLINE wide wide_pick(wide_ints mask, wide a, wide b)
{
	return (wide)((mask & (wide_ints)a) | (~mask & (wide_ints)b));
}

/* In log2(W) steps of interleaving, row i of v becomes column i. */
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

INLINE void turn(vec v[W])
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

/* Lane i of it is the sum of v[i]'s lanes: turn() with the halves added up at every step. Overwrites v. */
INLINE vec add_up(vec v[W])
{
#pragma GCC unroll 4
	for (int n = W / 2; n > 0; n /= 2)
#pragma GCC unroll 8
		for (int i = 0; i < n; i++)
			v[i] = __builtin_shufflevector(v[i], v[i + n], LOW) +
			       __builtin_shufflevector(v[i], v[i + n], HIGH);
	return v[0];
}

/* Names of an instruction set's own: JOIN(AE_KERNELS, _conv). */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#endif
