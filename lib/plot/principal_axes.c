/* SPDX-License-Identifier: MIT */
/* Principal axes by the eigenvectors of the covariance. */
#include "plot/principal_axes.h"

#include <math.h>
#include <stdlib.h>

#include "train/blas.h"

/* Rows that are centred at once. */
enum { PIECE = 256 };

struct axes {
	double *mean;       /* [n] */
	double *piece;      /* [PIECE][n] */
	double *covariance; /* [n][n], not divided by the number of rows */
	double *vectors;    /* [2][n] */
	double values[2];
	double total; /* the sum of all eigenvalues */
};

static void find_mean(double *mean, const float *values, size_t rows, size_t n)
{
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			mean[i] += (double)values[row * n + i];
	for (size_t i = 0; i < n; i++)
		mean[i] /= (double)rows;
}

static void center(struct axes *a, const float *values, size_t rows, size_t n)
{
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			a->piece[row * n + i] = (double)values[row * n + i] - a->mean[i];
}

static void fix_sign(double *axis, size_t n)
{
	double largest = 0;
	size_t first = 0;
	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, fabs(axis[i]));
	while (first + 1 < n && fabs(axis[first]) < largest * (1 - 1e-9))
		first++;
	double sign = copysign(1, axis[first]);
	for (size_t i = 0; i < n; i++)
		axis[i] *= sign;
}

static int solve(struct axes *a, const float *values, size_t rows, size_t n, struct ae_error *err)
{
	find_mean(a->mean, values, rows, n);
	for (size_t row = 0; row < rows; row += PIECE) {
		size_t some = rows - row < PIECE ? rows - row : PIECE;
		center(a, values + row * n, some, n);
		ae_blas_add_products(a->covariance, a->piece, some, n, false);
	}
	for (size_t i = 0; i < n; i++)
		a->total += a->covariance[i * n + i];
	if (ae_blas_eigen(a->values, a->vectors, a->covariance, n, 2, err) != 0)
		return -1;
	fix_sign(a->vectors, n);
	fix_sign(a->vectors + n, n);
	return 0;
}

static void project(struct axes *a, double *places, const float *values, size_t rows, size_t n)
{
	for (size_t row = 0; row < rows; row++) {
		center(a, values + row * n, 1, n);
		for (size_t axis = 0; axis < 2; axis++) {
			double sum = 0;
			for (size_t i = 0; i < n; i++)
				sum += a->piece[i] * a->vectors[axis * n + i];
			places[2 * row + axis] = sum;
		}
	}
}

int ae_principal_axes(
	double *places, double explained[2], const float *values, size_t rows, size_t n, struct ae_error *err)
{
	struct axes a = {0};
	if (n > AE_PRINCIPAL_AXES_SIDE)
		return ae_fail(err, "%zu values a row are more than %d, of which principal axes are found", n,
			AE_PRINCIPAL_AXES_SIDE);
	a.mean = ae_calloc(n, sizeof(double), err);
	a.piece = a.mean ? ae_calloc(PIECE * n, sizeof(double), err) : NULL;
	a.covariance = a.piece ? ae_calloc(n * n, sizeof(double), err) : NULL;
	a.vectors = a.covariance ? ae_calloc(2 * n, sizeof(double), err) : NULL;
	int rc = a.vectors ? ae_blas_acquire(err) : -1;
	if (rc == 0) {
		rc = solve(&a, values, rows, n, err);
		ae_blas_release();
	}
	if (rc == 0)
		project(&a, places, values, rows, n);
	for (size_t axis = 0; rc == 0 && axis < 2; axis++)
		explained[axis] = a.total > 0 ? fmax(a.values[axis], 0) / a.total : 0;
	free(a.mean);
	free(a.piece);
	free(a.covariance);
	free(a.vectors);
	return rc;
}
