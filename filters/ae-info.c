/* SPDX-License-Identifier: MIT */
/* ae-info: what a model or a stream holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"
#include "core/number.h"
#include "eval/stats.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/scaler.h"
#include "model/threshold.h"
#include "net/net.h"

struct options {
	struct ae_common common;
	const char *net, *act, *out;
	bool stats, count;
};

static void print_digest(const char *name, const unsigned char *digest)
{
	printf("%-11s ", name);
	for (size_t i = 0; i < AE_DIGEST_SIZE; i++)
		printf("%02x", digest[i]);
	printf("\n");
}

static int print_scaler(const struct ae_buf *blob, struct ae_error *err)
{
	struct ae_scaler scaler = {0};
	char text[AE_SCALER_TEXT];
	if (blob->len == 0) {
		printf("%-11s none\n", "scaler");
		return 0;
	}
	if (ae_scaler_unpack(&scaler, blob->data, blob->len, err) != 0)
		return -1;
	printf("%-11s %s\n", "scaler", ae_scaler_describe(&scaler, text));
	ae_scaler_free(&scaler);
	return 0;
}

/* ---- networks ---- */

static void print_layers(const struct ae_net *net, size_t first, size_t end, const char *part)
{
	size_t total = 0;
	char shape[AE_SHAPE_TEXT];
	for (size_t i = first; i < end; i++) {
		printf("%-11s %-32s %-16s %zu\n", i == first ? part : "", ae_net_layer_name(net, i),
			ae_shape_format(ae_net_layer_output(net, i), shape), ae_net_layer_params(net, i));
		total += ae_net_layer_params(net, i);
	}
	if (end > first)
		printf("%-11s %-32s %-16s %zu\n", "", "", "", total);
}

static void print_net(const struct ae_net *net)
{
	size_t cut = ae_net_encoder_layers(net);
	char shape[AE_SHAPE_TEXT];
	printf("%-11s %-32s %-16s %s\n", "", "layer", "output", "weights");
	printf("%-11s %-32s %s\n", "", "input", ae_shape_format(ae_net_input(net), shape));
	print_layers(net, 0, cut, "encoder");
	print_layers(net, cut, ae_net_layers(net), "decoder");
	printf("%-11s %zu\n", "weights", ae_net_weight_count(net));
}

/* ---- models ---- */

static void print_settings(const struct ae_model *model)
{
	const struct ae_model_settings *s = &model->settings;
	char lr[AE_NUMBER_TEXT], decay[AE_NUMBER_TEXT];
	ae_number_format_f64(lr, s->lr);
	ae_number_format_f64(decay, s->decay);
	printf("%-11s loss %s, %s, lr %s, decay %s, %llu epochs, batch %llu, seed %llu%s\n", "training", s->loss,
		s->optimizer, lr, decay, (unsigned long long)s->epochs, (unsigned long long)s->batch,
		(unsigned long long)s->seed, s->missing_mask ? ", missing values masked" : "");
	printf("%-11s %s\n", "state", model->has_optimizer ? "kept" : "none");
}

static void print_threshold(const struct ae_threshold *t)
{
	char value[AE_NUMBER_TEXT], rule[AE_THRESHOLD_TEXT];
	ae_number_format_f64(value, t->value);
	printf("%-11s %s %s %s against %s, %s units, %llu rows\n", "threshold", value,
		ae_threshold_format(&t->rule, rule), *t->metric ? t->metric : "err", *t->reference ? t->reference : "?",
		t->scaled ? "scaled" : "original", (unsigned long long)t->rows);
}

static int print_model(const char *path, struct ae_error *err)
{
	struct ae_model *model;
	char shape[AE_SHAPE_TEXT];
	unsigned char digest[AE_DIGEST_SIZE];
	if (ae_model_read(&model, path, err) != 0)
		return -1;
	printf("%-11s %s\n", "model", path);
	if (model->input.rank)
		printf("%-11s %s\n", "input", ae_shape_format(&model->input, shape));
	for (size_t i = 0; i < model->feature_count; i++)
		printf("%-11s %s\n", i ? "" : "features", model->features[i]);
	int rc = print_scaler(&model->scaler, err);
	if (rc == 0 && model->net) {
		ae_model_digest(model, digest);
		print_digest("digest", digest);
		printf("%-11s %s\n", "network", ae_net_text(model->net));
		print_net(model->net);
		print_settings(model);
	}
	if (rc == 0 && model->threshold)
		print_threshold(model->threshold);
	ae_model_free(model);
	return rc;
}

/* ---- streams ---- */

