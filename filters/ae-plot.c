/* SPDX-License-Identifier: MIT */
/* ae-plot: pictures of streams, through gnuplot. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/program.h"
#include "core/outfile.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/score.h"
#include "plot/chart.h"
#include "stream/select.h"

enum { TEXT_COLUMNS = 79, TEXT_LINES = 24, GRID_ACROSS = 10 };

struct options {
	struct ae_common common;
	struct ae_chart_options chart;
	struct ae_select_options select;
	struct ae_opt_list where;
	const char *at;
};

/* The kinds that an option goes with; those that are not here go with all. */
static const struct {
	const char *option, *kinds;
} goes_with[] = {
	{"cols", "line, overlay, grid"},
	{"by", "hist"},
	{"bins", "hist"},
	{"range", "hist, grid"},
	{"at", "hist, roc, pr"},
	{"model", "hist, roc, pr"},
	{"map", "line, overlay, grid, hist"},
	{"normal", "confusion, roc, pr"},
	{"anomaly", "confusion, roc, pr"},
	{"head", "loss, grid, hist, confusion, roc, pr"},
};

static bool lists(const char *kinds, const char *kind)
{
	size_t len = strlen(kind);
	for (const char *at = kinds; (at = strstr(at, kind)) != NULL; at += len)
		if ((at == kinds || at[-1] == ' ') && (at[len] == '\0' || at[len] == ','))
			return true;
	return false;
}

static int check_options(
	struct options *o, const struct ae_program *program, const struct ae_chart_kind *kind, struct ae_error *err)
{
	double value;
	for (size_t i = 0; i < sizeof(goes_with) / sizeof(*goes_with); i++)
		if (ae_opt_given(program, goes_with[i].option) && !lists(goes_with[i].kinds, kind->name))
			return ae_fail_usage(err, "--%s goes with %s", goes_with[i].option, goes_with[i].kinds);
	if (o->at && o->common.model)
		return ae_fail_usage(err, "--at and -m exclude each other");
	if (o->at && ae_parse_real(&value, o->at, -DBL_MAX, DBL_MAX) != 0)
		return ae_fail_usage(err, "--at %s: expected a number", o->at);
	if (lists("confusion, roc, pr", kind->name) && !o->chart.normal == !o->chart.anomaly)
		return ae_fail_usage(err, "either --normal LABEL or --anomaly LABEL is required");
	bool sampled = o->select.sample != AE_SELECT_ALL;
	if (kind->one_row && sampled && o->select.sample != 1)
		return ae_fail_usage(err, "%s draws one row: --sample 1 takes any", kind->name);
	if (!sampled && o->select.head == AE_SELECT_ALL)
		o->select.head = kind->one_row ? 1 : strcmp(kind->name, "grid") == 0 ? GRID_ACROSS : AE_SELECT_ALL;
	if (strcmp(kind->name, "loss") == 0 && !o->common.in.missing)
		o->common.in.missing = "mask"; /* not every training has a valid_loss */
	return 0;
}

static int find_kind(const struct ae_chart_kind **kind, const char *word, struct ae_error *err)
{
	static const char known[] = "loss, line, overlay, grid, hist, confusion, roc or pr";
	*kind = word ? ae_chart_kind(word) : NULL;
	if (*kind)
		return 0;
	const char *near = word ? ae_nearest(word, ae_chart_names) : NULL;
	if (!word)
		return ae_fail_usage(err, "the first operand says what to draw: %s", known);
	return near ? ae_fail_usage(err, "no picture is called %s; the nearest is %s", word, near)
		    : ae_fail_usage(err, "no picture is called %s: expected %s", word, known);
}

