/* SPDX-License-Identifier: MIT */
/* ae-train: fit a network, write the model. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/dataset.h"
#include "cli/program.h"
#include "cli/train_data.h"
#include "cli/train_progress.h"
#include "core/outfile.h"
#include "model/training.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	struct ae_train_run fit;
	const char *net, *act, *out, *loss, *optimizer, *valid, *init, *resume, *log;
	double lr, decay, momentum;
	uint64_t epochs, batch, patience, seed;
	bool force, strip;
};

struct job {
	const struct options *options;
	const struct ae_program *program;
	struct ae_dataset rows, valid;
	struct ae_model *model;
	double share; /* of the rows that is held out, if --valid is a number */
	char *checkpoint;
};

/* ---- rows ---- */

static bool masks(const struct job *job)
{
	const char *missing = job->options->common.in.missing;
	return job->model ? job->model->settings.missing_mask : missing && strcmp(missing, "mask") == 0;
}

/* The network fits, or not, as soon as the header is known. */
static int check_net(const struct options *o, const struct ae_schema *schema, struct ae_error *err)
{
	static const struct ae_column none = {0};
	size_t x = ae_schema_find(schema, AE_X), target = ae_schema_find(schema, AE_TARGET);
	struct ae_net *net = NULL;
	if (!o->net || x == AE_NO_COLUMN)
		return 0;
	char *text = ae_read_argument(o->net, err);
	int rc = text ? ae_net_parse(&net, text, o->act, o->out, &schema->cols[x].shape, err) : -1;
	if (rc == 0)
		rc = ae_train_data_check_output(
			net, &schema->cols[x], target == AE_NO_COLUMN ? &none : &schema->cols[target], err);
	ae_net_free(net);
	free(text);
	return rc;
}

static int fail_no_row(const struct ae_dataset *data, const struct ae_reader *reader, struct ae_error *err)
{
	const char *name = ae_reader_name(reader);
	if (ae_reader_rows(reader) == 0)
		return ae_fail(err, "%s: no rows to train on", name);
	if (data->left_out)
		return ae_fail(err, "%s: no row is left for training: %llu have missing values", name,
			(unsigned long long)data->left_out);
	return ae_fail(err, "%s: no row is left for training", name);
}

static int read_rows(
	const struct job *job, struct ae_dataset *data, char **files, size_t count, bool filtered, struct ae_error *err)
{
	const struct options *o = job->options;
	struct ae_where *where;
	struct ae_reader *reader = NULL;
	struct ae_reader_options in = o->common.in;
	in.more_rejects = !filtered; /* the validation rows are read last */
	if (job->model && masks(job))
		in.missing = "mask";
	if (ae_where_parse(&where, o->where.items, filtered ? o->where.count : 0, err) != 0)
		return -1;
	int rc = ae_reader_open(&reader, files, count, &in, err);
	if (rc == 0 && filtered)
		rc = check_net(o, ae_reader_schema(reader), err);
	if (rc == 0)
		rc = ae_dataset_read(data, reader, where, masks(job), err);
	if (rc == 0 && data->rows == 0)
		rc = fail_no_row(data, reader, err);
	if (rc == 0)
		ae_note_left_out(job->program, &o->common, reader);
	if (rc == 0 && data->left_out)
		ae_note(job->program, &o->common, "%llu rows with missing values left out",
			(unsigned long long)data->left_out);
	ae_reader_close(reader);
	ae_where_free(where);
	return rc;
}

static int read_valid(struct job *job, struct ae_error *err)
{
	char *path = (char *)(uintptr_t)job->options->valid;
	if (!path || job->share > 0)
		return 0;
	if (read_rows(job, &job->valid, &path, 1, false, err) != 0)
		return -1;
	return ae_train_data_match_units(&job->valid, &job->rows, err) == 0 ? 0 : ae_fail_in(err, "%s: ", path);
}

/* Says in one line which columns have which role. */
static void note_roles(const struct job *job, size_t held_out)
{
	const struct ae_dataset *d = &job->rows;
	char first[200], last[200], labels[600], rest[1000] = "";
	size_t n = ae_shape_size(&d->x.shape);
	ae_column_element_name(&d->x, 0, first, sizeof(first));
	ae_column_element_name(&d->x, n - 1, last, sizeof(last));
	if (d->labels.count)
		snprintf(rest, sizeof(rest), "; label, not used: %s",
			ae_label_counts_format(&d->labels, labels, sizeof(labels)));
	ae_note(job->program, &job->options->common, "x: %zu values, \"%s\" to \"%s\"; target: %s; %zu rows%s%s", n,
		first, last, d->target.name ? d->target.name : "x", d->rows - held_out,
		held_out ? ", the last ones held out" : "", rest);
	if (d->labels.count > 1)
		ae_note(job->program, &job->options->common,
			"training on rows of more than one label; --where label=V chooses one");
}

/* ---- the model ---- */

static int start_afresh(struct job *job, struct ae_error *err)
{
	const struct options *o = job->options;
	struct ae_model *model = job->model;
	struct ae_model_settings *s = &model->settings;
	if (ae_train_data_describe(model, &job->rows, err) != 0)
		return -1;
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
	char *net = ae_read_argument(o->net, err);
	int rc = net ? ae_net_parse(&model->net, net, o->act, o->out, &model->input, err) : -1;
	free(net);
	if (rc == 0)
		ae_net_init(model->net, o->seed);
	if (rc != 0 || !o->init)
		return rc;
	struct ae_model *from;
	if (ae_model_read(&from, o->init, err) != 0)
		return -1;
	rc = ae_model_copy_weights(model, from, err);
	ae_model_free(from);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", o->init);
}

