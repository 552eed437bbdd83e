/* SPDX-License-Identifier: MIT */
/* The threshold of a file, and p-values. */
#include "cli/fixed_threshold.h"

#include <string.h>

#include "model/model.h"
#include "model/score.h"
#include "stream/group_column.h"

int ae_fixed_threshold_read(struct ae_fixed_threshold *fixed, const struct ae_fit_options *options, const char *path,
	const struct ae_lineage *lineage, const struct ae_reader *reader, struct ae_error *err)
{
	ae_model_free(fixed->model);
	fixed->model = NULL;
	const struct ae_model_from from = ae_model_of_stream(reader, path);
	if (ae_model_read_threshold(&fixed->model, &from, lineage, ae_reader_name(reader), err) != 0)
		return -1;
	const struct ae_threshold *t = fixed->model->threshold;
	fixed->value = t->value;
	fixed->in = ae_reader_schema(reader);
	fixed->group = AE_NO_COLUMN;
	if (t->groups.column && ae_group_column_find(&fixed->group, fixed->in, "--group", t->groups.column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return t->has_digest && !lineage->has_digest ? ae_check_vouched(options, path, reader, err) : 0;
}

int ae_fixed_threshold_need_one(const struct ae_fixed_threshold *fixed, const char *path, struct ae_error *err)
{
	if (fixed->group == AE_NO_COLUMN)
		return 0;
	return ae_fail(
		err, "%s: --stream does not go on from a threshold with values of groups: give it --at VALUE", path);
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

/* The entry of the group of a row, NULL where the value of all rows holds, and how many rows from it on are of that
   group. */
static const struct ae_threshold_group *group_at(
	const struct ae_fixed_threshold *fixed, const struct ae_batch *in, size_t row, size_t *rows)
{
	char room[AE_NUMBER_TEXT];
	size_t len;
	*rows = in->rows - row;
	if (fixed->group == AE_NO_COLUMN)
		return NULL;
	*rows = ae_group_column_run(fixed->in, in, fixed->group, row);
	const char *name = ae_group_column_name(fixed->in, in, fixed->group, row, room, &len);
	return ae_threshold_groups_find(&fixed->model->threshold->groups, name, len);
}

int ae_pvalue_fill(
	struct ae_fixed_threshold *fixed, const struct ae_batch *in, const double *score, struct ae_error *err)
{
	static const struct ae_column number = {.type = AE_F64};
	const struct ae_threshold *t = fixed->model->threshold;
	double *p = ae_data_resize(&fixed->pvalue, &number, in->rows, err), own[AE_GROUP_QUANTILES];
	size_t n;
	if (!p)
		return -1;
	for (size_t row = 0; row < in->rows; row += n) {
		const struct ae_threshold_group *group = group_at(fixed, in, row, &n);
		if (group)
			ae_threshold_group_errors(own, group);
		for (size_t i = row; i < row + n; i++)
			p[i] = group ? ae_threshold_pvalue(score[i], own, AE_GROUP_QUANTILES, group->rows)
				     : ae_threshold_pvalue(score[i], t->errors, t->errors_count, t->rows);
	}
	return 0;
}

static int add_unseen(struct ae_fixed_threshold *fixed, const struct ae_batch *in, size_t row, struct ae_error *err)
{
	char room[AE_NUMBER_TEXT];
	size_t len;
	const char *name = ae_group_column_name(fixed->in, in, fixed->group, row, room, &len);
	return ae_unseen_add(&fixed->unseen, name, len, err);
}

int ae_fixed_threshold_judge(struct ae_fixed_threshold *fixed, const struct ae_batch *in, const double *score,
	unsigned char *pred, double *values, struct ae_error *err)
{
	size_t n;
	for (size_t row = 0; row < in->rows; row += n) {
		const struct ae_threshold_group *group = group_at(fixed, in, row, &n);
		double value = group ? group->value : fixed->value;
		for (size_t i = row; i < row + n; i++)
			pred[i] = ae_verdict(score[i], value);
		for (size_t i = row; values && i < row + n; i++)
			values[i] = value;
		if (!group && fixed->group != AE_NO_COLUMN && add_unseen(fixed, in, row, err) != 0)
			return -1;
	}
	return 0;
}

void ae_fixed_threshold_free(struct ae_fixed_threshold *fixed)
{
	ae_model_free(fixed->model);
	ae_data_free(&fixed->pvalue);
	ae_unseen_free(&fixed->unseen);
}
