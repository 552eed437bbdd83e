/* SPDX-License-Identifier: MIT */
/* ae-thresh: fit a threshold on err, or apply one. */
#include <float.h>
#include <math.h>

#include "cli/compare_thresholds.h"
#include "cli/program.h"
#include "cli/verdicts.h"

static int run(struct ae_thresh_options *o, const struct ae_program *program, char *const *files, size_t count,
	struct ae_error *err)
{
	if (ae_thresh_options_check(o, err) != 0)
		return -1;
	if (o->fit.method)
		return ae_fit_threshold(&o->fit, program, &o->common, files, count, err);
	if (o->fit.compare)
		return ae_compare_thresholds(&o->fit, program, &o->common, files, count, err);
	return ae_verdicts_run(o, program, files, count, err);
}

int main(int argc, char **argv)
{
	struct ae_thresh_options o = {.common = {.threads = 1, .in.no_inputs = true},
		.follow = AE_FOLLOW_DEFAULTS,
		.alarm = AE_ALARM_DEFAULTS,
		.at = NAN,
		.fit.bootstrap = UINT64_MAX};
	const struct ae_opt table[] = {
		AE_GROUP("Threshold"),
		AE_OPTIONS_FIT(&o.fit),
		AE_FILE("model", 'm', &o.common.model, AE_FILE_READ | AE_FILE_WRITTEN, "FILE",
			"with --fit: put it there; else: apply the one in FILE"),
		AE_OPTION_RELOAD(&o.common),
		AE_REAL("at", 0, &o.at, -DBL_MAX, DBL_MAX, "VALUE", "apply this value"),
		AE_FLAG("pvalue", 0, &o.pvalue, "with -m: append the share of calibration errors that are as large"),
		AE_FLAG("exit-code", 0, &o.exit_code, "exit 3 if there was an anomaly"),
		AE_OPTIONS_FOLLOW(&o.follow),
		AE_OPTIONS_ALARM(&o.alarm),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-thresh", "--fit METHOD | -m FILE | --at VALUE [options] [file ...]",
		"Fits a threshold on err, or applies one: adds the column pred.", table, sizeof(table) / sizeof(*table),
		NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);

	struct ae_error err;
	int rc = run(&o, &program, argv + first, (size_t)(argc - first), &err);
	return ae_program_finish(program.name, rc, &err);
}
