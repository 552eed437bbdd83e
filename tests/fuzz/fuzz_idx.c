/* SPDX-License-Identifier: MIT */
/* A line of options, and an array of IDX. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format("idx", data, size);
}
