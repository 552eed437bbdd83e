/* SPDX-License-Identifier: MIT */
/* A line of options, and MessagePack of other programs. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format("msgpack", data, size);
}
