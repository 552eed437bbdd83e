/* SPDX-License-Identifier: MIT */
/* The step of ae-transform: from options or a model, and into a lineage. */
#include "cli/transform.h"

#include <stdlib.h>

#include "cli/series_filter.h"

static int make_text(struct ae_transforms *t, struct ae_error *err)
{
	free(t->text);
	t->text = ae_transform_text(&t->transform, err);
	return t->text ? 0 : -1;
}

int ae_transforms_start(
	struct ae_transforms *t, const struct ae_program *program, struct ae_common *common, struct ae_error *err)
{
	static const char *const of_model[] = {"group", "max-gap"};
	t->own.program = "ae-transform";
	t->own.path = common->model;
	if (common->model && t->invert)
		return ae_fail_usage(err, "-m and --invert exclude each other");
	if (!common->model && !t->invert && t->given.count == 0)
		return ae_fail_usage(err, "no transform is given, nor -m FILE");
	if (common->model && t->given.count > 0)
		return ae_fail_usage(err, "--%s: with -m it comes from %s", t->given.names[0], common->model);
	for (size_t i = 0; common->model && i < sizeof(of_model) / sizeof(*of_model); i++)
		if (ae_opt_given(program, of_model[i]))
			return ae_fail_usage(err, "--%s: with -m it comes from %s", of_model[i], common->model);
	for (size_t i = 0; i < t->given.count; i++)
		if (ae_transform_add(&t->transform, t->given.names[i], t->given.items[i], err) != 0)
			return -1;
	return make_text(t, err) == 0 ? ae_own_step_read(&t->own, &common->in, err) : -1;
}

static int take_step(
	struct ae_transforms *t, struct ae_series *series, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_buf *packed;
	if (ae_own_step_next(&packed, &t->own, reader, err) != 0 ||
		ae_transform_list_unpack(&t->list, packed, err) != 0)
		return -1;
	ae_transform_free(&t->transform);
	if (ae_grouping_copy(&series->by, &t->list.by, err) != 0)
		return -1;
	return ae_transform_parse(&t->transform, t->list.steps, err) == 0 ? make_text(t, err) : -1;
}

int ae_transforms_begin(struct ae_transforms *t, struct ae_series *series, const struct ae_reader *reader, size_t *x,
	struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	if ((t->own.path && take_step(t, series, reader, err) != 0) ||
		ae_series_find_x(in, t->own.program, "this x", x, err) != 0)
		return -1;
	return ae_transform_bind(&t->transform, &in->cols[*x].shape, err);
}

int ae_transforms_record(
	const struct ae_transforms *t, const struct ae_series *series, struct ae_schema *out, struct ae_error *err)
{
	const struct ae_transform_list list = {t->text, series->by};
	struct ae_buf packed = {0};
	int rc = ae_transform_list_pack(&list, &packed, err);
	if (rc == 0)
		rc = ae_prepare_add(out, series->in, t->own.program, &packed, err);
	ae_buf_free(&packed);
	return rc;
}

void ae_transforms_free(struct ae_transforms *t)
{
	ae_own_step_free(&t->own);
	ae_transform_list_free(&t->list);
	ae_transform_free(&t->transform);
	free(t->text);
}
