/* SPDX-License-Identifier: MIT */
/* The methods that fit a threshold, one row of a table each. */
#include "model/threshold_method.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/quantile.h"

/* Makes the median absolute deviation of normal values their standard deviation. */
#define MAD_SCALE 1.4826

/* mean + k population standard deviations */
static int fit_sigma(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)err;
	const double *sorted = s->errors;
	size_t n = s->count;
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
	*value = mean + k * sd;
	return 0;
}

/* the quantile k, interpolated linearly as NumPy does */
static int fit_quantile(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)err;
	*value = ae_quantile(s->errors, s->count, k);
	return 0;
}

/* median + k * 1.4826 * median absolute deviation from the median */
static int fit_mad(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)err;
	*value = ae_median(s->errors, s->count) + k * MAD_SCALE * ae_median_deviation(s->errors, s->count);
	return 0;
}

/* upper quartile + k * the distance of the quartiles */
static int fit_iqr(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)err;
	double upper = ae_quantile(s->errors, s->count, 0.75);
	*value = upper + k * (upper - ae_quantile(s->errors, s->count, 0.25));
	return 0;
}

/* k itself */
static int fit_fixed(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)s, (void)err;
	*value = k;
	return 0;
}

/* The threshold with the highest F1, the highest one if there are several. It is the error of an anomaly: to one
   between two of them, the next higher one flags as many anomalies, and no more normal rows. */
static int fit_f1(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)k;
	if (s->count == 0 || s->anomaly_count == 0)
		return ae_fail(err,
			"f1 needs rows of both classes, and there are %zu normal rows and %zu anomalies; of normal "
			"rows alone quantile:Q, mad:K, fpr:A and pot:Q make a threshold",
			s->count, s->anomaly_count);
	double best = -1;
	size_t normal = s->count;
	for (size_t tp = 1; tp <= s->anomaly_count; tp++) {
		double at = s->anomalies[s->anomaly_count - tp];
		if (tp < s->anomaly_count && s->anomalies[s->anomaly_count - tp - 1] == at)
			continue;
		while (normal > 0 && s->errors[normal - 1] >= at)
			normal--;
		double f1 = 2 * (double)tp / (double)(tp + (s->count - normal) + s->anomaly_count);
		if (f1 > best) {
			best = f1;
			*value = at;
		}
	}
	return 0;
}

/* the least threshold that calls at most a share of k of the normal rows anomalies */
static int fit_fpr(double *value, double k, const struct ae_threshold_sample *s, struct ae_error *err)
{
	(void)err;
	size_t n = s->count, most = (size_t)(k * (double)n) + 1;
	if (most > n)
		most = n;
	while ((double)most / (double)n > k)
		most--;
	*value = most == n ? s->errors[0] : nextafter(s->errors[n - 1 - most], INFINITY);
	return 0;
}

static const struct ae_threshold_method methods[] = {
	{"sigma", "sigma:K", -DBL_MAX, DBL_MAX, "3", AE_TRAIT_MEAN, fit_sigma},
	{"quantile", "quantile:Q", 0, 1, "0.99", AE_TRAIT_PARTS, fit_quantile},
	{"mad", "mad:K", -DBL_MAX, DBL_MAX, "3", 0, fit_mad},
	{"iqr", "iqr:K", -DBL_MAX, DBL_MAX, "1.5", 0, fit_iqr},
	{"f1", "f1", 0, 0, NULL, AE_TRAIT_CLASSES, fit_f1},
	{"fpr", "fpr:A", 0, 1, "0.01", 0, fit_fpr},
	{"pot", "pot:Q", 1e-12, 0.02, "0.001", AE_TRAIT_TAIL, ae_threshold_pot},
	{"fixed", "fixed:V", -DBL_MAX, DBL_MAX, "0.5", AE_TRAIT_ROWLESS, fit_fixed},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

const struct ae_threshold_method *ae_threshold_method_at(size_t i)
{
	return i < METHODS ? &methods[i] : NULL;
}

const struct ae_threshold_method *ae_threshold_method_find(const char *name, size_t len)
{
	for (size_t i = 0; i < METHODS; i++)
		if (len == strlen(methods[i].name) && memcmp(name, methods[i].name, len) == 0)
			return &methods[i];
	return NULL;
}
