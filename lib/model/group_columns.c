/* SPDX-License-Identifier: MIT */
/* The columns by which a model's preparation, the smoothing of its errors and its threshold tell groups of rows. */
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/scaler_groups.h"
#include "model/threshold.h"
#include "model/transform_list.h"
#include "model/window_step.h"

static int add(struct ae_model *model, const char *column, struct ae_error *err)
{
	for (size_t i = 0; column && i < model->group_count; i++)
		if (strcmp(model->groups[i], column) == 0)
			return 0;
	if (column && !(model->groups[model->group_count++] = ae_strdup(column, err)))
		return -1;
	return 0;
}

static int add_step(struct ae_model *model, const struct ae_prep_step *step, struct ae_error *err)
{
	struct ae_scaler_groups scaler = {0};
	struct ae_transform_list list = {0};
	struct ae_window_step window = {0};
	int rc;
	if (strcmp(step->program, AE_PREP_SCALER) == 0) {
		rc = ae_scaler_groups_unpack(&scaler, &step->packed, err);
		rc = rc == 0 ? add(model, scaler.column, err) : rc;
	} else if (strcmp(step->program, "ae-window") == 0) {
		rc = ae_window_step_unpack(&window, &step->packed, err);
		rc = rc == 0 ? add(model, window.by.group, err) : rc;
	} else {
		rc = ae_transform_list_unpack(&list, &step->packed, err);
		rc = rc == 0 ? add(model, list.by.group, err) : rc;
	}
	ae_scaler_groups_free(&scaler);
	ae_transform_list_free(&list);
	ae_window_step_free(&window);
	return rc;
}

int ae_model_find_groups(struct ae_model *model, struct ae_error *err)
{
	const struct ae_threshold *t = model->threshold;
	model->groups = ae_calloc(model->prep.count + 2, sizeof(*model->groups), err);
	if (!model->groups)
		return -1;
	for (size_t i = 0; i < model->prep.count; i++)
		if (add_step(model, &model->prep.steps[i], err) != 0)
			return -1;
	return t ? (add(model, t->smooth_by.group, err) != 0 ? -1 : add(model, t->groups.column, err)) : 0;
}
