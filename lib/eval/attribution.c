/* SPDX-License-Identifier: MIT */
#include "eval/attribution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

static int read_units(struct ae_attribution *b, const char *path, struct ae_error *err)
{
	struct ae_model *model = NULL;
	double least = 0;
	for (size_t i = 0; i < b->count; i++)
		b->unit[i] = 1;
	if (!path)
		return 0;
	if (ae_model_read(&model, path, err) != 0)
		return -1;
	int rc = 0;
	if (model->err_count != b->count)
		rc = ae_fail(err, "%s: holds training errors of %zu features, but there are %zu", path,
			model->err_count, b->count);
	for (size_t i = 0; rc == 0 && i < b->count; i++) {
		b->unit[i] = hypot(model->err_mean[i], model->err_sd[i]);
		if (b->unit[i] > 0 && (least == 0 || b->unit[i] < least))
			least = b->unit[i];
	}
	/* A feature that never erred in training counts by the smallest unit of the others. */
	for (size_t i = 0; rc == 0 && i < b->count; i++)
		if (b->unit[i] == 0)
			b->unit[i] = least > 0 ? least : 1;
	ae_model_free(model);
	return rc;
}

int ae_attribution_begin(struct ae_attribution *b, const struct ae_column *column, const char *path,
	struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	b->column = *column;
	b->column.role = AE_X; /* blame falls on "flow", not on "target.flow" */
	b->column.name = (char *)(uintptr_t)ae_role_name(AE_X);
	b->count = ae_shape_size(&column->shape);
	if (b->top > b->count)
		return ae_fail(err, "--top %llu: there are %zu features", (unsigned long long)b->top, b->count);
	free(b->unit);
	free(b->gap);
	b->unit = ae_calloc(b->count, sizeof(*b->unit), err);
	b->gap = ae_calloc(b->count, sizeof(*b->gap), err);
	if (!b->unit || !b->gap || read_units(b, path, err) != 0)
		return -1;
	for (size_t k = 0; k < b->top; k++) {
		char name[40];
		snprintf(name, sizeof(name), "top%zu", k + 1);
		if (!ae_schema_add(out, name, AE_PASS, AE_TEXT, &single, err))
			return -1;
		strcat(name, "_share");
		struct ae_column *share = ae_schema_add(out, name, AE_PASS, AE_F64, &single, err);
		if (!share)
			return -1;
		share->missing = column->missing;
	}
	return 0;
}

void ae_attribution_clear(struct ae_attribution *b)
{
	for (size_t k = 0; k < b->top; k++) {
		ae_data_clear(&b->name[k]);
		ae_data_clear(&b->share[k]);
	}
}

int ae_attribution_row(struct ae_attribution *b, const double *made, const double *reference, struct ae_error *err)
{
	double sum = 0;
	for (size_t i = 0; i < b->count; i++) {
		double gap = fabs(made[i] - reference[i]) / b->unit[i];
		b->gap[i] = isnan(gap) ? 0 : gap * gap;
		sum += b->gap[i];
	}
	bool computed = !isnan(made[0]);
	for (size_t k = 0; k < b->top; k++) {
		char name[300] = "";
		double share = NAN;
		size_t most = 0;
		for (size_t i = 1; i < b->count; i++)
			if (b->gap[i] > b->gap[most])
				most = i;
		if (computed) {
			share = sum > 0 ? b->gap[most] / sum : 0;
			ae_column_element_name(&b->column, most, name, sizeof(name));
			b->gap[most] = -1;
			share = share < 0 ? 0 : share;
		}
		if (ae_data_append_text(&b->name[k], name, strlen(name), err) != 0 ||
			ae_buf_append(&b->share[k].values, &share, sizeof(share), err) != 0)
			return -1;
	}
	return 0;
}

void ae_attribution_columns(struct ae_attribution *b, struct ae_data **cols)
{
	for (size_t k = 0; k < b->top; k++) {
		*cols++ = &b->name[k];
		*cols++ = &b->share[k];
	}
}

void ae_attribution_free(struct ae_attribution *b)
{
	for (size_t k = 0; k < AE_BLAME_MOST; k++) {
		ae_data_free(&b->name[k]);
		ae_data_free(&b->share[k]);
	}
	free(b->unit);
	free(b->gap);
}
