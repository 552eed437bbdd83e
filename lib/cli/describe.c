/* SPDX-License-Identifier: MIT */
/* Text for people about models, networks and streams. */
#include "cli/describe.h"

#include <stdio.h>

#include "cli/series_state.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "model/forward.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/threshold.h"
#include "net/net.h"

/* Room for a name as it is shown. */
enum { SHOWN = 1000 };

/* A name of somebody else's, without what terminals take for commands. */
static const char *shown(char text[SHOWN], const char *name)
{
	return ae_escape_controls(text, SHOWN, name);
}

static void print_digest(const char *name, const unsigned char *digest)
{
	char text[AE_DIGEST_TEXT];
	printf("%-11s %s\n", name, ae_digest_format(text, digest, AE_DIGEST_SIZE));
}

/* A scaler that stands alone, or the steps in their order. */
static int print_preparation(const struct ae_prep *prep, struct ae_error *err)
{
	struct ae_buf text = {0};
	char line[SHOWN];
	int rc = 0;
	if (prep->count == 0)
		printf("%-11s none\n", "scaler");
	for (size_t i = 0; rc == 0 && i < prep->count; i++) {
		const struct ae_prep_step *step = &prep->steps[i];
		bool alone = ae_prep_is_scaler(prep);
		text.len = 0;
		rc = alone ? ae_prep_kind(step->program)->describe(&step->packed, &text, err)
			   : ae_prep_describe_step(step, &text, err);
		if (rc == 0)
			rc = ae_buf_append(&text, "", 1, err);
		if (rc == 0)
			printf("%-11s %s\n",
				i       ? ""
				: alone ? "scaler"
					: "prepared by",
				shown(line, (const char *)text.data));
	}
	ae_buf_free(&text);
	return rc;
}

/* ---- models ---- */

static void print_ensemble(const struct ae_model *model)
{
	size_t members = ae_net_members(model->net);
	if (members > 1)
		printf("%-11s %zu such networks, of seeds %llu to %llu; their reconstructions are averaged\n",
			"ensemble", members, (unsigned long long)model->settings.seed,
			(unsigned long long)model->settings.seed + members - 1);
}

static void print_warnings(const struct ae_model *model)
{
	char line[SHOWN];
	for (size_t i = 0; i < model->warnings.count; i++)
		printf("%-11s %s\n", "warning", shown(line, model->warnings.texts[i]));
}

/* The last losses, and whether training can go on: of every member of an ensemble. */
static void print_losses(struct ae_model *model)
{
	char text[AE_MODEL_LOSSES_TEXT];
	size_t members = ae_net_members(model->net);
	bool state = false;
	for (size_t i = 0; i < members; i++) {
		ae_model_select(model, i);
		state = state || model->has_optimizer;
		if (model->losses.epochs && members > 1)
			printf("%-11s member %zu: %s\n", i ? "" : "loss", i + 1, ae_model_losses_format(model, text));
		else if (model->losses.epochs)
			printf("%-11s %s\n", "loss", ae_model_losses_format(model, text));
	}
	ae_model_select(model, AE_NET_ALL);
	print_warnings(model);
	printf("%-11s %s\n", "state", state ? "kept" : "none");
}

static void print_settings(struct ae_model *model)
{
	char text[1000], line[SHOWN];
	printf("%-11s %s\n", "training", shown(line, ae_train_settings_format(&model->settings, text, sizeof(text))));
	print_losses(model);
}

static void print_latent(const struct ae_model_latent *latent)
{
	char shrinkage[AE_NUMBER_TEXT];
	if (latent->count == 0)
		return;
	ae_number_format_f64(shrinkage, latent->shrinkage);
	printf("%-11s mean and covariance of %zu values over %llu rows, shrinkage %s\n", "latent", latent->count,
		(unsigned long long)latent->rows, shrinkage);
}

static int print_memory(const struct ae_model *model, int threads, struct ae_error *err)
{
	char text[AE_MEMORY_TEXT];
	struct ae_forward_needs needs;
	if (ae_forward_measure(&needs, model, AE_NET_WHOLE, threads, err) != 0)
		return -1;
	printf("%-11s %s to apply it with -j %d\n", "memory", ae_memory_format(needs.bytes, text), threads);
	return 0;
}

/* "mean:3, group machine, max-gap 90s" */
static const char *smoothing(char text[SHOWN], const char *smooth, const struct ae_grouping *by)
{
	char line[AE_ROLLING_TEXT + AE_GROUPING_TEXT], over[AE_GROUPING_TEXT];
	snprintf(line, sizeof(line), "%s%s", smooth, ae_grouping_format(by, over));
	return shown(text, line);
}

/* A distance of the latent, whose metric is known, is held against nothing and has no unit. */
static void print_reference(const char *metric, const char *reference, bool scaled)
{
	char text[SHOWN];
	if (*reference || !*metric)
		printf(" against %s, %s units", *reference ? shown(text, reference) : "?",
			scaled ? "scaled" : "original");
}

