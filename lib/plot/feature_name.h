/* SPDX-License-Identifier: MIT */
/* Names of features in pictures. */
#ifndef AE_PLOT_FEATURE_NAME_H
#define AE_PLOT_FEATURE_NAME_H

#include "io/batch.h"

/* The name of element i of a column, its feature's own if it has one; at most size bytes with the NUL. */
void ae_feature_name(const struct ae_column *column, size_t i, char *text, size_t size);
/* The same in at most `most` characters, of a longer name both ends, which tell it from others. format: "%" is doubled,
   as gnuplot wants it at ticks. `text` is set, and not NUL-terminated. */
int ae_feature_label(const struct ae_column *column, size_t i, size_t most, bool format, struct ae_buf *text,
	struct ae_error *err) AE_MUST_CHECK;

#endif
