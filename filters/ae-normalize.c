/* SPDX-License-Identifier: MIT */
/* ae-normalize: fit, apply or invert a scaler. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/scaler.h"
#include "stream/spool.h"

struct options {
	struct ae_common common;
	const char *fit, *per, *save;
	struct ae_scaler_rule rule; /* what fit says */
	bool invert, fill;          /* fill: --missing=mean */
};

struct normalize {
	const struct options *options;
	const struct ae_program *program;
	struct ae_scaler scaler;
	struct ae_buf blob; /* the scaler, packed */
	const struct ae_schema *in;
	const char *name;                    /* of the input, for messages */
	uint64_t done;                       /* rows of the stream */
	struct ae_data scaled[AE_RECON + 1]; /* by role: x, target, recon */
	struct ae_buf carried;
	struct ae_model *model;
};

/* ---- the scaler ---- */

static int load_scaler(struct normalize *n, const char *path, struct ae_error *err)
{
	ae_model_free(n->model);
	n->model = NULL;
	if (ae_model_read(&n->model, path, err) != 0)
		return -1;
	if (n->model->scaler.len == 0)
		return ae_fail(err, "%s: holds no scaler; its model was trained on unscaled x", path);
	if (ae_scaler_unpack(&n->scaler, n->model->scaler.data, n->model->scaler.len, err) != 0)
		return ae_fail_in(err, "%s: ", path);
	if (n->options->fill && !n->scaler.mean)
		return ae_fail(err, "%s: a div scaler has no mean to put in for missing values", path);
	return ae_buf_set(&n->blob, n->model->scaler.data, n->model->scaler.len, err);
}

static int save_scaler(const struct normalize *n, const struct ae_column *x, struct ae_error *err)
{
	struct ae_model *model;
	if (ae_model_new(&model, err) != 0)
		return -1;
	int rc = ae_buf_set(&model->scaler, n->blob.data, n->blob.len, err);
	model->input = x->shape;
	if (rc == 0 && x->feature_count) {
		model->features = ae_calloc(x->feature_count, sizeof(*model->features), err);
		rc = model->features ? 0 : -1;
		for (size_t i = 0; rc == 0 && i < x->feature_count; i++, model->feature_count++)
			rc = (model->features[i] = ae_strdup(x->features[i], err)) ? 0 : -1;
	}
	if (rc == 0)
		rc = ae_model_write(model, n->options->save, err);
	ae_model_free(model);
	return rc;
}

/* div:K is known before the first row, so a live stream need not wait. */
static int fit_without_data(struct normalize *n, const struct ae_column *x, struct ae_error *err)
{
	struct ae_scaler_fit *fit = NULL;
	int rc = ae_scaler_fit_new(&fit, &n->options->rule, true, &x->shape, err);
	if (rc == 0)
		rc = ae_scaler_fit_end(fit, &n->scaler, err);
	if (rc == 0)
		rc = ae_scaler_pack(&n->scaler, &n->blob, err);
	ae_scaler_fit_free(fit);
	return rc == 0 && n->options->save ? save_scaler(n, x, err) : rc;
}

static bool was_scaled(const struct ae_lineage *lineage)
{
	return lineage->scaler.len > 0;
}

/* x must be what the scaler was fitted on: one of a whole tensor would take any shape. */
static int check_column(const struct ae_model *model, const struct ae_column *x, struct ae_error *err)
{
	char wanted[AE_SHAPE_TEXT], got[AE_SHAPE_TEXT];
	if (model->input.rank && ae_shape_size(&model->input) != ae_shape_size(&x->shape))
		return ae_fail(err, "column \"%s\": expected %zu values of shape %s, got %zu of shape %s", x->name,
			ae_shape_size(&model->input), ae_shape_format(&model->input, wanted), ae_shape_size(&x->shape),
			ae_shape_format(&x->shape, got));
	return ae_model_check_names(model, x->features, x->feature_count, err);
}

