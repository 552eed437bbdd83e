/* SPDX-License-Identifier: MIT */
/* Training losses: a table with one row for each. All that is said of losses elsewhere (names, help, errors, the
   default metric of ae-err) follows from it. */
#ifndef AE_KERNELS_LOSSES_H
#define AE_KERNELS_LOSSES_H

#include <stdbool.h>
#include <stddef.h>

/* The loss of one block of rows and its gradient. y and t are the network's output and the target, float[n][lanes].
   Adds each lane's loss (a sum over its n features, or its one value if the loss is per row) to sum[lanes], and writes
   scale times the gradient with respect to y to dy. Lanes from `rows` on get a gradient of zero; their sums mean
   nothing. `delta` is for losses that take one. */
typedef void ae_loss_block(
	double *sum, float *dy, const float *y, const float *t, size_t n, size_t rows, float scale, float delta);

struct ae_loss {
	const char *name;   /* at most 15 characters */
	const char *metric; /* by which ae-err scores rows, if not told otherwise */
	bool per_row;       /* the mean is over rows, not over values */
	bool takes_delta;   /* block() uses its delta, the setting huber_delta */
	/* What a missing value of the target (NaN, under --missing=mask) costs. It must neither add to the loss nor
	   have a gradient. If set, block() sees to that. If not, the trainer puts the network's output in its place:
	   right for losses which are 0 at t = y and have no gradient there. */
	bool skips_missing;
	double low, high; /* what outputs and targets must lie within; both 0: any number */
	ae_loss_block *block;
};

#endif
