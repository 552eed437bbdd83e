/* SPDX-License-Identifier: MIT */
/* Rows of a series, in groups that each have a state. */
#include "cli/series.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/series_state.h"
#include "core/number.h"
#include "core/stop.h"
#include "core/timestamp.h"
#include "model/lineage_values.h"
#include "stream/group_column.h"

/* The state is written when all rows are: a place where it cannot be is said before the first one. Of two programs with
   one state the later would replace what the other keeps. A run before this one may just be ending. */
static int take_state(struct ae_series *s, const char *path, struct ae_error *err)
{
	enum { WAIT_MS = 1000 };
	struct ae_outfile file;
	int got = 1;
	if (!path)
		return 0;
	if (ae_outfile_reserve(&file, path, err) != 0)
		return ae_fail_in(err, "--state: ");
	if (file.target)
		got = ae_name_lock_take(&s->lock, file.target, WAIT_MS, err);
	ae_outfile_abandon(&file);
	if (got == 0)
		return ae_fail(err, "--state %s: in use by another program: each one needs a file of its own", path);
	return got < 0 ? ae_fail_in(err, "--state: ") : 0;
}

int ae_max_gap_parse(int64_t *ns, const char *text, struct ae_error *err)
{
	if (!text || ae_duration_parse(ns, text) == 0)
		return 0;
	return ae_fail_usage(err, "--max-gap %s: expected a time such as 500ms, 90s, 15m, 1.5h or 7d, above 0", text);
}

int ae_series_start(struct ae_series *s, struct ae_error *err)
{
	s->anew = (struct ae_anew){.program = s->program, .common = s->common, .most = s->options->max_groups};
	if (ae_max_gap_parse(&s->by.max_gap, s->options->max_gap, err) != 0)
		return -1;
	if (s->options->group && !(s->by.group = ae_strdup(s->options->group, err)))
		return -1;
	return take_state(s, s->options->state, err);
}

/* ---- columns ---- */

int ae_series_no_time(const char *option, struct ae_error *err)
{
	return ae_fail(
		err, "%s: no column of role \"time\": where the text is read, --time COL says which it is", option);
}

static int find_columns(struct ae_series *s, struct ae_error *err)
{
	const char *group = s->by.group;
	s->group = AE_NO_COLUMN;
	if (group && ae_group_column_find(&s->group, s->in, "--group", group, err) != 0)
		return -1;
	s->time = s->by.max_gap ? ae_schema_find(s->in, AE_TIME) : AE_NO_COLUMN;
	if (s->by.max_gap && s->time == AE_NO_COLUMN)
		return ae_series_no_time("--max-gap", err);
	if (s->by.max_gap && ae_shape_size(&s->in->cols[s->time].shape) != 1)
		return ae_fail(err, "--max-gap: column \"%s\" has several values a row", s->in->cols[s->time].name);
	return 0;
}

/* Whether what is kept means the same for this stream. Takes its settings over. */
static int find_same(struct ae_series *s, bool *same, struct ae_error *err)
{
	unsigned char before[AE_DIGEST_SIZE];
	char *settings = ae_series_settings(s, err);
	if (!settings)
		return -1;
	memcpy(before, s->columns, sizeof(before));
	ae_series_state_digest(s, s->columns);
	*same = s->settings && strcmp(settings, s->settings) == 0 && memcmp(before, s->columns, sizeof(before)) == 0;
	free(s->settings);
	s->settings = settings;
	return 0;
}

/* Keeps the groups where the stream goes on, else drops those that there are. */
static int take_groups_on(struct ae_series *s, const struct ae_reader *reader, struct ae_error *err)
{
	bool same;
	if (find_same(s, &same, err) != 0)
		return -1;
	if (s->groups && same && ae_reader_goes_on(reader))
		return 0;
	if (s->groups && s->in->continued && s->layout.count)
		ae_note(s->program, s->common, "with the new model %s: %s anew", ae_reader_otherwise(reader),
			s->by.group ? "all groups start" : "what follows from the rows before starts");
	ae_groups_free(s->groups);
	s->groups = NULL;
	return 0;
}

