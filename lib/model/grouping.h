/* SPDX-License-Identifier: MIT */
/* What makes series of rows: the column of their groups, and the gap in time after which a group starts anew. */
#ifndef AE_MODEL_GROUPING_H
#define AE_MODEL_GROUPING_H

#include "core/msgpack.h"
#include "core/util.h"

/* All zero: all rows are one series, and time does not matter. Owns the group; freed with ae_grouping_free. */
struct ae_grouping {
	char *group;     /* as --group names it, or NULL */
	int64_t max_gap; /* nanoseconds, or 0 */
};

/* Makes `to`, which is all zero or in use, equal. */
int ae_grouping_copy(struct ae_grouping *to, const struct ae_grouping *from, struct ae_error *err) AE_MUST_CHECK;

/* The pairs of a map: how many there are, and the pairs, under these two keys. */
size_t ae_grouping_count(const struct ae_grouping *grouping);
void ae_grouping_pack(
	const struct ae_grouping *grouping, struct ae_pack *pack, const char *group_key, const char *gap_key);
/* Takes both from a map that has the keys "group" and "max_gap" or none: the key whose value is bad, or NULL; *err has
   a text where memory ran out. */
const char *ae_grouping_take(struct ae_grouping *grouping, const struct ae_value *map, struct ae_error *err);
/* Take the value of a key; -1 where it is bad, with a text in *err where memory ran out. */
int ae_grouping_take_group(
	struct ae_grouping *grouping, const struct ae_value *value, struct ae_error *err) AE_MUST_CHECK;
int ae_grouping_take_gap(struct ae_grouping *grouping, const struct ae_value *value) AE_MUST_CHECK;

/* For people: ", group machine, max-gap 1m", each where there is one. Of a long name its beginning. */
enum { AE_GROUPING_TEXT = 280 };
char *ae_grouping_format(const struct ae_grouping *grouping, char text[AE_GROUPING_TEXT]);

void ae_grouping_free(struct ae_grouping *grouping);

#endif
