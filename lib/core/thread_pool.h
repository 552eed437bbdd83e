/* SPDX-License-Identifier: MIT */
/* A pool of worker threads for tasks of some microseconds: workers spin a little before they sleep. One thread at a
   time may run tasks in a pool. */
#ifndef AE_CORE_THREAD_POOL_H
#define AE_CORE_THREAD_POOL_H

#include <stddef.h>

#include "core/error.h"

struct ae_thread_pool;

/* The most that a user may ask for. */
#define AE_THREADS_MAX 256

/* The caller counts as one of the threads: 1 makes none, 0 means one for each processor online. Workers block all
   signals. */
int ae_thread_pool_new(struct ae_thread_pool **pool, int threads, struct ae_error *err) AE_MUST_CHECK;
void ae_thread_pool_free(struct ae_thread_pool *pool);
/* How many threads that makes. */
int ae_thread_pool_count(int threads);
int ae_thread_pool_threads(const struct ae_thread_pool *pool);

/* Runs fn for every task below `tasks` and returns when all are done: a barrier. Tasks start in any order, below 2^32
   of them; `worker` is below ae_thread_pool_threads, and no two tasks run at once with the same one. */
void ae_thread_pool_run(
	struct ae_thread_pool *pool, void (*fn)(void *arg, size_t task, int worker), void *arg, size_t tasks);

#endif
