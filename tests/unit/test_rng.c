/* SPDX-License-Identifier: MIT */
/* Random numbers against the known answers of Random123, and their ranges and moments. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "core/rng.h"

/* kat_vectors of Random123 1.14, philox4x32 with 10 rounds. */
static void known_answers(void)
{
	static const struct {
		uint32_t counter[4], key[2], result[4];
	} cases[] = {
		{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff},
			{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
			{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint32_t *c = cases[i].counter, *k = cases[i].key;
		uint32_t out[4];
		ae_rng(out, (uint64_t)k[1] << 32 | k[0], (uint64_t)c[3] << 32 | c[2], (uint64_t)c[1] << 32 | c[0]);
		CHECK(memcmp(out, cases[i].result, sizeof(out)) == 0, "vector %zu: %08x %08x %08x %08x", i, out[0],
			out[1], out[2], out[3]);
	}
	check_group("known answers");
}

static void distributions(void)
{
	enum { N = 200000 };
	double sum = 0, sum2 = 0, sum4 = 0, mean = 0;
	for (uint64_t i = 0; i < N; i++) {
		double u = ae_rng_uniform(5, 6, i), z = ae_rng_normal(5, 7, i);
		CHECK(u >= 0 && u < 1, "uniform %g", u);
		mean += u / N;
		sum += z / N;
		sum2 += z * z / N;
		sum4 += z * z * z * z / N;
	}
	CHECK(fabs(mean - 0.5) < 0.003, "uniform mean %g", mean);
	CHECK(fabs(sum) < 0.01 && fabs(sum2 - 1) < 0.015 && fabs(sum4 - 3) < 0.1, "normal moments %g %g %g", sum, sum2,
		sum4);
	unsigned seen[7] = {0};
	for (uint64_t i = 0; i < 70000; i++) {
		uint32_t n = ae_rng_below(1, 2, i, 7);
		CHECK(n < 7, "%u", n);
		if (n < 7)
			seen[n]++;
	}
	for (int i = 0; i < 7; i++)
		CHECK(seen[i] > 9600 && seen[i] < 10400, "%d: %u times", i, seen[i]);
	CHECK(ae_rng_below(1, 2, 3, 1) == 0, "below 1");
	check_group("distributions");
}

static void shuffle(void)
{
	enum { N = 1000 };
	uint32_t a[N], b[N], c[N];
	unsigned seen[N] = {0};
	for (uint32_t i = 0; i < N; i++)
		a[i] = b[i] = c[i] = i;
	ae_rng_shuffle(a, N, 3, 4);
	ae_rng_shuffle(b, N, 3, 4);
	ae_rng_shuffle(c, N, 3, 5);
	CHECK(memcmp(a, b, sizeof(a)) == 0, "the same seed gives another order");
	CHECK(memcmp(a, c, sizeof(a)) != 0, "another stream gives the same order");
	unsigned fixed = 0;
	for (int i = 0; i < N; i++) {
		seen[a[i]]++;
		fixed += a[i] == (uint32_t)i;
	}
	for (int i = 0; i < N; i++)
		CHECK(seen[i] == 1, "%d is there %u times", i, seen[i]);
	CHECK(fixed < 10, "%u stayed", fixed);
	/* Every order of three comes up equally often. */
	unsigned orders[27] = {0};
	for (uint64_t i = 0; i < 60000; i++) {
		uint32_t d[3] = {0, 1, 2};
		ae_rng_shuffle(d, 3, 11, i);
		orders[d[0] * 9 + d[1] * 3 + d[2]]++;
	}
	for (int i = 0; i < 27; i++)
		CHECK(orders[i] == 0 || (orders[i] > 9600 && orders[i] < 10400), "order %d: %u times", i, orders[i]);
	ae_rng_shuffle(a, 0, 1, 1);
	ae_rng_shuffle(a, 1, 1, 1);
	check_group("shuffle");
}

int main(void)
{
	known_answers();
	distributions();
	shuffle();
	return check_done();
}
