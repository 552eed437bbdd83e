/* SPDX-License-Identifier: MIT */
/* A sum of doubles that is exact, so that what was added can be taken away again, in any order, without a trace: a long
   integer in units of 2^-1074 (Kulisch's accumulator), with room for carries. */
#ifndef AE_CORE_EXACT_SUM_H
#define AE_CORE_EXACT_SUM_H

#include <stdint.h>

enum { AE_EXACT_LIMBS = 68 };

/* All zero is the sum of nothing. */
struct ae_exact_sum {
	int64_t limbs[AE_EXACT_LIMBS]; /* of 32 bits and a sign */
	uint32_t low, end;             /* those that are not 0 lie between */
	uint32_t pending;              /* additions since carries were propagated */
};

/* The value is finite. */
void ae_exact_add(struct ae_exact_sum *sum, double value);
void ae_exact_subtract(struct ae_exact_sum *sum, double value);
/* The sum, rounded once to nearest, divided by n and rounded again: math.fsum(values) / n in Python. */
double ae_exact_mean(const struct ae_exact_sum *sum, double n);

#endif
