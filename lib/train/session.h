/* SPDX-License-Identifier: MIT */
/* A whole training run in memory: epochs, validation, early stopping, and the state after the last complete epoch.
   Knows neither streams nor files, prints nothing. A session serves one thread at a time; sessions are independent. */
#ifndef AE_TRAIN_SESSION_H
#define AE_TRAIN_SESSION_H

#include "train/latent_stats.h"
#include "train/trainer.h"

/* Sent after every step, and once more when the epoch is complete and validated. */
struct ae_session_report {
	uint64_t epoch, epochs; /* the one at hand, from 1; the total */
	size_t step, steps;     /* done in this epoch; of an epoch */
	double loss;            /* mean over the epoch so far */
	double valid_loss;      /* of the last complete epoch; NaN if there is none */
	bool complete;          /* the epoch is */
};

/* Returns 0 to go on, 1 to stop, -1 and err to fail. */
typedef int ae_session_progress(void *arg, const struct ae_session_report *report, struct ae_error *err);

struct ae_session_options {
	uint64_t epochs;               /* total, those before ae_session_restore() included */
	struct ae_train_data valid;    /* rows 0: no validation */
	uint64_t patience;             /* epochs without a better validation loss before training stops; 0: never */
	ae_session_progress *progress; /* or NULL */
	void *arg;                     /* its first argument */
};

struct ae_session;

/* Borrows the network, whose weights it trains in place, and all data. With `progress` it also holds a copy of the
   weights and moments, so that a stop within an epoch can be undone. */
int ae_session_new(struct ae_session **session, struct ae_net *net, const struct ae_train_settings *settings,
	const struct ae_train_data *data, const struct ae_session_options *options, struct ae_error *err) AE_MUST_CHECK;
void ae_session_free(struct ae_session *session);
/* Bytes held beside rows and weights by the trainer, see ae_trainer_bytes. */
size_t ae_session_bytes(const struct ae_session *session);

/* Continues from a state (copied); as ae_trainer_restore. */
int ae_session_restore(
	struct ae_session *session, const struct ae_train_state *state, struct ae_error *err) AE_MUST_CHECK;

/* Trains to the end: 0, and with patience the network holds its best weights. 1 if the callback stopped it: the network
   and ae_session_take_state() have the last complete epoch. -1 and err on failure, the network's weights then being of
   no use. Called once. */
int ae_session_run(struct ae_session *session, struct ae_error *err) AE_MUST_CHECK;

/* How far a run came. */
struct ae_session_result {
	uint64_t epochs;   /* complete, those before ae_session_restore() included */
	uint64_t kept;     /* the one whose weights the network has: the last one, or with patience the best */
	double loss;       /* of epoch `kept`, the mean over it */
	double valid_loss; /* after epoch `kept`; NaN if there is no validation */
};
/* After ae_session_run: all zero if it completed no epoch. */
struct ae_session_result ae_session_result(const struct ae_session *session);
/* After ae_session_run, before ae_session_take_state: as ae_trainer_evaluate. */
int ae_session_evaluate(
	struct ae_session *session, const struct ae_train_data *data, double *loss, struct ae_error *err) AE_MUST_CHECK;

/* Whether the state belongs to the network's weights: not where patience went back to those of an earlier epoch. */
bool ae_session_resumable(const struct ae_session *session);

/* After ae_session_run: moves the optimiser's state to the caller. *moments (heap, to be freed) holds the vectors that
   state->moment points to, one after the other. Frees the trainer. */
int ae_session_take_state(
	struct ae_session *session, struct ae_train_state *state, float **moments, struct ae_error *err) AE_MUST_CHECK;

/* Mean and population standard deviation of |output - target| for each output over all rows; missing values (NaN) do
   not count, and enter the network as 0. mean_row, unless it is NULL, becomes the mean of the targets, 0 where all are
   missing. mean, sd and mean_row have ae_shape_size(ae_net_output(net)) places. latents, unless it is NULL, is all zero
   and gets the sums of the latent rows (ae_latent_stats_end is the caller's). */
int ae_train_error_stats(const struct ae_net *net, const struct ae_train_data *data, int threads, double *mean,
	double *sd, double *mean_row, struct ae_latent_stats *latents, struct ae_error *err) AE_MUST_CHECK;

#endif
