/* SPDX-License-Identifier: MIT */
/* A cell of a record, whatever the format: what a column has in a row. */
#ifndef AE_IO_CELL_H
#define AE_IO_CELL_H

#include <stddef.h>

/* 2^24: beyond it f32 does not hold every integer. */
#define AE_CELL_NUMBER_MAX 16777216.0

/* Text, or where the format has numbers a number. */
struct ae_cell {
	const char *text; /* not NUL-terminated; NULL: a number, of at most AE_CELL_NUMBER_MAX, in a column of such */
	union {
		size_t len;
		double number;
	};
};

#endif
