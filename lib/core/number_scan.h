/* SPDX-License-Identifier: MIT */
/* Decimal numbers read where they stand, without knowing first where they end: for the inner loops of text formats. */
#ifndef AE_CORE_NUMBER_SCAN_H
#define AE_CORE_NUMBER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/endian.h"
#include "core/number_parts.h"

/* Bytes that must be readable behind the character that ends a number: words of eight are read past it. */
enum { AE_NUMBER_SLACK = 16 };

/* Eight characters as a number, the first in the lowest byte. */
static inline uint64_t ae_digits_word(const char *at)
{
	uint64_t word;
	ae_copy_little_endian(&word, at, sizeof(word), 1);
	return word;
}

/* How many of eight characters are digits up to the first that is none. A sum that overflows its byte comes from no
   digit, and only spoils those behind it. */
static inline unsigned ae_digits_leading(uint64_t word)
{
	uint64_t value = word ^ 0x3030303030303030;
	uint64_t other = (value | (value + 0x7676767676767676)) & 0x8080808080808080;
	return other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
}

/* The number that eight digits are (Lemire 2018). */
static inline uint64_t ae_digits_eight(uint64_t word)
{
	word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
	word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
	return (word & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

/* The number that the first n of eight characters are, which are digits; n < 8. */
static inline uint64_t ae_digits_first(uint64_t word, unsigned n)
{
	return ae_digits_eight(word << 8 << 8 * (7 - n));
}

/* Takes the digits at *at, and adds them to the mantissa, which means nothing once more than 19 have come. */
static inline void ae_digits_take(uint64_t *mantissa, const char **at)
{
	static const uint32_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
	uint64_t word = ae_digits_word(*at);
	unsigned n;
	while ((n = ae_digits_leading(word)) == 8) {
		*mantissa = *mantissa * 100000000 + ae_digits_eight(word);
		*at += 8;
		word = ae_digits_word(*at);
	}
	*mantissa = *mantissa * power[n] + ae_digits_first(word, n);
	*at += n;
}

/* The same behind a point: first four digits, if there are four. Most fractions have some more, so that no branch
   depends on how many, where those that shortest text of floats has, 7, 8 or 9, would be on both sides of eight. */
static inline void ae_digits_take_fraction(uint64_t *mantissa, const char **at)
{
	uint64_t word = ae_digits_word(*at) & UINT32_MAX, value = word ^ 0x30303030;
	if (((value | (value + 0x76767676)) & 0x80808080) == 0) {
		value = (value * 2561 >> 8) & 0x00ff00ff;
		*mantissa = *mantissa * 10000 + (value * 6553601 >> 16 & 0xffff);
		*at += 4;
	}
	if (**at >= '0' && **at <= '9')
		ae_digits_take(mantissa, at);
}

/* mantissa * 10^exponent, rounded once. Infinite if that is too large. False: it takes more digits to tell. */
bool ae_number_from_decimal(double *value, uint64_t mantissa, ptrdiff_t exponent);

/* The sign of most numbers is random: no branch. */
static inline double ae_number_signed(double magnitude, bool negative)
{
	uint64_t bits;
	memcpy(&bits, &magnitude, sizeof(bits));
	bits |= (uint64_t)negative << 63;
	memcpy(&magnitude, &bits, sizeof(bits));
	return magnitude;
}

/* As ae_number_scan, of any finite number. stop: the character that ends it, besides a newline, a carriage return and
   a quote. */
const char *ae_number_scan_slowly(double *value, const char *text, char stop);

/* Reads the number that begins at text, as ae_number_parse does, up to the first character that cannot belong to it,
   which the caller checks: behind it, or NULL if there is no finite number. A newline must follow somewhere, and
   AE_NUMBER_SLACK bytes behind it. */
static inline __attribute__((always_inline)) const char *ae_number_scan(double *value, const char *text, char stop)
{
	uint64_t mantissa = 0;
	bool negative = *text == '-';
	const char *at = text + (negative | (*text == '+')), *start = at;
	if (at[0] >= '0' && at[0] <= '9' && at[1] == '.')
		mantissa = (uint64_t)(*at++ - '0');
	else
		ae_digits_take(&mantissa, &at);
	ptrdiff_t digits = at - start, places = 0;
	if (*at == '.') {
		start = ++at;
		ae_digits_take_fraction(&mantissa, &at);
		places = at - start;
		digits += places;
	}
	double magnitude;
	if ((*at | 0x20) == 'e' || digits > 19)
		return ae_number_scan_slowly(value, text, stop);
	if (mantissa <= AE_MANTISSA_MAX)
		/* Both operands are exact doubles, so the one operation rounds once (Clinger 1990). */
		magnitude = (double)(int64_t)mantissa / ae_pow10_exact[places];
	else if (!ae_number_from_decimal(&magnitude, mantissa, -places))
		return ae_number_scan_slowly(value, text, stop);
	*value = ae_number_signed(magnitude, negative);
	return digits > 0 ? at : NULL;
}

#endif
