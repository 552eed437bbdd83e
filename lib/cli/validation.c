/* SPDX-License-Identifier: MIT */
/* Validation rows held against training rows: names, shape, units. */
#include "cli/validation.h"

#include <math.h>
#include <stdlib.h>

#include "cli/program.h"
#include "core/order.h"
#include "model/lineage.h"
#include "model/scaler_groups.h"

/* ---- features ---- */

/* Brings rows into the order of the training rows' features, where that is not done. */
static int match_features(struct ae_column *column, struct ae_data *data, const struct ae_column *wanted,
	const char *whose, struct ae_error *err)
{
	struct ae_order order = {0};
	size_t count = column->feature_count;
	if (count == 0 || count != wanted->feature_count)
		return 0;
	if (ae_order_need(&order, column->name, column->features, whose, wanted->features, count, err) != 0)
		return -1;
	size_t size = ae_type_size(column->type);
	ae_order_apply(&order, data->values.data, size, data->values.len / size);
	ae_order_free(&order);
	return 0;
}

/* ---- units ---- */

/* Whether most values lie in the range of the scaled training rows as they are, but not once they are scaled. */
static int looks_scaled(bool *answer, const struct ae_dataset *valid, const float *scaled,
	const struct ae_dataset *train, struct ae_error *err)
{
	size_t n = ae_shape_size(&train->x.shape), size = n * ae_type_size(valid->x.type);
	size_t cells = 0, as_is = 0, once_scaled = 0;
	double *low = ae_calloc(n, 3 * sizeof(*low), err);
	if (!low)
		return -1;
	double *high = low + n, *row = high + n;
	ae_dataset_ranges(train, train->rows, n, low, high);
	for (size_t r = 0; r < valid->rows; r++) {
		ae_to_f64(row, valid->x_data.values.data + r * size, valid->x.type, n);
		for (size_t i = 0; i < n; i++) {
			double value = scaled[r * n + i];
			cells += !isnan(row[i]);
			as_is += row[i] >= low[i] && row[i] <= high[i];
			once_scaled += value >= low[i] && value <= high[i];
		}
	}
	free(low);
	*answer = as_is > cells / 2 && once_scaled < cells / 2;
	return 0;
}

/* The values of a column, scaled, in *scaled. */
static int scale(const struct ae_scaler *scaler, struct ae_data *scaled, const struct ae_column *column,
	const struct ae_data *data, size_t rows, struct ae_error *err)
{
	const struct ae_column result = {.type = AE_F32, .shape = column->shape};
	if (!ae_scaler_fits(scaler, &column->shape))
		return ae_fail(
			err, "column \"%s\" does not fit the scaler's %zu columns", column->name, scaler->columns);
	float *values = ae_data_resize(scaled, &result, rows, err);
	if (!values)
		return -1;
	ae_scaler_apply(scaler, values, data->values.data, column->type, rows, &column->shape);
	return 0;
}

static void replace(struct ae_column *column, struct ae_data *data, struct ae_data *scaled)
{
	ae_data_free(data);
	*data = *scaled;
	*scaled = (struct ae_data){0};
	column->type = AE_F32;
}

static int scale_rows(struct ae_dataset *valid, const struct ae_dataset *train, const struct ae_scaler *scaler,
	bool ask, struct ae_error *err)
{
	struct ae_data x = {0}, target = {0};
	bool is_scaled = false;
	int rc = scale(scaler, &x, &valid->x, &valid->x_data, valid->rows, err);
	if (rc == 0 && ask)
		rc = looks_scaled(&is_scaled, valid, (const void *)x.values.data, train, err);
	if (rc == 0 && is_scaled)
		rc = ae_fail(err, "the values lie in the range of the scaled training rows as they are, and outside of "
				  "it once scaled: --scaled says that they are scaled already, --force that they are "
				  "not");
	if (rc == 0 && valid->target.name)
		rc = scale(scaler, &target, &valid->target, &valid->target_data, valid->rows, err);
	if (rc == 0)
		replace(&valid->x, &valid->x_data, &x);
	if (rc == 0 && valid->target.name)
		replace(&valid->target, &valid->target_data, &target);
	ae_data_free(&x);
	ae_data_free(&target);
	return rc;
}

/* What is to be done with validation rows. */
enum preparation { IS_DONE, IS_SCALER, IS_OTHER };

