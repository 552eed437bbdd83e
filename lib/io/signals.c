/* SPDX-License-Identifier: MIT */
/* The handler of SIGTERM, and a timer that interrupts what waits. */
#include "io/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/stop.h"

enum { TICK_NS = 20 * 1000 * 1000 };

static timer_t ticks;
static bool has_ticks;

static void on_tick(int signum)
{
	(void)signum;
}

/* Calls only what a signal handler may. */
static void on_request(int signum)
{
	if (ae_stop_asked()) { /* ends the process when this returns */
		signal(signum, SIG_DFL);
		raise(signum);
		return;
	}
	ae_stop_ask();
	const struct itimerspec often = {.it_value.tv_nsec = TICK_NS, .it_interval.tv_nsec = TICK_NS};
	if (has_ticks)
		timer_settime(ticks, 0, &often, NULL);
}

void ae_signals_hold(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct sigaction tick = {.sa_handler = on_tick}, request = {.sa_handler = on_request};
	if (!has_ticks)
		has_ticks = timer_create(CLOCK_MONOTONIC, &event, &ticks) == 0;
	sigaction(SIGALRM, &tick, NULL);
	sigaction(SIGTERM, &request, NULL);
}

void ae_signals_release(void)
{
	signal(SIGTERM, SIG_DFL);
	if (has_ticks)
		timer_delete(ticks);
	has_ticks = false;
	if (ae_stop_asked())
		raise(SIGTERM);
}
