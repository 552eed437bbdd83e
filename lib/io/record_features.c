/* SPDX-License-Identifier: MIT */
/* The columns that a model takes, found by their names. */
#include "io/record_features.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(**(char *const *const *)a, **(char *const *const *)b);
}

/* The place of each feature's column among sorted pointers to names; NULL where there is none. Two columns of such a
   name are an error. Returns how many there are, or -1 and *err. */
static int find_columns(const struct ae_record_plan *plan, char **const *sorted,
	const struct ae_feature_names *features, char ***found, struct ae_error *err)
{
	int hits = 0;
	for (size_t k = 0; k < features->count; k++) {
		char *const *name = &features->names[k];
		char **const *at = bsearch(&name, sorted, plan->count, sizeof(*sorted), by_name);
		if (!at)
			continue;
		char **const *twin = at > sorted && strcmp(*at[-1], *name) == 0                    ? at - 1
				     : at + 1 < sorted + plan->count && strcmp(*at[1], *name) == 0 ? at + 1
												   : NULL;
		if (twin) {
			size_t i = (size_t)(*at - plan->names), j = (size_t)(*twin - plan->names);
			return ae_fail(err,
				"columns %zu and %zu are both called \"%s\", which the model takes: --x says which "
				"columns are its inputs",
				(i < j ? i : j) + 1, (i < j ? j : i) + 1, *name);
		}
		found[k] = *at;
		hits++;
	}
	return hits;
}

static int fail_no_feature(const struct ae_record_plan *plan, const char *name, struct ae_error *err)
{
	const char *near = ae_plan_nearest(plan, name);
	return near ? ae_fail(err, "no column \"%s\", which the model takes; the nearest is \"%s\"", name, near)
		    : ae_fail(err, "no column \"%s\", which the model takes", name);
}

/* Text that was written here from an unnamed x meets the model by place: it has a column x.1 or x.1.1 and so on. */
static bool is_unnamed(const struct ae_record_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->names[i], "x.1") == 0 || strncmp(plan->names[i], "x.1.", 4) == 0)
			return true;
	return false;
}

/* Gives x the columns found, in the order of the features. */
static int give_found(
	struct ae_record_plan *plan, const struct ae_feature_names *features, char **const *found, struct ae_error *err)
{
	for (size_t k = 0; k < features->count; k++) {
		if (!found[k])
			return fail_no_feature(plan, features->names[k], err);
		size_t i = (size_t)(found[k] - plan->names);
		if (plan->given[i])
			return ae_fail(err, "column \"%s\" is given to --%s, but the model takes it as x",
				features->names[k], plan->given[i]);
		if (ae_plan_give(plan, i, AE_X, "x", err) != 0)
			return -1;
	}
	return 0;
}

int ae_plan_give_features(
	struct ae_record_plan *plan, const struct ae_feature_names *features, bool candidates, struct ae_error *err)
{
	char ***sorted = ae_calloc(plan->count, sizeof(*sorted), err);
	char ***found = ae_calloc(features->count, sizeof(*found), err);
	int hits = -1, rc = -1;
	for (size_t i = 0; sorted && i < plan->count; i++)
		sorted[i] = &plan->names[i];
	if (sorted && found) {
		qsort(sorted, plan->count, sizeof(*sorted), by_name);
		hits = find_columns(plan, sorted, features, found, err);
	}
	plan->by_model = hits > 0 || (candidates && !is_unnamed(plan));
	if (hits >= 0)
		rc = plan->by_model && (hits > 0 || !features->optional) ? give_found(plan, features, found, err) : 0;
	free(sorted);
	free(found);
	return rc;
}
