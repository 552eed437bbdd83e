/* SPDX-License-Identifier: MIT */
/* A cell of a record, whatever the format: what a column has in a row. */
#ifndef AE_IO_CELL_H
#define AE_IO_CELL_H

#include <stddef.h>

struct ae_cell {
	const char *text; /* not NUL-terminated */
	size_t len;
};

#endif
