/* SPDX-License-Identifier: MIT */
/* frames < AEST: one line a message: "header", "batch ROWS", "end ROWS" or "end ROWS stopped".
   frames nil < AEST > AEST: the same stream with nil in place of its checksums.
   Shares no code with what it looks at. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *bytes;
static size_t len;

static uint64_t number(size_t at, size_t width)
{
	uint64_t n = 0;
	if (at + width > len)
		exit(1);
	for (size_t i = 0; i < width; i++)
		n = n << 8 | bytes[at + i];
	return n;
}

/* Where the value at `at` ends. */
static size_t skip(size_t at)
{
	uint64_t values = 0;
	if (at >= len)
		exit(1);
	unsigned char head = bytes[at++];
	if (head >> 4 == 8)
		values = 2 * (head & 15);
	else if (head >> 4 == 9)
		values = head & 15;
	else if (head >> 5 == 5)
		at += head & 31;
	else if (head >= 0xc4 && head <= 0xc6)
		at += (1u << (head - 0xc4)) + number(at, (size_t)1 << (head - 0xc4));
	else if (head >= 0xca && head <= 0xd3)
		at += (const unsigned char[]){4, 8, 1, 2, 4, 8, 1, 2, 4, 8}[head - 0xca];
	else if (head >= 0xd9 && head <= 0xdb)
		at += (1u << (head - 0xd9)) + number(at, (size_t)1 << (head - 0xd9));
	else if (head >= 0xdc && head <= 0xdf) {
		size_t width = head & 1 ? 4 : 2;
		values = number(at, width) * (head >= 0xde ? 2 : 1);
		at += width;
	}
	while (values-- > 0)
		at = skip(at);
	return at;
}

static uint64_t count(size_t at)
{
	unsigned char head = bytes[at];
	return head < 0xcc ? head : number(at + 1, (size_t)1 << (head - 0xcc));
}

static size_t body(size_t at)
{
	return at + (bytes[at] == 0xdc ? 3 : bytes[at] == 0xdd ? 5 : 1);
}

int main(int argc, char **argv)
{
	int nil = argc > 1 && strcmp(argv[1], "nil") == 0;
	static unsigned char all[256 << 20];
	bytes = all;
	len = fread(all, 1, sizeof(all), stdin);
	for (size_t at = 0, end; at < len; at = end) {
		size_t kind = body(at);
		end = skip(at);
		if (nil) {
			fwrite(bytes + at, 1, end - at - 5, stdout);
			putchar(0xc0);
		} else if (bytes[kind] == 0xa4) {
			puts("header");
		} else if (bytes[kind] == 1) {
			printf("batch %llu\n", (unsigned long long)count(kind + 1));
		} else {
			/* the first key of the end is "rows" */
			printf("end %llu%s\n", (unsigned long long)count(kind + 7),
				bytes[kind + 1] == 0x82 ? " stopped" : "");
		}
	}
	return 0;
}
