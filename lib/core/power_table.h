/* SPDX-License-Identifier: MIT */
/* Powers of five in 128 bits, for numbers to text and back. A power of ten has the same bits. */
#ifndef AE_CORE_POWER_TABLE_H
#define AE_CORE_POWER_TABLE_H

#include <stdint.h>

/* 5^n as an integer of 128 bits, whose highest one is set, times a power of two: exact for 0 <= n <= 55, rounded up for
   -27 <= n < 0, as Lemire (2021, "Number Parsing at a Gigabyte per Second") needs it, else cut off. */
struct ae_power_of_five {
	uint64_t high, low;
};

#define AE_POWER_OF_FIVE_LEAST (-342)
#define AE_POWER_OF_FIVE_MOST 324

extern const struct ae_power_of_five ae_powers_of_five[AE_POWER_OF_FIVE_MOST - AE_POWER_OF_FIVE_LEAST + 1];

static inline const struct ae_power_of_five *ae_power_of_five(int n)
{
	return &ae_powers_of_five[n - AE_POWER_OF_FIVE_LEAST];
}

#endif
