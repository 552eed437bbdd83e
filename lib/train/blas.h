/* SPDX-License-Identifier: MIT */
/* The one door to OpenBLAS and its LAPACK, for ae-train alone: it multiplies large matrices faster than our kernels,
   which are made for few rows, and its bits depend on how many rows there are, so that nothing is scored with it. It is
   loaded when it is needed first: loading costs milliseconds, and starts a thread for each processor that spins for a
   while. */
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

/* What principal components take, in f64, likewise. */

/* Adds to c, whose elements c[i][j] with j >= i alone count: of rows a[m][n] the sums of products of two columns,
   c[n][n], or of columns a[m][n] (`of_rows`) those of two rows, c[m][m]. */
void ae_blas_add_products(double *c, const double *a, size_t m, size_t n, bool of_rows);
/* c[m][n], whose rows are c_row apart, = a[m][k] b[k][n]. */
void ae_blas_multiply_f64(double *c, size_t c_row, const double *a, const double *b, size_t m, size_t n, size_t k);
/* The `count` largest eigenvalues, in falling order, of a symmetric a[n][n], of which the elements with j >= i count
   and which is overwritten, and their eigenvectors[count][n] of length 1, whose signs are any. Fails where OpenBLAS was
   built without LAPACK. */
int ae_blas_eigen(
	double *values, double *vectors, double *a, size_t n, size_t count, struct ae_error *err) AE_MUST_CHECK;

#endif
