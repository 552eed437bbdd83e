/* SPDX-License-Identifier: MIT */
/* ae-metrics: how well verdicts and scores agree with the labels. */
#include <stdio.h>

#include "cli/measure.h"
#include "cli/program.h"
#include "stream/where.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	struct ae_measure measure;
};

struct measuring {
	struct ae_measure *measure;
	const struct ae_reader *reader;
	struct ae_where *where;
};

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	const struct measuring *m = arg;
	for (size_t row = 0; row < batch->rows; row++)
		if (ae_where_holds(m->where, batch, row) && ae_measure_row(m->measure, batch, row, err) != 0)
			return ae_fail_in(err, "%s: ", ae_reader_name(m->reader));
	return 0;
}

static int boundary(void *arg, struct ae_error *err)
{
	const struct measuring *m = arg;
	ae_measure_boundary(m->measure);
	return ae_where_bind(m->where, ae_reader_schema(m->reader), err);
}

static int run(struct ae_measure *measure, struct ae_reader *reader, struct ae_where *where, struct ae_error *err)
{
	struct measuring measuring = {measure, reader, where};
	const struct ae_drain drain = {.rows = add_rows,
		.boundary = boundary,
		.arg = &measuring,
		.otherwise = "scores of another model",
		.consequence = "nothing is measured on a part"};
	if (ae_measure_begin(measure, ae_reader_schema(reader), err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (boundary(&measuring, err) != 0 || ae_reader_drain(reader, &drain, err) != 0)
		return -1;
	if (ae_evaluate_end(&measure->evaluate, err) != 0)
		return measure->evaluate.labels.count ? -1 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.no_inputs = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Measure"),
		AE_TEXT_OPTION("normal", 0, &o.measure.evaluate.normal, "LABEL",
			"rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION("anomaly", 0, &o.measure.evaluate.anomaly, "LABEL",
			"rows of this label are anomalies, all others normal"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_TEXT_OPTION(
			"by", 0, &o.measure.by, "COL", "a table of the groups of rows that are equal in this column"),
		AE_FLAG("events", 0, &o.measure.events,
			"measure events, runs of anomalous rows, and the delay of verdicts"),
		AE_FLAG("point-adjust", 0, &o.measure.adjusted, "point-adjusted measures, beside those of chance"),
		AE_FLAG("json", 0, &o.measure.json, "print one JSON object"),
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
	bool good = ae_evaluate_check(&o.measure.evaluate, &err) == 0;
	int rc = good ? ae_where_parse(&where, o.where.items, o.where.count, &err) : -1;
	if (rc == 0)
		o.common.in.compared = ae_where_names(where, &o.common.in.compared_count);
	if (rc == 0)
		rc = ae_program_open(&reader, argv + first, (size_t)(argc - first), &o.common.in, &err);
	if (rc == 0)
		rc = run(&o.measure, reader, where, &err);
	if (rc == 0) {
		ae_note_left_out(&program, &o.common, reader);
		if (o.measure.evaluate.no_label)
			ae_note(&program, &o.common, "%llu row%s without a label left out",
				(unsigned long long)o.measure.evaluate.no_label,
				o.measure.evaluate.no_label > 1 ? "s" : "");
		if (o.measure.mixed)
			ae_note(&program, &o.common,
				"events run across the rows of several series: --by %s measures each by itself",
				o.measure.grouped);
		rc = ae_measure_print(&o.measure, &err);
	}
	if (rc == 0 && o.measure.events && o.measure.all.untimed)
		ae_note(&program, &o.common, "time runs backwards in %llu event%s, whose delay is in rows alone",
			(unsigned long long)o.measure.all.untimed, o.measure.all.untimed > 1 ? "s" : "");
	if (rc == 0)
		rc = ae_program_flush(&err);
	ae_reader_close(reader);
	ae_where_free(where);
	ae_measure_free(&o.measure);
	return ae_program_finish(program.name, rc, &err);
}