/* By -O, else by the suffix of -o; standard output gets text. */
static int find_format(struct ae_gnuplot_script *script, const struct ae_writer_options *out, struct ae_error *err)
{
	static const struct {
		const char *name, *suffix;
		enum ae_picture_format format;
	} formats[] = {
		{"png", ".png", AE_PICTURE_PNG}, {"svg", ".svg", AE_PICTURE_SVG}, {"text", ".txt", AE_PICTURE_TEXT}};
	bool named = out->path && strcmp(out->path, "-") != 0;
	const char *suffix = named ? strrchr(out->path, '.') : NULL;
	struct winsize size;
	script->columns = TEXT_COLUMNS;
	script->lines = TEXT_LINES;
	if (!named && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 && size.ws_row >= 12) {
		script->columns = size.ws_col - 1U;
		script->lines = size.ws_row - 1U;
	}
	script->format = AE_PICTURE_TEXT;
	for (size_t i = 0; i < 3; i++) {
		if (out->format ? strcmp(out->format, formats[i].name) == 0
				: suffix && strcmp(suffix, formats[i].suffix) == 0) {
			script->format = formats[i].format;
			return 0;
		}
	}
	if (out->format)
		return ae_fail_usage(err, "-O %s: expected one of png, svg, text", out->format);
	if (named)
		return ae_fail_usage(err, "-o %s: expected a name in .png, .svg or .txt, or -O", out->path);
	return 0;
}

/* ---- reading ---- */

static int find_threshold(
	struct ae_chart *chart, const struct options *o, const struct ae_reader *reader, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	struct ae_model *model = NULL;
	if (ae_lineage_unpack(&lineage, &ae_reader_schema(reader)->lineage, err) != 0)
		return -1;
	memcpy(chart->metric, lineage.metric, sizeof(chart->metric));
	chart->threshold = NAN;
	int rc = o->at ? ae_parse_real(&chart->threshold, o->at, -DBL_MAX, DBL_MAX) : 0;
	if (o->common.model) {
		rc = ae_model_read(&model, o->common.model, err);
		if (rc == 0 && !model->threshold)
			rc = ae_fail(err, "%s: holds no threshold; ae-thresh --fit puts one there", o->common.model);
		if (rc == 0)
			rc = ae_threshold_match(
				model->threshold, &lineage, ae_reader_name(reader), o->common.model, err);
		if (rc == 0)
			chart->threshold = model->threshold->value;
	}
	ae_model_free(model);
	ae_lineage_free(&lineage);
	return rc;
}

struct run {
	const struct ae_chart_kind *kind;
	struct ae_chart chart;
	struct ae_schema schema;
	struct ae_select *select;
	struct ae_reader *reader;
};

static int emit(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct run *run = arg;
	return run->kind->rows(&run->chart, batch, err);
}

static int take_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	const struct run *run = arg;
	return ae_select_rows(run->select, batch, err);
}

static bool has_enough(void *arg)
{
	const struct run *run = arg;
	return ae_select_is_full(run->select);
}

