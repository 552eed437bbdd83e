/* SPDX-License-Identifier: MIT */
/* The kinds of steps that preparation may have: one row a program. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/prep.h"
#include "model/scaler_groups.h"
#include "model/transform_list.h"
#include "model/window_step.h"

/* ---- scalers ---- */

static int check_scaler(const struct ae_buf *packed, struct ae_error *err)
{
	struct ae_scaler_groups groups = {0};
	int rc = ae_scaler_groups_unpack(&groups, packed, err);
	ae_scaler_groups_free(&groups);
	return rc;
}

static int describe_scaler(const struct ae_buf *packed, struct ae_buf *text, struct ae_error *err)
{
	struct ae_scaler_groups groups = {0};
	char line[AE_SCALER_TEXT];
	if (ae_scaler_groups_unpack(&groups, packed, err) != 0)
		return -1;
	ae_scaler_describe(&groups.all, line);
	int rc = ae_buf_append(text, line, strlen(line), err);
	if (rc == 0 && groups.column)
		rc = ae_buf_append(text, ", group ", strlen(", group "), err);
	if (rc == 0 && groups.column)
		rc = ae_buf_append(text, groups.column, strlen(groups.column), err);
	ae_scaler_groups_free(&groups);
	return rc;
}

static int reorder_scaler(struct ae_buf *packed, const struct ae_order *order, struct ae_error *err)
{
	struct ae_scaler scaler = {0};
	if (ae_scaler_is_of_groups(packed))
		return ae_fail(err, "x in another order does not go with scalers of groups: put the columns in order "
				    "before they are scaled");
	int rc = ae_scaler_unpack(&scaler, packed->data, packed->len, err);
	if (rc == 0)
		rc = ae_scaler_reorder(&scaler, order, err);
	if (rc == 0)
		rc = ae_scaler_pack(&scaler, packed, err);
	ae_scaler_free(&scaler);
	return rc;
}

/* ---- windows ---- */

static int check_window(const struct ae_buf *packed, struct ae_error *err)
{
	struct ae_window_step step = {0};
	int rc = ae_window_step_unpack(&step, packed, err);
	ae_window_step_free(&step);
	return rc;
}

static int describe_window(const struct ae_buf *packed, struct ae_buf *text, struct ae_error *err)
{
	struct ae_window_step step = {0};
	char line[80 + AE_GROUPING_TEXT], by[AE_GROUPING_TEXT];
	if (ae_window_step_unpack(&step, packed, err) != 0)
		return -1;
	int n = snprintf(line, sizeof(line), "size %" PRIu64 ", stride %" PRIu64 "%s", step.size, step.stride,
		ae_grouping_format(&step.by, by));
	ae_window_step_free(&step);
	return ae_buf_append(text, line, (size_t)n, err);
}

/* ---- transforms ---- */

static int check_transforms(const struct ae_buf *packed, struct ae_error *err)
{
	struct ae_transform_list list = {0};
	int rc = ae_transform_list_unpack(&list, packed, err);
	ae_transform_list_free(&list);
	return rc;
}

static int describe_transforms(const struct ae_buf *packed, struct ae_buf *text, struct ae_error *err)
{
	struct ae_transform_list list = {0};
	char by[AE_GROUPING_TEXT];
	if (ae_transform_list_unpack(&list, packed, err) != 0)
		return -1;
	ae_grouping_format(&list.by, by);
	int rc = ae_buf_append(text, list.steps, strlen(list.steps), err);
	ae_transform_list_free(&list);
	return rc == 0 ? ae_buf_append(text, by, strlen(by), err) : -1;
}

static const struct ae_prep_kind kinds[] = {
	{AE_PREP_SCALER, check_scaler, describe_scaler, reorder_scaler, true},
	{"ae-transform", check_transforms, describe_transforms, NULL, false},
	{"ae-window", check_window, describe_window, NULL, true},
};

const struct ae_prep_kind *ae_prep_kind(const char *program)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].program, program) == 0)
			return &kinds[i];
	return NULL;
}