int ae_series_begin(struct ae_series *s, const struct ae_reader *reader, const struct ae_series_layout *layout,
	struct ae_error *err)
{
	size_t bytes = ae_product(layout->count, ae_type_size(layout->type));
	s->in = ae_reader_schema(reader);
	s->name = ae_reader_name(reader);
	s->layout = *layout;
	s->asked.group = NULL;
	s->done = 0;
	if (find_columns(s, err) != 0 || take_groups_on(s, reader, err) != 0)
		return -1;
	ae_rows_free(&s->kept);
	if (ae_rows_init(&s->kept, s->in->count, err) != 0)
		return -1;
	if (bytes > SIZE_MAX - sizeof(struct ae_series_group) ||
		layout->derived > SIZE_MAX - sizeof(struct ae_series_group) - bytes)
		return ae_fail_memory(err);
	(void)ae_series_needs(s, 0, &s->size);
	s->forgotten = s->groups ? s->forgotten : 0;
	if (!s->groups &&
		ae_groups_new(&s->groups, s->options->max_groups, sizeof(struct ae_series_group) + s->size, err) != 0)
		return -1;
	if (ae_lineage_pack_values(&s->lineage, &s->in->lineage, err) != 0)
		return -1;
	bool first = !s->begun;
	s->begun = true;
	s->clock = s->clock ? s->clock : ae_clock_ms;
	s->saved = first ? s->clock() : s->saved;
	s->unsaved = !first;
	if (!first || !s->options->state)
		return 0;
	int rc = ae_series_state_read(s, s->options->state, err);
	s->forgotten = ae_groups_forgotten(s->groups);
	return rc;
}

/* ---- rows ---- */

/* Says on which line or row of which input. */
static void note_row(const struct ae_series *s, const struct ae_place *place, const char *what)
{
	char at[AE_PLACE_TEXT];
	ae_note(s->program, s->common, "%s: %s: %s", s->name, ae_place_format(place, at), what);
}

/* A bad row: --on-bad says what becomes of it. */
static int leave_out(struct ae_series *s, const struct ae_place *place, const char *what, struct ae_error *err)
{
	char text[400], at[AE_PLACE_TEXT];
	bool skip = s->common->in.on_bad && strcmp(s->common->in.on_bad, "skip") == 0;
	if (!skip)
		return ae_fail(err, "%s: %s: %s; --on-bad skip leaves such rows out", s->name,
			ae_place_format(place, at), what);
	if (s->bad++ == 0) {
		snprintf(text, sizeof(text), "%s: left out", what);
		note_row(s, place, text);
	}
	size_t row = place->batch->first + place->row;
	if (s->common->in.rejects && ae_buf_append(&s->rejected, &row, sizeof(row), err) != 0)
		return -1;
	return ae_series_drop(s, place->row, err);
}

enum { SHOWN = 80 }; /* characters of a time in messages */

/* The text of a row's time, in `number` if it is one. */
static const char *time_text(
	const struct ae_series *s, const struct ae_batch *in, size_t row, size_t *len, char number[AE_NUMBER_TEXT])
{
	enum ae_type type = s->in->cols[s->time].type;
	double value;
	if (type == AE_TEXT)
		return ae_data_text(in->cols[s->time], row, len);
	ae_to_f64(&value, in->cols[s->time]->values.data + row * ae_type_size(type), type, 1);
	*len = ae_number_format_f64(number, value);
	return number;
}

/* 1 with the time of a row, or as ae_series_row. */
static int read_time(struct ae_series *s, const struct ae_place *place, struct ae_time *time, struct ae_error *err)
{
	char number[AE_NUMBER_TEXT], what[300];
	size_t len;
	const char *text = time_text(s, place->batch, place->row, &len, number);
	int shown = (int)(len < SHOWN ? len : SHOWN);
	enum ae_timestamp kind = ae_time_parse(time, text, len);
	if (kind == AE_TIMESTAMP_NOT) {
		snprintf(what, sizeof(what),
			"time \"%.*s\" is neither like 2026-11-27T18:49:00Z nor seconds since 1970, of the years 0 to "
			"9999",
			shown, text);
		return leave_out(s, place, what, err);
	}
	if (kind >= AE_TIMESTAMP_MS && !s->told_unit) {
		snprintf(what, sizeof(what), "time \"%.*s\" is taken for %sseconds since 1970", shown, text,
			kind == AE_TIMESTAMP_MS   ? "milli"
			: kind == AE_TIMESTAMP_US ? "micro"
						  : "nano");
		note_row(s, place, what);
		s->told_unit = true;
	}
	return 1;
}

