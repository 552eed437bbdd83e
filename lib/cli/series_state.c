/* SPDX-License-Identifier: MIT */
/* The file of --state. */
#include "cli/series_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/endian.h"
#include "core/msgpack.h"
#include "core/outfile.h"
#include "core/sha256.h"
#include "core/time_pack.h"
#include "model/episodes_pack.h"
#include "model/lineage_values.h"

enum { VERSION = 1, HEAD = 4, FIELDS = 6, FLUSH = 1 << 20, SHOWN = 300 };
#define MAGIC "AESF"
#define EPISODES "episodes"
#define BAD_VALUES "bad values of a group"
#define ANEW "; remove the file to start anew"

void ae_series_state_digest(const struct ae_series *s, unsigned char digest[AE_DIGEST_SIZE])
{
	const struct ae_column *column = &s->in->cols[s->layout.column];
	enum ae_type key = s->group != AE_NO_COLUMN ? s->in->cols[s->group].type : AE_TEXT;
	char shape[AE_SHAPE_TEXT];
	struct ae_sha256 sha = {0};
	ae_sha256_init(&sha);
	ae_shape_format(&column->shape, shape);
	ae_sha256_field(&sha, shape, strlen(shape));
	ae_sha256_field(&sha, ae_type_name(column->type), strlen(ae_type_name(column->type)));
	ae_sha256_field(&sha, ae_type_name(key), strlen(ae_type_name(key)));
	for (size_t i = 0; i < column->feature_count; i++)
		ae_sha256_field(&sha, column->features[i], strlen(column->features[i]));
	ae_sha256_final(&sha, digest);
}

char *ae_series_settings(const struct ae_series *s, struct ae_error *err)
{
	char *text = NULL, gap[AE_DURATION_TEXT] = "";
	const char *group = s->by.group ? s->by.group : "";
	if (s->by.max_gap)
		ae_duration_format(s->by.max_gap, gap);
	if (asprintf(&text, "%s%s%s%s%s", s->layout.settings, *group ? ", group " : "", group,
		    s->by.max_gap ? ", max-gap " : "", gap) < 0) {
		ae_fail_memory(err);
		return NULL;
	}
	return text;
}

/* ---- writing ---- */

struct writer {
	const struct ae_series *series;
	struct ae_outfile *file;
	struct ae_buf out;
	struct ae_pack pack;
};

static int flush(struct writer *w)
{
	if (w->pack.failed)
		return -1;
	int rc = ae_outfile_write(w->file, w->out.data, w->out.len, w->pack.err);
	w->out.len = 0;
	return rc;
}

static int write_head(struct writer *w, const char *settings)
{
	ae_pack_array(&w->pack, HEAD);
	ae_pack_str(&w->pack, MAGIC);
	ae_pack_u64(&w->pack, VERSION);
	ae_pack_map(&w->pack, 4U + (w->series->lineage.len != 0) + (w->series->episodes != NULL));
	ae_pack_str(&w->pack, "program");
	ae_pack_str(&w->pack, w->series->program->name);
	ae_pack_str(&w->pack, "settings");
	ae_pack_str(&w->pack, settings);
	ae_pack_str(&w->pack, "columns");
	ae_pack_bin(&w->pack, w->series->columns, AE_DIGEST_SIZE);
	if (w->series->lineage.len) {
		ae_pack_str(&w->pack, "lineage");
		ae_pack_bin(&w->pack, w->series->lineage.data, w->series->lineage.len);
	}
	ae_pack_str(&w->pack, "groups");
	ae_pack_u64(&w->pack, ae_groups_count(w->series->groups));
	if (w->series->episodes) {
		ae_pack_str(&w->pack, EPISODES);
		w->series->episodes->pack(w->series->episodes->arg, &w->pack);
	}
	ae_pack_crc(&w->pack, 0);
	return flush(w);
}

/* How many numbers the values are, in memory (or, `little`, in a file). */
static size_t count_of(const struct ae_series *s, const unsigned char *values, bool little)
{
	double first = 0;
	size_t bytes;
	if (s->layout.needs)
		memcpy(&first, values, sizeof(first));
	if (little)
		ae_little_endian(&first, sizeof(first), 1);
	return ae_series_needs(s, first, &bytes);
}

static int write_group(void *arg, const void *key, size_t len, const void *state)
{
	struct writer *w = arg;
	const struct ae_series_group *group = state;
	size_t start = w->out.len;
	ae_pack_array(&w->pack, FIELDS);
	ae_pack_bin(&w->pack, key, len);
	ae_pack_u64(&w->pack, group->rows);
	ae_pack_bool(&w->pack, group->timed);
	ae_pack_time(&w->pack, &group->time);
	ae_pack_numbers(&w->pack, group->values, ae_type_size(w->series->layout.type),
		count_of(w->series, group->values, false));
	ae_pack_crc(&w->pack, start);
	return w->out.len >= FLUSH ? flush(w) : 0;
}

