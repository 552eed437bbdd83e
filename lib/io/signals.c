/* SPDX-License-Identifier: MIT */
/* The handler of SIGTERM and SIGINT, and a timer that interrupts what waits. */
#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "core/stop.h"
#include "core/util.h"

enum { TICK_US = 20 * 1000 };

static void on_tick(int signum)
{
	(void)signum;
}

/* Until it is asked to stop, SIGALRM is the alarm of whoever started the program. The interval timer, unlike one of
   timer_create, needs nothing that can run out. */
static void start_ticks(void)
{
	const struct itimerval often = {.it_value.tv_usec = TICK_US, .it_interval.tv_usec = TICK_US};
	struct sigaction tick = {.sa_handler = on_tick};
	sigaction(SIGALRM, &tick, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* Calls only what a signal handler may; setitimer is a bare system call. */
static void on_request(int signum)
{
	int before = errno;
	if (ae_stop_asked()) { /* ends the process when this returns */
		signal(signum, SIG_DFL);
		raise(signum);
	} else {
		ae_stop_ask(signum);
		start_ticks();
		signal(SIGPIPE, SIG_IGN); /* a write fails instead, so that rows which nobody reads are counted */
	}
	errno = before;
}

bool ae_signal_ignored(int signum)
{
	struct sigaction now;
	return sigaction(signum, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* The requests to stop: of a supervisor, and of the keyboard, which reaches a whole pipeline. */
static const int requests[] = {SIGTERM, SIGINT};
enum { REQUESTS = sizeof(requests) / sizeof(requests[0]) };

void ae_signals_hold(void)
{
	struct sigaction request = {.sa_handler = on_request};
	sigset_t taken;
	sigemptyset(&taken);
	for (int i = 0; i < REQUESTS; i++) {
		if (ae_signal_ignored(requests[i]))
			continue;
		sigaddset(&taken, requests[i]);
		sigaddset(&taken, SIGALRM);
		sigaction(requests[i], &request, NULL);
	}
	pthread_sigmask(SIG_UNBLOCK, &taken, NULL);
}

static void on_report(int signum)
{
	(void)signum;
	ae_report_ask();
}

/* A parent may have left it blocked. */
static void take(int signum, void (*handler)(int))
{
	const struct sigaction action = {.sa_handler = handler};
	sigset_t taken;
	sigemptyset(&taken);
	sigaddset(&taken, signum);
	sigaction(signum, &action, NULL);
	pthread_sigmask(SIG_UNBLOCK, &taken, NULL);
}

void ae_signals_take_reports(void)
{
	take(SIGUSR1, on_report);
}

static void on_reload(int signum)
{
	(void)signum;
	ae_reload_ask();
}

void ae_signals_take_reloads(void)
{
	take(SIGHUP, on_reload);
}

void ae_signals_release(void)
{
	for (int i = 0; i < REQUESTS; i++)
		if (!ae_signal_ignored(requests[i]))
			signal(requests[i], SIG_DFL);
	if (ae_stop_asked())
		raise(ae_stop_signal());
}

/* Writes without SIGPIPE, which only this thread gets. */
static ssize_t write_told(int fd, const void *bytes, size_t len, const char *path, struct ae_error *err)
{
	static const struct timespec now = {0};
	sigset_t broken, before, pending;
	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &broken, &before);
	ssize_t n = ae_write_some(fd, bytes, len, path, err);
	if (n < 0 && err->status == AE_STATUS_SIGPIPE)
		err->status = AE_STATUS_DATA;
	if (!sigismember(&pending, SIGPIPE)) /* one comes with a write of a part, too */
		(void)sigtimedwait(&broken, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

void ae_signals_tell_broken(struct ae_outfile *file)
{
	if (!file->target && file->fd != STDOUT_FILENO && ae_outfile_descriptor(file->path) != STDOUT_FILENO)
		file->write = write_told;
}
