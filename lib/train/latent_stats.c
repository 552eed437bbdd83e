/* SPDX-License-Identifier: MIT */
/* Covariances in one pass: chunks of rows, whose products are summed about their own mean, are merged. Merging: Chan,
   Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", Stanford
   STAN-CS-79-773 (1979). Shrinkage: Chen, Wiesel, Eldar and Hero, "Shrinkage algorithms for MMSE covariance
   estimation", IEEE Transactions on Signal Processing 58 (2010), equation 23 without its terms of 2/n, as scikit-learn
   computes it. */
#include "train/latent_stats.h"

#include <math.h>
#include <stdlib.h>

#include "core/util.h"

#define LEAST_SHRINKAGE 1e-6

/* A tile of the products is TILE rows by TILE columns, in vectors of two. */
enum { TILE = 4 };
typedef double pair __attribute__((vector_size(16)));

int ae_latent_stats_begin(struct ae_latent_stats *s, size_t n, size_t chunk_rows, struct ae_error *err)
{
	s->n = n;
	s->chunk_rows = chunk_rows;
	s->stride = (n + TILE - 1) / TILE * TILE;
	s->mean = ae_calloc(n, sizeof(*s->mean), err);
	s->covariance = ae_calloc(ae_triangle(n), sizeof(*s->covariance), err);
	s->chunk = ae_calloc(ae_product(chunk_rows, s->stride), sizeof(*s->chunk), err);
	return s->mean && s->covariance && s->chunk ? 0 : -1;
}

/* Sums of the products of columns i.. and j.. of the chunk. */
static void multiply_tile(double sums[TILE][TILE], const double *chunk, size_t stride, size_t rows, size_t i, size_t j)
{
	pair sum[TILE][TILE / 2] = {{{0}}};
	for (size_t row = 0; row < rows; row++) {
		const double *left = chunk + row * stride + i, *right = chunk + row * stride + j;
#pragma GCC unroll 4
		for (int b = 0; b < TILE / 2; b++) {
			pair r = {right[2 * b], right[2 * b + 1]};
#pragma GCC unroll 4
			for (int a = 0; a < TILE; a++)
				sum[a][b] += left[a] * r;
		}
	}
	for (int a = 0; a < TILE; a++)
		for (int b = 0; b < TILE; b++)
			sums[a][b] = sum[a][b / 2][b % 2];
}

static void add_tile(struct ae_latent_stats *s, double sums[TILE][TILE], size_t i, size_t j)
{
	for (size_t a = 0; a < TILE && i + a < s->n; a++)
		for (size_t b = 0; b < TILE && j + b <= i + a; b++)
			s->covariance[ae_triangle(i + a) + j + b] += sums[a][b];
}

/* Brings the deviations of a chunk of rows from their own mean into it; delta becomes that mean less the present one.
 */
static void center_chunk(struct ae_latent_stats *s, const float *latent, size_t rows, double *delta)
{
	for (size_t i = 0; i < s->n; i++) {
		double sum = 0;
		for (size_t row = 0; row < rows; row++)
			sum += (double)latent[row * s->n + i];
		double mean = sum / (double)rows;
		for (size_t row = 0; row < rows; row++)
			s->chunk[row * s->stride + i] = (double)latent[row * s->n + i] - mean;
		delta[i] = mean - s->mean[i];
	}
}

static void add_chunk(struct ae_latent_stats *s, const float *latent, size_t rows)
{
	double sums[TILE][TILE], delta[AE_LATENT_STATS_MOST];
	double count = s->rows + (double)rows, weight = s->rows * ((double)rows / count);
	center_chunk(s, latent, rows, delta);
	for (size_t i = 0; i < s->n; i += TILE)
		for (size_t j = 0; j <= i; j += TILE) {
			multiply_tile(sums, s->chunk, s->stride, rows, i, j);
			add_tile(s, sums, i, j);
		}
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j <= i; j++)
			s->covariance[ae_triangle(i) + j] += delta[i] * delta[j] * weight;
	for (size_t i = 0; i < s->n; i++)
		s->mean[i] += delta[i] * ((double)rows / count);
	s->rows = count;
}

void ae_latent_stats_add(struct ae_latent_stats *s, const float *latent, size_t rows)
{
	for (size_t first = 0; first < rows; first += s->chunk_rows)
		add_chunk(s, latent + first * s->n, rows - first < s->chunk_rows ? rows - first : s->chunk_rows);
}

/* s of the shrinkage from the covariance of rows, whose mean variance is `variance`. */
static double choose_shrinkage(const double *covariance, size_t n, double rows, double variance)
{
	double squares = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			double scaled = covariance[ae_triangle(i) + j] / variance;
			squares += (i == j ? 1 : 2) * (scaled * scaled);
		}
	/* In units of the squared mean variance. */
	double mean_square = squares / (double)n / (double)n;
	double spread = (rows + 1) * (mean_square - 1 / (double)n);
	double shrinkage = spread > 0 ? (mean_square + 1) / spread : 1;
	return fmin(fmax(shrinkage, LEAST_SHRINKAGE), 1);
}

bool ae_latent_stats_end(struct ae_latent_stats *s)
{
	size_t entries = ae_triangle(s->n);
	double variance = 0;
	if (!(s->rows > 0))
		return false;
	for (size_t i = 0; i < entries; i++)
		s->covariance[i] /= s->rows;
	for (size_t i = 0; i < s->n; i++)
		variance += s->covariance[ae_triangle(i) + i] / (double)s->n;
	bool varies = variance > 0;
	s->shrinkage = varies ? choose_shrinkage(s->covariance, s->n, s->rows, variance) : 1;
	for (size_t i = 0; i < entries; i++)
		s->covariance[i] *= 1 - s->shrinkage;
	bool finite = true;
	for (size_t i = 0; i < s->n; i++) {
		s->covariance[ae_triangle(i) + i] += s->shrinkage * (varies ? variance : 1);
		finite = finite && isfinite(s->mean[i]);
	}
	for (size_t i = 0; i < entries; i++)
		finite = finite && isfinite(s->covariance[i]);
	return finite;
}

void ae_latent_stats_free(struct ae_latent_stats *s)
{
	free(s->mean);
	free(s->covariance);
	free(s->chunk);
	*s = (struct ae_latent_stats){0};
}
