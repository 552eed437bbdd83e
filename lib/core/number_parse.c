/* SPDX-License-Identifier: MIT */
/* Decimal text to floating point: a fast path that is proven exact, and strtod for the rest. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "core/number.h"
#include "core/number_parts.h"
#include "core/number_scan.h"
#include "core/util.h"

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
	if (digits > 19 || mantissa > AE_MANTISSA_MAX || exponent < -AE_POW10_MAX || exponent > AE_POW10_MAX)
		return parse_slowly(value, text, len);
	/* Both operands are exact doubles, so the one operation rounds once (Clinger 1990). */
	double v = (double)mantissa;
	v = exponent < 0 ? v / ae_pow10_exact[-exponent] : v * ae_pow10_exact[exponent];
	*value = negative ? -v : v;
	return AE_NUMBER_OK;
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
