/* SPDX-License-Identifier: MIT */
/* Notes about values that f32 cannot hold: the first at once, their number at the end. */
#ifndef AE_CLI_BEYOND_H
#define AE_CLI_BEYOND_H

#include "cli/program.h"

/* Start with program and common, the rest zero. */
struct ae_beyond {
	const struct ae_program *program;
	const struct ae_common *common;
	uint64_t values; /* taken as AE_BEYOND so far */
};

/* `count` more values were; the first of all is noted: at this place of the input `name`. `where` says what it is:
   element `element` of the column, or with NULL a value inside the network. */
void ae_beyond_add(struct ae_beyond *beyond, uint64_t count, const char *name, const struct ae_place *place,
	const struct ae_column *where, size_t element);
/* Notes their number, if there are any. */
void ae_beyond_end(const struct ae_beyond *beyond);

/* An error that names row and column if the values of this column in `rows` rows, of which the first has this place,
   are AE_BEYOND or more in size: nothing is fitted on those. */
int ae_beyond_refuse(const struct ae_column *column, const void *values, size_t rows, const struct ae_place *place,
	struct ae_error *err) AE_MUST_CHECK;
/* That error for element `element` of the column, at a place such as "line 4". Returns -1. */
int ae_beyond_fail(const struct ae_column *column, size_t element, const char *place, struct ae_error *err);

#endif
