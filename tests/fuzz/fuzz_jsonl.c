/* SPDX-License-Identifier: MIT */
/* A line of options, and JSON lines. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format("jsonl", data, size);
}
