/* SPDX-License-Identifier: MIT */
/* A sum of doubles that is exact. */
#include "core/exact_sum.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { LIMB_BITS = 32, MANTISSA_BITS = 53, LEAST_EXPONENT = -1074 };
#define LIMB_MASK 0xffffffffU

/* Leaves all limbs but the last in use within 32 bits. */
static void propagate(struct ae_exact_sum *sum)
{
	int64_t carry = 0;
	uint32_t i = sum->low;
	for (; i < sum->end || (carry != 0 && carry != -1); i++) {
		int64_t value = sum->limbs[i] + carry;
		sum->limbs[i] = value & LIMB_MASK;
		carry = value >> LIMB_BITS;
	}
	sum->end = i;
	sum->limbs[i - 1] += carry * ((int64_t)1 << LIMB_BITS); /* the sign */
	sum->pending = 0;
}

static void add(struct ae_exact_sum *sum, double value, bool negate)
{
	enum { MOST_PENDING = 1 << 30 };
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	uint32_t exponent = bits >> (MANTISSA_BITS - 1) & 0x7ff;
	uint64_t mantissa = bits & (((uint64_t)1 << (MANTISSA_BITS - 1)) - 1);
	mantissa |= (uint64_t)(exponent > 0) << (MANTISSA_BITS - 1);
	if (mantissa == 0)
		return;
	uint32_t at = exponent > 0 ? exponent - 1 : 0, first = at / LIMB_BITS, shift = at % LIMB_BITS;
	uint64_t low = (mantissa & LIMB_MASK) << shift, high = (mantissa >> LIMB_BITS) << shift;
	int64_t parts[] = {low & LIMB_MASK, (low >> LIMB_BITS) + (high & LIMB_MASK), high >> LIMB_BITS};
	bool minus = (bits >> 63 != 0) != negate;
	for (uint32_t i = 0; i < 3; i++)
		sum->limbs[first + i] += minus ? -parts[i] : parts[i];
	sum->low = sum->end == 0 || first < sum->low ? first : sum->low;
	sum->end = first + 3 > sum->end ? first + 3 : sum->end;
	if (++sum->pending == MOST_PENDING)
		propagate(sum);
}

void ae_exact_add(struct ae_exact_sum *sum, double value)
{
	add(sum, value, false);
}

void ae_exact_subtract(struct ae_exact_sum *sum, double value)
{
	add(sum, value, true);
}

/* The digits of the absolute value, from sum->low on, with two above those in use; whether the sum is negative. */
static bool absolute(uint32_t *digits, const struct ae_exact_sum *sum)
{
	int64_t carry = 0;
	uint32_t n = sum->end - sum->low;
	for (uint32_t i = 0; i < n; i++) {
		int64_t value = sum->limbs[sum->low + i] + carry;
		digits[i] = (uint32_t)(value & LIMB_MASK);
		carry = value >> LIMB_BITS;
	}
	digits[n] = (uint32_t)(carry & LIMB_MASK);
	digits[n + 1] = (uint32_t)(carry >> LIMB_BITS & LIMB_MASK);
	if (carry >= 0)
		return false;
	uint64_t up = 1;
	for (uint32_t i = 0; i < n + 2; i++) {
		up += ~digits[i] & LIMB_MASK;
		digits[i] = (uint32_t)up;
		up >>= LIMB_BITS;
	}
	return true;
}

double ae_exact_mean(const struct ae_exact_sum *sum, double n)
{
	uint32_t digits[AE_EXACT_LIMBS + 2] = {0};
	bool negative = absolute(digits, sum);
	int top = (int)(sum->end - sum->low) + 1;
	while (top >= 0 && digits[top] == 0)
		top--;
	if (top < 0)
		return 0;
	/* The first 64 bits of the number, and whether there is more. */
	int spare = __builtin_clz(digits[top]);
	uint64_t high = (uint64_t)digits[top] << LIMB_BITS | (top > 0 ? digits[top - 1] : 0);
	uint64_t next = top > 1 ? digits[top - 2] : 0;
	uint64_t first = spare ? high << spare | next >> (LIMB_BITS - spare) : high;
	bool more = (next << spare & LIMB_MASK) != 0;
	for (int i = top - 3; i >= 0 && !more; i--)
		more = digits[i] != 0;
	/* Rounded to 53, half to even. */
	enum { CUT = 64 - MANTISSA_BITS };
	uint64_t mantissa = first >> CUT, rest = first & ((1U << CUT) - 1), half = 1U << (CUT - 1);
	mantissa += rest > half || (rest == half && (more || mantissa & 1));
	int exponent = ((int)sum->low + top - 1) * LIMB_BITS - spare + CUT + LEAST_EXPONENT;
	return ldexp((negative ? -(double)mantissa : (double)mantissa) / n, exponent);
}
