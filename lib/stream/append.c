/* SPDX-License-Identifier: MIT */
/* Logs that grow: what stands at the end of the file decides what must come before the next lines. */
#include "stream/append.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* So much of a header stands in an error. */
enum { SHOWN = 200 };

/* How a file ends. */
enum ending { EMPTY, WHOLE, MARKED, CUT };

static int fail(const struct ae_append *a, struct ae_error *err)
{
	return ae_fail_errno(err, "%s", a->file->path);
}

/* -1 with errno set if it cannot be read. */
static int find_ending(int fd, off_t *size)
{
	struct stat st;
	char tail[3];
	if (fstat(fd, &st) != 0)
		return -1;
	*size = st.st_size;
	if (st.st_size == 0)
		return EMPTY;
	ssize_t n = st.st_size < 3 ? st.st_size : 3;
	if (pread(fd, tail, (size_t)n, st.st_size - n) != n)
		return -1;
	if (tail[n - 1] != '\n')
		return CUT;
	bool mark = n >= 2 && tail[n - 2] == '!' && (n == 2 || tail[0] == '\n');
	return mark ? MARKED : WHOLE;
}

static int check_header(const struct ae_append *a, struct ae_error *err)
{
	off_t at = 0;
	char mark[2];
	size_t len = a->header.len - 1, most = len + 2 > SHOWN + 1 ? len + 2 : SHOWN + 1; /* len without newline */
	struct ae_buf line = {0};
	while (pread(a->file->fd, mark, 2, at) == 2 && memcmp(mark, "!\n", 2) == 0)
		at += 2; /* of runs that failed before they had a header */
	if (ae_buf_reserve(&line, most, err) != 0)
		return -1;
	ssize_t n = pread(a->file->fd, line.data, most, at);
	if (n < 0) {
		ae_buf_free(&line);
		return fail(a, err);
	}
	const unsigned char *end = memchr(line.data, '\n', (size_t)n);
	size_t has = end ? (size_t)(end - line.data) : (size_t)n;
	has -= end && has > 0 && line.data[has - 1] == '\r';
	bool same = n == 0 || (has == len && memcmp(line.data, a->header.data, len) == 0);
	int rc = same ? 0
		      : ae_fail(err,
				"%s: begins with \"%.*s%s\", and these rows have the header \"%.*s%s\": other columns "
				"go to another file",
				a->file->path, has > SHOWN ? SHOWN : (int)has, (const char *)line.data,
				has > SHOWN || !end ? "..." : "", len > SHOWN ? SHOWN : (int)len,
				(const char *)a->header.data, len > SHOWN ? "..." : "");
	ae_buf_free(&line);
	return rc;
}

int ae_append_open(struct ae_append *append, struct ae_outfile *file, const char *path, struct ae_error *err)
{
	struct stat st;
	*append = (struct ae_append){.file = file};
	if (strcmp(path, "-") == 0)
		return ae_fail_usage(err, "--append needs the name of a file");
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return ae_fail(err, "--append %s: is no regular file; -o writes to it", path);
	return ae_outfile_open_live(file, path, true, err);
}

/* Appends lines after what must come before them; without lines, the header to an empty file alone. */
static int append_after(struct ae_append *a, const unsigned char *lines, size_t len, struct ae_error *err)
{
	off_t size = 0;
	struct ae_buf all = {0};
	int ending = find_ending(a->file->fd, &size);
	if (ending < 0)
		return fail(a, err);
	if (ending == WHOLE || (len == 0 && ending != EMPTY))
		return ae_outfile_write(a->file, lines, len, err);
	bool bare = ending == CUT && (size_t)size + 1 == a->header.len; /* a header written by hand */
	const char *end = bare ? "\n" : ending == CUT ? "!\n!\n" : "";
	int rc = ae_buf_append(&all, end, strlen(end), err);
	if (rc == 0 && !bare)
		rc = ae_buf_append(&all, a->header.data, a->header.len, err);
	if (rc == 0)
		rc = ae_buf_append(&all, lines, len, err);
	if (rc == 0)
		rc = ae_outfile_write(a->file, all.data, all.len, err);
	ae_buf_free(&all);
	return rc;
}

