/* SPDX-License-Identifier: MIT */
/* Rows in groups, their episodes, and where the records go. */
#include "cli/alarm.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/stop.h"
#include "core/timestamp.h"
#include "eval/observed.h"
#include "io/signals.h"
#include "stream/group_column.h"

/* What is told of a group. */
struct told {
	struct ae_alarm *alarm;
	struct ae_alarm_group *group;
	const char *key;
	size_t len;
};

/* ---- start ---- */

static int open_file(struct ae_alarm *a, const char *path, struct ae_error *err)
{
	static const struct ae_log_text text = {0};
	int rc = ae_append_open_any(&a->append, &a->file, path, &text, err);
	a->logs = rc == 0;
	if (rc == 0)
		ae_signals_tell_broken(&a->file);
	if (rc == 0)
		rc = ae_append_begin(&a->append, NULL, 0, err);
	return rc == 0 ? 0 : ae_fail_in(err, "--episodes: ");
}

int ae_alarm_start(struct ae_alarm *a, struct ae_error *err)
{
	const char *path = a->options->episodes;
	if (ae_alarm_rules(&a->rules, a->options, err) != 0)
		return -1;
	if (ae_max_gap_parse(&a->max_gap, a->series->max_gap, err) != 0)
		return -1;
	a->anew = (struct ae_anew){.program = a->program, .common = a->common, .most = a->series->max_groups};
	a->instead = path && strcmp(path, "-") == 0;
	a->exec.program = a->prom.program = a->program;
	a->exec.common = a->prom.common = a->common;
	if (a->options->exec && ae_alarm_exec_start(&a->exec, a->options->exec, a->options->exec_timeout, err) != 0)
		return -1;
	if (ae_alarm_prom_start(&a->prom, a->options->prom, err) != 0)
		return -1;
	return path && !a->instead ? open_file(a, path, err) : 0;
}

/* ---- records ---- */

/* Drops the records that the writer was given by ae_alarm_take. */
static void forget_taken(struct ae_alarm *a)
{
	if (a->taken)
		ae_data_clear(&a->records);
	a->taken = false;
}

/* What the file does not have yet, in one write. */
static int write_lines(struct ae_alarm *a, struct ae_error *err)
{
	const unsigned char *lines = a->lines.data;
	size_t len = a->lines.len;
	if (len == 0)
		return 0;
	a->lines.len = 0;
	int rc = ae_append_lines(&a->append, lines, len, err);
	return rc == 0 ? 0 : ae_fail_in(err, "--episodes: ");
}

static int put(struct ae_alarm *a, struct ae_error *err)
{
	enum { MUCH = 1 << 16 };
	const unsigned char *line = a->line.data;
	size_t len = a->line.len;
	if (a->exec.path && ae_alarm_exec_add(&a->exec, &a->line, err) != 0)
		return -1;
	if (a->instead)
		return ae_data_append_text(&a->records, (const char *)line, len, err);
	if (!a->logs)
		return 0;
	if (ae_buf_append(&a->lines, line, len, err) != 0)
		return -1;
	return a->lines.len < MUCH ? 0 : write_lines(a, err);
}

static int tell(void *arg, const struct ae_episode *episode, struct ae_error *err)
{
	struct told *t = arg;
	struct ae_alarm *a = t->alarm;
	if (!episode->ended)
		t->group->id = ++a->counts.episodes;
	a->counts.open += episode->ended ? (uint64_t)-1 : 1;
	const struct ae_alarm_event event = {.episode = episode,
		.id = t->group->id,
		.group = a->group != AE_NO_COLUMN ? t->key : NULL,
		.group_len = t->len,
		.digest = a->lineage->has_digest ? a->lineage->digest : NULL};
	a->line.len = 0;
	return ae_alarm_record(&a->line, &a->columns, &event, err) == 0 ? put(a, err) : -1;
}

static int end_group(void *arg, const void *key, size_t len, void *state, struct ae_error *err)
{
	struct told told = {.alarm = arg, .group = state, .key = key, .len = len};
	const struct ae_episode_tell to = {tell, &told};
	int rc = ae_episodes_end(&told.alarm->rules, told.group->state, &to, err);
	told.alarm->counts.held_back += ae_episodes_take_held_back(told.group->state);
	return rc;
}

