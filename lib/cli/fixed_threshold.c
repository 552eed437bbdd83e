/* SPDX-License-Identifier: MIT */
/* The threshold of a file, and p-values. */
#include "cli/fixed_threshold.h"

#include <string.h>

#include "model/model.h"

int ae_fixed_threshold_read(struct ae_fixed_threshold *fixed, const struct ae_fit_options *options, const char *path,
	const struct ae_lineage *lineage, const struct ae_reader *reader, struct ae_error *err)
{
	ae_model_free(fixed->model);
	fixed->model = NULL;
	if (ae_model_read_threshold(&fixed->model, path, lineage, ae_reader_name(reader), err) != 0)
		return -1;
	const struct ae_threshold *t = fixed->model->threshold;
	fixed->value = t->value;
	return t->has_digest && !lineage->has_digest ? ae_check_vouched(options, path, reader, err) : 0;
}

int ae_pvalue_add(const struct ae_fixed_threshold *fixed, struct ae_schema *out, const struct ae_schema *in,
	size_t err_column, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	if (fixed->model->threshold->errors_count == 0)
		return ae_fail(err, "the threshold keeps no errors for --pvalue: fit one on rows");
	if (ae_schema_find_name(in, "pvalue", strlen("pvalue")) != AE_NO_COLUMN)
		return ae_fail(err, "there is a column \"pvalue\" already");
	struct ae_column *column = ae_schema_add(out, "pvalue", AE_PASS, AE_F64, &single, err);
	if (column)
		column->missing = in->cols[err_column].missing;
	return column ? 0 : -1;
}

int ae_pvalue_fill(struct ae_fixed_threshold *fixed, const double *score, size_t rows, struct ae_error *err)
{
	static const struct ae_column number = {.type = AE_F64};
	const struct ae_threshold *t = fixed->model->threshold;
	double *p = ae_data_resize(&fixed->pvalue, &number, rows, err);
	for (size_t i = 0; p && i < rows; i++)
		p[i] = ae_threshold_pvalue(score[i], t->errors, t->errors_count, t->rows);
	return p ? 0 : -1;
}

void ae_fixed_threshold_free(struct ae_fixed_threshold *fixed)
{
	ae_model_free(fixed->model);
	ae_data_free(&fixed->pvalue);
}
