/* SPDX-License-Identifier: MIT */
/* Notes about groups of rows that a model has nothing of, so that what holds for all rows is applied to them: how many
   there are and the first one, while no input comes and at the end. */
#ifndef AE_CLI_UNSEEN_H
#define AE_CLI_UNSEEN_H

#include "cli/program.h"
#include "stream/groups.h"

/* Start with program, common and what, the rest zero. Freed with ae_unseen_free. */
struct ae_unseen {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *what; /* that they have none of: "scaler" */
	uint64_t count;   /* of all streams; a group that is forgotten since there are very many counts anew */
	uint64_t told;
	int64_t at; /* when, in milliseconds of ae_clock_ms */
	char first[80];
	struct ae_groups *seen;
};

/* A row of this group has come. */
int ae_unseen_add(struct ae_unseen *unseen, const char *name, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* A filter's idle(): notes what has not been told, once a second at most. */
int ae_unseen_tell(struct ae_unseen *unseen);
/* At the end. */
void ae_unseen_end(struct ae_unseen *unseen);
void ae_unseen_free(struct ae_unseen *unseen);

#endif
