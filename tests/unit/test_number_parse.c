/* SPDX-License-Identifier: MIT */
/* Decimal text to floating point against strtod, bit by bit: random bits in 1 to 40 digits, texts at and beside the
   middle between two neighbours, the ends of the range, and texts that are no numbers. Each is read as a text of a
   known length, in memory that ends with it, and as one that stands in a line. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/number.h"
#include "core/number_scan.h"
#include "core/rng.h"

enum { MOST_TEXT = 1400 };

static uint64_t drawn;

static uint64_t random_bits(void)
{
	uint32_t words[4];
	ae_rng(words, 3, 11, drawn++);
	return (uint64_t)words[0] << 32 | words[1];
}

static int below(int bound)
{
	return (int)(random_bits() % (uint64_t)bound);
}

static bool same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void check_text(const char *text)
{
	static char line[MOST_TEXT + 2 * AE_NUMBER_SLACK + 64];
	double wanted = strtod(text, NULL), parsed = 0, scanned = 0;
	size_t len = strlen(text);
	char *copy = malloc(len);
	CHECK(copy, "memory");
	if (!copy)
		return;
	memcpy(copy, text, len);
	enum ae_number kind = ae_number_parse(&parsed, copy, len);
	free(copy);
	CHECK(isfinite(wanted) ? kind == AE_NUMBER_OK && same_bits(parsed, wanted) : kind == AE_NUMBER_OVERFLOW,
		"\"%s\": %a, not %a", text, parsed, wanted);
	snprintf(line, sizeof(line), "%s,12345678\n", text);
	const char *behind = ae_number_scan(&scanned, line, ',');
	CHECK(isfinite(wanted) ? behind == line + len && same_bits(scanned, wanted) : behind == NULL,
		"\"%s\" in a line: %a, not %a", text, scanned, wanted);
}

/* ---- random numbers ---- */

static double random_double(void)
{
	uint64_t bits = random_bits();
	double value;
	if (below(8) == 0)
		bits &= ~(0x7ffULL << 52); /* below the least normal one */
	else if (below(2) == 0)
		bits = (bits & ~(0x7ffULL << 52)) | (uint64_t)(1023 - 70 + below(140)) << 52;
	memcpy(&value, &bits, sizeof(value));
	return isfinite(value) ? value : 1 / 3.0;
}

static void check_random(void)
{
	char text[MOST_TEXT];
	for (int round = 0; round < 300000; round++) {
		double value = random_double();
		int digits = below(4) ? 15 + below(4) : 1 + below(40);
		if (below(3) == 0 && fabs(value) < 1e30 && fabs(value) > 1e-30)
			snprintf(text, sizeof(text), "%.*f", digits, value);
		else
			snprintf(text, sizeof(text), "%.*e", digits - 1, value);
		check_text(text);
	}
	check_group("random numbers in 1 to 40 digits");
}

/* Digits, a point somewhere or nowhere, zeros before and behind, an exponent. */
static void check_digits(void)
{
	char text[MOST_TEXT];
	for (int round = 0; round < 300000; round++) {
		size_t len = 0;
		int digits = 1 + below(below(3) ? 24 : 60), point = below(digits + 3) - 1,
		    zeros = below(6) ? 0 : below(30);
		if (below(2))
			text[len++] = below(3) ? '-' : '+';
		for (int i = 0; i < zeros; i++)
			text[len++] = '0';
		for (int i = 0; i < digits; i++) {
			if (i == point)
				text[len++] = '.';
			text[len++] = (char)('0' + (below(12) ? below(10) : i > 0 && below(2) ? 9 : 0));
		}
		text[len] = '\0';
		if (below(2))
			snprintf(text + len, sizeof(text) - len, "%c%+d", below(2) ? 'e' : 'E',
				below(3) ? below(60) - 30 : below(760) - 380);
		check_text(text);
	}
	check_group("random digits");
}

/* ---- between two neighbours ---- */

/* A number as decimal digits, the first not 0, times 10^-places. */
struct digits {
	unsigned char digit[MOST_TEXT];
	int count, places;
};

static void double_it(struct digits *d)
{
	int carry = 0;
	for (int i = d->count - 1; i >= 0; i--) {
		int twice = 2 * d->digit[i] + carry;
		d->digit[i] = (unsigned char)(twice % 10);
		carry = twice / 10;
	}
	if (carry) {
		memmove(d->digit + 1, d->digit, (size_t)d->count++);
		d->digit[0] = 1;
	}
}

static void halve_it(struct digits *d)
{
	int rest = 0;
	for (int i = 0; i < d->count; i++) {
		int whole = d->digit[i] + 10 * rest;
		d->digit[i] = (unsigned char)(whole / 2);
		rest = whole % 2;
	}
	if (rest) {
		d->digit[d->count++] = 5;
		d->places++;
	}
	if (d->digit[0] == 0)
		memmove(d->digit, d->digit + 1, (size_t)--d->count);
}