static int print_header(const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	struct ae_lineage lineage = {0};
	char shape[AE_SHAPE_TEXT], name[200];
	const char *format = ae_reader_format(reader);
	if (strcmp(format, "csv") == 0 || strcmp(format, "tsv") == 0)
		format = "text";
	printf("%-11s %s", "stream", ae_reader_name(reader));
	printf(ae_reader_is_text(reader) ? " (%s)\n" : "\n", format);
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		printf("%-11s %-16s %-8s %-5s %s%s", i ? "" : "columns", c->name, c->role_text, ae_type_name(c->type),
			ae_shape_format(&c->shape, shape), c->missing ? " missing" : "");
		if (c->feature_count) {
			ae_column_element_name(c, 0, name, sizeof(name));
			printf(" \"%s\" to ", name);
			ae_column_element_name(c, ae_shape_size(&c->shape) - 1, name, sizeof(name));
			printf("\"%s\"", name);
		}
		printf("\n");
	}
	if (ae_lineage_unpack(&lineage, &schema->lineage, err) != 0)
		return -1;
	int rc = print_scaler(&lineage.scaler, err);
	if (lineage.has_digest)
		print_digest("model", lineage.digest);
	if (*lineage.metric)
		printf("%-11s %s against %s, %s units\n", "err", lineage.metric, lineage.reference,
			lineage.scaled_err ? "scaled" : "original");
	ae_lineage_free(&lineage);
	return rc;
}

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
	ae_stats_print(&l->stats, ae_reader_schema(l->reader));
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
	return print_header(l->reader, err);
}

static int print_stream(struct ae_reader *reader, const struct options *o, struct ae_error *err)
{
	struct listing listing = {.options = o, .reader = reader};
	const struct ae_drain drain = {.rows = add_rows, .boundary = next_stream, .arg = &listing};
	int rc = o->count ? 0 : print_header(reader, err);
	if (rc == 0)
		rc = ae_reader_drain(reader, &drain, err);
	if (rc == 0)
		print_rows(&listing, ae_reader_stopped(reader) ? ", stopped" : "");
	ae_stats_free(&listing.stats);
	return rc == 0 && ae_reader_terminated(reader) ? AE_STATUS_SIGTERM : rc;
}

/* The dash form begins with the number of inputs; a list of layers needs --shape. */
static int find_shape(struct ae_shape *shape, const char *net, const char *given, struct ae_error *err)
{
	char first[16] = "";
	size_t units = strspn(net, "0123456789");
	if (given)
		return ae_shape_parse(shape, given, err);
	if (units == 0 || units >= sizeof(first))
		return ae_fail_usage(err, "--net with a list of layers needs --shape");
	memcpy(first, net, units);
	return ae_shape_parse(shape, first, err);
}

static int print_text_net(const struct options *o, struct ae_error *err)
{
	struct ae_net *net;
	struct ae_shape shape;
	char *text = ae_read_argument(o->net, err);
	if (!text)
		return -1;
	int rc = find_shape(&shape, text, o->common.in.shape, err);
	if (rc == 0)
		rc = ae_net_parse(&net, text, o->act, o->out, &shape, err);
	free(text);
	if (rc != 0)
		return -1;
	printf("%-11s %s\n", "network", ae_net_text(net));
	print_net(net);
	ae_net_free(net);
	return 0;
}

static int print_file(const struct ae_program *program, struct options *o, char **path, struct ae_error *err)
{
	struct ae_reader *reader;
	if (path && ae_is_model_file(*path))
		return print_model(*path, err);
	if (ae_reader_open(&reader, path, path != NULL, &o->common.in, err) != 0)
		return -1;
	int rc = print_stream(reader, o, err);
	o->common.in.more_rejects = true; /* the next file's reader adds to them */
	if (rc >= 0)
		ae_note_left_out(program, &o->common, reader);
	ae_reader_close(reader);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Information"),
		AE_TEXT_OPTION("model", 'm', &o.common.model, "FILE", "describe this model"),
		AE_TEXT_OPTION("net", 0, &o.net, "TEXT", "describe this network, for rows of --shape"),
		AE_TEXT_OPTION("act", 0, &o.act, "NAME", "activation of the dash form's inner layers; default: relu"),
		AE_TEXT_OPTION("out", 0, &o.out, "NAME", "activation of the dash form's last layer; default: linear"),
		AE_FLAG("stats", 0, &o.stats, "min, max, mean, standard deviation and missing values of every number"),
		AE_FLAG("count", 0, &o.count, "print the number of rows alone"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-info", "[-m FILE | --net TEXT] [options] [file ...]",
		"Describes models, networks and streams.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	int rc = 0;
	if (o.net)
		rc = print_text_net(&o, &err);
	else if (o.common.model)
		rc = print_model(o.common.model, &err);
	else if (first == argc)
		rc = print_file(&program, &o, NULL, &err);
	for (int i = first; rc == 0 && i < argc; i++)
		rc = print_file(&program, &o, argv + i, &err);
	if (rc == 0 && fflush(stdout) != 0)
		rc = ae_fail_errno(&err, "<stdout>");
	if (rc < 0 && err.status != AE_STATUS_USAGE && !isatty(STDOUT_FILENO))
		printf("!"); /* what stands before it is not whole */
	return ae_program_finish(program.name, rc, &err);
}
