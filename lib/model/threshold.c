/* SPDX-License-Identifier: MIT */
/* Rules, and the thresholds that they give. */
#include "model/threshold.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/quantile.h"
#include "core/tensor.h"
#include "model/threshold_method.h"

/* ---- rules ---- */

const char *ae_threshold_forms(size_t i)
{
	const struct ae_threshold_method *method = ae_threshold_method_at(i);
	return method ? method->form : NULL;
}

static int parse_number(double *number, const struct ae_threshold_method *method, const char *text, const char *given,
	struct ae_error *err)
{
	char least[AE_NUMBER_TEXT], most[AE_NUMBER_TEXT];
	if (ae_parse_real(number, given, method->least, method->most) == 0)
		return 0;
	if (method->least == -DBL_MAX)
		return ae_fail_usage(err, "\"%s\": \"%s\" is not a number", text, given);
	ae_number_format_f64(least, method->least);
	ae_number_format_f64(most, method->most);
	return ae_fail_usage(err, "\"%s\": expected a number from %s to %s, not \"%s\"", text, least, most, given);
}

/* "K*" before a method; *text goes on behind it. */
static int parse_factor(double *factor, const char **text, struct ae_error *err)
{
	char number[AE_NUMBER_TEXT] = "";
	size_t len = strcspn(*text, "*:");
	*factor = 1;
	if ((*text)[len] != '*')
		return 0;
	if (len < sizeof(number))
		memcpy(number, *text, len);
	if (ae_parse_real(factor, number, DBL_MIN, DBL_MAX) != 0)
		return ae_fail_usage(err, "\"%s\": \"%.*s\" is no number above 0", *text, (int)len, *text);
	*text += len + 1;
	return 0;
}

int ae_threshold_parse(struct ae_threshold_rule *rule, const char *text, struct ae_error *err)
{
	double factor;
	if (parse_factor(&factor, &text, err) != 0)
		return -1;
	size_t len = strcspn(text, ":");
	const struct ae_threshold_method *method = ae_threshold_method_find(text, len);
	if (!method)
		return ae_fail_word(err, "rule", text, ae_threshold_forms);
	*rule = (struct ae_threshold_rule){.method = method, .factor = factor};
	if (!method->example && text[len] == '\0')
		return 0;
	if (!method->example)
		return ae_fail_usage(err, "\"%s\": %s takes no number", text, method->name);
	if (text[len] == '\0')
		return ae_fail_usage(err, "\"%s\" needs a number, such as %s:%s", text, text, method->example);
	return parse_number(&rule->k, method, text, text + len + 1, err);
}

char *ae_threshold_format(const struct ae_threshold_rule *rule, char text[AE_THRESHOLD_TEXT])
{
	char number[AE_NUMBER_TEXT], factor[AE_NUMBER_TEXT];
	ae_number_format_f64(number, rule->k);
	ae_number_format_f64(factor, rule->factor);
	bool one = rule->factor == 1, numberless = !rule->method->example;
	snprintf(text, AE_THRESHOLD_TEXT, "%s%s%s%s%s", one ? "" : factor, one ? "" : "*", rule->method->name,
		numberless ? "" : ":", numberless ? "" : number);
	return text;
}

bool ae_threshold_rule_is(const struct ae_threshold_rule *rule, enum ae_threshold_trait trait)
{
	return rule->method->traits & trait;
}

/* ---- fitting ---- */

static int fail_large(struct ae_error *err)
{
	return ae_fail(err, "the errors are too large to fit a threshold: quantile:Q and mad:K bear a few of them, and "
			    "--where 'err<1e30' leaves out those of readings beyond f32");
}

int ae_threshold_value(double *value, const struct ae_threshold_rule *rule, const struct ae_threshold_sample *sorted,
	struct ae_error *err)
{
	bool rowless = ae_threshold_rule_is(rule, AE_TRAIT_ROWLESS);
	if (sorted->count + sorted->anomaly_count == 0 && !rowless)
		return ae_fail(err, "no rows to fit a threshold on");
	if (rule->method->fit(value, rule->k, sorted, err) != 0)
		return -1;
	*value *= rule->factor;
	return !isfinite(*value) || (!rowless && *value >= AE_BEYOND_F64) ? fail_large(err) : 0;
}

int ae_threshold_fit(struct ae_threshold *threshold, const struct ae_threshold_rule *rule,
	struct ae_threshold_sample *sample, struct ae_error *err)
{
	double value, *errors = sample->errors;
	size_t n = sample->count;
	ae_sort_f64(errors, n);
	ae_sort_f64(sample->anomalies, sample->anomaly_count);
	if (ae_threshold_value(&value, rule, sample, err) != 0)
		return -1;
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

double ae_threshold_pvalue(double error, const double *sorted, size_t kept, uint64_t rows)
{
	size_t below = kept - ae_threshold_flags(error, sorted, kept);
	double above = (double)(kept - below), n = (double)rows;
	if (isnan(error))
		return NAN;
	if (rows != kept && below > 0 && below < kept) {
		/* The place of the error among the rows, from 0 to n - 1; at and behind it they are not smaller. */
		double step = sorted[below] - sorted[below - 1];
		double at = (double)(below - 1) + (error - sorted[below - 1]) / step;
		above = n - ceil(at / (double)(kept - 1) * (n - 1));
	} else if (rows != kept) {
		above = below == 0 ? n : 0;
	}
	return (1 + above) / (1 + n);
}

bool ae_threshold_flags_most(const struct ae_threshold_rule *rule, size_t flags, size_t n)
{
	size_t median = ae_threshold_rule_is(rule, AE_TRAIT_PARTS) ? n % 2 : 0;
	return n > 0 && (flags == n || flags > n / 2 + median);
}

bool ae_threshold_spread(const double *sorted, size_t n)
{
	const double rounding = 1e-12;
	return n > 0 && sorted[n - 1] - sorted[0] > rounding * fmax(fabs(sorted[0]), fabs(sorted[n - 1]));
}

void ae_threshold_free(struct ae_threshold *threshold)
{
	free(threshold->errors);
	ae_threshold_groups_free(&threshold->groups);
	ae_grouping_free(&threshold->smooth_by);
	*threshold = (struct ae_threshold){0};
}