static bool sigterm_waits(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 && sigismember(&pending, SIGTERM) == 1;
}

/* Keeps other of these programs from writing meanwhile: half of their lines would look like a cut one. Who has the lock
   and does not give it back, a stopped program say, is not waited for long, and file systems without locks have to do
   without: lines are whole all the same. */
static void lock(struct ae_append *a)
{
	enum { WAITS = 1000, WAITS_AGAIN = 20 }; /* of a millisecond each */
	const struct timespec wait = {.tv_nsec = 1000000};
	int most = a->unlocked ? WAITS_AGAIN : WAITS;
	a->unlocked = false;
	for (int n = 0; flock(a->file->fd, LOCK_EX | LOCK_NB) != 0; n++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return;
		if (n == most || sigterm_waits()) {
			a->unlocked = true;
			return;
		}
		nanosleep(&wait, NULL);
	}
}

/* Appends under the lock. */
static int append_locked(struct ae_append *a, const unsigned char *lines, size_t len, struct ae_error *err)
{
	lock(a);
	int rc = append_after(a, lines, len, err);
	if (rc != 0)
		ae_outfile_end_line(a->file);
	flock(a->file->fd, LOCK_UN);
	return rc;
}

static int begin_file(struct ae_append *a, struct ae_error *err)
{
	struct stat st;
	if (fstat(a->file->fd, &st) != 0)
		return fail(a, err);
	return st.st_size == 0 ? append_locked(a, NULL, 0, err) : check_header(a, err);
}

int ae_append_begin(struct ae_append *append, const unsigned char *header, size_t len, struct ae_error *err)
{
	if (ae_buf_set(&append->header, header, len, err) != 0 || begin_file(append, err) != 0)
		return -1;
	append->begun = true;
	return 0;
}

/* Goes over to the file that has the name; with `make` also if there is none. */
static int follow_name(struct ae_append *a, bool make, struct ae_error *err)
{
	struct stat named, open;
	struct ae_outfile next;
	bool there = stat(a->file->path, &named) == 0;
	if (!there && errno != ENOENT)
		return fail(a, err);
	if (fstat(a->file->fd, &open) != 0)
		return fail(a, err);
	if (there ? named.st_dev == open.st_dev && named.st_ino == open.st_ino : !make)
		return 0;
	if (there && !S_ISREG(named.st_mode))
		return ae_fail(err, "%s: is no regular file any more", a->file->path);
	if (ae_outfile_open_live(&next, a->file->path, true, err) != 0)
		return -1;
	int rc = dup3(next.fd, a->file->fd, O_CLOEXEC) < 0 ? fail(a, err) : 0;
	ae_outfile_abandon(&next);
	a->begun = false; /* nothing is marked in a file that is refused */
	if (rc != 0 || begin_file(a, err) != 0)
		return -1;
	a->begun = true;
	return 0;
}

int ae_append_lines(struct ae_append *append, const unsigned char *lines, size_t len, struct ae_error *err)
{
	if (follow_name(append, true, err) != 0)
		return -1;
	return append_locked(append, lines, len, err);
}

int ae_append_idle(struct ae_append *append, struct ae_error *err)
{
	return append->begun ? follow_name(append, false, err) : 0;
}

void ae_append_fail(struct ae_append *append)
{
	struct ae_error ignored;
	off_t size;
	if (!append->begun)
		return;
	lock(append);
	int ending = find_ending(append->file->fd, &size);
	const char *mark = ending == CUT ? "!\n!\n" : ending == MARKED ? "" : "!\n";
	(void)!ae_outfile_write(append->file, mark, strlen(mark), &ignored);
	flock(append->file->fd, LOCK_UN);
}

void ae_append_free(struct ae_append *append)
{
	ae_buf_free(&append->header);
}

bool ae_append_is_cut(int fd)
{
	char link[40];
	struct stat st;
	off_t size;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || !(flags & O_APPEND) || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	/* What a shell opens for >> cannot be read. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int reading = open(link, O_RDONLY | O_CLOEXEC);
	bool cut = reading >= 0 && find_ending(reading, &size) == CUT;
	if (reading >= 0)
		close(reading);
	return cut;
}
