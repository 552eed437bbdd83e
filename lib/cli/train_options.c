/* SPDX-License-Identifier: MIT */
/* The options of a training, and which of them go together. */
#include "cli/train_options.h"

#include <float.h>
#include <string.h>

#include "cli/bar.h"
#include "cli/program.h"
#include "cli/train_pca.h"
#include "cli/train_warn.h"

/* With --resume all settings but the total of epochs come from the model, and so does the network. --ensemble may be
   said again: it is held against the model. */
static int check_resume(const struct ae_train_arguments *o, const struct ae_program *program, struct ae_error *err)
{
	for (size_t i = 0; i < program->option_count; i++) {
		const struct ae_opt *option = &program->options[i];
		const char *value = option->value;
		bool setting = value >= (const char *)&o->settings && value < (const char *)(&o->settings + 1) &&
			       option->value != &o->settings.epochs;
		bool network = value >= (const char *)&o->net && value < (const char *)(&o->net + 1) &&
			       option->value != &o->net.members;
		if (program->given[i] && (setting || network || option->value == &o->init))
			return ae_fail_usage(err, "--%s: with --resume it comes from %s", option->name, o->resume);
	}
	return 0;
}

static int check_calibrate(const struct ae_train_arguments *o, const struct ae_program *program, struct ae_error *err)
{
	bool given = ae_opt_given(program, "calibrate");
	if (given && !(o->calibrate > 0 && o->calibrate < 1))
		return ae_fail_usage(err, "--calibrate %g: expected a share between 0 and 1", o->calibrate);
	if (given && !o->calibrate_out)
		return ae_fail_usage(err, "--calibrate needs --calibrate-out FILE, where the rows go");
	if (!given && o->calibrate_out)
		return ae_fail_usage(err, "--calibrate-out needs --calibrate F, the share of the rows that goes there");
	return 0;
}

int ae_train_options_check(struct ae_train_arguments *o, const struct ae_program *program, struct ae_error *err)
{
	if (!o->common.model)
		return ae_fail_usage(err, "-m FILE is required");
	if (!o->net.text && !o->resume)
		return ae_fail_usage(err, "--net TEXT is required");
	if (o->resume && check_resume(o, program, err) != 0)
		return -1;
	if (check_calibrate(o, program, err) != 0)
		return -1;
	if (o->run.patience && !o->valid)
		return ae_fail_usage(err, "--patience needs --valid");
	if (o->valid && ae_parse_real(&o->valid_share, o->valid, -DBL_MAX, DBL_MAX) == 0 &&
		!(o->valid_share > 0 && o->valid_share < 1))
		return ae_fail_usage(err, "--valid %s: expected a file or a share between 0 and 1", o->valid);
	if (o->scaled && (!o->valid || o->valid_share > 0))
		return ae_fail_usage(err, "--scaled goes with --valid FILE");
	if (o->net.members > 1 && o->settings.seed > UINT64_MAX - (o->net.members - 1))
		return ae_fail_usage(err, "--seed %llu leaves no seeds for an ensemble of %llu",
			(unsigned long long)o->settings.seed, (unsigned long long)o->net.members);
	o->settings.mask =
		o->common.in.missing && ae_word_find(o->common.in.missing, ae_missing_word) == AE_MISSING_MASK;
	if (ae_train_pca_options(o, program, err) != 0)
		return -1;
	o->run.program = program->name;
	o->run.threads = (int)o->common.threads;
	o->run.progress = !o->common.quiet && ae_bar_is_possible();
	o->run.summary = !o->common.quiet;
	o->run.lines = !o->common.quiet && o->common.verbose;
	if (o->resume)
		return 0;
	return ae_train_settings_check(&o->settings, err) != 0
		       ? -1
		       : ae_train_check_optimizer(&o->settings, program, &o->common, err);
}

int ae_train_read_init(
	struct ae_model **model, struct ae_train_arguments *o, const struct ae_program *program, struct ae_error *err)
{
	if (ae_model_read(model, o->init, err) != 0)
		return -1;
	bool dropped = (*model)->settings.mask && !o->settings.mask;
	if (dropped && o->common.in.missing)
		ae_note(program, &o->common,
			"%s: was trained with --missing mask, and the new model is not: rows with missing values get "
			"no verdict from it",
			o->init);
	else if (dropped)
		o->settings.mask = true;
	return 0;
}
