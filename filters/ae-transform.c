/* SPDX-License-Identifier: MIT */
/* ae-transform: fixed rules that make x easier to reconstruct. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/transform_undo.h"
#include "core/number.h"

struct options {
	struct ae_common common;
	struct ae_series_options series;
	struct ae_transforms transforms;
};

struct state {
	struct options *options;
	struct ae_transform *transform;
	const struct ae_schema *in;
	size_t x;          /* its column */
	enum ae_type type; /* of what becomes of it */
	struct ae_series series;
	struct ae_buf carried;
	struct ae_data out;
	uint64_t rows;
	bool full; /* a row had all the past that it is compared with */
};

static int find_x(struct state *s, struct ae_error *err)
{
	static const enum ae_role of_x[] = {AE_TARGET, AE_RECON, AE_LATENT};
	if (ae_schema_need(s->in, AE_X, &s->x, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(of_x) / sizeof(*of_x); i++)
		if (ae_schema_find(s->in, of_x[i]) != AE_NO_COLUMN)
			return ae_fail(err, "there is a %s of this x: use ae-transform before what made it",
				ae_role_name(of_x[i]));
	return ae_transform_bind(s->transform, &s->in->cols[s->x].shape, err);
}

static bool restore(void *arg, unsigned char *values)
{
	const struct state *s = arg;
	return ae_transform_restore(s->transform, (void *)values);
}

static int begin_series(struct state *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_series_layout layout = {.type = AE_F64,
		.count = s->transform->kept,
		.derived = ae_product(s->transform->derived, sizeof(double)),
		.restore = restore,
		.arg = s,
		.settings = s->options->transforms.text,
		.column = s->x};
	return ae_series_begin(&s->series, reader, &layout, err);
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct state *s = state;
	s->in = ae_reader_schema(reader);
	struct ae_transforms *transforms = &s->options->transforms;
	if (ae_transforms_begin(transforms, &s->series, reader, err) != 0 || find_x(s, err) != 0 ||
		begin_series(s, reader, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_schema_copy_head(out, s->in, err) != 0 || ae_transforms_record(transforms, &s->series, out, err) != 0 ||
		ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	struct ae_column *x = &out->cols[s->x];
	s->type = x->type = x->type == AE_F64 ? AE_F64 : AE_F32;
	x->shape = *ae_transform_out(s->transform);
	x->missing |= s->transform->kept > 0;
	x->maxval = ae_transform_keeps_white(s->transform) ? x->maxval : 0;
	return ae_transform_keeps_names(s->transform) ? 0 : ae_column_set_features(x, NULL, 0, err);
}

/* Why a value has no result, by the step that it came to. */
static int fail_value(struct state *s, const struct ae_batch *in, size_t row, const struct ae_transform_step *step,
	size_t bad, struct ae_error *err)
{
	char name[200], text[300];
	ae_column_element_name(&s->in->cols[s->x], bad, name, sizeof(name));
	snprintf(text, sizeof(text), "\"%s\": --%s needs %s", name, step->kind->name, step->kind->needs);
	return ae_series_bad(&s->series, in, row, text, err);
}

/* Appends what becomes of a row. 1, or as ae_series_row. */
static int transform_row(struct state *s, const struct ae_batch *in, size_t row, struct ae_error *err)
{
	const struct ae_column *x = &s->in->cols[s->x];
	size_t width = ae_shape_size(&x->shape) * ae_type_size(x->type),
	       n = ae_shape_size(ae_transform_out(s->transform));
	const struct ae_transform_step *step = NULL;
	struct ae_series_group *group = NULL;
	size_t bad;
	int good = s->transform->kept || s->series.max_gap ? ae_series_row(&s->series, in, row, &group, err) : 1;
	if (good != 1)
		return good;
	const double *y = ae_transform_row(s->transform, in->cols[s->x]->values.data + row * width, x->type,
		group ? (void *)group->values : NULL, &step, &bad);
	if (!y)
		return fail_value(s, in, row, step, bad, err);
	if (group)
		s->full |= group->rows++ >= ae_transform_past(s->transform, &step);
	unsigned char *place = s->out.values.data + s->out.values.len;
	for (size_t i = 0; i < n && s->type == AE_F32; i++)
		((float *)(void *)place)[i] = ae_f32_of(y[i]);
	for (size_t i = 0; i < n && s->type == AE_F64; i++)
		((double *)(void *)place)[i] = ae_number_finite(y[i]);
	s->out.values.len += n * ae_type_size(s->type);
	return 1;
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct state *s = state;
	size_t bytes = ae_product(ae_shape_size(ae_transform_out(s->transform)), ae_type_size(s->type));
	s->out.values.len = 0;
	s->rows += in->rows;
	if (ae_buf_reserve(&s->out.values, ae_product(in->rows, bytes), err) != 0)
		return -1;
	for (size_t row = 0; row < in->rows; row++)
		if (transform_row(s, in, row, err) < 0)
			return -1;
	const struct ae_batch *kept = ae_series_kept(&s->series, in, err);
	if (!kept)
		return -1;
	ae_carry_batch(out, kept, &s->carried);
	out->cols[s->x] = &s->out;
	out->rows = kept->rows;
	return 0;
}

static int idle(void *state)
{
	struct state *s = state;
	return ae_series_idle(&s->series);
}

/* A past that no group has is a mistake, or the wrong --group. */
static void note_short(const struct state *s, const struct ae_program *program)
{
	const struct ae_transform_step *step = NULL;
	uint64_t past = ae_transform_past(s->transform, &step);
	if (step && s->rows && !s->full)
		ae_note(program, &s->options->common, "--%s %s: no %s has more than %llu rows", step->kind->name,
			step->text, s->options->series.group ? "group" : "stream", (unsigned long long)past);
}

static int end(void *state, struct ae_error *err)
{
	struct state *s = state;
	return ae_series_last(&s->series, err);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}, .series = AE_SERIES_DEFAULTS};
	const struct ae_opt table[] = {
		AE_GROUP("Transforms, in the order in which they are given"),
		AE_STEP("baseline", &o.transforms.given, "KIND:N", ae_rolling_word,
			"each value minus the %s of the N before it in its group"),
		AE_STEP("diff", &o.transforms.given, "N", NULL, "each value minus that of N rows before in its group"),
		AE_STEP("log1p", &o.transforms.given, NULL, NULL, "log(1 + x)"),
		AE_STEP("color", &o.transforms.given, "SPACE", ae_transform_color_word,
			"red, green and blue become %s"),
		AE_STEP("resize", &o.transforms.given, "HxW", NULL, "images of another size, by the mean of each area"),
		AE_FLAG("invert", 0, &o.transforms.invert, "undo the last step of x, target and recon"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "make the transforms of the model's training"),
		AE_GROUP("Groups"),
		AE_OPTIONS_SERIES(&o.series, "the rows before are those that are equal in this column"),
		AE_EXCLUDES("baseline diff log1p color resize group max-gap max-groups state", "invert"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-transform", "TRANSFORM... | -m FILE | --invert [options] [file ...]",
		"Transforms x by fixed rules, which may look at the rows before.", table,
		sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct state s = {.options = &o,
		.transform = &o.transforms.transform,
		.series = {.program = &program, .common = &o.common, .options = &o.series}};
	struct ae_transform_undo undo = {.transforms = &o.transforms};
	const struct ae_filter filter = {.state = &s,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.idle = idle,
		.end = end,
		.also = ae_series_also(&s.series)};
	const struct ae_filter inverse = {.state = &undo,
		.format = &ae_aest_output,
		.begin = ae_transform_undo_begin,
		.rows = ae_transform_undo_rows};
	int rc = ae_transforms_start(&o.transforms, &o.series, &program, &o.common, &err);
	if (rc == 0)
		rc = ae_series_start(&s.series, &err);
	if (rc == 0)
		rc = ae_filter_run(o.transforms.invert ? &inverse : &filter, &program, &o.common, argv + first,
			(size_t)(argc - first), &err);
	if (rc >= 0)
		note_short(&s, &program);
	if (rc >= 0)
		ae_series_note(&s.series);
	ae_series_free(&s.series);
	ae_transform_undo_free(&undo);
	ae_transforms_free(&o.transforms);
	ae_buf_free(&s.carried);
	ae_data_free(&s.out);
	return ae_program_finish(program.name, rc, &err);
}
