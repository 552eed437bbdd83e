/* SPDX-License-Identifier: MIT */
/* Train/test splits as scikit-learn makes them, on the Mersenne Twister. */
#include "eval/split.h"

#include <math.h>
#include <stdlib.h>

#include "core/util.h"

#define STATE_LEN 624
#define STATE_SHIFT 397

/* MT19937 and its init_genrand: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998). */
struct twister {
	uint32_t state[STATE_LEN];
	size_t at;
};

static void twister_seed(struct twister *twister, uint32_t seed)
{
	twister->state[0] = seed;
	for (uint32_t i = 1; i < STATE_LEN; i++) {
		uint32_t before = twister->state[i - 1];
		twister->state[i] = 1812433253u * (before ^ before >> 30) + i;
	}
	twister->at = STATE_LEN;
}

static uint32_t twister_next(struct twister *twister)
{
	uint32_t *state = twister->state;
	if (twister->at == STATE_LEN) {
		for (size_t i = 0; i < STATE_LEN; i++) {
			uint32_t y = (state[i] & 0x80000000u) | (state[(i + 1) % STATE_LEN] & 0x7fffffffu);
			state[i] = state[(i + STATE_SHIFT) % STATE_LEN] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
		}
		twister->at = 0;
	}
	uint32_t y = state[twister->at++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680u;
	y ^= y << 15 & 0xefc60000u;
	return y ^ y >> 18;
}

/* A number in [0, max]. */
static uint32_t twister_below(struct twister *twister, uint32_t max)
{
	uint32_t mask = max;
	for (unsigned shift = 1; shift < 32; shift *= 2)
		mask |= mask >> shift;
	uint32_t value;
	do
		value = twister_next(twister) & mask;
	while (value > max);
	return value;
}

/* ceil(fraction * n) test rows, of the product of the doubles, as scikit-learn has it and ae_share_up has not; the
 * others train; an error where either part would be empty. */
static int count_parts(struct ae_split *split, uint64_t n, double fraction, struct ae_error *err)
{
	if (!(fraction > 0 && fraction < 1))
		return ae_fail_usage(err, "a test part is a fraction above 0 and below 1");
	if (n == 0)
		return ae_fail(err, "no rows to split");
	double part = ceil(fraction * (double)n);
	if (part >= (double)n)
		return ae_fail(err, "a test part of %g of %llu row%s leaves none to train on", fraction,
			(unsigned long long)n, n == 1 ? "" : "s");
	if (n > UINT32_MAX)
		return ae_fail(err, "more than %u rows", UINT32_MAX);
	split->test = (size_t)part;
	split->train = (size_t)n - split->test;
	return 0;
}

/* numpy.random.RandomState(seed).permutation(n), the legacy generator: Fisher-Yates from the end, each draw masked to
   the bits needed and rejected while too large. */
static int permute(uint32_t *rows, uint64_t n, uint64_t seed, struct ae_error *err)
{
	if (seed > UINT32_MAX)
		return ae_fail_usage(err, "a seed is a number from 0 to %u", UINT32_MAX);
	struct twister twister;
	twister_seed(&twister, (uint32_t)seed);
	for (uint32_t i = 0; i < n; i++)
		rows[i] = i;
	for (uint32_t i = n > 0 ? (uint32_t)(n - 1) : 0; i > 0;) {
		/* Drawn ahead, so that memory can be asked for places that are in no cache. */
		uint32_t places[64], count = i < 64 ? i : 64;
		for (uint32_t k = 0; k < count; k++) {
			places[k] = twister_below(&twister, i - k);
			__builtin_prefetch(&rows[places[k]], 1);
		}
		for (uint32_t k = 0; k < count; k++, i--) {
			uint32_t row = rows[places[k]];
			rows[places[k]] = rows[i];
			rows[i] = row;
		}
	}
	return 0;
}

int ae_split_make(
	struct ae_split *split, uint64_t n, double fraction, bool ordered, uint64_t seed, struct ae_error *err)
{
	*split = (struct ae_split){0};
	if (count_parts(split, n, fraction, err) != 0)
		return -1;
	split->rows = ae_calloc((size_t)n, sizeof(*split->rows), err);
	if (!split->rows)
		return -1;
	if (ordered) {
		for (size_t i = 0; i < n; i++)
			split->rows[i] = (uint32_t)(i < split->test ? split->train + i : i - split->test);
		return 0;
	}
	if (permute(split->rows, n, seed, err) == 0)
		return 0;
	ae_split_free(split);
	return -1;
}

void ae_split_free(struct ae_split *split)
{
	free(split->rows);
	*split = (struct ae_split){0};
}
