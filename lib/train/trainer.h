/* SPDX-License-Identifier: MIT */
/* Training: epochs over rows in memory. The same rows, settings, network and kind of processor give the same bytes,
   whatever the number of threads. */
#ifndef AE_TRAIN_TRAINER_H
#define AE_TRAIN_TRAINER_H

#include <stdbool.h>

#include "net/net.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/settings.h"

/* Row-major rows of the network's input, and of the targets of its output, each in its own number type. NaN only with
   the setting `mask`. */
struct ae_train_data {
	const void *x;
	enum ae_type x_type;
	const void *target; /* NULL: x */
	enum ae_type target_type;
	size_t rows;
};

/* The state that --resume needs besides the weights. */
struct ae_train_state {
	uint64_t steps, epochs; /* done */
	size_t moments;
	float *moment[2]; /* each of the weights' length, owned by the trainer */
};

struct ae_trainer;

/* Borrows the network, whose weights it trains in place, the data and the texts of the settings. Settings that
   ae_train_settings_check refuses are refused. One thread at a time uses a trainer. */
int ae_trainer_new(struct ae_trainer **trainer, struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, struct ae_error *err) AE_MUST_CHECK;
void ae_trainer_free(struct ae_trainer *trainer);
/* Bytes held beside rows and weights: the activations of one batch, their gradients and the optimiser's moments. */
size_t ae_trainer_bytes(const struct ae_trainer *trainer);

/* One pass over the data in batches, the last one short. *loss is the mean over the values of all rows (with the
   setting `trim`, of those that gave a gradient), each under the weights of its batch. progress (may be NULL) is told
   the steps done and the loss so far; if it returns other than 0 the epoch ends there and the result is 1. The order of
   the rows is a function of the seed and the epochs done. */
int ae_trainer_epoch(struct ae_trainer *trainer, int (*progress)(void *arg, size_t step, size_t steps, double loss),
	void *arg, double *loss) AE_MUST_CHECK;

/* The mean loss of these rows under the present weights. */
int ae_trainer_evaluate(
	struct ae_trainer *trainer, const struct ae_train_data *data, double *loss, struct ae_error *err) AE_MUST_CHECK;

void ae_trainer_state(const struct ae_trainer *trainer, struct ae_train_state *state);
/* Goes on from a state (copied) under the weights that the network has now: 10 epochs, this, and 10 more are 20. */
int ae_trainer_restore(
	struct ae_trainer *trainer, const struct ae_train_state *state, struct ae_error *err) AE_MUST_CHECK;

#endif
