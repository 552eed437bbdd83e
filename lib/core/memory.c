/* SPDX-License-Identifier: MIT */
/* Memory of the machine and of the control group. */
#include "core/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/util.h"

#define GIB ((uint64_t)1 << 30)

/* The number in a file, or UINT64_MAX. */
static uint64_t read_limit(const char *path)
{
	struct ae_error ignored;
	struct ae_buf text = {0};
	uint64_t value = UINT64_MAX, got;
	if (ae_read_file(&text, path, &ignored) == 0 && ae_buf_append(&text, "", 1, &ignored) == 0) {
		text.data[strcspn((char *)text.data, "\n")] = '\0';
		if (ae_parse_u64(&got, (char *)text.data, 0, UINT64_MAX) == 0)
			value = got;
	}
	ae_buf_free(&text);
	return value;
}

uint64_t ae_memory_share(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t all = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 4 * GIB;
	uint64_t v2 = read_limit("/sys/fs/cgroup/memory.max");
	uint64_t v1 = read_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes");
	uint64_t group = v2 < v1 ? v2 : v1;
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
