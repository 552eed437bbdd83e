/* SPDX-License-Identifier: MIT */
/* SIGTERM as a request to stop. What waits in a system call comes back by EINTR at once, and every 20 milliseconds from
   then on, so that a request between a look and a wait is not lost. The state is the process's: signal handlers reach
   nothing else. For one thread, which takes the signals; others block them. */
#ifndef AE_CORE_STOP_H
#define AE_CORE_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* From now on the first SIGTERM is a request, and a second one ends the process. */
void ae_stop_hold(void);
/* SIGTERM ends the process again, at once if it came meanwhile. */
void ae_stop_release(void);
/* Whether SIGTERM came. */
bool ae_stop_asked(void);
/* Milliseconds since then; 0 if it did not come. */
int64_t ae_stop_age(void);

#endif
