/* SPDX-License-Identifier: MIT */
/* A flag and the time it was set. */
#include "core/stop.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t asked; /* the signal, or 0 */
static volatile sig_atomic_t report, reload;
static volatile int64_t asked_at; /* read only once `asked` is set */

int64_t ae_clock_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void ae_stop_ask(int signum)
{
	asked_at = ae_clock_ms();
	asked = signum;
}

bool ae_stop_asked(void)
{
	return asked != 0;
}

int ae_stop_signal(void)
{
	return asked;
}

int64_t ae_stop_age(void)
{
	return asked ? ae_clock_ms() - asked_at : 0;
}

static bool take(volatile sig_atomic_t *flag)
{
	if (!*flag)
		return false;
	*flag = 0;
	return true;
}

void ae_report_ask(void)
{
	report = 1;
}

bool ae_report_taken(void)
{
	return take(&report);
}

void ae_reload_ask(void)
{
	reload = 1;
}

bool ae_reload_taken(void)
{
	return take(&reload);
}

int ae_sooner(int a, int b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}
