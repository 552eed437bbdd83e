/* SPDX-License-Identifier: MIT */
/* Amounts of memory in text, and the limits of control groups. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

static void check_groups(void)
{
	static const char *const folders[] = {"g", "g/a", "g/a/b", "g/memory", "g/memory/old"};
	static const char *const files[] = {"proc", "g/memory.max", "g/a/memory.max", "g/a/b/memory.max",
		"g/memory/memory.limit_in_bytes", "g/memory/old/memory.limit_in_bytes"};
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		CHECK(mkdir(folders[i], 0700) == 0, "%s", folders[i]);
	CHECK(ae_memory_group_limit("none", "g") == UINT64_MAX, "no such file");
	put("proc", "0::/a/b\n");
	CHECK(ae_memory_group_limit("proc", "g") == UINT64_MAX, "no limits");
	put("g/a/b/memory.max", "max\n");
	put("g/a/memory.max", "5000\n");
	CHECK(ae_memory_group_limit("proc", "g") == 5000, "the slice that the group is in");
	put("g/a/b/memory.max", "4000\n");
	put("g/memory.max", "4500\n");
	CHECK(ae_memory_group_limit("proc", "g") == 4000, "the group's own");
	put("g/memory.max", "300\n");
	CHECK(ae_memory_group_limit("proc", "g") == 300, "a container's, at the top");
	put("proc", "0::/\n");
	CHECK(ae_memory_group_limit("proc", "g") == 300, "the top alone");
	put("proc", "0::/somewhere/else");
	CHECK(ae_memory_group_limit("proc", "g") == 300, "a group that is not seen here");
	/* version 1 */
	put("g/memory/old/memory.limit_in_bytes", "7000\n");
	put("g/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put("proc", "12:cpu:/\n4:memory:/old\n3:memoryless:/a\n\nbad line\n");
	CHECK(ae_memory_group_limit("proc", "g") == 7000, "version 1");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		CHECK(unlink(files[i]) == 0, "%s", files[i]);
	for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 0;)
		CHECK(rmdir(folders[i]) == 0, "%s", folders[i]);
}

static void check_text(void)
{
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: refused */
	} amounts[] = {{"1", 1}, {"512M", 512ULL << 20}, {"3K", 3072}, {"2T", 2ULL << 40},
		{"16777215T", 16777215ULL << 40}, {"16777216T", 0}, {"0", 0}, {"", 0}, {"M", 0}, {"1.5G", 0}, {"-1", 0},
		{"1m", 0}, {"1MM", 0}, {"18446744073709551615", UINT64_MAX}, {"18446744073709551616", 0},
		{"11111111111111111111111111111", 0}};
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		uint64_t bytes = 0;
		int rc = ae_memory_parse(&bytes, amounts[i].text);
		CHECK((rc == 0) == (amounts[i].bytes != 0), "\"%s\": %d", amounts[i].text, rc);
		CHECK(rc != 0 || bytes == amounts[i].bytes, "\"%s\": %llu", amounts[i].text, (unsigned long long)bytes);
	}
	char text[AE_MEMORY_TEXT];
	CHECK(strcmp(ae_memory_format(1023, text), "1023 bytes") == 0, "%s", text);
	CHECK(strcmp(ae_memory_format(1536, text), "1.5 KiB") == 0, "%s", text);
	static const uint64_t needs[] = {1, 1024, 1025, 10239, 17 << 20, (17 << 20) + 1, 3ULL << 30, (10ULL << 40) + 1};
	static const char *const allow[] = {"1K", "1K", "2K", "10K", "17M", "18M", "3072M", "11T"};
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		uint64_t bytes = 0;
		CHECK(strcmp(ae_memory_option(needs[i], text), allow[i]) == 0, "%s, not %s", text, allow[i]);
		CHECK(ae_memory_parse(&bytes, text) == 0 && bytes >= needs[i], "%s allows it", text);
	}
	CHECK(strcmp(ae_memory_format(UINT64_MAX, text), "16384.0 PiB") == 0, "%s", text);
}

int main(void)
{
	char folder[] = "/tmp/test_memory.XXXXXX";
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	check_groups();
	check_text();
	CHECK(ae_memory_share() >= 1ULL << 30, "a share of at least 1 GiB");
	CHECK(chdir("/") == 0 && rmdir(folder) == 0, "%s", folder);
	return check_done();
}
