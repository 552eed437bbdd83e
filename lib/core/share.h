/* SPDX-License-Identifier: MIT */
/* A share of a count, as a count. Where the product should be a whole number it is that, though the product of the
   doubles be a bit more (0.07 * 100) or a bit less (0.29 * 100). */
#ifndef AE_CORE_SHARE_H
#define AE_CORE_SHARE_H

#include <math.h>
#include <stddef.h>

/* For share from 0 to 1. Products that are whole numbers in truth are nearer to them than this. */
static inline double ae_share_slack(double product)
{
	return 1e-9 + 4e-16 * product;
}

/* share * n rounded up: at least 1 where neither is 0, at most n. */
static inline size_t ae_share_up(double share, size_t n)
{
	double product = share * (double)n, up = ceil(product - ae_share_slack(product));
	size_t least = share > 0 && n > 0 ? 1 : 0;
	return up > (double)least ? up < (double)n ? (size_t)up : n : least;
}

/* share * n rounded down, at most n. */
static inline size_t ae_share_down(double share, size_t n)
{
	double product = share * (double)n, down = floor(product + ae_share_slack(product));
	return down < (double)n ? (size_t)down : n;
}

#endif
