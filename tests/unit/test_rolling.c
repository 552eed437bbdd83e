/* SPDX-License-Identifier: MIT */
/* Exact sums and rolling statistics: against plain loops over the last N numbers, and what a file may hold of them.
   ae-smooth.bats holds the same against NumPy. */
#include "core/quantile.h"
#include "core/rolling.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/exact_sum.h"

enum { ROWS = 3000 };

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Whole numbers, so that plain sums are exact, and many of them equal. */
static void against_loops(const struct ae_rolling *r)
{
	static double all[ROWS], last[ROWS];
	double *kept = calloc(ae_rolling_kept(r), sizeof(double));
	double *derived = calloc(ae_rolling_derived(r) + 1, sizeof(double));
	double *again = calloc(ae_rolling_derived(r) + 1, sizeof(double));
	uint64_t state = 1;
	for (size_t i = 0; kept && derived && i < ROWS; i++) {
		state = state * 6364136223846793005U + 1442695040888963407U;
		all[i] = (double)(int)(state >> 40 & 63) - 31;
		size_t n = i + 1 < r->n ? i + 1 : r->n;
		double sum = 0;
		for (size_t k = 0; k < n; k++)
			sum += last[k] = all[i - k];
		qsort(last, n, sizeof(*last), by_value);
		double wanted = r->kind == AE_ROLLING_MEAN ? sum / (double)n : (last[(n - 1) / 2] + last[n / 2]) / 2;
		if (r->kind == AE_ROLLING_QUANTILE)
			wanted = ae_quantile(last, n, r->q);
		ae_rolling_add(r, kept, derived, all[i]);
		double got = ae_rolling_value(r, kept, derived);
		CHECK(got == wanted, "%zu of %llu: %g, not %g", i, (unsigned long long)r->n, got, wanted);
	}
	CHECK(ae_rolling_restore(r, kept, again), " ");
	CHECK(ae_rolling_value(r, kept, again) == ae_rolling_value(r, kept, derived), " ");
	ae_rolling_add(r, kept, again, 5);
	kept[1] = NAN;
	CHECK(!ae_rolling_restore(r, kept, derived), " ");
	kept[1] = 0;
	kept[0] = 0.5;
	CHECK(!ae_rolling_restore(r, kept, derived), " ");
	free(kept);
	free(derived);
	free(again);
}

static void exact_sums(void)
{
	struct ae_exact_sum sum = {0};
	const double values[] = {DBL_MAX, 1, -DBL_MAX, 5e-324, 1e16, -5e-324, 1, -1e16, -2};
	CHECK(ae_exact_mean(&sum, 1) == 0, " ");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		ae_exact_add(&sum, values[i]);
	CHECK(ae_exact_mean(&sum, 1) == 0, "%g", ae_exact_mean(&sum, 1));
	ae_exact_subtract(&sum, 5e-324);
	CHECK(ae_exact_mean(&sum, 1) == -5e-324, "%g", ae_exact_mean(&sum, 1));
	ae_exact_add(&sum, DBL_MAX);
	ae_exact_add(&sum, DBL_MAX);
	CHECK(ae_exact_mean(&sum, 2) == DBL_MAX, "%g", ae_exact_mean(&sum, 2));
	/* Half to even, and the last bit of a long sum decides. */
	sum = (struct ae_exact_sum){0};
	ae_exact_add(&sum, 9007199254740992);
	ae_exact_add(&sum, 1);
	CHECK(ae_exact_mean(&sum, 1) == 9007199254740992, " ");
	ae_exact_add(&sum, 1e-300);
	CHECK(ae_exact_mean(&sum, 1) == 9007199254740994, " ");
	/* Carries, which are propagated now and then. */
	sum = (struct ae_exact_sum){.pending = (1U << 30) - 3};
	for (int i = 0; i < 5; i++)
		ae_exact_add(&sum, i % 2 ? -0x1p100 : -0x1.fffffffffffffp-1);
	CHECK(ae_exact_mean(&sum, 1) == -0x1p101, "%a", ae_exact_mean(&sum, 1));
	ae_exact_add(&sum, 0x1p101);
	CHECK(ae_exact_mean(&sum, 3) == -0x1.fffffffffffffp-1, "%a", ae_exact_mean(&sum, 3));
}

int main(void)
{
	struct ae_error err;
	struct ae_rolling r;
	char text[AE_ROLLING_TEXT];
	exact_sums();
	check_group("exact sums");
	for (uint64_t n = 1; n < 40; n += n < 9 ? 1 : 7)
		for (int kind = 0; kind < 3; kind += 2)
			against_loops(&(struct ae_rolling){.kind = (enum ae_rolling_kind)kind, .n = n});
	for (uint64_t n = 1; n < 40; n += n < 9 ? 1 : 7)
		for (double q = 0; q <= 1; q += 0.125)
			against_loops(&(struct ae_rolling){.kind = AE_ROLLING_QUANTILE, .n = n, .q = q});
	check_group("mean, median and quantile against plain loops");
	CHECK(ae_rolling_parse(&r, "--x", "median:1048576", &err) == 0 && r.kind == AE_ROLLING_MEDIAN, " ");
	CHECK(strcmp(ae_rolling_format(&r, text), "median:1048576") == 0, "%s", text);
	CHECK(ae_rolling_parse(&r, "--x", "mean:0", &err) != 0 && err.status == AE_STATUS_USAGE, " ");
	CHECK(ae_rolling_parse(&r, "--x", "mean", &err) != 0, " ");
	CHECK(ae_rolling_parse(&r, "--x", "meen:3", &err) != 0 && strstr(err.text, "mean"), "%s", err.text);
	check_group("words");
	return check_done();
}
