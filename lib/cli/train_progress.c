/* SPDX-License-Identifier: MIT */
/* The terminal's side of a training run: bar, lines, loss curve, signals, checkpoint. */
#include "cli/train_progress.h"

#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/bar.h"
#include "cli/train_log.h"
#include "cli/train_warn.h"
#include "core/number.h"
#include "core/outfile.h"
#include "core/text.h"
#include "io/signals.h"
#include "model/training.h"
#include "net/net.h"

struct progress {
	const struct ae_train_run *run;
	uint64_t epoch;              /* at hand, from 1 */
	char member[64], number[24]; /* of an ensemble, "member 2 of 5: " and "2" */
	struct timespec start, drawn;
	double losses[AE_BAR_CURVE]; /* of the last epochs */
	size_t epochs;
	bool shown;
};

/* ---- signals ---- */

/* A signal handler can reach nothing but static storage. */
static volatile sig_atomic_t caught;

static void catch_signal(int signum)
{
	caught = signum;
}

/* The second signal of a kind ends the program at once; one that the parent had ignored stays so. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = catch_signal, .sa_flags = (int)SA_RESETHAND};
	if (!ae_signal_ignored(SIGINT))
		sigaction(SIGINT, &action, NULL);
	if (!ae_signal_ignored(SIGTERM))
		sigaction(SIGTERM, &action, NULL);
}

/* ---- bar and lines ---- */

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

static void draw_progress(struct progress *p, const struct ae_session_report *r)
{
	static const char full[] = "============", empty[] = "            ";
	enum { WIDTH = sizeof(full) - 1 };
	bool last = r->step == r->steps && r->epoch == r->epochs;
	if (!p->run->progress || (!last && seconds_since(&p->drawn) < 0.1))
		return;
	clock_gettime(CLOCK_MONOTONIC, &p->drawn);
	double done = ((double)(r->epoch - 1) + (double)r->step / (double)r->steps) / (double)r->epochs;
	double left = done > 0 ? seconds_since(&p->start) * (1 - done) / done : 0;
	int bar = (int)(WIDTH * (double)r->step / (double)r->steps);
	char valid[40] = "", curve[AE_BAR_CURVE_TEXT], text[400];
	if (!isnan(r->valid_loss))
		snprintf(valid, sizeof(valid), " valid %.6g", r->valid_loss);
	snprintf(text, sizeof(text), "%sepoch %llu/%llu [%.*s%.*s] step %zu/%zu loss %.6g%s left %d:%02d %s", p->member,
		(unsigned long long)r->epoch, (unsigned long long)r->epochs, bar, full, WIDTH - bar, empty, r->step,
		r->steps, r->loss, valid, (int)left / 60, (int)left % 60, ae_bar_curve(curve, p->losses, p->epochs));
	p->shown = ae_bar_draw(text);
}

static void clear_bar(struct progress *p)
{
	if (p->shown)
		ae_bar_end();
	p->shown = false;
}

static void keep_loss(struct progress *p, double loss)
{
	if (p->epochs == AE_BAR_CURVE)
		memmove(p->losses, p->losses + 1, --p->epochs * sizeof(*p->losses));
	p->losses[p->epochs++] = loss;
}

/* A complete epoch, as a line and as a row of the log. */
static void tell_epoch(struct progress *p, const struct ae_session_report *r)
{
	const struct ae_train_run *run = p->run;
	char valid[AE_NUMBER_TEXT] = "", text[sizeof(run->log->error.text)];
	keep_loss(p, r->loss);
	if (!isnan(r->valid_loss))
		ae_number_format_f64(valid, r->valid_loss);
	if (run->lines && !run->progress)
		fprintf(stderr, "%s: %sepoch %llu/%llu loss %.6g%s%s\n", run->program, p->member,
			(unsigned long long)r->epoch, (unsigned long long)r->epochs, r->loss, *valid ? " valid " : "",
			valid);
	if (!run->log || !ae_train_log_epoch(run->log, r, p->number))
		return;
	clear_bar(p);
	fprintf(stderr, "%s: %s: training goes on without it\n", run->program,
		ae_escape_controls(text, sizeof(text), run->log->error.text));
}

static int on_report(void *arg, const struct ae_session_report *report, struct ae_error *err)
{
	struct progress *p = arg;
	p->epoch = report->epoch;
	(void)err;
	if (report->complete) {
		tell_epoch(p, report);
		return 0;
	}
	if (caught)
		return 1;
	draw_progress(p, report);
	return 0;
}

static size_t row_bytes(const struct ae_net *net, const struct ae_train_data *d)
{
	return d->rows * (ae_shape_size(ae_net_input(net)) * ae_type_size(d->x_type) +
				 (d->target ? ae_shape_size(ae_net_output(net)) * ae_type_size(d->target_type) : 0));
}

static void note_memory(const struct ae_train_run *run, const struct ae_net *net, const struct ae_session *session)
{
	if (run->lines)
		fprintf(stderr, "%s: memory: rows %zu bytes, a batch's activations and gradients %zu, %zu weights\n",
			run->program, row_bytes(net, &run->train) + row_bytes(net, &run->valid),
			ae_session_bytes(session), ae_net_weight_count(net));
}

/* ---- the run ---- */

