/* SPDX-License-Identifier: MIT */
/* Episodes of a series, row by row. */
#include <math.h>
#include <string.h>

#include "model/episodes_state.h"

size_t ae_episode_row_size(const struct ae_episode_rules *rules)
{
	size_t align = _Alignof(struct ae_episode_row);
	return (sizeof(struct ae_episode_row) + rules->more + align - 1) / align * align;
}

size_t ae_episodes_size(const struct ae_episode_rules *rules)
{
	return sizeof(struct ae_episodes_state) + (AE_EPISODE_RING + rules->n) * ae_episode_row_size(rules);
}

static void keep(
	const struct ae_episode_rules *rules, struct ae_episodes_state *s, size_t i, const struct ae_episode_row *row)
{
	struct ae_episode_row *to = ae_episode_at(rules, s, i);
	if (to != row)
		memcpy(to, row, ae_episode_row_size(rules));
}

/* The next anomaly: where thresholds differ, scores of other rows may be larger. */
static void see_peak(
	const struct ae_episode_rules *rules, struct ae_episodes_state *s, const struct ae_episode_row *row)
{
	if (!s->next_peak || row->score > ae_episode_at(rules, s, AE_EPISODE_NEXT_PEAK)->score)
		keep(rules, s, AE_EPISODE_NEXT_PEAK, row);
	s->next_peak = true;
}

static int tell_of(const struct ae_episode_rules *rules, struct ae_episodes_state *s, bool ended, bool on,
	const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct ae_episode episode = {.ended = ended,
		.on = on,
		.first = ae_episode_at(rules, s, AE_EPISODE_FIRST),
		.last = ae_episode_at(rules, s, AE_EPISODE_LAST),
		.peak = ae_episode_at(rules, s, AE_EPISODE_PEAK)};
	episode.rows = episode.last->nth - episode.first->nth + 1;
	return tell->call(tell->arg, &episode, err);
}

static bool is_within(const struct ae_episode_row *from, const struct ae_episode_row *to, int64_t ns)
{
	return ae_time_until(&from->time, &to->time) <= (uint64_t)ns;
}

/* Whether a stretch that begins with `row` goes on with the episode. */
static bool is_near(const struct ae_episode_rules *rules, struct ae_episodes_state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = ae_episode_at(rules, s, AE_EPISODE_LAST);
	if (rules->merge.ns)
		return is_within(last, row, rules->merge.ns);
	return row->nth - last->nth - 1 <= rules->merge.rows;
}

/* Whether an episode must not begin yet. */
static bool is_too_soon(
	const struct ae_episode_rules *rules, struct ae_episodes_state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = ae_episode_at(rules, s, AE_EPISODE_LAST);
	if (!s->before)
		return false;
	if (rules->refractory.ns)
		return is_within(last, row, rules->refractory.ns);
	return row->nth - last->nth <= rules->refractory.rows;
}

static int end_episode(const struct ae_episode_rules *rules, struct ae_episodes_state *s, bool on,
	const struct ae_episode_tell *tell, struct ae_error *err)
{
	s->open = s->near = false;
	return tell_of(rules, s, true, on, tell, err);
}

/* The last N rows have become a stretch. */
static void begin_stretch(const struct ae_episode_rules *rules, struct ae_episodes_state *s)
{
	unsigned first = 63U - (unsigned)__builtin_clzll(s->hot);
	const struct ae_episode_row *row = ae_episode_recent(rules, s, first);
	s->stretch = true;
	s->long_enough = s->joined = false;
	s->near = s->open && is_near(rules, s, row);
	keep(rules, s, AE_EPISODE_STRETCH_FIRST, row);
	s->next_peak &= s->near;
	for (unsigned back = first + 1; back-- > 0;)
		if (s->hot >> back & 1)
			see_peak(rules, s, ae_episode_recent(rules, s, back));
}

/* The stretch is over; its rows count no more for the next one. */
static void end_stretch(struct ae_episodes_state *s)
{
	s->held_back += s->stretch && s->long_enough && !s->joined;
	s->stretch = s->near = false;
	s->hot = s->above = 0;
}

