/* SPDX-License-Identifier: MIT */
/* Locks on files that are not waited for without end. */
#include "core/lock.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "core/stop.h"

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
