/* SPDX-License-Identifier: MIT */
/* Philox4x32-10 (Salmon et al. 2011): random numbers as a stateless function of a key and a counter. No state, so any
   thread may ask for any number in any order. */
#ifndef AE_CORE_RNG_H
#define AE_CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* The uses of random numbers, the top byte of `hi`: no two uses share a counter. */
enum ae_rng_use { AE_RNG_INIT = 1, AE_RNG_SHUFFLE, AE_RNG_DROPOUT, AE_RNG_NOISE, AE_RNG_SAMPLE, AE_RNG_BOOTSTRAP };
#define AE_RNG_HI(use, n) ((uint64_t)(use) << 56 | (n))

/* Four words from a seed and a 128-bit counter. */
void ae_rng(uint32_t out[4], uint64_t seed, uint64_t hi, uint64_t lo);

/* The i-th number of the stream (seed, hi): */
/* Uniform in [0, 1), a multiple of 2^-53. */
double ae_rng_uniform(uint64_t seed, uint64_t hi, uint64_t i);
/* Normal, of mean 0 and standard deviation 1 (Box and Muller 1958). */
double ae_rng_normal(uint64_t seed, uint64_t hi, uint64_t i);
/* Uniform in [0, bound) by the i-th number, without bias beyond 2^-32; bound is at least 1. */
uint32_t ae_rng_below(uint64_t seed, uint64_t hi, uint64_t i, uint32_t bound);

/* Puts n indices in random order (Fisher and Yates), a function of (seed, hi) and the order they had. */
void ae_rng_shuffle(uint32_t *index, size_t n, uint64_t seed, uint64_t hi);

#endif
