/* SPDX-License-Identifier: MIT */
/* ae-normalize: fit, apply or invert a scaler. */
#include "cli/fill_last.h"
#include "cli/normalize_fit.h"
#include "cli/prepare.h"
#include "cli/program.h"
#include "cli/silent.h"
#include "core/stop.h"
#include "eval/observed.h"
#include "model/lineage.h"
#include "model/model.h"

struct normalize {
	struct ae_fill_last last; /* first: ae_fill_last_start asks for that */
	struct ae_scale scale;
	struct ae_observed observed;
	struct ae_silent silent;
	const struct ae_normalize_options *options;
	const struct ae_program *program;
	struct ae_normalize_fit fit;
	const struct ae_schema *in;
	bool counts; /* n_obs is added */
};

static int fit_begin(void *state, const struct ae_reader *reader, struct ae_error *err)
{
	struct normalize *n = state;
	return ae_normalize_fit_begin(&n->fit, reader, err);
}

static int fit_rows(void *state, const struct ae_batch *in, struct ae_error *err)
{
	struct normalize *n = state;
	return ae_normalize_fit_rows(&n->fit, in, err);
}

static int fit_end(void *state, const struct ae_reader *reader, struct ae_error *err)
{
	struct normalize *n = state;
	return ae_normalize_fit_end(&n->fit, reader, err);
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
	if (n->scale.groups.column && ae_buf_set(&n->fit.table, table->data, table->len, err) != 0)
		return -1;
	return ae_buf_set(&n->fit.blob, n->scale.packed->data, n->scale.packed->len, err);
}

/* Sets n->scale.groups for this stream, and in its lineage the one that its output will carry. */
static int choose_scaler(
	struct normalize *n, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	if (n->options->invert)
		return ae_scale_undo(&n->scale, n->options->common.model, reader, &lineage->prep, err);
	if (ae_normalize_find_x(&n->fit, reader, err) != 0)
		return -1;
	if (n->options->common.model && load_scaler(n, reader, lineage, err) != 0)
		return -1;
	/* div:K is known before the first row, so a live stream need not wait. */
	if (n->fit.blob.len == 0 && (fit_begin(n, reader, err) != 0 || fit_end(n, reader, err) != 0))
		return -1;
	return ae_prepare_append(&lineage->prep, AE_PREP_SCALER, &n->fit.blob, n->in, err);
}

/* ---- scaling ---- */

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct normalize *n = state;
	struct ae_lineage lineage = {0};
	n->in = ae_reader_schema(reader);
	int rc = ae_lineage_unpack(&lineage, &n->in->lineage, err);
	if (rc == 0)
		rc = choose_scaler(n, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, n->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	if (rc == 0 && n->scale.groups.column)
		rc = ae_scale_put_table(out, &n->fit.table, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_scale_begin(&n->scale, reader, out, err) != 0)
		return -1;
	if (!n->options->invert)
		ae_silent_begin(&n->silent, n->in, n->fit.x, ae_reader_name(reader));
	ae_scale_note_white(&n->scale, n->program, &n->options->common);
	n->counts = n->options->observed && ae_observed_find(n->in) == AE_NO_COLUMN;
	if (n->counts && ae_observed_begin(&n->observed, n->in, n->fit.x, out, err) != 0)
		return -1;
	return n->options->fill_last ? ae_fill_last_begin(&n->last, reader, n->scale.model, err) : 0;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct normalize *n = state;
	const struct ae_batch *filled = in;
	if (!n->options->invert && ae_silent_rows(&n->silent, in, err) != 0)
		return -1;
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
	struct normalize n = {.options = &o,
		.program = &program,
		.fit = {.options = &o, .program = &program, .scale = &n.scale, .save = {.fd = -1}}};
	const struct ae_first_pass fitting = {
		fit_begin, fit_rows, fit_end, "another model", "no scaler is fitted on a part"};
	struct ae_filter filter = {.state = &n,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.also = o.save ? &n.fit.save : NULL};
	int rc = ae_normalize_options_check(&o, &program, &err);
	if (rc == 0 && o.save)
		rc = ae_model_reserve(&n.fit.save, o.save, &err);
	if (rc == 0 && o.fill_last)
		rc = ae_fill_last_start(&n.last, &program, &o.common, &o.series, &filter, &err);
	if (rc == 0 && o.fit && ae_scaler_method_needs_rows(o.rule.method))
		filter.first = &fitting;
	n.silent = (struct ae_silent){.program = &program, .common = &o.common};
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
	ae_silent_free(&n.silent);
	ae_normalize_fit_free(&n.fit);
	ae_scale_free(&n.scale);
	return ae_program_finish(program.name, rc, &err);
}
