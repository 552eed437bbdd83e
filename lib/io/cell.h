/* SPDX-License-Identifier: MIT */
/* A cell of a record, whatever the format: what a column has in a row. */
#ifndef AE_IO_CELL_H
#define AE_IO_CELL_H

#include <stddef.h>

/* Text, or where the format has numbers a number. */
struct ae_cell {
	const char *text; /* not NUL-terminated; NULL: a number, finite and at most 2^24 in size, in a column of such */
	union {
		size_t len;
		double number;
	};
};

#endif
