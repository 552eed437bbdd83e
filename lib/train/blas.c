/* SPDX-License-Identifier: MIT */
/* OpenBLAS, loaded when it is needed. */
#include "train/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"

/* A process loads a library once, and its number of threads is the process's: so these are too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __typeof__(cblas_sgemm) *sgemm;
static __typeof__(cblas_dgemm) *dgemm;
static __typeof__(cblas_dsyrk) *dsyrk;
/* LAPACK's, as Fortran has it: the lengths of the three texts come last. NULL where there is no LAPACK. */
static void (*dsyevr)(const char *job, const char *range, const char *part, const blasint *n, double *a,
	const blasint *a_row, const double *low, const double *high, const blasint *first, const blasint *last,
	const double *tolerance, blasint *found, double *values, double *vectors, const blasint *vectors_row,
	blasint *support, double *work, const blasint *work_size, blasint *counts, const blasint *counts_size,
	blasint *failed, size_t job_len, size_t range_len, size_t part_len);
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
	errno = 0;
	void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!library && errno == ENOMEM)
		return ae_fail_memory(err);
	static const char *const names[] = {
		"cblas_sgemm", "cblas_dgemm", "cblas_dsyrk", "openblas_get_num_threads", "openblas_set_num_threads"};
	enum { COUNT = sizeof(names) / sizeof(*names) };
	void *symbols[COUNT], *lapack;
	bool all = true;
	for (size_t i = 0; i < COUNT; i++) {
		symbols[i] = library ? dlsym(library, names[i]) : NULL;
		all = all && symbols[i];
	}
	if (!all) {
		const char *why = dlerror(); /* of the last symbol: nothing, if that one is there */
		return ae_fail(err,
			"OpenBLAS, which layers this wide and pca:K are trained with, is not here: %s: apt-get install "
			"libopenblas0",
			why ? why : "libopenblas.so.0 has not all that is needed");
	}
	lapack = dlsym(library, "dsyevr_");
	memcpy(&dsyevr, &lapack, sizeof(dsyevr));
	memcpy(&dgemm, &symbols[1], sizeof(dgemm));
	memcpy(&dsyrk, &symbols[2], sizeof(dsyrk));
	memcpy(&get_threads, &symbols[3], sizeof(get_threads));
	memcpy(&set_threads, &symbols[4], sizeof(set_threads));
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

void ae_blas_add_products(double *c, const double *a, size_t m, size_t n, bool of_rows)
{
	size_t side = of_rows ? m : n, depth = of_rows ? n : m;
	dsyrk(CblasRowMajor, CblasUpper, of_rows ? CblasNoTrans : CblasTrans, (blasint)side, (blasint)depth, 1, a,
		(blasint)n, 1, c, (blasint)side);
}

void ae_blas_multiply_f64(double *c, size_t c_row, const double *a, const double *b, size_t m, size_t n, size_t k)
{
	dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)k, b,
		(blasint)n, 0, c, (blasint)c_row);
}

/* Rising order becomes falling order. */
static void reverse(double *values, double *vectors, size_t n, size_t count)
{
	for (size_t i = 0, j = count - 1; i < j; i++, j--) {
		double value = values[i];
		values[i] = values[j];
		values[j] = value;
		for (size_t k = 0; k < n; k++) {
			double element = vectors[i * n + k];
			vectors[i * n + k] = vectors[j * n + k];
			vectors[j * n + k] = element;
		}
	}
}

int ae_blas_eigen(double *values, double *vectors, double *a, size_t n, size_t count, struct ae_error *err)
{
	blasint side = (blasint)n, first = (blasint)(n - count + 1), found = 0, failed = 0;
	blasint work_size = 26 * side, counts_size = 10 * side;
	double nothing = 0;
	if (!dsyevr)
		return ae_fail(
			err, "this OpenBLAS is built without LAPACK, which pca:K needs: apt-get install libopenblas0");
	double *all = ae_calloc(n, sizeof(*all), err);
	double *work = ae_calloc((size_t)work_size, sizeof(*work), err);
	blasint *counts = ae_calloc((size_t)counts_size + 2 * n, sizeof(*counts), err);
	int rc = all && work && counts ? 0 : -1;
	if (rc == 0) {
		/* The upper part of rows is the lower part of Fortran's columns. */
		dsyevr("V", "I", "L", &side, a, &side, &nothing, &nothing, &first, &side, &nothing, &found, all,
			vectors, &side, counts + counts_size, work, &work_size, counts, &counts_size, &failed, 1, 1, 1);
		if (failed != 0 || (size_t)found != count)
			rc = ae_fail(err, "the eigenvalues do not converge");
	}
	if (rc == 0) {
		memcpy(values, all, count * sizeof(*values));
		reverse(values, vectors, n, count);
	}
	free(all);
	free(work);
	free(counts);
	return rc;
}
