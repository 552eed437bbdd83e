/* SPDX-License-Identifier: MIT */
/* Names of groups. */
#include "model/group_table.h"

#include <string.h>

static int compare(const char *name, size_t len, const char *other)
{
	size_t other_len = strlen(other);
	int order = memcmp(name, other, len < other_len ? len : other_len);
	return order ? order : (len > other_len) - (len < other_len);
}

const void *ae_group_find(const void *entries, size_t count, size_t size, const char *name, size_t len)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const void *entry = (const char *)entries + middle * size;
		int order = compare(name, len, *(char *const *)entry);
		if (order == 0)
			return entry;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
