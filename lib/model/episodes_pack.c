/* SPDX-License-Identifier: MIT */
/* States of episodes as messages. Only what a later row can ask for is there. */
#include "model/episodes_pack.h"

#include <math.h>

#include "core/time_pack.h"
#include "model/episodes_state.h"

enum { FIELDS = 7, ROW_FIELDS = 6 };
enum flag { STRETCH, LONG_ENOUGH, JOINED, NEAR, OPEN, BEFORE, NEXT_PEAK, FLAGS };

static uint64_t flags_of(const struct ae_episodes_state *s)
{
	return (uint64_t)s->stretch << STRETCH | (uint64_t)(s->stretch && s->long_enough) << LONG_ENOUGH |
	       (uint64_t)(s->stretch && s->joined) << JOINED | (uint64_t)(s->stretch && s->near) << NEAR |
	       (uint64_t)s->open << OPEN | (uint64_t)s->before << BEFORE | (uint64_t)s->next_peak << NEXT_PEAK;
}

/* Sets them; false if they contradict each other. */
static bool take_flags(struct ae_episodes_state *s, uint64_t flags)
{
	s->stretch = flags >> STRETCH & 1;
	s->long_enough = flags >> LONG_ENOUGH & 1;
	s->joined = flags >> JOINED & 1;
	s->near = flags >> NEAR & 1;
	s->open = flags >> OPEN & 1;
	s->before = flags >> BEFORE & 1;
	s->next_peak = flags >> NEXT_PEAK & 1;
	bool of_stretch = s->long_enough || s->joined || s->near;
	return flags >> FLAGS == 0 && (s->stretch || !of_stretch) && (s->open || !(s->joined || s->near)) &&
	       (s->before || !s->open);
}

static bool is_kept(const struct ae_episodes_state *s, enum ae_episode_kept which)
{
	switch (which) {
	case AE_EPISODE_STRETCH_FIRST:
	case AE_EPISODE_STRETCH_LAST:
		return s->stretch;
	case AE_EPISODE_NEXT_PEAK:
		return s->next_peak;
	case AE_EPISODE_LAST:
		return s->before;
	default:
		return s->open;
	}
}

static void pack_row(struct ae_pack *pack, const struct ae_episode_row *row, const struct ae_episode_more *more)
{
	ae_pack_array(pack, ROW_FIELDS);
	ae_pack_u64(pack, row->number);
	ae_pack_u64(pack, row->nth);
	ae_pack_time(pack, &row->time);
	ae_pack_f64(pack, row->score);
	ae_pack_f64(pack, row->threshold);
	more->pack(more->arg, pack, row->more);
}

void ae_episodes_pack(struct ae_pack *pack, const struct ae_episode_rules *rules, const void *state,
	const struct ae_episode_more *more)
{
	const struct ae_episodes_state *s = state;
	ae_pack_array(pack, FIELDS);
	ae_pack_u64(pack, s->rows);
	ae_pack_u64(pack, s->scored);
	ae_pack_u64(pack, s->hot);
	ae_pack_u64(pack, s->above);
	ae_pack_u64(pack, flags_of(s));
	ae_pack_array(pack, AE_EPISODE_RING);
	for (unsigned i = 0; i < AE_EPISODE_RING; i++) {
		if (is_kept(s, i))
			pack_row(pack, ae_episode_at(rules, s, i), more);
		else
			ae_pack_nil(pack);
	}
	ae_pack_array(pack, (size_t)__builtin_popcountll(s->hot));
	for (unsigned back = 0; back < rules->n; back++)
		if (s->hot >> back & 1)
			pack_row(pack, ae_episode_recent(rules, s, back), more);
}

struct taking {
	const struct ae_episodes_state *state;
	const struct ae_episode_more *more;
	const struct ae_time *time;
	uint64_t number;
};

