/* ae-train: fit a network, write the model. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "dataset.h"
#include "fit.h"
#include "number.h"
#include "program.h"
#include "scaler.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	struct ae_fit_options fit;
	const char *net, *act, *out, *loss, *optimizer, *valid, *log;
	double lr, decay, momentum;
	uint64_t epochs, batch, patience, seed;
	bool force;
};

/* ---- rows ---- */

static int read_rows(struct ae_dataset *data, const struct options *o, char **files, size_t count, bool filtered,
	const struct ae_program *program, struct ae_error *err)
{
	struct ae_where *where;
	struct ae_reader *reader = NULL;
	bool mask = o->common.in.missing && strcmp(o->common.in.missing, "mask") == 0;
	if (ae_where_parse(&where, o->where.items, filtered ? o->where.count : 0, err) != 0)
		return -1;
	int rc = ae_reader_open(&reader, files, count, &o->common.in, err);
	if (rc == 0)
		rc = ae_dataset_read(data, reader, where, mask, err);
	if (rc == 0 && data->rows == 0)
		rc = ae_fail(err,
			ae_reader_rows(reader) ? "%s: no row is left for training" : "%s: no rows to train on",
			ae_reader_name(reader));
	if (rc == 0)
		ae_note_left_out(program, &o->common, reader);
	if (rc == 0 && data->left_out)
		ae_note(program, &o->common, "%llu rows with missing values left out",
			(unsigned long long)data->left_out);
	ae_reader_close(reader);
	ae_where_free(where);
	return rc;
}

/* Brings validation rows into the units of the training rows. */
static int match_units(struct ae_dataset *valid, const struct ae_dataset *train, const char *name, struct ae_error *err)
{
	struct ae_lineage a = {0}, b = {0};
	struct ae_scaler scaler = {0};
	int rc = ae_lineage_unpack(&a, &train->schema.lineage, err);
	if (rc == 0)
		rc = ae_lineage_unpack(&b, &valid->schema.lineage, err);
	if (rc == 0 && !ae_shape_equal(&train->x.shape, &valid->x.shape))
		rc = ae_fail(err, "%s: x of another shape than the training rows", name);
	if (rc == 0 && b.scaler.len && !ae_buf_equal(&a.scaler, &b.scaler))
		rc = ae_fail(err, "%s: x was scaled by another scaler than the training rows", name);
	if (rc == 0 && a.scaler.len && !b.scaler.len) {
		rc = ae_scaler_unpack(&scaler, a.scaler.data, a.scaler.len, err);
		if (rc == 0)
			rc = ae_fit_scale(&scaler, &valid->x, &valid->x_data, valid->rows, err);
		if (rc == 0 && valid->target.name)
			rc = ae_fit_scale(&scaler, &valid->target, &valid->target_data, valid->rows, err);
	}
	ae_scaler_free(&scaler);
	ae_lineage_free(&a);
	ae_lineage_free(&b);
	return rc;
}

static void note_roles(
	const struct ae_dataset *d, const struct options *o, const struct ae_program *program, size_t held_out)
{
	char first[200], last[200], labels[600], rest[1000] = "";
	size_t n = ae_shape_size(&d->x.shape);
	ae_column_element_name(&d->x, 0, first, sizeof(first));
	ae_column_element_name(&d->x, n - 1, last, sizeof(last));
	if (d->labels.count)
		snprintf(rest, sizeof(rest), "; label, not used: %s",
			ae_tally_format(&d->labels, labels, sizeof(labels)));
	ae_note(program, &o->common, "x: %zu values, \"%s\" to \"%s\"; target: %s; %zu rows%s%s", n, first, last,
		d->target.name ? d->target.name : "x", d->rows - held_out, held_out ? " and the rest held out" : "",
		rest);
	if (d->labels.count > 1)
		ae_note(program, &o->common, "training on rows of more than one label; --where label=V chooses one");
}

/* ---- the model ---- */

static int describe_model(
	struct ae_model *model, const struct ae_dataset *d, const struct options *o, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &d->schema.lineage, err);
	if (rc == 0)
		rc = ae_buf_set(&model->scaler, lineage.scaler.data, lineage.scaler.len, err);
	ae_lineage_free(&lineage);
	model->input = d->x.shape;
	if (rc == 0 && d->x.feature_count) {
		model->features = ae_calloc(d->x.feature_count, sizeof(*model->features), err);
		rc = model->features ? 0 : -1;
		for (size_t i = 0; rc == 0 && i < d->x.feature_count; i++, model->feature_count++)
			rc = (model->features[i] = ae_strdup(d->x.features[i], err)) ? 0 : -1;
	}
	struct ae_model_settings *s = &model->settings;
	snprintf(s->loss, sizeof(s->loss), "%s", o->loss);
	snprintf(s->optimizer, sizeof(s->optimizer), "%s", o->optimizer);
	s->huber_delta = strcmp(o->loss, "huber") == 0;
	s->lr = o->lr;
	s->decay = o->decay;
	s->momentum = o->momentum;
	s->epochs = o->epochs;
	s->batch = o->batch;
	s->seed = o->seed;
	s->missing_mask = o->common.in.missing && strcmp(o->common.in.missing, "mask") == 0;
	char *net = rc == 0 ? ae_read_argument(o->net, err) : NULL;
	rc = net ? ae_net_parse(&model->net, net, o->act, o->out, &model->input, err) : -1;
	free(net);
	if (rc == 0)
		ae_net_init(model->net, o->seed);
	return rc;
}