/* Whether a row at this time goes on with its group's state, which is emptied after a gap: as ae_series_row. */
static int follow_time(struct ae_series *s, const struct ae_place *place, struct ae_series_group *group,
	const struct ae_time *time, struct ae_error *err)
{
	if (group->timed && ae_time_is_before(time, &group->time)) {
		char number[AE_NUMBER_TEXT], what[300];
		size_t len;
		const char *text = time_text(s, place->batch, place->row, &len, number);
		snprintf(what, sizeof(what),
			"time \"%.*s\" runs backwards: it is earlier than that of the row before%s",
			(int)(len < SHOWN ? len : SHOWN), text, s->by.group ? " in its group" : "");
		return leave_out(s, place, what, err);
	}
	if (group->timed && ae_time_until(&group->time, time) > (uint64_t)s->by.max_gap) {
		if (ae_buf_set(&s->asked.values, group->values, group->size, err) != 0)
			return -1;
		s->asked.began_anew = true;
		memset(group->values, 0, group->size);
		group->rows = 0;
		s->gaps++;
	}
	group->timed = true;
	group->time = *time;
	return 1;
}

static struct ae_series_group *group_of(struct ae_series *s, const struct ae_place *place, struct ae_error *err)
{
	const void *key = "";
	size_t len = 0;
	enum ae_type type = s->group != AE_NO_COLUMN ? s->in->cols[s->group].type : AE_TEXT;
	if (s->group != AE_NO_COLUMN && type == AE_TEXT) {
		key = ae_data_text(place->batch->cols[s->group], place->row, &len);
	} else if (s->group != AE_NO_COLUMN) {
		len = ae_type_size(type);
		key = place->batch->cols[s->group]->values.data + place->row * len;
	}
	struct ae_series_group *group = ae_groups_state(s->groups, key, len, err);
	if (group && group->size == 0)
		group->size = s->size;
	if (!group || ae_groups_forgotten(s->groups) == s->forgotten)
		return group;
	key = ae_groups_last_forgotten(s->groups, &len);
	ae_anew_add(&s->anew, s->name, place, type, key, len);
	s->forgotten++;
	return group;
}

int ae_series_row(struct ae_series *s, const struct ae_batch *in, size_t row, struct ae_series_group **group,
	struct ae_error *err)
{
	const struct ae_place place = {in, row, s->done};
	struct ae_time time = {0};
	int rc = s->by.max_gap ? read_time(s, &place, &time, err) : 1;
	if (rc != 1)
		return rc;
	size_t count = ae_groups_count(s->groups);
	uint64_t forgotten = s->forgotten;
	*group = s->asked.group = group_of(s, &place, err);
	if (!*group)
		return -1;
	s->asked.is_new = ae_groups_count(s->groups) > count || s->forgotten > forgotten;
	s->asked.rows = (*group)->rows;
	s->asked.time = (*group)->time;
	s->asked.timed = (*group)->timed;
	s->asked.began_anew = false;
	rc = s->by.max_gap ? follow_time(s, &place, *group, &time, err) : 1;
	s->good += rc == 1;
	return rc;
}

/* A row that is left out has not been: nor its time, the gap before it, and the group if it is its first. */
static void undo_row(struct ae_series *s)
{
	struct ae_series_group *group = s->asked.group;
	if (!group)
		return;
	group->rows = s->asked.rows;
	group->time = s->asked.time;
	group->timed = s->asked.timed;
	if (s->asked.began_anew) {
		memcpy(group->values, s->asked.values.data, s->asked.values.len);
		s->gaps--;
	}
	if (s->asked.is_new)
		ae_groups_forget_last(s->groups);
	s->asked.group = NULL;
}

int ae_series_bad(struct ae_series *s, const struct ae_batch *in, size_t row, const char *what, struct ae_error *err)
{
	const struct ae_place place = {in, row, s->done};
	undo_row(s);
	s->good--;
	return leave_out(s, &place, what, err);
}

size_t ae_series_needs(const struct ae_series *s, double first, size_t *bytes)
{
	size_t count = s->layout.count, derived = s->layout.derived;
	if (s->layout.needs)
		s->layout.needs(s->layout.arg, first, &count, &derived);
	*bytes = count * ae_type_size(s->layout.type) + derived;
	return count;
}

/* The numbers stay, and what follows from them has another place. */
int ae_series_grow(struct ae_series *s, struct ae_series_group **group, struct ae_error *err)
{
	double first;
	size_t bytes;
	memcpy(&first, (*group)->values, sizeof(first));
	size_t count = ae_series_needs(s, first, &bytes);
	if (ae_series_needs(s, first + 1, &bytes) == count)
		return 0;
	if (bytes > (*group)->size) {
		struct ae_series_group *grown =
			ae_groups_grow_last(s->groups, sizeof(struct ae_series_group) + bytes, err);
		if (!grown)
			return -1;
		*group = s->asked.group = grown;
		grown->size = bytes;
	}
	size_t kept = count * sizeof(first);
	memset((*group)->values + kept, 0, (*group)->size - kept);
	return s->layout.restore(s->layout.arg, (*group)->values, first + 1) ? 0
									     : ae_fail(err, "bad values of a group");
}

