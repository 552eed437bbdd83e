/* SPDX-License-Identifier: MIT */
/* Unsigned integers of 128 bits, which compilers for 32-bit processors lack. Results are modulo 2^128; 0 <= bits < 128.
   AE_WIDE_OF_HALVES is for the test of what stands in for them. */
#ifndef AE_CORE_WIDE_H
#define AE_CORE_WIDE_H

#include <stdint.h>

#if defined(__SIZEOF_INT128__) && !defined(AE_WIDE_OF_HALVES)
__extension__ typedef unsigned __int128 ae_wide;

static inline ae_wide ae_wide_of(uint64_t low)
{
	return low;
}

static inline ae_wide ae_wide_bit(int bits)
{
	return (ae_wide)1 << bits;
}

static inline ae_wide ae_wide_product(uint64_t a, ae_wide b)
{
	return a * b;
}

static inline ae_wide ae_wide_sum(ae_wide a, ae_wide b)
{
	return a + b;
}

static inline ae_wide ae_wide_difference(ae_wide a, ae_wide b)
{
	return a - b;
}

/* The low 64 bits of a >> bits. */
static inline uint64_t ae_wide_shifted(ae_wide a, int bits)
{
	return (uint64_t)(a >> bits);
}
#else
typedef struct {
	uint64_t high, low;
} ae_wide;

static inline ae_wide ae_wide_of(uint64_t low)
{
	return (ae_wide){0, low};
}

static inline ae_wide ae_wide_bit(int bits)
{
	return bits < 64 ? (ae_wide){0, 1ULL << bits} : (ae_wide){1ULL << (bits - 64), 0};
}

static inline ae_wide ae_wide_product(uint64_t a, ae_wide b)
{
	uint64_t low = (a & UINT32_MAX) * (b.low & UINT32_MAX);
	uint64_t left = (a >> 32) * (b.low & UINT32_MAX) + (low >> 32);
	uint64_t right = (a & UINT32_MAX) * (b.low >> 32) + (left & UINT32_MAX);
	uint64_t high = (a >> 32) * (b.low >> 32) + (left >> 32) + (right >> 32);
	return (ae_wide){high + a * b.high, right << 32 | (low & UINT32_MAX)};
}

static inline ae_wide ae_wide_sum(ae_wide a, ae_wide b)
{
	return (ae_wide){a.high + b.high + (a.low + b.low < a.low), a.low + b.low};
}

static inline ae_wide ae_wide_difference(ae_wide a, ae_wide b)
{
	return (ae_wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline uint64_t ae_wide_shifted(ae_wide a, int bits)
{
	if (bits == 0)
		return a.low;
	return bits < 64 ? a.high << (64 - bits) | a.low >> bits : a.high >> (bits - 64);
}
#endif

#endif
