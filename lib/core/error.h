/* SPDX-License-Identifier: MIT */
/* Errors as values: the library fills one of these and returns -1; only programs print it and exit. The struct is the
   caller's, so threads that fail at once need one each. */
#ifndef AE_CORE_ERROR_H
#define AE_CORE_ERROR_H

#include <stdint.h>

#define AE_MUST_CHECK __attribute__((warn_unused_result))
/* Marks what api/aefilters.h declares; users of the library see nothing else. */
#ifndef AE_API
#define AE_API __attribute__((visibility("default")))
#endif

/* Exit statuses, the same in every program. */
enum ae_status {
	AE_STATUS_OK = 0,
	AE_STATUS_DATA = 1,    /* bad data, a failed write, arguments that do not fit the data */
	AE_STATUS_USAGE = 2,   /* wrong in the arguments alone */
	AE_STATUS_ANOMALY = 3, /* only where asked for */
	AE_STATUS_SIGINT = 130,
	AE_STATUS_SIGPIPE = 141, /* the reader has gone: nothing is printed */
	AE_STATUS_SIGTERM = 143,
};

/* The public header, api/aefilters.h, has it too: it includes nothing of ours. */
#ifndef AE_ERROR_DEFINED
#define AE_ERROR_DEFINED
struct ae_error {
	int status;      /* an ae_status */
	char text[1000]; /* one line, lower case, no trailing period, no program name */
};
#endif

/* Sets status AE_STATUS_DATA and the text; returns -1 so that callers can `return ae_fail(...)`. */
int ae_fail(struct ae_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As ae_fail; but where *why has a text, it is the error: memory ran out, say, on the way to what seems bad. */
int ae_fail_or(struct ae_error *err, const struct ae_error *why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As ae_fail with status AE_STATUS_USAGE. */
int ae_fail_usage(struct ae_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As ae_fail with status AE_STATUS_SIGTERM: SIGTERM came, and what was read is no use. */
int ae_fail_terminated(struct ae_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts behind what an error says how many rows are lost that were read; the status becomes AE_STATUS_SIGTERM. */
int ae_fail_lost(struct ae_error *err, uint64_t rows);

/* As ae_fail, with ": " and the text of errno after it; EPIPE becomes AE_STATUS_SIGPIPE. */
int ae_fail_errno(struct ae_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts text in front of what an error already says ("FILE: " before "row 3: ..."); returns -1. */
int ae_fail_in(struct ae_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts text behind what an error already says; returns -1. */
int ae_fail_more(struct ae_error *err, const char *more);

/* Out of memory, status AE_STATUS_DATA; returns -1. */
int ae_fail_memory(struct ae_error *err);

#endif