/* Sets n->scaler for this stream and the scaler that its output will carry. */
static int settle(struct normalize *n, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	const char *name = ae_reader_name(reader);
	size_t x;
	if (n->options->invert) {
		if (ae_reader_is_text(reader) && n->options->common.model)
			return load_scaler(n, n->options->common.model, err);
		if (!was_scaled(lineage))
			return ae_fail(err, "%s: nothing to invert: x is not scaled%s", name,
				ae_reader_is_text(reader) ? ", or text does not say so: -m FILE gives the scaler" : "");
		if (ae_scaler_unpack(&n->scaler, lineage->scaler.data, lineage->scaler.len, err) != 0)
			return -1;
		lineage->scaler.len = 0;
		return 0;
	}
	if (was_scaled(lineage))
		return ae_fail(err, "%s: x is scaled already; --invert undoes it", name);
	if (ae_schema_need(n->in, AE_X, &x, err) != 0)
		return ae_fail_in(err, "%s: ", name);
	if (n->options->common.model && load_scaler(n, n->options->common.model, err) != 0)
		return -1;
	if (n->options->common.model && check_column(n->model, &n->in->cols[x], err) != 0)
		return ae_fail_in(err, "%s: ", name);
	if (n->blob.len == 0 && fit_without_data(n, &n->in->cols[x], err) != 0)
		return -1;
	return ae_buf_set(&lineage->scaler, n->blob.data, n->blob.len, err);
}

/* ---- applying ---- */

static bool is_changed(const struct normalize *n, enum ae_role role)
{
	return role == AE_X || role == AE_TARGET || (role == AE_RECON && n->options->invert);
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct normalize *n = state;
	struct ae_lineage lineage = {0};
	n->in = ae_reader_schema(reader);
	n->name = ae_reader_name(reader);
	n->done = 0;
	int rc = ae_lineage_unpack(&lineage, &n->in->lineage, err);
	if (rc == 0)
		rc = settle(n, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, n->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_carry_columns(out, n->in, 0, &n->carried, err) != 0)
		return -1;
	for (size_t i = 0; i < out->count; i++) {
		if (!is_changed(n, out->cols[i].role))
			continue;
		if (!ae_scaler_fits(&n->scaler, &out->cols[i].shape)) {
			char shape[AE_SHAPE_TEXT];
			return ae_fail(err, "%s: column \"%s\" of shape %s does not fit the scaler's %zu columns",
				ae_reader_name(reader), out->cols[i].name, ae_shape_format(&out->cols[i].shape, shape),
				n->scaler.columns);
		}
		out->cols[i].type = AE_F32;
		out->cols[i].missing = out->cols[i].missing && !n->options->fill;
	}
	return 0;
}

/* Scaled values can leave f32's range where a scale is tiny; that is no number to go on with. */
static int check_finite(const struct normalize *n, const struct ae_column *column, const float *values, size_t count,
	struct ae_error *err)
{
	char name[300];
	size_t i = 0, size = ae_shape_size(&column->shape);
	while (i < count && !isinf(values[i]))
		i++;
	if (i == count)
		return 0;
	ae_column_element_name(column, i % size, name, sizeof(name));
	return ae_fail(err, "%s: row %llu, column \"%s\": the scaled value is too large for f32", n->name,
		(unsigned long long)n->done + i / size + 1, name);
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct normalize *n = state;
	ae_carry_batch(out, in, &n->carried);
	for (size_t i = 0; i < n->in->count; i++) {
		const struct ae_column *c = &n->in->cols[i];
		if (!is_changed(n, c->role))
			continue;
		struct ae_column result = {.type = AE_F32, .shape = c->shape};
		float *values = ae_data_resize(&n->scaled[c->role], &result, in->rows, err);
		size_t count = in->rows * ae_shape_size(&c->shape);
		if (!values)
			return -1;
		if (n->options->invert) {
			ae_to_f32(values, in->cols[i]->values.data, c->type, count);
			ae_scaler_invert(&n->scaler, values, values, in->rows, &c->shape);
		} else {
			ae_scaler_apply(&n->scaler, values, in->cols[i]->values.data, c->type, in->rows, &c->shape);
		}
		if (n->options->fill)
			ae_scaler_fill_missing(&n->scaler, values, count);
		if (check_finite(n, c, values, count, err) != 0)
			return -1;
		out->cols[i] = &n->scaled[c->role];
	}
	n->done += in->rows;
	return 0;
}

