/* SPDX-License-Identifier: MIT */
/* SIGTERM and SIGINT as requests to stop (core/stop.h). What waits in a system call comes back by EINTR at once, and
   every 20 milliseconds from then on, so that a request between a look and a wait is not lost. For one thread, which
   takes the signals; others block them. */
#ifndef AE_IO_SIGNALS_H
#define AE_IO_SIGNALS_H

#include <stdbool.h>

#include "core/outfile.h"

/* Whether the process ignores a signal. Where the parent had it ignored, that stays so. */
bool ae_signal_ignored(int signum);

/* From now on the first of the two asks to stop, and a second one ends the process. A parent may have left them and
   SIGALRM blocked: they are unblocked. SIGALRM is taken over, and with it a pending alarm, only when one comes; so is
   SIGPIPE: from then on a write without a reader fails with EPIPE. */
void ae_signals_hold(void);
/* From now on SIGUSR1 asks for a report (core/stop.h) instead of ending the process, also where a parent left it
   blocked; what waits comes back by EINTR. One between a look and a wait is seen by the next look alone. */
void ae_signals_take_reports(void);
/* The same of SIGHUP and a look at the model's file, also where the parent had it ignored. */
void ae_signals_take_reloads(void);
/* For a file beside the output: that the reader of a FIFO has gone is an error of the write from now on, of status
   AE_STATUS_DATA, and no SIGPIPE. Standard output stays as it is. */
void ae_signals_tell_broken(struct ae_outfile *file);
/* They end the process again, at once if one came meanwhile. */
void ae_signals_release(void);

#endif
