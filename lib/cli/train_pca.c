/* SPDX-License-Identifier: MIT */
/* Principal components as a model. */
#include "cli/train_pca.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "model/training.h"
#include "net/net.h"
#include "train/blas.h"
#include "train/pca.h"

/* ---- options ---- */

/* Whether an option says how to train, or what of it to keep. */
static bool is_of_training(const struct ae_train_arguments *o, const struct ae_opt *option)
{
	static const char *const names[] = {"hidden-act", "out-act", "init", "patience", "log", "ensemble"};
	const char *value = option->value;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (option->name && strcmp(option->name, names[i]) == 0)
			return true;
	return value >= (const char *)&o->settings && value < (const char *)(&o->settings + 1);
}

int ae_train_pca_options(struct ae_train_arguments *o, const struct ae_program *program, struct ae_error *err)
{
	if (!o->net.text || ae_pca_parse(&o->net.pca, &o->net.components, o->net.text, err) != 0)
		return o->net.text ? -1 : 0;
	for (size_t i = 0; o->net.pca && i < program->option_count; i++) {
		const struct ae_opt *option = &program->options[i];
		bool loss = option->value == &o->settings.loss;
		if (!program->given[i] || (loss && strcmp(o->settings.loss, "mse") == 0))
			continue;
		if (loss)
			return ae_fail_usage(err, "--loss %s: --net pca:K is the best for mse, and has no other loss",
				o->settings.loss);
		if (is_of_training(o, option))
			return ae_fail_usage(err, "--%s: --net pca:K is computed at once, without it", option->name);
	}
	o->common.in.whole_rows = o->net.pca;
	if (o->net.pca && o->settings.mask)
		return ae_fail_usage(err, "--missing mask: --net pca:K takes whole rows; without it rows of AEST that "
					  "have missing values are "
					  "left out, and of text with --missing skip");
	return 0;
}

/* ---- the run ---- */

/* The mean squared error by the moments of the absolute errors of every output. */
static double mean_squares(const double *mean, const double *sd, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += mean[i] * mean[i] + sd[i] * sd[i];
	return sum / (double)n;
}

static int find_losses(struct ae_model *model, const struct ae_train_run *run, struct ae_error *err)
{
	struct ae_model_losses losses = {.epochs = 1, .kept = 1, .valid_loss = NAN};
	if (ae_model_measure_errors(model, &run->train, run->threads, NULL, err) != 0)
		return -1;
	losses.loss = mean_squares(model->stats.err_mean, model->stats.err_sd, model->stats.err_count);
	if (run->valid.rows > 0) {
		size_t n = model->stats.err_count;
		double *mean = ae_calloc(n, 2 * sizeof(*mean), err);
		if (!mean || ae_train_error_stats(
				     model->net, &run->valid, run->threads, mean, mean + n, NULL, NULL, err) != 0) {
			free(mean);
			return -1;
		}
		losses.valid_loss = mean_squares(mean, mean + n, n);
		free(mean);
	}
	model->losses = losses;
	return 0;
}

static void note_result(
	const struct ae_train_arguments *o, const struct ae_program *program, const struct ae_pca_result *result)
{
	size_t k = o->net.components;
	if (k == 0)
		return;
	ae_note(program, &o->common, "%zu component%s: %.4g%% of the variance", k, k > 1 ? "s" : "",
		100 * result->explained);
	if (result->empty)
		ae_note(program, &o->common,
			"the rows vary along %zu component%s only: the other %zu, which would be chance, are zero",
			k - result->empty, k - result->empty == 1 ? "" : "s", result->empty);
}

int ae_train_pca_run(struct ae_model *model, const struct ae_train_arguments *o, const struct ae_program *program,
	struct ae_error *err)
{
	const struct ae_train_run *run = &o->run;
	struct ae_pca_result result;
	char text[AE_MODEL_LOSSES_TEXT];
	size_t k = o->net.components;
	if (run->train.target)
		return ae_fail(err, "pca:%zu gives back x, but there is a target: ae-cat --cols x leaves it out", k);
	/* OpenBLAS reads this as it is loaded, and then starts no threads. */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	if (k > 0 && ae_blas_acquire(err) != 0)
		return -1;
	int rc = ae_pca_fit(&result, model->net, k, &run->train, err);
	if (k > 0)
		ae_blas_release();
	model->settings.optimizer = AE_TRAIN_EXACT;
	model->settings.epochs = 1;
	if (rc != 0 || find_losses(model, run, err) != 0)
		return -1;
	note_result(o, program, &result);
	if (run->summary)
		fprintf(stderr, "%s: loss %s\n", run->program, ae_model_losses_format(model, text));
	return 0;
}
