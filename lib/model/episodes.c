/* SPDX-License-Identifier: MIT */
/* Episodes of a series, row by row. */
#include "model/episodes.h"

#include <math.h>
#include <string.h>

/* The state of a group; behind it the rows of enum kept, and a ring of the last N rows with a verdict. */
struct state {
	uint64_t rows, scored, held_back;
	uint64_t hot, above; /* of the last N: bit 0 is the last row */
	bool stretch;        /* K of the last N are */
	bool long_enough;    /* it has min_rows */
	bool joined;         /* it is, or goes on with, the episode */
	bool near;           /* it would go on with the episode */
	bool open;           /* an episode was begun */
	bool before;         /* there was one: its last row is kept */
	bool next_peak;      /* that is kept */
};

/* NEXT_PEAK: of a stretch; where it would go on with the episode, of all anomalies since LAST, as in between are some
   that make no stretch. */
enum kept { STRETCH_FIRST, STRETCH_LAST, NEXT_PEAK, FIRST, LAST, PEAK, RING };

size_t ae_episode_row_size(const struct ae_episode_rules *rules)
{
	size_t align = _Alignof(struct ae_episode_row);
	return (sizeof(struct ae_episode_row) + rules->more + align - 1) / align * align;
}

size_t ae_episodes_size(const struct ae_episode_rules *rules)
{
	return sizeof(struct state) + (RING + rules->n) * ae_episode_row_size(rules);
}

static struct ae_episode_row *at(const struct ae_episode_rules *rules, struct state *s, size_t i)
{
	return (void *)((unsigned char *)(s + 1) + i * ae_episode_row_size(rules));
}

/* The row with a verdict that came `back` such rows ago. */
static struct ae_episode_row *recent(const struct ae_episode_rules *rules, struct state *s, unsigned back)
{
	return at(rules, s, RING + (s->scored - 1 - back) % rules->n);
}

static void keep(const struct ae_episode_rules *rules, struct state *s, size_t i, const struct ae_episode_row *row)
{
	struct ae_episode_row *to = at(rules, s, i);
	if (to != row)
		memcpy(to, row, ae_episode_row_size(rules));
}

/* The next anomaly: where thresholds differ, scores of other rows may be larger. */
static void see_peak(const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row)
{
	if (!s->next_peak || row->score > at(rules, s, NEXT_PEAK)->score)
		keep(rules, s, NEXT_PEAK, row);
	s->next_peak = true;
}

static int tell_of(const struct ae_episode_rules *rules, struct state *s, bool ended, bool on,
	const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct ae_episode episode = {.ended = ended,
		.on = on,
		.first = at(rules, s, FIRST),
		.last = at(rules, s, LAST),
		.peak = at(rules, s, PEAK)};
	episode.rows = episode.last->nth - episode.first->nth + 1;
	return tell->call(tell->arg, &episode, err);
}

static bool is_within(const struct ae_episode_row *from, const struct ae_episode_row *to, int64_t ns)
{
	return ae_time_until(&from->time, &to->time) <= (uint64_t)ns;
}

/* Whether a stretch that begins with `row` goes on with the episode. */
static bool is_near(const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = at(rules, s, LAST);
	if (rules->merge.ns)
		return is_within(last, row, rules->merge.ns);
	return row->nth - last->nth - 1 <= rules->merge.rows;
}

/* Whether an episode must not begin yet. */
static bool is_too_soon(const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = at(rules, s, LAST);
	if (!s->before)
		return false;
	if (rules->refractory.ns)
		return is_within(last, row, rules->refractory.ns);
	return row->nth - last->nth <= rules->refractory.rows;
}

static int end_episode(const struct ae_episode_rules *rules, struct state *s, bool on,
	const struct ae_episode_tell *tell, struct ae_error *err)
{
	s->open = s->near = false;
	return tell_of(rules, s, true, on, tell, err);
}

/* The last N rows have become a stretch. */
static void begin_stretch(const struct ae_episode_rules *rules, struct state *s)
{
	unsigned first = 63U - (unsigned)__builtin_clzll(s->hot);
	const struct ae_episode_row *row = recent(rules, s, first);
	s->stretch = true;
	s->long_enough = s->joined = false;
	s->near = s->open && is_near(rules, s, row);
	keep(rules, s, STRETCH_FIRST, row);
	s->next_peak &= s->near;
	for (unsigned back = first + 1; back-- > 0;)
		if (s->hot >> back & 1)
			see_peak(rules, s, recent(rules, s, back));
}

