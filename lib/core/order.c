/* SPDX-License-Identifier: MIT */
/* Permutations of named elements. */
#include "core/order.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"

/* ---- finding ---- */

struct named {
	const char *name;
	size_t index;
};

static int by_name(const void *a, const void *b)
{
	const struct named *p = a, *q = b;
	return strcmp(p->name, q->name);
}

static struct named *sorted(char *const *names, size_t count, struct ae_error *err)
{
	struct named *list = ae_calloc(count, sizeof(*list), err);
	for (size_t i = 0; list && i < count; i++)
		list[i] = (struct named){names[i], i};
	if (list)
		qsort(list, count, sizeof(*list), by_name);
	return list;
}

static bool are_equal(char *const *a, char *const *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* Whether two sorted lists are the same set; order->from is filled on the way. */
static bool pair_up(struct ae_order *order, const struct named *have, const struct named *want, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(have[i].name, want[i].name) != 0 || (i && strcmp(have[i - 1].name, have[i].name) == 0))
			return false;
		order->from[want[i].index] = have[i].index;
	}
	return true;
}

enum ae_order_found ae_order_find(
	struct ae_order *order, char *const *names, char *const *wanted, size_t count, struct ae_error *err)
{
	if (are_equal(names, wanted, count))
		return AE_ORDER_SAME_SET;
	struct named *have = sorted(names, count, err), *want = sorted(wanted, count, err);
	order->from = ae_calloc(count, sizeof(*order->from), err);
	order->group = ae_calloc(count, sizeof(uint64_t), err);
	enum ae_order_found found = AE_ORDER_FAIL;
	if (have && want && order->from && order->group)
		found = pair_up(order, have, want, count) ? AE_ORDER_SAME_SET : AE_ORDER_OTHER_SET;
	free(have);
	free(want);
	if (found == AE_ORDER_SAME_SET)
		order->count = count;
	else
		ae_order_free(order);
	return found;
}

/* ---- the error ---- */

static int fail_absent(
	const char *what, char *const *names, const char *whose, const char *absent, size_t count, struct ae_error *err)
{
	const char *near = ae_nearest(absent, (const char *const *)names, count);
	return ae_fail(err, "%s has no feature \"%.200s\", which %s has%s%.200s%s", what, absent, whose,
		near ? "; the nearest is \"" : "", near ? near : "", near ? "\"" : "");
}

/* The first name that stands twice in a sorted list, or NULL. */
static const char *find_twice(const struct named *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(list[i - 1].name, list[i].name) == 0)
			return list[i].name;
	return NULL;
}

/* Says which is the first of wanted that has no partner. */
static int fail_other_set(const char *what, char *const *names, const char *whose, char *const *wanted, size_t count,
	struct ae_error *err)
{
	struct named *have = sorted(names, count, err), *want = have ? sorted(wanted, count, err) : NULL;
	int rc = have && want ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct named key = {.name = wanted[i]};
		if (!bsearch(&key, have, count, sizeof(*have), by_name))
			rc = fail_absent(what, names, whose, wanted[i], count, err);
	}
	if (rc == 0) {
		const char *twice = find_twice(want, count);
		rc = twice ? ae_fail(err, "%s has two features called \"%.200s\", and %s has them otherwise", whose,
				     twice, what)
			   : ae_fail(err, "%s has two features called \"%.200s\", and %s has them otherwise", what,
				     find_twice(have, count), whose);
	}
	free(have);
	free(want);
	return rc;
}

int ae_order_need(struct ae_order *order, const char *what, char *const *names, const char *whose, char *const *wanted,
	size_t count, struct ae_error *err)
{
	switch (ae_order_find(order, names, wanted, count, err)) {
	case AE_ORDER_SAME_SET:
		return 0;
	case AE_ORDER_OTHER_SET:
		return fail_other_set(what, names, whose, wanted, count, err);
	default:
		return -1;
	}
}

int ae_names_first_without(const char **first, char *const *names, size_t count, char *const *others,
	size_t other_count, struct ae_error *err)
{
	struct named *list = sorted(others, other_count, err);
	if (!list)
		return -1;
	*first = NULL;
	for (size_t i = 0; i < count && !*first; i++) {
		const struct named key = {.name = names[i]};
		if (!bsearch(&key, list, other_count, sizeof(*list), by_name))
			*first = names[i];
	}
	free(list);
	return 0;
}

/* ---- using ---- */

/* Inlined for each size, so that the copy of an element is one move. */
static inline void gather(const struct ae_order *order, unsigned char *values, size_t size, size_t n)
{
	size_t count = order->count;
	for (size_t at = 0; at + count <= n; at += count) {
		unsigned char *group = values + at * size;
		for (size_t i = 0; i < count; i++)
			memcpy(order->group + i * size, group + order->from[i] * size, size);
		memcpy(group, order->group, count * size);
	}
}

void ae_order_apply(const struct ae_order *order, void *values, size_t size, size_t n)
{
	if (order->count == 0)
		return;
	if (size == sizeof(uint64_t))
		gather(order, values, sizeof(uint64_t), n);
	else if (size == sizeof(uint32_t))
		gather(order, values, sizeof(uint32_t), n);
	else
		gather(order, values, 1, n);
}

void ae_order_free(struct ae_order *order)
{
	free(order->from);
	free(order->group);
	*order = (struct ae_order){0};
}
