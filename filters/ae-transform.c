/* SPDX-License-Identifier: MIT */
/* ae-transform: fixed rules that make x easier to reconstruct. */
#include "cli/series_filter.h"
#include "cli/transform_undo.h"

struct options {
	struct ae_common common;
	struct ae_series_options series;
	struct ae_transforms transforms;
};

struct transforming {
	struct ae_transforms *transforms;
	struct ae_transform *transform; /* of these */
	const struct ae_column *x;
	enum ae_type type; /* of what becomes of it */
	bool full;         /* a row had all the past that it is compared with */
};

static bool restore(void *arg, unsigned char *values, double first)
{
	(void)first;
	const struct ae_transform *transform = arg;
	return ae_transform_restore(transform, (void *)values);
}

static int begin(struct ae_series_filter *f, const struct ae_reader *reader, struct ae_series_layout *layout,
	struct ae_error *err)
{
	struct transforming *t = f->own;
	size_t x;
	if (ae_transforms_begin(t->transforms, &f->series, reader, &x, err) != 0)
		return -1;
	t->x = &f->in->cols[x];
	t->type = t->x->type == AE_F64 ? AE_F64 : AE_F32;
	*layout = (struct ae_series_layout){.type = AE_F64,
		.count = t->transform->kept,
		.derived = ae_product(t->transform->derived, sizeof(double)),
		.restore = restore,
		.arg = t->transform,
		.settings = t->transforms->text,
		.column = x};
	f->alone = !t->transform->kept && !f->series.by.max_gap;
	return 0;
}

static int describe(const struct ae_series_filter *f, struct ae_schema *out, struct ae_error *err)
{
	const struct transforming *t = f->own;
	struct ae_column *x = &out->cols[f->column];
	x->type = t->type;
	x->shape = *ae_transform_out(t->transform);
	x->missing |= t->transform->kept > 0;
	x->maxval = ae_transform_keeps_white(t->transform) ? x->maxval : 0;
	if (ae_transforms_record(t->transforms, &f->series, out, err) != 0)
		return -1;
	return ae_transform_keeps_names(t->transform) ? 0 : ae_column_set_features(x, NULL, 0, err);
}

/* Why a value has no result, by the step that it came to. */
static void explain(
	const struct transforming *t, const struct ae_transform_step *step, size_t bad, struct ae_error *err)
{
	char name[200];
	ae_column_element_name(t->x, bad, name, sizeof(name));
	ae_fail(err, "\"%s\": --%s needs %s", name, step->kind->name, step->kind->needs);
}

static enum ae_series_made transform(struct ae_series_filter *f, struct ae_series_group *group, const unsigned char *in,
	unsigned char *out, struct ae_error *err)
{
	struct transforming *t = f->own;
	const struct ae_transform_step *step = NULL;
	size_t n = ae_shape_size(ae_transform_out(t->transform)), bad;
	const double *y =
		ae_transform_row(t->transform, in, t->x->type, group ? (void *)group->values : NULL, &step, &bad);
	if (!y) {
		explain(t, step, bad, err);
		return AE_SERIES_BAD;
	}
	if (group) {
		ae_transform_learn(t->transform, (void *)group->values);
		t->full |= group->rows++ >= ae_transform_past(t->transform, &step);
	}
	ae_transform_store(out, t->type, y, n);
	return AE_SERIES_MADE;
}

/* A past that no group has is a mistake, or the wrong --group. */
static void note(const struct ae_series_filter *f)
{
	const struct transforming *t = f->own;
	const struct ae_transform_step *step = NULL;
	uint64_t past = ae_transform_past(t->transform, &step);
	if (step && f->rows && !t->full)
		ae_note(f->series.program, f->series.common, "--%s %s: no %s has more than %llu rows", step->kind->name,
			step->text, f->series.by.group ? "group" : "stream", (unsigned long long)past);
}

/* --resize makes much of a little: a batch of small images would be gigabytes of large ones. */
enum { MOST_BYTES = 16 * AE_BATCH_BYTES };

static const struct ae_series_kind transforming = {
	.begin = begin, .describe = describe, .row = transform, .note = note, .most_bytes = MOST_BYTES};

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
		AE_OPTION_RELOAD(&o.common),
		AE_GROUP("Groups"),
		AE_OPTIONS_SERIES(&o.series, "the rows before are those that are equal in this column"),
		AE_EXCLUDES("group max-gap max-groups state", "invert"),
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
	struct transforming t = {.transforms = &o.transforms, .transform = &o.transforms.transform};
	struct ae_series_filter filter = {.kind = &transforming,
		.own = &t,
		.series = {.program = &program, .common = &o.common, .options = &o.series}};
	struct ae_transform_undo undo = {.transforms = &o.transforms};
	const struct ae_filter inverse = {.state = &undo,
		.format = &ae_aest_output,
		.begin = ae_transform_undo_begin,
		.rows = ae_transform_undo_rows};
	int rc = ae_transforms_start(&o.transforms, &program, &o.common, &err);
	if (rc == 0)
		rc = ae_series_filter_run(
			&filter, o.transforms.invert ? &inverse : NULL, argv + first, (size_t)(argc - first), &err);
	ae_series_filter_free(&filter);
	ae_transform_undo_free(&undo);
	ae_transforms_free(&o.transforms);
	return ae_program_finish(program.name, rc, &err);
}
