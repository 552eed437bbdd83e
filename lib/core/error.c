/* SPDX-License-Identifier: MIT */
/* Filling struct ae_error. */
#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set(struct ae_error *err, enum ae_status status, const char *format, va_list args)
{
	err->status = status;
	vsnprintf(err->text, sizeof(err->text), format, args);
}

int ae_fail(struct ae_error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(err, AE_STATUS_DATA, format, args);
	va_end(args);
	return -1;
}

int ae_fail_or(struct ae_error *err, const struct ae_error *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(err, AE_STATUS_DATA, format, args);
	va_end(args);
	if (why->text[0])
		*err = *why;
	return -1;
}

int ae_fail_usage(struct ae_error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(err, AE_STATUS_USAGE, format, args);
	va_end(args);
	return -1;
}

int ae_fail_terminated(struct ae_error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set(err, AE_STATUS_SIGTERM, format, args);
	va_end(args);
	return -1;
}

int ae_fail_lost(struct ae_error *err, uint64_t rows)
{
	const struct ae_error why = *err;
	if (rows == 1)
		return ae_fail_terminated(err, "%.900s: 1 row that was read is not written", why.text);
	return ae_fail_terminated(
		err, "%.900s: %llu rows that were read are not written", why.text, (unsigned long long)rows);
}

int ae_fail_errno(struct ae_error *err, const char *format, ...)
{
	int code = errno;
	va_list args;
	va_start(args, format);
	set(err, code == EPIPE ? AE_STATUS_SIGPIPE : AE_STATUS_DATA, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(code));
	return -1;
}

int ae_fail_in(struct ae_error *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	memcpy(old, err->text, sizeof(old));
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	size_t used = strlen(err->text);
	size_t room = sizeof(err->text) - used - 1;
	size_t len = strlen(old) < room ? strlen(old) : room;
	memcpy(err->text + used, old, len);
	err->text[used + len] = '\0';
	return -1;
}

int ae_fail_more(struct ae_error *err, const char *more)
{
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", more);
	return -1;
}

int ae_fail_memory(struct ae_error *err)
{
	return ae_fail(err, "out of memory");
}
