/* SPDX-License-Identifier: MIT */
/* The rows of ae-train. */
#include "cli/train_rows.h"

#include "cli/program.h"
#include "cli/validation.h"
#include "core/share.h"

int ae_train_rows_read(struct ae_train_rows *r, const struct ae_train_arguments *o, const struct ae_program *program,
	const struct ae_model *resumed, const struct ae_model *init, char **files, size_t count, struct ae_error *err)
{
	struct ae_train_input input = {.program = program,
		.common = &o->common,
		.where = &o->where,
		.net = &o->net,
		.more_inputs = o->valid && o->valid_share == 0,
		.mask = resumed ? resumed->settings.mask : o->settings.mask};
	struct ae_reader_options in = {0};
	if (resumed || init)
		ae_program_find_features(&in, resumed ? resumed : init);
	input.features = in.features;
	r->all.holdout = o->calibrate_out ? &r->holdout : NULL;
	if (ae_train_data_read(&r->all, &input, files, count, err) != 0)
		return -1;
	if (!o->valid || o->valid_share > 0)
		return 0;
	enum ae_validation_text unscaled = o->force ? AE_VALIDATION_RAW : AE_VALIDATION_ASK;
	return ae_validation_read(
		&r->valid, &r->all, &input, o->valid, o->scaled ? AE_VALIDATION_SCALED : unscaled, err);
}

int ae_train_rows_divide(struct ae_train_rows *r, struct ae_train_arguments *o, struct ae_error *err)
{
	size_t valid = ae_share_up(o->valid_share, r->all.rows);
	r->seen = r->all.rows - ae_share_up(o->calibrate, r->all.rows);
	if (valid >= r->seen && o->calibrate > 0)
		return ae_fail(
			err, "--calibrate %g%s leaves no row for training", o->calibrate, valid ? " with --valid" : "");
	if (valid >= r->seen)
		return ae_fail(err, "--valid %s leaves no row for training", o->valid);
	o->run.train = ae_train_data_rows(&r->all, 0, r->seen - valid);
	o->run.valid = valid ? ae_train_data_rows(&r->all, r->seen - valid, valid)
			     : ae_train_data_rows(&r->valid, 0, r->valid.rows);
	return 0;
}

int ae_train_rows_check(const struct ae_train_rows *r, const struct ae_train_arguments *o, const struct ae_model *model,
	struct ae_error *err)
{
	struct ae_train_data data = ae_train_data_rows(&r->all, 0, r->seen);
	if (ae_train_data_check_output(model->net, &r->all.x, &r->all.target, err) != 0 ||
		(!o->force && ae_train_data_check_range(model, &data, err) != 0))
		return -1;
	if (r->valid.rows && ae_train_data_check_output(model->net, &r->valid.x, &r->valid.target, err) != 0)
		return ae_fail_in(err, "%s: ", o->valid);
	return 0;
}

void ae_train_rows_free(struct ae_train_rows *r)
{
	ae_dataset_free(&r->all);
	ae_dataset_free(&r->valid);
	ae_holdout_free(&r->holdout);
}
