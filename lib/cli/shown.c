/* SPDX-License-Identifier: MIT */
/* Reads what a picture shows of a model. */
#include "cli/shown.h"

#include <string.h>

#include "model/lineage.h"
#include "model/model.h"
#include "model/threshold.h"

/* The value of all rows is none of those that judge rows of groups. */
int ae_shown_threshold(double *value, char metric[AE_METRIC_TEXT], const struct ae_reader *reader,
	const struct ae_program *program, const struct ae_common *common, struct ae_error *err)
{
	const char *path = common->model;
	struct ae_lineage lineage = {0};
	struct ae_model *model = NULL;
	if (ae_lineage_unpack(&lineage, &ae_reader_schema(reader)->lineage, err) != 0)
		return -1;
	memcpy(metric, lineage.metric, AE_METRIC_TEXT);
	const struct ae_model_from from = {.path = path};
	int rc = path ? ae_model_read_threshold(&model, &from, &lineage, ae_reader_name(reader), err) : 0;
	if (rc == 0 && model && model->threshold->groups.column)
		ae_note(program, common,
			"%s: the threshold has a value for each group of %s: none is drawn; --at V draws one", path,
			model->threshold->groups.column);
	else if (rc == 0 && model)
		*value = model->threshold->value;
	ae_model_free(model);
	ae_lineage_free(&lineage);
	return rc;
}

int ae_shown_kept(uint64_t *epoch, const struct ae_common *common, struct ae_error *err)
{
	struct ae_model *model = NULL;
	int rc = common->model ? ae_model_read(&model, common->model, err) : 0;
	if (rc == 0 && model && model->other_count > 0)
		rc = ae_fail(err, "%s: an ensemble has kept an epoch of each member", common->model);
	else if (rc == 0 && model && model->losses.epochs == 0)
		rc = ae_fail(err, "%s: does not say which epoch was kept", common->model);
	else if (rc == 0 && model)
		*epoch = model->losses.kept;
	ae_model_free(model);
	return rc;
}
