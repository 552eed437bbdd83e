/* SPDX-License-Identifier: MIT */
/* Philox4x32-10 and the distributions made of it. */
#include "core/rng.h"

#include <math.h>

void ae_rng(uint32_t out[4], uint64_t seed, uint64_t hi, uint64_t lo)
{
	uint32_t c0 = (uint32_t)lo, c1 = (uint32_t)(lo >> 32), c2 = (uint32_t)hi, c3 = (uint32_t)(hi >> 32);
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
	for (int round = 0; round < 10; round++) {
		uint64_t a = (uint64_t)0xd2511f53 * c0;
		uint64_t b = (uint64_t)0xcd9e8d57 * c2;
		c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
		c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
		c1 = (uint32_t)b;
		c3 = (uint32_t)a;
		k0 += 0x9e3779b9;
		k1 += 0xbb67ae85;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

/* Numbers 2i and 2i+1 of the stream, as one of 64 bits. */
static uint64_t pair(uint64_t seed, uint64_t hi, uint64_t i)
{
	uint32_t word[4];
	ae_rng(word, seed, hi, i / 2);
	size_t at = i % 2 * 2;
	return (uint64_t)word[at + 1] << 32 | word[at];
}

double ae_rng_uniform(uint64_t seed, uint64_t hi, uint64_t i)
{
	return (double)(pair(seed, hi, i) >> 11) * 0x1p-53;
}

double ae_rng_normal(uint64_t seed, uint64_t hi, uint64_t i)
{
	uint32_t word[4];
	ae_rng(word, seed, hi, i);
	double radius = (double)(((uint64_t)word[1] << 32 | word[0]) >> 11) * 0x1p-53;
	double angle = (double)(((uint64_t)word[3] << 32 | word[2]) >> 11) * 0x1p-53;
	return sqrt(-2 * log(1 - radius)) * cos(2 * M_PI * angle);
}

uint32_t ae_rng_below(uint64_t seed, uint64_t hi, uint64_t i, uint32_t bound)
{
	uint64_t low = (pair(seed, hi, i) & UINT32_MAX) * bound >> 32;
	return (uint32_t)(((pair(seed, hi, i) >> 32) * bound + low) >> 32);
}

void ae_rng_shuffle(uint32_t *index, size_t n, uint64_t seed, uint64_t hi)
{
	for (size_t i = n; i > 1; i--) {
		uint32_t at = ae_rng_below(seed, hi, n - i, (uint32_t)i);
		uint32_t moved = index[at];
		index[at] = index[i - 1];
		index[i - 1] = moved;
	}
}
