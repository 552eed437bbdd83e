/* SPDX-License-Identifier: MIT */
/* The one door to OpenBLAS, for ae-train alone: it multiplies large matrices faster than our kernels, which are made
   for few rows, and its bits depend on how many rows there are, so that nothing is scored with it. It is loaded when it
   is needed first: loading costs milliseconds, and starts a thread for each processor that spins for a while. */
#ifndef AE_TRAIN_BLAS_H
#define AE_TRAIN_BLAS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* Where it wins, by measurement: the weight gradient of dense layers of at least 2^20 weights over batches of at least
   256 rows. A rule on shapes alone, so that neither threads nor load change a byte. */
bool ae_blas_wins(size_t weights, size_t rows);

/* Loads OpenBLAS, once a process, and holds it to one thread, in the whole process, until each acquire has its release;
   then it has as many as before. Any thread may call them. The error names the package. */
int ae_blas_acquire(struct ae_error *err) AE_MUST_CHECK;
void ae_blas_release(void);

/* c[m][n] = a[m][k] b[k][n], all row-major, on the calling thread alone. OpenBLAS is acquired. */
void ae_blas_multiply(float *c, const float *a, const float *b, size_t m, size_t n, size_t k);

#endif
