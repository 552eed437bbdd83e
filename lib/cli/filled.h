/* SPDX-License-Identifier: MIT */
/* Notes about missing values that were filled: how many there are, and where the latest one was, while no input comes;
   how many there were, at the end. */
#ifndef AE_CLI_FILLED_H
#define AE_CLI_FILLED_H

#include "cli/program.h"

/* Start with program, common and the words, the rest zero. */
struct ae_filled {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *one, *many; /* what a value became, and what several did: "the mean" */
	const char *why;        /* none was filled: "there was none before" */
	uint64_t count;         /* of all streams */
	uint64_t stayed;        /* missing, since there was nothing to fill them with */
	uint64_t told;
	int64_t at; /* when, in milliseconds of ae_clock_ms */
	/* The latest one: */
	char input[256], place[AE_PLACE_TEXT], column[128];
};

/* So many values of a batch were filled, element `element` of `column` in the row at `place` last; *name is the input.
 */
void ae_filled_add(struct ae_filled *filled, uint64_t count, const char *name, const struct ae_place *place,
	const struct ae_column *column, size_t element);
/* A filter's idle(): notes what has not been told, once a second at most. */
int ae_filled_tell(struct ae_filled *filled);
/* At the end. */
void ae_filled_end(const struct ae_filled *filled);

#endif
