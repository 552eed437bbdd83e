/* SPDX-License-Identifier: MIT */
/* Bytes from a descriptor, with a notion of when no more are waiting, when to stop, and when nobody reads the output
   any more. Side effect on the process: from the first ae_input_open on SIGTERM asks to stop (core/stop.h), so inputs
   belong to one thread, and others must not take signals. */
#ifndef AE_IO_INPUT_H
#define AE_IO_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/util.h"

/* How much of what follows ae_input_read reads along. */
enum { AE_INPUT_AHEAD = 4096 };

/* How long after SIGTERM a stream whose writer may have been asked too is read on, in milliseconds. */
enum { AE_INPUT_DRAIN_MS = 1000 };

struct ae_thread_pool;

struct ae_input {
	int fd;
	bool owned;        /* close fd at the end */
	char *name;        /* "<stdin>" or the path, for messages */
	struct ae_buf buf; /* bytes [at, buf.len) have come and wait to be taken */
	size_t at;
	uint64_t taken; /* bytes in all */
	bool ended;     /* end of file was seen */
	bool emptied;   /* the last read took all that was there: until the next one that waits, nobody looks again */
	bool stopped;   /* SIGTERM asked to stop reading; bytes that had come may still be taken */
	bool regular;   /* a regular file */
	bool drains;    /* after SIGTERM it is read on for up to a second: its writer may have been asked too, and then
			   ends it. So at first of all but regular files, whose format nobody knows yet */
	struct ae_thread_pool *pool; /* may share the work of large reads; or NULL */
	int output_fd;               /* polled while waiting for input: its reader may go away; -1 for none */
	/* May be NULL. Called when it is about to wait for input, or has emptied it. The milliseconds after which it
	   wants to be called again if nothing has come, 0 for never, or -1 and *err. */
	int (*idle)(void *arg, struct ae_error *err);
	void *idle_arg;
};

enum ae_fill {
	AE_FILL_MORE, /* bytes were added */
	AE_FILL_IDLE, /* none are waiting (only if asked not to wait) */
	AE_FILL_END,  /* end of file, or stopped */
	AE_FILL_FAIL,
};

/* Opens a path; NULL or "-" is standard input. From the first call on SIGTERM asks to stop reading instead of ending
   the process, until ae_signals_release. */
int ae_input_open(struct ae_input *input, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Adds bytes to the end of buf. With wait, blocks until there are some; an output without reader meanwhile is
   AE_FILL_FAIL with AE_STATUS_SIGPIPE. Pointers into buf become invalid. */
enum ae_fill ae_input_fill(struct ae_input *input, bool wait, struct ae_error *err);
/* The same, but it takes no more than about `most` bytes at once. */
enum ae_fill ae_input_fill_some(struct ae_input *input, bool wait, size_t most, struct ae_error *err);
/* Reads on into `to`, past buf, which must be empty: *got bytes, at most `most`. A few bytes that follow go into buf.
 */
enum ae_fill ae_input_read(
	struct ae_input *input, bool wait, void *to, size_t most, size_t *got, struct ae_error *err) AE_MUST_CHECK;
/* Puts bytes back that were taken or read, in front of those that wait. */
int ae_input_put_back(struct ae_input *input, const void *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Whether SIGTERM asked to stop and no more is to be read. */
bool ae_input_must_stop(const struct ae_input *input);
/* Takes n bytes off the front. */
void ae_input_take(struct ae_input *input, size_t n);
const unsigned char *ae_input_bytes(const struct ae_input *input, size_t *len);
/* Whether fewer than n bytes can still come: true only of a regular file, whose size is known. */
bool ae_input_lacks(const struct ae_input *input, uint64_t n);
void ae_input_close(struct ae_input *input);

#endif
