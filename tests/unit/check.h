/* SPDX-License-Identifier: MIT */
/* The unit tests' one macro: CHECK(condition, "format", ...) counts and prints failures; main returns check_done(). */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static unsigned check_count, check_failures;

#define CHECK(condition, ...)                                                                                          \
	do {                                                                                                           \
		check_count++;                                                                                         \
		if (!(condition)) {                                                                                    \
			check_failures++;                                                                              \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                                         \
			printf(__VA_ARGS__);                                                                           \
			printf("\n");                                                                                  \
		}                                                                                                      \
	} while (0)

/* After a group of checks: "ok - name", or "not ok - name" if one of them failed. */
static inline void check_group(const char *name)
{
	static unsigned before;
	printf("%sok - %s\n", check_failures == before ? "" : "not ", name);
	before = check_failures;
}

/* What main returns. A program that checked nothing has failed. */
static inline int check_done(void)
{
	printf("%u checks, %u failures\n", check_count, check_failures);
	return check_failures > 0 || check_count == 0;
}

#endif