static int write_episodes(void *arg, const void *key, size_t len, const void *state)
{
	struct writer *w = arg;
	size_t start = w->out.len;
	w->series->episodes->pack_group(w->series->episodes->arg, &w->pack, key, len, state, 1);
	ae_pack_crc(&w->pack, start);
	return w->out.len >= FLUSH ? flush(w) : 0;
}

static int write_groups(struct writer *w)
{
	const struct ae_series_episodes *episodes = w->series->episodes;
	int rc = ae_groups_each(w->series->groups, write_group, w);
	if (rc == 0 && episodes)
		rc = ae_groups_each(episodes->groups(episodes->arg), write_episodes, w);
	return rc == 0 ? flush(w) : -1;
}

int ae_series_state_write(const struct ae_series *s, struct ae_outfile *file, struct ae_error *err)
{
	struct writer w = {.series = s, .file = file, .pack = {.err = err}};
	struct stat status;
	if (stat(s->options->state, &status) == 0 && S_ISFIFO(status.st_mode)) /* which would be waited for */
		return ae_fail(err, "--state %s: is no regular file", s->options->state);
	char *settings = ae_series_settings(s, err);
	w.pack.out = &w.out;
	int rc = settings ? ae_outfile_open(file, s->options->state, err) : -1;
	if (rc == 0) {
		file->sync = true;
		rc = write_head(&w, settings);
		if (rc == 0)
			rc = write_groups(&w);
		if (rc != 0)
			ae_outfile_abandon(file);
	}
	free(settings);
	ae_buf_free(&w.out);
	return rc == 0 ? 0 : ae_fail_in(err, "--state: ");
}

/* ---- reading ---- */

struct file {
	struct ae_buf bytes;
	size_t at;
};

/* The next message, an array whose checksum holds; its elements live as long as the bytes. NULL and *err. */
static const struct ae_value *next_message(struct file *f, struct ae_error *err)
{
	size_t size, left = f->bytes.len - f->at;
	const unsigned char *bytes = f->bytes.data + f->at;
	int got = left ? ae_msg_scan(bytes, left, left, &size, err) : 0;
	if (got == 0)
		ae_fail(err, "the file is cut");
	if (got != 1 || ae_msg_check(bytes, size, err) != 0)
		return NULL;
	f->at += size;
	return ae_value_scanned(bytes);
}

static int check_settings(const struct ae_series *s, const struct ae_value *map, struct ae_error *err)
{
	char program[64] = "";
	const char *there = "none";
	size_t there_len = strlen(there);
	if (ae_value_word(ae_value_get(map, "program"), program, sizeof(program)) != 0)
		return ae_fail(err, "it does not say whose state it is");
	if (strcmp(program, s->program->name) != 0)
		return ae_fail(err, "the state of %s, not of %s", program, s->program->name);
	char *here = ae_series_settings(s, err);
	if (!here)
		return -1;
	int rc = ae_value_str(ae_value_get(map, "settings"), &there, &there_len);
	if (rc != 0 || there_len != strlen(here) || memcmp(here, there, there_len) != 0)
		rc = ae_fail(err, "a state of other settings: it has %.*s, this run %s" ANEW,
			(int)(there_len < SHOWN ? there_len : SHOWN), there, here);
	free(here);
	return rc;
}

static int check_columns(const struct ae_series *s, const struct ae_value *map, struct ae_error *err)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(ae_value_get(map, "columns"), &bytes, &len) != 0 || len != AE_DIGEST_SIZE ||
		memcmp(bytes, s->columns, AE_DIGEST_SIZE) != 0)
		return ae_fail(err, "the state of another %s: names, type, number or order of its columns differ" ANEW,
			s->in->cols[s->layout.column].name);
	return 0;
}

/* The rows that go on must be made as those before: their scores or values mean another thing otherwise. Where it is
   no matter by which model, *other_model says that it was another one. */
static int check_lineage(const struct ae_series *s, const struct ae_value *map, bool *other_model, struct ae_error *err)
{
	const struct ae_value *value = ae_value_get(map, "lineage");
	const unsigned char *bytes = NULL;
	struct ae_buf had = {0};
	size_t len = 0;
	*other_model = false;
	if (value && ae_value_bin(value, &bytes, &len) != 0)
		return ae_fail(err, "bad lineage");
	int rc = ae_buf_set(&had, bytes, len, err);
	if (rc == 0 && s->layout.of_any_model)
		rc = ae_lineage_take_model(&had, &s->lineage, other_model, err);
	if (rc == 0 && ae_lineage_check_values(&had, &s->lineage, err) != 0) {
		(void)ae_fail_in(err, "made of ");
		rc = ae_fail_more(err, ANEW);
	}
	ae_buf_free(&had);
	return rc;
}

