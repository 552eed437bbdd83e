/* SPDX-License-Identifier: MIT */
/* ae-train: fit a network, write the model. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/train_options.h"
#include "cli/train_pca.h"
#include "cli/train_rows.h"
#include "cli/train_warn.h"
#include "core/outfile.h"
#include "io/signals.h"
#include "train/optimizer.h"
#include "train/schedule.h"

struct job {
	struct ae_train_arguments *options;
	const struct ae_program *program;
	struct ae_train_rows rows;
	struct ae_model *model, *init; /* init: of --init, or NULL */
	char *checkpoint;
	struct ae_outfile file; /* of the model */
	struct ae_train_log log;
};

/* The model to train: the one of --resume, or a new one. */
static int prepare_model(struct job *job, struct ae_error *err)
{
	const struct ae_train_arguments *o = job->options;
	if (o->resume)
		return ae_train_data_check_same(job->model, &job->rows.all, err) == 0
			       ? 0
			       : ae_fail_in(err, "%s: ", o->resume);
	if (ae_model_new(&job->model, err) != 0)
		return -1;
	job->model->settings = o->settings;
	return ae_train_data_start(job->model, &job->rows.all, &o->net, job->init, o->init, err);
}

/* The rows that are held out go with the model: both are there then, or neither. */
static int save(struct job *job, struct ae_error *err)
{
	struct ae_outfile *also = NULL;
	if (job->options->calibrate_out && ae_holdout_write(&job->rows.holdout, job->rows.seen, &also, err) != 0)
		return ae_train_rescue(job->model, &job->file, err);
	return ae_train_save(job->model, &job->file, also, err);
}

static int train(struct job *job, struct ae_error *err)
{
	struct ae_train_arguments *o = job->options;
	if (ae_train_rows_divide(&job->rows, o, err) != 0 || prepare_model(job, err) != 0 ||
		ae_train_rows_check(&job->rows, o, job->model, err) != 0)
		return -1;
	o->run.model = o->common.model;
	o->run.checkpoint = job->checkpoint;
	ae_train_data_note_roles(&job->rows.all, job->program, &o->common, job->rows.all.rows - o->run.train.rows);
	if (job->init)
		ae_train_data_note_init(job->model, job->init, o->init, job->program, &o->common);
	if (ae_train_warn_ranges(job->model, &job->rows.all, o->run.train.rows, job->program, &o->common, err) != 0)
		return -1;
	int rc = o->net.pca ? ae_train_pca_run(job->model, o, job->program, err)
			    : ae_train_run(job->model, &o->run, err);
	if (rc < 0 || (rc == 0 && save(job, err) != 0))
		return -1;
	if (o->log && ae_train_log_end(&job->log, rc == 0 ? o->common.model : NULL, err) != 0)
		return -1;
	return rc > 0 ? 128 + rc : 0;
}

static int run(struct job *job, char **files, size_t count, struct ae_error *err)
{
	struct ae_train_arguments *o = job->options;
	job->checkpoint = ae_concat(o->common.model, ".ckpt", err);
	if (!job->checkpoint)
		return -1;
	const struct ae_train_resume resume = {.epochs = ae_opt_given(job->program, "epochs") ? o->settings.epochs : 0,
		.members = ae_opt_given(job->program, "ensemble") ? o->net.members : 0,
		.missing = o->common.in.missing};
	o->run.log = o->log ? &job->log : NULL;
	if (ae_model_reserve(&job->file, o->common.model, err) != 0 ||
		(o->calibrate_out && ae_holdout_open(&job->rows.holdout, o->calibrate_out, err) != 0) ||
		(o->log && ae_outfile_reserve_live(&job->log.file, o->log, err) != 0) ||
		(o->resume && ae_train_data_resume(&job->model, o->resume, &resume, err) != 0) ||
		(o->init && ae_train_read_init(&job->init, o, job->program, err) != 0) ||
		ae_train_rows_read(&job->rows, o, job->program, job->model, job->init, files, count, err) != 0)
		return -1;
	ae_signals_release();
	signal(SIGPIPE, SIG_IGN); /* an output that nobody reads is not worth a training */
	return train(job, err);
}

/* ---- options ---- */

/* Options that are settings have their bounds. */
#define BOUND(member, end) (ae_train_setting_at(offsetof(struct ae_train_settings, member))->end)
#define SETTING_REAL(name, member, arg, help)                                                                          \
	AE_REAL(name, 0, &s->member, BOUND(member, low), BOUND(member, high), arg, help)
