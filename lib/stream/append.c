/* SPDX-License-Identifier: MIT */
/* Logs that grow: what stands at the end of the file decides what must come before the next lines. */
#include "stream/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lock.h"
#include "stream/log_order.h"

static int fail(const struct ae_append *a, struct ae_error *err)
{
	return ae_fail_errno(err, "%s", a->file->path);
}

static int find_end(struct ae_append *a, enum ae_log_end *end, off_t *size, struct ae_error *err)
{
	struct ae_log_cells *cells = a->text.multiline && !a->text.tsv ? &a->cells : NULL;
	return ae_log_find_end(a->file->fd, cells, end, size, err) == 0 ? 0 : ae_fail_in(err, "%s: ", a->file->path);
}

static int check_header(struct ae_append *a, struct ae_error *err)
{
	ae_order_free(&a->order);
	return ae_log_check_header(a->file->fd, &a->text, &a->header, &a->lone_header, &a->order, err) == 0
		       ? 0
		       : ae_fail_in(err, "%s: ", a->file->path);
}

int ae_append_open(struct ae_append *append, struct ae_outfile *file, const char *path, const struct ae_log_text *text,
	struct ae_error *err)
{
	struct stat st;
	*append = (struct ae_append){.file = file, .text = *text};
	if (strcmp(path, "-") == 0)
		return ae_fail_usage(err, "--append needs the name of a file");
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return ae_fail(err, "--append %s: is no regular file; -o writes to it", path);
	return ae_outfile_open_live(file, path, true, err);
}

int ae_append_open_any(struct ae_append *append, struct ae_outfile *file, const char *path,
	const struct ae_log_text *text, struct ae_error *err)
{
	struct stat st;
	bool regular = ae_outfile_descriptor(path) < 0 && (stat(path, &st) != 0 || S_ISREG(st.st_mode));
	if (regular)
		return ae_append_open(append, file, path, text, err);
	*append = (struct ae_append){.file = file, .text = *text, .plain = true};
	return ae_outfile_open_live(file, path, false, err);
}

/* ---- one write ---- */

/* Appends records, the header perhaps, in the order of the log's columns. */
static int add_lines(struct ae_append *a, const unsigned char *lines, size_t len, struct ae_error *err)
{
	return a->order.count ? ae_log_order_lines(&a->order, a->text.tsv, lines, len, &a->out, err)
			      : ae_buf_append(&a->out, lines, len, err);
}

/* Appends what must come before lines where the file ends so. */
static int add_before(struct ae_append *a, enum ae_log_end end, off_t size, struct ae_error *err)
{
	if (end == AE_LOG_WHOLE)
		return 0;
	bool bare = end == AE_LOG_CUT && size == a->lone_header; /* a header written by hand */
	const char *before = bare ? "\n" : ae_log_before_header(end);
	int rc = ae_buf_append(&a->out, before, strlen(before), err);
	return rc == 0 && !bare && !a->text.objects ? add_lines(a, a->header.data, a->header.len, err) : rc;
}

/* Of records: text that another run left cut ends where ours begins. */
static int append_records(struct ae_append *a, const unsigned char *records, size_t len, struct ae_error *err)
{
	off_t size;
	enum ae_log_end end = AE_LOG_EMPTY;
	if (a->lines && find_end(a, &end, &size, err) != 0)
		return -1;
	if (end != AE_LOG_CUT && end != AE_LOG_MARKED_OPEN)
		return ae_outfile_write(a->file, records, len, err);
	a->out.len = 0;
	if (ae_buf_append(&a->out, "\n", 1, err) != 0 || ae_buf_append(&a->out, records, len, err) != 0)
		return -1;
	return ae_outfile_write(a->file, a->out.data, a->out.len, err);
}

/* Whoever filled the file before us, or cut it in its place, may have given it another header. */
static int check_again(struct ae_append *a, enum ae_log_end end, struct ae_error *err)
{
	if (a->header.len == 0 || end == AE_LOG_EMPTY)
		return 0;
	a->out.len = 0;
	if (ae_buf_reserve(&a->out, a->header.len, err) != 0)
		return -1;
	ssize_t n = ae_pread(a->file->fd, a->out.data, a->header.len, 0);
	if (n < 0)
		return fail(a, err);
	a->out.len = (size_t)n;
	if (ae_buf_equal(&a->out, &a->start))
		return 0;
	if (check_header(a, err) != 0) {
		a->begun = false; /* nothing is marked in a file that is refused */
		return -1;
	}
	return ae_buf_set(&a->start, a->out.data, a->out.len, err);
}

