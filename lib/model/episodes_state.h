/* SPDX-License-Identifier: MIT */
/* What is kept of a group for its episodes; for the files of episodes.h alone. */
#ifndef AE_MODEL_EPISODES_STATE_H
#define AE_MODEL_EPISODES_STATE_H

#include "model/episodes.h"

/* Behind it the rows of enum ae_episode_kept, and a ring of the last N rows with a verdict. */
struct ae_episodes_state {
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
enum ae_episode_kept {
	AE_EPISODE_STRETCH_FIRST,
	AE_EPISODE_STRETCH_LAST,
	AE_EPISODE_NEXT_PEAK,
	AE_EPISODE_FIRST,
	AE_EPISODE_LAST,
	AE_EPISODE_PEAK,
	AE_EPISODE_RING
};

static inline struct ae_episode_row *ae_episode_at(
	const struct ae_episode_rules *rules, const struct ae_episodes_state *s, size_t i)
{
	return (void *)((unsigned char *)(uintptr_t)(s + 1) + i * ae_episode_row_size(rules));
}

/* The row with a verdict that came `back` such rows ago. */
static inline struct ae_episode_row *ae_episode_recent(
	const struct ae_episode_rules *rules, const struct ae_episodes_state *s, unsigned back)
{
	return ae_episode_at(rules, s, AE_EPISODE_RING + (s->scored - 1 - back) % rules->n);
}

#endif
