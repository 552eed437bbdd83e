/* SPDX-License-Identifier: MIT */
/* A model's file that is looked at while a stream runs. */
#include "cli/reload.h"

#include <sys/stat.h>

#include "cli/carried.h"
#include "cli/reload_fits.h"
#include "core/stop.h"
#include "io/signals.h"
#include "model/lineage.h"
#include "model/lineage_values.h"

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
	if (ae_read_regular_file(bytes, path, err) != 0) /* another file than a moment ago, perhaps */
		return -1;
	const struct ae_model_from from = {path, bytes->data, bytes->len};
	if (bytes->len == 0)
		return ae_fail(err, "%s: not a model file: it is empty", path);
	return ae_model_read_described(model, &from, err);
}

/* ---- start ---- */

static void tell_bad(const struct ae_reload *r, const struct ae_error *why)
{
	static const struct ae_common loud = {0}; /* it is an error, though the program goes on */
	ae_note(r->program, &loud, "%s (the model in use stays)", why->text);
}

int ae_reload_start(
	struct ae_reload *r, const struct ae_program *program, const struct ae_common *common, struct ae_error *err)
{
	mode_t mode;
	*r = (struct ae_reload){.program = program, .common = common};
	if (!common->reload)
		return 0;
	r->path = common->model;
	r->known = stamp(r->path, &mode);
	if (ae_carried_name(&r->of, r->path, err) != 0 ||
		read_model(&r->model, &r->bytes, r->path, &r->known, mode, err) != 0)
		return -1;
	if (!r->model->net && !r->model->threshold)
		return ae_fail(
			err, "%s: holds a scaler alone: with --reload it is the model of the whole chain", r->path);
	r->looked = ae_clock_ms();
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
	return ae_reader_put_model(reader, false, &r->bytes, &r->of, err);
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
	return ae_reload_fits(r->model, r->next_model, r->path, (int)r->common->threads, err) == 0 ? 1 : -1;
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
	return ae_reader_put_model(reader, true, &r->bytes, &r->of, err);
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
	return ae_reader_put_model(reader, true, &r->bytes, &r->of, err);
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
	ae_buf_free(&r->of);
}

/* ---- streams that go on ---- */

int ae_past_follow(struct ae_past *past, struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	struct ae_buf values = {0};
	bool goes_on = past->any && in->continued;
	const char *otherwise = NULL;
	if (ae_lineage_pack_values(&values, &in->lineage, err) != 0 ||
		(goes_on && ae_lineage_find_otherwise(&otherwise, &past->values, &values, err) != 0)) {
		ae_buf_free(&values);
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	}
	ae_reader_go_on(reader, goes_on && !otherwise, otherwise);
	ae_buf_free(&past->values);
	past->values = values;
	past->any = true;
	return 0;
}
