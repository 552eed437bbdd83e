/* SPDX-License-Identifier: MIT */
/* ae-transform --invert: the inverse of the last step of x, on x, target and recon. */
#ifndef AE_CLI_TRANSFORM_UNDO_H
#define AE_CLI_TRANSFORM_UNDO_H

#include "cli/program.h"
#include "cli/transform.h"

enum { AE_UNDO_COLUMNS = 3 };

/* A filter's state: set transforms, the rest is zero. Freed with ae_transform_undo_free. */
struct ae_transform_undo {
	struct ae_transforms *transforms; /* whose options say what text has had */
	const struct ae_schema *in;
	size_t columns[AE_UNDO_COLUMNS], count; /* that are inverted */
	struct ae_data data[AE_UNDO_COLUMNS];
	struct ae_buf carried;
};

/* As struct ae_filter has them. */
int ae_transform_undo_begin(
	void *undo, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;
int ae_transform_undo_rows(
	void *undo, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err) AE_MUST_CHECK;
void ae_transform_undo_free(struct ae_transform_undo *undo);

#endif
