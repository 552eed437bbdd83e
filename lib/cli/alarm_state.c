/* SPDX-License-Identifier: MIT */
/* Episodes that go on over a restart. */
#include "cli/alarm_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/time_pack.h"
#include "model/episodes_pack.h"

enum { FIELDS = 5, COUNTS = 4, SHOWN = 100 };
#define ANEW "; remove the file to start anew"

/* ---- rules ---- */

/* Whose texts must be those of the file. */
enum rule { K_OF_N, MIN_ROWS, CLEAR, MERGE_GAP, REFRACTORY, GROUP, TIME, TOP, THRESHOLD, RULES };
static const char *const names[] = {
	"k-of-n", "min-rows", "clear", "merge-gap", "refractory", "group", "time", "top", "threshold"};

static void format_span(char *text, size_t size, const struct ae_span *span)
{
	char time[AE_DURATION_TEXT];
	if (span->ns)
		snprintf(text, size, "%s", ae_duration_format(span->ns, time));
	else
		snprintf(text, size, "%llu", (unsigned long long)span->rows);
}

static const char *column_name(const struct ae_alarm *a, size_t column)
{
	return column == AE_NO_COLUMN ? "none" : a->in->cols[column].name;
}

/* The text of a rule, in `room` if it is no name. */
static const char *rule_text(const struct ae_alarm *a, enum rule which, char *room, size_t size)
{
	const struct ae_episode_rules *r = &a->rules;
	char number[AE_NUMBER_TEXT] = "none";
	if (!isnan(r->clear))
		ae_number_format_f64(number, r->clear);
	switch (which) {
	case K_OF_N:
		snprintf(room, size, "%u/%u", r->k, r->n);
		return room;
	case MIN_ROWS:
		snprintf(room, size, "%llu", (unsigned long long)r->min_rows);
		return room;
	case CLEAR:
		snprintf(room, size, "%s", number);
		return room;
	case MERGE_GAP:
		format_span(room, size, &r->merge);
		return room;
	case REFRACTORY:
		format_span(room, size, &r->refractory);
		return room;
	case GROUP:
		return column_name(a, a->group);
	case TIME:
		return column_name(a, a->columns.time);
	case TOP:
		snprintf(room, size, "%u", a->columns.tops);
		return room;
	default:
		return a->threshold;
	}
}

/* A new model has a new threshold; any other change of a rule would make episodes that no run makes. */
static int check_rules(const struct ae_alarm *a, const struct ae_value *map, bool other_model, struct ae_error *err)
{
	char room[SHOWN];
	for (enum rule i = 0; i < RULES; i++) {
		const char *here = rule_text(a, i, room, sizeof(room)), *there;
		size_t len;
		if (i == THRESHOLD && other_model)
			continue;
		if (ae_value_str(ae_value_get(map, names[i]), &there, &len) != 0)
			return ae_fail(err, "episodes of unknown %s", names[i]);
		if (len != strlen(here) || memcmp(there, here, len) != 0)
			return ae_fail(err, "episodes of other rules: it has %s %.*s, this run %s %s" ANEW, names[i],
				(int)(len < SHOWN ? len : SHOWN), there, names[i], here);
	}
	return 0;
}

/* ---- rows ---- */

static void pack_more(const void *arg, struct ae_pack *pack, const unsigned char *more)
{
	ae_alarm_kept_pack(arg, pack, more);
}

static int take_more(const void *arg, unsigned char *more, const struct ae_value *value)
{
	return ae_alarm_kept_take(arg, more, value);
}

/* ---- writing ---- */

static const struct ae_groups *groups(const void *arg)
{
	const struct ae_alarm *a = arg;
	return a->groups;
}

static void pack(const void *arg, struct ae_pack *to)
{
	const struct ae_alarm *a = arg;
	const struct {
		const char *name;
		uint64_t value;
	} counts[COUNTS] = {{"rows", a->counts.rows}, {"anomalies", a->counts.anomalies},
		{"episodes", a->counts.episodes}, {"groups", ae_groups_count(a->groups)}};
	char room[SHOWN];
	ae_pack_map(to, RULES + COUNTS);
	for (enum rule i = 0; i < RULES; i++) {
		ae_pack_str(to, names[i]);
		ae_pack_str(to, rule_text(a, i, room, sizeof(room)));
	}
	for (size_t i = 0; i < COUNTS; i++) {
		ae_pack_str(to, counts[i].name);
		ae_pack_u64(to, counts[i].value);
	}
}

static void pack_group(
	const void *arg, struct ae_pack *to, const void *key, size_t len, const void *state, size_t closing)
{
	const struct ae_alarm *a = arg;
	const struct ae_alarm_group *group = state;
	const struct ae_episode_more more = {pack_more, take_more, &a->columns};
	ae_pack_array(to, FIELDS + closing);
	ae_pack_bin(to, key, len);
	ae_pack_u64(to, group->id);
	ae_pack_bool(to, group->timed);
	ae_pack_time(to, &group->time);
	ae_episodes_pack(to, &a->rules, group->state, &more);
}

/* ---- reading ---- */

static int take(void *arg, const struct ae_value *map, bool other_model, struct ae_error *err)
{
	struct ae_alarm *a = arg;
	struct ae_alarm_counts *c = &a->counts;
	if (check_rules(a, map, other_model, err) != 0)
		return -1;
	if (ae_value_u64(ae_value_get(map, "rows"), &c->rows) != 0 ||
		ae_value_u64(ae_value_get(map, "anomalies"), &c->anomalies) != 0 ||
		ae_value_u64(ae_value_get(map, "episodes"), &c->episodes) != 0 || c->anomalies > c->rows ||
		c->episodes > c->anomalies)
		return ae_fail(err, "bad counts of episodes");
	return 0;
}

static int take_group(void *arg, const struct ae_value *message, struct ae_error *err)
{
	struct ae_alarm *a = arg;
	const struct ae_episode_more more = {pack_more, take_more, &a->columns};
	const unsigned char *key;
	size_t len, before = ae_groups_count(a->groups);
	uint64_t forgotten = ae_groups_forgotten(a->groups);
	if (ae_value_count(message) != FIELDS + 1 || ae_value_bin(ae_value_at(message, 0), &key, &len) != 0 ||
		(a->group == AE_NO_COLUMN && len > 0))
		return ae_fail(err, "bad episodes of a group");
	struct ae_alarm_group *group = ae_groups_state(a->groups, key, len, err);
	if (!group)
		return -1;
	if (ae_groups_count(a->groups) == before && ae_groups_forgotten(a->groups) == forgotten)
		return ae_fail(err, "episodes of a group that are there twice");
	a->forgotten = ae_groups_forgotten(a->groups);
	if (ae_value_u64(ae_value_at(message, 1), &group->id) != 0 || group->id > a->counts.episodes ||
		ae_value_bool(ae_value_at(message, 2), &group->timed) != 0 ||
		ae_value_time(ae_value_at(message, 3), &group->time) != 0 ||
		ae_episodes_unpack(
			&a->rules, group->state, ae_value_at(message, 4), &more, &group->time, a->counts.rows) != 0)
		return ae_fail(err, "bad episodes of a group");
	a->counts.open += ae_episodes_is_open(group->state);
	return 0;
}

struct ae_series_episodes ae_alarm_state(struct ae_alarm *alarm)
{
	return (struct ae_series_episodes){groups, pack, pack_group, take, take_group, alarm};
}