static int take_row(const struct taking *t, struct ae_episode_row *row, const struct ae_value *value)
{
	if (ae_value_count(value) != ROW_FIELDS || ae_value_u64(ae_value_at(value, 0), &row->number) != 0 ||
		ae_value_u64(ae_value_at(value, 1), &row->nth) != 0 ||
		ae_value_time(ae_value_at(value, 2), &row->time) != 0 ||
		ae_value_f64(ae_value_at(value, 3), &row->score) != 0 ||
		ae_value_f64(ae_value_at(value, 4), &row->threshold) != 0 ||
		t->more->take(t->more->arg, row->more, ae_value_at(value, 5)) != 0)
		return -1;
	return row->nth == 0 || row->nth > t->state->rows || row->number < row->nth || row->number > t->number ||
			       isnan(row->score) || ae_time_is_before(t->time, &row->time)
		       ? -1
		       : 0;
}

static int take_kept(const struct taking *t, const struct ae_episode_rules *rules, const struct ae_value *rows)
{
	const struct ae_episodes_state *s = t->state;
	if (ae_value_count(rows) != AE_EPISODE_RING)
		return -1;
	for (unsigned i = 0; i < AE_EPISODE_RING; i++)
		if (is_kept(s, i) && take_row(t, ae_episode_at(rules, s, i), ae_value_at(rows, i)) != 0)
			return -1;
	const struct ae_episode_row *first = ae_episode_at(rules, s, AE_EPISODE_FIRST);
	const struct ae_episode_row *last = ae_episode_at(rules, s, AE_EPISODE_LAST);
	const struct ae_episode_row *from = ae_episode_at(rules, s, AE_EPISODE_STRETCH_FIRST);
	const struct ae_episode_row *to = ae_episode_at(rules, s, AE_EPISODE_STRETCH_LAST);
	bool turned = (s->open && first->nth > last->nth) || (s->stretch && from->nth > to->nth);
	return turned || (s->stretch && s->before && last->nth > to->nth) ? -1 : 0;
}

static int take_ring(const struct taking *t, const struct ae_episode_rules *rules, const struct ae_value *rows)
{
	struct ae_walk walk = ae_walk_in(rows);
	const struct ae_value *row;
	if (ae_value_count(rows) != (size_t)__builtin_popcountll(t->state->hot))
		return -1;
	for (unsigned back = 0; back < rules->n; back++)
		if (t->state->hot >> back & 1 &&
			!(ae_walk_next(&walk, &row) && take_row(t, ae_episode_recent(rules, t->state, back), row) == 0))
			return -1;
	return 0;
}

int ae_episodes_unpack(const struct ae_episode_rules *rules, void *state, const struct ae_value *value,
	const struct ae_episode_more *more, const struct ae_time *time, uint64_t number)
{
	struct ae_episodes_state *s = state;
	const struct taking t = {s, more, time, number};
	uint64_t beyond = ~(UINT64_MAX >> (64 - rules->n)), flags;
	if (ae_value_count(value) != FIELDS || ae_value_u64(ae_value_at(value, 0), &s->rows) != 0 ||
		ae_value_u64(ae_value_at(value, 1), &s->scored) != 0 ||
		ae_value_u64(ae_value_at(value, 2), &s->hot) != 0 ||
		ae_value_u64(ae_value_at(value, 3), &s->above) != 0 || ae_value_u64(ae_value_at(value, 4), &flags) != 0)
		return -1;
	if (s->rows > number || s->scored > s->rows || s->hot & beyond || s->above & beyond || !take_flags(s, flags))
		return -1;
	return take_kept(&t, rules, ae_value_at(value, 5)) == 0 && take_ring(&t, rules, ae_value_at(value, 6)) == 0
		       ? 0
		       : -1;
}

bool ae_episodes_packed_is_open(const struct ae_value *value)
{
	uint64_t flags;
	return ae_value_u64(ae_value_at(value, 4), &flags) == 0 && flags >> OPEN & 1;
}
