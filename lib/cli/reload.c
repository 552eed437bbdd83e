/* SPDX-License-Identifier: MIT */
/* A model's file that is looked at while a stream runs. */
#include "cli/reload.h"

#include <string.h>
#include <sys/stat.h>

#include "core/stop.h"
#include "io/signals.h"
#include "model/lineage.h"
#include "model/threshold.h"

enum { LOOK_MS = 250 };

/* ---- the file ---- */

static struct ae_file_stamp stamp(const char *path, mode_t *mode)
{
	struct stat st;
	*mode = 0;
	if (stat(path, &st) != 0)
		return (struct ae_file_stamp){0};
	*mode = st.st_mode;
	return ae_file_stamp(&st);
}

/* Reads a whole model and its bytes. */
static int read_model(struct ae_model **model, struct ae_buf *bytes, const char *path,
	const struct ae_file_stamp *found, mode_t mode, struct ae_error *err)
{
	if (mode && !S_ISREG(mode))
		return ae_fail(err, "%s: --reload takes a regular file", path);
	if (found->size > (off_t)AE_CARRIED_MODEL)
		return ae_fail(err,
			"%s: has %lld bytes, more than the 32 MiB that --reload takes; ae-train --strip leaves the "
			"state of the optimiser out",
			path, (long long)found->size);
	if (ae_read_file(bytes, path, err) != 0)
		return -1;
	const struct ae_model_from from = {path, bytes->data, bytes->len};
	if (bytes->len == 0)
		return ae_fail(err, "%s: not a model file: it is empty", path);
	return ae_model_read_described(model, &from, err);
}

/* ---- what may take its place ---- */

static bool has_same_names(const struct ae_prep_source *a, const struct ae_prep_source *b)
{
	bool same = a->feature_count == b->feature_count;
	for (size_t i = 0; same && i < a->feature_count; i++)
		same = strcmp(a->features[i], b->features[i]) == 0;
	return same;
}

static bool has_same_programs(const struct ae_prep *a, const struct ae_prep *b)
{
	bool same = a->count == b->count;
	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->steps[i].program, b->steps[i].program) == 0;
	return same;
}

/* Whether the same errors are judged, of the same groups. */
static bool judges_same(const struct ae_threshold *a, const struct ae_threshold *b)
{
	const char *of = a->groups.column ? a->groups.column : "", *now = b->groups.column ? b->groups.column : "";
	return strcmp(a->metric, b->metric) == 0 && strcmp(a->reference, b->reference) == 0 && a->scaled == b->scaled &&
	       strcmp(a->smooth, b->smooth) == 0 && strcmp(of, now) == 0;
}

/* The chain was made for the model in use: another one must take and give what it does. */
static int check_fits(const struct ae_model *had, const struct ae_model *now, const char *path, struct ae_error *err)
{
	const struct ae_prep_source a = ae_model_source(had), b = ae_model_source(now);
	char is[AE_SHAPE_TEXT], was[AE_SHAPE_TEXT];
	if (!ae_shape_equal(&a.shape, &b.shape))
		return ae_fail(err, "%s: takes x of shape %s, not %s", path, ae_shape_format(&b.shape, is),
			ae_shape_format(&a.shape, was));
	if (!has_same_names(&a, &b))
		return ae_fail(err, "%s: takes x of other names, or in another order", path);
	if (!has_same_programs(&had->prep, &now->prep))
		return ae_fail(err, "%s: x goes through other programs", path);
	if (!ae_shape_equal(&had->input, &now->input))
		return ae_fail(err, "%s: its network takes %s, not %s", path, ae_shape_format(&now->input, is),
			ae_shape_format(&had->input, was));
	if (had->net && !now->net)
		return ae_fail(err, "%s: holds no network", path);
	if (had->threshold && !now->threshold)
		return ae_fail(
			err, "%s: holds no threshold; ae-thresh --fit puts one there before it gets this name", path);
	if (had->threshold && !judges_same(had->threshold, now->threshold))
		return ae_fail(err, "%s: its threshold is for another metric, smoothing or groups", path);
	if (had->stats.err_count && !now->stats.err_count)
		return ae_fail(err, "%s: holds no training errors", path);
	if (had->stats.latent.count && !now->stats.latent.count)
		return ae_fail(err, "%s: holds no statistics of the latent", path);
	return 0;
}

static void tell_bad(const struct ae_reload *r, const struct ae_error *why)
{
	static const struct ae_common loud = {0}; /* it is an error, though the program goes on */
	ae_note(r->program, &loud, "%s (the model in use stays)", why->text);
}

/* ---- start ---- */

int ae_reload_start(
	struct ae_reload *r, const struct ae_program *program, const struct ae_common *common, struct ae_error *err)
{
	mode_t mode;
	*r = (struct ae_reload){.program = program, .common = common};
	if (!common->reload)
		return 0;
	r->path = common->model;
	r->known = stamp(r->path, &mode);
	if (read_model(&r->model, &r->bytes, r->path, &r->known, mode, err) != 0)
		return -1;
	if (!r->model->net && !r->model->threshold)
		return ae_fail(
			err, "%s: holds a scaler alone: with --reload it is the model of the whole chain", r->path);
	r->looked = ae_clock_ms();
	ae_signals_take_reloads();
	return 0;
}

