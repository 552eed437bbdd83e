/* SPDX-License-Identifier: MIT */
/* Train/test splits, row for row those of scikit-learn's train_test_split(test_size=fraction, random_state=seed). */
#ifndef AE_EVAL_SPLIT_H
#define AE_EVAL_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* ceil(fraction * n) test rows, the others train; an error where either part would be empty. */
int ae_split_counts(uint64_t *train, uint64_t *test, uint64_t n, double fraction, struct ae_error *err) AE_MUST_CHECK;

/* numpy.random.RandomState(seed).permutation(n), the legacy generator: MT19937 (Matsumoto and Nishimura, init_genrand),
   Fisher-Yates from the end, each draw masked to the bits needed and rejected while too large. n < 2^32, seed < 2^32.
 */
int ae_split_permutation(uint32_t *rows, uint64_t n, uint64_t seed, struct ae_error *err) AE_MUST_CHECK;

/* Row numbers: rows[0, test) are the test part and rows[test, test + train) the training part, in the order in which
   each is written. Freed with ae_split_free. */
struct ae_split {
	uint32_t *rows;
	size_t test, train;
};

/* Shuffled by seed; or ordered: the last part is the test, both in the order of the rows (train_test_split with
   shuffle=False). */
int ae_split_make(struct ae_split *split, uint64_t n, double fraction, bool ordered, uint64_t seed,
	struct ae_error *err) AE_MUST_CHECK;
void ae_split_free(struct ae_split *split);

#endif