struct ending {
	struct ae_alarm *alarm;
	struct ae_error *err;
};

static int end_each(void *arg, const void *key, size_t len, const void *state)
{
	const struct ending *e = arg;
	return end_group(e->alarm, key, len, (void *)(uintptr_t)state, e->err);
}

/* Ends the episodes that are going on, of groups by that column. */
static int end_groups_of(struct ae_alarm *a, size_t column, struct ae_error *err)
{
	struct ending ending = {a, err};
	size_t now = a->group;
	forget_taken(a);
	a->group = column;
	int rc = ae_groups_each(a->groups, end_each, &ending);
	a->group = now;
	return rc == 0 ? write_lines(a, err) : rc;
}

/* ---- streams ---- */

static int find_columns(struct ae_alarm *a, size_t group, struct ae_error *err)
{
	const char *said = a->series->group;
	ae_alarm_find_columns(&a->columns, a->in);
	a->group = group;
	if (said && ae_group_column_find(&a->group, a->in, "--group", said, err) != 0)
		return -1;
	const char *timed = a->rules.merge.ns        ? "--merge-gap"
			    : a->rules.refractory.ns ? "--refractory"
			    : a->max_gap             ? "--max-gap"
						     : NULL;
	if (timed && a->columns.time == AE_NO_COLUMN)
		return ae_series_no_time(timed, err);
	return 0;
}

/* Once: records of rows without times say where an episode is by its rows alone. */
static void note_no_time(struct ae_alarm *a)
{
	if (!a->options->episodes || a->untimed || a->columns.time != AE_NO_COLUMN)
		return;
	a->untimed = true;
	ae_note(a->program, a->common,
		"%s: no column of role \"time\": records of episodes have numbers of rows and no times; "
		"--time COL of %s says which column has them",
		a->name, ae_reader_is_text(a->reader) ? a->program->name : "the program that reads the text");
}

int ae_alarm_begin(struct ae_alarm *a, const struct ae_reader *reader, const struct ae_lineage *lineage, size_t group,
	struct ae_error *err)
{
	a->in = ae_reader_schema(reader);
	a->name = ae_reader_name(reader);
	a->reader = reader;
	a->lineage = lineage;
	a->done = 0;
	a->observed = ae_observed_find_number(a->in);
	size_t before = a->group;
	if (find_columns(a, group, err) != 0)
		return ae_fail_in(err, "%s: ", a->name);
	note_no_time(a);
	bool goes_on = a->groups && ae_reader_goes_on(reader); /* with the same columns: its rows keep their size */
	if (goes_on && a->group == before)
		return 0;
	if (goes_on && end_groups_of(a, before, err) != 0)
		return -1;
	if (a->groups && a->in->continued)
		ae_note(a->program, a->common, "with the new model %s: episodes start anew",
			goes_on ? "the threshold is for groups of another column" : ae_reader_otherwise(reader));
	a->forgotten = 0;
	a->rules.more = ae_alarm_kept_size(&a->columns);
	free(a->row);
	a->row = ae_calloc(1, ae_episode_row_size(&a->rules), err);
	ae_groups_free(a->groups);
	a->groups = NULL;
	size_t size = sizeof(struct ae_alarm_group) + ae_episodes_size(&a->rules);
	if (!a->row || ae_groups_new(&a->groups, a->series->max_groups, size, err) != 0)
		return -1;
	ae_groups_on_forget(a->groups, end_group, a);
	return 0;
}

