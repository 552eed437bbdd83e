/* SPDX-License-Identifier: MIT */
/* Mean and standard deviation in one pass, and series merged. */
#include "core/moments.h"

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

int main(void)
{
	test_added();
	test_few();
	check_group("values one by one");
	test_merged();
	check_group("series merged");
	return check_done();
}
