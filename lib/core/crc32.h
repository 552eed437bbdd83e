/* SPDX-License-Identifier: MIT */
/* The CRC-32 of zlib, gzip and PNG: the checksum of messages. */
#ifndef AE_CORE_CRC32_H
#define AE_CORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from the sum of what was before, 0 at first. The same on every machine. */
uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len);
/* The sum of bytes of sum `a` with `len` bytes of sum `b` behind them. */
uint32_t ae_crc32_join(uint32_t a, uint32_t b, size_t len);

/* Bytes that were summed in runs, one behind the other: where a run ends, and its own sum. */
struct ae_crc32_run {
	size_t end;
	uint32_t sum;
};
/* The sum of bytes [first, end) of all, going on from `sum`: of runs that are inside whole, as they were summed. */
uint32_t ae_crc32_of_runs(uint32_t sum, const unsigned char *bytes, size_t first, size_t end,
	const struct ae_crc32_run *runs, size_t count);

#endif