int ae_series_drop(struct ae_series *s, size_t row, struct ae_error *err)
{
	return ae_buf_append(&s->dropped, &row, sizeof(row), err);
}

const struct ae_batch *ae_series_kept(struct ae_series *s, const struct ae_batch *in, struct ae_error *err)
{
	const size_t *dropped = (const void *)s->dropped.data;
	size_t count = s->dropped.len / sizeof(*dropped), row = 0;
	s->done += in->rows;
	s->unsaved |= in->rows > 0;
	s->dropped.len = 0;
	ae_series_idle(s);
	if (count == 0)
		return in;
	ae_rows_clear(&s->kept);
	for (size_t i = 0; i <= count; row = dropped[i++] + 1) {
		size_t end = i < count ? dropped[i] : in->rows;
		if (end > row && ae_rows_append(&s->kept, s->in, in, row, end - row, err) != 0)
			return NULL;
		if (i == count)
			break;
	}
	return &s->kept.batch;
}

int ae_series_idle(struct ae_series *s)
{
	return ae_anew_tell(&s->anew);
}

/* What goes wrong may be right the next time: it is an error at the end alone. */
static bool save(const struct ae_series *s)
{
	struct ae_error err;
	struct ae_outfile file;
	if (ae_series_state_write(s, &file, &err) == 0 && ae_outfile_commit(&file, true, &err) == 0)
		return true;
	ae_note(s->program, s->common, "%s", err.text);
	return false;
}

/* Whether no process writes the state any more; with `wait` it waits for that. */
static bool is_written(struct ae_series *s, bool wait)
{
	int status = 0;
	pid_t got = 0;
	if (s->writing <= 0)
		return true;
	do
		got = waitpid(s->writing, &status, wait ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	s->writing = 0;
	s->unsaved |= got < 0 || status != 0;
	return true;
}

int ae_series_settled(struct ae_series *s)
{
	enum { SECOND = 1000, MINUTE = 60 * SECOND };
	if (!s->options->state || !s->groups)
		return 0;
	if (!is_written(s, false))
		return SECOND;
	if (!s->unsaved)
		return 0;
	int64_t now = s->clock(), due = s->saved + MINUTE;
	if (now < due)
		return (int)(due - now);
	s->saved = now;
	s->unsaved = false;
	s->writing = fork();
	if (s->writing == 0) {
		/* A run that follows one that was killed must not find its file replaced. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(save(s) ? 0 : 1);
	}
	if (s->writing < 0)
		s->unsaved = !save(s);
	return SECOND;
}

int ae_series_last(struct ae_series *s, struct ae_error *err)
{
	if (!s->options->state)
		return 0;
	is_written(s, true);
	s->open = ae_series_state_write(s, &s->file, err) == 0;
	s->unsaved &= !s->open;
	return s->open ? 0 : -1;
}

struct ae_outfile *ae_series_also(struct ae_series *s)
{
	return s->options->state ? &s->file : NULL;
}

void ae_series_note(const struct ae_series *s)
{
	char gap[AE_DURATION_TEXT];
	ae_anew_end(&s->anew);
	if (s->gaps)
		ae_note(s->program, s->common, "%llu gap%s longer than %s (--max-gap): the group starts anew after %s",
			(unsigned long long)s->gaps, s->gaps > 1 ? "s" : "", ae_duration_format(s->by.max_gap, gap),
			s->gaps > 1 ? "each" : "it");
	if (s->bad)
		ae_note(s->program, s->common, "%llu bad row%s left out%s", (unsigned long long)s->bad,
			s->bad > 1 ? "s" : "", s->good ? "" : ": not one row is left");
}

void ae_series_free(struct ae_series *s)
{
	is_written(s, true);
	if (s->open)
		ae_outfile_abandon(&s->file);
	ae_grouping_free(&s->by);
	ae_name_lock_free(&s->lock);
	ae_groups_free(s->groups);
	free(s->settings);
	ae_buf_free(&s->rejected);
	ae_buf_free(&s->dropped);
	ae_buf_free(&s->asked.values);
	ae_buf_free(&s->lineage);
	ae_rows_free(&s->kept);
}
