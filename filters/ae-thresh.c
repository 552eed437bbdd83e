/* SPDX-License-Identifier: MIT */
/* ae-thresh: fit a threshold on err, or apply one. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/calibration.h"
#include "cli/program.h"
#include "model/model.h"
#include "model/score.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	const char *fit, *save;
	struct ae_threshold_rule rule; /* what fit says */
	double at;                     /* NAN: not given */
	bool scaled, exit_code;
};

struct thresh {
	const struct options *options;
	const struct ae_program *program;
	const struct ae_schema *in;
	size_t err_column;
	double value;
	struct ae_buf carried;
	struct ae_data pred;
	uint64_t anomalies;
};

/* ---- what the errors are, and what the threshold is for ---- */

static int read_lineage(
	struct ae_lineage *lineage, const struct ae_reader *reader, size_t *column, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	if (ae_schema_need(schema, AE_ERR, column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return ae_lineage_unpack(lineage, &schema->lineage, err);
}

/* For a threshold and a stream of which only one says which model made its errors: an error, unless --scaled says that
   it was this model. */
static int check_vouched(const struct options *o, const struct ae_reader *reader, struct ae_error *err)
{
	if (o->scaled)
		return 0;
	return ae_fail(err,
		"%s: %s does not say which model made err: score with ae-recon and ae-err, or vouch with --scaled that "
		"%s made it",
		ae_reader_name(reader), ae_reader_is_text(reader) ? "text" : "the stream", o->common.model);
}

/* ---- fitting ---- */

static const char *output_path(const struct options *o)
{
	return o->common.model ? o->common.model : o->save;
}

/* The model that the threshold goes into, or a new one that will hold it alone, and its file, both as they are when the
   errors begin to come. */
static int open_model(struct ae_model **model, struct ae_outfile *file, const struct options *o, struct ae_error *err)
{
	if (ae_model_reserve(file, output_path(o), err) != 0)
		return -1;
	return o->common.model ? ae_model_read(model, o->common.model, err) : ae_model_new(model, err);
}

/* What a fit gives. */
struct fitted {
	struct ae_calibration calibration;
	struct ae_threshold threshold;
	bool printed;
};

static int print_fit(void *arg, struct ae_error *err)
{
	struct fitted *f = arg;
	char text[AE_CALIBRATION_TEXT];
	f->printed = true;
	puts(ae_calibration_format(&f->calibration, &f->threshold, text));
	return ae_program_flush(err);
}

/* Prints the threshold and puts it into the model and its file, unless that has changed meanwhile. */
static int store(const struct options *o, struct ae_model *model, struct ae_outfile *file, struct fitted *f,
	const struct ae_reader *reader, struct ae_error *err)
{
	const char *path = output_path(o);
	const struct ae_outfile_last last = {print_fit, f};
	bool changed = false;
	int rc = model->net && !f->threshold.has_digest ? check_vouched(o, reader, err) : 0;
	if (rc == 0 && ae_model_put_threshold(model, &f->threshold, path, err) != 0)
		rc = ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (rc == 0)
		rc = ae_model_replace(model, file, &last, &changed, err);
	if (rc == 0 && changed)
		rc = ae_fail(err, "%s: another program has changed it meanwhile: fit again", path);
	if (rc != 0 && f->printed)
		ae_program_mark();
	return rc;
}

static int fit(struct thresh *s, char *const *files, size_t count, struct ae_error *err)
{
	const struct options *o = s->options;
	struct ae_where *where = NULL;
	struct ae_reader *reader = NULL;
	struct ae_model *model = NULL;
	struct ae_outfile file = {.fd = -1};
	struct ae_lineage lineage = {0};
	struct fitted f = {0};
	int rc = -1;
	struct ae_reader_options in = o->common.in;
	if (ae_where_parse(&where, o->where.items, o->where.count, err) != 0)
		return -1;
	in.compared = ae_where_names(where, &in.compared_count);
	if (ae_program_open(&reader, files, count, &in, err) != 0 || open_model(&model, &file, o, err) != 0 ||
		read_lineage(&lineage, reader, &s->err_column, err) != 0 ||
		ae_calibration_read(&f.calibration, reader, s->err_column, where, err) != 0 ||
		ae_calibration_check(&f.calibration, &o->rule, err) != 0)
		goto out;
	if (ae_threshold_fit(&f.threshold, &o->rule, f.calibration.errors, f.calibration.count, err) != 0) {
		ae_fail_in(err, "%s: ", ae_reader_name(reader));
		goto out;
	}
	ae_threshold_describe(&f.threshold, &lineage);
	if ((rc = store(o, model, &file, &f, reader, err)) != 0)
		goto out;
	ae_calibration_note(&f.calibration, &f.threshold, s->program, &o->common);
	ae_note_left_out(s->program, &o->common, reader);
out:
	ae_outfile_abandon(&file);
	ae_model_free(model);
	ae_threshold_free(&f.threshold);
	ae_calibration_free(&f.calibration);
	ae_lineage_free(&lineage);
	ae_reader_close(reader);
	ae_where_free(where);
	return rc;
}

/* ---- applying ---- */

/* The value to apply to this stream, from --at or the model. */
static int choose_value(struct thresh *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct options *o = s->options;
	struct ae_lineage lineage = {0};
	struct ae_model *model = NULL;
	int rc = read_lineage(&lineage, reader, &s->err_column, err);
	s->value = o->at;
	if (rc == 0 && o->common.model) {
		rc = ae_model_read_threshold(&model, o->common.model, &lineage, ae_reader_name(reader), err);
		if (rc == 0 && model->threshold->has_digest && !lineage.has_digest)
			rc = check_vouched(o, reader, err);
		if (rc == 0)
			s->value = model->threshold->value;
	}
	ae_model_free(model);
	ae_lineage_free(&lineage);
	return rc;
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	struct thresh *s = state;
	s->in = ae_reader_schema(reader);
	if (choose_value(s, reader, err) != 0 || ae_schema_copy_head(out, s->in, err) != 0 ||
		ae_carry_columns(out, s->in, 1U << AE_PRED, &s->carried, err) != 0)
		return -1;
	return ae_schema_add(out, "pred", AE_PRED, AE_U8, &single, err) ? 0 : -1;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	static const struct ae_column verdict = {.type = AE_U8};
	struct thresh *s = state;
	unsigned char *pred = ae_data_resize(&s->pred, &verdict, in->rows, err);
	const double *score = (const void *)in->cols[s->err_column]->values.data;
	if (!pred)
		return -1;
	for (size_t i = 0; i < in->rows; i++) {
		pred[i] = ae_verdict(score[i], s->value);
		s->anomalies += pred[i] == 1;
	}
	ae_carry_batch(out, in, &s->carried);
	out->cols[s->carried.len / sizeof(size_t)] = &s->pred;
	return 0;
}

static int check_options(struct options *o, struct ae_error *err)
{
	bool at = !isnan(o->at);
	if (o->fit && (!o->common.model == !o->save))
		return ae_fail_usage(err, "--fit goes into a model (-m FILE) or alone into a file (--save FILE)");
	if (o->fit && (at || o->exit_code))
		return ae_fail_usage(err, "--fit excludes --at and --exit-code");
	if (o->fit && o->common.out.append)
		return ae_fail_usage(err, "--fit gives no verdicts to --append");
	if (!o->fit && (o->save || o->where.count))
		return ae_fail_usage(err, "--save and --where go with --fit");
	if (!o->fit && !o->common.model == !at)
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --at VALUE is required");
	return o->fit ? ae_threshold_parse(&o->rule, o->fit, err) : 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.no_inputs = true}, .at = NAN};
	const struct ae_opt table[] = {
		AE_GROUP("Threshold"),
		AE_WORD("fit", 0, &o.fit, "METHOD", ae_threshold_forms, "fit %s, and print it"),
		AE_FILE("model", 'm', &o.common.model, AE_FILE_READ | AE_FILE_WRITTEN, "FILE",
			"with --fit: put it there; else: apply the one in FILE"),
		AE_FILE_OUT("save", 0, &o.save, "FILE", "with --fit: keep it alone in FILE, for -m"),
		AE_LIST("where", 'w', &o.where, "COND", "with --fit: only rows where COL OP VALUE holds"),
		AE_REAL("at", 0, &o.at, -DBL_MAX, DBL_MAX, "VALUE", "apply this value"),
		AE_FLAG("exit-code", 0, &o.exit_code, "exit 3 if there was an anomaly"),
		AE_FLAG("scaled", 0, &o.scaled, "err without lineage was made with this model"),
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
	struct thresh s = {.options = &o, .program = &program};
	struct ae_filter filter = {.state = &s, .format = &ae_csv_output, .begin = begin, .rows = rows};
	size_t count = (size_t)(argc - first);
	int rc = check_options(&o, &err);
	if (rc == 0)
		rc = o.fit ? fit(&s, argv + first, count, &err)
			   : ae_filter_run(&filter, &program, &o.common, argv + first, count, &err);
	if (rc == 0 && o.exit_code && s.anomalies > 0)
		rc = AE_STATUS_ANOMALY;
	ae_buf_free(&s.carried);
	ae_data_free(&s.pred);
	return ae_program_finish(program.name, rc, &err);
}
