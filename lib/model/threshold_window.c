/* SPDX-License-Identifier: MIT */
/* Thresholds that follow a stream. The kept numbers are those of the rolling quantile, and of pot its value and whether
   it has one. */
#include "model/threshold_window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/quantile.h"
#include "core/tensor.h"
#include "model/threshold_method.h"

static const char *const forms[] = {"pot:Q", "quantile:Q"};

const char *ae_threshold_window_forms(size_t i)
{
	return i < sizeof(forms) / sizeof(*forms) ? forms[i] : NULL;
}

int ae_threshold_window_parse(struct ae_threshold_window *w, const char *text, uint64_t n, struct ae_error *err)
{
	char full[AE_THRESHOLD_TEXT];
	size_t len = strcspn(text, ":");
	const struct ae_threshold_method *method = ae_threshold_method_find(text, len);
	if (!method || !(strcmp(method->name, "pot") == 0 || strcmp(method->name, "quantile") == 0))
		return ae_fail_word(err, "--stream", text, ae_threshold_window_forms);
	snprintf(full, sizeof(full), "%s:%s", method->name, method->example);
	if (ae_threshold_parse(&w->rule, text[len] ? text : full, err) != 0)
		return -1;
	w->pot = method->name[0] == 'p';
	w->n = n;
	if (w->pot && n < AE_POT_ROWS)
		return ae_fail_usage(err, "--stream pot needs a --window of at least %d", AE_POT_ROWS);
	w->rolling =
		(struct ae_rolling){.kind = AE_ROLLING_QUANTILE, .n = n, .q = w->pot ? AE_POT_QUANTILE : w->rule.k};
	w->peaks = w->pot ? ae_calloc(n, sizeof(*w->peaks), err) : NULL;
	return w->pot && !w->peaks ? -1 : 0;
}

struct ae_threshold_window ae_threshold_window_with_room(const struct ae_threshold_window *w, double count)
{
	struct ae_threshold_window with = *w;
	with.rolling = ae_rolling_with_room(&w->rolling, count);
	return with;
}

size_t ae_threshold_window_kept(const struct ae_threshold_window *w)
{
	return ae_rolling_kept(&w->rolling) + (w->pot ? 2 : 0);
}

size_t ae_threshold_window_derived(const struct ae_threshold_window *w)
{
	return ae_rolling_derived(&w->rolling);
}

static bool is_full(const struct ae_threshold_window *w, const double *kept)
{
	return kept[0] >= (double)w->n;
}

double ae_threshold_window_value(const struct ae_threshold_window *w, const double *kept, const double *derived)
{
	const double *last = kept + ae_rolling_kept(&w->rolling);
	if (!is_full(w, kept))
		return NAN;
	if (w->pot)
		return last[1] != 0 ? last[0] : NAN;
	return ae_rolling_value(&w->rolling, kept, derived);
}

static void fit(const struct ae_threshold_window *w, double *kept, const double *derived)
{
	double t = ae_rolling_value(&w->rolling, kept, derived), value;
	double *last = kept + ae_rolling_kept(&w->rolling);
	size_t n = w->rolling.n, upper = ae_rolling_upper(&w->rolling, kept, derived, w->peaks), count = 0;
	for (size_t i = 0; i < upper; i++)
		if (w->peaks[i] > t)
			w->peaks[count++] = w->peaks[i];
	ae_sort_f64(w->peaks, count);
	const struct ae_peaks peaks = {t, w->peaks, count, n};
	if (!ae_pot_value(&value, w->rule.k, &peaks))
		return;
	if (!isfinite(value) || value >= AE_BEYOND_F64)
		return;
	last[0] = value;
	last[1] = 1;
}

void ae_threshold_window_add(const struct ae_threshold_window *w, double *kept, double *derived, double score)
{
	if (!w->pot) {
		ae_rolling_add(&w->rolling, kept, derived, score);
		return;
	}
	/* What is below the lower of the two scores around the quantile 0.98, and goes for such a one, changes neither
	   these nor what is above them. */
	bool full = is_full(w, kept);
	double below = full ? ae_rolling_below(&w->rolling, kept, derived) : 0;
	double leaves = full ? kept[1 + (uint64_t)kept[0] % w->rolling.n] : 0;
	ae_rolling_add(&w->rolling, kept, derived, score);
	if (is_full(w, kept) && !(full && leaves < below && score < below))
		fit(w, kept, derived);
}

bool ae_threshold_window_restore(const struct ae_threshold_window *w, const double *kept, double *derived)
{
	const double *last = kept + ae_rolling_kept(&w->rolling);
	if (w->pot && (!isfinite(last[0]) || (last[1] != 0 && last[1] != 1)))
		return false;
	return ae_rolling_restore(&w->rolling, kept, derived);
}

void ae_threshold_window_free(struct ae_threshold_window *w)
{
	free(w->peaks);
	w->peaks = NULL;
}