static int read_rows(struct run *run, const struct options *o, struct ae_error *err)
{
	struct ae_reader *reader = run->reader;
	const struct ae_drain drain = {.rows = take_rows,
		.enough = has_enough,
		.arg = run,
		.otherwise = "another scaler or model",
		.consequence = "nothing is drawn of a part"};
	if (find_threshold(&run->chart, o, reader, err) != 0 ||
		ae_schema_copy(&run->schema, ae_reader_schema(reader), err) != 0 ||
		ae_select_new(&run->select, &o->select, &run->schema, emit, run, err) != 0)
		return -1;
	run->chart.schema = &run->schema;
	if (run->kind->begin(&run->chart, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_reader_drain(reader, &drain, err) != 0 || ae_select_end(run->select, err) != 0)
		return -1;
	return run->kind->draw(&run->chart, err) == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

static int write_picture(struct ae_gnuplot_script *script, const char *path, struct ae_error *err)
{
	struct ae_buf bytes = {0};
	struct ae_outfile file;
	int rc = ae_gnuplot_finish(script, &bytes, err);
	if (rc == 0)
		rc = ae_outfile_open(&file, path, err);
	if (rc == 0) {
		rc = ae_write_all(file.fd, bytes.data, bytes.len, file.path, err);
		if (rc == 0)
			rc = ae_outfile_commit(&file, false, err);
		else
			ae_outfile_abandon(&file);
	}
	ae_buf_free(&bytes);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1},
		.chart = {.bins = 50},
		.select = {.head = AE_SELECT_ALL, .tail = AE_SELECT_ALL, .sample = AE_SELECT_ALL}};
	const struct ae_opt table[] = {
		AE_GROUP("Picture"),
		AE_TEXT_OPTION("cols", 0, &o.chart.cols, "LIST", "line, overlay, grid: these columns, by name or role"),
		AE_TEXT_OPTION("by", 0, &o.chart.by, "COL", "hist: a histogram for each value of this column"),
		AE_COUNT("bins", 0, &o.chart.bins, 1, 10000, "N", "hist: bins"),
		AE_TEXT_OPTION(
			"range", 0, &o.chart.range, "A,B", "hist: from A to B alone; grid: A is black and B white"),
		AE_TEXT_OPTION("at", 0, &o.at, "V", "hist, roc, pr: show the threshold V"),
		AE_TEXT_OPTION("model", 'm', &o.common.model, "FILE", "hist, roc, pr: show the threshold in FILE"),
		AE_TEXT_OPTION("normal", 0, &o.chart.normal, "LABEL",
			"confusion, roc, pr: rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION("anomaly", 0, &o.chart.anomaly, "LABEL",
			"confusion, roc, pr: rows of this label are anomalies, all others normal"),
		AE_TEXT_OPTION("title", 0, &o.chart.title, "COL|TEXT",
			"title; in line, overlay and grid what a column says of the row"),
		AE_TEXT_OPTION(
			"map", 0, &o.chart.map, "FILE", "names for values of --by and --title, lines VALUE,NAME"),
		AE_GROUP("Selection, in this order"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_COUNT("skip", 0, &o.select.skip, 0, UINT64_MAX, "N", "leave out the first N rows"),
		AE_COUNT("head", 0, &o.select.head, 0, UINT64_MAX, "N", "then the first N rows; in grid 10"),
		AE_COUNT("sample", 0, &o.select.sample, 0, UINT64_MAX, "N", "then N rows at random, in their order"),
		AE_COUNT("seed", 0, &o.select.seed, 0, UINT64_MAX, "S", "seed of the sample"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_GROUP("Output"),
		AE_TEXT_OPTION("output", 'o', &o.common.out.path, "FILE",
			"write to FILE, .png, .svg or .txt, which appears when it is whole"),
		AE_TEXT_OPTION(NULL, 'O', &o.common.out.format, "FMT", "output format png, svg or text"),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-plot",
		"loss|line|overlay|grid|hist|confusion|roc|pr [options] [file ...]",
		"Draws a stream: as PNG, SVG or text.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct run run = {.chart = {.options = &o.chart}};
	struct ae_where *where;
	o.select.where = o.where.items;
	o.select.where_count = o.where.count;
	int rc = find_kind(&run.kind, argv[first], &err);
	if (rc == 0)
		rc = check_options(&o, &program, run.kind, &err);
	if (rc == 0)
		rc = find_format(&run.chart.script, &o.common.out, &err);
	if (rc == 0 && (rc = ae_where_parse(&where, o.where.items, o.where.count, &err)) == 0)
		ae_where_free(where);
	o.chart.shape = o.common.in.shape;
	if (rc == 0)
		rc = ae_chart_open(&run.chart, &err);
	if (rc == 0)
		rc = ae_reader_open(&run.reader, argv + first + 1, (size_t)(argc - first - 1), &o.common.in, &err);
	if (rc == 0)
		rc = read_rows(&run, &o, &err);
	if (rc == 0)
		rc = write_picture(&run.chart.script, o.common.out.path, &err);
	if (rc == 0 && run.chart.left_out)
		ae_note(&program, &o.common, "rows that are not in the picture: %llu",
			(unsigned long long)run.chart.left_out);
	if (rc == 0)
		ae_note_left_out(&program, &o.common, run.reader);
	if (run.kind)
		run.kind->free(&run.chart);
	ae_chart_free(&run.chart);
	ae_select_free(run.select);
	ae_schema_free(&run.schema);
	ae_reader_close(run.reader);
	return ae_program_finish(program.name, rc, &err);
}
