/* SPDX-License-Identifier: MIT */
/* The arguments of ae-normalize that are wrong whatever the stream is. */
#include "cli/normalize_options.h"

enum { PER_COLUMN, PER_TENSOR };
enum { MISSING_MEAN = AE_MISSING_WAYS, MISSING_LAST };

const char *ae_normalize_per_word(size_t i)
{
	static const char *const words[] = {[PER_COLUMN] = "column", [PER_TENSOR] = "tensor"};
	return i <= PER_TENSOR ? words[i] : NULL;
}

const char *ae_normalize_missing_word(size_t i)
{
	return i == MISSING_MEAN ? "mean" : i == MISSING_LAST ? "last" : ae_missing_word(i);
}

static int check_missing(struct ae_normalize_options *o, struct ae_error *err)
{
	const char *missing = o->common.in.missing;
	int how = missing ? ae_word_find(missing, ae_normalize_missing_word) : AE_MISSING_ERROR;
	if (how < 0)
		return ae_fail_word(err, "word of --missing", missing, ae_normalize_missing_word);
	o->fill_mean = how == MISSING_MEAN;
	o->fill_last = how == MISSING_LAST;
	if (o->fill_mean && (o->invert || (o->fit && !ae_scaler_method_needs_rows(o->rule.method))))
		return ae_fail_usage(err, "--missing mean needs a fitted mean: --fit, but not div, or -m FILE");
	if (o->fill_last && !o->common.model)
		return ae_fail_usage(
			err, "--missing last goes with -m FILE: a scaler is fitted on values that were observed");
	if (o->fill_mean || o->fill_last)
		o->common.in.missing = ae_missing_word(AE_MISSING_MASK);
	o->observed = o->n_obs || o->fill_last;
	return 0;
}

/* What is of use for the last values alone. */
static int check_series(const struct ae_normalize_options *o, const struct ae_program *program, struct ae_error *err)
{
	static const char *const of_last[] = {"max-gap", "max-groups", "state"};
	if (o->series.group && !o->fit && !o->fill_last)
		return ae_fail_usage(err, "--group goes with --fit or with --missing last");
	for (size_t i = 0; !o->fill_last && i < sizeof(of_last) / sizeof(*of_last); i++)
		if (ae_opt_given(program, of_last[i]))
			return ae_fail_usage(err, "--%s goes with --missing last", of_last[i]);
	return 0;
}

int ae_normalize_options_check(struct ae_normalize_options *o, const struct ae_program *program, struct ae_error *err)
{
	if (o->fit && (o->invert || o->common.model))
		return ae_fail_usage(err, "--fit, -m and --invert exclude each other");
	if (!o->fit && !o->invert && !o->common.model)
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --invert is required");
	if ((o->save || o->per) && !o->fit)
		return ae_fail_usage(err, "--save and --per go with --fit");
	if (o->fit && ae_scaler_parse(&o->rule, o->fit, err) != 0)
		return -1;
	if (o->fit && o->series.group && !ae_scaler_method_needs_rows(o->rule.method))
		return ae_fail_usage(err, "--group: %s is the same for all groups", o->fit);
	if (check_missing(o, err) != 0 || check_series(o, program, err) != 0)
		return -1;
	if (o->n_obs && o->invert)
		return ae_fail_usage(err, "--n-obs counts what comes to be scaled: it does not go with --invert");
	int per = o->per ? ae_word_find(o->per, ae_normalize_per_word) : PER_COLUMN;
	if (per < 0)
		return ae_fail_word(err, "word of --per", o->per, ae_normalize_per_word);
	o->per_tensor = per == PER_TENSOR;
	return 0;
}
