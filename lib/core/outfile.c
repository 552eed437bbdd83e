/* SPDX-License-Identifier: MIT */
/* Named output files, by O_TMPFILE and link, or a temporary name where the file system has none; files that grow. */
#include "core/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lock.h"
#include "core/util.h"

#define PROC_FD_TEXT 40

/* /dev/stdout and /dev/fd/N mean descriptors of ours: opening them anew would lose their offset, or cut the file. */
int ae_outfile_descriptor(const char *path)
{
	uint64_t n;
	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	const char *number = strncmp(path, "/dev/fd/", 8) == 0          ? path + 8
			     : strncmp(path, "/proc/self/fd/", 14) == 0 ? path + 14
									: NULL;
	bool none = !number || (number[0] == '0' && number[1]); /* "01" is no name there */
	return !none && ae_parse_u64(&n, number, 0, 1 << 20) == 0 ? (int)n : -1;
}

struct ae_file_stamp ae_file_stamp(const struct stat *st)
{
	return (struct ae_file_stamp){
		.there = true, .device = st->st_dev, .inode = st->st_ino, .size = st->st_size, .modified = st->st_mtim};
}

/* What the target is now. */
static int stamp(struct ae_file_stamp *now, const struct ae_outfile *file, struct ae_error *err)
{
	struct stat st;
	*now = (struct ae_file_stamp){0};
	if (stat(file->target, &st) != 0)
		return errno == ENOENT ? 0 : ae_fail_errno(err, "%s", file->path);
	*now = ae_file_stamp(&st);
	return 0;
}

