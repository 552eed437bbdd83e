/* SPDX-License-Identifier: MIT */
/* Lists of preparation, a model's held against a stream's. */
#include "cli/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "model/pipeline.h"

static int append(struct ae_buf *text, const char *more, struct ae_error *err)
{
	return ae_buf_append(text, more, strlen(more), err);
}

/* Appends "had ae-normalize (...) and ae-window (...)", or "not been prepared". */
static int tell_steps(struct ae_buf *text, const struct ae_prep *prep, struct ae_error *err)
{
	if (prep->count == 0)
		return append(text, "not been prepared", err);
	for (size_t i = 0; i < prep->count; i++)
		if (append(text,
			    i == 0                ? "had "
			    : i + 1 < prep->count ? ", "
						  : " and ",
			    err) != 0 ||
			ae_prep_describe_step(&prep->steps[i], text, err) != 0)
			return -1;
	return 0;
}

/* "x has ..., but <what>: pipe <it> through <pipeline>"; without a pipeline where there is no step from `first` on. */
static int fail_steps(const struct ae_prep *had, const char *what, const char *it, const struct ae_model *model,
	const char *path, size_t first, struct ae_error *err)
{
	struct ae_buf steps = {0}, pipeline = {0};
	int rc = tell_steps(&steps, had, err);
	if (rc == 0)
		rc = ae_pipeline_prepare(&pipeline, &model->prep, first, path, err);
	if (rc == 0)
		rc = ae_fail(err, "x has %.*s, but %s%s%s%s%.*s", (int)steps.len, (const char *)steps.data, what,
			pipeline.len ? ": pipe " : "", pipeline.len ? it : "", pipeline.len ? " through " : "",
			(int)pipeline.len, pipeline.len ? (const char *)pipeline.data : "");
	ae_buf_free(&steps);
	ae_buf_free(&pipeline);
	return rc;
}

/* x has had a step that is not the model's at this place. */
static int fail_other(const struct ae_prep *had, const struct ae_model *model, const char *path, struct ae_error *err)
{
	struct ae_buf what = {0};
	size_t i = ae_prep_common(had, &model->prep);
	if (model->prep.count == 0)
		return fail_steps(had, "the model takes x as it comes", "", model, path, 0, err);
	int rc = i < model->prep.count
			 ? append(&what, i == 0 ? "the model's first step is " : "the model goes on with ", err)
			 : append(&what, "the model has fewer steps", err);
	if (rc == 0 && i < model->prep.count)
		rc = ae_prep_describe_step(&model->prep.steps[i], &what, err);
	if (rc == 0)
		rc = ae_buf_append(&what, "", 1, err);
	if (rc == 0)
		rc = fail_steps(had, (const char *)what.data, "the original", model, path, 0, err);
	ae_buf_free(&what);
	return rc;
}

/* ---- filters ---- */

/* A file of --save, whose one step is the program's. */
static bool is_saved(const struct ae_model *model, const char *program)
{
	return !model->net && model->prep.count == 1 && strcmp(model->prep.steps->program, program) == 0;
}

static bool has_program(const struct ae_prep *prep, const char *program)
{
	for (size_t i = 0; i < prep->count; i++)
		if (strcmp(prep->steps[i].program, program) == 0)
			return true;
	return false;
}

static int fail_text(const struct ae_model *model, const char *path, struct ae_error *err)
{
	struct ae_buf pipeline = {0};
	int rc = ae_pipeline_prepare(&pipeline, &model->prep, 0, path, err);
	if (rc == 0)
		rc = ae_fail(err, "text does not say what x has had: pipe the original through %.*s", (int)pipeline.len,
			(const char *)pipeline.data);
	ae_buf_free(&pipeline);
	return rc;
}

static int find_next(const struct ae_buf **packed, const struct ae_prep *had, const struct ae_model *model,
	const char *path, const char *program, bool text, struct ae_error *err)
{
	const struct ae_prep *prep = &model->prep;
	char what[120];
	size_t next = had->count;
	if (!has_program(prep, program))
		return ae_fail(err, "%s: x of this model does not go through %s", path, program);
	if (is_saved(model, program) && !has_program(had, program)) {
		*packed = &prep->steps->packed;
		return 0;
	}
	if (ae_prep_common(had, prep) < next)
		return fail_other(had, model, path, err);
	if (next == prep->count)
		return fail_steps(had, "these are all of the model's steps", "", model, path, next, err);
	if (strcmp(prep->steps[next].program, program) == 0) {
		*packed = &prep->steps[next].packed;
		return 0;
	}
	if (text)
		return fail_text(model, path, err);
	snprintf(what, sizeof(what), "the model's next step is %s", prep->steps[next].program);
	return fail_steps(had, what, "it", model, path, next, err);
}

int ae_prepare_next(const struct ae_buf **packed, const struct ae_model *model, const char *path, const char *program,
	const struct ae_reader *reader, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &ae_reader_schema(reader)->lineage, err);
	if (rc == 0)
		rc = find_next(packed, &lineage.prep, model, path, program, ae_reader_is_text(reader), err);
	ae_lineage_free(&lineage);
	return rc;
}

