/* SPDX-License-Identifier: MIT */
/* ae-plot: charts of streams, through gnuplot. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "cli/program.h"
#include "cli/shown.h"
#include "plot/chart.h"
#include "plot/live.h"
#include "plot/picture.h"
#include "stream/select.h"

struct options {
	struct ae_common common;
	struct ae_chart_options chart;
	struct ae_select_options select;
	struct ae_opt_list where;
	struct ae_where *conditions;
	struct ae_picture_options picture;
	double at;
	bool live;
};

struct plot {
	struct ae_chart chart;
	struct ae_reader *reader;
	struct ae_schema schema;
	struct ae_select *select;
	struct ae_live live;
};

/* ---- arguments ---- */

static int check_kind(
	struct ae_chart *chart, const struct ae_program *program, bool sampled, const char *word, struct ae_error *err)
{
	char kinds[AE_WORDS_TEXT];
	if (!word)
		return ae_fail_usage(err, "the first operand says what to draw: %s",
			ae_words_join(kinds, sizeof(kinds), ae_chart_kind_name, "or"));
	if (ae_chart_kind_find(&chart->kind, word, err) != 0)
		return -1;
	for (size_t i = 0; i < program->option_count; i++) {
		const char *option = program->options[i].name;
		if (program->given[i] && option && ae_chart_kind_check(chart->kind, option, err) != 0)
			return -1;
		if (program->given[i] && option && strcmp(option, "seed") == 0 && !sampled && !chart->kind->samples)
			return ae_fail_usage(err, "--seed goes with --sample");
	}
	return 0;
}

static int check_values(struct options *o, const struct ae_chart_kind *kind, struct ae_error *err)
{
	if (!isnan(o->at) && o->common.model)
		return ae_fail_usage(err, "--at and -m exclude each other");
	bool sampled = o->select.sample != AE_SELECT_ALL;
	if (kind->rows == 1 && sampled && o->select.sample != 1)
		return ae_fail_usage(err, "%s draws one row: --sample 1 takes any", kind->name);
	if (!sampled && o->select.head == AE_SELECT_ALL && kind->rows > 0)
		o->select.head = kind->rows;
	o->common.in.no_inputs = kind->no_inputs;
	if (kind->gaps && !o->common.in.missing)
		o->common.in.missing = ae_missing_word(AE_MISSING_MASK);
	o->select.where = o->where.items;
	o->select.where_count = o->where.count;
	if (ae_where_parse(&o->conditions, o->where.items, o->where.count, err) != 0)
		return -1;
	o->common.in.compared = ae_where_names(o->conditions, &o->common.in.compared_count);
	return 0;
}

static int open_chart(struct ae_chart *chart, struct options *o, const struct ae_program *program, const char *word,
	struct ae_error *err)
{
	o->chart.shape = o->common.in.shape;
	o->chart.model = o->common.model;
	o->chart.seed = o->select.seed;
	chart->options = &o->chart;
	chart->threshold = o->at;
	o->picture.format = o->common.out.format;
	o->picture.path = o->common.out.path;
	if (check_kind(chart, program, o->select.sample != AE_SELECT_ALL, word, err) != 0 ||
		check_values(o, chart->kind, err) != 0 || ae_picture_open(&chart->script, &o->picture, err) != 0)
		return -1;
	return ae_chart_open(chart, err);
}

/* ---- reading ---- */

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct plot *plot = arg;
	plot->chart.source = ae_reader_name(plot->reader);
	return plot->chart.kind->add(&plot->chart, batch, err) == 0 ? ae_live_rows(&plot->live, err) : -1;
}

static int idle(void *arg, struct ae_error *err)
{
	struct plot *plot = arg;
	return ae_live_idle(&plot->live, err);
}

static int select_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	const struct plot *plot = arg;
	return ae_select_rows(plot->select, batch, err);
}

