/* SPDX-License-Identifier: MIT */
/* The state of a group's episodes in a file. */
#ifndef AE_MODEL_EPISODES_PACK_H
#define AE_MODEL_EPISODES_PACK_H

#include "core/msgpack.h"
#include "model/episodes.h"

/* How the caller packs, as one value, what it keeps of a row, and takes it back, which is zero before: 0, or -1 if it
   cannot be any. */
struct ae_episode_more {
	void (*pack)(const void *arg, struct ae_pack *pack, const unsigned char *more);
	int (*take)(const void *arg, unsigned char *more, const struct ae_value *value);
	const void *arg;
};

/* Packs the state as one value: [rows, scored, hot, above, flags, [row or nil, six times], [row, for each bit of hot]],
   a row as [number, nth, time, score, threshold, more]. Equal states give equal bytes. */
void ae_episodes_pack(struct ae_pack *pack, const struct ae_episode_rules *rules, const void *state,
	const struct ae_episode_more *more);
/* Fills a state, which is zero, by the same rules: 0, or -1 if the value cannot be one. No row is later than the last
   one of the group, whose time and number are the latter two. */
int ae_episodes_unpack(const struct ae_episode_rules *rules, void *state, const struct ae_value *value,
	const struct ae_episode_more *more, const struct ae_time *time, uint64_t number) AE_MUST_CHECK;
/* Whether an episode goes on in a state that is so packed. */
bool ae_episodes_packed_is_open(const struct ae_value *value);

#endif
