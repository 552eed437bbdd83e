/* SPDX-License-Identifier: MIT */
/* Training a model: a session from its settings and the optimiser's state in it, and the results back into it. */
#ifndef AE_MODEL_TRAINING_H
#define AE_MODEL_TRAINING_H

#include "model/model.h"
#include "train/session.h"

/* Refuses settings that cannot be trained with: unknown ones, and what ae_train_settings_check refuses. */
int ae_model_check_trainable(const struct ae_model *model, struct ae_error *err) AE_MUST_CHECK;
/* How the values to reconstruct, the network's last activation and the loss fit each other. */
enum ae_range {
	AE_RANGE_FITS,
	AE_RANGE_OUTPUT_NOT_OF_LOSS, /* the last activation goes beyond the values that the loss takes */
	AE_RANGE_VALUES_NOT_OF_LOSS, /* the values do */
	AE_RANGE_NOT_REACHED,        /* the values go beyond the last activation */
};

/* Compares the ranges; unless they fit, *err has them. */
enum ae_range ae_model_check_range(
	const struct ae_model *model, const struct ae_train_data *data, struct ae_error *err) AE_MUST_CHECK;
/* Borrows model->net and the data; of an ensemble it trains the selected member. options->epochs is taken from the
   model's settings. A state in the model is continued. Sets the setting schedule_epochs where the schedule needs it. */
int ae_model_session_new(struct ae_session **session, struct ae_model *model, const struct ae_train_data *data,
	const struct ae_session_options *options, int threads, struct ae_error *err) AE_MUST_CHECK;
/* After ae_session_run: moves the optimiser's state and the losses into the model; where it does not belong to the
   network's weights (ae_session_resumable) the model gets none. Statistics that ae_model_measure_errors did not set
   under these weights are dropped. */
int ae_model_take_session(struct ae_model *model, struct ae_session *session, struct ae_error *err) AE_MUST_CHECK;
/* Whether the selected member has epochs left: it has not begun, or has a state that can be continued. */
bool ae_model_goes_on(const struct ae_model *model);
/* Sets the statistics of the training errors and of the latent: those of these rows under the network's weights.
   mean_row as in ae_train_error_stats. */
int ae_model_measure_errors(struct ae_model *model, const struct ae_train_data *data, int threads, double *mean_row,
	struct ae_error *err) AE_MUST_CHECK;
/* Drops the optimiser's state, which only further training needs. */
void ae_model_drop_optimizer(struct ae_model *model);
/* Copies the weights of another model's network, which must be the same one. */
int ae_model_copy_weights(struct ae_model *model, const struct ae_model *from, struct ae_error *err) AE_MUST_CHECK;

#endif