/* Those of the file. A state of a run that kept none is taken: they start anew. */
static int check_episodes(const struct ae_series *s, const struct ae_value *map, bool other_model, struct ae_error *err)
{
	const struct ae_value *episodes = ae_value_get(map, EPISODES);
	if (episodes && !s->episodes)
		return ae_fail(err, "it has episodes, with which --episodes, --exec or --prom go on" ANEW);
	return episodes ? s->episodes->take(s->episodes->arg, episodes, other_model, err) : 0;
}

struct counts {
	uint64_t groups, episodes;
};

static bool take_counts(struct counts *n, const struct ae_value *map)
{
	const struct ae_value *episodes = ae_value_get(map, EPISODES);
	n->episodes = 0;
	return ae_value_u64(ae_value_get(map, "groups"), &n->groups) == 0 &&
	       (!episodes || ae_value_u64(ae_value_get(episodes, "groups"), &n->episodes) == 0);
}

/* The map in the head of a file, and how many messages of each kind follow. NULL and *err. */
static const struct ae_value *read_map(struct file *f, struct counts *n, struct ae_error *err)
{
	char magic[sizeof(MAGIC)];
	uint64_t version;
	const struct ae_value *head = next_message(f, err), *map = NULL;
	if (!head || ae_value_count(head) != HEAD || ae_value_word(ae_value_at(head, 0), magic, sizeof(magic)) != 0 ||
		strcmp(magic, MAGIC) != 0)
		ae_fail(err, "no file of --state");
	else if (ae_value_u64(ae_value_at(head, 1), &version) != 0 || version != VERSION)
		ae_fail(err, "a state of a later version");
	else if (!take_counts(n, ae_value_at(head, 2)))
		ae_fail(err, "bad number of groups");
	else
		map = ae_value_at(head, 2);
	return map;
}

static int read_head(const struct ae_series *s, struct file *f, struct counts *n, struct ae_error *err)
{
	const struct ae_value *map = read_map(f, n, err);
	bool other_model;
	if (!map || check_settings(s, map, err) != 0 || check_lineage(s, map, &other_model, err) != 0 ||
		check_columns(s, map, err) != 0 || check_episodes(s, map, other_model, err) != 0)
		return -1;
	if (other_model)
		ae_note(s->program, s->common,
			"--state %s: of the scores of another model: it goes on with those of this one",
			s->options->state);
	return 0;
}

/* Whether a key can be one of the column of groups. */
static bool is_key(const struct ae_series *s, size_t len)
{
	if (s->group == AE_NO_COLUMN)
		return len == 0;
	enum ae_type type = s->in->cols[s->group].type;
	return type == AE_TEXT || len == ae_type_size(type);
}

/* Fills a group that is new. Of a file that keeps all zeros, as once all did, what there is room for is taken. */
static int take_values(const struct ae_series *s, struct ae_series_group *group, const unsigned char *values,
	size_t len, struct ae_error *err)
{
	size_t width = ae_type_size(s->layout.type), bytes;
	double first = 0;
	size_t count = len >= sizeof(first) ? count_of(s, values, true) : s->layout.count;
	if (len != count * width && len != s->layout.count * width)
		return ae_fail(err, BAD_VALUES);
	if (s->layout.needs) {
		memcpy(&first, values, sizeof(first));
		ae_little_endian(&first, sizeof(first), 1);
	}
	(void)ae_series_needs(s, first, &bytes);
	group = ae_groups_grow_last(s->groups, sizeof(*group) + bytes, err);
	if (!group)
		return -1;
	group->size = bytes > group->size ? bytes : group->size;
	ae_copy_little_endian(group->values, values, width, count);
	return s->layout.restore && !s->layout.restore(s->layout.arg, group->values, first) ? ae_fail(err, BAD_VALUES)
											    : 0;
}

static int read_group(const struct ae_series *s, struct file *f, struct ae_error *err)
{
	const unsigned char *key, *values;
	size_t key_len, len;
	uint64_t rows;
	struct ae_time time;
	bool timed;
	const struct ae_value *m = next_message(f, err);
	if (!m)
		return -1;
	if (ae_value_count(m) != FIELDS || ae_value_bin(ae_value_at(m, 0), &key, &key_len) != 0 ||
		!is_key(s, key_len) || ae_value_u64(ae_value_at(m, 1), &rows) != 0 ||
		ae_value_bool(ae_value_at(m, 2), &timed) != 0 || ae_value_time(ae_value_at(m, 3), &time) != 0 ||
		ae_value_bin(ae_value_at(m, 4), &values, &len) != 0)
		return ae_fail(err, BAD_VALUES);
	struct ae_series_group *group = ae_groups_state(s->groups, key, key_len, err);
	if (!group)
		return -1;
	if (group->rows || group->timed)
		return ae_fail(err, "a group that is there twice");
	group->rows = rows;
	group->timed = timed;
	group->time = time;
	if (group->size == 0)
		group->size = s->size;
	return take_values(s, group, values, len, err);
}

