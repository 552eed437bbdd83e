/* SPDX-License-Identifier: MIT */
/* The thread pool: every worker has tasks of its own, and takes of the others' when it is done with them. */
#include "core/thread_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/util.h"

struct worker {
	struct ae_thread_pool *pool;
	pthread_t thread;
	int number;
	/* The tasks that it is to do itself: the next one in the upper half, their end in the lower. Any worker may
	   take from it. */
	_Alignas(64) _Atomic uint64_t own;
};

struct ae_thread_pool {
	int threads, started;
	int spins;
	struct worker *workers;
	/* The run at hand. A worker reads it only after it took one of the tasks, and the run ends only after every
	   task taken is done. */
	void (*fn)(void *arg, size_t task, int worker);
	void *arg;
	size_t tasks;
	_Alignas(64) atomic_uint runs; /* begun */
	_Alignas(64) atomic_size_t done;
	_Alignas(64) atomic_int sleepers;
	atomic_bool waiting, stop;
	pthread_mutex_t lock;
	pthread_cond_t work, finished;
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* A worker's own tasks are the same in every run of as many, so that what they touch stays in its cache; done with them
   it takes the last ones of others. */
static bool take(struct ae_thread_pool *pool, int number, size_t *task)
{
	for (int i = 0; i < pool->threads; i++) {
		struct worker *from = &pool->workers[(number + i) % pool->threads];
		uint64_t own = atomic_load(&from->own);
		while (own >> 32 < (uint32_t)own)
			if (atomic_compare_exchange_weak(&from->own, &own, i ? own - 1 : own + ((uint64_t)1 << 32))) {
				*task = i ? (uint32_t)own - 1 : own >> 32;
				return true;
			}
	}
	return false;
}

static void work(struct ae_thread_pool *pool, int number)
{
	size_t task;
	while (take(pool, number, &task)) {
		size_t tasks = pool->tasks;
		pool->fn(pool->arg, task, number);
		if (atomic_fetch_add(&pool->done, 1) + 1 == tasks && atomic_load(&pool->waiting)) {
			pthread_mutex_lock(&pool->lock);
			pthread_cond_signal(&pool->finished);
			pthread_mutex_unlock(&pool->lock);
		}
	}
}

static void *worker_main(void *arg)
{
	struct worker *self = arg;
	struct ae_thread_pool *pool = self->pool;
	unsigned seen = 0;
	while (!atomic_load(&pool->stop)) {
		for (int i = 0; i < pool->spins && atomic_load(&pool->runs) == seen; i++)
			relax();
		if (atomic_load(&pool->runs) == seen) {
			pthread_mutex_lock(&pool->lock);
			atomic_fetch_add(&pool->sleepers, 1);
			while (atomic_load(&pool->runs) == seen && !atomic_load(&pool->stop))
				pthread_cond_wait(&pool->work, &pool->lock);
			atomic_fetch_sub(&pool->sleepers, 1);
			pthread_mutex_unlock(&pool->lock);
		}
		seen = atomic_load(&pool->runs);
		work(pool, self->number);
	}
	return NULL;
}

static void wake(struct ae_thread_pool *pool)
{
	if (atomic_load(&pool->sleepers) == 0)
		return;
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

int ae_thread_pool_count(int threads)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	return threads > 0 ? threads : online > 0 ? (int)online : 1;
}

int ae_thread_pool_new(struct ae_thread_pool **pool, int threads, struct ae_error *err)
{
	threads = ae_thread_pool_count(threads);
	struct ae_thread_pool *p = NULL;
	if (posix_memalign((void **)&p, 64, sizeof(*p)) != 0)
		return ae_fail_memory(err);
	memset(p, 0, sizeof(*p));
	p->threads = threads;
	p->spins = threads <= ae_thread_pool_count(0) ? 4000 : 0;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->finished, NULL);
	if (posix_memalign((void **)&p->workers, 64, (size_t)threads * sizeof(*p->workers)) != 0) {
		p->workers = NULL;
		ae_thread_pool_free(p);
		return ae_fail_memory(err);
	}
	memset(p->workers, 0, (size_t)threads * sizeof(*p->workers));
	for (int i = 0; i < threads; i++)
		p->workers[i] = (struct worker){.pool = p, .number = i};
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int failed = 0;
	for (int i = 1; i < threads && !failed; i++) {
		struct worker *w = &p->workers[i];
		failed = pthread_create(&w->thread, NULL, worker_main, w);
		p->started += !failed;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed) {
		ae_thread_pool_free(p);
		return ae_fail(err, "cannot start %d threads: %s", threads, strerror(failed));
	}
	*pool = p;
	return 0;
}

void ae_thread_pool_free(struct ae_thread_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->stop, true);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 1; i <= pool->started; i++)
		pthread_join(pool->workers[i].thread, NULL);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->finished);
	pthread_mutex_destroy(&pool->lock);
	free(pool->workers);
	free(pool);
}

int ae_thread_pool_threads(const struct ae_thread_pool *pool)
{
	return pool->threads;
}

void ae_thread_pool_run(
	struct ae_thread_pool *pool, void (*fn)(void *arg, size_t task, int worker), void *arg, size_t tasks)
{
	if (pool->threads == 1 || tasks <= 1) {
		for (size_t i = 0; i < tasks; i++)
			fn(arg, i, 0);
		return;
	}
	pool->fn = fn;
	pool->arg = arg;
	pool->tasks = tasks;
	atomic_store(&pool->done, 0);
	for (size_t i = 0, n = (size_t)pool->threads; i < n; i++)
		atomic_store(&pool->workers[i].own, (uint64_t)(tasks * i / n) << 32 | (uint64_t)(tasks * (i + 1) / n));
	atomic_fetch_add(&pool->runs, 1);
	wake(pool);
	work(pool, 0);
	for (int i = 0; i < pool->spins && atomic_load(&pool->done) < tasks; i++)
		relax();
	if (atomic_load(&pool->done) == tasks)
		return;
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->waiting, true);
	while (atomic_load(&pool->done) < tasks)
		pthread_cond_wait(&pool->finished, &pool->lock);
	atomic_store(&pool->waiting, false);
	pthread_mutex_unlock(&pool->lock);
}
