/* SPDX-License-Identifier: MIT */
/* ae-train --net pca:K: a network that is computed, not trained. */
#ifndef AE_CLI_TRAIN_PCA_H
#define AE_CLI_TRAIN_PCA_H

#include "cli/train_options.h"

/* If options->net is pca:K, sets net.pca and net.components, and refuses by name the options that say how to train. */
int ae_train_pca_options(
	struct ae_train_arguments *options, const struct ae_program *program, struct ae_error *err) AE_MUST_CHECK;

/* In place of ae_train_run: sets the weights of model->net, which is that of pca:K, and fills in settings, losses and
   the statistics of the training errors. Prints the loss and what the components explain. */
int ae_train_pca_run(struct ae_model *model, const struct ae_train_arguments *options, const struct ae_program *program,
	struct ae_error *err) AE_MUST_CHECK;

#endif
