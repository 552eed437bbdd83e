/* SPDX-License-Identifier: MIT */
/* CRC-32, through libdeflate. */
#include "core/crc32.h"

#include <libdeflate.h>

uint32_t ae_crc32(uint32_t sum, const void *bytes, size_t len)
{
	return libdeflate_crc32(sum, bytes, len);
}
