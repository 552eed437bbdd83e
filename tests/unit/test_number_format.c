/* SPDX-License-Identifier: MIT */
/* The shortest texts of numbers against a plain twin, which rounds all digits of printf by hand to 1, 2, 3 ... of them
   until strtod reads the number back. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/number.h"
#include "core/rng.h"

enum { EXACT = 800, ROUNDS = 5000 };

/* A number's digits, all of them, and its power of ten. */
struct exact {
	char digits[EXACT];
	int exponent;
};

static void take_apart(struct exact *exact, double magnitude)
{
	char text[EXACT + 20];
	snprintf(text, sizeof(text), "%.*e", EXACT - 20, magnitude);
	exact->digits[0] = text[0];
	memcpy(exact->digits + 1, text + 2, EXACT - 20);
	exact->digits[EXACT - 19] = '\0';
	exact->exponent = atoi(strchr(text, 'e') + 1);
}

/* Adds one to the last of n digits; 9 becomes 10 with an exponent more. */
static void increment(char *digits, int n, int *exponent)
{
	for (; n > 0 && digits[n - 1] == '9'; n--)
		digits[n - 1] = '0';
	if (n > 0) {
		digits[n - 1]++;
		return;
	}
	digits[0] = '1';
	++*exponent;
}

static bool reads_back(const char *digits, int n, int exponent, double value, bool single)
{
	char text[64];
	snprintf(text, sizeof(text), "%.*se%d", n, digits, exponent - n + 1);
	double read = strtod(text, NULL);
	return single ? (float)read == (float)value && strtof(text, NULL) == (float)value : read == value;
}

/* Rounds to n digits, the middle up or to the even digit. */
static void round_digits(char *digits, int *exponent, const struct exact *exact, int n, bool up)
{
	const char *rest = exact->digits + n;
	memcpy(digits, exact->digits, (size_t)n);
	*exponent = exact->exponent;
	bool middle = *rest == '5' && strspn(rest + 1, "0") == strlen(rest + 1);
	if (middle ? up || digits[n - 1] % 2 == 1 : *rest >= '5')
		increment(digits, n, exponent);
}

static void lay_out(char *text, const char *digits, int n, int exponent)
{
	for (; n > 1 && digits[n - 1] == '0'; n--)
		;
	if (exponent < -5 || exponent >= 16)
		sprintf(text, "%c%s%.*se%c%02d", *digits, n > 1 ? "." : "", n - 1, digits + 1, exponent < 0 ? '-' : '+',
			abs(exponent));
	else if (exponent < 0)
		sprintf(text, "0.%.*s%.*s", -exponent - 1, "00000", n, digits);
	else if (n <= exponent + 1)
		sprintf(text, "%.*s%.*s", n, digits, exponent + 1 - n, "0000000000000000");
	else
		sprintf(text, "%.*s.%.*s", exponent + 1, digits, n - exponent - 1, digits + exponent + 1);
}

/* Of a number that is an integer and has a unit of its own, all digits. */
static void twin(char text[64], double value, bool single)
{
	char digits[20] = "";
	int exponent = 0, n = 1, binary;
	double magnitude = fabs(value);
	struct exact exact;
	if (signbit(value))
		*text++ = '-';
	if (magnitude < (single ? 0x1p24 : 0x1p53) && floor(magnitude) == magnitude) {
		sprintf(text, "%.0f", magnitude);
		return;
	}
	take_apart(&exact, magnitude);
	bool power_of_two = frexp(magnitude, &binary) == 0.5;
	bool up = magnitude >= 1e-5 && magnitude < (single ? 0x1p24 : 1e15) && !power_of_two;
	for (; n < 18; n++) {
		round_digits(digits, &exponent, &exact, n, up);
		if (reads_back(digits, n, exponent, magnitude, single))
			break;
		increment(digits, n, &exponent);
		if (power_of_two && reads_back(digits, n, exponent, magnitude, single))
			break;
	}
	lay_out(text, digits, n, exponent);
}

static void check_f64(double value)
{
	char text[AE_NUMBER_TEXT], plain[64];
	if (!isfinite(value))
		return;
	size_t len = ae_number_format_f64(text, value);
	twin(plain, value, false);
	CHECK(strcmp(text, plain) == 0 && len == strlen(text), "%a: %s, not %s", value, text, plain);
}

static void check_f32(float value)
{
	char text[AE_NUMBER_TEXT], plain[64];
	if (!isfinite(value))
		return;
	size_t len = ae_number_format_f32(text, value);
	twin(plain, value, true);
	CHECK(strcmp(text, plain) == 0 && len == strlen(text), "%a: %s, not %s", (double)value, text, plain);
}

/* A number, its neighbours, and as f32. */
static void check_around(double value)
{
	float single = (float)value;
	double below = nextafter(value, -INFINITY), above = nextafter(value, INFINITY);
	check_f64(value);
	check_f64(below);
	check_f64(above);
	check_f64(nextafter(below, -INFINITY));
	check_f64(nextafter(above, INFINITY));
	check_f32(single);
	check_f32(nextafterf(single, -INFINITY));
	check_f32(nextafterf(single, INFINITY));
}