/* What b lacks of the training rows' preparation a. */
static enum preparation compare(const struct ae_prep *a, const struct ae_prep *b, bool vouched)
{
	if (ae_prep_equal(a, b) || (b->count == 0 && vouched))
		return IS_DONE;
	bool scaler = b->count + 1 == a->count && ae_prep_find_scaler(a) == b->count;
	if (!scaler || ae_prep_common(a, b) < b->count || ae_scaler_is_of_groups(&a->steps[b->count].packed))
		return IS_OTHER;
	return IS_SCALER;
}

static int fail_preparation(const struct ae_prep *a, const struct ae_prep *b, bool text, struct ae_error *err)
{
	if (text && b->count == 0 && a->count > 0)
		return ae_fail(err, "text does not say how x was prepared, and the training rows were: take the rows "
				    "through the same steps, or vouch with --scaled that they were");
	if (ae_prep_is_list(a) || ae_prep_is_list(b))
		return ae_fail(err, "x was prepared otherwise than the training rows");
	return ae_fail(err, "x was scaled by another scaler than the training rows");
}

/* Brings the features into order and, where only the scaler is missing, the values into its units. *scaled_text: text
   was taken as unscaled, and scaled. */
static int match_values(struct ae_dataset *valid, const struct ae_dataset *train, const struct ae_buf *missing_scaler,
	bool ask, bool *scaled_text, struct ae_error *err)
{
	struct ae_scaler scaler = {0};
	int rc = 0;
	if (!ae_shape_equal(&train->x.shape, &valid->x.shape))
		return ae_fail(err, "x of another shape than the training rows");
	rc = match_features(&valid->x, &valid->x_data, &train->x, "x of the training rows", err);
	if (rc == 0)
		rc = match_features(
			&valid->target, &valid->target_data, &train->target, "target of the training rows", err);
	if (rc == 0 && missing_scaler) {
		rc = ae_scaler_unpack(&scaler, missing_scaler->data, missing_scaler->len, err);
		if (rc == 0)
			rc = scale_rows(valid, train, &scaler, ask, err);
		*scaled_text = valid->text;
	}
	ae_scaler_free(&scaler);
	return rc == 0 ? ae_dataset_check_size(valid, err) : -1;
}

static int match_rows(struct ae_dataset *valid, const struct ae_dataset *train, enum ae_validation_text text,
	bool *scaled_text, struct ae_error *err)
{
	struct ae_lineage a = {0}, b = {0};
	*scaled_text = false;
	int rc = ae_lineage_unpack(&a, &train->schema.lineage, err);
	if (rc == 0)
		rc = ae_lineage_unpack(&b, &valid->schema.lineage, err);
	if (rc == 0) {
		enum preparation todo = compare(&a.prep, &b.prep, valid->text && text == AE_VALIDATION_SCALED);
		if (todo == IS_OTHER)
			rc = fail_preparation(&a.prep, &b.prep, valid->text, err);
		else
			rc = match_values(valid, train, todo == IS_SCALER ? &a.prep.steps[b.prep.count].packed : NULL,
				valid->text && text == AE_VALIDATION_ASK, scaled_text, err);
	}
	ae_lineage_free(&a);
	ae_lineage_free(&b);
	return rc;
}

int ae_validation_read(struct ae_dataset *valid, const struct ae_dataset *train, const struct ae_train_input *input,
	const char *path, enum ae_validation_text text, struct ae_error *err)
{
	const struct ae_column *x = &train->x;
	struct ae_train_input own = *input;
	char *file = (char *)(uintptr_t)path;
	bool scaled_text;
	own.where = NULL;
	own.net = NULL;
	own.more_inputs = train->text;
	own.features = (struct ae_feature_names){.names = x->features,
		.count = x->feature_count,
		.each = x->feature_count && x->feature_count == ae_shape_size(&x->shape)};
	valid->any_size = true; /* what is scaled here may be larger than training takes */
	if (ae_train_data_read(valid, &own, &file, 1, err) != 0)
		return -1;
	if (match_rows(valid, train, text, &scaled_text, err) != 0)
		return ae_fail_in(err, "%s: ", path);
	if (scaled_text)
		ae_note(input->program, input->common,
			"%s: text does not say how x was scaled: taken as unscaled, and scaled as the training rows "
			"were",
			path);
	return 0;
}
