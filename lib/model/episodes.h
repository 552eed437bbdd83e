/* SPDX-License-Identifier: MIT */
/* Episodes: anomalies of a series that belong together, told when they begin and when they have ended. What is told of
   a row depends on the rows before it, never on how they came. */
#ifndef AE_MODEL_EPISODES_H
#define AE_MODEL_EPISODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/timestamp.h"

/* So many rows, or a time if ns is not 0. */
struct ae_span {
	uint64_t rows;
	int64_t ns;
};

/* A stretch begins when K of the last N rows are anomalies, with the first of these. It goes on while K of the last N
   are at or above `clear`, and its last row is one. An episode is a stretch of at least min_rows rows. */
struct ae_episode_rules {
	double clear; /* NaN: the threshold, above which it never counts */
	uint64_t min_rows;
	unsigned k, n;             /* 1 to k, k to AE_EPISODE_WINDOW */
	struct ae_span merge;      /* a stretch so near behind an episode goes on with it */
	struct ae_span refractory; /* no episode begins so soon after the last row of the one before */
	size_t more;               /* bytes that the caller keeps of a row, behind it */
};
enum { AE_EPISODE_WINDOW = 64 };

struct ae_episode_row {
	uint64_t number;     /* the caller's */
	uint64_t nth;        /* of its group, from 1: set here */
	struct ae_time time; /* where a rule needs it */
	double score, threshold;
	unsigned char more[];
};

struct ae_episode {
	bool ended; /* else it has just begun */
	bool on;    /* ended because there are no more rows, not because it is certain */
	uint64_t rows;
	const struct ae_episode_row *first, *last, *peak; /* peak: the anomaly with the largest score */
};

/* What to do with an episode that begins or has ended; 0, or -1 and *err. */
struct ae_episode_tell {
	int (*call)(void *arg, const struct ae_episode *episode, struct ae_error *err);
	void *arg;
};

/* Bytes of the state of a group, which is zero at first. It may be copied. */
size_t ae_episodes_size(const struct ae_episode_rules *rules);
/* Bytes of a row with what the caller keeps. */
size_t ae_episode_row_size(const struct ae_episode_rules *rules);
/* The next row of a group. verdict: 1 an anomaly, 0 none, else the row has no score, and neither begins nor ends
   anything. Numbers and times do not fall. */
int ae_episodes_row(const struct ae_episode_rules *rules, void *state, struct ae_episode_row *row,
	unsigned char verdict, const struct ae_episode_tell *tell, struct ae_error *err) AE_MUST_CHECK;
/* All rows so far get this time: they came before the first one that has any. */
void ae_episodes_set_time(const struct ae_episode_rules *rules, void *state, const struct ae_time *time);
/* There are no more rows, or none for long: an episode that was begun ends. */
int ae_episodes_end(const struct ae_episode_rules *rules, void *state, const struct ae_episode_tell *tell,
	struct ae_error *err) AE_MUST_CHECK;
/* Whether an episode was begun and has not ended. */
bool ae_episodes_is_open(const void *state);
/* Stretches that were long enough and began within the refractory time, since the last call. */
uint64_t ae_episodes_take_held_back(void *state);

#endif
