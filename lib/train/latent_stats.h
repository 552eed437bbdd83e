/* SPDX-License-Identifier: MIT */
/* Mean and covariance of latent rows, and the covariance shrunk so that it has an inverse. */
#ifndef AE_TRAIN_LATENT_STATS_H
#define AE_TRAIN_LATENT_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* Of larger latents nothing is kept: the covariance of 1,024 values takes 4 MiB of a model. */
enum { AE_LATENT_STATS_MOST = 1024 };

/* Entries of the lower triangle of a symmetric matrix of n rows, row by row. */
static inline size_t ae_triangle(size_t n)
{
	return n * (n + 1) / 2;
}

/* All zero, then begun; freed with ae_latent_stats_free. One thread at a time. */
struct ae_latent_stats {
	size_t n;           /* values of a row */
	double rows;        /* added so far */
	double *mean;       /* [n] */
	double *covariance; /* [ae_triangle(n)]: sums of products of deviations, and at the end the shrunk covariance */
	double shrinkage;   /* of the end: from 0, none, to 1, a multiple of the identity */
	double *chunk;      /* private */
	size_t chunk_rows, stride;
};

/* Of rows of n values that come up to chunk_rows at a time. */
int ae_latent_stats_begin(
	struct ae_latent_stats *stats, size_t n, size_t chunk_rows, struct ae_error *err) AE_MUST_CHECK;
/* Adds rows latent[rows][n]. The last bits depend on how the rows are divided into calls. */
void ae_latent_stats_add(struct ae_latent_stats *stats, const float *latent, size_t rows);
/* Divides by the number of rows and shrinks towards the mean variance m times the identity: (1 - s) S + s m I, s as
   oracle approximating shrinkage has it, 1e-6 at least, so that there is an inverse. Where the latent is the same in
   all rows the covariance becomes the identity. False if something is not finite, or there are no rows. */
bool ae_latent_stats_end(struct ae_latent_stats *stats);
void ae_latent_stats_free(struct ae_latent_stats *stats);

#endif
