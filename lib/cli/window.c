/* SPDX-License-Identifier: MIT */
/* The step of ae-window: from options or a model, and into a lineage. */
#include "cli/window.h"

#include <string.h>

#include "cli/series_filter.h"

int ae_window_start(
	struct ae_window *w, const struct ae_program *program, struct ae_common *common, struct ae_error *err)
{
	static const char *const of_model[] = {"size", "stride", "group", "max-gap"};
	w->own.program = "ae-window";
	w->own.path = common->model;
	if (!common->model && !ae_opt_given(program, "size"))
		return ae_fail_usage(err, "--size W is required, or -m FILE");
	for (size_t i = 0; common->model && i < sizeof(of_model) / sizeof(*of_model); i++)
		if (ae_opt_given(program, of_model[i]))
			return ae_fail_usage(err, "--%s: with -m it comes from %s", of_model[i], common->model);
	return ae_own_step_read(&w->own, &common->in, err);
}

static int find_x(const struct ae_window *w, const struct ae_schema *in, size_t *x, struct ae_error *err)
{
	char text[AE_SHAPE_TEXT];
	if (ae_series_find_x(in, w->own.program, "single rows", x, err) != 0)
		return -1;
	const struct ae_column *c = &in->cols[*x];
	if (c->shape.rank > 1)
		return ae_fail(err, "x has the shape %s: windows are made of rows of plain values",
			ae_shape_format(&c->shape, text));
	if (c->type == AE_U8 && !w->drop)
		return ae_fail(err, "x is integers, which cannot be missing: scale it first, or leave the rows "
				    "without a window out with --drop-incomplete");
	return 0;
}

static int take_step(
	struct ae_window *w, struct ae_series *series, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_buf *packed;
	if (ae_own_step_next(&packed, &w->own, reader, err) != 0 || ae_window_step_unpack(&w->step, packed, err) != 0)
		return -1;
	w->size = w->step.size;
	w->stride = w->step.stride;
	return ae_grouping_copy(&series->by, &w->step.by, err);
}

int ae_window_begin(
	struct ae_window *w, struct ae_series *series, const struct ae_reader *reader, size_t *x, struct ae_error *err)
{
	if (w->own.path && take_step(w, series, reader, err) != 0)
		return -1;
	return find_x(w, ae_reader_schema(reader), x, err);
}

int ae_window_record(
	const struct ae_window *w, const struct ae_series *series, struct ae_schema *out, struct ae_error *err)
{
	const struct ae_window_step step = {w->size, w->stride, series->by};
	struct ae_buf packed = {0};
	int rc = ae_window_step_pack(&step, &packed, err);
	if (rc == 0)
		rc = ae_prepare_add(out, series->in, w->own.program, &packed, err);
	ae_buf_free(&packed);
	return rc;
}

double ae_window_observed(
	const struct ae_window *w, unsigned char *counts, enum ae_type type, uint64_t place, double n_obs)
{
	double sum = 0, f64;
	const float f32 = (float)n_obs;
	size_t width = ae_type_size(type);
	memcpy(counts + place * width, type == AE_F32 ? (const void *)&f32 : &n_obs, width);
	for (size_t i = 0; i < w->size; i++) {
		ae_to_f64(&f64, counts + i * width, type, 1);
		sum += f64;
	}
	return sum;
}

void ae_window_free(struct ae_window *w)
{
	ae_own_step_free(&w->own);
	ae_window_step_free(&w->step);
}
