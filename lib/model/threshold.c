/* SPDX-License-Identifier: MIT */
/* The methods that fit a threshold, one row of a table each, and packing. */
#include "model/threshold.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "core/number.h"
#include "core/quantile.h"
#include "core/tensor.h"

/* Makes the median absolute deviation of normal values their standard deviation. */
#define MAD_SCALE 1.4826

/* ---- methods: the value from k and the errors, sorted, n of them ---- */

/* mean + k population standard deviations */
static double fit_sigma(double k, const double *sorted, size_t n)
{
	double sum = 0, mean, sd, rest;
	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	mean = sum / (double)n;
	/* A sum of many values that are large beside their spread loses digits; the deviations from it say how much. */
	for (int pass = 0; pass < 3; pass++) {
		double squares = 0;
		rest = 0;
		for (size_t i = 0; i < n; i++) {
			rest += sorted[i] - mean;
			squares += (sorted[i] - mean) * (sorted[i] - mean);
		}
		sd = sqrt(squares / (double)n);
		rest /= (double)n;
		if (!(fabs(rest) > 1e-9 * sd))
			break;
		mean += rest;
	}
	return mean + k * sd;
}

/* the quantile k, interpolated linearly as NumPy does */
static double fit_quantile(double k, const double *sorted, size_t n)
{
	return ae_quantile(sorted, n, k);
}

/* median + k * 1.4826 * median absolute deviation from the median */
static double fit_mad(double k, const double *sorted, size_t n)
{
	return ae_median(sorted, n) + k * MAD_SCALE * ae_median_deviation(sorted, n);
}

/* upper quartile + k * the distance of the quartiles */
static double fit_iqr(double k, const double *sorted, size_t n)
{
	double upper = ae_quantile(sorted, n, 0.75);
	return upper + k * (upper - ae_quantile(sorted, n, 0.25));
}

/* k itself */
static double fit_fixed(double k, const double *sorted, size_t n)
{
	(void)sorted, (void)n;
	return k;
}

struct ae_threshold_method {
	const char *name, *form;
	double least, most;  /* of its number */
	const char *example; /* of its number */
	bool without_rows;   /* it needs none */
	double (*fit)(double k, const double *sorted, size_t n);
};

