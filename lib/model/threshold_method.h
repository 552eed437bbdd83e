/* SPDX-License-Identifier: MIT */
/* A method that fits a threshold: a row of the table in threshold_method.c. For the files threshold*.c. */
#ifndef AE_MODEL_THRESHOLD_METHOD_H
#define AE_MODEL_THRESHOLD_METHOD_H

#include "model/threshold.h"

struct ae_threshold_method {
	const char *name, *form;
	double least, most;  /* of its number */
	const char *example; /* of its number */
	unsigned traits;     /* of enum ae_threshold_trait */
	/* The value for the number k from errors that are sorted; there is at least one but for AE_TRAIT_ROWLESS. */
	int (*fit)(double *value, double k, const struct ae_threshold_sample *sorted, struct ae_error *err);
};

#define AE_POT_QUANTILE 0.98
/* What lies above the quantile 0.98, t, of so many errors. */
struct ae_peaks {
	double t;
	const double *above; /* in rising order */
	size_t count, rows;
};
/* False if there are fewer than AE_POT_PEAKS. */
bool ae_pot_value(double *value, double risk, const struct ae_peaks *peaks) AE_MUST_CHECK;

/* Peaks over threshold, for the share of errors that are to be called anomalies. */
int ae_threshold_pot(
	double *value, double risk, const struct ae_threshold_sample *sorted, struct ae_error *err) AE_MUST_CHECK;

/* The i-th method, NULL after the last. */
const struct ae_threshold_method *ae_threshold_method_at(size_t i);
/* NULL if there is none of this name. */
const struct ae_threshold_method *ae_threshold_method_find(const char *name, size_t len);

#endif
