/* SPDX-License-Identifier: MIT */
/* ae-thresh: fit a threshold on err, or apply one. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/fit_threshold.h"
#include "cli/program.h"
#include "model/model.h"
#include "model/score.h"

struct options {
	struct ae_common common;
	struct ae_fit_options fit;
	double at; /* NAN: not given */
	bool exit_code;
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

/* ---- applying ---- */

/* The value to apply to this stream, from --at or the model. */
static int choose_value(struct thresh *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct options *o = s->options;
	struct ae_lineage lineage = {0};
	struct ae_model *model = NULL;
	int rc = ae_err_lineage(&lineage, reader, &s->err_column, err);
	s->value = o->at;
	if (rc == 0 && o->common.model) {
		rc = ae_model_read_threshold(&model, o->common.model, &lineage, ae_reader_name(reader), err);
		if (rc == 0 && model->threshold->has_digest && !lineage.has_digest)
			rc = ae_check_vouched(&o->fit, o->common.model, reader, err);
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
	if (o->fit.method && (at || o->exit_code))
		return ae_fail_usage(err, "--fit excludes --at and --exit-code");
	if (!o->fit.method && !o->common.model == !at)
		return ae_fail_usage(err, "one of --fit METHOD, -m FILE and --at VALUE is required");
	return ae_fit_check(&o->fit, &o->common, err);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.no_inputs = true}, .at = NAN};
	const struct ae_opt table[] = {
		AE_GROUP("Threshold"),
		AE_WORD("fit", 0, &o.fit.method, "METHOD", ae_threshold_forms,
			"fit %s, and print it; K*METHOD is K times its value"),
		AE_FILE("model", 'm', &o.common.model, AE_FILE_READ | AE_FILE_WRITTEN, "FILE",
			"with --fit: put it there; else: apply the one in FILE"),
		AE_FILE_OUT("save", 0, &o.fit.save, "FILE", "with --fit: keep it alone in FILE, for -m"),
		AE_LIST("where", 'w', &o.fit.where, "COND", "with --fit: only rows where COL OP VALUE holds"),
		AE_TEXT_OPTION("normal", 0, &o.fit.truth.normal, "LABEL",
			"with --fit: rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION("anomaly", 0, &o.fit.truth.anomaly, "LABEL",
			"with --fit: rows of this label are anomalies, all others normal"),
		AE_REAL("at", 0, &o.at, -DBL_MAX, DBL_MAX, "VALUE", "apply this value"),
		AE_FLAG("exit-code", 0, &o.exit_code, "exit 3 if there was an anomaly"),
		AE_FLAG("scaled", 0, &o.fit.scaled, "err without lineage was made with this model"),
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
		rc = o.fit.method ? ae_fit_threshold(&o.fit, &program, &o.common, argv + first, count, &err)
				  : ae_filter_run(&filter, &program, &o.common, argv + first, count, &err);
	if (rc == 0 && o.exit_code && s.anomalies > 0)
		rc = AE_STATUS_ANOMALY;
	ae_buf_free(&s.carried);
	ae_data_free(&s.pred);
	return ae_program_finish(program.name, rc, &err);
}
