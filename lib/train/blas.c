/* SPDX-License-Identifier: MIT */
#include "train/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* A process loads a library once. */
static __typeof__(cblas_sgemm) *sgemm;

bool ae_blas_wins(size_t weights, size_t rows)
{
	return weights >= (size_t)1 << 20 && rows >= 256;
}

int ae_blas_load(struct ae_error *err)
{
	if (sgemm)
		return 0;
	/* The library reads this as it loads, and then starts no threads of its own. */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	void *symbol = library ? dlsym(library, "cblas_sgemm") : NULL;
	if (!symbol)
		return ae_fail(err, "OpenBLAS, which layers this wide are trained with, is not here: apt-get install "
				    "libopenblas0");
	memcpy(&sgemm, &symbol, sizeof(sgemm));
	return 0;
}

void ae_blas_multiply(float *c, const float *a, const float *b, size_t m, size_t n, size_t k)
{
	sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1, a, (blasint)k, b,
		(blasint)n, 0, c, (blasint)n);
}
