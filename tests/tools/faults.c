/* SPDX-License-Identifier: MIT */
/* A library to preload: calls of one kind fail.
     FAULT_CALL=KIND     malloc (its whole family), read, readv, pread, write, writev, open, ... : the table below
     FAULT_NTH=N         the N-th call of this kind fails, from 1
     FAULT_FROM=1        and so do all behind it
     FAULT_ERRNO=NUMBER  with this error; 0: it moves a few bytes only, as a pipe or a busy disk may; -1: the process is
			 killed instead
     FAULT_MARK=FILE     is made when the first call fails
     FAULT_COUNTS=FILE   at the end of the program: how many calls there were, a line "KIND COUNT" each
   Calls inside libc are not seen, but for malloc and for what is printed to stdout, which becomes a stream of ours.
   libgfortran, which OpenBLAS brings, always gets its memory: without it, it calls itself until the stack is full. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define KINDS(X)                                                                                                       \
	X(malloc), X(read), X(readv), X(pread), X(write), X(writev), X(open), X(close), X(fsync), X(ftruncate),        \
		X(rename), X(linkat), X(lseek), X(stat), X(fstat), X(fchmod), X(access), X(realpath), X(readlink),     \
		X(fcntl), X(dup3), X(flock), X(mmap), X(poll), X(pthread_create), X(posix_spawnp), X(waitpid)
#define KIND(name) KIND_##name
#define NAME(name) #name
enum kind { KINDS(KIND), KIND_COUNT };
static const char *const names[] = {KINDS(NAME)};

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static enum kind target = KIND_COUNT;
static long nth, counts[KIND_COUNT];
static int code, from_on, begun;

/* A file by system calls alone. */
static void put_file(const char *name, const char *text, size_t len)
{
	int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;
	if (fd < 0)
		return;
	(void)!syscall(SYS_write, fd, text, len);
	syscall(SYS_close, fd);
}

/* Whether this call fails. Before the program begins, none does. */
static int fails(enum kind kind)
{
	if (!begun)
		return 0;
	long n = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);
	if (kind != target || n < nth || (n > nth && !from_on))
		return 0;
	if (code == -1)
		kill(getpid(), SIGKILL);
	if (n == nth)
		put_file(getenv("FAULT_MARK"), "", 0);
	errno = code;
	return 1;
}

/* As fails(), for a call that moves *len bytes: with code 0 it goes on, with fewer. */
static int fails_moving(enum kind kind, size_t *len)
{
	if (!fails(kind))
		return 0;
	if (code == 0 && *len > 7)
		*len = 7;
	return code != 0;
}

/* The libc's function, called as `name` is here. */
#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* ---- printing ---- */

/* Writes all, or fails, as the libc's own stream does. A signal does not interrupt it: what prints has no handlers. */
static ssize_t print(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	for (size_t done = 0; done < len;) {
		ssize_t n = write(STDOUT_FILENO, bytes + done, len - done);
		if (n < 0 && errno != EINTR)
			return (ssize_t)done;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)len;
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL"), *at = getenv("FAULT_NTH"), *number = getenv("FAULT_ERRNO");
	for (enum kind k = 0; call && k < KIND_COUNT; k++)
		if (strcmp(names[k], call) == 0)
			target = k;
	nth = at ? atol(at) : 0;
	code = number ? atoi(number) : ENOMEM;
	from_on = getenv("FAULT_FROM") != NULL;
	unsetenv("LD_PRELOAD"); /* what the program starts is not meant */
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = print});
	if (stream)
		stdout = stream;
	begun = 1;
}

