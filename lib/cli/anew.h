/* SPDX-License-Identifier: MIT */
/* Notes about groups that are forgotten because there are too many: the first at once, then how many more, once a
   second at most while it goes on, and at the end how often it was. One may be forgotten often. */
#ifndef AE_CLI_ANEW_H
#define AE_CLI_ANEW_H

#include "cli/program.h"

enum { AE_ANEW_KEY = 120 };

/* Start with program, common and most, the rest zero. */
struct ae_anew {
	const struct ae_program *program;
	const struct ae_common *common;
	uint64_t most; /* groups that are kept */
	uint64_t count, told;
	int64_t at; /* when it was told last, in milliseconds */
	/* The last one: */
	char input[256];
	bool line; /* number is that of a line, else that of a row */
	uint64_t number;
	enum ae_type type; /* of its key, of which the first bytes are kept */
	unsigned char key[AE_ANEW_KEY];
	size_t key_len;
};

/* One more group was forgotten, at this place of the input `name`. Its key is a text, or the bytes of a number of that
   type. */
void ae_anew_add(struct ae_anew *anew, const char *name, const struct ae_place *place, enum ae_type type,
	const void *key, size_t len);
/* Notes what has not been told if a second has passed. The milliseconds until it is to be called again, or 0. */
int ae_anew_tell(struct ae_anew *anew);
/* Notes their number, if there are any. */
void ae_anew_end(const struct ae_anew *anew);

#endif
