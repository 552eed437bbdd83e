/* SPDX-License-Identifier: MIT */
/* ae-metrics: how well verdicts and scores agree with the labels. */
#include <stdio.h>

#include "cli/program.h"
#include "eval/evaluate.h"
#include "eval/metrics_format.h"
#include "stream/where.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	struct ae_evaluate evaluate;
	bool json;
};

struct evaluation {
	struct ae_evaluate *evaluate;
	const struct ae_reader *reader;
	struct ae_where *where;
};

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	const struct evaluation *e = arg;
	for (size_t row = 0; row < batch->rows; row++)
		if (ae_where_holds(e->where, batch, row) && ae_evaluate_row(e->evaluate, batch, row, err) != 0)
			return -1;
	return 0;
}

static int bind_where(void *arg, struct ae_error *err)
{
	const struct evaluation *e = arg;
	return ae_where_bind(e->where, ae_reader_schema(e->reader), err);
}

static int run(struct ae_evaluate *evaluate, struct ae_reader *reader, struct ae_where *where, struct ae_error *err)
{
	struct evaluation evaluation = {evaluate, reader, where};
	const struct ae_drain drain = {.rows = add_rows,
		.boundary = bind_where,
		.arg = &evaluation,
		.otherwise = "scores of another model",
		.consequence = "nothing is measured on a part"};
	if (ae_evaluate_begin(evaluate, ae_reader_schema(reader), err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (bind_where(&evaluation, err) != 0 || ae_reader_drain(reader, &drain, err) != 0)
		return -1;
	if (ae_evaluate_end(evaluate, err) != 0)
		return evaluate->labels.count ? -1 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

static int print_result(const struct ae_evaluate *evaluate, bool json, struct ae_error *err)
{
	char text[AE_METRICS_TEXT];
	struct ae_metrics_result result;
	ae_metrics_end(evaluate->metrics, &result);
	fputs(ae_metrics_format(&result, evaluate->no_label, json, text), stdout);
	return ae_program_flush(err);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.no_inputs = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Measure"),
		AE_TEXT_OPTION("normal", 0, &o.evaluate.normal, "LABEL",
			"rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION("anomaly", 0, &o.evaluate.anomaly, "LABEL",
			"rows of this label are anomalies, all others normal"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_FLAG("json", 0, &o.json, "print one JSON object"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-metrics", "--normal LABEL | --anomaly LABEL [options] [file ...]",
		"Measures verdicts (pred) and scores (err) against labels.", table, sizeof(table) / sizeof(*table),
		NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);

	struct ae_error err;
	struct ae_where *where = NULL;
	struct ae_reader *reader = NULL;
	bool good = ae_evaluate_check(&o.evaluate, &err) == 0;
	int rc = good ? ae_where_parse(&where, o.where.items, o.where.count, &err) : -1;
	if (rc == 0)
		o.common.in.compared = ae_where_names(where, &o.common.in.compared_count);
	if (rc == 0)
		rc = ae_program_open(&reader, argv + first, (size_t)(argc - first), &o.common.in, &err);
	if (rc == 0)
		rc = run(&o.evaluate, reader, where, &err);
	if (rc == 0) {
		ae_note_left_out(&program, &o.common, reader);
		if (o.evaluate.no_label)
			ae_note(&program, &o.common, "%llu row%s without a label left out",
				(unsigned long long)o.evaluate.no_label, o.evaluate.no_label > 1 ? "s" : "");
		rc = print_result(&o.evaluate, o.json, &err);
	}
	ae_reader_close(reader);
	ae_where_free(where);
	ae_evaluate_free(&o.evaluate);
	return ae_program_finish(program.name, rc, &err);
}
