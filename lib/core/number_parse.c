/* SPDX-License-Identifier: MIT */
/* Decimal text to floating point: fast paths that are proven exact, and strtod for the rest. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "core/number.h"
#include "core/number_parts.h"
#include "core/number_scan.h"
#include "core/power_table.h"
#include "core/util.h"
#include "core/wide.h"

/* Whether text is the lower-case word in any case of ASCII. */
static bool is_word(const char *text, size_t len, const char *word)
{
	size_t i = 0;
	while (i < len && word[i] && (text[i] | 0x20) == word[i])
		i++;
	return i == len && !word[i];
}

static enum ae_number classify_word(const char *text, size_t len)
{
	if (ae_number_is_missing(text, len))
		return AE_NUMBER_MISSING;
	if (*text == '+' || *text == '-') {
		text++;
		len--;
	}
	if (is_word(text, len, "inf") || is_word(text, len, "infinity"))
		return AE_NUMBER_OVERFLOW;
	return AE_NUMBER_NOT;
}

static enum ae_number parse_slowly(double *value, const char *text, size_t len)
{
	char local[128];
	char *copy = len < sizeof(local) ? local : malloc(len + 1);
	if (!copy)
		return AE_NUMBER_NOT;
	memcpy(copy, text, len);
	copy[len] = '\0';
	struct ae_locales locales = ae_enter_c_locale();
	*value = strtod(copy, NULL);
	ae_leave_c_locale(locales);
	if (copy != local)
		free(copy);
	return isfinite(*value) ? AE_NUMBER_OK : AE_NUMBER_OVERFLOW;
}

/* ---- mantissa and exponent to floating point (Lemire 2021, "Number Parsing at a Gigabyte per Second") ---- */

/* So many decimal digits always fit into 64 bits. */
enum { MOST_DIGITS = 19 };

/* The upper 128 bits of mantissa * 5^exponent; what the table leaves out may add less than 1 to *low. */
static void scaled(uint64_t *high, uint64_t *low, uint64_t mantissa, const struct ae_power_of_five *power)
{
	ae_wide product = ae_wide_product(mantissa, ae_wide_of(power->high));
	*high = ae_wide_shifted(product, 64);
	*low = ae_wide_shifted(product, 0);
	if ((*high & 0x1ff) != 0x1ff)
		return;
	/* What the lower half of the power adds may carry into the bits that count. */
	uint64_t more = ae_wide_shifted(ae_wide_product(mantissa, ae_wide_of(power->low)), 64);
	*low += more;
	*high += *low < more;
}

/* The bits of a double whose 53 bits and the one behind them are `bits`, to be rounded, at this biased exponent. */
static uint64_t rounded(uint64_t bits, int exponent)
{
	if (exponent <= 0) {
		if (exponent < -62)
			return 0;
		bits >>= 1 - exponent;
		exponent = 0;
	}
	bits = (bits + (bits & 1)) >> 1;
	/* A carry out of the fraction is one more in the exponent, also out of numbers below the least normal one. */
	uint64_t whole = exponent > 0 ? bits + ((uint64_t)(exponent - 1) << 52) : bits;
	return whole < (uint64_t)0x7ff << 52 ? whole : (uint64_t)0x7ff << 52;
}

bool ae_number_from_decimal(double *value, uint64_t mantissa, ptrdiff_t exponent)
{
	*value = 0;
	if (mantissa == 0 || exponent < AE_POWER_OF_FIVE_LEAST)
		return true;
	*value = INFINITY;
	if (exponent > DBL_MAX_10_EXP)
		return true;
	int q = (int)exponent, shift = __builtin_clzll(mantissa);
	uint64_t high, low;
	scaled(&high, &low, mantissa << shift, ae_power_of_five(q));
	if (low == UINT64_MAX && (q < -27 || q > 55))
		return false;
	int top = (int)(high >> 63), behind = top + 9; /* so many bits stand behind the 54 that count */
	uint64_t bits = high >> behind;
	/* Exactly between two doubles, of which the even one is nearest: only small powers reach that. */
	if (low <= 1 && q >= -4 && q <= 23 && (bits & 3) == 1 && bits << behind == high)
		bits--;
	/* floor(q log2(10)), exact for all that the table has. */
	int binary = (int)((217706 * (int64_t)q + (2048 << 16)) >> 16) - 2048;
	bits = rounded(bits, binary + 63 + top - shift + 1023);
	memcpy(value, &bits, sizeof(bits));
	return true;
}

/* ---- text ---- */

/* Eight digits at once, if these are eight. */
static inline bool eight_digits(uint64_t *number, uint64_t word)
{
	*number = ae_digits_eight(word);
	return ae_digits_leading(word) == 8;
}

/* From one to eight characters in a word, the last in the highest byte, zeros before the first. */
static inline uint64_t word_of(const char *text, size_t len)
{
	uint64_t word = (unsigned char)*text;
	if (len >= 4) {
		uint32_t first, last;
		ae_copy_little_endian(&first, text, sizeof(first), 1);
		ae_copy_little_endian(&last, text + len - sizeof(last), sizeof(last), 1);
		word = first | (uint64_t)last << 8 * (len - sizeof(last));
	} else if (len >= 2) {
		uint16_t first, last;
		ae_copy_little_endian(&first, text, sizeof(first), 1);
		ae_copy_little_endian(&last, text + len - sizeof(last), sizeof(last), 1);
		word = first | (uint64_t)last << 8 * (len - sizeof(last));
	}
	return word << 8 * (8 - len) | 0x0030303030303030 >> 8 * (len - 1);
}