int ae_series_state_read(struct ae_series *s, const char *path, struct ae_error *err)
{
	struct file f = {0};
	struct stat status;
	struct counts n;
	if (stat(path, &status) != 0)
		return errno == ENOENT ? 0 : ae_fail_errno(err, "--state %s", path);
	if (!S_ISREG(status.st_mode))
		return 0;
	if (ae_read_file(&f.bytes, path, err) != 0)
		return ae_fail_in(err, "--state ");
	int rc = read_head(s, &f, &n, err);
	for (uint64_t i = 0; rc == 0 && i < n.groups; i++)
		rc = read_group(s, &f, err);
	for (uint64_t i = 0; rc == 0 && i < n.episodes; i++) {
		const struct ae_value *message = next_message(&f, err);
		rc = message ? s->episodes->take_group(s->episodes->arg, message, err) : -1;
	}
	if (rc == 0 && f.at != f.bytes.len)
		rc = ae_fail(err, "bytes behind the last group");
	ae_buf_free(&f.bytes);
	return rc == 0 ? 0 : ae_fail_in(err, "--state %s: ", path);
}

/* ---- describing ---- */

bool ae_series_is_state(const char *path)
{
	unsigned char bytes[6] = {0};
	int fd = ae_open(path, O_RDONLY, 0);
	struct stat status;
	bool regular = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	bool is = regular && pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) &&
		  memcmp(bytes, "\x94\xa4" MAGIC, sizeof(bytes)) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

static int take_info(struct ae_series_state_info *info, const struct ae_value *map, struct ae_error *err)
{
	const unsigned char *bytes = NULL;
	const char *settings;
	size_t len = 0, settings_len;
	const struct ae_value *lineage = ae_value_get(map, "lineage");
	if (ae_value_word(ae_value_get(map, "program"), info->program, sizeof(info->program)) != 0 ||
		ae_value_str(ae_value_get(map, "settings"), &settings, &settings_len) != 0 ||
		(lineage && ae_value_bin(lineage, &bytes, &len) != 0))
		return ae_fail(err, "it does not say whose state it is");
	const struct ae_value *episodes = ae_value_get(map, EPISODES);
	info->has_episodes = episodes;
	if (episodes && (ae_value_u64(ae_value_get(episodes, "rows"), &info->episode_rows) != 0 ||
				ae_value_u64(ae_value_get(episodes, "episodes"), &info->episodes) != 0))
		return ae_fail(err, "bad counts of episodes");
	if (ae_buf_set(&info->settings, settings, settings_len, err) != 0 ||
		ae_buf_append(&info->settings, "", 1, err) != 0)
		return -1;
	return ae_buf_set(&info->lineage, bytes, len, err);
}

/* A message of a group, or of its episodes: both have its time in the same place. */
static int take_group_info(
	struct ae_series_state_info *info, const struct ae_value *m, bool episodes, struct ae_error *err)
{
	uint64_t rows;
	struct ae_time time;
	bool timed;
	if (ae_value_count(m) != FIELDS || ae_value_u64(ae_value_at(m, 1), &rows) != 0 ||
		ae_value_bool(ae_value_at(m, 2), &timed) != 0 || ae_value_time(ae_value_at(m, 3), &time) != 0)
		return ae_fail(err, BAD_VALUES);
	info->rows += episodes ? 0 : rows;
	info->open += episodes && ae_episodes_packed_is_open(ae_value_at(m, 4));
	if (timed && (!info->timed || ae_time_is_before(&info->last, &time)))
		info->last = time;
	info->timed |= timed;
	return 0;
}

int ae_series_state_describe(struct ae_series_state_info *info, const char *path, struct ae_error *err)
{
	struct file f = {0};
	int rc = ae_read_file(&f.bytes, path, err);
	struct counts n;
	const struct ae_value *map = rc == 0 ? read_map(&f, &n, err) : NULL;
	rc = map ? take_info(info, map, err) : -1;
	for (uint64_t i = 0; rc == 0 && i < n.groups + n.episodes; i++) {
		const struct ae_value *m = next_message(&f, err);
		rc = m ? take_group_info(info, m, i >= n.groups, err) : -1;
	}
	if (rc == 0) {
		info->groups = n.groups ? n.groups : n.episodes;
		info->rows = n.groups ? info->rows : info->episode_rows;
	}
	ae_buf_free(&f.bytes);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", path);
}
