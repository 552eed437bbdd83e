#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes lib/core/power_table.c: powers of five in 128 bits. python3 tests/unit/expected/power_table.py > lib/core/power_table.c"""

LEAST, MOST = -342, 324


def significand(n):
    """5**n as 128 bits, the highest one set: cut off, but for -27 <= n < 0, where it is rounded up (Lemire 2021)."""
    power = 5 ** abs(n)
    bits = power.bit_length()
    if n >= 0:
        return power << 128 - bits if bits <= 128 else power >> bits - 128
    return (1 << 127 + bits) // power + (n >= -27)


print(f'''/* SPDX-License-Identifier: MIT */
/* Made by tests/unit/expected/power_table.py. */
#include "core/power_table.h"

/* clang-format off */
const struct ae_power_of_five ae_powers_of_five[AE_POWER_OF_FIVE_MOST - AE_POWER_OF_FIVE_LEAST + 1] = {{''')
for n in range(LEAST, MOST + 1, 2):
    row = [significand(i) for i in (n, n + 1) if i <= MOST]
    assert all(v >> 127 == 1 for v in row)
    print("\t" + " ".join(f"{{0x{v >> 64:016x}, 0x{v & 2 ** 64 - 1:016x}}}," for v in row))
print("};\n/* clang-format on */")
