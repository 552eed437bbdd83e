/* SPDX-License-Identifier: MIT */
/* The CRC-32 of zlib, gzip and PNG: the checksum of messages. */
#ifndef AE_CORE_CRC32_H
#define AE_CORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from the sum of what was before, 0 at first. The same on every machine. */
uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len);

#endif
