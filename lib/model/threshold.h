/* SPDX-License-Identifier: MIT */
/* Thresholds on errors: fitted on the errors of normal rows, applied as "anomaly means err >= value". */
#ifndef AE_MODEL_THRESHOLD_H
#define AE_MODEL_THRESHOLD_H

#include <stdbool.h>

#include "core/rolling.h"
#include "core/sha256.h"
#include "core/util.h"
#include "model/grouping.h"
#include "model/metric_text.h"
#include "model/threshold_groups.h"

/* A row of the table of methods in threshold_method.c. */
struct ae_threshold_method;

/* A method and its number: K, Q, A or V; and what its value is multiplied by. */
struct ae_threshold_rule {
	const struct ae_threshold_method *method;
	double k;      /* 0 where the method takes none */
	double factor; /* above 0 */
};

/* The forms of all methods, "sigma:K" and so on (an ae_words). */
const char *ae_threshold_forms(size_t i);

/* Reads a rule such as "sigma:3" or "1.5*quantile:0.99". A usage error if it is none, or its number is out of range. */
int ae_threshold_parse(struct ae_threshold_rule *rule, const char *text, struct ae_error *err) AE_MUST_CHECK;

/* The rule as ae_threshold_parse reads it, such as "sigma:1"; returns text. */
#define AE_THRESHOLD_TEXT 80
char *ae_threshold_format(const struct ae_threshold_rule *rule, char text[AE_THRESHOLD_TEXT]);

enum ae_threshold_trait {
	AE_TRAIT_ROWLESS = 1 << 0, /* the value is its number, whatever the errors are */
	AE_TRAIT_MEAN = 1 << 1,    /* it takes the mean: one large error moves the value as far as it likes */
	AE_TRAIT_PARTS = 1 << 2,   /* it is asked to part the rows at a place: one of them may be the value itself */
	AE_TRAIT_CLASSES = 1 << 3, /* it takes anomalies too */
	AE_TRAIT_TAIL = 1 << 4,    /* it is about the largest errors, which of rows that a training saw are too small */
};
bool ae_threshold_rule_is(const struct ae_threshold_rule *rule, enum ae_threshold_trait trait);

/* What a threshold is fitted on. Errors are neither NaN nor infinite. */
struct ae_threshold_sample {
	double *errors; /* of normal rows */
	size_t count;
	double *anomalies; /* of anomalies, for AE_TRAIT_CLASSES */
	size_t anomaly_count;
};

/* How many errors above the quantile 0.98 pot needs, and among how many different ones they are found. */
enum { AE_POT_PEAKS = 10, AE_POT_ROWS = 500 };

/* The value that a rule gives for errors that are sorted. n = 0 is an error unless the value is fixed. So is a value of
   AE_BEYOND_F64 or more, which is the error of readings beyond f32. */
int ae_threshold_value(double *value, const struct ae_threshold_rule *rule, const struct ae_threshold_sample *sorted,
	struct ae_error *err) AE_MUST_CHECK;

/* Up to this many calibration errors are kept one by one. */
#define AE_THRESHOLD_ERRORS 10000

/* All zero is empty. Owns all that it points at; freed with ae_threshold_free. */
struct ae_threshold {
	struct ae_threshold_rule rule;
	double value;                 /* of all rows */
	char metric[AE_METRIC_TEXT];  /* of the errors (score.h), or "" if unknown */
	char reference[8];            /* "x", "target" or "" */
	bool scaled;                  /* the errors were in scaled units */
	char smooth[AE_ROLLING_TEXT]; /* how the errors were smoothed, "" = not at all */
	struct ae_grouping smooth_by; /* over the rows of which groups */
	bool has_digest;
	unsigned char digest[AE_DIGEST_SIZE]; /* of the model that made the errors (ae_model_digest) */
	bool has_stats;
	unsigned char stats[AE_DIGEST_SIZE]; /* of the model's statistics that they were made with */
	bool held_out;                       /* no training saw the rows of the errors */
	uint64_t rows;                       /* that it was fitted on */
	double *errors; /* sorted: all of them, or beyond AE_THRESHOLD_ERRORS their quantiles 0/10000 ... 10000/10000 */
	size_t errors_count; /* rows, or AE_THRESHOLD_ERRORS + 1 */
	struct ae_threshold_groups groups;
};

/* Sets rule, value, rows and the calibration errors; the other members stay as they are. The sample is sorted in place,
   so that the order of the rows changes nothing. Errors are those of ae_threshold_value. */
int ae_threshold_fit(struct ae_threshold *threshold, const struct ae_threshold_rule *rule,
	struct ae_threshold_sample *sample, struct ae_error *err) AE_MUST_CHECK;

/* How many of sorted[n] a threshold of this value calls anomalies. */
size_t ae_threshold_flags(double value, const double *sorted, size_t n);
/* Whether that is more than half of n. One row more than half of an odd number is the median, which a quantile meets
   that was asked to part the rows there. */
bool ae_threshold_flags_most(const struct ae_threshold_rule *rule, size_t flags, size_t n);
/* Whether sorted[n] differ by more than rounding: where they do not, no method finds room above them. */
bool ae_threshold_spread(const double *sorted, size_t n);

/* The conformal p-value of an error: (1 + the number of calibration errors at or above it) / (1 + their number); NaN
   for NaN. sorted[kept] are the errors of so many rows, or quantiles of them, between which the number is interpolated.
 */
double ae_threshold_pvalue(double error, const double *sorted, size_t kept, uint64_t rows);

/* Packs as a msgpack map, replacing what blob held; equal thresholds give equal bytes. */
int ae_threshold_pack(const struct ae_threshold *threshold, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Fills *threshold, which is all zero or in use; empty on failure. Unknown keys are an error. */
int ae_threshold_unpack(
	struct ae_threshold *threshold, const unsigned char *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;

void ae_threshold_free(struct ae_threshold *threshold);

#endif
