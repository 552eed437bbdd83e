/* SPDX-License-Identifier: MIT */
/* Locks on files, which programs take one after the other. */
#ifndef AE_CORE_LOCK_H
#define AE_CORE_LOCK_H

#include <stdbool.h>

#include "core/error.h"

/* Takes the lock of an open file (flock), which closing it gives back. Somebody who has it and does not give it back, a
   stopped program say, is waited for `most` milliseconds and not after SIGTERM: false, and the caller goes on without.
   File systems without locks have to do without: true. */
bool ae_lock_file(int fd, int most);

/* The right to replace the file of a path, whose own lock would go with the file that is replaced: an empty file beside
   it, ".aefilters-lock-NAME", is locked, and removed at the end. One that a killed program left is taken over. Names
   whose first 200 bytes are equal share it. All zero while it is not taken. */
struct ae_name_lock {
	int fd;
	char *path; /* of the empty file */
};
/* Takes it: 1, or 0 if somebody else has it for `most` milliseconds more; -1 and *err. `target` is what the path leads
   to, links followed (ae_outfile_target). */
int ae_name_lock_take(struct ae_name_lock *lock, const char *target, int most, struct ae_error *err) AE_MUST_CHECK;
void ae_name_lock_free(struct ae_name_lock *lock);

#endif
