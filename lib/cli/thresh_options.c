/* SPDX-License-Identifier: MIT */
/* The arguments of ae-thresh that are wrong whatever the stream is. */
#include "cli/thresh_options.h"

#include <math.h>

int ae_thresh_options_check(struct ae_thresh_options *o, struct ae_error *err)
{
	bool at = !isnan(o->at), fits = o->fit.method || o->fit.compare;
	if (fits && (at || o->exit_code || o->pvalue || o->follow.stream))
		return ae_fail_usage(err, "%s excludes --at, --pvalue, --stream and --exit-code",
			o->fit.method ? "--fit" : "--compare");
	o->fit.group = fits ? o->follow.series.group : NULL;
	if (fits)
		o->follow.series.group = NULL;
	if ((o->common.model && at) || !(fits || o->follow.stream || o->common.model || at))
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --at VALUE is required");
	if (o->pvalue && (!o->common.model || o->follow.stream))
		return ae_fail_usage(err, "--pvalue goes with -m FILE, without --stream");
	return ae_fit_check(&o->fit, &o->common, err);
}
