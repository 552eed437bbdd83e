/* SPDX-License-Identifier: MIT */
/* Whether the process was asked to stop, and when, or for a report. What asks is a signal handler (io/signals.h), which
   reaches nothing but static storage; in the library nothing does. */
#ifndef AE_CORE_STOP_H
#define AE_CORE_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Asks to stop, because of this signal. A signal handler may call it. */
void ae_stop_ask(int signum);
bool ae_stop_asked(void);
/* The signal, or 0. */
int ae_stop_signal(void);
/* Milliseconds since it was asked; 0 if it was not. */
int64_t ae_stop_age(void);
/* Asks for a report of what was done so far. A signal handler may call it. */
void ae_report_ask(void);
/* Whether that was asked since the last call. */
bool ae_report_taken(void);
/* The same of a look at the model's file. */
void ae_reload_ask(void);
bool ae_reload_taken(void);
/* Milliseconds of the clock that this is measured by: it only runs forward. A signal handler may call it. */
int64_t ae_clock_ms(void);

/* The sooner of two waits, of which 0 is for ever. */
int ae_sooner(int a, int b);

#endif
