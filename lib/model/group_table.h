/* SPDX-License-Identifier: MIT */
/* What tables of groups of rows, as of each machine in a log of many, have in common. */
#ifndef AE_MODEL_GROUP_TABLE_H
#define AE_MODEL_GROUP_TABLE_H

#include "core/msgpack.h"

enum {
	AE_GROUPS_MAX = 100000,
	AE_GROUP_ROWS = 100, /* a group of fewer rows has no entry */
};

/* The entry of a name, NULL if there is none. Entries of this size begin with a char * to their name and are sorted by
   its bytes. */
const void *ae_group_find(const void *entries, size_t count, size_t size, const char *name, size_t len);

#endif
