/* SPDX-License-Identifier: MIT */
/* The column n_obs. */
#include "eval/observed.h"

size_t ae_observed_find(const struct ae_schema *schema)
{
	size_t i = ae_schema_find_name(schema, AE_OBSERVED_NAME, strlen(AE_OBSERVED_NAME));
	return i != AE_NO_COLUMN && schema->cols[i].role == AE_PASS ? i : AE_NO_COLUMN;
}

size_t ae_observed_find_number(const struct ae_schema *schema)
{
	size_t i = ae_observed_find(schema);
	bool number = i != AE_NO_COLUMN && schema->cols[i].type == AE_F64 && schema->cols[i].shape.rank == 0;
	return number ? i : AE_NO_COLUMN;
}

int ae_observed_begin(
	struct ae_observed *o, const struct ae_schema *in, size_t column, struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	o->column = column;
	o->counted = &in->cols[column];
	return ae_schema_add(out, AE_OBSERVED_NAME, AE_PASS, AE_F64, &single, err) ? 0 : -1;
}

int ae_observed_rows(struct ae_observed *o, const struct ae_batch *in, struct ae_error *err)
{
	static const struct ae_column single = {.type = AE_F64};
	const unsigned char *values = in->cols[o->column]->values.data;
	size_t n = ae_shape_size(&o->counted->shape), size = n * ae_type_size(o->counted->type);
	double *numbers = ae_data_resize(&o->numbers, &single, in->rows, err);
	if (!numbers)
		return -1;
	for (size_t row = 0; row < in->rows; row++) {
		size_t missing = o->counted->missing ? ae_count_nan(values + row * size, o->counted->type, n) : 0;
		numbers[row] = (double)(n - missing);
	}
	return 0;
}

void ae_observed_free(struct ae_observed *o)
{
	ae_data_free(&o->numbers);
}