/* Appends lines after what must come before them; without lines, the header to an empty file alone. */
static int append_after(struct ae_append *a, const unsigned char *lines, size_t len, struct ae_error *err)
{
	off_t size = 0;
	enum ae_log_end end;
	if (find_end(a, &end, &size, err) != 0 || check_again(a, end, err) != 0)
		return -1;
	if (len == 0 && end != AE_LOG_EMPTY)
		return 0;
	if (end == AE_LOG_WHOLE && a->order.count == 0)
		return ae_outfile_write(a->file, lines, len, err);
	a->out.len = 0;
	if (add_before(a, end, size, err) != 0 || add_lines(a, lines, len, err) != 0)
		return -1;
	return ae_outfile_write(a->file, a->out.data, a->out.len, err);
}

/* Keeps other of these programs from writing meanwhile: half of their lines would look like a cut one. Without the lock
   lines are whole all the same. */
static void lock(struct ae_append *a)
{
	enum { WAIT_MS = 1000, WAIT_AGAIN_MS = 20 };
	a->unlocked = !ae_lock_file(a->file->fd, a->unlocked ? WAIT_AGAIN_MS : WAIT_MS);
}

/* Appends under the lock. */
static int append_locked(struct ae_append *a, const unsigned char *lines, size_t len, struct ae_error *err)
{
	lock(a);
	uint64_t before = a->file->written;
	int rc = a->text.raw ? append_records(a, lines, len, err) : append_after(a, lines, len, err);
	if (rc != 0 && a->text.raw)
		ae_outfile_take_back(a->file, a->file->written - before);
	else if (rc != 0)
		ae_outfile_end_line(a->file);
	flock(a->file->fd, LOCK_UN);
	return rc;
}

static int begin_file(struct ae_append *a, struct ae_error *err)
{
	ae_order_free(&a->order);
	a->start.len = 0;
	return a->header.len == 0 ? 0 : append_locked(a, NULL, 0, err);
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
	a->lone_header = 0;
	ae_log_cells_free(&a->cells);
	a->cells = (struct ae_log_cells){0};
	if (rc != 0 || begin_file(a, err) != 0)
		return -1;
	a->begun = true;
	return 0;
}

int ae_append_lines(struct ae_append *append, const unsigned char *lines, size_t len, struct ae_error *err)
{
	append->wrote = true;
	if (append->plain)
		return ae_outfile_write(append->file, lines, len, err);
	if (follow_name(append, true, err) != 0)
		return -1;
	return append_locked(append, lines, len, err);
}

int ae_append_idle(struct ae_append *append, struct ae_error *err)
{
	return append->begun && !append->plain ? follow_name(append, false, err) : 0;
}

void ae_append_fail(struct ae_append *append)
{
	struct ae_error ignored;
	enum ae_log_end end = AE_LOG_WHOLE;
	off_t size;
	if (!append->begun || append->text.raw || (append->header.len == 0 && !append->wrote))
		return;
	if (append->plain) {
		if (ae_outfile_is_read(append->file))
			(void)!ae_outfile_write(append->file, "!\n", 2, &ignored);
		return;
	}
	lock(append);
	(void)!find_end(append, &end, &size, &ignored);
	const char *mark = end == AE_LOG_WHOLE || end == AE_LOG_EMPTY ? "!\n" : ae_log_before_header(end);
	(void)!ae_outfile_write(append->file, mark, strlen(mark), &ignored);
	flock(append->file->fd, LOCK_UN);
}

void ae_append_free(struct ae_append *append)
{
	ae_buf_free(&append->header);
	ae_buf_free(&append->start);
	ae_buf_free(&append->out);
	ae_order_free(&append->order);
	ae_log_cells_free(&append->cells);
}

enum ae_log_end ae_append_end_of(int fd, const struct ae_log_text *text)
{
	char link[40];
	struct stat st;
	struct ae_error ignored;
	struct ae_log_cells cells = {0};
	off_t size;
	enum ae_log_end end = AE_LOG_EMPTY;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || !(flags & O_APPEND) || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return end;
	/* What a shell opens for >> cannot be read. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int reading = ae_open(link, O_RDONLY, 0);
	bool several = text->multiline && !text->tsv;
	if (reading < 0 || ae_log_find_end(reading, several ? &cells : NULL, &end, &size, &ignored) != 0)
		end = AE_LOG_EMPTY;
	ae_log_cells_free(&cells);
	if (reading >= 0)
		close(reading);
	return end;
}
