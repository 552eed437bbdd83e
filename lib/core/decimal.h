/* SPDX-License-Identifier: MIT */
/* Decimal numbers as text, compared by their exact value: nothing is rounded, whatever the number of digits. */
#ifndef AE_CORE_DECIMAL_H
#define AE_CORE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number that was read; points into its text, which must outlive it. Its value is sign * d.ddd * 10^power, with the
   digits of [digits, end), which may have a point among them. */
struct ae_decimal {
	int sign; /* -1, 0 or 1 */
	const char *digits, *end;
	int64_t power;
};

/* Reads all len bytes of text as a decimal number, in the forms of ae_number_parse but of any size. False if it is
   none. Exponents beyond 10^17 count as 10^17. */
bool ae_decimal_parse(struct ae_decimal *decimal, const char *text, size_t len);
/* Less than, equal to or greater than 0, as a is to b. */
int ae_decimal_compare(const struct ae_decimal *a, const struct ae_decimal *b);

#endif