static int train(const struct options *o, const struct ae_program *program, struct ae_dataset *rows,
	struct ae_dataset *valid, struct ae_error *err)
{
	struct ae_model *model;
	double fraction;
	if (ae_model_new(&model, err) != 0)
		return -1;
	struct ae_fit_options fit = o->fit;
	bool share = o->valid && ae_parse_real(&fraction, o->valid, 0, 1) == 0;
	size_t held_out = share ? (size_t)ceil(fraction * (double)rows->rows) : 0;
	int rc = 0;
	if (share && held_out >= rows->rows)
		rc = ae_fail(err, "--valid %s leaves no row for training", o->valid);
	if (rc == 0) {
		fit.train = ae_fit_rows(rows, 0, rows->rows - held_out);
		fit.valid =
			share ? ae_fit_rows(rows, rows->rows - held_out, held_out) : ae_fit_rows(valid, 0, valid->rows);
		note_roles(rows, o, program, held_out);
		rc = describe_model(model, rows, o, err);
	}
	if (rc == 0)
		rc = ae_fit_check_range(model->net, rows, o->force, err);
	if (rc == 0)
		rc = ae_fit(model, &fit, err);
	if (rc == 0)
		rc = ae_model_write(model, o->common.model, err);
	ae_model_free(model);
	return rc;
}

static int run(
	const struct options *o, const struct ae_program *program, char **files, size_t count, struct ae_error *err)
{
	struct ae_dataset rows = {0}, valid = {0};
	double fraction;
	int rc = read_rows(&rows, o, files, count, true, program, err);
	if (rc == 0 && o->valid && ae_parse_real(&fraction, o->valid, 0, 1) != 0) {
		char *path = (char *)(uintptr_t)o->valid;
		rc = read_rows(&valid, o, &path, 1, false, program, err);
		if (rc == 0)
			rc = match_units(&valid, &rows, o->valid, err);
	}
	ae_input_release_signals();
	if (rc == 0)
		rc = train(o, program, &rows, &valid, err);
	ae_dataset_free(&rows);
	ae_dataset_free(&valid);
	return rc;
}

static int check_options(struct options *o, struct ae_error *err)
{
	double fraction;
	enum ae_loss loss;
	enum ae_optimizer optimizer;
	if (!o->common.model || !o->net)
		return ae_fail_usage(err, "%s is required", o->common.model ? "--net TEXT" : "-m FILE");
	if (o->patience && !o->valid)
		return ae_fail_usage(err, "--patience needs --valid");
	if (o->valid && ae_parse_real(&fraction, o->valid, -DBL_MAX, DBL_MAX) == 0 && !(fraction > 0 && fraction < 1))
		return ae_fail_usage(err, "--valid %s: expected a file or a share between 0 and 1", o->valid);
	return ae_loss_find(&loss, o->loss, err) != 0 ? -1 : ae_optimizer_find(&optimizer, o->optimizer, err);
}

int main(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = {.common = {.threads = processors > 0 ? (uint64_t)processors : 1},
		.loss = "mse",
		.optimizer = "adam",
		.lr = 0.001,
		.epochs = 10,
		.batch = 32};
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_TEXT_OPTION("model", 'm', &o.common.model, "FILE", "where the model goes; required"),
		AE_TEXT_OPTION("net", 0, &o.net, "TEXT", "the network, as text or as @FILE; required"),
		AE_TEXT_OPTION("act", 0, &o.act, "NAME", "activation of the dash form's inner layers; default: relu"),
		AE_TEXT_OPTION("out", 0, &o.out, "NAME", "activation of the dash form's last layer; default: linear"),
		AE_GROUP("Training"),
		AE_TEXT_OPTION("loss", 0, &o.loss, "LOSS", "mae, mse or huber"),
		AE_TEXT_OPTION("optimizer", 0, &o.optimizer, "NAME", "adam or sgd"),
		AE_REAL("lr", 0, &o.lr, 0, 1e6, "RATE", "learning rate"),
		AE_REAL("decay", 0, &o.decay, 0, 1e6, "D", "step n learns at RATE / (1 + D n)"),
		AE_REAL("momentum", 0, &o.momentum, 0, 1, "M", "momentum of sgd"),
		AE_COUNT("epochs", 0, &o.epochs, 1, 1000000, "N", "passes over the rows"),
		AE_COUNT("batch", 0, &o.batch, 1, 1 << 24, "N", "rows a step"),
		AE_COUNT("seed", 0, &o.seed, 0, UINT64_MAX, "S", "seed of the first weights and of the shuffling"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_TEXT_OPTION("valid", 0, &o.valid, "FILE|F", "validate on FILE, or on the last share F of the rows"),
		AE_COUNT("patience", 0, &o.patience, 0, 1000000, "N",
			"stop after N epochs without a better validation loss and keep the best weights; 0: never"),
		AE_TEXT_OPTION("log", 0, &o.log, "FILE", "write epoch, loss and valid_loss as CSV"),
		AE_FLAG("force", 0, &o.force, "train even if the output cannot reach the values"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-train", "-m FILE --net TEXT [options] [file ...]",
		"Trains a network on x and writes the model.", table, sizeof(table) / sizeof(*table)};
	int first, status;
	if (!ae_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	int rc = check_options(&o, &err);
	if (rc == 0) {
		o.fit = (struct ae_fit_options){.program = program.name,
			.threads = (int)o.common.threads,
			.patience = o.patience,
			.log = o.log,
			.progress = !o.common.quiet && isatty(STDERR_FILENO),
			.lines = !o.common.quiet && o.common.verbose};
		rc = run(&o, &program, argv + first, (size_t)(argc - first), &err);
	}
	return ae_finish(program.name, rc, &err);
}
