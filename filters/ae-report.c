/* SPDX-License-Identifier: MIT */
/* ae-report: what came of a model, on one page of HTML. */
#include "cli/program.h"
#include "report/report.h"

struct options {
	struct ae_common common;
	struct ae_report_options report;
	struct ae_opt_list floors;
};

struct reporting {
	struct ae_report report;
	struct ae_reader *reader;
};

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct reporting *r = arg;
	return ae_report_add(&r->report, batch, err) == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(r->reader));
}

static int boundary(void *arg, struct ae_error *err)
{
	struct reporting *r = arg;
	return ae_report_boundary(&r->report, err);
}

static int read_rows(struct reporting *r, struct ae_error *err)
{
	const struct ae_drain drain = {.rows = add_rows,
		.boundary = boundary,
		.arg = r,
		.otherwise = "verdicts of another model",
		.consequence = "there is no report on a part"};
	if (ae_report_begin(&r->report, r->reader, err) != 0 || ae_reader_drain(r->reader, &drain, err) != 0)
		return -1;
	if (r->report.rows == 0)
		return ae_fail(err, "%s: no rows to report on", ae_reader_name(r->reader));
	return ae_report_end(&r->report, err);
}

static int check(const struct options *o, struct ae_error *err)
{
	if (!o->common.model)
		return ae_fail_usage(err, "-m FILE is required: the model that the verdicts were made with");
	if (o->report.labels.normal && o->report.labels.anomaly)
		return ae_fail_usage(err, "--normal and --anomaly exclude each other");
	if (o->floors.count && !o->report.labels.normal && !o->report.labels.anomaly)
		return ae_fail_usage(
			err, "--floor is measured by labels: --normal LABEL or --anomaly LABEL says what they mean");
	return 0;
}

static int run(
	const struct ae_program *program, struct options *o, char *const *operands, size_t count, struct ae_error *err)
{
	struct ae_outfile file = {.fd = -1};
	struct reporting r = {.report.options = &o->report};
	o->report.model = o->common.model;
	o->report.floors = o->floors.items;
	o->report.floor_count = o->floors.count;
	o->report.in = &o->common.in;
	int rc = check(o, err);
	if (rc == 0)
		rc = ae_outfile_reserve(&file, o->common.out.path, err);
	if (rc == 0)
		rc = ae_program_open(&r.reader, operands, count, &o->common.in, err);
	if (rc == 0)
		rc = read_rows(&r, err);
	if (rc == 0)
		rc = ae_outfile_put(&file, r.report.page.text.data, r.report.page.text.len, err);
	if (rc == 0)
		ae_note_left_out(program, &o->common, r.reader);
	ae_outfile_abandon(&file);
	ae_report_free(&r.report);
	ae_reader_close(r.reader);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.pair = true, .in.results = true, .in.more_inputs = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Report"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "the model that the verdicts were made with"),
		AE_FILE_IN("log", 0, &o.report.log, "FILE", "the log of its training, as ae-train --log writes it"),
		AE_TEXT_OPTION("normal", 0, &o.report.labels.normal, "LABEL",
			"rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION("anomaly", 0, &o.report.labels.anomaly, "LABEL",
			"rows of this label are anomalies, all others normal"),
		AE_FILE_LIST("floor", 0, &o.floors, "NAME=FILE",
			"the same rows with other scores or verdicts, measured beside; may be repeated"),
		AE_TEXT_OPTION(
			"title", 0, &o.report.title, "TEXT", "title of the page; default: the name of the model"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_GROUP("Output"),
		AE_FILE_OUT("output", 'o', &o.common.out.path, "FILE", "write to FILE, which appears when it is whole"),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-report", "-m FILE [options] [file ...]",
		"Reports on verdicts: one page of HTML with pictures, measures and the model.", table,
		sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);
	struct ae_error err;
	return ae_program_finish(program.name, run(&program, &o, argv + first, (size_t)(argc - first), &err), &err);
}