/* ---- fitting: all rows are seen, put aside, then scaled ---- */

static void note_constant(const struct normalize *n, const struct ae_scaler_fit *fit, const struct ae_column *x)
{
	const bool *which;
	size_t count = ae_scaler_fit_constant(fit, &which), first = 0;
	char name[300];
	if (count == 0)
		return;
	while (!which[first])
		first++;
	ae_column_element_name(x, first, name, sizeof(name));
	ae_note(n->program, &n->options->common, "%zu constant column%s left at scale 1: \"%s\"%s", count,
		count > 1 ? "s" : "", name, count > 1 ? " and others" : "");
}

struct fitting {
	const struct ae_reader *reader;
	struct ae_spool *spool;
	struct ae_scaler_fit *fit;
	size_t x;
};

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct fitting *f = arg;
	const struct ae_column *x = &ae_reader_schema(f->reader)->cols[f->x];
	if (ae_scaler_fit_rows(f->fit, batch->cols[f->x]->values.data, x->type, batch->rows, err) != 0)
		return -1;
	return ae_spool_append(f->spool, batch, err);
}

static int refuse_scaled(void *arg, struct ae_error *err)
{
	const struct fitting *f = arg;
	if (ae_reader_schema(f->reader)->lineage.len)
		return ae_fail(err, "%s: x is scaled already", ae_reader_name(f->reader));
	return 0;
}