static void print_threshold(const struct ae_threshold *t)
{
	char value[AE_NUMBER_TEXT], rule[AE_THRESHOLD_TEXT], metric[SHOWN], groups[AE_GROUPS_TEXT];
	ae_number_format_f64(value, t->value);
	printf("%-11s %s %s %s", "threshold", value, ae_threshold_format(&t->rule, rule),
		*t->metric ? shown(metric, t->metric) : "err");
	print_reference(t->metric, t->reference, t->scaled);
	printf(", %llu %s%srows\n", (unsigned long long)t->rows, t->held_out ? "held-out " : "",
		ae_threshold_rule_is(&t->rule, AE_TRAIT_CLASSES) ? "normal " : "");
	if (*t->smooth)
		printf("%-11s errors smoothed by %s\n", "", smoothing(metric, t->smooth, &t->smooth_by));
	if (t->groups.column)
		printf("%-11s %s\n", "", shown(metric, ae_threshold_groups_format(&t->groups, groups)));
	size_t flags = ae_threshold_flags(t->value, t->errors, t->errors_count);
	if (t->rows > 0 && !ae_threshold_rule_is(&t->rule, AE_TRAIT_ROWLESS) &&
		!ae_threshold_spread(t->errors, t->errors_count))
		printf("%-11s the errors it was fitted on have no spread\n", "");
	else if (ae_threshold_flags_most(&t->rule, flags, t->errors_count))
		printf("%-11s calls %.0f%% of the rows it was fitted on anomalies\n", "",
			100.0 * (double)flags / (double)t->errors_count);
}

int ae_describe_model(const char *path, int threads, struct ae_error *err)
{
	struct ae_model *model;
	char shape[AE_SHAPE_TEXT], text[SHOWN];
	unsigned char digest[AE_DIGEST_SIZE];
	const struct ae_model_from from = {.path = path};
	if (ae_model_read_described(&model, &from, err) != 0)
		return -1;
	printf("%-11s %s\n", "model", shown(text, path));
	if (model->input.rank)
		printf("%-11s %s\n", "input", ae_shape_format(&model->input, shape));
	for (size_t i = 0; i < model->feature_count; i++)
		printf("%-11s %s\n", i ? "" : "features", shown(text, model->features[i]));
	int rc = print_preparation(&model->prep, err);
	if (rc == 0 && model->net)
		rc = ae_model_digest(model, digest, err);
	if (rc == 0 && model->net) {
		print_digest("digest", digest);
		printf("%-11s %s\n", "network", ae_net_text(model->net));
		ae_describe_net(model->net);
		print_ensemble(model);
		print_settings(model);
		print_latent(&model->stats.latent);
		rc = print_memory(model, threads, err);
	}
	if (rc == 0 && model->threshold)
		print_threshold(model->threshold);
	ae_model_free(model);
	return rc;
}

/* ---- streams ---- */

static void print_column(const struct ae_column *c, bool first)
{
	char shape[AE_SHAPE_TEXT], name[200], text[SHOWN], role[SHOWN];
	printf("%-11s %-16s %-8s %-5s %s%s", first ? "columns" : "", shown(text, c->name), shown(role, c->role_text),
		ae_type_name(c->type), ae_shape_format(&c->shape, shape), c->missing ? " missing" : "");
	if (c->maxval)
		printf(" maxval %u", c->maxval);
	if (c->feature_count) {
		ae_column_element_name(c, 0, name, sizeof(name));
		printf(" \"%s\" to ", shown(text, name));
		ae_column_element_name(c, ae_shape_size(&c->shape) - 1, name, sizeof(name));
		printf("\"%s\"", shown(text, name));
	}
	printf("\n");
}

/* Whether a note has room for the names of all values. */
static bool is_listed(const struct ae_column *column)
{
	return column->feature_count == ae_shape_size(&column->shape) && column->feature_count <= 20;
}

char *ae_describe_values(char *text, const struct ae_column *column)
{
	enum { NAME = 64 };
	char first[NAME], last[NAME];
	size_t n = ae_shape_size(&column->shape), used;
	if (is_listed(column)) {
		used = (size_t)snprintf(
			text, AE_VALUES_TEXT, "%.20s: %zu value%s: ", column->name, n, n > 1 ? "s" : "");
		for (size_t i = 0; i < n; i++)
			used += (size_t)snprintf(text + used, AE_VALUES_TEXT - used, "%s\"%.*s\"", i ? ", " : "", NAME,
				column->features[i]);
		return text;
	}
	ae_column_element_name(column, 0, first, sizeof(first));
	ae_column_element_name(column, n - 1, last, sizeof(last));
	snprintf(text, AE_VALUES_TEXT, "%.20s: %zu values, \"%s\" to \"%s\"", column->name, n, first, last);
	return text;
}

void ae_note_inputs(const struct ae_program *program, const struct ae_common *common, const struct ae_column *column)
{
	char text[AE_VALUES_TEXT];
	if (is_listed(column))
		ae_note(program, common, "%s", ae_describe_values(text, column));
}

