/* SPDX-License-Identifier: MIT */
/* Floating point to decimal text: fast paths that are proven exact, and big integers for the rest. */
#include "core/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/number_parts.h"
#include "core/util.h"
#include "core/wide.h"

#define F32_MANTISSA_MAX (1ULL << 24)

static size_t write_integer(char *text, uint64_t n)
{
	char digits[20];
	size_t len = 0;
	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	for (size_t i = 0; i < len; i++)
		text[i] = digits[len - 1 - i];
	return len;
}

/* Writes mantissa * 10^-places. */
static size_t write_fixed(char *text, bool negative, uint64_t mantissa, int places)
{
	char digits[20];
	size_t n = write_integer(digits, mantissa);
	char *at = text;
	if (negative)
		*at++ = '-';
	if (n > (size_t)places) {
		memcpy(at, digits, n - (size_t)places);
		at += n - (size_t)places;
	} else {
		*at++ = '0';
	}
	if (places > 0) {
		*at++ = '.';
		for (size_t i = n; i < (size_t)places; i++)
			*at++ = '0';
		size_t tail = n < (size_t)places ? n : (size_t)places;
		memcpy(at, digits + n - tail, tail);
		at += tail;
	}
	*at = '\0';
	return (size_t)(at - text);
}

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

/* A finite number as mantissa * 2^-shift with a 53-bit mantissa; what reads back as it lies within
   (2 mantissa +- width) * 2^-(shift + 1), both ends included. */
struct binary {
	uint64_t mantissa;
	int shift;
	uint64_t width;
};

/* 10^places, up to 19. */
static uint64_t power_of_ten(int places)
{
	static const uint64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
		10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000U};
	return power[places];
}

/* The nearest decimal with so many places, and whether it reads back. Exact: (2 * 2^53 + 1) * 10^22 is below 2^128, and
   the decimal has 17 digits at most. */
static bool nearest_decimal(uint64_t *decimal, struct binary number, int places)
{
	const int most = places < 19 ? places : 19, shift = number.shift + 1;
	const ae_wide power =
		ae_wide_product(power_of_ten(places - most), ae_wide_product(power_of_ten(most), ae_wide_bit(0)));
	const ae_wide middle = ae_wide_product(2 * number.mantissa, power), unit = ae_wide_bit(shift);
	const ae_wide reach = ae_wide_product(number.width, power);
	/* Lower end of the interval of decimals that round to this float, rounded up. */
	const ae_wide low = ae_wide_difference(ae_wide_sum(ae_wide_difference(middle, reach), unit), ae_wide_bit(0));
	*decimal = ae_wide_shifted(ae_wide_sum(middle, ae_wide_bit(shift - 1)), shift);
	return *decimal >= ae_wide_shifted(low, shift) &&
	       *decimal <= ae_wide_shifted(ae_wide_sum(middle, reach), shift);
}

/* The shortest fixed-point text of a number that is no integer and lies in [1e-5, 1e15). Decimals of `sure` digits
   (15 for f64, 6 for f32) read back as different numbers, so if the nearest of them reads back, then it is the shortest
   except for the zeros at its end. */
static size_t format_fixed(char *text, bool negative, double magnitude, struct binary number, int sure)
{
	uint64_t decimal, limit = power_of_ten(sure);
	int places = sure;
	while (places < sure + 5 && magnitude * ae_pow10_exact[places - sure + 1] < 1)
		places++;
	for (int whole = 0; whole < sure && magnitude >= ae_pow10_exact[whole]; whole++)
		places--;
	bool found = nearest_decimal(&decimal, number, places);
	if (decimal >= limit && places > 0)
		found = nearest_decimal(&decimal, number, --places);
	while (!found)
		found = nearest_decimal(&decimal, number, ++places);
	for (; places > 0 && decimal % 10 == 0; places--)
		decimal /= 10;
	return write_fixed(text, negative, decimal, places);
}

/* The shortest text of a f32 that is an integer, larger than 2^24 and less than 1e15, where they are 2, 4 ... apart,
   and no power of two: its digits beyond the needed ones are 0. Of integers between two of them the nearer reads back,
   and of the middle the one whose last bit is 0. */
static size_t format_large_f32(char *text, bool negative, uint64_t magnitude)
{
	int exponent, digits = 1;
	frexp((double)magnitude, &exponent);
	uint64_t spacing = 1ULL << (exponent - 24), nearest = magnitude, power;
	bool even = magnitude / spacing % 2 == 0;
	while (digits < 16 && magnitude >= power_of_ten(digits))
		digits++;
	/* 6 digits read back as different numbers, as in format_fixed. */
	for (int zeros = digits - 6; zeros > 0; zeros--) {
		power = power_of_ten(zeros);
		nearest = magnitude / power;
		uint64_t rest = magnitude % power;
		nearest += rest > power / 2 || (rest == power / 2 && nearest % 2 == 1);
		nearest *= power;
		uint64_t gap = nearest > magnitude ? nearest - magnitude : magnitude - nearest;
		if (gap < spacing / 2 || (gap == spacing / 2 && even))
			break;
		nearest = magnitude;
	}
	return write_fixed(text, negative, nearest, 0);
}

static struct binary decompose(double magnitude, uint64_t width)
{
	int exponent;
	double fraction = frexp(magnitude, &exponent);
	struct binary number = {(uint64_t)ldexp(fraction, 53), 53 - exponent, width};
	return number;
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

static size_t format(char *text, double value, bool single)
{
	if (!isfinite(value))
		return (size_t)sprintf(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
	double magnitude = fabs(value);
	/* From these limits on a number has shorter texts than all of its digits. */
	if (magnitude < (double)(single ? F32_MANTISSA_MAX : AE_MANTISSA_MAX) &&
		magnitude == (double)(uint64_t)magnitude)
		return write_fixed(text, signbit(value), (uint64_t)magnitude, 0);
	/* Half an ulp to each side reads back; for f32 one f64 ulp less, so that reading as f64 first is as good. A
	   power of two has a nearer neighbour below and takes the slow way. */
	uint64_t width = single ? (1U << 29) - 2 : 1;
	struct binary number = decompose(magnitude, width);
	bool power_of_two = (number.mantissa & (number.mantissa - 1)) == 0;
	if (single && magnitude >= (double)F32_MANTISSA_MAX && magnitude < 1e15 && !power_of_two)
		return format_large_f32(text, signbit(value), (uint64_t)magnitude);
	double most = single ? (double)F32_MANTISSA_MAX : 1e15;
	if (magnitude >= 1e-5 && magnitude < most && !power_of_two)
		return format_fixed(text, signbit(value), magnitude, number, single ? 6 : 15);
	char trial[AE_NUMBER_TEXT];
	struct ae_locales locales = ae_enter_c_locale();
	format_scientific(trial, value, single, power_of_two);
	ae_leave_c_locale(locales);
	return from_scientific(text, trial);
}

size_t ae_number_format_f64(char text[AE_NUMBER_TEXT], double value)
{
	return format(text, value, false);
}

size_t ae_number_format_f32(char text[AE_NUMBER_TEXT], float value)
{
	return format(text, value, true);
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
