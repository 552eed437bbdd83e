/* SPDX-License-Identifier: MIT */
/* What of ae-window decides values: its step of preparation (prep.h). */
#ifndef AE_MODEL_WINDOW_STEP_H
#define AE_MODEL_WINDOW_STEP_H

#include "core/util.h"
#include "model/grouping.h"

/* All zero is empty; freed with ae_window_step_free. */
struct ae_window_step {
	uint64_t size, stride; /* from 1 */
	struct ae_grouping by;
};

#define AE_WINDOW_SIZE_MAX ((uint64_t)1 << 20)

/* Packs as a msgpack map, replacing what blob held; equal steps give equal bytes. */
int ae_window_step_pack(const struct ae_window_step *step, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Fills *step, which is all zero or in use; empty on failure. An unknown key is an error. */
int ae_window_step_unpack(struct ae_window_step *step, const struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
void ae_window_step_free(struct ae_window_step *step);

#endif