static void print_inputs(const struct ae_schema *schema)
{
	char name[300], text[SHOWN];
	size_t x = ae_schema_find(schema, AE_X);
	for (size_t i = 0; x != AE_NO_COLUMN && i < ae_shape_size(&schema->cols[x].shape); i++) {
		ae_column_element_name(&schema->cols[x], i, name, sizeof(name));
		printf("%-11s \"%s\"\n", i ? "" : "inputs", shown(text, name));
	}
}

static int print_lineage(const struct ae_buf *blob, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	char metric[SHOWN];
	if (ae_lineage_unpack(&lineage, blob, err) != 0)
		return -1;
	int rc = print_preparation(&lineage.prep, err);
	if (lineage.has_digest)
		print_digest("model", lineage.digest);
	if (lineage.held_out)
		printf("%-11s yes: no training saw these rows\n", "held out");
	if (lineage.imputed)
		printf("%-11s x: the reconstruction stands in for missing values\n", "imputed");
	if (*lineage.metric) {
		printf("%-11s %s", "err", shown(metric, lineage.metric));
		print_reference(lineage.metric, lineage.reference, lineage.scaled_err);
		printf("\n");
	}
	if (*lineage.smooth)
		printf("%-11s %s\n", "smoothed", smoothing(metric, lineage.smooth, &lineage.smooth_by));
	ae_lineage_free(&lineage);
	return rc;
}

int ae_describe_state(const char *path, struct ae_error *err)
{
	struct ae_series_state_info info = {0};
	char text[SHOWN], time[AE_TIMESTAMP_TEXT];
	int rc = ae_series_state_describe(&info, path, err);
	if (rc == 0) {
		printf("%-11s of %s\n", "state", shown(text, info.program));
		printf("%-11s %s\n", "settings", shown(text, (const char *)info.settings.data));
		rc = print_lineage(&info.lineage, err);
	}
	if (rc == 0) {
		printf("%-11s %llu\n", "groups", (unsigned long long)info.groups);
		printf("%-11s %llu\n", "rows", (unsigned long long)info.rows);
		if (info.has_episodes)
			printf("%-11s %llu, %llu of them open\n", "episodes", (unsigned long long)info.episodes,
				(unsigned long long)info.open);
		if (info.timed)
			printf("%-11s %s\n", "last time", ae_time_format(&info.last, time));
	}
	ae_buf_free(&info.settings);
	ae_buf_free(&info.lineage);
	return rc;
}

/* The model of --reload, which stands in for that of -m where the stream comes from a program. */
static int print_carried(const struct ae_schema *schema, const char *name, struct ae_error *err)
{
	const struct ae_model_from from = {name, schema->model.data, schema->model.len};
	unsigned char digest[AE_DIGEST_SIZE];
	struct ae_model *model;
	if (from.len == 0)
		return 0;
	if (ae_model_read_described(&model, &from, err) != 0)
		return -1;
	int rc = model->net ? ae_model_digest(model, digest, err) : 0;
	if (rc == 0 && model->net)
		print_digest("carries", digest);
	else if (rc == 0)
		printf("%-11s a threshold alone\n", "carries");
	if (rc == 0 && model->threshold)
		print_threshold(model->threshold);
	ae_model_free(model);
	return rc;
}

int ae_describe_stream(const struct ae_reader *reader, bool inputs, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	const struct ae_input_format *format = ae_reader_format(reader);
	char text[SHOWN];
	printf("%-11s %s", "stream", shown(text, ae_reader_name(reader)));
	if (ae_reader_is_text(reader))
		printf(" (%s)", format->delimiter ? "text" : format->name);
	printf("\n");
	for (size_t i = 0; i < schema->count; i++)
		print_column(&schema->cols[i], i == 0);
	if (inputs)
		print_inputs(schema);
	if (print_lineage(&schema->lineage, err) != 0)
		return -1;
	return print_carried(schema, ae_reader_name(reader), err);
}

/* ---- statistics ---- */

static void print_cell(const char *name, const struct ae_stats_cell *cell)
{
	unsigned long long missing = cell->missing;
	double mean, sd;
	char text[SHOWN];
	name = shown(text, name);
	ae_offset_moments_get(&cell->moments, &mean, &sd);
	if (cell->moments.running.count > 0)
		printf("%-24s %12.6g %12.6g %12.6g %12.6g %9llu\n", name, cell->least, cell->most, mean, sd, missing);
	else
		printf("%-24s %12s %12s %12s %12s %9llu\n", name, "-", "-", "-", "-", missing);
}

void ae_describe_stats(const struct ae_stats *stats, const struct ae_schema *schema)
{
	const struct ae_stats_cell *cell = stats->cells;
	char name[300];
	if (!cell)
		return;
	printf("%-24s %12s %12s %12s %12s %9s\n", "", "min", "max", "mean", "sd", "missing");
	for (size_t i = 0; i < schema->count; i++)
		for (size_t e = 0; e < ae_stats_cells(&schema->cols[i]); e++) {
			ae_column_element_name(&schema->cols[i], e, name, sizeof(name));
			print_cell(name, cell++);
		}
}
