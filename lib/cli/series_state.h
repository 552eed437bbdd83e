/* SPDX-License-Identifier: MIT */
/* The file of --state: what a series keeps for its groups, so that the next run goes on where this one stopped.
   Messages with a checksum each (core/msgpack.h), numbers little-endian:
     ["AESF", 1, {program, settings, columns, lineage, groups, episodes}, crc]
     [key, rows, timed, time, values, crc]      one a group, the least recently seen first
     [key, ..., crc]                            one a group of episodes, likewise (alarm_state.h)
   episodes is absent where there are none, a map whose `groups` says how many. time is in nanoseconds, or [seconds,
   nanoseconds] where 64 bits do not hold it. settings is a text, columns the SHA-256 of type, shape and names of what
   is kept, lineage what decides the values of the rows (lineage_values.h), absent where that is nothing. */
#ifndef AE_CLI_SERIES_STATE_H
#define AE_CLI_SERIES_STATE_H

#include "cli/series.h"

/* "size 32, group id, max-gap 1m"; freed with free(). NULL and *err on failure. */
char *ae_series_settings(const struct ae_series *series, struct ae_error *err) AE_MUST_CHECK;
/* What must be equal beside the settings, since keys of groups and values mean something only with it. */
void ae_series_state_digest(const struct ae_series *series, unsigned char digest[AE_DIGEST_SIZE]);
/* Fills the groups, which are empty, from the file, if it is there. Another program's state, one of other settings or
   columns, and one that is not whole are errors that name the file. */
int ae_series_state_read(struct ae_series *series, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Writes a new file, which the caller commits. */
int ae_series_state_write(const struct ae_series *series, struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;

/* What a file says, for people. All zero before; the two are freed with ae_buf_free. */
struct ae_series_state_info {
	char program[64];
	struct ae_buf settings, lineage; /* a text, packed values */
	uint64_t groups, rows;
	bool has_episodes;
	uint64_t episodes, open, episode_rows; /* so many, of which so many go on, of so many rows */
	bool timed;
	struct ae_time last; /* the latest time of a group */
};
/* Whether a file begins as a state does. */
bool ae_series_is_state(const char *path);
int ae_series_state_describe(struct ae_series_state_info *info, const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
