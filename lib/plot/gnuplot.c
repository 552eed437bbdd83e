/* SPDX-License-Identifier: MIT */
/* gnuplot as a child process. */
#include "plot/gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/tempfile.h"

extern char **environ;

/* The child's standard input, output and error are temporary files and not pipes, so that neither side can block on the
   other. */
struct child {
	int fd[3];
	pid_t pid;
};

/* Where Ctrl-C, or SIGTERM to the group, asks this program to stop, which then still draws, gnuplot is not ended by it.
 */
static void find_blocked(sigset_t *blocked)
{
	static const int requests[] = {SIGINT, SIGTERM};
	struct sigaction action;
	sigemptyset(blocked);
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (sigaction(requests[i], NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			sigaddset(blocked, requests[i]);
}

/* The environment but for GNUTERM, which may name a terminal that this gnuplot has not, and then ends it. Freed with
   free(); NULL and *err on failure. */
static char **make_environment(struct ae_error *err)
{
	size_t count = 0, kept = 0;
	while (environ[count])
		count++;
	char **environment = ae_calloc(count + 1, sizeof(*environment), err);
	for (size_t i = 0; environment && i < count; i++)
		if (strncmp(environ[i], "GNUTERM=", strlen("GNUTERM=")) != 0)
			environment[kept++] = environ[i];
	return environment;
}

static int start(struct child *child, char **environment, struct ae_error *err)
{
	static char name[] = "gnuplot", no_settings[] = "-d";
	char *const argv[] = {name, no_settings, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t blocked, restored;
	int code = posix_spawn_file_actions_init(&actions);
	if (code == 0 && (code = posix_spawnattr_init(&attributes)) != 0)
		posix_spawn_file_actions_destroy(&actions);
	if (code != 0) {
		errno = code;
		return ae_fail_errno(err, "cannot start gnuplot");
	}
	find_blocked(&blocked);
	sigemptyset(&restored);
	sigaddset(&restored, SIGTERM);
	sigaddset(&restored, SIGPIPE);
	for (int fd = 0; code == 0 && fd < 3; fd++)
		code = posix_spawn_file_actions_adddup2(&actions, child->fd[fd], fd);
	if (code == 0)
		code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (code == 0)
		code = posix_spawnattr_setsigmask(&attributes, &blocked);
	if (code == 0)
		code = posix_spawnattr_setsigdefault(&attributes, &restored);
	if (code == 0)
		code = posix_spawnp(&child->pid, name, &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (code == 0)
		return 0;
	errno = code;
	return code == ENOENT ? ae_fail(err, "gnuplot is not installed: apt-get install gnuplot-nox")
			      : ae_fail_errno(err, "cannot start gnuplot");
}

static int wait_for(pid_t pid, int *status, struct ae_error *err)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return ae_fail_errno(err, "cannot wait for gnuplot");
	return 0;
}

static int read_back(struct ae_buf *bytes, int fd, struct ae_error *err)
{
	ssize_t n;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return ae_fail_errno(err, "a temporary file");
	do {
		if (ae_buf_reserve(bytes, 65536, err) != 0)
			return -1;
		n = read(fd, bytes->data + bytes->len, bytes->cap - bytes->len);
		if (n > 0)
			bytes->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? ae_fail_errno(err, "a temporary file") : 0;
}

/* An error with the standard error of gnuplot, on one line. */
static int fail_with_output(int fd, int status, struct ae_error *err)
{
	struct ae_buf output = {0};
	char line[600] = "";
	size_t len = 0;
	if (read_back(&output, fd, err) != 0)
		output.len = 0;
	for (size_t i = 0; i < output.len && len + 1 < sizeof(line); i++) {
		char c = output.data[i] > ' ' && output.data[i] != 127 ? (char)output.data[i] : ' ';
		if (c != ' ' || (len > 0 && line[len - 1] != ' '))
			line[len++] = c;
	}
	while (len > 0 && line[len - 1] == ' ')
		len--;
	line[len] = '\0';
	ae_buf_free(&output);
	if (WIFSIGNALED(status))
		return ae_fail(err, "gnuplot was ended by signal %d", WTERMSIG(status));
	return ae_fail(err, "gnuplot failed: %s", len ? line : "it did not say why");
}

static int run(struct child *child, struct ae_buf *picture, const struct ae_buf *script, struct ae_error *err)
{
	int status;
	if (ae_write_all(child->fd[0], script->data, script->len, "a temporary file", err) != 0)
		return -1;
	if (lseek(child->fd[0], 0, SEEK_SET) < 0)
		return ae_fail_errno(err, "a temporary file");
	char **environment = make_environment(err);
	int rc = environment ? start(child, environment, err) : -1;
	free(environment);
	if (rc != 0 || wait_for(child->pid, &status, err) != 0)
		return -1;
	size_t before = picture->len;
	if (status != 0)
		return fail_with_output(child->fd[2], status, err);
	if (read_back(picture, child->fd[1], err) != 0)
		return -1;
	return picture->len > before ? 0 : fail_with_output(child->fd[2], status, err);
}

int ae_gnuplot_run(struct ae_buf *picture, const struct ae_buf *script, struct ae_error *err)
{
	struct child child = {.fd = {-1, -1, -1}};
	int rc = 0;
	for (int i = 0; rc == 0 && i < 3; i++)
		rc = (child.fd[i] = ae_tempfile(err)) < 0 ? -1 : 0;
	if (rc == 0)
		rc = run(&child, picture, script, err);
	for (int i = 0; i < 3; i++)
		if (child.fd[i] >= 0)
			close(child.fd[i]);
	return rc;
}
