/* SPDX-License-Identifier: MIT */
/* CRC-32 by carry-less multiplication where the processor has it, else by zlib. */
#include "core/crc32.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define CLMUL __attribute__((target("sse4.1,pclmul")))
enum { STEP = 64, LEAST = 4 * STEP }; /* below that zlib is as fast */

CLMUL static inline __m128i load(const unsigned char *bytes)
{
	return _mm_loadu_si128((const void *)bytes);
}

/* Moves `part` by as many bits as the constants k stand for, and adds what stands there. */
CLMUL static inline __m128i fold(__m128i part, __m128i k, __m128i there)
{
	return _mm_xor_si128(
		_mm_xor_si128(_mm_clmulepi64_si128(part, k, 0x00), _mm_clmulepi64_si128(part, k, 0x11)), there);
}

/* From 128 bits to 32: the last fold, and Barrett's reduction. */
CLMUL static uint32_t reduce(__m128i x)
{
	const __m128i low = _mm_setr_epi32(-1, 0, -1, 0);
	const __m128i k4 = _mm_set_epi64x(0xccaa009e, 0x1751997d0), k5 = _mm_set_epi64x(0, 0x163cd6124);
	const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
	x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, k4, 0x10));
	x = _mm_xor_si128(_mm_srli_si128(x, 4), _mm_clmulepi64_si128(_mm_and_si128(x, low), k5, 0x00));
	__m128i y = _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(x, low), polynomial, 0x10), low);
	return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, _mm_clmulepi64_si128(y, polynomial, 0x00)), 1);
}

/* Of a multiple of 64 bytes, LEAST at least, without the inversions before and after. Gopal et al., "Fast CRC
   Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009. */
CLMUL static uint32_t fold_all(uint32_t sum, const unsigned char *bytes, size_t len)
{
	const __m128i by_512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	const __m128i by_128 = _mm_set_epi64x(0xccaa009e, 0x1751997d0);
	__m128i x[4];
	for (size_t i = 0; i < 4; i++)
		x[i] = load(bytes + 16 * i);
	x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)sum));
	for (size_t at = STEP; at < len; at += STEP)
		for (size_t i = 0; i < 4; i++)
			x[i] = fold(x[i], by_512, load(bytes + at + 16 * i));
	for (size_t i = 1; i < 4; i++)
		x[i] = fold(x[i - 1], by_128, x[i]);
	return reduce(x[3]);
}

uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len)
{
	if (len < LEAST || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
		return (uint32_t)crc32_z(sum, bytes, len);
	const unsigned char *at = bytes;
	size_t rest = len % STEP;
	return (uint32_t)crc32_z(~fold_all(~sum, at, len - rest), at + len - rest, rest);
}

#else

uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len)
{
	return (uint32_t)crc32_z(sum, bytes, len);
}

#endif
