/* SPDX-License-Identifier: MIT */
/* Programs that take records. */
#include "cli/alarm_exec.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/stop.h"
#include "core/timestamp.h"

enum { LOOK_MS = 10, STOP_MS = 800, NS_PER_MS = 1000000 };

extern char **environ;

/* ---- the program ---- */

static bool is_program(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return false;
	errno = EACCES;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Whether one of the folders of PATH has it. */
static bool is_in_path(const char *name)
{
	char path[4096];
	const char *folder = getenv("PATH");
	errno = ENOENT;
	if (!folder)
		folder = "/bin:/usr/bin"; /* as execvp does */
	for (; *folder; folder += *folder == ':') {
		size_t len = strcspn(folder, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)(len < 3000 ? len : 3000), len ? folder : ".", name);
		if (is_program(path))
			return true;
		folder += len;
	}
	return false;
}

int ae_alarm_exec_start(struct ae_alarm_exec *x, const char *path, const char *timeout, struct ae_error *err)
{
	int64_t ns = (int64_t)60000 * NS_PER_MS;
	if (timeout && (ae_duration_parse(&ns, timeout) != 0 || ns < NS_PER_MS))
		return ae_fail_usage(
			err, "--exec-timeout %s: expected a time such as 500ms, 90s or 15m, at least 1ms", timeout);
	if (!(strchr(path, '/') ? is_program(path) : is_in_path(path)))
		return ae_fail_errno(err, "--exec %s: there is no such program%s", path,
			strchr(path, '/') ? "" : " in PATH, and arguments need a script");
	x->timeout = ns / NS_PER_MS;
	x->path = path;
	return 0;
}

/* ---- a run ---- */

/* The record as a file that is read from its start, so that no program can make us wait by not reading it; -1 and
   errno. */
static int record_file(const struct ae_buf *record)
{
	struct ae_error ignored;
	int fd = memfd_create("record", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ae_write_all(fd, record->data, record->len, "--exec", &ignored) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	errno = ENOSPC;
	return -1;
}

/* What it prints goes where messages go: standard output has the verdicts. It is a process group of its own, which the
   keyboard does not interrupt. */
static int spawn(struct ae_alarm_exec *x, int record)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	char *argv[] = {(char *)(uintptr_t)x->path, NULL};
	int rc = posix_spawn_file_actions_init(&files);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		sigemptyset(&none);
		sigemptyset(&usual);
		sigaddset(&usual, SIGPIPE);
		sigaddset(&usual, SIGXFSZ);
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setsigdefault(&attributes, &usual);
		posix_spawnattr_setflags(
			&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
		rc = posix_spawn_file_actions_adddup2(&files, record, STDIN_FILENO);
		if (rc == 0)
			rc = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
		if (rc == 0)
			rc = posix_spawnp(&x->child, x->path, &files, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void count_failure(struct ae_alarm_exec *x, const char *what)
{
	x->failed++;
	if (!x->told_failed)
		ae_note(x->program, x->common, "--exec %s: %s; others that fail are counted", x->path, what);
	x->told_failed = true;
}

static void start_next(struct ae_alarm_exec *x)
{
	char what[200];
	int record = record_file(&x->queue[x->first]);
	int why = record < 0 ? errno : spawn(x, record);
	if (record >= 0)
		close(record);
	x->first = (x->first + 1) % AE_ALARM_QUEUE;
	x->waiting--;
	x->started = ae_clock_ms();
	if (why == 0)
		return;
	x->child = 0;
	snprintf(what, sizeof(what), "%s", strerror(why));
	count_failure(x, what);
}

/* The child has ended so. */
static void note_end(struct ae_alarm_exec *x, int status)
{
	char what[80];
	bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && ae_clock_ms() - x->started >= x->timeout;
	x->child = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		x->done++;
		return;
	}
	if (late)
		snprintf(what, sizeof(what), "it was killed after its time (--exec-timeout)");
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "ended by signal %d", WTERMSIG(status));
	else
		snprintf(what, sizeof(what), "exit status %d", WEXITSTATUS(status));
	count_failure(x, what);
}

/* With all of its process group; it may have left that. */
static void kill_child(const struct ae_alarm_exec *x)
{
	kill(-x->child, SIGKILL);
	kill(x->child, SIGKILL);
}

int ae_alarm_exec_tend(struct ae_alarm_exec *x)
{
	int status;
	while (x->child || x->waiting) {
		if (!x->child)
			start_next(x);
		if (!x->child)
			continue;
		pid_t got = waitpid(x->child, &status, WNOHANG);
		if (got == 0 && ae_clock_ms() - x->started >= x->timeout)
			kill_child(x);
		if (got == 0 || (got < 0 && errno == EINTR))
			return LOOK_MS;
		note_end(x, got < 0 ? 0 : status); /* where SIGCHLD is ignored nobody can tell how it ended */
	}
	return 0;
}

int ae_alarm_exec_add(struct ae_alarm_exec *x, const struct ae_buf *record, struct ae_error *err)
{
	if (x->waiting == AE_ALARM_QUEUE)
		(void)ae_alarm_exec_tend(x);
	if (x->waiting == AE_ALARM_QUEUE) {
		x->dropped++;
		if (!x->told_dropped)
			ae_note(x->program, x->common,
				"--exec %s: %d records wait for it: those that come are dropped and counted", x->path,
				AE_ALARM_QUEUE);
		x->told_dropped = true;
		return 0;
	}
	struct ae_buf *place = &x->queue[(x->first + x->waiting) % AE_ALARM_QUEUE];
	if (ae_buf_set(place, record->data, record->len, err) != 0)
		return -1;
	x->waiting++;
	(void)ae_alarm_exec_tend(x);
	return 0;
}

/* ---- the end ---- */

void ae_alarm_exec_finish(struct ae_alarm_exec *x, bool failed)
{
	const struct timespec nap = {.tv_nsec = LOOK_MS * NS_PER_MS};
	int64_t start = ae_clock_ms();
	while (ae_alarm_exec_tend(x) > 0) {
		int64_t waited = ae_clock_ms() - start;
		if (ae_stop_age() >= STOP_MS || waited > x->timeout + LOOK_MS * 2 || (failed && waited >= STOP_MS))
			break;
		nanosleep(&nap, NULL);
	}
	x->dropped += x->waiting;
	x->waiting = 0;
	if (x->child) {
		kill_child(x);
		x->child = 0;
		x->failed++;
		ae_note(x->program, x->common, "--exec %s: one still ran, and was killed", x->path);
	}
	if (x->failed || x->dropped)
		ae_note(x->program, x->common, "--exec %s: %llu record%s taken, %llu failed, %llu dropped", x->path,
			(unsigned long long)x->done, x->done == 1 ? "" : "s", (unsigned long long)x->failed,
			(unsigned long long)x->dropped);
}

void ae_alarm_exec_free(struct ae_alarm_exec *x)
{
	for (size_t i = 0; i < AE_ALARM_QUEUE; i++)
		ae_buf_free(&x->queue[i]);
}
