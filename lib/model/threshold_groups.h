/* SPDX-License-Identifier: MIT */
/* Thresholds of which each group of rows has its own. */
#ifndef AE_MODEL_THRESHOLD_GROUPS_H
#define AE_MODEL_THRESHOLD_GROUPS_H

#include <stdint.h>

#include "core/msgpack.h"

struct ae_threshold_rule;
struct ae_threshold_sample;

enum { AE_GROUP_QUANTILES = 101 };

/* Found by ae_group_find. */
struct ae_threshold_group {
	char *name;
	double value;
	uint64_t rows;                       /* that it was fitted on */
	float quantiles[AE_GROUP_QUANTILES]; /* 0/100 ... 100/100 of their errors, rounded up */
};

/* All zero: one value for all rows. Owns everything; freed with ae_threshold_groups_free. */
struct ae_threshold_groups {
	char *column;                      /* as --group names it */
	struct ae_threshold_group *groups; /* [count], sorted by the bytes of their names */
	size_t count;
};

/* Appends a group, for which there is room, with the value that the rule gives for its sorted sample. Errors are those
   of ae_threshold_value; nothing is appended then. Takes over the name. */
int ae_threshold_groups_add(struct ae_threshold_groups *groups, char *name, const struct ae_threshold_rule *rule,
	const struct ae_threshold_sample *sorted, struct ae_error *err) AE_MUST_CHECK;
/* The group's entry, NULL where it has none. */
const struct ae_threshold_group *ae_threshold_groups_find(
	const struct ae_threshold_groups *groups, const char *name, size_t len);
/* The quantiles, for ae_threshold_pvalue. */
void ae_threshold_group_errors(double errors[AE_GROUP_QUANTILES], const struct ae_threshold_group *group);

/* How many there are, of which column, and the range of their values: "values by machine from 0.5 to 2, groups 7". */
enum { AE_GROUPS_TEXT = 400 };
char *ae_threshold_groups_format(const struct ae_threshold_groups *groups, char text[AE_GROUPS_TEXT]);

/* Two more keys of a threshold's map, none where one value is for all rows. */
void ae_threshold_groups_pack(const struct ae_threshold_groups *groups, struct ae_pack *pack);
/* Takes them from the map of a threshold of so many rows. The key whose value is bad, NULL if all is well; *err has a
   text where memory ran out. */
const char *ae_threshold_groups_take(
	struct ae_threshold_groups *groups, const struct ae_value *map, uint64_t rows, struct ae_error *err);
void ae_threshold_groups_free(struct ae_threshold_groups *groups);

#endif
