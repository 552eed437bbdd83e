/* SPDX-License-Identifier: MIT */
/* CRC-32, through libdeflate; and of parts that were summed apart. A sum is a polynomial over GF(2) modulo that of
   CRC-32, the highest power in the lowest bit; bytes behind it multiply it by a power of x (Williams, A Painless Guide
   to CRC Error Detection Algorithms, 1993). */
#include "core/crc32.h"

#include <libdeflate.h>

uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len)
{
	return libdeflate_crc32(sum, bytes, len);
}

/* a b modulo the polynomial. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;
	for (int i = 0; i < 32; i++, a <<= 1) {
		product ^= b & (0 - (a >> 31));
		b = b >> 1 ^ (0xedb88320 & (0 - (b & 1)));
	}
	return product;
}

uint32_t ae_crc32_join(uint32_t a, uint32_t b, size_t len)
{
	/* x to the power of 2^i, each the square of the one before, and the first that of the last. */
	static const uint32_t powers[32] = {0x40000000, 0x20000000, 0x08000000, 0x00800000, 0x00008000, 0xedb88320,
		0xb1e6b092, 0xa06a2517, 0xed627dae, 0x88d14467, 0xd7bbfe6a, 0xec447f11, 0x8e7ea170, 0x6427800e,
		0x4d47bae0, 0x09fe548f, 0x83852d0f, 0x30362f1a, 0x7b5a9cc3, 0x31fec169, 0x9fec022a, 0x6c8dedc4,
		0x15d6874d, 0x5fde7a4e, 0xbad90e37, 0x2e4e5eef, 0x4eaba214, 0xa8a472c0, 0x429a969e, 0x148d302a,
		0xc40ba6d0, 0xc4e22c3c};
	for (unsigned i = 3; len > 0; i++, len >>= 1) /* 8 bits a byte */
		if (len & 1)
			a = multiply(powers[i % 32], a);
	return a ^ b;
}

uint32_t ae_crc32_of_runs(uint32_t sum, const unsigned char *bytes, size_t first, size_t end,
	const struct ae_crc32_run *runs, size_t count)
{
	size_t at = first;
	for (size_t i = 0, start = 0; i < count && at < end; start = runs[i++].end) {
		if (start < at || runs[i].end > end || runs[i].end == start)
			continue;
		sum = ae_crc32(sum, bytes + at, start - at);
		sum = ae_crc32_join(sum, runs[i].sum, runs[i].end - start);
		at = runs[i].end;
	}
	return ae_crc32(sum, bytes + at, end - at);
}
