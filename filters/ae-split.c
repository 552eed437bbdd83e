/* SPDX-License-Identifier: MIT */
/* ae-split: train/test split, row for row that of scikit-learn. */
#include "cli/bar.h"
#include "cli/program.h"
#include "core/stop.h"
#include "eval/split.h"
#include "model/lineage.h"
#include "model/scaler_groups.h"
#include "stream/spool.h"

struct options {
	struct ae_common common;
	struct ae_writer_options test_out;
	double test;
	uint64_t seed;
	bool ordered;
};

static int hold_rows(void *spool, const struct ae_batch *batch, struct ae_error *err)
{
	return ae_spool_append(spool, batch, err);
}

static int write_rows(void *writer, const struct ae_batch *batch, struct ae_error *err)
{
	return ae_writer_rows(writer, batch, err);
}

enum { STEP = 1024 }; /* rows between two looks at the clock */

/* After SIGTERM the rows count as lost that there is no time for. */
static int write_part(struct ae_writer *writer, struct ae_spool *spool, struct ae_reader *reader, const uint32_t *rows,
	size_t count, struct ae_error *err)
{
	if (ae_program_header(writer, ae_reader_schema(reader), err) != 0)
		return -1;
	ae_spool_expect(spool, rows, count);
	for (size_t i = 0; i < count; i++) {
		bool last = i + 1 == count || ae_reader_is_late(reader) || ae_writer_is_stalled(writer);
		if (ae_spool_gather(spool, rows[i], last, write_rows, writer, err) != 0)
			return -1;
		if (i % STEP == 0)
			ae_reader_tell_pass(reader, i, count);
		if (last) {
			ae_writer_lose(writer, count - i - 1);
			break;
		}
	}
	return ae_writer_lost(writer) || ae_writer_is_stalled(writer) ? 0 : ae_writer_end(writer, false, err);
}

static const char consequence[] = "a part is not split";

/* Where rows of either part are lost, both are given up. */
static int check_whole(const struct ae_writer *train, const struct ae_writer *test, struct ae_error *err)
{
	if (!ae_writer_is_stalled(train) && !ae_writer_is_stalled(test) && !ae_writer_lost(train) &&
		!ae_writer_lost(test))
		return 0;
	(void)ae_fail_terminated(err, "stopped before the end: %s", consequence);
	return ae_fail_lost(err, ae_writer_unwritten(train) + ae_writer_unwritten(test));
}

static bool is_fitted(const struct ae_schema *schema)
{
	struct ae_error ignored;
	struct ae_lineage lineage = {0};
	struct ae_scaler_groups scaler = {0};
	bool fitted = false;
	if (ae_lineage_unpack(&lineage, &schema->lineage, &ignored) == 0)
		for (size_t i = 0; i < lineage.prep.count && !fitted; i++)
			fitted = strcmp(lineage.prep.steps[i].program, AE_PREP_SCALER) == 0 &&
				 ae_scaler_groups_unpack(&scaler, &lineage.prep.steps[i].packed, &ignored) == 0 &&
				 ae_scaler_method_needs_rows(scaler.all.method);
	ae_scaler_groups_free(&scaler);
	ae_lineage_free(&lineage);
	return fitted;
}

static int run(const struct options *o, const struct ae_program *program, struct ae_reader *reader,
	struct ae_writer *train, struct ae_writer *test, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	struct ae_spool *spool;
	struct ae_split split = {0};
	struct ae_drain drain = {.rows = hold_rows,
		.otherwise = "another scaler or model",
		.consequence = consequence,
		.more_passes = true};
	if (is_fitted(schema))
		ae_note(program, &o->common,
			"the scaler was fitted on rows of both parts: split first, then fit on the training part");
	if (ae_spool_new(&spool, schema, true, err) != 0)
		return -1;
	drain.arg = spool;
	int rc = ae_reader_drain(reader, &drain, err); /* the parts cannot begin before the last row is known */
	if (rc != 0 && err->status == AE_STATUS_SIGTERM)
		(void)ae_fail_lost(err, ae_spool_rows(spool));
	if (rc == 0)
		rc = ae_split_make(&split, ae_spool_rows(spool), o->test, o->ordered, o->seed, err);
	if (rc == 0)
		rc = write_part(test, spool, reader, split.rows, split.test, err);
	if (rc == 0)
		rc = write_part(train, spool, reader, split.rows + split.test, split.train, err);
	if (rc == 0)
		rc = check_whole(train, test, err);
	ae_split_free(&split);
	ae_spool_free(spool);
	return rc;
}

static int check_options(const struct options *o, struct ae_error *err)
{
	return o->test_out.path ? 0 : ae_fail_usage(err, "--test-out FILE is required");
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.results = true}, .test = 0.25};
	const struct ae_opt table[] = {
		AE_GROUP("Split"),
		AE_REAL("test", 0, &o.test, 0, 1, "F", "share of the rows that becomes the test part"),
		AE_COUNT("seed", 0, &o.seed, 0, UINT32_MAX, "S", "seed of the shuffle"),
		AE_FILE_OUT("test-out", 0, &o.test_out.path, "FILE", "where the test part goes; required"),
		AE_FLAG("ordered", 0, &o.ordered, "no shuffle: the last part is the test, as logs need it"),
		AE_EXCLUDES("seed", "ordered"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-split", "--test F --test-out FILE [options] [file ...]",
		"Splits a stream into a training part (output) and a test part (--test-out).", table,
		sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);
	ae_bar_show_reading(&program, &o.common, true);

	struct ae_error err;
	struct ae_reader *reader = NULL;
	struct ae_writer *train = NULL, *test = NULL;
	int rc = -1;
	o.test_out.batch_rows = o.common.out.batch_rows;
	o.test_out.headerless = o.common.out.headerless;
	o.test_out.multiline = o.common.out.multiline = o.common.in.multiline;
	o.test_out.suffix_free = &o.common.out;
	if (check_options(&o, &err) != 0 || ae_writer_open(&train, &o.common.out, &ae_aest_output, &err) != 0 ||
		ae_writer_open(&test, &o.test_out, &ae_aest_output, &err) != 0 ||
		ae_program_open(&reader, argv + first, (size_t)(argc - first), &o.common.in, &err) != 0 ||
		run(&o, &program, reader, train, test, &err) != 0)
		goto out;
	ae_note_left_out(&program, &o.common, reader);
	if (ae_writer_finish(test, &err) != 0)
		goto out;
	rc = ae_writer_close(train, ae_writer_file(test), &err);
	train = NULL;
	if (rc == 0 && ae_stop_asked())
		rc = AE_STATUS_SIGTERM;
out:
	ae_writer_abort(test);
	ae_writer_abort(train);
	ae_reader_close(reader);
	return ae_program_finish(program.name, rc, &err);
}