/* The middle between a number and the next larger one. */
static void middle_above(struct digits *d, double value)
{
	char text[32];
	int exponent;
	double fraction = frexp(value, &exponent);
	exponent = exponent < DBL_MIN_EXP ? DBL_MIN_EXP : exponent; /* all below have the same distance */
	fraction = ldexp(value, 53 - exponent);
	int n = snprintf(text, sizeof(text), "%llu", 2 * (unsigned long long)fraction + 1);
	*d = (struct digits){.count = n};
	for (int i = 0; i < n; i++)
		d->digit[i] = (unsigned char)(text[i] - '0');
	for (exponent -= 54; exponent > 0; exponent--)
		double_it(d);
	for (; exponent < 0; exponent++)
		halve_it(d);
}

/* d, cut to so many digits, with an exponent or, without a point at its front, as an integer. */
static void write_digits(char *text, const struct digits *d, int count)
{
	char *at = text;
	for (int i = 0; i < count; i++) {
		*at++ = (char)('0' + (i < d->count ? d->digit[i] : 0));
		if (i == 0)
			*at++ = '.';
	}
	sprintf(at, "e%d", d->count - d->places - 1);
}

static void check_middles(void)
{
	char text[MOST_TEXT + 32];
	struct digits d;
	for (int round = 0; round < 3000; round++) {
		double value = fabs(random_double());
		if (round % 5 == 1) /* powers of two, whose neighbours are not equally far */
			value = ldexp(1, below(2098) - 1074);
		if (round % 5 == 2) /* whose middles are short */
			value = ldexp(
				floor(ldexp((double)(random_bits() >> 11 | 1ULL << 52), -below(52))), below(20) - 10);
		middle_above(&d, value);
		if (d.count >= MOST_TEXT - 2)
			continue;
		write_digits(text, &d, d.count);
		check_text(text);
		write_digits(text, &d, d.count + 1 + below(3));
		check_text(text);
		for (int count = 15; count <= 40 && count <= d.count; count += 1 + below(3)) {
			write_digits(text, &d, count);
			check_text(text);
		}
		int last = d.digit[d.count - 1];
		for (int step = -1; step <= 1 && last > 0 && last < 9; step += 2) {
			d.digit[d.count - 1] = (unsigned char)(last + step);
			write_digits(text, &d, d.count);
			check_text(text);
		}
	}
	check_group("the middles between two numbers, and beside them");
}

/* ---- the ends ---- */

static void check_ends(void)
{
	static const char *const texts[] = {"0", "-0", "0e999", "-0e-999", "0.000", "00000000000000000000000000",
		"1e308", "1e309", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
		"17976931348623158e292",
		"179769313486231570814527423731704356798070567525844996598917476803157260780028538760589"
		"558632766878171540458953514382464234321326889464182768467546703537516986049910576551282076245490090389"
		"3289440"
		"758685084551339423045832369032229481658085593321233477479792620414472316873817718091929988125040402618"
		"4124858"
		"368",
		"4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "5e-324", "2e-324",
		"1e-400", "1e-99999999", "1e99999999", "-1e400", "2.2250738585072014e-308", "2.2250738585072011e-308",
		"2.2250738585072012e-308", "9007199254740991", "9007199254740992", "9007199254740993",
		"9007199254740993.0", "9007199254740993.00000000000000000000000000000001", "9007199254740995",
		"18446744073709551615", "18446744073709551616", "18446744073709551617", "9999999999999999999",
		"10000000000000000000", "0.00000000000000000000000000000000000000000000000000000001234567890123456789",
		"1e23", "8.5e22", "1e22", "8.9e-23", "7.2057594037927933e16", "1.00000000000000011102230246251565",
		"1.", ".1", "+.5e+0", "6929495644600919.5", "3.2378839133029012895883524125015321748630376694231e80",
		"1.2345678901234567890123456789e-320", "2.9802322387695312e-08", "1448997445238699"};
	char text[MOST_TEXT];
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		check_text(texts[i]);
	for (int exponent = -345; exponent <= 310; exponent++)
		for (int digits = 1; digits <= 25; digits += 3) {
			snprintf(text, sizeof(text), "%.*se%d", digits, "9999999999999999999999999", exponent - digits);
			check_text(text);
			snprintf(text, sizeof(text), "1%.*se%d", digits - 1, "0000000000000000000000001",
				exponent - digits);
			check_text(text);
		}
	check_group("the ends of the range, and every power of ten");
}

/* ---- no numbers ---- */

/* Short texts of what numbers are made of: scanned as they are parsed, as long as nothing follows. */
static void check_short(void)
{
	static const char from[] = "0123456789..-+eE,n\"\r";
	char line[64];
	for (int round = 0; round < 300000; round++) {
		double parsed = 0, scanned = 0;
		int len = below(14);
		for (int i = 0; i < len; i++)
			line[i] = from[below(sizeof(from) - 1)];
		memcpy(line + len, "\n3456789012345678", 18);
		size_t cell = strcspn(line, ",\n\r\"");
		enum ae_number kind = ae_number_parse(&parsed, line, cell);
		const char *behind = ae_number_scan(&scanned, line, ',');
		bool whole = behind == line + cell;
		CHECK(whole == (kind == AE_NUMBER_OK), "\"%.*s\"", len, line);
		CHECK(!whole || same_bits(parsed, scanned), "\"%.*s\"", len, line);
	}
	check_group("short texts in lines");
}

int main(void)
{
	check_ends();
	check_random();
	check_digits();
	check_middles();
	check_short();
	return check_done();
}
