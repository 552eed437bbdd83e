/* SPDX-License-Identifier: MIT */
/* Numbers of a regular file, read by all threads of a pool at once. */
#ifndef AE_IO_PIECES_H
#define AE_IO_PIECES_H

#include "core/tensor.h"
#include "io/input.h"

/* How much a thread reads, and looks at while it is in its cache. */
enum { AE_PIECE_BYTES = 1 << 16 };

/* What was read: the sum of a piece, and whether its numbers are all finite (of u8: false). */
struct ae_piece {
	bool whole, finite;
	uint32_t sum;
};

/* Reads the next `len` bytes of the input, of which none wait, into `to`: true, and *pieces are struct ae_piece, all of
   AE_PIECE_BYTES but the last. `to` begins with a number of that type, little-endian as the machine is. False, and
   nothing is taken, where this cannot be done or is not worth it: then the input says why when it is read. */
bool ae_pieces_read(struct ae_input *input, void *to, size_t len, enum ae_type type, struct ae_buf *pieces);

#endif
