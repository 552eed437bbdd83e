/* SPDX-License-Identifier: MIT */
#include "model/threshold.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "core/number.h"
#include "core/quantile.h"

/* Makes the median absolute deviation of normal values their standard deviation. */
#define MAD_SCALE 1.4826

static const char *const method_names[] = {"sigma", "quantile", "mad", "iqr", "fixed", NULL};

static int method_of(enum ae_threshold_method *method, const char *name, size_t len)
{
	for (size_t i = 0; method_names[i]; i++) {
		if (len == strlen(method_names[i]) && memcmp(name, method_names[i], len) == 0) {
			*method = (enum ae_threshold_method)i;
			return 0;
		}
	}
	return -1;
}

int ae_threshold_parse(struct ae_threshold_rule *rule, const char *text, struct ae_error *err)
{
	size_t len = strcspn(text, ":");
	if (method_of(&rule->method, text, len) != 0) {
		char name[16] = "";
		memcpy(name, text, len < sizeof(name) ? len : sizeof(name) - 1);
		const char *near = ae_nearest(name, method_names);
		if (near)
			return ae_fail_usage(err, "unknown rule \"%s\"; did you mean %s:?", text, near);
		return ae_fail_usage(err, "unknown rule \"%s\": sigma:K, quantile:Q, mad:K, iqr:K or fixed:V", text);
	}
	if (text[len] == '\0')
		return ae_fail_usage(err, "\"%s\" needs a number, such as %s:%s", text, text,
			rule->method == AE_THRESHOLD_QUANTILE ? "0.99" : "3");
	const char *number = text + len + 1;
	if (rule->method == AE_THRESHOLD_QUANTILE && ae_parse_real(&rule->k, number, 0, 1) != 0)
		return ae_fail_usage(err, "\"%s\": a quantile is a number from 0 to 1, not \"%s\"", text, number);
	if (rule->method != AE_THRESHOLD_QUANTILE && ae_parse_real(&rule->k, number, -DBL_MAX, DBL_MAX) != 0)
		return ae_fail_usage(err, "\"%s\": \"%s\" is not a number", text, number);
	return 0;
}

char *ae_threshold_format(const struct ae_threshold_rule *rule, char text[AE_THRESHOLD_TEXT])
{
	char number[AE_NUMBER_TEXT];
	ae_number_format_f64(number, rule->k);
	snprintf(text, AE_THRESHOLD_TEXT, "%s:%s", method_names[rule->method], number);
	return text;
}

static double mean_and_sd(const double *values, size_t n, double *sd)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	*sd = sqrt(squares / (double)n);
	return mean;
}

static int deviation_from_median(double *mad, const double *sorted, size_t n, struct ae_error *err)
{
	double *deviations = ae_calloc(n, sizeof(*deviations), err);
	if (!deviations)
		return -1;
	double median = ae_median(sorted, n);
	for (size_t i = 0; i < n; i++)
		deviations[i] = fabs(sorted[i] - median);
	ae_sort_f64(deviations, n);
	*mad = ae_median(deviations, n);
	free(deviations);
	return 0;
}

static int apply_rule(
	double *value, const struct ae_threshold_rule *rule, const double *sorted, size_t n, struct ae_error *err)
{
	double spread;
	switch (rule->method) {
	case AE_THRESHOLD_SIGMA:
		*value = mean_and_sd(sorted, n, &spread);
		*value += rule->k * spread;
		break;
	case AE_THRESHOLD_QUANTILE:
		*value = ae_quantile(sorted, n, rule->k);
		break;
	case AE_THRESHOLD_MAD:
		if (deviation_from_median(&spread, sorted, n, err) != 0)
			return -1;
		*value = ae_median(sorted, n) + rule->k * MAD_SCALE * spread;
		break;
	case AE_THRESHOLD_IQR:
		*value = ae_quantile(sorted, n, 0.75);
		*value += rule->k * (*value - ae_quantile(sorted, n, 0.25));
		break;
	case AE_THRESHOLD_FIXED:
		*value = rule->k;
		break;
	}
	if (!isfinite(*value))
		return ae_fail(err, "the errors are too large to fit a threshold");
	return 0;
}

