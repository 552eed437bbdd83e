/* SPDX-License-Identifier: MIT */
/* Decimal text compared by value: every pair of a list that rises. where.bats holds random numbers against Python. */
#include "core/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/number.h"
#include "core/rng.h"

/* Groups of equal numbers between NULLs, each group above the one before. */
static const char *const rising[] = {"-1e99999999999", NULL, "-1e400", "-10e399", NULL, "-1234567890123456789.5", NULL,
	"-1234567890123456789", "-1234567890123456789.000", NULL, "-2", "-2.", "-0.2e1", NULL, "-1.10", "-1.1",
	"-11e-1", NULL, "-.5", "-0.5", NULL, "-1e-400", NULL, "0", "-0", "+0.0", ".0", "0.", "000", "0e99", "-0.00e-7",
	NULL, "1e-99999999999999999999", NULL, "1e-400", NULL, "0.1", ".1", "+0.10", "1e-1", "00.1000", "0.001E+2",
	NULL, "0.10000000000000000000000000000000000001", NULL, "0.100000001490116", NULL, "1", "1.0", "+1", "001",
	"10e-1", NULL, "9.999999999999999999999999999999", NULL, "1e1", "10", "10.000", NULL, "1000", "1e3", "1E03",
	"1000.", NULL, "9007199254740992", NULL, "9007199254740993", NULL, "1234567890123456788", NULL,
	"1234567890123456789", "1.234567890123456789e18", "1234567890123456789000e-3", NULL, "1234567890123456790",
	NULL, "1e400", "100e398", NULL, "1e401"};

enum { COUNT = sizeof(rising) / sizeof(*rising) };

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void compare_all(void)
{
	int group_a = 0;
	for (size_t i = 0; i < COUNT; i++) {
		int group_b = 0;
		group_a += !rising[i];
		for (size_t j = 0; rising[i] && j < COUNT; j++) {
			struct ae_decimal a, b;
			group_b += !rising[j];
			if (!rising[j])
				continue;
			size_t a_len = strlen(rising[i]), b_len = strlen(rising[j]);
			CHECK(ae_decimal_parse(&a, rising[i], a_len) && ae_decimal_parse(&b, rising[j], b_len), "%s %s",
				rising[i], rising[j]);
			int order = ae_decimal_compare(&a, &b);
			CHECK(sign(order) == sign(group_a - group_b), "%s %s: %d", rising[i], rising[j], order);
			CHECK(ae_number_same_text(rising[i], a_len, rising[j], b_len) == (group_a == group_b), "%s %s",
				rising[i], rising[j]);
		}
	}
}

static void refuse(void)
{
	static const char *const none[] = {"", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1.2.3", "0x10",
		" 1", "1 ", "1,5", "5O", "nan", "NA", "inf", "--1", "1e5.5", "1_000"};
	struct ae_decimal decimal;
	double value;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		size_t len = strlen(none[i]);
		enum ae_number kind = ae_number_parse(&value, none[i], len);
		CHECK(!ae_decimal_parse(&decimal, none[i], len), "\"%s\" is no number", none[i]);
		CHECK(kind != AE_NUMBER_OK, "\"%s\"", none[i]);
		CHECK(ae_number_is_missing(none[i], len) == (kind == AE_NUMBER_MISSING), "\"%s\"", none[i]);
	}
	/* The text ends where its length says. */
	CHECK(ae_decimal_parse(&decimal, "12x", 2) && decimal.power == 1, "12");
}

/* Whether a text is one that ae_number_parse takes, told otherwise than there. */
static bool is_number(const char *text)
{
	text += *text == '-' || *text == '+';
	size_t whole = strspn(text, "0123456789"), part = 0;
	text += whole;
	if (*text == '.') {
		part = strspn(text + 1, "0123456789");
		text += 1 + part;
	}
	if (whole + part > 0 && (*text == 'e' || *text == 'E')) {
		text += 1 + (text[1] == '-' || text[1] == '+');
		size_t digits = strspn(text, "0123456789");
		if (digits == 0)
			return false;
		text += digits;
	}
	return whole + part > 0 && *text == 0;
}

/* Random short texts of what numbers are made of, each in memory that ends with it, against strtod: the bits too. */
static void short_texts(void)
{
	static const char from[] = "0123456789012345678900..-+e/:";
	for (uint64_t round = 0; round < 400000; round++) {
		uint32_t random[8];
		double value = 0, wanted;
		ae_rng(random, 1, 2, round);
		ae_rng(random + 4, 1, 3, round);
		size_t len = 1 + random[0] % 12;
		char whole[16] = "";
		for (size_t i = 0; i < len; i++)
			whole[i] = from[(random[1 + i / 2] >> 16 * (i % 2) & 0xffff) % (sizeof(from) - 1)];
		char *text = malloc(len);
		CHECK(text, "out of memory");
		if (!text)
			return;
		memcpy(text, whole, len);
		enum ae_number kind = ae_number_parse(&value, text, len);
		free(text);
		CHECK((kind == AE_NUMBER_OK) == (is_number(whole) && isfinite(strtod(whole, NULL))), "\"%s\"", whole);
		wanted = strtod(whole, NULL);
		CHECK(kind != AE_NUMBER_OK || memcmp(&value, &wanted, sizeof(value)) == 0, "\"%s\": %a", whole, value);
	}
	check_group("short texts of numbers");
}

int main(void)
{
	compare_all();
	refuse();
	short_texts();
	return check_done();
}
