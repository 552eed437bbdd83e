#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

struct worker {
	struct ae_pool *pool;
	pthread_t thread;
	int number;
};

struct ae_pool {
	int threads, started;
	int spins;
	struct worker *workers;
	/* The run at hand. A worker reads it only after it took one of the tasks `left`, and the run ends only after
	   every task taken is done. */
	void (*fn)(void *arg, size_t task, int worker);
	void *arg;
	size_t tasks;
	_Alignas(64) atomic_size_t left;
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

static bool take(struct ae_pool *pool, size_t *left)
{
	size_t n = atomic_load(&pool->left);
	while (n > 0)
		if (atomic_compare_exchange_weak(&pool->left, &n, n - 1)) {
			*left = n;
			return true;
		}
	return false;
}

static void work(struct ae_pool *pool, int number)
{
	size_t left;
	while (take(pool, &left)) {
		size_t tasks = pool->tasks;
		pool->fn(pool->arg, tasks - left, number);
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
	struct ae_pool *pool = self->pool;
	while (!atomic_load(&pool->stop)) {
		for (int i = 0; i < pool->spins && atomic_load(&pool->left) == 0; i++)
			relax();
		if (atomic_load(&pool->left) == 0) {
			pthread_mutex_lock(&pool->lock);
			atomic_fetch_add(&pool->sleepers, 1);
			while (atomic_load(&pool->left) == 0 && !atomic_load(&pool->stop))
				pthread_cond_wait(&pool->work, &pool->lock);
			atomic_fetch_sub(&pool->sleepers, 1);
			pthread_mutex_unlock(&pool->lock);
		}
		work(pool, self->number);
	}
	return NULL;
}

static void wake(struct ae_pool *pool)
{
	if (atomic_load(&pool->sleepers) == 0)
		return;
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

int ae_pool_new(struct ae_pool **pool, int threads, struct ae_error *err)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	if (threads <= 0)
		threads = online > 0 ? (int)online : 1;
	struct ae_pool *p = NULL;
	if (posix_memalign((void **)&p, 64, sizeof(*p)) != 0)
		return ae_fail_memory(err);
	memset(p, 0, sizeof(*p));
	p->threads = threads;
	p->spins = threads <= online ? 4000 : 0;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->finished, NULL);
	p->workers = ae_calloc((size_t)threads, sizeof(*p->workers), err);
	if (!p->workers) {
		ae_pool_free(p);
		return -1;
	}
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int failed = 0;
	for (int i = 1; i < threads && !failed; i++) {
		struct worker *w = &p->workers[i];
		*w = (struct worker){.pool = p, .number = i};
		failed = pthread_create(&w->thread, NULL, worker_main, w);
		p->started += !failed;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed) {
		ae_pool_free(p);
		return ae_fail(err, "cannot start %d threads: %s", threads, strerror(failed));
	}
	*pool = p;
	return 0;
}

void ae_pool_free(struct ae_pool *pool)
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

int ae_pool_threads(const struct ae_pool *pool)
{
	return pool->threads;
}

void ae_pool_run(struct ae_pool *pool, void (*fn)(void *arg, size_t task, int worker), void *arg, size_t tasks)
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
	atomic_store(&pool->left, tasks);
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
