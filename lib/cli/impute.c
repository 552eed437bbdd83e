/* SPDX-License-Identifier: MIT */
/* Missing values of x replaced by those of its reconstruction. */
#include "cli/impute.h"

#include <math.h>

int ae_impute_begin(const struct ae_model *model, const char *path, const struct ae_column *x,
	const struct ae_shape *recon, struct ae_lineage *lineage, struct ae_error *err)
{
	size_t n = ae_shape_size(&x->shape), made = ae_shape_size(recon);
	if (!model->settings.mask)
		return ae_fail(err,
			"%s: was not trained with --missing mask, so that rows with a missing value have no "
			"reconstruction: --impute takes a model that was",
			path);
	if (made != n)
		return ae_fail(
			err, "%s: reconstructs %zu values, but x has %zu: --impute takes as many", path, made, n);
	lineage->imputed = true;
	return 0;
}

int ae_impute_rows(struct ae_data **filled, struct ae_data *made, const struct ae_column *x, struct ae_data *in,
	const float *recon, size_t rows, struct ae_error *err)
{
	size_t n = rows * ae_shape_size(&x->shape);
	*filled = in;
	if (!x->missing || ae_count_nan(in->values.data, x->type, n) == 0)
		return 0;
	if (ae_buf_set(&made->values, in->values.data, n * ae_type_size(x->type), err) != 0)
		return -1;
	float *f32 = (void *)made->values.data;
	double *f64 = (void *)made->values.data;
	for (size_t i = 0; x->type == AE_F32 && i < n; i++)
		f32[i] = isnan(f32[i]) ? recon[i] : f32[i];
	for (size_t i = 0; x->type == AE_F64 && i < n; i++)
		f64[i] = isnan(f64[i]) ? (double)recon[i] : f64[i];
	*filled = made;
	return 0;
}
