/* SPDX-License-Identifier: MIT */
/* Decimal text and floating point: exact both ways, C locale always. */
#ifndef AE_CORE_NUMBER_H
#define AE_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum ae_number {
	AE_NUMBER_OK,
	AE_NUMBER_MISSING,  /* empty, "nan" in any case, or "NA" */
	AE_NUMBER_NOT,      /* no decimal number: words, hex, spaces */
	AE_NUMBER_OVERFLOW, /* infinite, or beyond the largest double */
};

/* Reads all len bytes of text as a decimal number with optional sign, point and exponent, rounded once.
   text need not end in NUL. */
enum ae_number ae_number_parse(double *value, const char *text, size_t len);

/* Whether a text says that a value is missing: AE_NUMBER_MISSING, without the number. */
bool ae_number_is_missing(const char *text, size_t len);

/* Whether two texts are the same: as numbers, exactly, if both are numbers (1 is 1.0), else byte for byte. */
bool ae_number_same_text(const char *a, size_t a_len, const char *b, size_t b_len);

/* value, or where it is infinite the largest finite number of its sign: what an infinite score counts as everywhere. */
double ae_number_finite(double value);

/* Longest text ae_number_format_* makes, with its NUL. */
#define AE_NUMBER_TEXT 32

/* Writes the fewest digits that read back as the same number: plain decimal without trailing ".0" for
   1e-5 <= |v| < 1e16 and for 0, else with an exponent; "nan" for NaN. Returns the length. */
size_t ae_number_format_f64(char text[AE_NUMBER_TEXT], double value);
size_t ae_number_format_f32(char text[AE_NUMBER_TEXT], float value);
/* The greatest number of a range: "below 1" for the last one below 1. */
size_t ae_number_format_most(char text[AE_NUMBER_TEXT], double value);

#endif
