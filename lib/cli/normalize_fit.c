/* SPDX-License-Identifier: MIT */
/* ae-normalize --fit. */
#include "cli/normalize_fit.h"

int ae_normalize_find_x(struct ae_normalize_fit *f, const struct ae_reader *reader, struct ae_error *err)
{
	bool scaled;
	f->in = ae_reader_schema(reader);
	f->name = ae_reader_name(reader);
	if (ae_lineage_has_scaler(&f->in->lineage, &scaled, err) != 0)
		return -1;
	if (scaled && !f->options->common.model)
		return ae_scale_fail_scaled(reader, err);
	if (ae_schema_need(f->in, AE_X, &f->x, err) != 0 || ae_schema_check_target(f->in, err) != 0)
		return ae_fail_in(err, "%s: ", f->name);
	return 0;
}

int ae_normalize_fit_begin(struct ae_normalize_fit *f, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_normalize_options *o = f->options;
	if (ae_normalize_find_x(f, reader, err) != 0)
		return -1;
	f->scale->done = 0;
	if (ae_column_check_features(&f->in->cols[f->x], err) != 0)
		return ae_fail_in(err, "%s: ", f->name);
	const struct ae_shape *shape = &f->in->cols[f->x].shape;
	if (o->series.group &&
		ae_scale_fit_by(f->scale, f->in, o->series.group, &o->rule, o->per_tensor, shape, err) != 0)
		return ae_fail_in(err, "%s: ", f->name);
	return f->fit ? 0 : ae_scaler_fit_new(&f->fit, &o->rule, o->per_tensor, shape, err);
}

int ae_normalize_fit_rows(struct ae_normalize_fit *f, const struct ae_batch *in, struct ae_error *err)
{
	int rc = ae_scale_fit_rows(f->scale, f->fit, f->in, f->x, in, err);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", f->name);
}

int ae_normalize_fit_end(struct ae_normalize_fit *f, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_column *x = &f->in->cols[f->x];
	bool needs_rows = ae_scaler_method_needs_rows(f->options->rule.method);
	if (needs_rows && ae_reader_rows(reader) == 0)
		return ae_fail(err, "%s: no rows to fit a scaler on", f->name);
	if (ae_scale_check_fit(f->fit, x, err) != 0 || ae_scaler_fit_end(f->fit, &f->scale->groups.all, err) != 0 ||
		ae_scale_fit_groups_end(f->scale, &f->table, err) != 0)
		return ae_fail_in(err, "%s: ", f->name);
	if (ae_scaler_groups_pack(&f->scale->groups, &f->blob, err) != 0)
		return -1;
	if (f->options->save && ae_model_write_scaler(&f->save, &f->blob, &f->table, &x->shape, x->features,
					x->feature_count, err) != 0)
		return -1;
	if (needs_rows)
		ae_scale_note_fit(f->scale, f->fit, x, f->program, &f->options->common);
	return 0;
}

void ae_normalize_fit_free(struct ae_normalize_fit *f)
{
	ae_scaler_fit_free(f->fit);
	ae_buf_free(&f->table);
	ae_buf_free(&f->blob);
	ae_outfile_abandon(&f->save);
}
