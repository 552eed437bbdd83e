/* SPDX-License-Identifier: MIT */
/* Train/test splits, row for row those of scikit-learn's train_test_split(test_size=fraction, random_state=seed). */
#ifndef AE_EVAL_SPLIT_H
#define AE_EVAL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Row numbers, from 0: rows[0, test) are the test part and rows[test, test + train) the training part, each in the
   order in which it is written. Freed with ae_split_free. */
struct ae_split {
	uint32_t *rows;
	size_t test, train;
};

/* Splits n rows, at most 2^32 - 1, into ceil(fraction * n) for the test and the others for training. Shuffled by seed,
   below 2^32; or ordered: the last part is the test and both keep the order of the rows (train_test_split with
   shuffle=False). An empty part is an error, a fraction that is not between 0 and 1 or a larger seed a usage error. */
int ae_split_make(struct ae_split *split, uint64_t n, double fraction, bool ordered, uint64_t seed,
	struct ae_error *err) AE_MUST_CHECK;
void ae_split_free(struct ae_split *split);

#endif