/* The model and all settings come from the file; --epochs is the total. */
static int read_resumed(struct job *job, struct ae_error *err)
{
	const struct options *o = job->options;
	if (ae_model_read(&job->model, o->resume, err) != 0)
		return -1;
	if (!job->model->net || !job->model->has_optimizer)
		return ae_fail(err,
			"%s: holds no state to go on from: it was stripped, or kept earlier, better weights",
			o->resume);
	struct ae_model_settings *s = &job->model->settings;
	uint64_t done = job->model->optimizer.epoch;
	if (ae_opt_given(job->program, "epochs"))
		s->epochs = o->epochs;
	if (s->epochs <= done)
		return ae_fail(err, "%s: %llu epochs are done; --epochs says the total, so more than that", o->resume,
			(unsigned long long)done);
	if (o->common.in.missing && (strcmp(o->common.in.missing, "mask") == 0) != s->missing_mask)
		return ae_fail(
			err, "%s: was trained %s --missing=mask", o->resume, s->missing_mask ? "with" : "without");
	ae_model_drop_threshold(job->model);
	return 0;
}

static int train(struct job *job, struct ae_error *err)
{
	const struct options *o = job->options;
	struct ae_train_run fit = o->fit;
	size_t rows = job->rows.rows, held_out = (size_t)ceil(job->share * (double)rows);
	if (held_out >= rows)
		return ae_fail(err, "--valid %s leaves no row for training", o->valid);
	fit.train = ae_train_data_rows(&job->rows, 0, rows - held_out);
	fit.valid = held_out ? ae_train_data_rows(&job->rows, rows - held_out, held_out)
			     : ae_train_data_rows(&job->valid, 0, job->valid.rows);
	fit.checkpoint = job->checkpoint;
	if (o->resume ? ae_train_data_check_same(job->model, &job->rows, err) != 0
		      : ae_model_new(&job->model, err) != 0 || start_afresh(job, err) != 0)
		return o->resume ? ae_fail_in(err, "%s: ", o->resume) : -1;
	const struct ae_net *net = job->model->net;
	if (ae_train_data_check_output(net, &job->rows.x, &job->rows.target, err) != 0 ||
		ae_train_data_check_range(net, &job->rows, o->force, err) != 0)
		return -1;
	if (job->valid.rows && ae_train_data_check_output(net, &job->valid.x, &job->valid.target, err) != 0)
		return ae_fail_in(err, "%s: ", o->valid);
	note_roles(job, held_out);
	int rc = ae_train_run(job->model, &fit, err);
	if (rc != 0)
		return rc > 0 ? 128 + rc : -1;
	return ae_model_write(job->model, o->common.model, err);
}

static int run(struct job *job, char **files, size_t count, struct ae_error *err)
{
	size_t size = strlen(job->options->common.model) + sizeof(".ckpt");
	job->checkpoint = ae_calloc(size, 1, err);
	if (!job->checkpoint)
		return -1;
	snprintf(job->checkpoint, size, "%s.ckpt", job->options->common.model);
	if (ae_outfile_check(job->options->common.model, err) != 0 ||
		(job->options->resume && read_resumed(job, err) != 0))
		return -1;
	if (read_rows(job, &job->rows, files, count, true, err) != 0 || read_valid(job, err) != 0)
		return -1;
	return train(job, err);
}

static int check_options(const struct options *o, const struct ae_program *program, double *share, struct ae_error *err)
{
	static const char *const settled[] = {
		"net", "act", "out", "loss", "optimizer", "lr", "decay", "momentum", "batch", "seed", "init"};
	enum ae_loss loss;
	enum ae_optimizer optimizer;
	if (!o->common.model)
		return ae_fail_usage(err, "-m FILE is required");
	if (!o->net && !o->resume)
		return ae_fail_usage(err, "--net TEXT is required");
	for (size_t i = 0; o->resume && i < sizeof(settled) / sizeof(*settled); i++)
		if (ae_opt_given(program, settled[i]))
			return ae_fail_usage(err, "--%s: with --resume it comes from %s", settled[i], o->resume);
	if (o->patience && !o->valid)
		return ae_fail_usage(err, "--patience needs --valid");
	if (o->valid && ae_parse_real(share, o->valid, -DBL_MAX, DBL_MAX) == 0 && !(*share > 0 && *share < 1))
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
		AE_TEXT_OPTION("init", 0, &o.init, "FILE", "begin with the weights of this model"),
		AE_TEXT_OPTION("resume", 0, &o.resume, "FILE", "go on with this model; --epochs is the total"),
		AE_FLAG("strip", 0, &o.strip, "leave out the optimiser's state, which --resume needs"),
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
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-train", "-m FILE --net TEXT [options] [file ...]",
		"Trains a network on x and writes the model.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct job job = {.options = &o, .program = &program};
	int rc = check_options(&o, &program, &job.share, &err);
	if (rc == 0) {
		o.fit = (struct ae_train_run){.program = program.name,
			.threads = (int)o.common.threads,
			.patience = o.patience,
			.log = o.log,
			.strip = o.strip,
			.progress = !o.common.quiet && isatty(STDERR_FILENO),
			.lines = !o.common.quiet && o.common.verbose};
		rc = run(&job, argv + first, (size_t)(argc - first), &err);
	}
	ae_dataset_free(&job.rows);
	ae_dataset_free(&job.valid);
	ae_model_free(job.model);
	free(job.checkpoint);
	return ae_program_finish(program.name, rc, &err);
}
