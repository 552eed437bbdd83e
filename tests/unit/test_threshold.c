/* SPDX-License-Identifier: MIT */
/* Thresholds against NumPy (expected/threshold.py), rules, packing. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"
#include "model/threshold.h"

struct expected {
	size_t n;
	double values[5]; /* sigma:1.5, quantile:0.99, mad:3, iqr:1.5, and the quantile 1234/10000 */
};

static const struct expected table[] = {
	{1, {0, 0, 0, 0, 0}},
	{2, {4.6723008900880814, 3.7004623049497605, 10.181504315608739, 5.6067610681056976, 0.46124954386949535}},
	{7, {5.0694188044117645, 5.3599131762981402, 9.6378862261772156, 8.0988789051771164, 0.12087667644023894}},
	{1000, {4.6626001561125001, 5.8431377404928204, 7.2554148053109646, 7.839882031083107, 0.090730103969573983}},
	{10000, {4.6591072633305481, 5.8489462214708334, 7.243191940689087, 7.8340658247470856, 0.090892334306240094}},
	{25000, {4.659125716393743, 5.8501153588294983, 7.2397736078619959, 7.8338420987129211, 0.090892334306240094}},
};

static double *make_errors(size_t n)
{
	double *errors = malloc(n * sizeof(*errors));
	for (size_t i = 0; i < n; i++) {
		double e = (double)(i * 7919 % 10007) / 4096.0;
		errors[i] = e * e;
	}
	return errors;
}

static void check_round_trip(const struct ae_threshold *threshold)
{
	struct ae_error err = {0};
	struct ae_threshold again = {0};
	struct ae_buf blob = {0}, twice = {0};
	CHECK(ae_threshold_pack(threshold, &blob, &err) == 0, "%s", err.text);
	CHECK(ae_threshold_unpack(&again, blob.data, blob.len, &err) == 0, "%s", err.text);
	CHECK(again.value == threshold->value && again.rows == threshold->rows, "unpacked");
	CHECK(strcmp(again.metric, threshold->metric) == 0 && again.scaled == threshold->scaled, "unpacked");
	CHECK(again.held_out == threshold->held_out, "unpacked");
	CHECK(ae_grouping_count(&again.smooth_by) == ae_grouping_count(&threshold->smooth_by), "unpacked");
	CHECK(ae_threshold_pack(&again, &twice, &err) == 0 && ae_buf_equal(&blob, &twice), "packed again");
	for (size_t len = 0; len < blob.len && len < 300; len++)
		CHECK(ae_threshold_unpack(&again, blob.data, len, &err) == -1, "cut at %zu", len);
	CHECK(again.errors == NULL && again.rows == 0, "empty after a failure");
	ae_threshold_free(&again);
	ae_buf_free(&blob);
	ae_buf_free(&twice);
}

static void check_against_numpy(void)
{
	static const char *const rules[] = {"sigma:1.5", "quantile:0.99", "mad:3", "iqr:1.5"};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ae_threshold threshold = {.metric = "mae", .reference = "x", .scaled = true, .has_digest = true};
		size_t n = table[i].n;
		for (size_t r = 0; r < 4; r++) {
			struct ae_error err = {0};
			struct ae_threshold_rule rule;
			double *errors = make_errors(n);
			CHECK(ae_threshold_parse(&rule, rules[r], &err) == 0, "%s", err.text);
			CHECK(ae_threshold_fit(&threshold, &rule,
				      &(struct ae_threshold_sample){.errors = errors, .count = n}, &err) == 0,
				"%s", err.text);
			double e = table[i].values[r];
			CHECK(fabs(threshold.value - e) <= (r == 1 ? 0 : 1e-12 * e), "%zu rows, %s: %.17g, not %.17g",
				n, rules[r], threshold.value, e);
			free(errors);
		}
		CHECK(threshold.rows == n, "%zu rows", n);
		CHECK(threshold.errors_count == (n <= 10000 ? n : 10001), "%zu rows", n);
		double kept = n <= 10000 ? ae_quantile(threshold.errors, n, 0.1234) : threshold.errors[1234];
		CHECK(kept == table[i].values[4], "%zu rows: %.17g", n, kept);
		check_round_trip(&threshold);
		threshold.held_out = true;
		strcpy(threshold.smooth, "mean:3");
		threshold.smooth_by.group = malloc(8);
		strcpy(threshold.smooth_by.group, "machine");
		threshold.smooth_by.max_gap = 90;
		check_round_trip(&threshold);
		ae_threshold_free(&threshold);
	}
}

static void check_rules(void)
{
	struct ae_error err = {0};
	struct ae_threshold_rule rule;
	char text[AE_THRESHOLD_TEXT];
	static const char *const bad[] = {"", "sigma", "sigma:", "sigma:x", "sigma:nan", "quantile:1.01",
		"quantile:-0.1", "sgma:1", "iqr:1e999", ":1", "fixed:0x1", "f1:1", "pot", "2*", "2*2*mad:1", "-1*mad:1",
		"*mad:1", "inf*mad:1"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(ae_threshold_parse(&rule, bad[i], &err) == -1, "\"%s\"", bad[i]);
		CHECK(err.status == AE_STATUS_USAGE, "\"%s\"", bad[i]);
	}
	CHECK(ae_threshold_parse(&rule, "sgma:1", &err) == -1 && strstr(err.text, "sigma"), "%s", err.text);
	CHECK(ae_threshold_parse(&rule, "quantile:1.01", &err) == -1 && strstr(err.text, "1.01"), "%s", err.text);
	static const char *const good[] = {"sigma:1", "quantile:0.999", "mad:3.5", "iqr:-1", "fixed:0.0001", "f1",
		"fpr:0.01", "pot:0.001", "1.333*quantile:0.99", "0.5*f1"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(ae_threshold_parse(&rule, good[i], &err) == 0, "%s", err.text);
		CHECK(strcmp(ae_threshold_format(&rule, text), good[i]) == 0, "%s", text);
	}
	struct ae_threshold threshold = {0};
	CHECK(ae_threshold_parse(&rule, "fixed:0.25", &err) == 0, "%s", err.text);
	CHECK(ae_threshold_fit(&threshold, &rule, &(struct ae_threshold_sample){.errors = NULL, .count = 0}, &err) ==
				0 &&
			threshold.value == 0.25,
		"%s", err.text);
	check_round_trip(&threshold);
	CHECK(ae_threshold_parse(&rule, "sigma:1", &err) == 0, "%s", err.text);
	CHECK(ae_threshold_fit(&threshold, &rule, &(struct ae_threshold_sample){.errors = NULL, .count = 0}, &err) ==
			-1,
		"no rows");
	ae_threshold_free(&threshold);
}

int main(void)
{
	check_against_numpy();
	check_rules();
	return check_done();
}
