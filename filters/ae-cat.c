/* ae-cat: convert, concatenate, select and check streams. */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "where.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	const char *cols;
	uint64_t skip, head;
};

struct cat {
	const struct options *options;
	struct ae_reader *reader;
	struct ae_writer *writer;
	struct ae_where *where;
	struct ae_schema joined; /* the first stream's header */
	struct ae_schema out;
	struct ae_buf map; /* size_t: the input column behind each output column */
	struct ae_rows chosen;
	struct ae_batch batch;
	uint64_t passed; /* rows that held so far */
};

/* ---- columns ---- */

static bool names_column(const struct ae_column *column, const char *word, size_t len)
{
	return (strlen(column->name) == len && memcmp(column->name, word, len) == 0) ||
	       (strlen(column->role_text) == len && memcmp(column->role_text, word, len) == 0);
}

static int choose_columns(struct cat *cat, struct ae_error *err)
{
	const char *cols = cat->options->cols;
	if (!cols)
		return ae_carry_columns(&cat->out, &cat->joined, 0, &cat->map, err);
	for (const char *at = cols;; at++) {
		size_t len = strcspn(at, ","), found = 0;
		for (size_t i = 0; i < cat->joined.count; i++) {
			if (!names_column(&cat->joined.cols[i], at, len))
				continue;
			found++;
			if (ae_schema_add_copy(&cat->out, &cat->joined.cols[i], err) != 0 ||
				ae_buf_append(&cat->map, &i, sizeof(i), err) != 0)
				return -1;
		}
		if (!found)
			return ae_fail(err, "--cols: no column or role \"%.*s\"", (int)len, at);
		at += len;
		if (!*at)
			return 0;
	}
}

/* ---- rows ---- */

/* Writes the rows of `rows` that fall between --skip and --head. */
static int pass_on(struct cat *cat, const struct ae_batch *rows, struct ae_error *err)
{
	const struct options *o = cat->options;
	uint64_t first = cat->passed < o->skip ? o->skip - cat->passed : 0;
	uint64_t left = o->skip + o->head - cat->passed; /* up to the last row that is wanted */
	uint64_t end = o->head != UINT64_MAX && left < rows->rows ? left : rows->rows;
	cat->passed += rows->rows;
	if (first >= end)
		return 0;
	const struct ae_batch *chosen = rows;
	if (first > 0 || end < rows->rows) {
		struct ae_rows part;
		if (ae_rows_init(&part, cat->joined.count, err) != 0)
			return -1;
		int rc = ae_rows_append(&part, &cat->joined, rows, first, end - first, err);
		ae_carry_batch(&cat->batch, &part.batch, &cat->map);
		cat->batch.rows = part.batch.rows;
		if (rc == 0)
			rc = ae_writer_rows(cat->writer, &cat->batch, err);
		ae_rows_free(&part);
		return rc;
	}
	ae_carry_batch(&cat->batch, chosen, &cat->map);
	cat->batch.rows = chosen->rows;
	return ae_writer_rows(cat->writer, &cat->batch, err);
}

static bool has_enough(const struct cat *cat)
{
	const struct options *o = cat->options;
	return o->head != UINT64_MAX && cat->passed >= o->skip + o->head;
}

static int run(struct cat *cat, struct ae_error *err)
{
	const struct ae_batch *in = NULL;
	const struct ae_schema *schema = ae_reader_schema(cat->reader);
	if (ae_schema_copy_head(&cat->joined, schema, err) != 0)
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		if (ae_schema_add_copy(&cat->joined, &schema->cols[i], err) != 0)
			return -1;
	if (ae_schema_copy_head(&cat->out, schema, err) != 0 || choose_columns(cat, err) != 0 ||
		ae_where_bind(cat->where, &cat->joined, err) != 0 ||
		ae_rows_init(&cat->chosen, cat->joined.count, err) != 0 ||
		!(cat->batch.cols = ae_calloc(cat->out.count, sizeof(*cat->batch.cols), err)) ||
		ae_writer_header(cat->writer, &cat->out, err) != 0)
		return -1;
	enum ae_read got = AE_READ_END;
	while (!has_enough(cat) && (got = ae_reader_next(cat->reader, &in, err)) > 0) {
		if (got == AE_READ_BOUNDARY) {
			if (!ae_buf_equal(&cat->joined.lineage, &ae_reader_schema(cat->reader)->lineage))
				return ae_fail(err, "%s: another scaler or model than in the stream before it",
					ae_reader_name(cat->reader));
			continue;
		}
		ae_rows_clear(&cat->chosen);
		if (cat->options->where.count) {
			if (ae_where_take(cat->where, &cat->chosen, &cat->joined, in, err) != 0)
				return -1;
			in = &cat->chosen.batch;
		}
		if (in->rows && pass_on(cat, in, err) != 0)
			return -1;
	}
	if (got == AE_READ_FAIL || ae_reader_finish(cat->reader, err) != 0)
		return -1;
	return ae_writer_end(cat->writer, ae_reader_stopped(cat->reader), err);
}

int main(int argc, char **argv)
{
	struct options o = {.head = UINT64_MAX, .common = {.threads = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Selection, in this order"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_COUNT("skip", 0, &o.skip, 0, UINT32_MAX, "N", "leave out the first N rows"),
		AE_COUNT("head", 0, &o.head, 0, UINT64_MAX, "N", "then pass N rows at most"),
		AE_TEXT_OPTION("cols", 0, &o.cols, "LIST", "only these columns, by name or role, in this order"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-cat", "[options] [file ...]",
		"Converts, concatenates and selects tensor streams.", table, sizeof(table) / sizeof(*table)};
	int first, status;
	if (!ae_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct cat cat = {.options = &o};
	int rc = ae_where_parse(&cat.where, o.where.items, o.where.count, &err);
	if (rc == 0)
		rc = ae_writer_open(&cat.writer, &o.common.out, AE_FORMAT_AEST, &err);
	if (rc == 0)
		rc = ae_reader_open(&cat.reader, argv + first, (size_t)(argc - first), &o.common.in, &err);
	if (rc == 0) {
		ae_reader_watch(cat.reader, ae_writer_fd(cat.writer));
		rc = run(&cat, &err);
	}
	if (rc == 0)
		rc = ae_writer_close(cat.writer, &err);
	else
		ae_writer_abort(cat.writer);
	if (rc == 0) {
		ae_note_left_out(&program, &o.common, cat.reader);
		if (ae_reader_terminated(cat.reader))
			rc = AE_STATUS_SIGTERM;
	}
	ae_reader_close(cat.reader);
	ae_where_free(cat.where);
	ae_schema_free(&cat.joined);
	ae_schema_free(&cat.out);
	ae_rows_free(&cat.chosen);
	ae_buf_free(&cat.map);
	free(cat.batch.cols);
	return ae_finish(program.name, rc, &err);
}