#define SETTING_COUNT(name, member, arg, help)                                                                         \
	AE_COUNT(name, 0, &s->member, (uint64_t)BOUND(member, low), (uint64_t)BOUND(member, high), arg, help)

int main(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct ae_train_arguments o = {.common = {.threads = processors > 0 ? (uint64_t)processors : 1},
		.settings = ae_train_defaults,
		.net.members = 1};
	struct ae_train_settings *s = &o.settings;
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_FILE("model", 'm', &o.common.model, AE_FILE_TRAINED, "FILE", "where the model goes; required"),
		AE_FILE("net", 0, &o.net.text, AE_FILE_AT, "TEXT",
			"the network, as text or as @FILE, or pca:K: the best linear one, computed; required"),
		AE_RENAMED("hidden-act", "act", &o.net.hidden_act, "NAME", ae_activation_word,
			"activation of the dash form's inner layers: %s; default: relu"),
		AE_RENAMED("out-act", "out", &o.net.out_act, "NAME", NULL,
			"activation of the dash form's last layer, as above; default: linear"),
		AE_COUNT("ensemble", 0, &o.net.members, 1, AE_NET_MEMBERS_MAX, "K",
			"train K networks, from seed S on, whose reconstructions are averaged"),
		AE_FILE("init", 0, &o.init, AE_FILE_OLD_MODEL, "FILE", "begin with the weights of this model"),
		AE_FILE("resume", 0, &o.resume, AE_FILE_OLD_MODEL, "FILE", "go on with it; --epochs is the total"),
		AE_FLAG("strip", 0, &o.run.strip, "leave out the optimiser's state, which --resume needs"),
		AE_GROUP("Training"),
		AE_WORD("loss", 0, &s->loss, "LOSS", ae_loss_name, "%s"),
		AE_WORD("optimizer", 0, &s->optimizer, "NAME", ae_optimizer_name, "%s"),
		SETTING_REAL("lr", lr, "RATE", "learning rate"),
		SETTING_REAL("decay", decay, "D", "step n learns at RATE / (1 + D n)"),
		AE_WORD("schedule", 0, &s->schedule, "HOW", ae_schedule_form, "change the learning rate: %s"),
		SETTING_COUNT("warmup", warmup, "N", "epochs in which the learning rate rises from 0"),
		SETTING_REAL("momentum", momentum, "M", "momentum of sgd"),
		SETTING_REAL("weight-decay", weight_decay, "W", "weight decay of adamw"),
		SETTING_COUNT("epochs", epochs, "N", "passes over the rows"),
		SETTING_COUNT("batch", batch, "N", "rows a step"),
		AE_COUNT("slices", 0, &s->slices, 1, (uint64_t)BOUND(slices, high), "N",
			"parts of a batch that are worked on side by side"),
		SETTING_REAL("trim", trim, "F", "the worst share F of the rows of each batch teaches nothing"),
		AE_COUNT("seed", 0, &s->seed, 0, UINT64_MAX, "S", "seed of the first weights and of the shuffling"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_FILE_IN("valid", 0, &o.valid, "FILE|F", "validate on FILE, or on the last share F of the rows"),
		AE_FLAG("scaled", 0, &o.scaled, "text of --valid was scaled as the training rows were"),
		AE_COUNT("patience", 0, &o.run.patience, 0, 1000000, "N",
			"stop after N epochs without a better validation loss and keep the best weights; 0: never"),
		AE_REAL("calibrate", 0, &o.calibrate, 0, 1, "F",
			"hold out the last share F of the rows, for a threshold; they go to --calibrate-out"),
		AE_FILE_OUT(
			"calibrate-out", 0, &o.calibrate_out, "FILE", "where the rows go that --calibrate holds out"),
		AE_FILE_OUT("log", 0, &o.log, "FILE", "write epoch, loss and valid_loss as CSV"),
		AE_FLAG("force", 0, &o.force, "train even if output, loss and values do not go together"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-train", "-m FILE --net TEXT [options] [file ...]",
		"Trains a network on x and writes the model.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;
	ae_report_left_out(&program, &o.common);

	struct ae_error err;
	struct job job = {.options = &o, .program = &program, .file = {.fd = -1}, .log.file = {.fd = -1}};
	int rc = ae_train_options_check(&o, &program, &err);
	if (rc == 0)
		rc = run(&job, argv + first, (size_t)(argc - first), &err);
	ae_train_rows_free(&job.rows);
	ae_model_free(job.model);
	ae_model_free(job.init);
	free(job.checkpoint);
	ae_outfile_abandon(&job.file);
	ae_outfile_abandon(&job.log.file);
	return ae_program_finish(program.name, rc, &err);
}
