/* SPDX-License-Identifier: MIT */
/* Keys that are no column's, held against the sorted names of the columns. */
#include "io/record_extra.h"

#include <string.h>

#include "core/util.h"

/* Whether a name comes before "PATH.", in the order of k->sorted. */
static bool is_before_parts(const char *name, size_t name_len, const char *path, size_t len)
{
	int order = memcmp(name, path, name_len < len ? name_len : len);
	return order ? order < 0 : name_len <= len || (unsigned char)name[len] < '.';
}

/* The first column, by its name, that is named as a part of what is named so; columns.count if none is. */
static size_t find_part(const struct ae_record_keys *k, const char *path, size_t len)
{
	size_t low = 0, high = k->columns.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2, i = k->sorted[middle];
		if (is_before_parts(k->columns.names[i], k->lens[i], path, len))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == k->columns.count)
		return low;
	size_t i = k->sorted[low];
	const char *name = k->columns.names[i];
	bool part = k->lens[i] > len && memcmp(name, path, len) == 0 && name[len] == '.';
	return part ? i : k->columns.count;
}

bool ae_record_keys_have_parts(const struct ae_record_keys *k, const char *path, size_t len)
{
	return find_part(k, path, len) < k->columns.count;
}

/* Whether path[0, end) is an element more of an array: its last part, from `start` on, is a place where others are. */
static bool is_element_more(const struct ae_record_keys *k, const char *path, size_t start, size_t end)
{
	size_t digits = start;
	while (digits < end && ae_is_digit(path[digits]))
		digits++;
	if (start == 0 || start == end || digits < end)
		return false;
	size_t part = find_part(k, path, start - 1);
	return part < k->columns.count && ae_is_digit(k->columns.names[part][start]) &&
	       ae_record_keys_find(k, path, end) == k->columns.count && !ae_record_keys_have_parts(k, path, end);
}

bool ae_record_keys_are_inside(const struct ae_record_keys *k, const char *path, size_t len)
{
	for (size_t end = 0; end < len; end++)
		if (path[end] == '.' && ae_record_keys_find(k, path, end) < k->columns.count)
			return true;
	return false;
}

bool ae_record_keys_clash(const struct ae_record_keys *k, const char *path, size_t len)
{
	if (ae_record_keys_have_parts(k, path, len) || ae_record_keys_are_inside(k, path, len))
		return true;
	for (size_t start = 0, end = 0; end <= len; end++) {
		if (end < len && path[end] != '.')
			continue;
		if (is_element_more(k, path, start, end))
			return true;
		start = end + 1;
	}
	return false;
}