/* The model has the state after the last complete epoch of the selected member. */
static int write_checkpoint(const struct progress *p, struct ae_model *model, struct ae_error *err)
{
	const struct ae_train_run *run = p->run;
	char name[PATH_MAX];
	unsigned long long done = model->optimizer.epoch;
	ae_model_select(model, AE_NET_ALL);
	if (ae_model_write_like(model, run->checkpoint, run->model, err) != 0)
		return -1;
	fprintf(stderr, "%s: %sstopped in epoch %llu; --resume %s goes on after epoch %llu\n", run->program, p->member,
		(unsigned long long)p->epoch, ae_escape_controls(name, sizeof(name), run->checkpoint), done);
	return caught;
}

/* What is measured under the last weights; the session still has its trainer. */
static int finish(const struct progress *p, struct ae_model *model, struct ae_session *session, struct ae_error *err)
{
	const struct ae_train_run *run = p->run;
	double *mean_row = ae_calloc(ae_shape_size(ae_net_output(model->net)), sizeof(*mean_row), err);
	if (!mean_row)
		return -1;
	int rc = ae_model_measure_errors(model, &run->train, run->threads, mean_row, err);
	if (rc == 0)
		rc = ae_train_warn_trained(model, run, session, p->member, mean_row, err);
	free(mean_row);
	return rc;
}

static int train(struct progress *p, struct ae_model *model, struct ae_session *session, struct ae_error *err)
{
	const struct ae_train_run *run = p->run;
	char text[AE_MODEL_LOSSES_TEXT];
	catch_signals();
	note_memory(run, model->net, session);
	int stopped = ae_session_run(session, err);
	clear_bar(p);
	if (stopped == 0 && finish(p, model, session, err) != 0)
		return -1;
	if (stopped < 0 || ae_model_take_session(model, session, err) != 0)
		return -1;
	if (stopped)
		return write_checkpoint(p, model, err);
	if (run->summary)
		fprintf(stderr, "%s: %sloss %s\n", run->program, p->member, ae_model_losses_format(model, text));
	if (run->strip)
		ae_model_drop_optimizer(model);
	return 0;
}

/* A network alone, or a member of an ensemble. */
static int train_member(struct progress *p, struct ae_model *model, size_t member, struct ae_error *err)
{
	struct ae_session *session = NULL;
	size_t members = ae_net_members(model->net);
	struct ae_session_options options = {
		.valid = p->run->valid, .patience = p->run->patience, .progress = on_report, .arg = p};
	clock_gettime(CLOCK_MONOTONIC, &p->start);
	p->epochs = 0;
	ae_model_select(model, member);
	if (!ae_model_goes_on(model))
		return 0;
	if (members > 1) {
		snprintf(p->number, sizeof(p->number), "%zu", member + 1);
		snprintf(p->member, sizeof(p->member), "member %zu of %zu: ", member + 1, members);
	}
	int rc = ae_model_session_new(&session, model, &p->run->train, &options, p->run->threads, err);
	if (rc == 0)
		rc = train(p, model, session, err);
	ae_session_free(session);
	return rc;
}

int ae_train_run(struct ae_model *model, const struct ae_train_run *run, struct ae_error *err)
{
	struct progress p = {.run = run};
	size_t members = ae_net_members(model->net);
	/* OpenBLAS reads this if it is loaded, and then starts no threads, which would spin for a while. */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	int rc = run->log ? ae_train_log_begin(run->log, members > 1, err) : 0;
	for (size_t i = 0; rc == 0 && i < members; i++)
		rc = train_member(&p, model, i, err);
	ae_model_select(model, AE_NET_ALL);
	if (rc == 0 && members > 1)
		rc = ae_model_measure_errors(model, &run->train, run->threads, NULL, err);
	return rc;
}

/* ---- the model's file ---- */

/* *err says why the model is not in PATH: it goes under the first free name of PATH.new and so on, which *err names. */
static int save_aside(const struct ae_model *model, const char *path, struct ae_error *err)
{
	struct ae_error again;
	char *name = NULL, *other = ae_concat(path, ".new", &again);
	int rc = other ? ae_model_write_new(model, other, path, &name, &again) : -1;
	if (rc == 0) {
		err->status = AE_STATUS_DATA;
		(void)ae_fail_more(err, "; this model is in ");
		(void)ae_fail_more(err, name);
		free(name);
	}
	free(other);
	return rc;
}

int ae_train_rescue(const struct ae_model *model, const struct ae_outfile *file, struct ae_error *err)
{
	if (file->target)
		(void)save_aside(model, file->path, err);
	return -1;
}

int ae_train_save(const struct ae_model *model, struct ae_outfile *file, struct ae_outfile *also, struct ae_error *err)
{
	const struct ae_outfile_last last = {.also = also};
	bool changed = false, regular = file->target;
	char *path = ae_strdup(file->path, err);
	if (!path)
		return -1;
	int rc = ae_model_replace(model, file, &last, &changed, err);
	if (changed)
		rc = ae_fail(err, "%s: another program has changed it meanwhile", path);
	if (rc != 0 && regular && save_aside(model, path, err) == 0 && changed && also)
		(void)ae_fail_more(err, ", and the rows held out are not written");
	free(path);
	return rc;
}
