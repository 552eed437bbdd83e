/* SPDX-License-Identifier: MIT */
/* What the tests over random shapes share: dice, buffers between guard pages, every kernel set of this processor, and a
   report of the shape at hand when a check fails or a signal comes.
   All values are small integers (or halves and quarters of them), so that every sum is exact in single precision in any
   order, and results are compared with ==. */
#ifndef FUZZ_H
#define FUZZ_H

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "core/rng.h"
#include "kernels/dispatch.h"

/* Sets that no program runs: 16 lanes, with the register tiles of AVX2 and with those of AVX-512. */
extern const struct ae_kernels ae_kernels_wide, ae_kernels_wide512;

#define FUZZ_SETS_MAX 8
static const struct ae_kernels *fuzz_sets[FUZZ_SETS_MAX];
static size_t fuzz_set_count;

static inline void fuzz_find_sets(void)
{
	for (unsigned i = 0; ae_isa_name(i); i++)
		if (ae_isa_get(i))
			fuzz_sets[fuzz_set_count++] = ae_isa_get(i);
#ifdef __x86_64__
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return;
#endif
	fuzz_sets[fuzz_set_count++] = &ae_kernels_wide;
	fuzz_sets[fuzz_set_count++] = &ae_kernels_wide512;
}

/* Random numbers of one shape: a function of the seed and the shape's number alone. */
struct dice {
	uint64_t seed, shape, count;
};

/* From low to high, both included. */
static inline size_t roll(struct dice *dice, size_t low, size_t high)
{
	return low + ae_rng_below(dice->seed, dice->shape, dice->count++, (uint32_t)(high - low + 1));
}

/* The same, small numbers as often as large ones. */
static inline size_t roll_log(struct dice *dice, size_t low, size_t high)
{
	double u = ae_rng_uniform(dice->seed, dice->shape, dice->count++);
	size_t n = (size_t)((double)low * pow((double)(high + 1) / (double)low, u));
	return n < high ? n : high;
}

static inline bool flip(struct dice *dice)
{
	return roll(dice, 0, 1);
}

static inline float *fill_random(struct dice *dice, float *x, size_t n, int most)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)((int)roll(dice, 0, 2 * (size_t)most) - most);
	return x;
}

/* Buffers of one shape. Each begins right after a page that must not be touched or ends right before one; on its other
   side the rest of its page must keep what it holds. */
#define FUZZ_BUFFERS 128
struct fuzz_buffer {
	unsigned char *pages, *data;
	size_t page_bytes, bytes;
};
static struct fuzz_buffer fuzz_buffers[FUZZ_BUFFERS];
static size_t fuzz_buffer_count;
#define FUZZ_CANARY 0x5a

/* n floats, all NaN. */
static inline float *guarded(struct dice *dice, size_t n)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = n * sizeof(float);
	struct fuzz_buffer buffer = {.page_bytes = (bytes + page - 1) / page * page, .bytes = bytes};
	unsigned char *map = mmap(NULL, buffer.page_bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED || fuzz_buffer_count == FUZZ_BUFFERS ||
		(bytes && mprotect(map + page, buffer.page_bytes, PROT_READ | PROT_WRITE) != 0)) {
		perror("guarded buffer");
		exit(1);
	}
	buffer.pages = map + page;
	buffer.data = buffer.pages + (flip(dice) ? buffer.page_bytes - bytes : 0);
	if (bytes)
		memset(buffer.pages, FUZZ_CANARY, buffer.page_bytes);
	fuzz_buffers[fuzz_buffer_count++] = buffer;
	float *x = (float *)(void *)buffer.data;
	for (size_t i = 0; i < n; i++)
		x[i] = NAN;
	return x;
}

/* Frees all buffers from number `first` on. */
static inline void guarded_free(size_t first)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	while (fuzz_buffer_count > first) {
		const struct fuzz_buffer *buffer = &fuzz_buffers[--fuzz_buffer_count];
		const unsigned char *end = buffer->data + buffer->bytes, *last = buffer->pages + buffer->page_bytes;
		size_t overwritten = 0;
		for (const unsigned char *at = buffer->pages; at < buffer->data; at++)
			overwritten += *at != FUZZ_CANARY;
		for (const unsigned char *at = end; at < last; at++)
			overwritten += *at != FUZZ_CANARY;
		CHECK(overwritten == 0, "%zu bytes beside a buffer of %zu were written", overwritten, buffer->bytes);
		munmap(buffer->pages - page, buffer->page_bytes + 2 * page);
	}
}

/* The shape at hand, for reports. */
static char fuzz_shape[512];
static int fuzz_shape_length;

static inline void fuzz_crash(int number)
{
	static const char text[] = "\nnot ok: a signal came at this shape: ";
	ssize_t written = write(1, text, sizeof(text) - 1);
	written += write(1, fuzz_shape, (size_t)fuzz_shape_length);
	written += write(1, "\n", 1);
	_exit(written > 0 ? 128 + number : 1);
}

/* `shape(dice)` draws and checks one shape, after describe(). KERNEL_FUZZ_COUNT shapes, `count` if it is not set, of
   the seed KERNEL_FUZZ_SEED, from number KERNEL_FUZZ_FIRST on; stops at the first wrong one. */
static inline void fuzz_run(uint64_t use, size_t count, void (*shape)(struct dice *dice))
{
	const char *seed = getenv("KERNEL_FUZZ_SEED"), *shapes = getenv("KERNEL_FUZZ_COUNT"),
		   *first = getenv("KERNEL_FUZZ_FIRST");
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], fuzz_crash);
	struct dice dice = {.seed = seed && *seed ? strtoull(seed, NULL, 10) : 1};
	size_t from = first && *first ? strtoull(first, NULL, 10) : 0;
	count = shapes && *shapes ? strtoull(shapes, NULL, 10) : count;
	for (size_t i = from; i < from + count && !check_failures; i++) {
		dice.shape = use << 48 | i;
		dice.count = 0;
		shape(&dice);
		guarded_free(0);
		if (check_failures)
			printf("with KERNEL_FUZZ_SEED=%llu KERNEL_FUZZ_FIRST=%zu KERNEL_FUZZ_COUNT=1: %s\n",
				(unsigned long long)dice.seed, i, fuzz_shape);
	}
	printf("# %zu shapes of seed %llu on %zu kernel sets\n", count, (unsigned long long)dice.seed, fuzz_set_count);
}

#define describe(...) (fuzz_shape_length = snprintf(fuzz_shape, sizeof(fuzz_shape), __VA_ARGS__))

#endif
