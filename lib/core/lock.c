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
	enum { NAME = 200 };
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
	char *path = NULL;
	if (asprintf(&path, "%.*s.aefilters-lock-%.*s", (int)(name - target), target, NAME, name) >= 0)
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

/* Whoever had the lock before may have removed the file. */
static bool is_there(int fd, const char *path)
{
	struct stat ours, there;
	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

int ae_name_lock_take(struct ae_name_lock *lock, const char *target, int most, struct ae_error *err)
{
	char *path = lock_path(target, err);
	int got = -1;
	while (path) {
		lock->fd = open_lock(path);
		if (lock->fd < 0 && errno == EEXIST)
			continue;
		if (lock->fd < 0) {
			(void)ae_fail_errno(err, "%s", path);
			break;
		}
		bool taken = ae_lock_file(lock->fd, most);
		if (taken && is_there(lock->fd, path)) {
			lock->path = path;
			return 1;
		}
		close(lock->fd);
		if (taken)
			continue;
		got = 0;
		break;
	}
	free(path);
	return got;
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