int ae_alarm_judged_by(struct ae_alarm *a, const struct ae_threshold *threshold, double at, struct ae_error *err)
{
	enum { BYTES = 8 };
	char rule[AE_THRESHOLD_TEXT], number[AE_NUMBER_TEXT], text[AE_DIGEST_TEXT];
	unsigned char digest[AE_DIGEST_SIZE];
	struct ae_sha256 sha = {0};
	struct ae_buf packed = {0};
	ae_number_format_f64(number, threshold ? threshold->value : at);
	snprintf(a->threshold, sizeof(a->threshold), "%s", isnan(at) ? "follows" : number);
	if (!threshold)
		return 0;
	if (ae_threshold_pack(threshold, &packed, err) != 0) {
		ae_buf_free(&packed);
		return -1;
	}
	ae_sha256_init(&sha);
	ae_sha256_field(&sha, packed.data, packed.len);
	ae_sha256_final(&sha, digest);
	ae_buf_free(&packed);
	snprintf(a->threshold, sizeof(a->threshold), "%s (%s, %s)", number, ae_threshold_format(&threshold->rule, rule),
		ae_digest_format(text, digest, BYTES));
	return 0;
}

/* ---- rows ---- */

static struct ae_alarm_group *group_of(struct ae_alarm *a, const struct ae_batch *in, size_t row, struct told *told,
	char number[AE_NUMBER_TEXT], struct ae_error *err)
{
	told->key = "";
	told->len = 0;
	if (a->group != AE_NO_COLUMN)
		told->key = ae_data_cell(&a->in->cols[a->group], in->cols[a->group], row, number, &told->len);
	told->group = ae_groups_state(a->groups, told->key, told->len, err);
	if (!told->group || ae_groups_forgotten(a->groups) == a->forgotten)
		return told->group;
	const struct ae_place place = {in, row, a->done};
	size_t len;
	const void *key = ae_groups_last_forgotten(a->groups, &len);
	ae_anew_add(&a->anew, a->name, &place, AE_TEXT, key, len);
	a->forgotten++;
	return told->group;
}

/* Whether a row has a time, and none earlier than that of the row before. */
static bool has_time(struct ae_alarm *a, const struct ae_batch *in, size_t row, const struct ae_alarm_group *group,
	struct ae_time *now)
{
	char number[AE_NUMBER_TEXT], at[AE_PLACE_TEXT];
	size_t len, time = a->columns.time;
	const char *text = ae_data_cell(&a->in->cols[time], in->cols[time], row, number, &len);
	if (ae_time_parse(now, text, len) != AE_TIMESTAMP_NOT &&
		!(group->timed && ae_time_is_before(now, &group->time)))
		return true;
	const struct ae_place place = {in, row, a->done};
	if (a->bad_times++ == 0)
		ae_note(a->program, a->common,
			"%s: %s: time \"%.*s\" is none, or earlier than that of the row before: for episodes it is "
			"taken for the same",
			a->name, ae_place_format(&place, at), (int)(len < 80 ? len : 80), text);
	return false;
}

static int follow_time(
	struct ae_alarm *a, const struct ae_batch *in, size_t row, const struct told *told, struct ae_error *err)
{
	struct ae_alarm_group *group = told->group;
	struct ae_time now;
	if (has_time(a, in, row, group, &now)) {
		bool gap = a->max_gap && group->timed && ae_time_until(&group->time, &now) > (uint64_t)a->max_gap;
		if (gap && end_group(a, told->key, told->len, group, err) != 0)
			return -1;
		if (!group->timed)
			ae_episodes_set_time(&a->rules, group->state, &now);
		group->time = now;
		group->timed = true;
	}
	a->row->time = group->time;
	return 0;
}

static void count_batch(struct ae_alarm *a, const struct ae_batch *in, double score, double threshold)
{
	struct timespec now;
	const double *observed = a->observed == AE_NO_COLUMN ? NULL : (void *)in->cols[a->observed]->values.data;
	a->counts.observed = observed ? observed[in->rows - 1] : NAN;
	clock_gettime(CLOCK_REALTIME, &now);
	a->counts.last_row = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	a->counts.score = score;
	a->counts.threshold = threshold;
	a->prom.changed = true;
}

