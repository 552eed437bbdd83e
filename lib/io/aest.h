/* SPDX-License-Identifier: MIT */
/* AEST, the stream's binary encoding (ae-stream(5)): ae_aest_input and ae_aest_output. */
#ifndef AE_IO_AEST_H
#define AE_IO_AEST_H

#include <stddef.h>
#include <stdint.h>

#define AE_AEST_VERSION 1

/* Kinds of messages after the header. */
enum { AE_AEST_BATCH = 1, AE_AEST_END = 2 };

/* The most bytes of a header, and of a column in a batch. */
#define AE_AEST_HEADER_LIMIT ((size_t)64 << 20)
#define AE_AEST_BIN_LIMIT ((size_t)INT32_MAX)

#endif
