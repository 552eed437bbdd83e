/* SPDX-License-Identifier: MIT */
/* ae-normalize: fit, apply or invert a scaler. */
#include "cli/fill_last.h"
#include "cli/normalize_options.h"
#include "cli/prepare.h"
#include "cli/program.h"
#include "cli/scale.h"
#include "core/stop.h"
#include "eval/observed.h"
#include "model/lineage.h"
#include "model/model.h"

struct normalize {
	struct ae_fill_last last; /* first: ae_fill_last_start asks for that */
	struct ae_scale scale;
	struct ae_observed observed;
	const struct ae_normalize_options *options;
	const struct ae_program *program;
	struct ae_buf blob; /* its scaler, packed */
	struct ae_scaler_fit *fit;
	struct ae_buf table;    /* of the scalers of groups, packed */
	struct ae_outfile save; /* of --save */
	const struct ae_schema *in;
	const char *name; /* of the input, for messages */
	size_t x;         /* the column to fit on */
	bool counts;      /* n_obs is added */
};

/* ---- fitting ---- */

/* Finds x, which must not be scaled unless a model asks for a second scaler. */
static int find_x(struct normalize *n, const struct ae_reader *reader, struct ae_error *err)
{
	bool scaled;
	n->in = ae_reader_schema(reader);
	n->name = ae_reader_name(reader);
	if (ae_lineage_has_scaler(&n->in->lineage, &scaled, err) != 0)
		return -1;
	if (scaled && !n->options->common.model)
		return ae_scale_fail_scaled(reader, err);
	if (ae_schema_need(n->in, AE_X, &n->x, err) != 0 || ae_schema_check_target(n->in, err) != 0)
		return ae_fail_in(err, "%s: ", n->name);
	return 0;
}

static int fit_begin(void *state, const struct ae_reader *reader, struct ae_error *err)
{
	struct normalize *n = state;
	if (find_x(n, reader, err) != 0)
		return -1;
	n->scale.done = 0;
	if (ae_column_check_features(&n->in->cols[n->x], err) != 0)
		return ae_fail_in(err, "%s: ", n->name);
	const struct ae_normalize_options *o = n->options;
	const struct ae_shape *shape = &n->in->cols[n->x].shape;
	if (o->series.group &&
		ae_scale_fit_by(&n->scale, n->in, o->series.group, &o->rule, o->per_tensor, shape, err) != 0)
		return ae_fail_in(err, "%s: ", n->name);
	return n->fit ? 0 : ae_scaler_fit_new(&n->fit, &o->rule, o->per_tensor, shape, err);
}

static int fit_rows(void *state, const struct ae_batch *in, struct ae_error *err)
{
	struct normalize *n = state;
	int rc = ae_scale_fit_rows(&n->scale, n->fit, n->in, n->x, in, err);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", n->name);
}

static int fit_end(void *state, const struct ae_reader *reader, struct ae_error *err)
{
	struct normalize *n = state;
	const struct ae_column *x = &n->in->cols[n->x];
	if (ae_scaler_method_needs_rows(n->options->rule.method) && ae_reader_rows(reader) == 0)
		return ae_fail(err, "%s: no rows to fit a scaler on", n->name);
	if (ae_scale_check_fit(n->fit, x, err) != 0 || ae_scaler_fit_end(n->fit, &n->scale.groups.all, err) != 0 ||
		ae_scale_fit_groups_end(&n->scale, &n->table, err) != 0)
		return ae_fail_in(err, "%s: ", n->name);
	if (ae_scaler_groups_pack(&n->scale.groups, &n->blob, err) != 0)
		return -1;
	if (n->options->save && ae_model_write_scaler(&n->save, &n->blob, &n->table, &x->shape, x->features,
					x->feature_count, err) != 0)
		return -1;
	if (ae_scaler_method_needs_rows(n->options->rule.method))
		ae_scale_note_fit(&n->scale, n->fit, x, n->program, &n->options->common);
	return 0;
}

/* ---- choosing the scaler of a stream ---- */

static int load_scaler(
	struct normalize *n, const struct ae_reader *reader, const struct ae_lineage *lineage, struct ae_error *err)
{
	const char *path = n->options->common.model;
	if (ae_scale_use_model(&n->scale, path, reader, lineage, err) != 0)
		return -1;
	if (n->options->fill_mean && !n->scale.groups.all.mean)
		return ae_fail(err, "%s: a div scaler has no mean to put in for missing values", path);
	const struct ae_buf *table = &n->scale.model->scalers;
	if (n->scale.groups.column && ae_buf_set(&n->table, table->data, table->len, err) != 0)
		return -1;
	return ae_buf_set(&n->blob, n->scale.packed->data, n->scale.packed->len, err);
}

/* Sets n->scale.groups for this stream, and in its lineage the one that its output will carry. */
static int choose_scaler(
	struct normalize *n, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	if (n->options->invert)
		return ae_scale_undo(&n->scale, n->options->common.model, reader, &lineage->prep, err);
	if (find_x(n, reader, err) != 0)
		return -1;
	if (n->options->common.model && load_scaler(n, reader, lineage, err) != 0)
		return -1;
	/* div:K is known before the first row, so a live stream need not wait. */
	if (n->blob.len == 0 && (fit_begin(n, reader, err) != 0 || fit_end(n, reader, err) != 0))
		return -1;
	return ae_prepare_append(&lineage->prep, AE_PREP_SCALER, &n->blob, n->in, err);
}

