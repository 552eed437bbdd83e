/* SPDX-License-Identifier: MIT */
/* ae-normalize: fit, apply or invert a scaler. */
#include "cli/prepare.h"
#include "cli/program.h"
#include "cli/scale.h"
#include "model/lineage.h"
#include "model/model.h"

struct options {
	struct ae_common common;
	const char *fit, *per, *group, *save;
	struct ae_scaler_rule rule; /* what fit says */
	bool invert, fill;          /* fill: --missing=mean */
	bool per_tensor;
};

/* The words of --per. */
enum { PER_COLUMN, PER_TENSOR };

static const char *per_word(size_t i)
{
	static const char *const words[] = {[PER_COLUMN] = "column", [PER_TENSOR] = "tensor"};
	return i <= PER_TENSOR ? words[i] : NULL;
}

/* The words of --missing: those of every program, and one more. */
enum { MISSING_MEAN = AE_MISSING_WAYS };

static const char *missing_word(size_t i)
{
	return i == MISSING_MEAN ? "mean" : ae_missing_word(i);
}

struct normalize {
	struct ae_scale scale; /* first: its functions take the state */
	const struct options *options;
	const struct ae_program *program;
	struct ae_buf blob; /* its scaler, packed */
	struct ae_scaler_fit *fit;
	struct ae_buf table;    /* of the scalers of groups, packed */
	struct ae_outfile save; /* of --save */
	const struct ae_schema *in;
	const char *name; /* of the input, for messages */
	size_t x;         /* the column to fit on */
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
	const struct options *o = n->options;
	const struct ae_shape *shape = &n->in->cols[n->x].shape;
	if (o->group && ae_scale_fit_by(&n->scale, n->in, o->group, &o->rule, o->per_tensor, shape, err) != 0)
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
	if (n->options->fill && !n->scale.groups.all.mean)
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
	return 0;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	return ae_scale_rows(state, in, out, err);
}

static int check_options(struct options *o, struct ae_error *err)
{
	if (o->fit && (o->invert || o->common.model))
		return ae_fail_usage(err, "--fit, -m and --invert exclude each other");
	if (!o->fit && !o->invert && !o->common.model)
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --invert is required");
	if ((o->save || o->per || o->group) && !o->fit)
		return ae_fail_usage(err, "--save, --per and --group go with --fit");
	if (o->fit && ae_scaler_parse(&o->rule, o->fit, err) != 0)
		return -1;
	if (o->group && !ae_scaler_method_needs_rows(o->rule.method))
		return ae_fail_usage(err, "--group: %s is the same for all groups", o->fit);
	const char *missing = o->common.in.missing;
	int how = missing ? ae_word_find(missing, missing_word) : AE_MISSING_ERROR;
	if (how < 0)
		return ae_fail_word(err, "word of --missing", missing, missing_word);
	if (how == MISSING_MEAN) {
		if (o->invert || (o->fit && !ae_scaler_method_needs_rows(o->rule.method)))
			return ae_fail_usage(err, "--missing mean needs a fitted mean: --fit, but not div, or -m FILE");
		o->common.in.missing = ae_missing_word(AE_MISSING_MASK);
		o->fill = true;
	}
	int per = o->per ? ae_word_find(o->per, per_word) : PER_COLUMN;
	if (per < 0)
		return ae_fail_word(err, "word of --per", o->per, per_word);
	o->per_tensor = per == PER_TENSOR;
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.pair = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Scaler"),
		AE_WORD("fit", 0, &o.fit, "METHOD", ae_scaler_forms, "fit %s, and apply it"),
		AE_WORD("per", 0, &o.per, "WHAT", per_word,
			"one scale for each %s: the last axis, or all of x; default: column"),
		AE_TEXT_OPTION("group", 0, &o.group, "COL", "with --fit: a scaler for each value of this column"),
		AE_FILE_OUT("save", 0, &o.save, "FILE", "with --fit: keep the scaler in FILE, for -m"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "apply the scaler of a model or of --save"),
		AE_OPTION_RELOAD(&o.common),
		AE_FLAG("invert", 0, &o.invert, "undo the scaling of x, target and recon"),
		AE_OPTIONS_INPUT_MISSING(&o.common.in, missing_word),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-normalize", "--fit METHOD | -m FILE | --invert [options] [file ...]",
		"Fits, applies or inverts a scaler on x and target.", table, sizeof(table) / sizeof(*table), NULL};
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
		.idle = ae_scale_idle,
		.also = o.save ? &n.save : NULL};
	int rc = check_options(&o, &err);
	if (rc == 0 && o.save)
		rc = ae_model_reserve(&n.save, o.save, &err);
	if (rc == 0 && o.fit && ae_scaler_method_needs_rows(o.rule.method))
		filter.first = &fitting;
	n.scale.invert = o.invert;
	n.scale.fill = o.fill;
	n.scale.fitted = o.fit != NULL;
	n.scale.beyond = (struct ae_beyond){.program = &program, .common = &o.common};
	if (rc == 0 && o.common.model && (rc = ae_scale_read_model(&n.scale, o.common.model, &err)) == 0)
		(o.invert ? ae_program_find_features : ae_program_find_source)(&o.common.in, n.scale.model);
	o.common.in.features.optional = o.invert; /* text may have recon alone */
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0)
		ae_scale_note_end(&n.scale);
	ae_scaler_fit_free(n.fit);
	ae_buf_free(&n.table);
	ae_scale_free(&n.scale);
	ae_buf_free(&n.blob);
	ae_outfile_abandon(&n.save);
	return ae_program_finish(program.name, rc, &err);
}
