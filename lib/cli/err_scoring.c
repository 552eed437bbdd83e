/* SPDX-License-Identifier: MIT */
/* The scores of ae-err. */
#include "cli/err_scoring.h"

#include <math.h>
#include <string.h>

static int choose_metric(const struct ae_metric **metric, const struct ae_err_options *o,
	const struct ae_reader *reader, const struct ae_lineage *lineage, struct ae_error *err)
{
	*metric = o->metric ? ae_metric_find(o->metric) : ae_metric_of_loss(lineage->loss);
	if (!*metric)
		return ae_fail(err, "%s: the model was trained with %s, which is no metric: choose one with --metric",
			ae_reader_name(reader), lineage->loss);
	if (!(*metric)->feature && (o->per_feature || o->top))
		return ae_fail(err,
			"%s: %s, the loss of the training, has no error per feature: choose another --metric",
			ae_reader_name(reader), (*metric)->name);
	return 0;
}

int ae_err_scoring_begin(struct ae_scoring *s, const struct ae_err_options *o, const struct ae_err_columns *at,
	const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	const struct ae_column *reference = at->reference != AE_NO_COLUMN ? &in->cols[at->reference] : NULL;
	size_t latents = at->latent != AE_NO_COLUMN ? ae_shape_size(&in->cols[at->latent].shape) : 0;
	if (choose_metric(&s->metric, o, reader, lineage, err) != 0)
		return -1;
	s->standardise = o->standardise;
	s->last = o->last;
	s->worst = isnan(o->worst) ? 0 : o->worst;
	s->from = ae_model_of_stream(reader, o->common.model);
	if (o->of)
		s->from.path = NULL;
	if (ae_scoring_check(s, err) != 0 ||
		ae_scoring_begin(s, reference, latents, ae_reader_is_text(reader), lineage, err) != 0) {
		err->status = AE_STATUS_DATA;
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	}
	strcpy(lineage->reference, !reference ? "" : reference->role == AE_X ? "x" : "target");
	ae_lineage_drop_smoothing(lineage);
	lineage->scaled_err = reference && ae_lineage_is_scaled(lineage);
	return 0;
}
