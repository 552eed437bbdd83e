/* SPDX-License-Identifier: MIT */
/* OpenBLAS, loaded when it is needed. */
#include "train/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"

/* A process loads a library once, and its number of threads is the process's: so these are too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __typeof__(cblas_sgemm) *sgemm;
static int (*get_threads)(void);
static void (*set_threads)(int);
static int users, threads_before;

bool ae_blas_wins(size_t weights, size_t rows)
{
	return weights >= (size_t)1 << 20 && rows >= 256;
}

static int load(struct ae_error *err)
{
	/* The Fortran runtime that comes with it calls itself without end where it finds no memory at its start. */
	void *reserve = ae_calloc(1, 65536, err);
	if (!reserve)
		return -1;
	free(reserve);
	void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	void *symbols[] = {library ? dlsym(library, "cblas_sgemm") : NULL,
		library ? dlsym(library, "openblas_get_num_threads") : NULL,
		library ? dlsym(library, "openblas_set_num_threads") : NULL};
	if (!symbols[0] || !symbols[1] || !symbols[2]) {
		const char *why = dlerror(); /* of the last symbol: nothing, if that one is there */
		return ae_fail(err,
			"OpenBLAS, which layers this wide are trained with, is not here: %s: apt-get install "
			"libopenblas0",
			why ? why : "libopenblas.so.0 has not all that is needed");
	}
	memcpy(&get_threads, &symbols[1], sizeof(get_threads));
	memcpy(&set_threads, &symbols[2], sizeof(set_threads));
	memcpy(&sgemm, &symbols[0], sizeof(sgemm));
	return 0;
}

int ae_blas_acquire(struct ae_error *err)
{
	pthread_mutex_lock(&lock);
	int rc = sgemm ? 0 : load(err);
	if (rc == 0 && users++ == 0) {
		threads_before = get_threads();
		set_threads(1);
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

void ae_blas_release(void)
{
	pthread_mutex_lock(&lock);
	if (--users == 0)
		set_threads(threads_before);
	pthread_mutex_unlock(&lock);
}

void ae_blas_multiply(float *c, const float *a, const float *b, size_t m, size_t n, size_t k)
{
	sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)k, b,
		(blasint)n, 0, c, (blasint)n);
}
