/* SPDX-License-Identifier: MIT */
/* Transforms of each value by itself and by what it was in the rows before. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "model/transform.h"

/* ---- baseline: a value minus the rolling statistic of those before it ---- */

static int parse_baseline(struct ae_transform_step *step, const char *text, struct ae_error *err)
{
	if (ae_rolling_parse(&step->rolling, "--baseline", text, err) != 0)
		return -1;
	ae_rolling_format(&step->rolling, step->text);
	step->rows = step->rolling.kind == AE_ROLLING_EWMA ? 0 : step->rolling.n;
	return 0;
}

static int bind_baseline(struct ae_transform_step *step, struct ae_error *err)
{
	size_t n = ae_shape_size(&step->in);
	(void)err;
	step->kept = ae_product(n, ae_rolling_kept(&step->rolling));
	step->derived = ae_product(n, ae_rolling_derived(&step->rolling));
	return 0;
}

static size_t run_baseline(
	const struct ae_transform_step *step, const double *x, double *y, const double *kept, const double *derived)
{
	size_t n = ae_shape_size(&step->in), of_kept = step->kept / n, of_derived = step->derived / n;
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] - ae_rolling_value(&step->rolling, kept + i * of_kept, derived + i * of_derived);
	return SIZE_MAX;
}

static void learn_baseline(const struct ae_transform_step *step, const double *x, double *kept, double *derived)
{
	size_t n = ae_shape_size(&step->in), of_kept = step->kept / n, of_derived = step->derived / n;
	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			ae_rolling_add(&step->rolling, kept + i * of_kept, derived + i * of_derived, x[i]);
}

static bool restore_baseline(const struct ae_transform_step *step, const double *kept, double *derived)
{
	size_t n = ae_shape_size(&step->in), of_kept = step->kept / n, of_derived = step->derived / n;
	for (size_t i = 0; i < n; i++)
		if (!ae_rolling_restore(&step->rolling, kept + i * of_kept, derived + i * of_derived))
			return false;
	return true;
}

const struct ae_transform_kind ae_transform_baseline = {.name = "baseline",
	.arg = "KIND:N",
	.keeps_names = true,
	.parse = parse_baseline,
	.bind = bind_baseline,
	.run = run_baseline,
	.learn = learn_baseline,
	.restore = restore_baseline};

/* ---- diff: a value minus that of N rows before ---- */

static int parse_diff(struct ae_transform_step *step, const char *text, struct ae_error *err)
{
	if (ae_parse_u64(&step->rows, text, 1, AE_ROLLING_MOST) != 0)
		return ae_fail_usage(err, "--diff %s: expected a whole number from 1 to %d", text, AE_ROLLING_MOST);
	snprintf(step->text, sizeof(step->text), "%llu", (unsigned long long)step->rows);
	return 0;
}

/* How many rows there were, and the last N of them: row i at place i % N. */
static int bind_diff(struct ae_transform_step *step, struct ae_error *err)
{
	size_t ring = ae_product(ae_shape_size(&step->in), step->rows);
	(void)err;
	step->kept = ring == SIZE_MAX ? ring : 1 + ring;
	return 0;
}

static size_t run_diff(
	const struct ae_transform_step *step, const double *x, double *y, const double *kept, const double *derived)
{
	size_t n = ae_shape_size(&step->in);
	const double *old = kept + 1 + (uint64_t)kept[0] % step->rows * n;
	bool full = kept[0] >= (double)step->rows;
	(void)derived;
	for (size_t i = 0; i < n; i++)
		y[i] = full ? x[i] - old[i] : NAN;
	return SIZE_MAX;
}

static void learn_diff(const struct ae_transform_step *step, const double *x, double *kept, double *derived)
{
	size_t n = ae_shape_size(&step->in);
	(void)derived;
	memcpy(kept + 1 + (uint64_t)kept[0] % step->rows * n, x, n * sizeof(*x));
	kept[0]++;
}

static bool restore_diff(const struct ae_transform_step *step, const double *kept, double *derived)
{
	(void)derived;
	for (size_t i = 1; i < step->kept; i++)
		if (isinf(kept[i]))
			return false;
	return kept[0] >= 0 && kept[0] < 0x1p53 && kept[0] == floor(kept[0]);
}

const struct ae_transform_kind ae_transform_diff = {.name = "diff",
	.arg = "N",
	.keeps_names = true,
	.parse = parse_diff,
	.bind = bind_diff,
	.run = run_diff,
	.learn = learn_diff,
	.restore = restore_diff};

/* ---- log1p: the logarithm of 1 + x ---- */

static size_t run_log1p(
	const struct ae_transform_step *step, const double *x, double *y, const double *kept, const double *derived)
{
	size_t n = ae_shape_size(&step->in);
	(void)kept;
	(void)derived;
	for (size_t i = 0; i < n; i++) {
		if (x[i] <= -1)
			return i;
		y[i] = log1p(x[i]);
	}
	return SIZE_MAX;
}

static void invert_log1p(const struct ae_transform_step *step, const double *y, double *x)
{
	for (size_t i = 0; i < ae_shape_size(&step->in); i++)
		x[i] = ae_number_finite(expm1(y[i]));
}

const struct ae_transform_kind ae_transform_log1p = {
	.name = "log1p", .keeps_names = true, .run = run_log1p, .invert = invert_log1p, .needs = "values above -1"};