static int read_rows(struct plot *plot, const struct options *o, const struct ae_program *program, struct ae_error *err)
{
	struct ae_reader *reader = plot->reader;
	struct ae_chart *chart = &plot->chart;
	/* What is not drawn is read too: a stream that is cut later is no stream. */
	const struct ae_drain drain = {.rows = select_rows,
		.arg = plot,
		.otherwise = "another scaler or model",
		.consequence = o->live ? NULL : "nothing is drawn of a part"};
	struct ae_common shown = o->common;
	if (chart->kind->units)
		shown.model = NULL;
	if (chart->kind->shows_kept
			? ae_shown_kept(&chart->kept_epoch, &o->common, err)
			: ae_shown_threshold(&chart->threshold, chart->metric, reader, program, &shown, err))
		return -1;
	if (ae_schema_copy(&plot->schema, ae_reader_schema(reader), err) != 0 ||
		ae_select_new(&plot->select, &o->select, &plot->schema, add_rows, plot, err) != 0)
		return -1;
	chart->schema = &plot->schema;
	if (chart->kind->begin(chart, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	ae_reader_on_idle(reader, idle, plot);
	if (ae_reader_drain(reader, &drain, err) != 0 || ae_select_end(plot->select, err) != 0 ||
		ae_live_end(&plot->live, err) != 0)
		return -1;
	return chart->kind->draw(chart, err) == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

/* ---- the program ---- */

static int draw(
	const struct ae_program *program, struct options *o, char *const *operands, size_t count, struct ae_error *err)
{
	char left_out[120];
	struct plot plot = {0};
	struct ae_outfile file = {.fd = -1};
	int rc = ae_outfile_reserve(&file, o->common.out.path, err);
	if (rc == 0)
		rc = open_chart(&plot.chart, o, program, count ? operands[0] : NULL, err);
	if (rc == 0 && o->live)
		rc = ae_live_begin(&plot.live, &plot.chart, err);
	if (rc == 0)
		rc = ae_program_open(&plot.reader, operands + 1, count - 1, &o->common.in, err);
	if (rc == 0)
		rc = read_rows(&plot, o, program, err);
	if (rc == 0)
		rc = ae_gnuplot_write(&plot.chart.script, &file, err);
	if (rc == 0 && ae_reader_stopped(plot.reader))
		ae_note(program, &o->common, "stopped before the end: the picture shows the rows until then");
	if (rc == 0 && *ae_chart_left_out(&plot.chart, left_out, sizeof(left_out)))
		ae_note(program, &o->common, "%s", left_out);
	if (rc == 0 && *plot.chart.advice)
		ae_note(program, &o->common, "%s", plot.chart.advice);
	if (rc == 0)
		ae_note_left_out(program, &o->common, plot.reader);
	if (rc == 0 && ae_reader_terminated(plot.reader))
		rc = AE_STATUS_SIGTERM;
	ae_outfile_abandon(&file);
	ae_chart_free(&plot.chart);
	ae_select_free(plot.select);
	ae_schema_free(&plot.schema);
	ae_reader_close(plot.reader);
	ae_where_free(o->conditions);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.pair = true, .in.results = true, .in.shape_of_all = true},
		.chart = {.bins = 50},
		.at = NAN,
		.picture = {.scale = NAN},
		.select = {.head = AE_SELECT_ALL, .tail = AE_SELECT_ALL, .sample = AE_SELECT_ALL}};
	const struct ae_opt table[] = {
		AE_GROUP("Picture"),
		AE_TEXT_OPTION("cols", 0, &o.chart.cols, "LIST", "these columns, by name or role"),
		AE_TEXT_OPTION("features", 0, &o.chart.features, "LIST", "these features, by name"),
		AE_TEXT_OPTION("by", 0, &o.chart.by, "COL", "a histogram for each value of this column"),
		AE_COUNT("bins", 0, &o.chart.bins, 1, 10000, "N", "bins of a histogram"),
		AE_TEXT_OPTION(
			"range", 0, &o.chart.range, "A,B", "a histogram's ends; in images A is black and B white"),
		AE_FLAG("log", 0, &o.chart.log, "a logarithmic scale, of scores, losses or errors"),
		AE_REAL("at", 0, &o.at, -DBL_MAX, DBL_MAX, "V", "show the threshold V"),
		AE_FILE_IN(
			"model", 'm', &o.common.model, "FILE", "show the threshold in FILE, or the epoch that it kept"),
		AE_TEXT_OPTION(
			"normal", 0, &o.chart.normal, "LABEL", "rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION(
			"anomaly", 0, &o.chart.anomaly, "LABEL", "rows of this label are anomalies, all others normal"),
		AE_TEXT_OPTION("title", 0, &o.chart.title, "COL|TEXT",
			"title; of one row or an image also what a column says of it"),
		AE_FILE_IN("map", 0, &o.chart.map, "FILE", "names for values of --by and --title, lines VALUE,NAME"),
		AE_FLAG("live", 0, &o.live, "redraw a terminal while rows come"),
		AE_TEXT_OPTION("size", 0, &o.picture.size, "WxH", "in pixels, or columns and lines of text"),
		AE_REAL("scale", 0, &o.picture.scale, 0.25, 10, "F", "pixels drawn for one, each way: 2 for 2x"),
		AE_GROUP("Selection, in this order"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_COUNT("skip", 0, &o.select.skip, 0, UINT64_MAX, "N", "leave out the first N rows"),
		AE_COUNT("head", 0, &o.select.head, 0, UINT64_MAX, "N", "then the first N rows"),
		AE_COUNT("sample", 0, &o.select.sample, 0, UINT64_MAX, "N", "then N rows at random, in their order"),
		AE_COUNT("seed", 0, &o.select.seed, 0, UINT64_MAX, "S", "seed of the sample, 0 by default"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_GROUP("Output"),
		AE_FILE_OUT("output", 'o', &o.common.out.path, "FILE",
			"write to FILE, .png, .svg or .txt, which appears when it is whole"),
		AE_WORD(NULL, 'O', &o.common.out.format, "FMT", ae_picture_format_name, "output format %s"),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	char about[AE_CHART_HELP] = "Draws a stream: as PNG, SVG or text.\n\nKinds:\n";
	const struct ae_program program = {
		"ae-plot", "KIND [options] [file ...]", about, table, sizeof(table) / sizeof(*table), given};
	int first, status;
	ae_chart_kinds_help(about + strlen(about), sizeof(about) - strlen(about));
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);
	struct ae_error err;
	return ae_program_finish(program.name, draw(&program, &o, argv + first, (size_t)(argc - first), &err), &err);
}