int ae_threshold_fit(struct ae_threshold *threshold, const struct ae_threshold_rule *rule, double *errors, size_t n,
	struct ae_error *err)
{
	if (n == 0 && rule->method != AE_THRESHOLD_FIXED)
		return ae_fail(err, "no rows to fit a threshold on");
	ae_sort_f64(errors, n);
	if (apply_rule(&threshold->value, rule, errors, n, err) != 0)
		return -1;
	size_t kept = n <= AE_THRESHOLD_ERRORS ? n : AE_THRESHOLD_ERRORS + 1;
	double *copy = ae_calloc(kept, sizeof(*copy), err);
	if (!copy)
		return -1;
	for (size_t i = 0; i < kept; i++)
		copy[i] = kept == n ? errors[i] : ae_quantile(errors, n, (double)i / AE_THRESHOLD_ERRORS);
	free(threshold->errors);
	threshold->errors = copy;
	threshold->errors_count = kept;
	threshold->rows = n;
	threshold->rule = *rule;
	return 0;
}

int ae_threshold_pack(const struct ae_threshold *threshold, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, threshold->has_digest ? 9 : 8);
	ae_pack_str(&pack, "method");
	ae_pack_str(&pack, method_names[threshold->rule.method]);
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
	ae_pack_str(&pack, "rows");
	ae_pack_u64(&pack, threshold->rows);
	ae_pack_str(&pack, "errors");
	ae_pack_f64s(&pack, threshold->errors, threshold->errors_count);
	return pack.failed ? -1 : 0;
}

static int take_word(char *word, size_t size, const struct ae_value *value)
{
	const char *text;
	size_t len;
	if (ae_value_str(value, &text, &len) != 0 || len >= size || memchr(text, '\0', len))
		return -1;
	memcpy(word, text, len);
	word[len] = '\0';
	return 0;
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

/* Fills the threshold; returns the key whose value is bad or missing, NULL if all is well. */
static const char *take_map(struct ae_threshold *threshold, const struct ae_value *map, struct ae_error *err)
{
	const char *name;
	const unsigned char *digest;
	size_t len;
	struct ae_threshold_rule *rule = &threshold->rule;
	if (ae_value_str(ae_value_get(map, "method"), &name, &len) != 0 || method_of(&rule->method, name, len) != 0)
		return "method";
	if (take_number(&rule->k, ae_value_get(map, "k")) != 0)
		return "k";
	if (take_number(&threshold->value, ae_value_get(map, "value")) != 0)
		return "value";
	if (take_word(threshold->metric, sizeof(threshold->metric), ae_value_get(map, "metric")) != 0)
		return "metric";
	if (take_word(threshold->reference, sizeof(threshold->reference), ae_value_get(map, "reference")) != 0)
		return "reference";
	if (ae_value_bool(ae_value_get(map, "scaled"), &threshold->scaled) != 0)
		return "scaled";
	threshold->has_digest = ae_value_get(map, "digest") != NULL;
	if (threshold->has_digest) {
		if (ae_value_bin(ae_value_get(map, "digest"), &digest, &len) != 0 || len != AE_DIGEST_SIZE)
			return "digest";
		memcpy(threshold->digest, digest, len);
	}
	if (ae_value_u64(ae_value_get(map, "rows"), &threshold->rows) != 0)
		return "rows";
	return take_errors(threshold, ae_value_get(map, "errors"), err) != 0 ? "errors" : NULL;
}

int ae_threshold_unpack(struct ae_threshold *threshold, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	ae_threshold_free(threshold);
	size_t size;
	int rc = ae_msg_scan(bytes, len, len, &size, err);
	if (rc < 0)
		return ae_fail_in(err, "threshold: ");
	if (rc == 0 || size != len)
		return ae_fail(err, "threshold: wrong length");
	struct ae_doc *doc = ae_doc_parse(bytes, len, err);
	if (!doc)
		return ae_fail_in(err, "threshold: ");
	const struct ae_value *map = ae_doc_root(doc);
	const char *bad = take_map(threshold, map, err);
	if (bad)
		rc = ae_fail(err, "threshold: bad or missing \"%s\"", bad);
	else
		rc = ae_value_count(map) == (threshold->has_digest ? 9u : 8u) ? 0
									      : ae_fail(err, "threshold: unknown keys");
	ae_doc_free(doc);
	if (rc < 0)
		ae_threshold_free(threshold);
	return rc;
}

void ae_threshold_free(struct ae_threshold *threshold)
{
	free(threshold->errors);
	*threshold = (struct ae_threshold){0};
}
