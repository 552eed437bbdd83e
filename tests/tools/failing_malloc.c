/* SPDX-License-Identifier: MIT */
/* A library to preload: the FAILING_MALLOC-th call of malloc, calloc or realloc finds no memory. With
   FAILING_MALLOC_OUT the file of that name is made when it does. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static long left = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAILING_MALLOC");
	left = text ? atol(text) : 0;
	unsetenv("LD_PRELOAD"); /* what the program starts is not meant */
}

/* Whether this call is the one. Before the constructor, none is. */
static int fails(void)
{
	long now = left > 0 ? __atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED) : -1;
	if (now != 0)
		return 0;
	const char *out = getenv("FAILING_MALLOC_OUT");
	int fd = out ? open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;
	if (fd >= 0)
		close(fd);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
