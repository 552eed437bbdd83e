/* SPDX-License-Identifier: MIT */
/* Lists of columns as options have them: by name, number and range. */
#include "io/record_plan.h"

#include <stdio.h>
#include <string.h>

#include "io/csv.h"

int ae_plan_give(struct ae_record_plan *plan, size_t i, enum ae_role role, const char *option, struct ae_error *err)
{
	if (plan->given[i] && plan->roles[i] != (int)role)
		return ae_fail(
			err, "column \"%s\" is given to both --%s and --%s", plan->names[i], plan->given[i], option);
	if (!plan->given[i])
		plan->order[plan->ordered++] = i;
	plan->roles[i] = (int)role;
	plan->given[i] = option;
	return 0;
}

static int column_number(size_t *index, const char *text, size_t count)
{
	int64_t n;
	if (ae_parse_i64(&n, text, -(int64_t)count, (int64_t)count) != 0 || n == 0)
		return -1;
	*index = (size_t)(n > 0 ? n - 1 : (int64_t)count + n);
	return 0;
}

/* The functions below give an item of COLS to a role in one way each: 1 done, 0 the item is nothing of that kind,
   -1 *err. */

static int give_name(
	struct ae_record_plan *plan, const char *item, enum ae_role role, const char *option, struct ae_error *err)
{
	size_t found = plan->count;
	for (size_t i = 0; plan->has_header && i < plan->count; i++) {
		if (strcmp(plan->names[i], item) != 0)
			continue;
		if (found < plan->count)
			return ae_fail(err, "--%s: columns %zu and %zu are both called \"%s\": use their numbers",
				option, found + 1, i + 1, item);
		found = i;
	}
	if (found == plan->count)
		return 0;
	return ae_plan_give(plan, found, role, option, err) == 0 ? 1 : -1;
}

/* The parts of an object or an array, which is called so. */
static int give_parts(
	struct ae_record_plan *plan, const char *item, enum ae_role role, const char *option, struct ae_error *err)
{
	size_t len = strlen(item);
	int found = 0;
	for (size_t i = 0; plan->keys && plan->has_header && i < plan->count; i++) {
		if (strncmp(plan->names[i], item, len) != 0 || plan->names[i][len] != '.')
			continue;
		if (ae_plan_give(plan, i, role, option, err) != 0)
			return -1;
		found = 1;
	}
	return found;
}

static int give_number(
	struct ae_record_plan *plan, const char *item, enum ae_role role, const char *option, struct ae_error *err)
{
	size_t at;
	if (column_number(&at, item, plan->count) != 0)
		return 0;
	return ae_plan_give(plan, at, role, option, err) == 0 ? 1 : -1;
}

static int give_range(
	struct ae_record_plan *plan, const char *item, enum ae_role role, const char *option, struct ae_error *err)
{
	char left[32];
	size_t first, last;
	const char *dash = *item ? strchr(item + 1, '-') : NULL; /* the first character may be a sign */
	if (!dash || (size_t)(dash - item) >= sizeof(left))
		return 0;
	snprintf(left, sizeof(left), "%.*s", (int)(dash - item), item);
	if (column_number(&first, left, plan->count) != 0 || column_number(&last, dash + 1, plan->count) != 0 ||
		first > last)
		return 0;
	for (size_t i = first; i <= last; i++)
		if (ae_plan_give(plan, i, role, option, err) != 0)
			return -1;
	return 1;
}

/* The delimiter that a lone column's name seems to hold, as advice; NULL if it holds none. */
static const char *likely_delimiter(const struct ae_record_plan *plan)
{
	static const struct {
		char delimiter;
		const char *advice;
	} others[] = {{';', "-d ';'"}, {'\t', "a tab, -d '\\t'"}, {'|', "-d '|'"}, {',', "a comma, -d ,"}};
	bool alone = plan->has_header && plan->count == 1 && plan->delimiter;
	for (size_t i = 0; alone && i < sizeof(others) / sizeof(*others); i++)
		if (others[i].delimiter != plan->delimiter && strchr(plan->names[0], others[i].delimiter))
			return others[i].advice;
	return NULL;
}

/* The column whose name was torn apart at a comma, with this item as its first part; NULL if there is none. */
static const char *torn_name(const struct ae_record_plan *plan, const char *item)
{
	size_t len = strlen(item);
	for (size_t i = 0; len > 0 && plan->has_header && i < plan->count; i++)
		if (strncmp(plan->names[i], item, len) == 0 && plan->names[i][len] == ',')
			return plan->names[i];
	return NULL;
}

const char *ae_plan_nearest(const struct ae_record_plan *plan, const char *name)
{
	return ae_nearest(name, (const char *const *)plan->names, plan->count);
}

static int fail_not_found(const struct ae_record_plan *plan, const char *item, const char *option, struct ae_error *err)
{
	int64_t any;
	if (ae_parse_i64(&any, item, INT64_MIN + 1, INT64_MAX) == 0)
		return ae_fail(err, "--%s %s: there are %zu columns", option, item, plan->count);
	const char *advice = likely_delimiter(plan);
	if (advice)
		return ae_fail(err, "--%s: no column \"%s\"; there is one column, \"%.40s\": is the delimiter %s?",
			option, item, plan->names[0], advice);
	const char *torn = torn_name(plan, item);
	if (torn)
		return ae_fail(err, "--%s: no column \"%s\"; a name with a comma is quoted as in CSV: --%s '\"%s\"'",
			option, item, option, torn);
	const char *near = plan->has_header ? ae_plan_nearest(plan, item) : NULL;
	if (plan->keys && !near)
		return ae_fail(err, "--%s: no column \"%s\"; where records may lack keys, --header lists them all",
			option, item);
	return near ? ae_fail(err, "--%s: no column \"%s\"; the nearest is \"%s\"", option, item, near)
		    : ae_fail(err, "--%s: no column \"%s\"", option, item);
}

static int give_item(
	struct ae_record_plan *plan, const char *item, enum ae_role role, const char *option, struct ae_error *err)
{
	int rc = give_name(plan, item, role, option, err);
	if (rc == 0)
		rc = give_parts(plan, item, role, option, err);
	if (rc == 0 && plan->may_lack)
		return 0;
	if (rc == 0)
		rc = give_number(plan, item, role, option, err);
	if (rc == 0)
		rc = give_range(plan, item, role, option, err);
	if (rc == 0)
		return fail_not_found(plan, item, option, err);
	return rc > 0 ? 0 : -1;
}

int ae_plan_give_list(
	struct ae_record_plan *plan, const char *list, enum ae_role role, const char *option, struct ae_error *err)
{
	char **items;
	size_t count;
	if (!list)
		return 0;
	if (ae_csv_split(&items, &count, list, err) != 0)
		return ae_fail_in(err, "--%s %s: ", option, list);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = give_item(plan, items[i], role, option, err);
	ae_names_free(items, count);
	return rc;
}
