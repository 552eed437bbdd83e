/* SPDX-License-Identifier: MIT */
/* Floating point to decimal text: shortest decimals, and printf where they are in doubt. */
#include "core/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/endian.h"
#include "core/number_parts.h"
#include "core/shortest.h"
#include "core/util.h"

#define F32_MANTISSA_MAX (1ULL << 24)

/* Turns "%.*e" output, d.ddde+XX, into what number.h promises. */
static size_t from_scientific(char *out, const char *text)
{
	bool negative = *text == '-';
	const char *mark = strchr(text, 'e');
	char digits[24];
	size_t n = 0;
	for (const char *c = text + negative; c < mark; c++)
		if (ae_is_digit(*c))
			digits[n++] = *c;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	int exponent = atoi(mark + 1);
	char *at = out;
	if (negative)
		*at++ = '-';
	if (exponent < -5 || exponent >= 16) {
		*at++ = digits[0];
		if (n > 1) {
			*at++ = '.';
			memcpy(at, digits + 1, n - 1);
			at += n - 1;
		}
		at += sprintf(at, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
	} else if (exponent < 0) {
		*at++ = '0';
		*at++ = '.';
		for (int i = -1; i > exponent; i--)
			*at++ = '0';
		memcpy(at, digits, n);
		at += n;
	} else {
		size_t whole = (size_t)exponent + 1;
		for (size_t i = 0; i < whole; i++)
			*at++ = i < n ? digits[i] : '0';
		if (n > whole) {
			*at++ = '.';
			memcpy(at, digits + whole, n - whole);
			at += n - whole;
		}
	}
	*at = '\0';
	return (size_t)(at - out);
}

static bool reads_back(const char *text, double value, bool single)
{
	return single ? (float)strtod(text, NULL) == (float)value && strtof(text, NULL) == (float)value
		      : strtod(text, NULL) == value;
}

/* Makes the digits of d.ddde+XX the next larger ones. False: they are all nines, and a shorter text says the same. */
static bool increment_digits(char *text)
{
	for (char *at = strchr(text, 'e') - 1; at >= text; at--) {
		if (!ae_is_digit(*at))
			continue;
		if (*at != '9') {
			++*at;
			return true;
		}
		*at = '0';
	}
	return false;
}

/* The shortest scientific text. Of so many digits the nearest reads back if any does, except at a power of two, whose
   upper neighbour is twice as far away as the lower one: there the next larger may. */
static void format_scientific(char trial[AE_NUMBER_TEXT], double value, bool single, bool power_of_two)
{
	int most = single ? 8 : 16, precision = most - 2;
	snprintf(trial, AE_NUMBER_TEXT, "%.*e", precision, value);
	if (power_of_two || reads_back(trial, value, single))
		precision = 0;
	for (; precision <= most; precision++) {
		snprintf(trial, AE_NUMBER_TEXT, "%.*e", precision, value);
		if (reads_back(trial, value, single) ||
			(power_of_two && increment_digits(trial) && reads_back(trial, value, single)))
			return;
	}
}

/* Stores eight characters, the first one in the lowest byte. */
static inline void store(char *at, uint64_t characters)
{
	ae_copy_little_endian(at, &characters, sizeof(characters), 1);
}

#define ZEROS 0x3030303030303030 /* eight characters */

/* The eight digits of a number below 10^8, the first in the lowest byte: halves of four, two, and one at once. */
static inline uint64_t eight_digits(uint64_t number)
{
	uint64_t fours = number / 10000 + (number % 10000 << 32);
	uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t twos = hundreds + ((fours - 100 * hundreds) << 16);
	uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f;
	return tens + ((twos - 10 * tens) << 8);
}

/* Writes an integer below 10^16. */
static inline char *write_integer(char *at, uint64_t number)
{
	const uint64_t last = (uint64_t)1 << 56;
	uint64_t low = number;
	if (number >= 100000000) {
		uint64_t high = eight_digits(number / 100000000);
		int zeros = __builtin_ctzll(high) / 8;
		store(at, (high | ZEROS) >> 8 * zeros);
		at += 8 - zeros;
		store(at, eight_digits(number % 100000000) | ZEROS);
		return at + 8;
	}
	low = eight_digits(low);
	int zeros = __builtin_ctzll(low | last) / 8;
	store(at, (low | ZEROS) >> 8 * zeros);
	return at + 8 - zeros;
}

/* The 17 digits of a number, the first one not 0. */
struct digits {
	uint64_t first, middle, last; /* one digit, and eight and eight in words */
	int count;                    /* without zeros at the end */
	int point;                    /* this many stand before it */
};

/* Writes the digits with the point behind 1 to 16 of them: those behind it one place further on, and over them the word
   in which it stands. */
static inline char *write_point(char *at, const struct digits *d)
{
	uint64_t middle = d->middle | ZEROS, last = d->last | ZEROS;
	*at = (char)('0' + d->first);
	store(at + 10, last);
	if (d->point > 8) {
		int shift = 8 * (d->point - 9);
		uint64_t before = ((uint64_t)1 << shift) - 1;
		store(at + 1, middle);
		store(at + 9, (last & before) | (uint64_t)'.' << shift | (last & ~before) << 8);
	} else {
		int shift = 8 * (d->point - 1);
		uint64_t before = ((uint64_t)1 << shift) - 1;
		store(at + 2, middle);
		store(at + 1, (middle & before) | (uint64_t)'.' << shift | (middle & ~before) << 8);
	}
	return at + (d->count > d->point ? d->count + 1 : d->point);
}

/* A sign, and two digits or three. */
static inline char *write_exponent(char *at, int exponent)
{
	unsigned size = (unsigned)abs(exponent);
	*at++ = 'e';
	*at++ = exponent < 0 ? '-' : '+';
	if (size >= 100)
		*at++ = (char)('0' + size / 100);
	*at++ = (char)('0' + size / 10 % 10);
	*at++ = (char)('0' + size % 10);
	return at;
}

static inline char *write_digits(char *at, const struct digits *d)
{
	if (d->point >= 1 && d->point <= 16)
		return write_point(at, d);
	bool plain = d->point >= -4 && d->point <= 0;
	if (plain) {
		memcpy(at, "0.000000", 8);
		at += 2 - d->point;
	}
	*at = (char)('0' + d->first);
	char *rest = plain ? at + 1 : at + 2;
	store(rest, d->middle | ZEROS);
	store(rest + 8, d->last | ZEROS);
	if (plain)
		return at + d->count;
	at[1] = '.';
	return write_exponent(at + (d->count > 1 ? d->count + 1 : 1), d->point - 1);
}

/* Writes a decimal of at most `width` digits, 9 or 17. */
static inline char *write_shortest(char *at, struct ae_shortest decimal, int width)
{
	const uint64_t least = width == 9 ? 100000000 : 10000000000000000;
	struct digits d = {.last = 0};
	int missing = decimal.digits < least;
	decimal.digits = missing ? 10 * decimal.digits : decimal.digits;
	for (; decimal.digits < least; missing++)
		decimal.digits *= 10;
	d.point = width + decimal.exponent - missing;
	uint64_t high = decimal.digits;
	if (width == 17) {
		d.last = eight_digits(high % 100000000);
		high /= 100000000;
	}
	d.first = high / 100000000;
	d.middle = eight_digits(high % 100000000);
	if (d.last != 0)
		d.count = 17 - __builtin_clzll(d.last) / 8;
	else
		d.count = d.middle != 0 ? 9 - __builtin_clzll(d.middle) / 8 : 1;
	return write_digits(at, &d);
}

/* Writes a number from 2^-10 to 2^23 of up to eight digits, all in one word, if it is one. A decimal of so few digits
   that reads back is the only one with its places; both numbers of the division are exact, so that it rounds as reading
   does (Clinger 1990). Returns the end, or NULL. */
static inline char *write_short(char *at, double magnitude)
{
	/* Of numbers from 2^(i - 10) on: so many places make eight digits at most. */
	static const unsigned char places_from[] = {
		8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 6, 6, 6, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1};
	uint64_t bits;
	memcpy(&bits, &magnitude, sizeof(bits));
	uint64_t i = (bits >> 52) - (1023 - 10);
	if (i >= sizeof(places_from))
		return NULL;
	int places = places_from[i], whole = 8 - places;
	int64_t number = (int64_t)(magnitude * ae_pow10_exact[places] + 0.5);
	if ((double)number / ae_pow10_exact[places] != magnitude)
		return NULL;
	uint64_t digits = eight_digits((uint64_t)number);
	if (whole == 0) {
		memcpy(at, "0.", 2);
		store(at + 2, digits | ZEROS);
		return at + 10 - (int)((unsigned)__builtin_clzll(digits) / 8);
	}
	int zero = (digits & 0xff) == 0;
	digits >>= 8 * zero;
	int shift = 8 * (whole - zero);
	uint64_t text = digits | ZEROS, before = ((uint64_t)1 << shift) - 1;
	at[8] = (char)(text >> 56);
	store(at, (text & before) | (uint64_t)'.' << shift | (text & ~before) << 8);
	return at + 9 - (int)((unsigned)__builtin_clzll(digits) / 8);
}

static size_t format_slowly(char *text, double value, bool single)
{
	char trial[AE_NUMBER_TEXT];
	int exponent;
	struct ae_locales locales = ae_enter_c_locale();
	format_scientific(trial, value, single, frexp(fabs(value), &exponent) == 0.5);
	ae_leave_c_locale(locales);
	return from_scientific(text, trial);
}

static size_t format_not_finite(char *text, double value)
{
	return (size_t)sprintf(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
}

static inline size_t end_text(char *text, char *end)
{
	*end = '\0';
	return (size_t)(end - text);
}

size_t ae_number_format_f64(char text[AE_NUMBER_TEXT], double value)
{
	double magnitude = fabs(value);
	struct ae_shortest shortest;
	char *at = text;
	if (!isfinite(value))
		return format_not_finite(text, value);
	*at = '-';
	at += signbit(value) != 0;
	/* From this limit on a number has shorter texts than all of its digits. */
	if (magnitude < (double)AE_MANTISSA_MAX && magnitude == (double)(int64_t)magnitude)
		return end_text(text, write_integer(at, (uint64_t)(int64_t)magnitude));
	char *end = write_short(at, magnitude);
	if (end)
		return end_text(text, end);
	if (!ae_shortest_f64(&shortest, magnitude))
		return format_slowly(text, value, false);
	return end_text(text, write_shortest(at, shortest, 17));
}

size_t ae_number_format_f32(char text[AE_NUMBER_TEXT], float value)
{
	float magnitude = fabsf(value);
	struct ae_shortest shortest;
	char *at = text;
	if (!isfinite(value))
		return format_not_finite(text, value);
	*at = '-';
	at += signbit(value) != 0;
	if (magnitude < (float)F32_MANTISSA_MAX && magnitude == (float)(int32_t)magnitude)
		return end_text(text, write_integer(at, (uint64_t)(int32_t)magnitude));
	if (!ae_shortest_f32(&shortest, magnitude))
		return format_slowly(text, value, true);
	return end_text(text, write_shortest(at, shortest, 9));
}

size_t ae_number_format_most(char text[AE_NUMBER_TEXT], double value)
{
	if (value != nextafter(1, 0))
		return ae_number_format_f64(text, value);
	return (size_t)snprintf(text, AE_NUMBER_TEXT, "below 1");
}

bool ae_number_same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct ae_decimal x, y;
	if (a_len == b_len && memcmp(a, b, a_len) == 0)
		return true;
	return ae_decimal_parse(&x, a, a_len) && ae_decimal_parse(&y, b, b_len) && ae_decimal_compare(&x, &y) == 0;
}

double ae_number_finite(double value)
{
	return isinf(value) ? copysign(DBL_MAX, value) : value;
}
