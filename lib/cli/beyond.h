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

/* `count` more values were; the first of all is noted: row `row`, counted from 1, of the input `name`. `where` says
   what it is: element `element` of the column, or with NULL a value inside the network. */
void ae_beyond_add(struct ae_beyond *beyond, uint64_t count, const char *name, uint64_t row,
	const struct ae_column *where, size_t element);
/* Notes their number, if there are any. */
void ae_beyond_end(const struct ae_beyond *beyond);

#endif
