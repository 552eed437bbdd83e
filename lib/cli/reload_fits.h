/* SPDX-License-Identifier: MIT */
/* Whether a model may take the place of another one while a stream runs. */
#ifndef AE_CLI_RELOAD_FITS_H
#define AE_CLI_RELOAD_FITS_H

#include "core/error.h"

struct ae_model;

/* The chain was made for the model in use: another one must take and give what it does, scores that mean the same
   among it. 0, or -1 and an error that begins with the path. */
int ae_reload_fits(const struct ae_model *had, const struct ae_model *now, const char *path, int threads,
	struct ae_error *err) AE_MUST_CHECK;

#endif
