/* SPDX-License-Identifier: MIT */
/* The arguments of ae-thresh that are wrong whatever the stream is. */
#include "cli/thresh_options.h"

#include <math.h>
#include <string.h>

/* With --episodes - records are the output, whose form is fixed. */
static int check_episodes(const struct ae_thresh_options *o, struct ae_error *err)
{
	const struct ae_writer_options *out = &o->common.out;
	if (!o->alarm.episodes || strcmp(o->alarm.episodes, "-") != 0)
		return 0;
	if (out->path || out->append || out->format || out->csv || out->tsv || out->headerless || o->pvalue)
		return ae_fail_usage(err,
			"--episodes - writes records instead of verdicts: it excludes --pvalue and the options of the "
			"output; --episodes FILE writes both");
	return 0;
}

int ae_thresh_options_check(struct ae_thresh_options *o, struct ae_error *err)
{
	bool at = !isnan(o->at), fits = o->fit.method || o->fit.compare;
	if (fits && (at || o->exit_code || o->pvalue || o->follow.stream || ae_alarm_is_wanted(&o->alarm)))
		return ae_fail_usage(err,
			"%s excludes --at, --pvalue, --episodes, --exec, --prom, --stream and --exit-code",
			o->fit.method ? "--fit" : "--compare");
	o->follow.episodes = ae_alarm_is_wanted(&o->alarm);
	o->fit.group = fits ? o->follow.series.group : NULL;
	if (fits)
		o->follow.series.group = NULL;
	if ((o->common.model && at) || !(fits || o->follow.stream || o->common.model || at))
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --at VALUE is required");
	if (o->pvalue && (!o->common.model || o->follow.stream))
		return ae_fail_usage(err, "--pvalue goes with -m FILE, without --stream");
	if (check_episodes(o, err) != 0)
		return -1;
	return ae_follow_check(&o->follow, err) == 0 ? ae_fit_check(&o->fit, &o->common, err) : -1;
}
