/* SPDX-License-Identifier: MIT */
/* Where the transforms of ae-transform come from, options or a model, and how the lineage says them. */
#ifndef AE_CLI_TRANSFORM_H
#define AE_CLI_TRANSFORM_H

#include "cli/prepare.h"
#include "cli/series.h"
#include "model/transform.h"
#include "model/transform_list.h"

/* All zero, but for the options. Freed with ae_transforms_free. */
struct ae_transforms {
	struct ae_opt_list given;
	bool invert;                   /* they are undone: what a stream has had it says itself */
	struct ae_own_step own;        /* of -m */
	struct ae_transform_list list; /* what it says */
	struct ae_transform transform;
	char *text; /* of the transform */
};

/* Checks that the transforms are given or come from the model of -m, and reads that. */
int ae_transforms_start(struct ae_transforms *transforms, const struct ae_program *program, struct ae_common *common,
	struct ae_error *err) AE_MUST_CHECK;
/* For each stream, before ae_series_begin: takes them from the model where they come from there, and binds them to the
   column x, which it finds. Errors do not name the input. */
int ae_transforms_begin(struct ae_transforms *transforms, struct ae_series *series, const struct ae_reader *reader,
	size_t *x, struct ae_error *err) AE_MUST_CHECK;
/* Makes the lineage of a transformed stream from that of its input. */
int ae_transforms_record(const struct ae_transforms *transforms, const struct ae_series *series, struct ae_schema *out,
	struct ae_error *err) AE_MUST_CHECK;
void ae_transforms_free(struct ae_transforms *transforms);

#endif