int ae_alarm_rows(struct ae_alarm *a, const struct ae_batch *in, const double *score, const double *threshold,
	const unsigned char *pred, struct ae_error *err)
{
	bool timed = a->rules.merge.ns || a->rules.refractory.ns || a->max_gap;
	struct told told = {.alarm = a};
	const struct ae_episode_tell to = {tell, &told};
	char number[AE_NUMBER_TEXT];
	forget_taken(a);
	for (size_t row = 0; row < in->rows; row++) {
		struct ae_alarm_group *group = group_of(a, in, row, &told, number, err);
		if (!group || (timed && follow_time(a, in, row, &told, err) != 0))
			return -1;
		a->row->number = ++a->counts.rows;
		a->row->score = score[row];
		a->row->threshold = threshold[row];
		a->counts.anomalies += pred[row] == 1;
		a->counts.unjudged += pred[row] > 1;
		ae_alarm_keep(&a->columns, in, row, a->row);
		if (ae_episodes_row(&a->rules, group->state, a->row, pred[row], &to, err) != 0)
			return -1;
		a->counts.held_back += ae_episodes_take_held_back(group->state);
	}
	if (write_lines(a, err) != 0)
		return -1;
	a->done += in->rows;
	if (in->rows)
		count_batch(a, in, score[in->rows - 1], threshold[in->rows - 1]);
	ae_alarm_idle(a);
	return 0;
}

/* ---- ends ---- */

/* What others count. */
static void count_others(struct ae_alarm *a)
{
	struct ae_alarm_counts *c = &a->counts, before = *c;
	if (a->reader) {
		const struct ae_left_out *out = ae_reader_left_out(a->reader);
		c->rejected = out->of[AE_LEFT_OUT_BAD].count + out->of[AE_LEFT_OUT_MISSING].count +
			      (a->left_out ? *a->left_out : 0);
	}
	c->taken = a->exec.done;
	c->failed = a->exec.failed;
	c->dropped = a->exec.dropped;
	c->waiting = a->exec.waiting + (a->exec.child != 0);
	a->prom.changed |= memcmp(&before, c, sizeof(before)) != 0;
}

int ae_alarm_last(struct ae_alarm *a, bool final, struct ae_error *err)
{
	forget_taken(a);
	int rc = final && a->series->state ? write_lines(a, err) : end_groups_of(a, a->group, err);
	count_others(a);
	return rc;
}

int ae_alarm_idle(struct ae_alarm *a)
{
	int again = ae_sooner(ae_anew_tell(&a->anew), ae_alarm_exec_tend(&a->exec));
	count_others(a);
	return ae_sooner(again, ae_alarm_prom_tend(&a->prom, &a->counts));
}

void ae_alarm_close(struct ae_alarm *a, bool failed)
{
	a->reader = NULL;
	if (failed && a->logs)
		ae_append_fail(&a->append); /* episodes that were going on have no end in the file */
	ae_alarm_exec_finish(&a->exec, failed);
	count_others(a);
	ae_alarm_prom_finish(&a->prom, &a->counts);
}

/* Closing a copy of the descriptor tells what closing it would: the file may still need its mark. */
static int check_close(const struct ae_alarm *a, struct ae_error *err)
{
	int fd = fcntl(a->file.fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && (close(fd) == 0 || errno == EINTR))
		return 0;
	return ae_fail_errno(err, "--episodes: %s", a->file.path);
}

int ae_alarm_finish(struct ae_alarm *a, struct ae_error *err)
{
	ae_anew_end(&a->anew);
	if (a->bad_times)
		ae_note(a->program, a->common, "%llu row%s without a time that goes on, for episodes",
			(unsigned long long)a->bad_times, a->bad_times > 1 ? "s" : "");
	if (a->counts.held_back)
		ae_note(a->program, a->common, "%llu episode%s held back by --refractory",
			(unsigned long long)a->counts.held_back, a->counts.held_back > 1 ? "s" : "");
	return a->logs ? check_close(a, err) : 0;
}

void ae_alarm_free(struct ae_alarm *a)
{
	if (a->logs)
		ae_outfile_abandon(&a->file);
	ae_append_free(&a->append);
	ae_alarm_exec_free(&a->exec);
	ae_groups_free(a->groups);
	free(a->row);
	ae_buf_free(&a->line);
	ae_buf_free(&a->lines);
	ae_data_free(&a->records);
}
