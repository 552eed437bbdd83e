/* SPDX-License-Identifier: MIT */
/* Integers of 128 bits as two of 64, as compilers without them have it, against those of this compiler. */
#define AE_WIDE_OF_HALVES
#include "core/wide.h"

#include "check.h"
#include "core/rng.h"

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 native;

static const uint64_t edges[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000001,
	0x7fffffffffffffff, 0x8000000000000000, 0xfffffffeffffffff, 0xffffffff00000000, UINT64_MAX - 1, UINT64_MAX};
enum { EDGES = sizeof(edges) / sizeof(*edges), RANDOM = 20000 };

static native native_of(ae_wide a)
{
	return (native)a.high << 64 | a.low;
}

static void check_bits(void)
{
	for (int bits = 0; bits < 128; bits++)
		CHECK(native_of(ae_wide_bit(bits)) == (native)1 << bits, "%d", bits);
	check_group("single bits");
}

/* factor * a, a + b and a - b, and a shifted by every number of bits. */
static void check_operations(uint64_t factor, ae_wide a, ae_wide b)
{
	const native x = native_of(a), y = native_of(b);
#define OPERANDS                                                                                                       \
	"%016llx, %016llx:%016llx, %016llx:%016llx", (unsigned long long)factor, (unsigned long long)a.high,           \
		(unsigned long long)a.low, (unsigned long long)b.high, (unsigned long long)b.low
	CHECK(native_of(ae_wide_product(factor, a)) == factor * x, OPERANDS);
	CHECK(native_of(ae_wide_sum(a, b)) == x + y, OPERANDS);
	CHECK(native_of(ae_wide_difference(a, b)) == x - y, OPERANDS);
	for (int bits = 0; bits < 128; bits++)
		CHECK(ae_wide_shifted(a, bits) == (uint64_t)(x >> bits), OPERANDS);
}

static void check_edges(void)
{
	for (int i = 0; i < EDGES * EDGES; i++)
		for (int j = 0; j < EDGES * EDGES; j++)
			check_operations(edges[j % EDGES], (ae_wide){edges[i / EDGES], edges[i % EDGES]},
				(ae_wide){edges[j / EDGES], edges[j % EDGES]});
	check_group("where halves and quarters carry");
}

static uint64_t random_number(uint64_t at)
{
	uint32_t words[4];
	ae_rng(words, 1, 0, at);
	return ((uint64_t)words[0] << 32 | words[1]) >> words[2] % 64;
}

static void check_random(void)
{
	for (uint64_t i = 0; i < RANDOM; i++)
		check_operations(random_number(5 * i), (ae_wide){random_number(5 * i + 1), random_number(5 * i + 2)},
			(ae_wide){random_number(5 * i + 3), random_number(5 * i + 4)});
	check_group("random numbers of all sizes");
}

int main(void)
{
	check_bits();
	check_edges();
	check_random();
	return check_done();
}
#else
int main(void)
{
	printf("this compiler has no integers of 128 bits to compare with\n");
	return 0;
}
#endif
