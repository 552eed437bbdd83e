/* SPDX-License-Identifier: MIT */
/* Output files: written beside their place and renamed after success, so that nobody sees half of one, or, where
   somebody watches them grow, in place. Files of different paths may be written by different threads. */
#ifndef AE_CORE_OUTFILE_H
#define AE_CORE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "core/error.h"

/* What a file is at some time. */
struct ae_file_stamp {
	bool there;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct ae_file_stamp ae_file_stamp(const struct stat *status);
bool ae_file_stamp_equal(const struct ae_file_stamp *a, const struct ae_file_stamp *b);

struct ae_outfile {
	int fd;       /* where to write; -1 while it is reserved */
	bool beside;  /* a regular file that waits for its name; false for a FIFO, a device, /dev/fd, standard output */
	char *path;   /* as the user names it, for messages */
	char *target; /* the regular file that path led to at first, links followed; NULL for anything else */
	char *folder; /* of target */
	char *like;   /* the file whose owner and permissions it gets; NULL: the one that it replaces */
	char *temporary; /* the name it has meanwhile, NULL while it has none */
	char *replaced;  /* a name that the file it replaces has meanwhile, or NULL */
	bool sync;       /* it reaches the disk before it gets its name */
	bool named;      /* it has got its name */
	/* Writes some of it, as ae_write_some does; NULL: that. */
	ssize_t (*write)(int fd, const void *bytes, size_t len, const char *path, struct ae_error *err);
	struct ae_file_stamp before; /* what target was at first */
	/* What has been written: how many bytes in all, and how many after the last newline. */
	uint64_t written;
	size_t open_line;
	bool widened; /* it was tried to make its pipe a large one */
};

/* Opens path for writing; NULL or "-" is standard output (named "<stdout>"). A regular file is made in the same folder,
   without a name where the file system can (O_TMPFILE), so that whatever ends the program leaves nothing behind.
   FIFOs and devices are opened directly. A folder or an unwritable place is an error that names the path. */
int ae_outfile_open(struct ae_outfile *file, const char *path, struct ae_error *err) AE_MUST_CHECK;

/* The same for a file that is to be regular: anything else is an error, at once, and is not opened. */
int ae_outfile_open_regular(struct ae_outfile *file, const char *path, struct ae_error *err) AE_MUST_CHECK;

/* Opens path for lines that are read while it grows: in place, cut to nothing first, or at its end, and to
   be read as well, with `append`. Anything but a regular file is opened as by ae_outfile_open. */
int ae_outfile_open_live(struct ae_outfile *file, const char *path, bool append, struct ae_error *err) AE_MUST_CHECK;

/* As ae_outfile_open; the file gets owner and permissions of `like`, if that is there, not of what it replaces. */
int ae_outfile_open_like(
	struct ae_outfile *file, const char *path, const char *like, struct ae_error *err) AE_MUST_CHECK;
/* The same for the first free name of PATH, PATH.2, PATH.3 and so on, which only ae_outfile_commit_new finds: whatever
   has such a name stays. */
int ae_outfile_open_new(
	struct ae_outfile *file, const char *path, const char *like, struct ae_error *err) AE_MUST_CHECK;

/* A file that is opened later. Where the path leads, and what is there, is fixed now: links that change meanwhile count
   no more. Refuses what ae_outfile_open would, and a descriptor of a regular file that has bytes behind the place
   where we would write, which would stay. Nothing is changed or opened, and of FIFOs and devices, whose readers
   would see an end, not even for a trial. */
int ae_outfile_reserve(struct ae_outfile *file, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Opens it; on failure it is spent. */
int ae_outfile_begin(struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;

/* The same for a file in place, which is cut to nothing when it begins. */
int ae_outfile_reserve_live(struct ae_outfile *file, const char *path, struct ae_error *err) AE_MUST_CHECK;
int ae_outfile_begin_live(struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;

/* The name of the file that a path leads to, or would make, with all links followed: a new string. */
char *ae_outfile_target(const char *path, struct ae_error *err) AE_MUST_CHECK;

/* The descriptor of this process that a path such as /dev/stdout or /dev/fd/N means, or -1. */
int ae_outfile_descriptor(const char *path);

/* Writes all of it. */
int ae_outfile_write(struct ae_outfile *file, const void *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;

/* Writes all of several runs of bytes, which are no lines, one behind the other. The array is used up. Where there are
   more of them than a pipe holds, it is made to hold a megabyte, if the system allows it: so both of its ends work at
   the same time, and change places less often. */
int ae_outfile_write_parts(
	struct ae_outfile *file, struct iovec *parts, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* After a write that failed half-way: a regular file that nobody else has appended to loses the last `len` bytes that
   were written. Whether it did. */
bool ae_outfile_take_back(struct ae_outfile *file, uint64_t len);

/* Whether a program may read it while it grows, and needs a mark where we fail: open, in place, and no terminal. */
bool ae_outfile_is_read(const struct ae_outfile *file);

/* After a write that failed half-way: ends the line that was cut, so that another can follow. A regular file that
   nobody else has appended to loses the cut line; elsewhere it gets a "!", which makes its last number none. */
void ae_outfile_end_line(struct ae_outfile *file);

/* Closes and gives the file its name, replacing what had it, with the permissions of the umask (or of the file that is
   replaced, and its owner, where we may give it away); `sync` makes it reach the disk first. Close errors count. The
   struct is spent either way. */
int ae_outfile_commit(struct ae_outfile *file, bool sync, struct ae_error *err) AE_MUST_CHECK;
/* The same for several, by their `sync`: all get their names, or none does. After an error the structs are the
   caller's, who may write a mark into a file in place and abandons them all. */
int ae_outfile_commit_all(struct ae_outfile *const files[], size_t count, struct ae_error *err) AE_MUST_CHECK;

/* Begins a file that was reserved, writes all of it and commits it: whole or not at all, and with a mark where a
   program may have read a part. The struct is spent either way. */
int ae_outfile_put(struct ae_outfile *file, const void *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;

/* As commit with sync, of what ae_outfile_open_new opened; *name is the name that it got, freed with free(). */
int ae_outfile_commit_new(struct ae_outfile *file, char **name, struct ae_error *err) AE_MUST_CHECK;

/* What is left to do when only the name is missing, such as to report it; after an error the file gets no name. */
struct ae_outfile_last {
	int (*call)(void *arg, struct ae_error *err); /* or NULL */
	void *arg;
	struct ae_outfile *also; /* another file, whole but for its name, which it gets by its `sync`: both or none. It
				    is the caller's after an error or a change. Or NULL */
};

/* As commit with sync, unless the file is another than when it was reserved or opened: then *changed is true and what
   was written is abandoned, which is no error. Programs that replace a file so do it one after the other, by a lock on
   its folder, where there is one to be had within a second. `last` may be NULL. */
int ae_outfile_commit_unchanged(
	struct ae_outfile *file, const struct ae_outfile_last *last, bool *changed, struct ae_error *err) AE_MUST_CHECK;

/* Closes and forgets; a regular file leaves no trace. */
void ae_outfile_abandon(struct ae_outfile *file);

#endif