/* A number of one to eight digits and a point, eight characters at most: all at once, the point taken out. */
static inline bool parse_short(double *value, const char *text, size_t len)
{
	uint64_t number, word = word_of(text, len), no_point = word ^ 0x2e2e2e2e2e2e2e2e;
	uint64_t point = (no_point - 0x0101010101010101) & ~no_point & 0x8080808080808080;
	if (point == 0) {
		if (!eight_digits(&number, word))
			return false;
		*value = (double)number;
		return true;
	}
	int byte = __builtin_ctzll(point) / 8;
	uint64_t before = ((uint64_t)1 << 8 * byte) - 1, after = ~before - ((uint64_t)0xff << 8 * byte);
	if (len == 1 || !eight_digits(&number, (word & after) | (word & before) << 8 | '0'))
		return false;
	*value = (double)number / ae_pow10_exact[7 - byte];
	return true;
}

/* Takes digits; the mantissa means nothing once more than 19 have come. */
static const char *take_digits(uint64_t *mantissa, const char *at, const char *end)
{
	uint64_t number;
	for (; end - at >= 8 && eight_digits(&number, ae_digits_word(at)); at += 8)
		*mantissa = *mantissa * 100000000 + number;
	for (; at < end && ae_is_digit(*at); at++)
		*mantissa = *mantissa * 10 + (uint64_t)(*at - '0');
	return at;
}

/* A number of more than MOST_DIGITS digits, zeros at its front included, where `exponent` is that of the last one: what
   the first ones say, if it is the same with the next larger of them. */
static enum ae_number parse_long(double *value, const char *text, size_t len, ptrdiff_t exponent)
{
	uint64_t mantissa = 0;
	ptrdiff_t more = 0;
	int taken = 0;
	for (const char *at = text; at < text + len && (*at | 0x20) != 'e'; at++) {
		if (!ae_is_digit(*at))
			continue;
		if (taken == MOST_DIGITS) {
			more++;
			continue;
		}
		mantissa = mantissa * 10 + (uint64_t)(*at - '0');
		taken += mantissa > 0;
	}
	double least, most;
	if (!ae_number_from_decimal(&least, mantissa, exponent + more) ||
		(more > 0 && (!ae_number_from_decimal(&most, mantissa + 1, exponent + more) || most != least)))
		return parse_slowly(value, text, len);
	*value = ae_number_signed(least, *text == '-');
	return isfinite(least) ? AE_NUMBER_OK : AE_NUMBER_OVERFLOW;
}

enum ae_number ae_number_parse(double *value, const char *text, size_t len)
{
	const char *end = text + len, *at = text;
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (end - at <= 8 && at < end && parse_short(value, at, (size_t)(end - at))) {
		*value = ae_number_signed(*value, negative);
		return AE_NUMBER_OK;
	}
	uint64_t mantissa = 0;
	const char *start = at;
	at = take_digits(&mantissa, at, end);
	ptrdiff_t digits = at - start, exponent = 0;
	if (at < end && *at == '.') {
		start = ++at;
		at = take_digits(&mantissa, at, end);
		exponent = start - at;
		digits -= exponent;
	}
	if (digits == 0)
		return classify_word(text, len);
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		bool minus = at < end && *at == '-';
		if (at < end && (*at == '-' || *at == '+'))
			at++;
		if (at == end)
			return AE_NUMBER_NOT;
		ptrdiff_t e = 0;
		for (; at < end && ae_is_digit(*at); at++)
			e = e < 100000 ? e * 10 + (*at - '0') : e;
		exponent += minus ? -e : e;
	}
	if (at != end)
		return AE_NUMBER_NOT;
	if (digits > MOST_DIGITS)
		return parse_long(value, text, len, exponent);
	double v = (double)mantissa;
	if (mantissa > AE_MANTISSA_MAX || exponent < -AE_POW10_MAX || exponent > AE_POW10_MAX) {
		if (!ae_number_from_decimal(&v, mantissa, exponent))
			return parse_slowly(value, text, len);
	} else {
		/* Both operands are exact doubles, so the one operation rounds once (Clinger 1990). */
		v = exponent < 0 ? v / ae_pow10_exact[-exponent] : v * ae_pow10_exact[exponent];
	}
	*value = ae_number_signed(v, negative);
	return isfinite(v) ? AE_NUMBER_OK : AE_NUMBER_OVERFLOW;
}

const char *ae_number_scan_slowly(double *value, const char *text, char stop)
{
	size_t len = 0;
	while (text[len] != stop && text[len] != '\n' && text[len] != '\r' && text[len] != '"')
		len++;
	return ae_number_parse(value, text, len) == AE_NUMBER_OK ? text + len : NULL;
}

bool ae_number_is_missing(const char *text, size_t len)
{
	return len == 0 || (len == 2 && memcmp(text, "NA", 2) == 0) || is_word(text, len, "nan");
}
