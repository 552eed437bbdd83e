/* SPDX-License-Identifier: MIT */
/* The arguments of ae-err that are wrong whatever the stream is. */
#include "cli/err_options.h"

#include <math.h>
#include <string.h>

#include "eval/scoring.h"

int ae_err_options_check(const struct ae_err_options *o, struct ae_error *err)
{
	const struct ae_metric *metric = o->metric ? ae_metric_find(o->metric) : NULL;
	if (o->metric && !metric)
		return ae_fail_word(err, "metric", o->metric, ae_metric_name);
	if (metric && !metric->feature && (o->per_feature || o->top))
		return ae_fail_usage(
			err, "--metric %s: it has no error per feature, so neither --per-feature nor --top", o->metric);
	const struct ae_scoring scoring = {.metric = metric,
		.standardise = o->standardise,
		.last = o->last,
		.worst = isnan(o->worst) ? 0 : o->worst};
	if (ae_scoring_check(&scoring, err) != 0)
		return -1;
	if (ae_scoring_takes_model(&scoring) && (!o->common.model || o->of))
		return ae_fail_usage(err, "%s takes the reconstruction of a model, which -m FILE names",
			o->standardise ? "--standardise" : "--metric t2 or t2q");
	if (o->drift && (!o->common.model || o->of))
		return ae_fail_usage(err, "--drift takes the training errors of a model, which -m FILE names");
	if (o->drift && metric && metric->kind == AE_METRIC_T2)
		return ae_fail_usage(err, "--drift is of the reconstruction, which --metric t2 does not take");
	if (o->common.model && o->of && !o->top)
		return ae_fail_usage(err, "--of x holds x itself against target, which no model made: it takes no -m");
	return o->of && strcmp(o->of, "x") != 0 ? ae_fail_usage(err, "--of %s: expected x", o->of) : 0;
}
