/* SPDX-License-Identifier: MIT */
/* Decimal text to floating point and back: fast paths that are proven exact, and big integers for the rest. */
#include "core/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/endian.h"
#include "core/util.h"
#include "core/wide.h"

/* Powers of ten that a double holds exactly. */
static const double pow10_exact[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
	1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define POW10_MAX 22
#define MANTISSA_MAX (1ULL << 53)
#define F32_MANTISSA_MAX (1ULL << 24)

/* strtod and printf follow the locale of the process or thread. Between these two they follow C's, in this thread
   alone. A C locale is static in the C libraries, so that making one is cheap. */
struct locales {
	locale_t c, before;
};

static struct locales enter_c_locale(void)
{
	struct locales locales = {.c = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
	locales.before = uselocale(locales.c);
	return locales;
}

static void leave_c_locale(struct locales locales)
{
	uselocale(locales.before);
	if (locales.c)
		freelocale(locales.c);
}

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
	struct locales locales = enter_c_locale();
	*value = strtod(copy, NULL);
	leave_c_locale(locales);
	if (copy != local)
		free(copy);
	return isfinite(*value) ? AE_NUMBER_OK : AE_NUMBER_OVERFLOW;
}

/* Eight digits at once, if these are eight, the first in the lowest byte (Lemire 2018). */
static inline bool eight_digits(uint64_t *number, uint64_t word)
{
	if (((word & 0xf0f0f0f0f0f0f0f0) | (((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) !=
		0x3333333333333333)
		return false;
	word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
	word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
	*number = (word & 0x0000ffff0000ffff) * 42949672960001 >> 32;
	return true;
}

/* Adds eight digits to the mantissa, if there are eight. */
static bool take_eight(uint64_t *mantissa, const char *at)
{
	uint64_t word, number;
	ae_copy_little_endian(&word, at, sizeof(word), 1);
	if (!eight_digits(&number, word))
		return false;
	*mantissa = *mantissa * 100000000 + number;
	return true;
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
	*value = (double)number / pow10_exact[7 - byte];
	return true;
}

/* Takes digits; the mantissa means nothing once more than 19 have come. */
static const char *take_digits(uint64_t *mantissa, const char *at, const char *end)
{
	while (end - at >= 8 && take_eight(mantissa, at))
		at += 8;
	for (; at < end && ae_is_digit(*at); at++)
		*mantissa = *mantissa * 10 + (uint64_t)(*at - '0');
	return at;
}

enum ae_number ae_number_parse(double *value, const char *text, size_t len)
{
	const char *end = text + len, *at = text;
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (end - at <= 8 && at < end && parse_short(value, at, (size_t)(end - at))) {
		*value = negative ? -*value : *value;
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
	if (digits > 19 || mantissa > MANTISSA_MAX || exponent < -POW10_MAX || exponent > POW10_MAX)
		return parse_slowly(value, text, len);
	/* Both operands are exact doubles, so the one operation rounds once (Clinger 1990). */
	double v = (double)mantissa;
	v = exponent < 0 ? v / pow10_exact[-exponent] : v * pow10_exact[exponent];
	*value = negative ? -v : v;
	return AE_NUMBER_OK;
}

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
	while (places < sure + 5 && magnitude * pow10_exact[places - sure + 1] < 1)
		places++;
	for (int whole = 0; whole < sure && magnitude >= pow10_exact[whole]; whole++)
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
	if (magnitude < (double)(single ? F32_MANTISSA_MAX : MANTISSA_MAX) && magnitude == (double)(uint64_t)magnitude)
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
	struct locales locales = enter_c_locale();
	format_scientific(trial, value, single, power_of_two);
	leave_c_locale(locales);
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

bool ae_number_is_missing(const char *text, size_t len)
{
	return len == 0 || (len == 2 && memcmp(text, "NA", 2) == 0) || is_word(text, len, "nan");
}

double ae_number_finite(double value)
{
	return isinf(value) ? copysign(DBL_MAX, value) : value;
}