static void check_powers(void)
{
	char text[16];
	for (int exponent = -330; exponent <= 310; exponent++) {
		sprintf(text, "1e%d", exponent);
		check_around(strtod(text, NULL));
		sprintf(text, "-5e%d", exponent);
		check_around(strtod(text, NULL));
	}
	check_group("powers of ten and their neighbours");
	for (int exponent = -1075; exponent <= 1023; exponent++)
		check_around(ldexp(1, exponent));
	check_group("powers of two and their neighbours");
}

static void check_random(void)
{
	char text[64];
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint32_t random[4];
		double value;
		float single;
		ae_rng(random, 1, 2, round);
		uint64_t bits = (uint64_t)random[0] << 32 | random[1];
		memcpy(&value, &bits, sizeof(value));
		memcpy(&single, random, sizeof(single));
		check_f64(value);
		check_f32(single);
		check_around((double)bits / 0x1p64 * pow(10, (double)(random[2] % 20) - 5));
		sprintf(text, "%ue%d", random[1] >> random[2] % 32, (int)(random[3] % 24) - 16);
		check_f64(strtod(text, NULL));
		check_f32(strtof(text, NULL));
		check_f64((double)(int64_t)(bits >> random[2] % 64));
		check_f32((float)(int64_t)(bits >> random[2] % 64));
		check_f64(ldexp((double)(bits >> 12), -1074 - (int)(random[2] % 52)));
		check_f32((float)ldexp(random[1] >> 9, -149 - (int)(random[2] % 23)));
	}
	check_group("random numbers: bits, uniform, short decimals, integers, subnormal");
}

/* Decimals of up to ten digits and their neighbours. */
static void check_short(void)
{
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint32_t random[4];
		ae_rng(random, 1, 4, round);
		int places = (int)(random[0] % 10);
		check_around((double)(random[1] >> random[2] % 32) / pow(10, places));
		check_around((double)(random[3] % 100) + (double)(round % 1000) / 1000);
		check_around(nearbyint(pow(10, places)) - pow(10, -(int)(random[2] % 12)));
	}
	check_group("short decimals and their neighbours");
}

/* Numbers in the middle between two decimals that both read back, from where they are halves to where they are small.
 */
static void check_ties(void)
{
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint32_t random[4];
		ae_rng(random, 1, 3, round);
		int places = 1 + (int)(random[0] % 22);
		double odd = (double)(random[1] | 1) + 0x1p32 * (random[2] >> random[3] % 32 >> 12);
		check_f64(ldexp(odd, -places));
		check_f32(ldexpf((float)(random[1] >> 8 | 1), -places));
		check_f64(ldexp(floor(ldexp(odd, 52 - ilogb(odd))), -(int)(random[3] % 3)));
		check_f32(ldexpf((float)(random[1] >> 8 | 0x800000), (int)(random[3] % 30)));
	}
	check_group("numbers between two decimals");
}

/* f32 from 2^24 to 1e15, where they are integers 2, 4 ... apart: the first of each size, ties among them, and others.
   The integers are exact in f64, so printf's nearest of 1, 2, 3 ... digits will do. */
static void check_large_f32(void)
{
	char text[AE_NUMBER_TEXT], digits[64], plain[64];
	float first = 0x1p24F, last = 1e15F;
	uint32_t bits, end;
	memcpy(&bits, &first, sizeof(bits));
	memcpy(&end, &last, sizeof(end));
	for (; bits < end; bits += bits % 0x800000 < 5000 ? 1 : 4001) {
		float value;
		memcpy(&value, &bits, sizeof(value));
		value = bits % 3 ? value : -value;
		for (int precision = 0; precision < 9; precision++) {
			snprintf(digits, sizeof(digits), "%.*e", precision, (double)value);
			if ((float)strtod(digits, NULL) == value && strtof(digits, NULL) == value)
				break;
		}
		snprintf(plain, sizeof(plain), "%.0f", strtod(digits, NULL));
		ae_number_format_f32(text, value);
		CHECK(strcmp(text, plain) == 0, "%a: %s, not %s", (double)value, text, plain);
	}
	check_group("large f32");
}

int main(void)
{
	char text[AE_NUMBER_TEXT];
	check_f64(0);
	check_f64(-0.0);
	check_f32(-0.0F);
	CHECK(ae_number_format_f64(text, NAN) == 3 && strcmp(text, "nan") == 0, "%s", text);
	CHECK(ae_number_format_f32(text, -INFINITY) == 4 && strcmp(text, "-inf") == 0, "%s", text);
	CHECK(ae_number_format_f64(text, 562949953421312.25) && strcmp(text, "562949953421312.3") == 0, "%s", text);
	CHECK(ae_number_format_f64(text, 1125899906842625.25) && strcmp(text, "1125899906842625.2") == 0, "%s", text);
	check_powers();
	check_random();
	check_short();
	check_ties();
	check_large_f32();
	return check_done();
}
