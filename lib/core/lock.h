/* SPDX-License-Identifier: MIT */
/* Locks on files, which programs take one after the other. */
#ifndef AE_CORE_LOCK_H
#define AE_CORE_LOCK_H

#include <stdbool.h>

/* Takes the lock of an open file (flock), which closing it gives back. Somebody who has it and does not give it back, a
   stopped program say, is waited for `most` milliseconds and not after SIGTERM: false, and the caller goes on without.
   File systems without locks have to do without: true. */
bool ae_lock_file(int fd, int most);

#endif
