/* SPDX-License-Identifier: MIT */
/* Values of many rows, feature by feature with 16 rows side by side, in blocks of the kernels' number of lanes. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdlib.h>

#include "kernels/kernels.h"

#define LANES AE_LANES_MAX

/* Where value i of `features` in [block][feature][LANES] lies in blocks of `lanes`. */
static inline size_t blocks_place(size_t i, size_t features, size_t lanes)
{
	size_t lane = i % LANES, feature = i / LANES % features, row = i / LANES / features * LANES + lane;
	return (row / lanes * features + feature) * lanes + row % lanes;
}

/* A copy for those kernels, which the caller frees. */
static inline float *blocks_for(const struct ae_kernels *k, const float *x, size_t features, size_t n)
{
	float *made = NULL;
	if (posix_memalign((void **)&made, 64, (n + 1) * sizeof(*made)) != 0)
		exit(1);
	for (size_t i = 0; i < n; i++)
		made[blocks_place(i, features, k->lanes)] = x[i];
	return made;
}

/* And the way back into x; frees `made`. */
static inline void blocks_back(const struct ae_kernels *k, float *x, float *made, size_t features, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = made[blocks_place(i, features, k->lanes)];
	free(made);
}

#endif
