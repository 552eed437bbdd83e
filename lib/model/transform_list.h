/* SPDX-License-Identifier: MIT */
/* What of ae-transform decides values: its step of preparation (prep.h). */
#ifndef AE_MODEL_TRANSFORM_LIST_H
#define AE_MODEL_TRANSFORM_LIST_H

#include "core/util.h"
#include "model/grouping.h"

/* All zero is empty; freed with ae_transform_list_free. */
struct ae_transform_list {
	char *steps; /* as ae_transform_text has them */
	struct ae_grouping by;
};

/* Packs as a msgpack map, replacing what blob held; equal lists give equal bytes. */
int ae_transform_list_pack(
	const struct ae_transform_list *list, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
/* Fills *list, which is all zero or in use; empty on failure. An unknown key is an error, and so are steps that this
   version does not know. */
int ae_transform_list_unpack(
	struct ae_transform_list *list, const struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;
void ae_transform_list_free(struct ae_transform_list *list);

#endif
