/* SPDX-License-Identifier: MIT */
/* The shell pipeline that scores with a model. */
#ifndef AE_MODEL_PIPELINE_H
#define AE_MODEL_PIPELINE_H

#include "model/model.h"

/* Appends the text of an argument as a shell takes it, in quotes where it needs them, without NUL. */
int ae_shell_quote(struct ae_buf *text, const char *argument, struct ae_error *err) AE_MUST_CHECK;
/* Appends what x goes through from step `first` on: "ae-window -m M | ae-normalize -m M", without NUL. */
int ae_pipeline_prepare(struct ae_buf *text, const struct ae_prep *prep, size_t first, const char *path,
	struct ae_error *err) AE_MUST_CHECK;
/* Appends the whole pipeline, without NUL: preparation, network, score, smoothing and threshold, each where the model
   at path has it, with the options that its threshold was fitted with. A file without any of them is an error. */
int ae_pipeline_format(
	struct ae_buf *text, const struct ae_model *model, const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
