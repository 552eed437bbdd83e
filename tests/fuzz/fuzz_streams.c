/* SPDX-License-Identifier: MIT */
/* A line of options, and streams: headers, rows, lineages, boundaries and ends. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format("aest", data, size);
}
