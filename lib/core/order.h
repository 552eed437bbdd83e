/* SPDX-License-Identifier: MIT */
/* Named elements in another order: which permutation brings one list of names into the order of another, and values put
   in order by it. Threads may call these at once on orders of their own. */
#ifndef AE_CORE_ORDER_H
#define AE_CORE_ORDER_H

#include <stddef.h>

#include "core/error.h"

/* Element i of what is wanted is element from[i] of what is there. All zero: nothing is to be done. Freed with
   ae_order_free. */
struct ae_order {
	size_t *from;
	size_t count;
	unsigned char *group; /* room for one group of elements */
};

/* How two lists of names compare. */
enum ae_order_found {
	AE_ORDER_FAIL = -1, /* no memory: see err */
	AE_ORDER_SAME_SET,  /* *order is filled, with count 0 if the lists are equal */
	AE_ORDER_OTHER_SET,
};

/* Fills *order, which is all zero, such that names come into the order of wanted; both have count names. A name that
   stands twice means nothing in another order: that is another set. */
enum ae_order_found ae_order_find(
	struct ae_order *order, char *const *names, char *const *wanted, size_t count, struct ae_error *err);
/* The same, where another set is an error: `WHAT has no feature "a", which WHOSE has; the nearest is "A"`. */
int ae_order_need(struct ae_order *order, const char *what, char *const *names, const char *whose, char *const *wanted,
	size_t count, struct ae_error *err) AE_MUST_CHECK;

/* *first is the first of names that is not among the others, or NULL. */
int ae_names_first_without(const char **first, char *const *names, size_t count, char *const *others,
	size_t other_count, struct ae_error *err) AE_MUST_CHECK;

/* Puts n elements of size bytes (1, 4 or 8) in order, in place, group after group of count; n is a multiple of it. */
void ae_order_apply(const struct ae_order *order, void *values, size_t size, size_t n);
void ae_order_free(struct ae_order *order);

#endif
