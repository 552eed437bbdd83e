/* SPDX-License-Identifier: MIT */
/* Memory of the machine and of the control group. */
#include "core/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/util.h"

#define GIB ((uint64_t)1 << 30)

/* A small file as a string without its last newline, "" where it cannot be read. */
static void read_text(struct ae_buf *text, const char *path)
{
	struct ae_error ignored;
	text->len = 0;
	if (ae_read_file(text, path, &ignored) != 0 || ae_buf_append(text, "", 1, &ignored) != 0)
		ae_buf_free(text);
}

/* The least number in the files `name` of root/group and the folders above it, down from root. */
static uint64_t least_in_path(const char *root, const char *group, size_t len, const char *name)
{
	char path[4096];
	uint64_t least = UINT64_MAX, got;
	struct ae_buf text = {0};
	while (len > 0 && group[len - 1] == '/')
		len--;
	for (bool top = false; !top;) {
		top = len == 0;
		int n = snprintf(path, sizeof(path), "%s%.*s/%s", root, (int)len, group, name);
		if (n > 0 && (size_t)n < sizeof(path))
			read_text(&text, path);
		if (text.len > 0) {
			text.data[strcspn((char *)text.data, "\n")] = '\0';
			if (ae_parse_u64(&got, (char *)text.data, 0, UINT64_MAX) == 0 && got < least)
				least = got;
		}
		while (len > 0 && group[--len] != '/')
			;
	}
	ae_buf_free(&text);
	return least;
}

/* Lines are ID:CONTROLLERS:GROUP; version 2 of control groups has no controllers there, version 1 a folder for each. */
uint64_t ae_memory_group_limit(const char *proc, const char *root)
{
	struct ae_buf text = {0};
	char v1[4096];
	uint64_t least = UINT64_MAX;
	read_text(&text, proc);
	const char *line = text.len ? (const char *)text.data : "";
	snprintf(v1, sizeof(v1), "%s/memory", root);
	while (*line) {
		size_t len = strcspn(line, "\n");
		const char *end = line + len, *id = memchr(line, ':', len);
		const char *group = id ? memchr(id + 1, ':', (size_t)(end - id - 1)) : NULL;
		uint64_t limit = UINT64_MAX;
		if (group && group == id + 1)
			limit = least_in_path(root, group + 1, (size_t)(end - group - 1), "memory.max");
		else if (group && (size_t)(group - id) == strlen(":memory") && memcmp(id, ":memory", 7) == 0)
			limit = least_in_path(v1, group + 1, (size_t)(end - group - 1), "memory.limit_in_bytes");
		least = limit < least ? limit : least;
		line = *end ? end + 1 : end;
	}
	ae_buf_free(&text);
	return least;
}

uint64_t ae_memory_share(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t all = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 4 * GIB;
	uint64_t group = ae_memory_group_limit("/proc/self/cgroup", "/sys/fs/cgroup");
	all = group < all ? group : all;
	return all / 4 > GIB ? all / 4 : GIB;
}

int ae_memory_parse(uint64_t *bytes, const char *text)
{
	static const char units[] = "KMGT";
	char number[24];
	size_t len = strlen(text);
	const char *unit = len > 1 ? strchr(units, text[len - 1]) : NULL;
	uint64_t factor = unit ? (uint64_t)1 << 10 * (unit - units + 1) : 1;
	len -= unit != NULL;
	if (len >= sizeof(number))
		return -1;
	memcpy(number, text, len);
	number[len] = '\0';
	if (ae_parse_u64(bytes, number, 1, UINT64_MAX / factor) != 0)
		return -1;
	*bytes *= factor;
	return 0;
}

char *ae_memory_option(uint64_t bytes, char text[AE_MEMORY_TEXT])
{
	const char *unit = "KMGT";
	uint64_t amount = bytes / 1024 + (bytes % 1024 != 0);
	for (; amount / 1024 >= 10 && unit[1]; unit++)
		amount = amount / 1024 + (amount % 1024 != 0);
	snprintf(text, AE_MEMORY_TEXT, "%llu%c", (unsigned long long)amount, *unit);
	return text;
}

char *ae_memory_format(uint64_t bytes, char text[AE_MEMORY_TEXT])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double amount = (double)bytes;
	int unit = -1;
	while (amount >= 1024 && unit < 4) {
		amount /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(text, AE_MEMORY_TEXT, "%llu bytes", (unsigned long long)bytes);
	else
		snprintf(text, AE_MEMORY_TEXT, "%.1f %s", amount, units[unit]);
	return text;
}
