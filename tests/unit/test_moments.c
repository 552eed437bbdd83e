/* SPDX-License-Identifier: MIT */
/* Mean and standard deviation in one pass, and series merged. */
#include "core/moments.h"

#include <stdint.h>

#include "check.h"
#include "core/wide.h"

/* 4, 7, 13, 16: mean 10, squared deviations 36 + 9 + 9 + 36 = 90. */
static const double values[] = {4, 7, 13, 16};

static struct ae_moments moments_of(double offset, size_t from, size_t to)
{
	struct ae_moments m = {0};
	for (size_t i = from; i < to; i++)
		ae_moments_add(&m, offset + values[i]);
	return m;
}

/* A large mean takes no digit of the deviations: the textbook formula, of squares of 1e9, would leave none. */
static void test_added(void)
{
	const double offsets[] = {0, 1e9, -1e9};
	for (size_t i = 0; i < 3; i++) {
		struct ae_moments m = moments_of(offsets[i], 0, 4);
		CHECK(m.count == 4, "%g", m.count);
		CHECK(m.mean == offsets[i] + 10, "%.17g", m.mean);
		CHECK(m.m2 == 90, "%.17g", m.m2);
		CHECK(ae_moments_sd(&m) == sqrt(22.5), "%.17g", ae_moments_sd(&m));
	}
}

static void test_few(void)
{
	struct ae_moments none = {0}, one = moments_of(0, 1, 2);
	CHECK(ae_moments_sd(&none) == 0, "%g", ae_moments_sd(&none));
	CHECK(one.count == 1 && one.mean == 7 && ae_moments_sd(&one) == 0, "%g values, mean %g", one.count, one.mean);
}

/* Merged parts, an empty one among them, are the whole. */
static void test_merged(void)
{
	for (size_t cut = 0; cut <= 4; cut++) {
		struct ae_moments m = moments_of(1e9, 0, cut), rest = moments_of(1e9, cut, 4);
		ae_moments_merge(&m, &rest);
		CHECK(m.count == 4, "%g", m.count);
		CHECK(m.mean == 1e9 + 10, "cut at %zu: %.17g", cut, m.mean);
		CHECK(fabs(m.m2 - 90) < 1e-12, "cut at %zu: %.17g", cut, m.m2);
	}
}

/* n values 1e9 + d, where d is -3e-3, -1e-3, 1e-3 or 3e-3 in turn, about: the doubles near them are what counts. */
static double far(size_t i)
{
	static const double gaps[] = {-3e-3, -1e-3, 1e-3, 3e-3};
	return 1e9 + gaps[i % 4];
}

static struct ae_offset_moments far_moments(size_t from, size_t to)
{
	struct ae_offset_moments m = {0};
	for (size_t i = from; i < to; i++)
		ae_offset_moments_add(&m, far(i));
	return m;
}

/* Against sums of integers: the values are multiples of 2^-23. */
static void test_offset(void)
{
	const size_t n = 100000;
	int64_t sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t gap = (int64_t)((far(i) - 1e9) * 0x1p23);
		sum += gap;
		squares += gap * gap;
	}
	double about = (double)sum / (double)n;
	double wanted = sqrt((double)squares / (double)n - about * about) * 0x1p-23;
	const size_t cuts[] = {0, 1, n / 3, n};
	for (size_t i = 0; i < 4; i++) {
		struct ae_offset_moments m = far_moments(0, cuts[i]), rest = far_moments(cuts[i], n);
		double mean, sd;
		ae_offset_moments_merge(&m, &rest);
		ae_offset_moments_get(&m, &mean, &sd);
		CHECK(mean == 1e9 + about * 0x1p-23, "cut at %zu: %.17g", cuts[i], mean);
		CHECK(fabs(sd / wanted - 1) < 2e-9, "cut at %zu: %.17g, not %.17g", cuts[i], sd, wanted);
	}
}

/* Ordinary values, the first of them far off, have the bits of struct ae_moments. */
static void test_offset_of_ordinary(void)
{
	struct ae_moments plain = {0};
	struct ae_offset_moments m = {0}, none = {0};
	double mean, sd;
	for (size_t i = 0; i < 1000; i++) {
		double value = i == 0 ? 1e4 : (double)(i * 37 % 101) / 7 - 3;
		ae_moments_add(&plain, value);
		ae_offset_moments_add(&m, value);
	}
	ae_offset_moments_get(&m, &mean, &sd);
	CHECK(mean == plain.mean && sd == ae_moments_sd(&plain), "%.17g, %.17g", mean, sd);
	ae_offset_moments_get(&none, &mean, &sd);
	CHECK(mean == 0 && sd == 0, "%g, %g", mean, sd);
}