static int read_own(struct ae_own_step *step, const struct ae_model_from *from, struct ae_error *err)
{
	ae_model_free(step->model);
	step->model = NULL;
	return ae_model_read_applied(&step->model, from, NULL, err);
}

int ae_own_step_read(struct ae_own_step *step, struct ae_reader_options *in, struct ae_error *err)
{
	const struct ae_model_from from = {.path = step->path};
	if (!step->path)
		return 0;
	if (read_own(step, &from, err) != 0)
		return -1;
	ae_program_find_source(in, step->model);
	return 0;
}

int ae_own_step_next(
	const struct ae_buf **packed, struct ae_own_step *step, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_model_from from = ae_model_of_stream(reader, step->path);
	if ((step->used || from.len) && read_own(step, &from, err) != 0)
		return -1;
	step->used = true;
	return ae_prepare_next(packed, step->model, step->path, step->program, reader, err);
}

void ae_own_step_free(struct ae_own_step *step)
{
	ae_model_free(step->model);
	step->model = NULL;
}

/* Whether a column of text has its role by an option alone, and the option can say its name. */
static bool needs_option(const struct ae_column *c, enum ae_role role)
{
	return c->role == role && strcmp(c->name, ae_role_name(role)) != 0 && !strchr(c->name, ',');
}

static int add_roles(struct ae_prep_source *source, const struct ae_schema *in, struct ae_error *err)
{
	size_t times = 0, ids = 0;
	char **names = ae_calloc(2 * in->count, sizeof(*names), err);
	if (!names)
		return -1;
	for (size_t i = 0; i < in->count; i++) {
		if (needs_option(&in->cols[i], AE_TIME))
			names[times++] = in->cols[i].name;
		if (needs_option(&in->cols[i], AE_ID))
			names[in->count + ids++] = in->cols[i].name;
	}
	int rc = ae_prep_source_set_roles(source, names, times, names + in->count, ids, err);
	free(names);
	return rc;
}

int ae_prepare_append(struct ae_prep *prep, const char *program, const struct ae_buf *packed,
	const struct ae_schema *in, struct ae_error *err)
{
	const struct ae_column *x = &in->cols[ae_schema_find(in, AE_X)];
	bool first = !ae_prep_is_list(prep);
	if (ae_prep_append(prep, program, packed, &x->shape, x->features, x->feature_count, err) != 0)
		return -1;
	if (!first || !ae_prep_is_list(prep))
		return 0;
	prep->source.missing = x->missing;
	return add_roles(&prep->source, in, err);
}

int ae_prepare_add(struct ae_schema *out, const struct ae_schema *in, const char *program, const struct ae_buf *packed,
	struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	bool any = ae_schema_find(in, AE_X) != AE_NO_COLUMN;
	int rc = any ? ae_lineage_unpack(&lineage, &in->lineage, err) : ae_fail(err, "no column of role x");
	if (rc == 0)
		rc = ae_prepare_append(&lineage.prep, program, packed, in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	return rc;
}

/* ---- scorers ---- */

/* The words for a scaler that stands alone. */
static int check_scaler(const struct ae_prep *had, const struct ae_model *model, const char *path, struct ae_error *err)
{
	if (model->prep.count == 0)
		return ae_fail(err, "x is scaled, but the model was trained on unscaled x: pipe it through "
				    "ae-normalize --invert");
	if (had->count)
		return ae_fail(err,
			"x was scaled by another scaler than the model's: scale the original with ae-normalize -m %s",
			path);
	return ae_fail(err,
		"x is not scaled, but the model was trained on scaled x: pipe it through ae-normalize -m %s", path);
}

static int check_text(
	struct ae_lineage *lineage, const struct ae_model *model, const char *path, bool vouched, struct ae_error *err)
{
	struct ae_buf pipeline = {0};
	if (vouched)
		return ae_prep_copy(&lineage->prep, &model->prep, err);
	int rc = ae_pipeline_prepare(&pipeline, &model->prep, 0, path, err);
	if (rc == 0)
		rc = ae_fail(err,
			"text does not say how x was %s: pipe the original through %.*s, or vouch with --scaled that "
			"this was",
			ae_prep_is_scaler(&model->prep) ? "scaled" : "prepared", (int)pipeline.len,
			(const char *)pipeline.data);
	ae_buf_free(&pipeline);
	return rc;
}

int ae_prepare_check_all(struct ae_lineage *lineage, const struct ae_model *model, const char *path, bool vouched,
	bool text, struct ae_error *err)
{
	const struct ae_prep *had = &lineage->prep, *wanted = &model->prep;
	char what[120];
	if (ae_prep_equal(had, wanted))
		return 0;
	if (text && had->count == 0)
		return check_text(lineage, model, path, vouched, err);
	if (!ae_prep_is_list(had) && !ae_prep_is_list(wanted))
		return check_scaler(had, model, path, err);
	if (ae_prep_common(had, wanted) < had->count)
		return fail_other(had, model, path, err);
	snprintf(what, sizeof(what), "the model's next step is %s", wanted->steps[had->count].program);
	return fail_steps(had, what, "it", model, path, had->count, err);
}