/* The stretch is over; its rows count no more for the next one. */
static void end_stretch(struct state *s)
{
	s->held_back += s->stretch && s->long_enough && !s->joined;
	s->stretch = s->near = false;
	s->hot = s->above = 0;
}

/* A stretch that is long enough becomes an episode, or goes on with one. */
static int follow_stretch(const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row,
	const struct ae_episode_tell *tell, struct ae_error *err)
{
	const struct ae_episode_row *first = at(rules, s, STRETCH_FIRST), *last = at(rules, s, STRETCH_LAST);
	s->long_enough |= last->nth - first->nth + 1 >= rules->min_rows;
	if (!s->long_enough)
		return 0;
	if (s->joined || s->near) {
		keep(rules, s, LAST, last);
		if (s->next_peak && at(rules, s, NEXT_PEAK)->score > at(rules, s, PEAK)->score)
			keep(rules, s, PEAK, at(rules, s, NEXT_PEAK));
		s->next_peak = false;
		s->joined = true;
		return 0;
	}
	if (is_too_soon(rules, s, row))
		return 0;
	keep(rules, s, FIRST, first);
	keep(rules, s, LAST, last);
	keep(rules, s, PEAK, at(rules, s, NEXT_PEAK));
	s->next_peak = false;
	s->joined = s->open = s->before = true;
	return tell_of(rules, s, false, false, tell, err);
}

/* Whether a stretch can still begin with a row of the last N, and go on with the open episode. */
static bool may_begin_near(const struct ae_episode_rules *rules, struct state *s)
{
	for (unsigned back = rules->n; back-- > 0;) {
		if (!(s->hot >> back & 1))
			continue;
		unsigned hot = (unsigned)__builtin_popcountll(s->hot << (63 - back)); /* from that row on */
		if (hot + rules->n - 1 - back >= rules->k && is_near(rules, s, recent(rules, s, back)))
			return true;
	}
	return false;
}

/* Whether no later row can go on with the open episode. */
static bool is_over(const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row)
{
	const struct ae_episode_row *last = at(rules, s, LAST);
	if (s->stretch)
		return !s->joined && !s->near;
	if (may_begin_near(rules, s))
		return false;
	return rules->merge.ns ? !is_within(last, row, rules->merge.ns) : row->nth - last->nth > rules->merge.rows;
}

static void judge(
	const struct ae_episode_rules *rules, struct state *s, const struct ae_episode_row *row, unsigned char verdict)
{
	uint64_t mask = UINT64_MAX >> (64 - rules->n);
	bool above = verdict == 1 || row->score >= rules->clear;
	s->scored++;
	keep(rules, s, RING + (s->scored - 1) % rules->n, row);
	s->hot = (s->hot << 1 | (verdict == 1)) & mask;
	s->above = (s->above << 1 | above) & mask;
	if (verdict == 1)
		see_peak(rules, s, row);
	if (!s->stretch && (unsigned)__builtin_popcountll(s->hot) >= rules->k) {
		begin_stretch(rules, s);
		keep(rules, s, STRETCH_LAST, row);
		return;
	}
	if (s->stretch && (unsigned)__builtin_popcountll(s->above) < rules->k) {
		end_stretch(s);
		return;
	}
	if (s->stretch && above)
		keep(rules, s, STRETCH_LAST, row);
}

int ae_episodes_row(const struct ae_episode_rules *rules, void *state, struct ae_episode_row *row,
	unsigned char verdict, const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct state *s = state;
	row->nth = ++s->rows;
	if (verdict <= 1)
		judge(rules, s, row, verdict);
	if (s->open && is_over(rules, s, row) && end_episode(rules, s, false, tell, err) != 0)
		return -1;
	return s->stretch && verdict <= 1 ? follow_stretch(rules, s, row, tell, err) : 0;
}

void ae_episodes_set_time(const struct ae_episode_rules *rules, void *state, const struct ae_time *time)
{
	for (size_t i = 0; i < RING + rules->n; i++)
		at(rules, state, i)->time = *time;
}

int ae_episodes_end(
	const struct ae_episode_rules *rules, void *state, const struct ae_episode_tell *tell, struct ae_error *err)
{
	struct state *s = state;
	int rc = s->open ? end_episode(rules, s, true, tell, err) : 0;
	end_stretch(s);
	return rc;
}

bool ae_episodes_is_open(const void *state)
{
	const struct state *s = state;
	return s->open;
}

uint64_t ae_episodes_take_held_back(void *state)
{
	struct state *s = state;
	uint64_t n = s->held_back;
	s->held_back = 0;
	return n;
}