static int fit_rows(struct normalize *n, struct ae_reader *reader, struct ae_spool *spool, size_t x,
	struct ae_scaler_fit *fit, struct ae_error *err)
{
	struct fitting fitting = {reader, spool, fit, x};
	const struct ae_drain drain = {.rows = take_rows,
		.boundary = refuse_scaled,
		.arg = &fitting,
		.consequence = "no scaler is fitted on a part"};
	if (ae_reader_drain(reader, &drain, err) != 0)
		return -1;
	if (ae_reader_rows(reader) == 0)
		return ae_fail(err, "%s: no rows to fit a scaler on", ae_reader_name(reader));
	if (ae_scaler_fit_end(fit, &n->scaler, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_scaler_pack(&n->scaler, &n->blob, err) != 0)
		return -1;
	note_constant(n, fit, &n->in->cols[x]);
	return n->options->save ? save_scaler(n, &n->in->cols[x], err) : 0;
}

static int write_spooled(struct normalize *n, struct ae_reader *reader, struct ae_spool *spool,
	struct ae_writer *writer, struct ae_error *err)
{
	struct ae_schema schema = {0};
	struct ae_rows part = {0};
	struct ae_batch out = {0};
	int rc = begin(n, reader, &schema, err);
	if (rc == 0)
		rc = ae_rows_init(&part, n->in->count, err);
	if (rc == 0)
		rc = (out.cols = ae_calloc(schema.count, sizeof(*out.cols), err)) ? 0 : -1;
	if (rc == 0)
		rc = ae_program_header(writer, &schema, err);
	while (rc == 0) {
		ae_rows_clear(&part);
		rc = ae_spool_next(spool, &part, err);
		if (rc != 0 || part.batch.rows == 0)
			break;
		out.rows = part.batch.rows;
		rc = rows(n, &part.batch, &out, err);
		if (rc == 0)
			rc = ae_writer_rows(writer, &out, err);
	}
	ae_schema_free(&schema);
	ae_rows_free(&part);
	free(out.cols);
	return rc == 0 ? ae_writer_end(writer, false, err) : -1;
}

static int fit_and_write(struct normalize *n, struct ae_reader *reader, struct ae_writer *writer, struct ae_error *err)
{
	size_t x;
	struct ae_scaler_fit *fit = NULL;
	struct ae_spool *spool = NULL;
	struct ae_lineage lineage = {0};
	n->in = ae_reader_schema(reader);
	int rc = ae_schema_need(n->in, AE_X, &x, err);
	if (rc != 0)
		ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (rc == 0 && (rc = ae_lineage_unpack(&lineage, &n->in->lineage, err)) == 0 && was_scaled(&lineage))
		rc = ae_fail(err, "%s: x is scaled already; --invert undoes it", ae_reader_name(reader));
	ae_lineage_free(&lineage);
	if (rc == 0)
		rc = ae_scaler_fit_new(&fit, &n->options->rule, n->options->per && *n->options->per == 't',
			&n->in->cols[x].shape, err);
	if (rc == 0)
		rc = ae_spool_new(&spool, n->in, false, err);
	if (rc == 0)
		rc = fit_rows(n, reader, spool, x, fit, err);
	if (rc == 0)
		rc = write_spooled(n, reader, spool, writer, err);
	ae_scaler_fit_free(fit);
	ae_spool_free(spool);
	return rc;
}

static int run_fit(struct normalize *n, char **files, size_t count, struct ae_error *err)
{
	struct ae_reader *reader = NULL;
	struct ae_writer *writer;
	const struct ae_common *common = &n->options->common;
	if (ae_writer_open(&writer, &common->out, AE_FORMAT_AEST, err) != 0)
		return -1;
	int rc = ae_reader_open(&reader, files, count, &common->in, err);
	if (rc == 0) {
		ae_reader_poll_output(reader, ae_writer_fd(writer));
		rc = fit_and_write(n, reader, writer, err);
	}
	if (rc == 0) {
		ae_note_left_out(n->program, common, reader);
		rc = ae_writer_close(writer, err);
	} else {
		ae_writer_abort(writer);
	}
	ae_reader_close(reader);
	return rc;
}

static int check_options(struct options *o, struct ae_error *err)
{
	if (o->fit && (o->invert || o->common.model))
		return ae_fail_usage(err, "--fit, -m and --invert exclude each other");
	if (!o->fit && !o->invert && !o->common.model)
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --invert is required");
	if ((o->save || o->per) && !o->fit)
		return ae_fail_usage(err, "--save and --per go with --fit");
	if (o->fit && ae_scaler_parse(&o->rule, o->fit, err) != 0)
		return -1;
	if (o->common.in.missing && strcmp(o->common.in.missing, "mean") == 0) {
		if (o->invert || (o->fit && !ae_scaler_method_needs_rows(o->rule.method)))
			return ae_fail_usage(err, "--missing mean needs a fitted mean: --fit, but not div, or -m FILE");
		o->common.in.missing = "mask";
		o->fill = true;
	}
	if (o->per && strcmp(o->per, "column") != 0 && strcmp(o->per, "tensor") != 0)
		return ae_fail_usage(err, "--per %s: expected column or tensor", o->per);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Scaler"),
		AE_WORD("fit", 0, &o.fit, "METHOD", ae_scaler_forms, "fit %s, and apply it"),
		AE_TEXT_OPTION(
			"per", 0, &o.per, "WHAT", "one scale a column (last axis) or for the tensor; default: column"),
		AE_TEXT_OPTION("save", 0, &o.save, "FILE", "with --fit: keep the scaler in FILE, for -m"),
		AE_TEXT_OPTION("model", 'm', &o.common.model, "FILE", "apply the scaler of a model or of --save"),
		AE_FLAG("invert", 0, &o.invert, "undo the scaling of x, target and recon"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-normalize", "--fit METHOD | -m FILE | --invert [options] [file ...]",
		"Fits, applies or inverts a scaler on x and target.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct normalize n = {.options = &o, .program = &program};
	struct ae_filter filter = {.state = &n, .format = AE_FORMAT_AEST, .begin = begin, .rows = rows};
	size_t count = (size_t)(argc - first);
	int rc = check_options(&o, &err);
	if (rc == 0)
		rc = o.fit && ae_scaler_method_needs_rows(o.rule.method)
			     ? run_fit(&n, argv + first, count, &err)
			     : ae_filter_run(&filter, &program, &o.common, argv + first, count, &err);
	ae_scaler_free(&n.scaler);
	ae_model_free(n.model);
	ae_buf_free(&n.blob);
	ae_buf_free(&n.carried);
	for (size_t i = 0; i <= AE_RECON; i++)
		ae_data_free(&n.scaled[i]);
	return ae_program_finish(program.name, rc, &err);
}
