/* SPDX-License-Identifier: MIT */
/* Decimal text compared digit by digit. */
#include "core/decimal.h"

#include "core/util.h"

#define POWER_MOST 100000000000000000

/* Reads an exponent that begins after its e and ends the text. */
static bool take_exponent(int64_t *exponent, const char *at, const char *end)
{
	bool minus = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (at == end)
		return false;
	int64_t e = 0;
	for (; at < end && ae_is_digit(*at); at++) {
		e = e * 10 + (*at - '0');
		if (e > POWER_MOST)
			e = POWER_MOST;
	}
	*exponent = minus ? -e : e;
	return at == end;
}

/* Leaves out the zeros at both ends, and sets the power of the first digit. point is one after the last digit of the
   whole part, where the point stands if there is one. */
static void trim(struct ae_decimal *d, const char *point, int64_t exponent)
{
	while (d->digits < d->end && (*d->digits == '0' || *d->digits == '.'))
		d->digits++;
	while (d->digits < d->end && (d->end[-1] == '0' || d->end[-1] == '.'))
		d->end--;
	if (d->digits == d->end)
		d->sign = 0;
	d->power = exponent + (d->digits < point ? point - d->digits - 1 : point - d->digits);
}

bool ae_decimal_parse(struct ae_decimal *decimal, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	*decimal = (struct ae_decimal){.sign = at < end && *at == '-' ? -1 : 1};
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	decimal->digits = at;
	while (at < end && ae_is_digit(*at))
		at++;
	const char *point = at;
	ptrdiff_t count = at - decimal->digits;
	if (at < end && *at == '.') {
		const char *start = ++at;
		while (at < end && ae_is_digit(*at))
			at++;
		count += at - start;
	}
	decimal->end = at;
	int64_t exponent = 0;
	if (count == 0)
		return false;
	if (at < end && (*at == 'e' || *at == 'E') ? !take_exponent(&exponent, at + 1, end) : at != end)
		return false;
	trim(decimal, point, exponent);
	return true;
}

static int compare_digits(const struct ae_decimal *a, const struct ae_decimal *b)
{
	const char *x = a->digits, *y = b->digits;
	for (; x < a->end && y < b->end; x++, y++) {
		x += *x == '.';
		y += *y == '.';
		if (*x != *y)
			return *x < *y ? -1 : 1;
	}
	return (x < a->end) - (y < b->end);
}

int ae_decimal_compare(const struct ae_decimal *a, const struct ae_decimal *b)
{
	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	if (a->sign == 0)
		return 0;
	if (a->power != b->power)
		return a->power < b->power ? -a->sign : a->sign;
	return a->sign * compare_digits(a, b);
}
