/* SPDX-License-Identifier: MIT */
/* Mean and standard deviation in one pass, and series merged. */
#include "core/moments.h"

#include <stdint.h>

#include "check.h"

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
	return check_done();
}
