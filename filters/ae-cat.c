/* SPDX-License-Identifier: MIT */
/* ae-cat: convert, concatenate, select and check streams. */
#include <stdlib.h>
#include <string.h>

#include "cli/bar.h"
#include "cli/program.h"
#include "io/csv.h"
#include "stream/add_columns.h"
#include "stream/select.h"

struct options {
	struct ae_common common;
	struct ae_add_columns_options add;
	struct ae_select_options select;
	struct ae_opt_list where;
	const char *cols;
};

struct cat {
	const struct options *options;
	struct ae_reader *reader;
	struct ae_writer *writer;
	struct ae_schema in, wide, out; /* as it comes, with new columns, with those that are chosen */
	struct ae_add_columns *added;
	struct ae_select *select;
	struct ae_buf chosen; /* size_t: the column of `wide` that each of `out` is */
	struct ae_batch batch;
};

static int choose(struct cat *cat, const char *item, struct ae_error *err)
{
	size_t len = strlen(item), found = 0, column;
	enum ae_role role;
	if (!ae_role_parse(&role, item) && ae_schema_pick(&cat->wide, item, &column, err) != 0)
		return ae_fail_in(err, "--cols: ");
	for (size_t i = 0; i < cat->wide.count; i++) {
		if (!ae_column_answers(&cat->wide.cols[i], item, len))
			continue;
		found++;
		if (ae_schema_add_copy(&cat->out, &cat->wide.cols[i], err) != 0 ||
			ae_buf_append(&cat->chosen, &i, sizeof(i), err) != 0)
			return -1;
	}
	return found ? 0 : ae_schema_fail_unknown(&cat->wide, "--cols", item, err);
}

static int choose_columns(struct cat *cat, struct ae_error *err)
{
	char **items;
	size_t count;
	if (!cat->options->cols)
		return ae_carry_columns(&cat->out, &cat->wide, 0, &cat->chosen, err);
	if (ae_csv_split(&items, &count, cat->options->cols, err) != 0)
		return ae_fail_in(err, "--cols %s: ", cat->options->cols);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = choose(cat, items[i], err);
	ae_names_free(items, count);
	return rc;
}

static int write_chosen(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct cat *cat = arg;
	ae_carry_batch(&cat->batch, batch, &cat->chosen);
	cat->batch.rows = batch->rows;
	return ae_writer_rows(cat->writer, &cat->batch, err);
}

static int begin(struct cat *cat, struct ae_error *err)
{
	const struct options *o = cat->options;
	if (ae_schema_copy(&cat->in, ae_reader_schema(cat->reader), err) != 0 ||
		ae_add_columns_new(&cat->added, &o->add, &cat->in, &cat->wide, err) != 0 ||
		ae_select_new(&cat->select, &o->select, &cat->wide, write_chosen, cat, err) != 0 ||
		ae_schema_copy_head(&cat->out, &cat->wide, err) != 0 || choose_columns(cat, err) != 0)
		return -1;
	cat->batch.cols = ae_calloc(cat->out.count, sizeof(*cat->batch.cols), err);
	return cat->batch.cols ? ae_program_header(cat->writer, &cat->out, err) : -1;
}

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct cat *cat = arg;
	if (ae_add_columns_rows(cat->added, batch, &batch, err) != 0) {
		if (err->status != AE_STATUS_SIGTERM)
			return -1;
		ae_writer_lose(cat->writer, batch->rows);
		return 0;
	}
	return ae_select_rows(cat->select, batch, err);
}

/* Streams are joined, and must have the same past; but one that goes on with another model (--reload) is passed on as a
   stream of its own, where rows do not wait for the end. */
static int next_stream(void *arg, struct ae_error *err)
{
	struct cat *cat = arg;
	const struct ae_select_options *select = &cat->options->select;
	const struct ae_schema *in = ae_reader_schema(cat->reader);
	bool waits = select->tail != AE_SELECT_ALL || select->sample != AE_SELECT_ALL;
	if (in->continued && !waits)
		return ae_writer_end(cat->writer, false, err) == 0 && ae_schema_copy_head(&cat->out, in, err) == 0
			       ? ae_program_header(cat->writer, &cat->out, err)
			       : -1;
	return ae_reader_check_lineage(cat->reader, &cat->out.lineage, "another scaler or model", err);
}

static bool has_enough(void *arg)
{
	const struct cat *cat = arg;
	return ae_select_is_full(cat->select);
}

