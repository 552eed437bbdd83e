/* SPDX-License-Identifier: MIT */
/* The columns that ae-err holds against each other. */
#include "cli/err_columns.h"

#include "eval/observed.h"

/* recon and what it is held against fit each other. */
static int check_pair(const struct ae_err_columns *c, const struct ae_schema *in, const struct ae_lineage *lineage,
	struct ae_error *err)
{
	const struct ae_column *recon = &in->cols[c->recon], *reference = &in->cols[c->reference];
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (ae_shape_size(&recon->shape) != ae_shape_size(&reference->shape))
		return ae_fail(err, "%s of shape %s against %s of shape %s", recon->name,
			ae_shape_format(&recon->shape, a), reference->name, ae_shape_format(&reference->shape, b));
	if (lineage->imputed && reference->role == AE_X)
		return ae_fail(err,
			"x has values of its reconstruction (ae-recon --impute), which would be held against "
			"themselves: score the output of ae-recon without --impute");
	return ae_column_check_pair(recon, reference, err);
}

static int choose(struct ae_err_columns *c, const struct ae_err_options *o, const struct ae_schema *in,
	const struct ae_lineage *lineage, struct ae_error *err)
{
	size_t x = ae_schema_find(in, AE_X), target = ae_schema_find(in, AE_TARGET);
	const struct ae_metric *metric = o->metric ? ae_metric_find(o->metric) : NULL;
	if (metric && metric->kind >= AE_METRIC_T2 && ae_schema_need(in, AE_LATENT, &c->latent, err) != 0)
		return ae_fail_in(err, "--metric %s takes what ae-recon --latent adds: ", metric->name);
	if (metric && metric->kind == AE_METRIC_T2)
		return 0;
	if (ae_schema_need(in, o->of ? AE_X : AE_RECON, &c->recon, err) != 0 ||
		(o->of && ae_schema_need(in, AE_TARGET, &c->reference, err) != 0))
		return -1;
	c->reference = target != AE_NO_COLUMN ? target : x;
	if (c->reference == AE_NO_COLUMN)
		return ae_fail(err, "recon alone: there is neither target nor x to hold it against");
	return check_pair(c, in, lineage, err);
}

/* What --n-obs counts: x, or else what recon is held against. */
static int choose_observed(
	struct ae_err_columns *c, const struct ae_err_options *o, const struct ae_schema *in, struct ae_error *err)
{
	if (!o->n_obs || ae_observed_find(in) != AE_NO_COLUMN)
		return 0;
	c->observed = ae_schema_find(in, AE_X);
	if (c->observed == AE_NO_COLUMN)
		c->observed = c->reference;
	return c->observed != AE_NO_COLUMN ? 0 : ae_fail(err, "--n-obs: there is no x whose values could be counted");
}

int ae_err_columns_choose(struct ae_err_columns *c, const struct ae_err_options *o, const struct ae_reader *reader,
	const struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	*c = (struct ae_err_columns){AE_NO_COLUMN, AE_NO_COLUMN, AE_NO_COLUMN, AE_NO_COLUMN};
	if (choose(c, o, in, lineage, err) != 0 || choose_observed(c, o, in, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

static int add(struct ae_schema *out, const struct ae_shape *shape, bool missing, const struct ae_column *features,
	struct ae_error *err)
{
	struct ae_column *column = ae_schema_add(out, "err", AE_ERR, AE_F64, shape, err);
	if (!column)
		return -1;
	column->missing = missing;
	return features ? ae_column_set_features(column, features->features, features->feature_count, err) : 0;
}

int ae_err_columns_add(const struct ae_err_columns *c, const struct ae_err_options *o, const struct ae_schema *in,
	size_t features, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	const struct ae_column *reference = c->reference != AE_NO_COLUMN ? &in->cols[c->reference] : NULL;
	bool missing = (reference && (in->cols[c->recon].missing || reference->missing)) ||
		       (c->latent != AE_NO_COLUMN && in->cols[c->latent].missing);
	if (add(out, &single, missing, NULL, err) != 0)
		return -1;
	if (!o->per_feature)
		return 0;
	const struct ae_shape shape = o->last ? ae_shape_vector(features) : reference->shape;
	return add(out, &shape, missing, reference, err);
}
