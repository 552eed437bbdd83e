/* SPDX-License-Identifier: MIT */
/* Numbers in streams and files are little-endian on every machine. */
#ifndef AE_CORE_ENDIAN_H
#define AE_CORE_ENDIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AE_IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Turns the bytes of each of n numbers around, in place. Numbers of `width` bytes, 1, 2, 4 or 8, need no alignment. */
static inline void ae_swap_bytes(void *numbers, size_t width, size_t n)
{
	unsigned char *at = numbers;
	for (size_t i = 0; width > 1 && i < n; i++, at += width)
		for (size_t low = 0, high = width - 1; low < high; low++, high--) {
			unsigned char byte = at[low];
			at[low] = at[high];
			at[high] = byte;
		}
}

/* Turns numbers of this machine into little-endian ones, or back, in place: nothing on most machines. */
static inline void ae_little_endian(void *numbers, size_t width, size_t n)
{
	if (!AE_IS_LITTLE_ENDIAN)
		ae_swap_bytes(numbers, width, n);
}

/* Copies n numbers, either way. */
static inline void ae_copy_little_endian(void *out, const void *numbers, size_t width, size_t n)
{
	if (n > 0)
		memcpy(out, numbers, n * width);
	ae_little_endian(out, width, n);
}

#endif