/* ---- headers ---- */

static int fail_behind(const struct ae_reload *r, const struct ae_reader *reader, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	const char *name = ae_reader_name(reader);
	int rc = ae_lineage_unpack(&lineage, &ae_reader_schema(reader)->lineage, err);
	const char *first = rc == 0 && lineage.prep.count ? lineage.prep.steps[0].program : NULL;
	if (rc == 0 && first && strcmp(first, r->program->name) != 0)
		ae_fail(err,
			"%s: --reload is for the first program of a chain, here %s: what it reloads comes with "
			"the stream",
			name, first);
	else if (rc == 0)
		ae_fail(err,
			"%s: --reload is for the first program of a chain, which reads no AEST: give it to the "
			"one that takes -m and reads the text",
			name);
	ae_lineage_free(&lineage);
	return -1;
}

int ae_reload_put(struct ae_reload *r, struct ae_reader *reader, struct ae_error *err)
{
	if (!r->path)
		return 0;
	if (ae_reader_format(reader) == &ae_aest_input)
		return fail_behind(r, reader, err);
	return ae_reader_put_model(reader, false, &r->bytes, err);
}

/* ---- looking ---- */

/* Reads what is there: 1 where it may take the place of what is in use, 0 where it is that, -1 and *err. */
static int read_next(struct ae_reload *r, const struct ae_file_stamp *found, mode_t mode, struct ae_error *err)
{
	ae_model_free(r->next_model);
	r->next_model = NULL;
	ae_buf_free(&r->next);
	if (read_model(&r->next_model, &r->next, r->path, found, mode, err) != 0)
		return -1;
	if (ae_buf_equal(&r->next, &r->bytes))
		return 0;
	return check_fits(r->model, r->next_model, r->path, err) == 0 ? 1 : -1;
}

bool ae_reload_look(struct ae_reload *r)
{
	struct ae_error why;
	mode_t mode;
	if (!r->path)
		return false;
	bool asked = ae_reload_taken();
	int64_t now = ae_clock_ms();
	if (!asked && now - r->looked < LOOK_MS)
		return false;
	r->looked = now;
	const struct ae_file_stamp found = stamp(r->path, &mode);
	if (!asked && ae_file_stamp_equal(&found, &r->known))
		return false;
	int rc = read_next(r, &found, mode, &why);
	bool again = rc < 0 && !asked && !ae_file_stamp_equal(&found, &r->doubtful);
	if (rc < 0 && !again)
		tell_bad(r, &why);
	if (again)
		r->doubtful = found;
	else
		r->known = found;
	return rc == 1;
}

int ae_reload_wait(const struct ae_reload *r)
{
	return r->path ? LOOK_MS : 0;
}

static void swap(struct ae_reload *r)
{
	struct ae_model *model = r->model;
	struct ae_buf bytes = r->bytes;
	r->model = r->next_model;
	r->bytes = r->next;
	r->next_model = model;
	r->next = bytes;
}

int ae_reload_take(struct ae_reload *r, struct ae_reader *reader, struct ae_error *err)
{
	swap(r);
	return ae_reader_put_model(reader, true, &r->bytes, err);
}

static void drop_next(struct ae_reload *r)
{
	ae_model_free(r->next_model);
	ae_buf_free(&r->next);
	r->next_model = NULL;
}

int ae_reload_undo(struct ae_reload *r, struct ae_reader *reader, const struct ae_error *why, struct ae_error *err)
{
	swap(r);
	drop_next(r);
	tell_bad(r, why);
	return ae_reader_put_model(reader, true, &r->bytes, err);
}

void ae_reload_settle(struct ae_reload *r, uint64_t rows)
{
	drop_next(r);
	ae_note(r->program, r->common, "%s: a new model after row %llu", r->path, (unsigned long long)rows);
}

void ae_reload_free(struct ae_reload *r)
{
	drop_next(r);
	ae_model_free(r->model);
	ae_buf_free(&r->bytes);
}

/* ---- streams that go on ---- */

int ae_past_follow(struct ae_past *past, struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	struct ae_lineage lineage = {0};
	struct ae_buf prep = {0};
	int rc = ae_lineage_unpack(&lineage, &in->lineage, err);
	if (rc == 0)
		rc = ae_prep_pack_steps(&lineage.prep, &prep, err);
	ae_lineage_free(&lineage);
	if (rc != 0) {
		ae_buf_free(&prep);
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	}
	ae_reader_go_on(reader, past->any && in->continued && ae_buf_equal(&prep, &past->prep));
	ae_buf_free(&past->prep);
	past->prep = prep;
	past->any = true;
	return 0;
}