/* ---- scaling ---- */

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct normalize *n = state;
	struct ae_lineage lineage = {0};
	n->in = ae_reader_schema(reader);
	n->name = ae_reader_name(reader);
	int rc = ae_lineage_unpack(&lineage, &n->in->lineage, err);
	if (rc == 0)
		rc = choose_scaler(n, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, n->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	if (rc == 0 && n->scale.groups.column)
		rc = ae_scale_put_table(out, &n->table, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_scale_begin(&n->scale, reader, out, err) != 0)
		return -1;
	ae_scale_note_white(&n->scale, n->program, &n->options->common);
	n->counts = n->options->observed && ae_observed_find(n->in) == AE_NO_COLUMN;
	if (n->counts && ae_observed_begin(&n->observed, n->in, n->x, out, err) != 0)
		return -1;
	return n->options->fill_last ? ae_fill_last_begin(&n->last, reader, n->scale.model, err) : 0;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct normalize *n = state;
	const struct ae_batch *filled = in;
	if (n->options->fill_last && ae_fill_last_rows(&n->last, in, &in, &filled, err) != 0)
		return -1;
	if (n->counts && ae_observed_rows(&n->observed, in, err) != 0)
		return -1;
	if (n->counts)
		out->cols[n->in->count] = &n->observed.numbers;
	out->rows = filled->rows;
	return ae_scale_rows(&n->scale, filled, out, err);
}

static int idle(void *state)
{
	struct normalize *n = state;
	int scale = ae_scale_idle(&n->scale);
	return n->options->fill_last ? ae_sooner(scale, ae_fill_last_idle(&n->last)) : scale;
}

/* Notes of a run without an error. */
static void note_end(struct normalize *n)
{
	ae_scale_note_end(&n->scale);
	if (n->options->fill_last)
		ae_fill_last_note(&n->last);
}

int main(int argc, char **argv)
{
	struct ae_normalize_options o = {.common = {.threads = 1, .in.pair = true}, .series = AE_SERIES_DEFAULTS};
	const struct ae_opt table[] = {
		AE_GROUP("Scaler"),
		AE_WORD("fit", 0, &o.fit, "METHOD", ae_scaler_forms, "fit %s, and apply it"),
		AE_WORD("per", 0, &o.per, "WHAT", ae_normalize_per_word,
			"one scale for each %s: the last axis, or all of x; default: column"),
		AE_FILE_OUT("save", 0, &o.save, "FILE", "with --fit: keep the scaler in FILE, for -m"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "apply the scaler of a model or of --save"),
		AE_OPTION_RELOAD(&o.common),
		AE_FLAG("invert", 0, &o.invert, "undo the scaling of x, target and recon"),
		AE_FLAG("n-obs", 0, &o.n_obs, "add n_obs, how many values of x were observed"),
		AE_GROUP("Groups, and the last values of --missing last"),
		AE_OPTIONS_SERIES(&o.series, "scalers (--fit) or last values of rows that are equal in this column"),
		AE_OPTIONS_INPUT_MISSING(&o.common.in, ae_normalize_missing_word),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-normalize", "--fit METHOD | -m FILE | --invert [options] [file ...]",
		"Fits, applies or inverts a scaler on x and target.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct normalize n = {.options = &o, .program = &program, .save = {.fd = -1}};
	const struct ae_first_pass fitting = {
		fit_begin, fit_rows, fit_end, "another model", "no scaler is fitted on a part"};
	struct ae_filter filter = {.state = &n,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.also = o.save ? &n.save : NULL};
	int rc = ae_normalize_options_check(&o, &program, &err);
	if (rc == 0 && o.save)
		rc = ae_model_reserve(&n.save, o.save, &err);
	if (rc == 0 && o.fill_last)
		rc = ae_fill_last_start(&n.last, &program, &o.common, &o.series, &filter, &err);
	if (rc == 0 && o.fit && ae_scaler_method_needs_rows(o.rule.method))
		filter.first = &fitting;
	n.scale.invert = o.invert;
	n.scale.fill = o.fill_mean;
	n.scale.fitted = o.fit != NULL;
	n.scale.beyond = (struct ae_beyond){.program = &program, .common = &o.common};
	if (rc == 0 && o.common.model && (rc = ae_scale_read_model(&n.scale, o.common.model, &err)) == 0)
		(o.invert ? ae_program_find_features : ae_program_find_source)(&o.common.in, n.scale.model);
	o.common.in.features.optional = o.invert; /* text may have recon alone */
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0)
		note_end(&n);
	ae_fill_last_free(&n.last);
	ae_observed_free(&n.observed);
	ae_scaler_fit_free(n.fit);
	ae_buf_free(&n.table);
	ae_scale_free(&n.scale);
	ae_buf_free(&n.blob);
	ae_outfile_abandon(&n.save);
	return ae_program_finish(program.name, rc, &err);
}