/* Mean and deviation of n multiples of 2^-bits by sums of integers. */
static void check_exact(const char *what, double (*value)(size_t), size_t n, int bits)
{
	struct ae_offset_moments m = {0}, parts = {0}, part = {0};
	const double origin = value(n / 2);
	int64_t sum = 0;
	ae_wide squares = {0};
	for (size_t i = 0; i < n; i++) {
		int64_t gap = (int64_t)ldexp(value(i) - origin, bits);
		uint64_t size = (uint64_t)(gap < 0 ? -gap : gap);
		sum += gap;
		squares = ae_wide_sum(squares, ae_wide_product(size, ae_wide_product(size, ae_wide_bit(0))));
		ae_offset_moments_add(&m, value(i));
		ae_offset_moments_add(&part, value(i));
		if (i % 1000003 == 77) {
			ae_offset_moments_merge(&parts, &part);
			part = (struct ae_offset_moments){0};
		}
	}
	ae_offset_moments_merge(&parts, &part);
	long double about = (long double)sum / (long double)n;
	long double m2 = ldexpl((long double)ae_wide_shifted(squares, 64), 64) +
			 (long double)ae_wide_shifted(squares, 0) - (long double)sum * about;
	double wanted = (double)ldexpl(sqrtl(m2 / (long double)n), -bits);
	double wanted_mean = (double)(origin + ldexpl(about, -bits));
	const struct ae_offset_moments *ways[] = {&m, &parts};
	for (int i = 0; i < 2; i++) {
		double mean, sd;
		ae_offset_moments_get(ways[i], &mean, &sd);
		CHECK(fabs(mean - wanted_mean) <= 1e-8 * wanted + 1e-15 * fabs(wanted_mean),
			"%s, way %d: %.17g, not %.17g", what, i, mean, wanted_mean);
		CHECK(fabs(sd / wanted - 1) < 2e-9, "%s, way %d: %.17g, not %.17g", what, i, sd, wanted);
	}
}

/* A first value far off, then 20 +- 0.5. */
static double far_first(size_t i)
{
	return i == 0 ? 4294967295.0 : 20 + (double)((int)(i * 37 % 129) - 64) / 128;
}

static double far_middle(size_t i)
{
	return i == 3000000 ? -1e12 : 1e7 + (double)((int)(i * 37 % 129) - 64) / 128;
}

static void test_long(void)
{
	const size_t n = 10000000;
	check_exact("1e9 beside 2e-3", far, n, 23);
	check_exact("a first value far off", far_first, n, 7);
	check_exact("a value far off", far_middle, n, 7);
}

/* Squares that a double does not hold. */
static void test_large(void)
{
	static const struct {
		double values[3];
		size_t n;
		double mean, sd;
	} cases[] = {
		{{1e308, -1.7e308}, 2, -3.5e307, 1.35e308},
		{{1e200, 2}, 2, 5e199, 5e199},
		{{2, 1e200}, 2, 5e199, 5e199},
		{{1.7976931348623157e308, 1.7976931348623157e308}, 2, 1.7976931348623157e308, 0},
		{{1.7976931348623157e308, -1.7976931348623157e308}, 2, 0, 1.7976931348623157e308},
		{{0, 0, 3e154}, 3, 1e154, 1.4142135623730951e154},
	};
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		for (size_t cut = 0; cut <= cases[k].n; cut++) {
			struct ae_offset_moments m = {0}, rest = {0};
			double mean, sd;
			for (size_t i = 0; i < cases[k].n; i++)
				ae_offset_moments_add(i < cut ? &m : &rest, cases[k].values[i]);
			ae_offset_moments_merge(&m, &rest);
			ae_offset_moments_get(&m, &mean, &sd);
			CHECK(fabs(mean - cases[k].mean) <= 1e-15 * fabs(cases[k].mean), "case %zu, cut at %zu: %.17g",
				k, cut, mean);
			CHECK(fabs(sd - cases[k].sd) <= 1e-15 * cases[k].sd, "case %zu, cut at %zu: %.17g", k, cut, sd);
		}
	}
}

int main(void)
{
	test_added();
	test_few();
	check_group("values one by one");
	test_merged();
	check_group("series merged");
	test_offset();
	test_offset_of_ordinary();
	check_group("a mean large beside the spread");
	test_long();
	check_group("many values, one of them far off");
	test_large();
	check_group("squares beyond f64");
	return check_done();
}
