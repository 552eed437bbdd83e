/* SPDX-License-Identifier: MIT */
/* The settings of a training run, which its model keeps. To add one: a member, its default, its row in settings.c,
   which has its bounds, and an option in ae-train. */
#ifndef AE_TRAIN_SETTINGS_H
#define AE_TRAIN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct ae_train_settings {
	const char *loss;      /* a name of loss.h; NULL: the first */
	const char *optimizer; /* a name of optimizer.h; NULL: the first */
	const char *schedule;  /* of the learning rate, see schedule.h; NULL: none */
	double huber_delta;
	double lr, decay;    /* step n, from 0, has the rate lr / (1 + decay * n) */
	double momentum;     /* of sgd */
	double weight_decay; /* of adamw */
	uint64_t epochs, batch;
	uint64_t seed;            /* of the first weights and of the shuffling */
	uint64_t schedule_epochs; /* total that the schedule is made for; 0: epochs */
	uint64_t warmup;          /* epochs in which the rate rises from 0 */
	uint64_t slices;          /* a batch is cut into at most so many, whose gradients are summed in order; 0: 16 */
	double trim; /* share of the rows of a batch, those of the largest losses, that gives no gradient */
	bool mask;   /* NaN in x enters as 0, and where the target is NaN there is neither loss nor gradient */

	/* These are no part of a model. */
	bool shuffle; /* the rows, every epoch: true in every program */
	int threads;  /* as ae_thread_pool_new takes them; changes no byte */
};

/* Keras's: mse, adam, lr 0.001, batch 32, huber_delta 1, weight_decay 0.004; and 10 epochs, 16 slices. */
extern const struct ae_train_settings ae_train_defaults;

/* In place of an optimiser's name in a model that was computed and not trained: by --net pca:K. */
#define AE_TRAIN_EXACT "pca"
bool ae_train_is_exact(const struct ae_train_settings *settings);

/* How a setting is stored: text, f64, unsigned number, truth. */
enum ae_setting_kind { AE_SETTING_TEXT, AE_SETTING_NUMBER, AE_SETTING_COUNT, AE_SETTING_TRUTH };

struct ae_setting {
	const char *key;
	enum ae_setting_kind kind;
	size_t offset;    /* in struct ae_train_settings: const char *, double, uint64_t, bool */
	bool always;      /* stored even if it has its default */
	double low, high; /* of numbers, both included */
};

/* The i-th of those that a model keeps, in their order there; NULL after the last. */
const struct ae_setting *ae_train_setting(size_t i);
/* The one at this offset, which has one. */
const struct ae_setting *ae_train_setting_at(size_t offset);
/* Whether two settings have the same value. */
bool ae_setting_equal(
	const struct ae_setting *setting, const struct ae_train_settings *a, const struct ae_train_settings *b);

/* Refuses a value that is not within the bounds of a number's setting, as a usage error. */
int ae_setting_check(const struct ae_setting *setting, double value, struct ae_error *err) AE_MUST_CHECK;
/* Refuses names that are unknown, numbers out of bounds and settings that contradict each other, as usage errors. */
int ae_train_settings_check(const struct ae_train_settings *settings, struct ae_error *err) AE_MUST_CHECK;

/* "loss mse, adam, lr 0.001, ..."; returns text. */
char *ae_train_settings_format(const struct ae_train_settings *settings, char *text, size_t size);

#endif
