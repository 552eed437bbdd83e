/* SPDX-License-Identifier: MIT */
/* ae-info: what a model or a stream holds. */
#include <stdio.h>

#include "cli/describe.h"
#include "cli/program.h"
#include "cli/series_state.h"
#include "model/model.h"
#include "net/net.h"

struct options {
	struct ae_common common;
	const char *net, *act, *out, *pipeline;
	bool stats, count, inputs;
};

/* ---- streams ---- */

struct listing {
	const struct options *options;
	const struct ae_reader *reader;
	struct ae_stats stats;
	uint64_t before; /* rows of the streams before the present one */
};

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct listing *l = arg;
	return l->options->stats ? ae_stats_add(&l->stats, ae_reader_schema(l->reader), batch, err) : 0;
}

static void print_rows(const struct listing *l, const char *more)
{
	unsigned long long rows = ae_reader_rows(l->reader) - l->before;
	if (l->options->count)
		printf("%llu\n", rows);
	else
		printf("%-11s %llu%s\n", "rows", rows, more);
	ae_describe_stats(&l->stats, ae_reader_schema(l->reader));
}

static int next_stream(void *arg, struct ae_error *err)
{
	struct listing *l = arg;
	if (l->options->count)
		return 0; /* of all streams */
	print_rows(l, "");
	printf("\n");
	ae_stats_free(&l->stats);
	l->before = ae_reader_rows(l->reader);
	return ae_describe_stream(l->reader, l->options->inputs, err);
}

static int print_stream(struct ae_reader *reader, const struct options *o, struct ae_error *err)
{
	struct listing listing = {.options = o, .reader = reader};
	const struct ae_drain drain = {.rows = add_rows, .boundary = next_stream, .arg = &listing};
	int rc = o->count ? 0 : ae_describe_stream(reader, o->inputs, err);
	if (rc == 0)
		rc = ae_reader_drain(reader, &drain, err);
	if (rc == 0)
		print_rows(&listing, ae_reader_stopped(reader) ? ", stopped" : "");
	ae_stats_free(&listing.stats);
	return rc == 0 && ae_reader_terminated(reader) ? AE_STATUS_SIGTERM : rc;
}

static int print_file(const struct ae_program *program, struct options *o, char **path, struct ae_error *err)
{
	struct ae_reader *reader;
	if (path && ae_is_model_file(*path))
		return ae_describe_model(*path, (int)o->common.threads, err);
	if (path && ae_series_is_state(*path))
		return ae_describe_state(*path, err);
	if (ae_program_open(&reader, path, path != NULL, &o->common.in, err) != 0)
		return -1;
	int rc = print_stream(reader, o, err);
	if (rc >= 0)
		ae_note_left_out(program, &o->common, reader);
	ae_reader_close(reader);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1, .in.results = true}};
	const struct ae_opt table[] = {
		AE_GROUP("Information"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "describe this model"),
		AE_FILE_IN("pipeline", 0, &o.pipeline, "FILE", "print the shell pipeline that scores with this model"),
		AE_FILE("net", 0, &o.net, AE_FILE_AT, "TEXT", "describe this network, for rows of --shape"),
		AE_RENAMED("hidden-act", "act", &o.act, "NAME", ae_activation_word,
			"activation of the dash form's inner layers: %s; default: relu"),
		AE_RENAMED("out-act", "out", &o.out, "NAME", NULL,
			"activation of the dash form's last layer, as above; default: linear"),
		AE_FLAG("inputs", 0, &o.inputs, "the name of every value of x"),
		AE_FLAG("stats", 0, &o.stats, "min, max, mean, standard deviation and missing values of every number"),
		AE_FLAG("count", 0, &o.count, "print the number of rows alone"),
		AE_GOES_WITH("hidden-act out-act", "net"),
		AE_EXCLUDES("model net inputs stats count", "pipeline"),
		AE_EXCLUDES("model inputs stats count", "net"),
		AE_EXCLUDES("inputs stats count", "model"),
		AE_EXCLUDES("inputs stats", "count"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-info", "[-m FILE | --pipeline FILE | --net TEXT] [options] [file ...]",
		"Describes models, networks and streams.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);

	struct ae_error err;
	int rc = 0;
	o.common.in.more_inputs = argc - first > 1;
	if (o.pipeline)
		rc = ae_describe_pipeline(o.pipeline, &err);
	else if (o.net)
		rc = ae_describe_text_net(o.net, o.act, o.out, o.common.in.shape, &err);
	else if (o.common.model)
		rc = ae_describe_model(o.common.model, (int)o.common.threads, &err);
	else if (first == argc)
		rc = print_file(&program, &o, NULL, &err);
	for (int i = first; rc == 0 && i < argc; i++)
		rc = print_file(&program, &o, argv + i, &err);
	if (rc == 0)
		rc = ae_program_flush(&err);
	if (rc < 0 && err.status != AE_STATUS_USAGE)
		ae_program_mark();
	return ae_program_finish(program.name, rc, &err);
}
