/* SPDX-License-Identifier: MIT */
/* Locks on files that are not waited for without end. */
#include "core/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/sha256.h"
#include "core/stop.h"
#include "core/util.h"

bool ae_lock_file(int fd, int most)
{
	const struct timespec wait = {.tv_nsec = 1000000};
	for (int n = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; n++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return true;
		if (n == most || ae_stop_asked())
			return false;
		nanosleep(&wait, NULL);
	}
	return true;
}

/* ---- names ---- */

static char *lock_path(const char *target, struct ae_error *err)
{
	enum { NAME = 200, BYTES = 8 };
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
	unsigned char digest[AE_DIGEST_SIZE];
	struct ae_sha256 sha = {0};
	char *path = NULL, rest[AE_DIGEST_TEXT] = "";
	if (strlen(name) > NAME) { /* names that begin alike have locks of their own */
		ae_sha256_init(&sha);
		ae_sha256_update(&sha, name, strlen(name));
		ae_sha256_final(&sha, digest);
		ae_digest_format(rest, digest, BYTES);
	}
	if (asprintf(&path, "%.*s.aefilters-lock-%.*s%s%s", (int)(name - target), target, NAME, name, *rest ? "-" : "",
		    rest) >= 0)
		return path;
	ae_fail_memory(err);
	return NULL;
}

/* -1 with EEXIST where somebody else has just made it. Others may own what they left. */
static int open_lock(const char *path)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK;
	int fd = ae_open(path, O_RDWR | flags, 0);
	if (fd < 0 && errno == EACCES)
		fd = ae_open(path, O_RDONLY | flags, 0);
	return fd < 0 && errno == ENOENT ? ae_open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0666) : fd;
}

/* 1, or 0: whoever had the lock before has removed the file, or -1 and errno. */
static int is_there(int fd, const char *path)
{
	struct stat ours, there;
	if (fstat(fd, &ours) != 0)
		return -1;
	if (lstat(path, &there) != 0)
		return errno == ENOENT ? 0 : -1;
	return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

enum { TAKEN = 1, BUSY = 0, AGAIN = 2 };

/* TAKEN, with the file in *fd, BUSY, AGAIN, or -1 and errno. */
static int try_to_take(int *fd, const char *path, int most)
{
	*fd = open_lock(path);
	if (*fd < 0)
		return errno == EEXIST ? AGAIN : -1;
	int rc = BUSY;
	if (ae_lock_file(*fd, most)) {
		int there = is_there(*fd, path);
		rc = there == 0 ? AGAIN : there < 0 ? -1 : TAKEN;
	}
	int reason = errno;
	if (rc != TAKEN)
		close(*fd);
	errno = reason;
	return rc;
}

int ae_name_lock_take(struct ae_name_lock *lock, const char *target, int most, struct ae_error *err)
{
	char *path = lock_path(target, err);
	int rc = AGAIN;
	while (path && rc == AGAIN)
		rc = try_to_take(&lock->fd, path, most);
	if (path && rc < 0)
		(void)ae_fail_errno(err, "%s", path);
	if (path && rc == TAKEN)
		lock->path = path;
	else
		free(path);
	return path ? rc : -1;
}

void ae_name_lock_free(struct ae_name_lock *lock)
{
	if (!lock->path)
		return;
	unlink(lock->path);
	close(lock->fd);
	free(lock->path);
	lock->path = NULL;
}
