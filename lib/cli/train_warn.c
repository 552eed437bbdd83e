/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use, printed. */
#include "cli/train_warn.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "model/lineage.h"
#include "model/training_warnings.h"
#include "train/optimizer.h"

/* The model's warnings from number `first` on. */
static void print(const struct ae_model *model, size_t first, const char *program)
{
	for (size_t i = first; i < model->warnings.count; i++)
		fprintf(stderr, "%s: %s\n", program, model->warnings.texts[i]);
}

static int put_before(char **text, const char *whose, struct ae_error *err)
{
	char *both = ae_concat(whose, *text, err);
	if (!both)
		return -1;
	free(*text);
	*text = both;
	return 0;
}

int ae_train_warn_ranges(struct ae_model *model, const struct ae_dataset *d, size_t rows,
	const struct ae_program *program, const struct ae_common *common, struct ae_error *err)
{
	bool scaled;
	size_t columns = d->x.shape.rank > 0 ? d->x.shape.dim[d->x.shape.rank - 1] : 1, before = model->warnings.count;
	if (ae_lineage_has_scaler(&d->schema.lineage, &scaled, err) != 0)
		return -1;
	if (scaled || d->x.type == AE_U8 || columns < 2)
		return 0;
	double *low = ae_calloc(columns, 2 * sizeof(*low), err);
	if (!low)
		return -1;
	ae_dataset_ranges(d, rows, columns, low, low + columns);
	int rc = ae_model_warn_ranges(model, low, low + columns, columns, err);
	free(low);
	if (rc == 0 && !common->quiet)
		print(model, before, program->name);
	return rc;
}

int ae_train_warn_trained(struct ae_model *model, const struct ae_train_run *run, struct ae_session *session,
	const char *whose, const double *mean_row, struct ae_error *err)
{
	size_t before = model->warnings.count;
	int rc = ae_model_warn_loss(model, session, &run->train, &run->valid, mean_row, err);
	if (rc == 0)
		rc = ae_model_warn_units(model, &run->train, run->threads, err);
	for (size_t i = before; rc == 0 && i < model->warnings.count; i++)
		rc = put_before(&model->warnings.texts[i], whose, err);
	if (rc == 0 && run->summary)
		print(model, before, run->program);
	return rc;
}

int ae_train_check_optimizer(const struct ae_train_settings *settings, const struct ae_program *program,
	const struct ae_common *common, struct ae_error *err)
{
	const struct ae_optimizer *optimizer = ae_optimizer_named(settings->optimizer);
	if (ae_opt_given(program, "weight-decay") && !optimizer->decays_weights)
		return ae_fail_usage(err, "weight decay: optimizer %s has none", optimizer->name);
	if (ae_opt_given(program, "momentum") && !optimizer->takes_momentum)
		ae_note(program, common, "momentum: optimizer %s has none", optimizer->name);
	return 0;
}
