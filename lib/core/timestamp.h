/* SPDX-License-Identifier: MIT */
/* Times and durations in text, to the nanosecond: nothing is rounded through a double. */
#ifndef AE_CORE_TIMESTAMP_H
#define AE_CORE_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Since 1970-01-01 00:00 UTC; 0 <= ns < 1e9. */
struct ae_time {
	int64_t seconds;
	uint32_t ns;
};

/* What a time is written as. */
enum ae_timestamp {
	AE_TIMESTAMP_NOT,     /* neither, or beyond the years 0 to 9999 */
	AE_TIMESTAMP_DATE,    /* RFC 3339, "2026-11-27T18:49:00.5+01:00": also with a space, UTC without a zone, and
				 without    seconds; "2026-11-27" is its midnight in UTC */
	AE_TIMESTAMP_SECONDS, /* since 1970-01-01 00:00 UTC */
	AE_TIMESTAMP_MS,      /* the same number from 1e11 on */
	AE_TIMESTAMP_US,      /* from 1e14 on */
	AE_TIMESTAMP_NS,      /* and from 1e17 on */
};

/* Reads all len bytes. Digits beyond nanoseconds are cut. */
enum ae_timestamp ae_time_parse(struct ae_time *time, const char *text, size_t len);
/* Whether 64 bits of nanoseconds hold it, as they do in the years 1678 to 2262: *ns then is it. */
bool ae_time_to_ns(const struct ae_time *time, int64_t *ns);
struct ae_time ae_time_of_ns(int64_t ns);
bool ae_time_is_before(const struct ae_time *a, const struct ae_time *b);
/* Nanoseconds to a time that is not earlier, or UINT64_MAX if they are more. */
uint64_t ae_time_until(const struct ae_time *from, const struct ae_time *to);

/* A time as RFC 3339 in UTC, "2026-11-27T18:49:00.5Z", with as many digits of a second as it needs. Returns text. */
enum { AE_TIMESTAMP_TEXT = 96 };
char *ae_time_format(const struct ae_time *time, char text[AE_TIMESTAMP_TEXT]);

/* A duration above 0, a decimal number and its unit: "500ms", "90s", "15m", "1.5h", "7d". 0 if it is one, else -1. */
int ae_duration_parse(int64_t *ns, const char *text);
/* The same as text, in the largest unit of which it is a whole number: "90s", "1h", "0.5ms". Returns text. */
enum { AE_DURATION_TEXT = 32 };
char *ae_duration_format(int64_t ns, char text[AE_DURATION_TEXT]);

#endif
