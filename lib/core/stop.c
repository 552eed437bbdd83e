/* SPDX-License-Identifier: MIT */
/* A flag, the time it was set, and a timer that interrupts what waits. */
#include "core/stop.h"

#include <signal.h>
#include <time.h>

enum { TICK_NS = 20 * 1000 * 1000 };

static volatile sig_atomic_t asked;
static volatile int64_t asked_at; /* read only once `asked` is set */
static timer_t ticks;
static bool has_ticks;

static int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void on_tick(int signum)
{
	(void)signum;
}

/* Calls only what a signal handler may. */
static void on_request(int signum)
{
	if (asked) { /* ends the process when this returns */
		signal(signum, SIG_DFL);
		raise(signum);
		return;
	}
	asked_at = now();
	asked = 1;
	const struct itimerspec often = {.it_value.tv_nsec = TICK_NS, .it_interval.tv_nsec = TICK_NS};
	if (has_ticks)
		timer_settime(ticks, 0, &often, NULL);
}

void ae_stop_hold(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct sigaction tick = {.sa_handler = on_tick}, request = {.sa_handler = on_request};
	if (!has_ticks)
		has_ticks = timer_create(CLOCK_MONOTONIC, &event, &ticks) == 0;
	sigaction(SIGALRM, &tick, NULL);
	sigaction(SIGTERM, &request, NULL);
}

void ae_stop_release(void)
{
	signal(SIGTERM, SIG_DFL);
	if (has_ticks)
		timer_delete(ticks);
	has_ticks = false;
	if (asked)
		raise(SIGTERM);
}

bool ae_stop_asked(void)
{
	return asked;
}

int64_t ae_stop_age(void)
{
	return asked ? now() - asked_at : 0;
}