bool ae_file_stamp_equal(const struct ae_file_stamp *a, const struct ae_file_stamp *b)
{
	return a->there == b->there && a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static char *folder_of(const char *path, struct ae_error *err)
{
	const char *slash = strrchr(path, '/');
	return slash ? ae_strndup(path, slash == path ? 1 : (size_t)(slash - path), err) : ae_strdup(".", err);
}

/* A name with its folder's links followed, as far as they lead anywhere. */
static char *in_real_folder(const char *path, struct ae_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *copy = folder_of(path, err);
	char *folder = copy ? realpath(copy, NULL) : NULL;
	free(copy);
	if (!copy || !folder)
		return copy ? ae_strdup(path, err) : NULL;
	size_t size = strlen(folder) + strlen(name) + 2;
	char *target = ae_calloc(size, 1, err);
	if (target)
		snprintf(target, size, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
	free(folder);
	return target;
}

/* The file a name leads to, or would make: symbolic links stay, what they point at is replaced. */
char *ae_outfile_target(const char *path, struct ae_error *err)
{
	enum { LINKS = 40 };
	char name[PATH_MAX], link[PATH_MAX];
	char *target = realpath(path, NULL);
	if (target || strlen(path) >= sizeof(name))
		return target ? target : ae_strdup(path, err);
	strcpy(name, path);
	for (int n = 0; n < LINKS; n++) {
		ssize_t len = readlink(name, link, sizeof(link) - 1);
		if (len <= 0)
			break;
		char *slash = strrchr(name, '/');
		size_t folder = link[0] != '/' && slash ? (size_t)(slash + 1 - name) : 0;
		if (folder + (size_t)len >= sizeof(name))
			break;
		memcpy(name + folder, link, (size_t)len);
		name[folder + (size_t)len] = '\0';
	}
	return in_real_folder(name, err);
}

/* A name of our own in the folder of target. */
static char *temporary_name(const char *target, unsigned n, struct ae_error *err)
{
	const char *slash = strrchr(target, '/');
	size_t folder = slash ? (size_t)(slash - target) + 1 : 0;
	char *name = ae_calloc(folder + 64, 1, err);
	if (!name)
		return NULL;
	memcpy(name, target, folder);
	snprintf(name + folder, 64, ".aefilters-%ld-%u", (long)getpid(), n);
	return name;
}

static int open_unnamed(const char *folder)
{
	int fd = ae_open(folder, O_TMPFILE | O_WRONLY, 0666);
	if (fd < 0)
		return -1;
	char link[PROC_FD_TEXT];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (access(link, F_OK) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_named(struct ae_outfile *file, struct ae_error *err)
{
	for (unsigned n = 0;; n++) {
		char *name = temporary_name(file->target, n, err);
		if (!name)
			return -1;
		file->fd = ae_open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (file->fd >= 0) {
			file->temporary = name;
			return 0;
		}
		free(name);
		if (errno != EEXIST)
			return ae_fail_errno(err, "%s", file->path);
	}
}

/* Opens a regular file: beside its place, or in place as the flags say. */
static int open_regular(struct ae_outfile *file, int flags, struct ae_error *err)
{
	if (flags == 0) {
		file->beside = true;
		file->fd = open_unnamed(file->folder);
		return file->fd >= 0 ? 0 : open_named(file, err);
	}
	file->fd = ae_open(file->target, (flags & O_APPEND ? O_RDWR : O_WRONLY) | O_CREAT | flags, 0666);
	return file->fd < 0 ? ae_fail_errno(err, "%s", file->path) : 0;
}

/* flags: O_TRUNC or O_APPEND for a file in place, 0 for one that gets its name later. */
static int open_now(struct ae_outfile *file, int flags, struct ae_error *err)
{
	if (file->fd >= 0)
		return 0;
	if (file->target)
		return open_regular(file, flags, err);
	int descriptor = ae_outfile_descriptor(file->path);
	file->fd =
		descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 3) : ae_open(file->path, O_WRONLY | O_NOCTTY, 0);
	return file->fd < 0 ? ae_fail_errno(err, "%s", file->path) : 0;
}

/* Takes the target over; NULL is for memory that ran out. */
static int set_target(struct ae_outfile *file, char *target, struct ae_error *err)
{
	file->target = target;
	file->folder = target ? folder_of(target, err) : NULL;
	return file->folder ? 0 : -1;
}

/* Finds the regular file that the path leads to or would make; target stays NULL for anything else. */
static int find_target(struct ae_outfile *file, struct ae_error *err)
{
	const char *path = file->path;
	struct stat st;
	if (ae_outfile_descriptor(path) >= 0)
		return 0;
	bool exists = stat(path, &st) == 0;
	if (!exists && errno != ENOENT)
		return ae_fail_errno(err, "%s", path);
	size_t len = strlen(path);
	if ((exists && S_ISDIR(st.st_mode)) || (len > 0 && path[len - 1] == '/'))
		return ae_fail(err, "%s: is a folder, not a file", path);
	if (exists && !S_ISREG(st.st_mode))
		return 0;
	if (len == 0 || (exists && access(path, W_OK) != 0))
		return ae_fail_errno(err, "%s", len > 0 ? path : "an empty file name");
	return set_target(file, ae_outfile_target(path, err), err) == 0 ? stamp(&file->before, file, err) : -1;
}

static int find_file(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	bool standard = !path || strcmp(path, "-") == 0;
	*file = (struct ae_outfile){.fd = -1};
	file->path = ae_strdup(standard ? "<stdout>" : path, err);
	if (!file->path)
		return -1;
	if (standard)
		file->fd = STDOUT_FILENO;
	return standard ? 0 : find_target(file, err);
}

static int open_file(struct ae_outfile *file, const char *path, int flags, struct ae_error *err)
{
	if (find_file(file, path, err) == 0 && open_now(file, flags, err) == 0)
		return 0;
	ae_outfile_abandon(file);
	return -1;
}

int ae_outfile_open(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	return open_file(file, path, 0, err);
}

int ae_outfile_open_regular(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	if (find_file(file, path, err) == 0) {
		if (!file->target)
			ae_fail(err, "%s: is no regular file", path);
		else if (open_now(file, 0, err) == 0)
			return 0;
	}
	ae_outfile_abandon(file);
	return -1;
}

int ae_outfile_open_live(struct ae_outfile *file, const char *path, bool append, struct ae_error *err)
{
	return open_file(file, path, append ? O_APPEND : O_TRUNC, err);
}

int ae_outfile_open_like(struct ae_outfile *file, const char *path, const char *like, struct ae_error *err)
{
	if (ae_outfile_open(file, path, err) != 0)
		return -1;
	file->like = ae_strdup(like, err);
	if (file->like)
		return 0;
	ae_outfile_abandon(file);
	return -1;
}

int ae_outfile_open_new(struct ae_outfile *file, const char *path, const char *like, struct ae_error *err)
{
	*file = (struct ae_outfile){.fd = -1, .path = ae_strdup(path, err)};
	file->like = file->path ? ae_strdup(like, err) : NULL;
	if (file->like && set_target(file, in_real_folder(path, err), err) == 0 && open_now(file, 0, err) == 0)
		return 0;
	ae_outfile_abandon(file);
	return -1;
}

/* Closes a file beside its place, which leaves no trace. */
static void forget(struct ae_outfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	file->temporary = NULL;
}

static int check_descriptor(const struct ae_outfile *file, struct ae_error *err)
{
	struct stat st;
	int fd = ae_outfile_descriptor(file->path);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (fcntl(fd, F_GETFL) & O_APPEND) ||
		lseek(fd, 0, SEEK_CUR) >= st.st_size)
		return 0;
	return ae_fail(err, "%s: the file has bytes behind the place to write to, which would stay: name it, or cut it",
		file->path);
}

/* A file that is made beside a regular one, and forgotten, shows that there will be a place. */
int ae_outfile_reserve(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	int rc = find_file(file, path, err);
	if (rc == 0)
		rc = file->target ? open_now(file, 0, err) : check_descriptor(file, err);
	if (rc == 0 && file->target)
		forget(file);
	if (rc != 0)
		ae_outfile_abandon(file);
	return rc;
}

int ae_outfile_reserve_live(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	if (find_file(file, path, err) == 0)
		return 0;
	ae_outfile_abandon(file);
	return -1;
}

static int begin(struct ae_outfile *file, int flags, struct ae_error *err)
{
	if (open_now(file, flags, err) == 0)
		return 0;
	ae_outfile_abandon(file);
	return -1;
}

int ae_outfile_begin(struct ae_outfile *file, struct ae_error *err)
{
	return begin(file, 0, err);
}

int ae_outfile_begin_live(struct ae_outfile *file, struct ae_error *err)
{
	return begin(file, O_TRUNC, err);
}

int ae_outfile_write(struct ae_outfile *file, const void *bytes, size_t len, struct ae_error *err)
{
	const unsigned char *at = bytes;
	while (len > 0) {
		ssize_t n = (file->write ? file->write : ae_write_some)(file->fd, at, len, file->path, err);
		if (n < 0)
			return -1;
		const unsigned char *newline = memrchr(at, '\n', (size_t)n);
		file->open_line = newline ? (size_t)(at + n - newline) - 1 : file->open_line + (size_t)n;
		file->written += (uint64_t)n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* For a write of so many bytes. */
static void widen(struct ae_outfile *file, size_t len)
{
	enum { USUAL_BYTES = 1 << 16, WIDE_BYTES = 1 << 20 };
	if (file->widened || len <= USUAL_BYTES)
		return;
	file->widened = true;
#ifdef F_SETPIPE_SZ
	int size = fcntl(file->fd, F_GETPIPE_SZ);
	if (size > 0 && size < WIDE_BYTES)
		(void)fcntl(file->fd, F_SETPIPE_SZ, WIDE_BYTES);
#endif
}

int ae_outfile_write_parts(struct ae_outfile *file, struct iovec *parts, size_t count, struct ae_error *err)
{
	enum { AT_ONCE = 64 }; /* no system takes fewer than 16, Linux 1,024 */
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len += parts[i].iov_len;
	widen(file, len);
	while (count > 0) {
		ssize_t n =
			ae_write_some_parts(file->fd, parts, count < AT_ONCE ? (int)count : AT_ONCE, file->path, err);
		if (n < 0)
			return -1;
		file->written += (uint64_t)n;
		size_t taken = (size_t)n;
		for (; count > 0 && taken >= parts->iov_len; count--, parts++)
			taken -= parts->iov_len;
		if (count > 0) {
			parts->iov_base = (char *)parts->iov_base + taken;
			parts->iov_len -= taken;
		}
	}
	return 0;
}

bool ae_outfile_is_read(const struct ae_outfile *file)
{
	return file->fd >= 0 && !file->beside && !isatty(file->fd);
}

bool ae_outfile_take_back(struct ae_outfile *file, uint64_t len)
{
	struct stat st;
	off_t cut = (off_t)len;
	if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode) || lseek(file->fd, 0, SEEK_CUR) != st.st_size ||
		cut > st.st_size)
		return false;
	file->open_line = 0;
	return ftruncate(file->fd, st.st_size - cut) == 0 && lseek(file->fd, st.st_size - cut, SEEK_SET) >= 0;
}

void ae_outfile_end_line(struct ae_outfile *file)
{
	struct ae_error ignored;
	if (file->open_line == 0)
		return;
	if (!ae_outfile_take_back(file, file->open_line))
		(void)!ae_outfile_write(file, "!\n", 2, &ignored);
}

/* Gives the file that `from` leads to another name, one of our own in the folder of the target. */
static int link_beside(const struct ae_outfile *file, const char *from, int flags, char **name, struct ae_error *err)
{
	for (unsigned n = 0;; n++) {
		*name = temporary_name(file->target, n, err);
		if (!*name)
			return -1;
		if (linkat(AT_FDCWD, from, AT_FDCWD, *name, flags) == 0)
			return 0;
		int why = errno;
		free(*name);
		*name = NULL;
		if (why != EEXIST) {
			errno = why;
			(void)ae_fail_errno(err, "%s", file->path);
			errno = why;
			return -1;
		}
	}
}

/* Gives a file opened without a name one of our own. */
static int link_unnamed(struct ae_outfile *file, struct ae_error *err)
{
	char link[PROC_FD_TEXT];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	return link_beside(file, link, AT_SYMLINK_FOLLOW, &file->temporary, err);
}

static int close_checked(int fd, const char *path, struct ae_error *err)
{
	return close(fd) != 0 && errno != EINTR ? ae_fail_errno(err, "%s", path) : 0;
}

static int sync_checked(const struct ae_outfile *file, struct ae_error *err)
{
	int rc;
	do
		rc = fsync(file->fd);
	while (rc != 0 && errno == EINTR);
	return rc == 0 ? 0 : ae_fail_errno(err, "%s", file->path);
}

/* The new name reaches the disk with its folder; file systems that cannot do this are left alone. */
static void sync_folder(const struct ae_outfile *file)
{
	int fd = ae_open(file->folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* ---- commit: all that may well fail, then the names ---- */

/* Gives the open file owner and permissions of another. Only root may give a file away: without, it stays ours. */
static int take_after(const struct ae_outfile *file, struct ae_error *err)
{
	struct stat old, new;
	int fd = file->fd;
	if (stat(file->like ? file->like : file->target, &old) != 0 || !S_ISREG(old.st_mode) || fstat(fd, &new) != 0)
		return 0;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) && fchown(fd, old.st_uid, old.st_gid) != 0)
		(void)!fchown(fd, (uid_t)-1, old.st_gid);
	if (((old.st_mode ^ new.st_mode) & 0777) != 0 && fchmod(fd, old.st_mode & 0777) != 0)
		return ae_fail_errno(err, "%s", file->path);
	return 0;
}

/* A file in place stays open, so that it can still be marked: closing a copy of its descriptor tells what closing it
   would. */
static int prepare(struct ae_outfile *file, struct ae_error *err)
{
	int fd = file->fd;
	if (!file->beside) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? ae_fail_errno(err, "%s", file->path) : close_checked(fd, file->path, err);
	}
	if (fd < 0) /* it is */
		return 0;
	if (take_after(file, err) != 0 || (file->sync && sync_checked(file, err) != 0) ||
		(!file->temporary && link_unnamed(file, err) != 0))
		return -1;
	file->fd = -1;
	return close_checked(fd, file->path, err);
}

/* With `keep` the file that is replaced has another name meanwhile, so that take_back() can undo this; on a file system
   without hard links it has not. */
static int take_name(struct ae_outfile *file, bool keep, struct ae_error *err)
{
	struct stat old;
	if (keep && stat(file->target, &old) == 0 && link_beside(file, file->target, 0, &file->replaced, err) != 0 &&
		errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	if (rename(file->temporary, file->target) != 0)
		return ae_fail_errno(err, "%s", file->path);
	free(file->temporary);
	file->temporary = NULL;
	file->named = true;
	return 0;
}

static void take_back(struct ae_outfile *file)
{
	if (!file->named || (file->replaced && rename(file->replaced, file->target) == 0))
		return;
	unlink(file->target);
	if (file->replaced)
		(void)!linkat(AT_FDCWD, file->replaced, AT_FDCWD, file->target, 0);
}

int ae_outfile_commit_all(struct ae_outfile *const files[], size_t count, struct ae_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = prepare(files[i], err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = files[i]->beside ? take_name(files[i], i + 1 < count, err) : 0;
	for (size_t i = 0; i < count; i++) {
		if (rc != 0) {
			take_back(files[i]);
			continue;
		}
		if (files[i]->beside && files[i]->sync)
			sync_folder(files[i]);
		ae_outfile_abandon(files[i]);
	}
	return rc;
}

int ae_outfile_put(struct ae_outfile *file, const void *bytes, size_t len, struct ae_error *err)
{
	struct ae_error ignored;
	int rc = ae_outfile_begin(file, err);
	if (rc == 0) {
		rc = ae_outfile_write(file, bytes, len, err);
		if (rc == 0)
			rc = ae_outfile_commit_all(&file, 1, err);
		if (rc != 0 && ae_outfile_is_read(file))
			(void)!ae_outfile_write(file, "!\n", 2, &ignored);
	}
	ae_outfile_abandon(file);
	return rc;
}

int ae_outfile_commit(struct ae_outfile *file, bool sync, struct ae_error *err)
{
	file->sync = sync;
	int rc = ae_outfile_commit_all(&file, 1, err);
	if (rc != 0)
		ae_outfile_abandon(file);
	return rc;
}

/* Gives the prepared file a name: 1 if something has it. Where the file system has no links, it replaces an empty file
   that is ours. */
static int take_free_name(struct ae_outfile *file, const char *name, struct ae_error *err)
{
	if (linkat(AT_FDCWD, file->temporary, AT_FDCWD, name, 0) == 0)
		return 0;
	int fd = errno == EEXIST ? -1 : ae_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno == EEXIST ? 1 : ae_fail_errno(err, "%s", file->path);
	close(fd);
	if (rename(file->temporary, name) == 0)
		return 0;
	unlink(name);
	return ae_fail_errno(err, "%s", file->path);
}

/* "BASE", "BASE.2" and so on: a new string. */
static char *numbered(const char *base, unsigned n, struct ae_error *err)
{
	char suffix[16] = "";
	if (n > 1)
		snprintf(suffix, sizeof(suffix), ".%u", n);
	return ae_concat(base, suffix, err);
}

int ae_outfile_commit_new(struct ae_outfile *file, char **name, struct ae_error *err)
{
	file->sync = true;
	int rc = prepare(file, err) == 0 ? 1 : -1;
	for (unsigned n = 1; rc == 1; n++) {
		char *target = numbered(file->target, n, err);
		*name = target ? numbered(file->path, n, err) : NULL;
		rc = *name ? take_free_name(file, target, err) : -1;
		free(target);
		if (rc != 0)
			free(*name);
	}
	if (rc == 0)
		sync_folder(file);
	ae_outfile_abandon(file);
	return rc;
}

static int find_changed(bool *changed, const struct ae_outfile *file, struct ae_error *err)
{
	struct ae_file_stamp now;
	if (!file->beside)
		return 0;
	if (stamp(&now, file, err) != 0)
		return -1;
	*changed = !ae_file_stamp_equal(&now, &file->before);
	return 0;
}

/* The lock is held for a short time, but `last` may stall, and others go on without it then: the file is looked at once
   more. */
int ae_outfile_commit_unchanged(
	struct ae_outfile *file, const struct ae_outfile_last *last, bool *changed, struct ae_error *err)
{
	enum { WAIT_MS = 1000 };
	*changed = false;
	file->sync = true;
	int rc = prepare(file, err);
	int folder = rc == 0 && file->beside ? ae_open(file->folder, O_RDONLY | O_DIRECTORY, 0) : -1;
	if (folder >= 0)
		(void)ae_lock_file(folder, WAIT_MS);
	if (rc == 0)
		rc = find_changed(changed, file, err);
	struct ae_outfile *const files[] = {file, last ? last->also : NULL};
	if (rc == 0 && !*changed && last && last->call) {
		rc = last->call(last->arg, err);
		if (rc == 0)
			rc = find_changed(changed, file, err);
	}
	if (rc == 0 && !*changed)
		rc = ae_outfile_commit_all(files, files[1] ? 2 : 1, err);
	ae_outfile_abandon(file);
	if (folder >= 0)
		close(folder);
	return rc;
}

void ae_outfile_abandon(struct ae_outfile *file)
{
	forget(file);
	if (file->replaced)
		unlink(file->replaced);
	free(file->replaced);
	free(file->target);
	free(file->folder);
	free(file->like);
	free(file->path);
	*file = (struct ae_outfile){.fd = -1};
}
