/* SPDX-License-Identifier: MIT */
/* ae-normalize --fit: the scaler of the rows themselves. */
#ifndef AE_CLI_NORMALIZE_FIT_H
#define AE_CLI_NORMALIZE_FIT_H

#include "cli/normalize_options.h"
#include "cli/scale.h"
#include "core/outfile.h"

/* Start with options, program, scale and save.fd = -1, the rest zero. Freed with ae_normalize_fit_free. */
struct ae_normalize_fit {
	const struct ae_normalize_options *options;
	const struct ae_program *program;
	struct ae_scale *scale; /* its groups are what is fitted */
	struct ae_outfile save; /* of --save, reserved */
	struct ae_buf blob;     /* the scaler in use, packed; the program fills it where it fits none */
	struct ae_buf table;    /* of the scalers of groups, packed; likewise */
	struct ae_scaler_fit *fit;
	const struct ae_schema *in;
	const char *name; /* of the input, for messages */
	size_t x;         /* the column to fit on */
};

/* Finds x, which must not be scaled unless a model asks for a second scaler. */
int ae_normalize_find_x(
	struct ae_normalize_fit *fit, const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
/* A first pass: begin() finds x, end() writes --save and notes what was fitted. */
int ae_normalize_fit_begin(
	struct ae_normalize_fit *fit, const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
int ae_normalize_fit_rows(struct ae_normalize_fit *fit, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
int ae_normalize_fit_end(
	struct ae_normalize_fit *fit, const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
void ae_normalize_fit_free(struct ae_normalize_fit *fit);

#endif
