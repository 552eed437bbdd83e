/* SPDX-License-Identifier: MIT */
/* The shortest decimals of binary numbers, after Giulietti (2020, "The Schubfach way to render doubles"): of the
   decimals with so many places that their distance is just less than that of the binary numbers, one reads back, and at
   most one with a place less does. A single product tells which, but where numbers are too near to each other. */
#include "core/shortest.h"

#include <stddef.h>
#include <string.h>

#include "core/power_table.h"
#include "core/wide.h"

/* A binary number significand * 2^exponent; 2^exponent lies between it and its upper neighbour. */
struct binary {
	uint64_t significand;
	int exponent;
};

/* A number in units of 10^exponent, which is at most its distance from its upper neighbour, and more than a tenth. */
struct scaled {
	uint64_t whole;
	uint64_t fraction; /* in 2^-64 */
	uint64_t reach;    /* half the distance of the upper neighbour, in 2^-60 */
	uint64_t doubt;    /* by how much a comparison may be wrong, in 2^-60 */
	int exponent;
	bool power_of_two; /* the lower neighbour is half as far away */
};

static int floor_log10_of_power_of_two(int exponent)
{
	return exponent * 1262611 >> 22;
}

static int floor_log2_of_power_of_ten(int exponent)
{
	return exponent * 1741647 >> 19;
}

/* 2^exponent in units of 10^scaled->exponent is power / 2^128 * 2^shift; shift is from 1 to 4. */
static const struct ae_power_of_five *scale(struct scaled *scaled, int *shift, int exponent)
{
	scaled->exponent = floor_log10_of_power_of_two(exponent);
	*shift = exponent + 1 + floor_log2_of_power_of_ten(-scaled->exponent);
	const struct ae_power_of_five *power = ae_power_of_five(-scaled->exponent);
	scaled->reach = power->high >> (5 - *shift);
	return power;
}

static bool is_within(uint64_t a, uint64_t b, uint64_t doubt)
{
	return a - b + doubt <= 2 * doubt;
}

static inline bool choose(struct ae_shortest *out, const struct scaled *x)
{
	const uint64_t ten = (uint64_t)10 << 60, half = (uint64_t)1 << 63;
	uint64_t digit = x->whole % 10, below = digit << 60 | x->fraction >> 4, above = ten - below;
	uint64_t reach_below = x->reach >> x->power_of_two;
	bool lower = below <= reach_below, upper = above <= x->reach;
	if (x->doubt > 0 && (is_within(below, reach_below, x->doubt) || is_within(above, x->reach, x->doubt) ||
				    is_within(x->fraction, half, 16 * x->doubt)))
		return false;
	if (x->power_of_two && !lower && !upper)
		return false;
	uint64_t nearest = x->whole + (x->fraction >= half), shorter = x->whole - digit + (lower ? 0 : 10);
	out->digits = lower || upper ? shorter : nearest;
	out->exponent = x->exponent;
	return true;
}

/* An integer below 2^63 whose neighbours are 2, 4 ... away: exact, as its halves are integers too. */
static bool choose_integer(struct ae_shortest *out, struct binary number)
{
	uint64_t integer = number.significand << number.exponent, reach = (uint64_t)1 << (number.exponent - 1);
	bool even = number.significand % 2 == 0;
	uint64_t unit = 10;
	out->exponent = floor_log10_of_power_of_two(number.exponent) + 1;
	for (int i = 1; i < out->exponent; i++)
		unit *= 10;
	uint64_t below = integer % unit, above = unit - below;
	out->digits = integer / unit;
	if (below < reach || (below == reach && even))
		return true;
	out->digits++;
	if (above < reach || (above == reach && even))
		return true;
	unit /= 10;
	below = integer % unit;
	out->digits = integer / unit;
	out->digits += 2 * below > unit || (2 * below == unit && out->digits % 2 == 1);
	out->exponent--;
	return true;
}

bool ae_shortest_f64(struct ae_shortest *out, double magnitude)
{
	const uint64_t one = (uint64_t)1 << 52;
	struct scaled scaled;
	uint64_t bits;
	int shift;
	memcpy(&bits, &magnitude, sizeof(bits));
	int exponent = (int)(bits >> 52);
	struct binary number = {exponent ? bits % one + one : bits, (exponent ? exponent : 1) - 1075};
	scaled.power_of_two = number.significand == one;
	if (number.exponent > 0 && number.exponent <= 10 && !scaled.power_of_two)
		return choose_integer(out, number);
	const struct ae_power_of_five *power = scale(&scaled, &shift, number.exponent);
	/* From 1e-5 to 1e15 it is a power from 5^1 to 5^22, and no bit is lost. */
	scaled.doubt = magnitude >= 1e-5 && magnitude < 1e15 ? 0 : 4;
	uint64_t factor = number.significand << shift;
	ae_wide product = ae_wide_product(factor, ae_wide_of(power->high));
	if (power->low != 0)
		product = ae_wide_sum(
			product, ae_wide_of(ae_wide_shifted(ae_wide_product(factor, ae_wide_of(power->low)), 64)));
	scaled.whole = ae_wide_shifted(product, 64);
	scaled.fraction = ae_wide_shifted(product, 0);
	return choose(out, &scaled);
}

bool ae_shortest_f32(struct ae_shortest *out, float magnitude)
{
	const uint32_t one = (uint32_t)1 << 23;
	struct scaled scaled;
	uint32_t bits;
	int shift;
	memcpy(&bits, &magnitude, sizeof(bits));
	int exponent = (int)(bits >> 23);
	struct binary number = {exponent ? bits % one + one : bits, (exponent ? exponent : 1) - 150};
	scaled.power_of_two = number.significand == one;
	if (number.exponent > 0 && magnitude < 1e15 && !scaled.power_of_two)
		return choose_integer(out, number);
	const struct ae_power_of_five *power = scale(&scaled, &shift, number.exponent);
	/* From 1e-5 to 2^24 it is a power from 5^0 to 5^13, and no bit is lost. What rounds to the middle of two f32 as
	   f64 does not read back, so the interval ends by half of an f64's distance or more before its ends. */
	scaled.doubt = magnitude >= 1e-5 && magnitude < 0x1p24 ? 0 : scaled.reach >> 26;
	scaled.reach -= scaled.reach >> 28;
	ae_wide product = ae_wide_product(number.significand << shift, ae_wide_of(power->high));
	scaled.whole = ae_wide_shifted(product, 64);
	scaled.fraction = ae_wide_shifted(product, 0);
	return choose(out, &scaled);
}
