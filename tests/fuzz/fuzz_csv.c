/* SPDX-License-Identifier: MIT */
/* A line of options, and text, CSV unless an option or its first bytes say otherwise. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(NULL, data, size);
}
