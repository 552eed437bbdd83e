/* SPDX-License-Identifier: MIT */
/* Scores of several plain rows at once. */
#ifndef AE_MODEL_SCORE_ROWS_H
#define AE_MODEL_SCORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum { AE_SCORE_ROWS = 4 };

/* The mean error of AE_SCORE_ROWS rows of n floats, `stride` floats from one to the next: absolute, or squared. The
   same bits as row by row: each sum is in the order of the elements. False, and nothing is said, where a value is
   missing or a reading is too large for the plain rule. */
bool ae_score_rows_absolute(
	const float *recon, const float *reference, size_t stride, size_t n, double score[AE_SCORE_ROWS]);
bool ae_score_rows_squared(
	const float *recon, const float *reference, size_t stride, size_t n, double score[AE_SCORE_ROWS]);
/* The root of that. */
bool ae_score_rows_root(
	const float *recon, const float *reference, size_t stride, size_t n, double score[AE_SCORE_ROWS]);

#endif
