/* SPDX-License-Identifier: MIT */
/* Resamples that need no sorting: how often each row is drawn is counted, and they are taken in their order. */
#include "model/threshold_interval.h"

#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"
#include "core/rng.h"

enum { WORDS = 4 };

/* Draws n of sorted[n] into out, in rising order. Number i of the n is word i of the random numbers of (seed, hi),
   times n / 2^32. */
static void draw(double *out, uint32_t *counts, const double *sorted, size_t n, uint64_t seed, uint64_t hi)
{
	uint32_t word[WORDS];
	if (n > 0)
		memset(counts, 0, n * sizeof(*counts));
	for (size_t i = 0; i < n; i++) {
		if (i % WORDS == 0)
			ae_rng(word, seed, hi, i / WORDS);
		counts[(uint64_t)word[i % WORDS] * n >> 32]++;
	}
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < counts[i]; k++)
			*out++ = sorted[i];
}

struct work {
	uint32_t *counts;
	double *rows, *values;
};

static int resample(struct ae_threshold_interval *interval, const struct work *w, const struct ae_threshold_rule *rule,
	const struct ae_threshold_sample *sorted, uint64_t resamples, uint64_t seed, struct ae_error *err)
{
	struct ae_threshold_sample drawn = *sorted;
	drawn.errors = w->rows;
	drawn.anomalies = w->rows + sorted->count;
	interval->fitted = 0;
	for (uint64_t i = 0; i < resamples; i++) {
		draw(drawn.errors, w->counts, sorted->errors, sorted->count, seed, AE_RNG_HI(AE_RNG_BOOTSTRAP, 2 * i));
		draw(drawn.anomalies, w->counts, sorted->anomalies, sorted->anomaly_count, seed,
			AE_RNG_HI(AE_RNG_BOOTSTRAP, 2 * i + 1));
		if (ae_threshold_value(&w->values[interval->fitted], rule, &drawn, err) == 0)
			interval->fitted++;
	}
	if (interval->fitted == 0)
		return ae_fail_in(err, "--bootstrap: ");
	ae_sort_f64(w->values, interval->fitted);
	interval->low = ae_quantile(w->values, interval->fitted, 0.025);
	interval->high = ae_quantile(w->values, interval->fitted, 0.975);
	return 0;
}

int ae_threshold_bootstrap(struct ae_threshold_interval *interval, const struct ae_threshold_rule *rule,
	const struct ae_threshold_sample *sorted, uint64_t resamples, uint64_t seed, struct ae_error *err)
{
	size_t n = sorted->count + sorted->anomaly_count;
	struct work w = {0};
	if (n > UINT32_MAX)
		return ae_fail(err, "--bootstrap takes up to %u rows", UINT32_MAX);
	w.counts = ae_calloc(n + 1, sizeof(*w.counts), err);
	w.rows = w.counts ? ae_calloc(n + 1, sizeof(*w.rows), err) : NULL;
	w.values = w.rows ? ae_calloc(resamples, sizeof(*w.values), err) : NULL;
	int rc = w.values ? resample(interval, &w, rule, sorted, resamples, seed, err) : -1;
	free(w.counts);
	free(w.rows);
	free(w.values);
	return rc;
}
