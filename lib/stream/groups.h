/* SPDX-License-Identifier: MIT */
/* A state for each group of rows, as of each machine in a log of many. */
#ifndef AE_STREAM_GROUPS_H
#define AE_STREAM_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Memory: a state of `size` bytes, its key and some 60 bytes a group, for at most `most` groups. */
struct ae_groups;

int ae_groups_new(struct ae_groups **groups, size_t most, size_t size, struct ae_error *err) AE_MUST_CHECK;
/* The state of the group of a key of `len` bytes, aligned for any number; it is zero if the group is new. The least
   recently asked group is forgotten where there are too many. The pointer lives until the next call. NULL and *err on
   failure. */
void *ae_groups_state(struct ae_groups *groups, const void *key, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Is called with each group that is forgotten because there are too many, before it is. NULL: nothing. */
void ae_groups_on_forget(struct ae_groups *groups,
	int (*call)(void *arg, const void *key, size_t len, void *state, struct ae_error *err), void *arg);
/* Gives the state of the group that was asked for last more bytes, which are zero, and moves it: the new pointer. NULL
   and *err on failure, when it stays where it was. */
void *ae_groups_grow_last(struct ae_groups *groups, size_t size, struct ae_error *err) AE_MUST_CHECK;
/* How many groups were forgotten because there were too many. */
uint64_t ae_groups_forgotten(const struct ae_groups *groups);
/* The key of the last one of them, until the next call. Not before there is one. */
const void *ae_groups_last_forgotten(const struct ae_groups *groups, size_t *len);
size_t ae_groups_count(const struct ae_groups *groups);
/* Calls it for each group, the least recently asked first, until it returns other than 0, which is returned. */
int ae_groups_each(const struct ae_groups *groups,
	int (*call)(void *arg, const void *key, size_t len, const void *state), void *arg);
/* Forgets the group that was asked for last, as if it had not been. */
void ae_groups_forget_last(struct ae_groups *groups);
/* Forgets all groups. */
void ae_groups_clear(struct ae_groups *groups);
void ae_groups_free(struct ae_groups *groups);

#endif
