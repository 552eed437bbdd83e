/* SPDX-License-Identifier: MIT */
/* A score has the same bits whatever flags a build is given: the Makefile undoes those that would change them (BITS)
   and includes this before every source, which refuses those that cannot be undone. */
#ifndef AE_CORE_ARITHMETIC_H
#define AE_CORE_ARITHMETIC_H

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "-ffast-math, -Ofast and -ffinite-math-only change the bits of scores, and NaN means missing: build without"
#endif
/* 16 is 0 on processors with half precision. */
#if __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "float must be computed as float, or scores have other bits: on i386 build with -msse2 -mfpmath=sse"
#endif
_Static_assert(sizeof(1.0) == sizeof(double), "-fsingle-precision-constant changes the bits of scores: build without");

#endif