static int run(struct cat *cat, struct ae_error *err)
{
	const struct ae_drain drain = {.rows = take_rows, .boundary = next_stream, .enough = has_enough, .arg = cat};
	if (begin(cat, err) != 0 || ae_reader_drain(cat->reader, &drain, err) != 0)
		return -1;
	bool whole = !ae_select_is_full(cat->select) && !ae_reader_stopped(cat->reader) && !ae_writer_lost(cat->writer);
	if ((whole && ae_add_columns_end(cat->added, err) != 0) || ae_select_end(cat->select, err) != 0)
		return -1;
	return ae_writer_end(cat->writer, ae_reader_stopped(cat->reader) || ae_writer_lost(cat->writer), err);
}

static void free_cat(struct cat *cat)
{
	ae_reader_close(cat->reader);
	ae_select_free(cat->select);
	ae_add_columns_free(cat->added);
	ae_schema_free(&cat->in);
	ae_schema_free(&cat->wide);
	ae_schema_free(&cat->out);
	ae_buf_free(&cat->chosen);
	free(cat->batch.cols);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.results = true},
		.select = {.head = AE_SELECT_ALL, .tail = AE_SELECT_ALL, .sample = AE_SELECT_ALL}};
	const struct ae_opt table[] = {
		AE_GROUP("New columns"),
		AE_FLAG("number", 0, &o.add.number, "the row's number, from 0, becomes its id"),
		AE_FILE_IN("id-file", 0, &o.add.id_file, "FILE", "ids: npy, IDX, or a line a row"),
		AE_FILE_IN("label-file", 0, &o.add.label_file, "FILE", "labels: npy, IDX, or a line a row"),
		AE_TEXT_OPTION("set", 0, &o.add.set, "label=V", "every row gets this label"),
		AE_FILE_IN("paste", 0, &o.add.paste, "FILE", "put the columns of this stream beside; ids must agree"),
		AE_GROUP("Selection, in this order"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_COUNT("skip", 0, &o.select.skip, 0, UINT64_MAX, "N", "leave out the first N rows"),
		AE_COUNT("head", 0, &o.select.head, 0, UINT64_MAX, "N", "then the first N rows"),
		AE_COUNT("tail", 0, &o.select.tail, 0, UINT64_MAX, "N", "then the last N rows"),
		AE_COUNT("sample", 0, &o.select.sample, 0, UINT64_MAX, "N", "then N rows at random, in their order"),
		AE_COUNT("seed", 0, &o.select.seed, 0, UINT64_MAX, "S", "seed of the sample"),
		AE_GOES_WITH("seed", "sample"),
		AE_TEXT_OPTION("cols", 0, &o.cols, "LIST", "only these columns, by name or role, in this order"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-cat", "[options] [file ...]",
		"Converts, concatenates and selects tensor streams.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);
	ae_bar_show_reading(&program, &o.common, true);
	o.common.in.more_inputs = o.add.paste != NULL;
	o.add.in = &o.common.in;

	struct ae_error err;
	struct cat cat = {.options = &o};
	struct ae_where *where = NULL;
	int rc = -1;
	o.select.where = o.where.items;
	o.select.where_count = o.where.count;
	o.common.out.multiline = o.common.in.multiline;
	/* Errors in the conditions alone are found before any file is opened. */
	if (ae_where_parse(&where, o.where.items, o.where.count, &err) != 0)
		goto out;
	o.common.in.compared = ae_where_names(where, &o.common.in.compared_count);
	if (ae_writer_open(&cat.writer, &o.common.out, &ae_aest_output, &err) != 0 ||
		ae_program_open(&cat.reader, argv + first, (size_t)(argc - first), &o.common.in, &err) != 0)
		goto out;
	ae_program_watch(cat.reader, cat.writer);
	rc = ae_writer_done(cat.writer, run(&cat, &err), NULL, &err);
	cat.writer = NULL;
	if (rc == 0) {
		ae_note_left_out(&program, &o.common, cat.reader);
		if (ae_add_columns_pasted(cat.added))
			ae_note_left_out(&program, &o.common, ae_add_columns_pasted(cat.added));
		rc = ae_reader_terminated(cat.reader) ? AE_STATUS_SIGTERM : 0;
	}
out:
	ae_writer_abort(cat.writer);
	free_cat(&cat);
	ae_where_free(where);
	return ae_program_finish(program.name, rc, &err);
}