static const struct ae_threshold_method methods[] = {
	{"sigma", "sigma:K", -DBL_MAX, DBL_MAX, "3", false, fit_sigma},
	{"quantile", "quantile:Q", 0, 1, "0.99", false, fit_quantile},
	{"mad", "mad:K", -DBL_MAX, DBL_MAX, "3", false, fit_mad},
	{"iqr", "iqr:K", -DBL_MAX, DBL_MAX, "1.5", false, fit_iqr},
	{"fixed", "fixed:V", -DBL_MAX, DBL_MAX, "0.5", true, fit_fixed},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

const char *ae_threshold_forms(size_t i)
{
	return i < METHODS ? methods[i].form : NULL;
}

static const struct ae_threshold_method *find_method(const char *name, size_t len)
{
	for (size_t i = 0; i < METHODS; i++)
		if (len == strlen(methods[i].name) && memcmp(name, methods[i].name, len) == 0)
			return &methods[i];
	return NULL;
}

/* ---- rules ---- */

int ae_threshold_parse(struct ae_threshold_rule *rule, const char *text, struct ae_error *err)
{
	char least[AE_NUMBER_TEXT], most[AE_NUMBER_TEXT];
	size_t len = strcspn(text, ":");
	const struct ae_threshold_method *method = find_method(text, len);
	if (!method)
		return ae_fail_word(err, "rule", text, ae_threshold_forms);
	if (text[len] == '\0')
		return ae_fail_usage(err, "\"%s\" needs a number, such as %s:%s", text, text, method->example);
	const char *number = text + len + 1;
	*rule = (struct ae_threshold_rule){.method = method};
	if (ae_parse_real(&rule->k, number, method->least, method->most) == 0)
		return 0;
	if (method->least == -DBL_MAX)
		return ae_fail_usage(err, "\"%s\": \"%s\" is not a number", text, number);
	ae_number_format_f64(least, method->least);
	ae_number_format_f64(most, method->most);
	return ae_fail_usage(err, "\"%s\": expected a number from %s to %s, not \"%s\"", text, least, most, number);
}

char *ae_threshold_format(const struct ae_threshold_rule *rule, char text[AE_THRESHOLD_TEXT])
{
	char number[AE_NUMBER_TEXT];
	ae_number_format_f64(number, rule->k);
	snprintf(text, AE_THRESHOLD_TEXT, "%s:%s", rule->method->name, number);
	return text;
}

bool ae_threshold_rule_is_fixed(const struct ae_threshold_rule *rule)
{
	return rule->method->without_rows;
}

bool ae_threshold_rule_is_mean(const struct ae_threshold_rule *rule)
{
	return rule->method->fit == fit_sigma;
}

/* ---- fitting ---- */

static int fail_large(struct ae_error *err)
{
	return ae_fail(err, "the errors are too large to fit a threshold: quantile:Q and mad:K bear a few of them, and "
			    "--where 'err<1e30' leaves out those of readings beyond f32");
}

int ae_threshold_fit(struct ae_threshold *threshold, const struct ae_threshold_rule *rule, double *errors, size_t n,
	struct ae_error *err)
{
	if (n == 0 && !rule->method->without_rows)
		return ae_fail(err, "no rows to fit a threshold on");
	ae_sort_f64(errors, n);
	double value = rule->method->fit(rule->k, errors, n);
	if (!isfinite(value) || (!rule->method->without_rows && value >= AE_BEYOND_F64))
		return fail_large(err);
	size_t kept = n <= AE_THRESHOLD_ERRORS ? n : AE_THRESHOLD_ERRORS + 1;
	double *copy = ae_calloc(kept, sizeof(*copy), err);
	if (!copy)
		return -1;
	for (size_t i = 0; i < kept; i++)
		copy[i] = kept == n ? errors[i] : ae_quantile(errors, n, (double)i / AE_THRESHOLD_ERRORS);
	for (size_t i = 0; i < kept; i++) {
		if (!isfinite(copy[i])) { /* between the largest numbers of both signs */
			free(copy);
			return fail_large(err);
		}
	}
	free(threshold->errors);
	threshold->errors = copy;
	threshold->errors_count = kept;
	threshold->rows = n;
	threshold->rule = *rule;
	threshold->value = value;
	return 0;
}

size_t ae_threshold_flags(double value, const double *sorted, size_t n)
{
	size_t low = 0, high = n; /* sorted[0, low) < value <= sorted[high, n) */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sorted[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return n - low;
}

bool ae_threshold_flags_most(const struct ae_threshold_rule *rule, size_t flags, size_t n)
{
	size_t median = rule->method->fit == fit_quantile ? n % 2 : 0;
	return n > 0 && (flags == n || flags > n / 2 + median);
}

bool ae_threshold_spread(const double *sorted, size_t n)
{
	const double rounding = 1e-12;
	return n > 0 && sorted[n - 1] - sorted[0] > rounding * fmax(fabs(sorted[0]), fabs(sorted[n - 1]));
}

/* ---- packing ---- */

static size_t key_count(const struct ae_threshold *threshold)
{
	return 8u + threshold->has_digest + threshold->held_out;
}

int ae_threshold_pack(const struct ae_threshold *threshold, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, key_count(threshold));
	ae_pack_str(&pack, "method");
	ae_pack_str(&pack, threshold->rule.method->name);
	ae_pack_str(&pack, "k");
	ae_pack_f64(&pack, threshold->rule.k);
	ae_pack_str(&pack, "value");
	ae_pack_f64(&pack, threshold->value);
	ae_pack_str(&pack, "metric");
	ae_pack_str(&pack, threshold->metric);
	ae_pack_str(&pack, "reference");
	ae_pack_str(&pack, threshold->reference);
	ae_pack_str(&pack, "scaled");
	ae_pack_bool(&pack, threshold->scaled);
	if (threshold->has_digest) {
		ae_pack_str(&pack, "digest");
		ae_pack_bin(&pack, threshold->digest, sizeof(threshold->digest));
	}
	if (threshold->held_out) {
		ae_pack_str(&pack, "held_out");
		ae_pack_bool(&pack, true);
	}
	ae_pack_str(&pack, "rows");
	ae_pack_u64(&pack, threshold->rows);
	ae_pack_str(&pack, "errors");
	ae_pack_f64s(&pack, threshold->errors, threshold->errors_count);
	return pack.failed ? -1 : 0;
}

static int take_number(double *number, const struct ae_value *value)
{
	return ae_value_f64(value, number) == 0 && isfinite(*number) ? 0 : -1;
}

static int take_errors(struct ae_threshold *threshold, const struct ae_value *value, struct ae_error *err)
{
	if (ae_value_f64s(value, &threshold->errors, &threshold->errors_count, err) != 0)
		return -1;
	uint64_t rows = threshold->rows;
	if (threshold->errors_count != (rows <= AE_THRESHOLD_ERRORS ? rows : AE_THRESHOLD_ERRORS + 1))
		return -1;
	const double *errors = threshold->errors;
	for (size_t i = 0; i < threshold->errors_count; i++) {
		if (!isfinite(errors[i]) || (i > 0 && errors[i] < errors[i - 1]))
			return -1;
	}
	return 0;
}

/* Fills the threshold; returns the key whose value is bad or missing, NULL if all is well. *err has a text where memory
   ran out. */
static const char *take_map(struct ae_threshold *threshold, const struct ae_value *map, struct ae_error *err)
{
	const char *name;
	const unsigned char *digest;
	size_t len;
	struct ae_threshold_rule *rule = &threshold->rule;
	if (ae_value_str(ae_value_get(map, "method"), &name, &len) != 0 || !(rule->method = find_method(name, len)))
		return "method";
	if (take_number(&rule->k, ae_value_get(map, "k")) != 0)
		return "k";
	if (take_number(&threshold->value, ae_value_get(map, "value")) != 0)
		return "value";
	if (ae_value_word(ae_value_get(map, "metric"), threshold->metric, sizeof(threshold->metric)) != 0)
		return "metric";
	if (ae_value_word(ae_value_get(map, "reference"), threshold->reference, sizeof(threshold->reference)) != 0)
		return "reference";
	if (ae_value_bool(ae_value_get(map, "scaled"), &threshold->scaled) != 0)
		return "scaled";
	threshold->has_digest = ae_value_get(map, "digest") != NULL;
	if (threshold->has_digest) {
		if (ae_value_bin(ae_value_get(map, "digest"), &digest, &len) != 0 || len != AE_DIGEST_SIZE)
			return "digest";
		memcpy(threshold->digest, digest, len);
	}
	const struct ae_value *held_out = ae_value_get(map, "held_out");
	if (held_out && (ae_value_bool(held_out, &threshold->held_out) != 0 || !threshold->held_out))
		return "held_out";
	if (ae_value_u64(ae_value_get(map, "rows"), &threshold->rows) != 0)
		return "rows";
	return take_errors(threshold, ae_value_get(map, "errors"), err) != 0 ? "errors" : NULL;
}

int ae_threshold_unpack(struct ae_threshold *threshold, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	ae_threshold_free(threshold);
	int rc;
	const struct ae_value *map = ae_value_packed(bytes, len, "threshold", err);
	if (!map)
		return -1;
	struct ae_error why = {0};
	const char *bad = take_map(threshold, map, &why);
	if (bad)
		rc = ae_fail_or(err, &why, "threshold: bad or missing \"%s\"", bad);
	else
		rc = ae_value_count(map) == key_count(threshold) ? 0 : ae_fail(err, "threshold: unknown keys");
	if (rc < 0)
		ae_threshold_free(threshold);
	return rc;
}

void ae_threshold_free(struct ae_threshold *threshold)
{
	free(threshold->errors);
	*threshold = (struct ae_threshold){0};
}
