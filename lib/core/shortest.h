/* SPDX-License-Identifier: MIT */
/* The shortest decimals of binary numbers. */
#ifndef AE_CORE_SHORTEST_H
#define AE_CORE_SHORTEST_H

#include <stdbool.h>
#include <stdint.h>

/* digits * 10^exponent. */
struct ae_shortest {
	uint64_t digits; /* less than 10^17; zeros at the end may be among them */
	int exponent;
};

/* Of the decimals with the fewest digits that read back as a finite number greater than 0, the nearest; of two as near
   the larger one from 1e-5 to 1e15, elsewhere the even one. False: what can be computed in this precision does not
   tell, which is rare, but for powers of two. */
bool ae_shortest_f64(struct ae_shortest *out, double magnitude);

/* As above, below 10^9. The decimal reads back also by way of f64, rounded twice. */
bool ae_shortest_f32(struct ae_shortest *out, float magnitude);

#endif
