/* SPDX-License-Identifier: MIT */
/* Learning rate schedules. A schedule is a factor of the learning rate, a function of the place in the training alone:
   training in parts, continued by --resume, has the same rates at the same steps. */
#ifndef AE_TRAIN_SCHEDULE_H
#define AE_TRAIN_SCHEDULE_H

#include "train/settings.h"

struct ae_schedule_type;

struct ae_schedule {
	const struct ae_schedule_type *type; /* NULL: none */
	double epochs;                       /* cosine: total; step: between two changes */
	double factor;                       /* step: of the rate at each change */
	double warmup;                       /* epochs */
};

/* The i-th form, "cosine" and so on, NULL after the last (an ae_words). */
const char *ae_schedule_form(size_t i);
/* From settings: schedule, schedule_epochs or epochs, warmup. Usage errors: an unknown form, arguments out of range, a
   decay beside it, more epochs than a cosine goes on for. */
int ae_schedule_parse(
	struct ae_schedule *schedule, const struct ae_train_settings *settings, struct ae_error *err) AE_MUST_CHECK;
/* Whether a schedule's text leaves open for how many epochs it is, so that schedule_epochs has to say it. */
bool ae_schedule_needs_epochs(const char *text);
/* The factor of the rate for step `step` of `steps` in an epoch, both counted from 0. */
double ae_schedule_factor(const struct ae_schedule *schedule, uint64_t epoch, size_t step, size_t steps);

#endif
