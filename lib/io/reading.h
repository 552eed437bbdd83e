/* SPDX-License-Identifier: MIT */
/* How far reading has come, for a program to show. */
#ifndef AE_IO_READING_H
#define AE_IO_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "io/input.h"

struct ae_reading {
	uint64_t rows;
	double seconds;
	uint64_t bytes, size; /* read, and of all inputs; size 0: one of them is no regular file */
	bool again;           /* the rows that were read are worked on; bytes and size are rows, done and of all */
	bool ended;
	/* of reading.c */
	uint64_t before; /* bytes of the inputs that have ended */
	int64_t begun, told;
	bool shown;
};

/* Shows it, or at the end takes it away. Whether it is shown now. */
typedef bool ae_show_reading(void *arg, const struct ae_reading *reading);

/* Inputs as ae_reader_open has them; none of them is opened. */
void ae_reading_begin(struct ae_reading *reading, char *const *files, size_t count);
/* Once rows have come: from the first second on, ten times a second at most. */
void ae_reading_tell(
	struct ae_reading *reading, const struct ae_input *input, uint64_t rows, ae_show_reading *show, void *arg);
/* What was read is worked on in another pass of `total` rows: so many are done, 0 where it begins. */
void ae_reading_tell_pass(struct ae_reading *reading, uint64_t rows, uint64_t total, ae_show_reading *show, void *arg);
/* An input has ended and is still open. */
void ae_reading_end_input(struct ae_reading *reading, const struct ae_input *input);
/* If it is shown. */
void ae_reading_end(struct ae_reading *reading, ae_show_reading *show, void *arg);

#endif