/* A stretch that is long enough becomes an episode, or goes on with one. */
static int follow_stretch(const struct ae_episode_rules *rules, struct ae_episodes_state *s,
	const struct ae_episode_row *row, const struct ae_episode_tell *tell, struct ae_error *err)
{
	const struct ae_episode_row *first = ae_episode_at(rules, s, AE_EPISODE_STRETCH_FIRST),
				    *last = ae_episode_at(rules, s, AE_EPISODE_STRETCH_LAST);
	s->long_enough |= last->nth - first->nth + 1 >= rules->min_rows;
	if (!s->long_enough)
		return 0;
	if (s->joined || s->near) {
		keep(rules, s, AE_EPISODE_LAST, last);
		if (s->next_peak && ae_episode_at(rules, s, AE_EPISODE_NEXT_PEAK)->score >
					    ae_episode_at(rules, s, AE_EPISODE_PEAK)->score)
			keep(rules, s, AE_EPISODE_PEAK, ae_episode_at(rules, s, AE_EPISODE_NEXT_PEAK));
		s->next_peak = false;
		s->joined = true;
		return 0;
	}
	if (is_too_soon(rules, s, row))
		return 0;
	keep(rules, s, AE_EPISODE_FIRST, first);
	keep(rules, s, AE_EPISODE_LAST, last);
	keep(rules, s, AE_EPISODE_PEAK, ae_episode_at(rules, s, AE_EPISODE_NEXT_PEAK));
	s->next_peak = false;
	s->joined = s->open = s->before = true;
	return tell_of(rules, s, false, false, tell, err);
}

/* Whether a stretch can still begin with a row of the last N, and go on with the open episode. */
static bool may_begin_near(const struct ae_episode_rules *rules, struct ae_episodes_state *s)
{
	for (unsigned back = rules->n; back-- > 0;) {
		if (!(s->hot >> back & 1))
			continue;
		unsigned hot = (unsigned)__builtin_popcountll(s->hot << (63 - back)); /* from that row on */
		if (hot + rules->n - 1 - back >= rules->k && is_near(rules, s, ae_episode_recent(rules, s, back)))
			return true;
	}
	return false;
}

/* Whether no later row can go on with the open episode. */
static bool is_over(const struct ae_episode_rules *rules, struct ae_episodes_state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = ae_episode_at(rules, s, AE_EPISODE_LAST);
	if (s->stretch)
		return !s->joined && !s->near;
	if (may_begin_near(rules, s))
		return false;
	return rules->merge.ns ? !is_within(last, row, rules->merge.ns) : row->nth - last->nth > rules->merge.rows;
}

static void judge(const struct ae_episode_rules *rules, struct ae_episodes_state *s, const struct ae_episode_row *row,
	unsigned char verdict)
{
	uint64_t mask = UINT64_MAX >> (64 - rules->n);
	bool above = verdict == 1 || row->score >= rules->clear;
	s->scored++;
	keep(rules, s, AE_EPISODE_RING + (s->scored - 1) % rules->n, row);
	s->hot = (s->hot << 1 | (verdict == 1)) & mask;
	s->above = (s->above << 1 | above) & mask;
	if (verdict == 1)
		see_peak(rules, s, row);
	if (!s->stretch && (unsigned)__builtin_popcountll(s->hot) >= rules->k) {
		begin_stretch(rules, s);
		keep(rules, s, AE_EPISODE_STRETCH_LAST, row);
		return;
	}
	if (s->stretch && (unsigned)__builtin_popcountll(s->above) < rules->k) {
		end_stretch(s);
		return;
	}
	if (s->stretch && above)
		keep(rules, s, AE_EPISODE_STRETCH_LAST, row);
}

int ae_episodes_row(const struct ae_episode_rules *rules, void *state, struct ae_episode_row *row,
	unsigned char verdict, const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct ae_episodes_state *s = state;
	row->nth = ++s->rows;
	if (verdict <= 1)
		judge(rules, s, row, verdict);
	if (s->open && is_over(rules, s, row) && end_episode(rules, s, false, tell, err) != 0)
		return -1;
	return s->stretch && verdict <= 1 ? follow_stretch(rules, s, row, tell, err) : 0;
}

void ae_episodes_set_time(const struct ae_episode_rules *rules, void *state, const struct ae_time *time)
{
	for (size_t i = 0; i < AE_EPISODE_RING + rules->n; i++)
		ae_episode_at(rules, state, i)->time = *time;
}

int ae_episodes_end(
	const struct ae_episode_rules *rules, void *state, const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct ae_episodes_state *s = state;
	int rc = s->open ? end_episode(rules, s, true, tell, err) : 0;
	end_stretch(s);
	return rc;
}

bool ae_episodes_is_open(const void *state)
{
	const struct ae_episodes_state *s = state;
	return s->open;
}

uint64_t ae_episodes_take_held_back(void *state)
{
	struct ae_episodes_state *s = state;
	uint64_t n = s->held_back;
	s->held_back = 0;
	return n;
}