__attribute__((destructor)) static void end(void)
{
	char text[KIND_COUNT * 40];
	size_t len = 0;
	begun = 0;
	for (enum kind k = 0; k < KIND_COUNT; k++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %ld\n", names[k], counts[k]);
	put_file(getenv("FAULT_COUNTS"), text, len);
}

/* ---- memory ---- */

static int fails_for(const void *caller)
{
	Dl_info info;
	if (begun && dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libgfortran"))
		return 0;
	return fails(KIND_malloc);
}
#define NO_MEMORY fails_for(__builtin_return_address(0))

void *malloc(size_t size)
{
	return NO_MEMORY ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return NO_MEMORY ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return NO_MEMORY ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return NO_MEMORY ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *data = NO_MEMORY ? NULL : __libc_memalign(alignment, size);
	if (data)
		*out = data;
	return data ? 0 : ENOMEM;
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails(KIND_mmap) ? MAP_FAILED : REAL(mmap)(at, len, protection, flags, fd, offset);
}

/* ---- files ---- */

ssize_t read(int fd, void *bytes, size_t len)
{
	return fails_moving(KIND_read, &len) ? -1 : REAL(read)(fd, bytes, len);
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
	size_t len = parts->iov_len;
	if (fails_moving(KIND_readv, &len))
		return -1;
	return len < parts->iov_len ? REAL(read)(fd, parts->iov_base, len) : REAL(readv)(fd, parts, count);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t offset)
{
	return fails_moving(KIND_pread, &len) ? -1 : REAL(pread)(fd, bytes, len, offset);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails_moving(KIND_write, &len) ? -1 : REAL(write)(fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	if (fails(KIND_writev))
		return code ? -1 : REAL(write)(fd, parts->iov_base, parts->iov_len);
	return REAL(writev)(fd, parts, count);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fails(KIND_open) ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t) : 0;
	va_end(args);
	return openat(AT_FDCWD, path, flags, mode);
}

int mkostemp(char *path, int flags)
{
	return fails(KIND_open) ? -1 : REAL(mkostemp)(path, flags);
}

/* The descriptor is gone, whatever is said. */
int close(int fd)
{
	int failed = fails(KIND_close), rc = (int)syscall(SYS_close, fd);
	if (failed)
		errno = code;
	return failed ? -1 : rc;
}

int fcntl(int fd, int command, ...)
{
	va_list args;
	va_start(args, command);
	void *arg = va_arg(args, void *);
	va_end(args);
	return fails(KIND_fcntl) ? -1 : REAL(fcntl)(fd, command, arg);
}

#define CALL(result, failure, name, parameters, ...)                                                                   \
	result name parameters                                                                                         \
	{                                                                                                              \
		return fails(KIND_##name) ? (failure) : REAL(name)(__VA_ARGS__);                                       \
	}
CALL(int, -1, fsync, (int fd), fd)
CALL(int, -1, ftruncate, (int fd, off_t len), fd, len)
CALL(int, -1, rename, (const char *from, const char *to), from, to)
CALL(int, -1, linkat, (int a, const char *from, int b, const char *to, int flags), a, from, b, to, flags)
CALL(off_t, -1, lseek, (int fd, off_t offset, int whence), fd, offset, whence)
CALL(int, -1, stat, (const char *path, struct stat *info), path, info)
CALL(int, -1, fstat, (int fd, struct stat *info), fd, info)
CALL(int, -1, fchmod, (int fd, mode_t mode), fd, mode)
CALL(int, -1, access, (const char *path, int mode), path, mode)
CALL(char *, NULL, realpath, (const char *path, char *out), path, out)
CALL(ssize_t, -1, readlink, (const char *path, char *out, size_t size), path, out, size)
CALL(int, -1, dup3, (int from, int to, int flags), from, to, flags)
CALL(int, -1, flock, (int fd, int how), fd, how)

/* ---- waiting, threads, programs ---- */

CALL(int, -1, poll, (struct pollfd * fds, nfds_t count, int ms), fds, count, ms)
CALL(int, code, pthread_create, (pthread_t * thread, const pthread_attr_t *with, void *(*main)(void *), void *arg),
	thread, with, main, arg)
CALL(int, code, posix_spawnp,
	(pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *with,
		char *const argv[], char *const envp[]),
	pid, file, actions, with, argv, envp)
CALL(pid_t, -1, waitpid, (pid_t pid, int *status, int options), pid, status, options)

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait, const sigset_t *mask)
{
	return fails(KIND_poll) ? -1 : REAL(ppoll)(fds, count, wait, mask);
}

/* ---- the other names of the same: files of 64 bits, and what FORTIFY_SOURCE calls ---- */

#define ALSO(name, as) __attribute__((alias(#as))) __typeof__(as) name
ALSO(pread64, pread);
ALSO(open64, open);
ALSO(openat64, openat);
ALSO(__open_2, open);
ALSO(__open64_2, open);
ALSO(__openat_2, openat);
ALSO(fcntl64, fcntl);
ALSO(lseek64, lseek);
ALSO(ftruncate64, ftruncate);
ALSO(mmap64, mmap);

ssize_t __read_chk(int fd, void *bytes, size_t len, size_t room)
{
	return len > room ? (abort(), -1) : read(fd, bytes, len);
}

ssize_t __pread_chk(int fd, void *bytes, size_t len, off_t offset, size_t room)
{
	return len > room ? (abort(), -1) : pread(fd, bytes, len, offset);
}
ALSO(__pread64_chk, __pread_chk);
