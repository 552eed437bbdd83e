/* SPDX-License-Identifier: MIT */
/* Names of text columns that say where in a tensor each one stands. */
#ifndef AE_IO_RECORD_SPELLED_H
#define AE_IO_RECORD_SPELLED_H

#include "core/tensor.h"
#include "core/util.h"

/* What names spell. */
struct ae_spelled {
	struct ae_shape shape;
	char **names;    /* of the last axis, in the columns' own names; the array is freed with free() */
	size_t features; /* how many names; 0: the last axis has none */
};

/* Whether n columns, members of names, are called WORD.1 ... WORD.n, WORD.1.1 and so on, or WORD.1.NAME with the same
   names at each of several places, in whatever order they stand: 1, *spelled is filled, and members come into row-major
   order; 0 if they are called otherwise. -1 and *err if a place is missing or stands twice. */
int ae_spell(struct ae_spelled *spelled, char *const *names, size_t *members, size_t n, const char *word,
	struct ae_error *err) AE_MUST_CHECK;

#endif
