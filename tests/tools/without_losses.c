/* SPDX-License-Identifier: MIT */
/* without_losses FILE: the model file, which has the sections "losses" and "latent", and perhaps "warnings", without
   them, on standard output: what a version that knows no such sections writes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char data[1 << 24];

static unsigned char *find(unsigned char *from, const unsigned char *end, const char *text)
{
	unsigned char *at = memmem(from, (size_t)(end - from), text, strlen(text));
	return at ? at : (unsigned char *)(uintptr_t)end;
}

/* The last four bytes of a message are the CRC-32 of those before 0xce, high byte first. */
static void seal(unsigned char *message, size_t len)
{
	uint32_t crc = ~(uint32_t)0;
	for (size_t i = 0; i < len - 5; i++) {
		crc ^= message[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	for (int i = 0; i < 4; i++)
		message[len - 4 + (size_t)i] = (unsigned char)(~crc >> (24 - 8 * i));
}

/* Takes the section out of the data up to *end, if it is there. */
static int drop(const char *section, unsigned char **end)
{
	static const char *const next[] = {"\x94\xa6"
					   "errors",
		"\x94\xa8warnings", "\x94\xa6latent", "\x94\xa9optimizer", "\x94\xa9threshold", "\x94\xa6tensor"};
	unsigned char *from = find(data, *end, section);
	unsigned char *last = find(from, *end,
		"\x93\xa3"
		"end\x81\xa8sections");
	if (from == *end || last == *end)
		return -1;
	unsigned char *to = last;
	for (size_t i = 0; i < sizeof(next) / sizeof(*next); i++)
		to = find(from + 1, to, next[i]);
	last[15]--; /* a small count of sections */
	seal(last, (size_t)(*end - last));
	memmove(from, to, (size_t)(*end - to));
	*end -= to - from;
	return 0;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!file)
		return 1;
	unsigned char *end = data + fread(data, 1, sizeof(data), file);
	fclose(file);
	if (drop("\x94\xa6losses\xc2", &end) != 0 || drop("\x94\xa6latent\xc2", &end) != 0)
		return 1;
	(void)drop("\x94\xa8warnings\xc2", &end);
	fwrite(data, 1, (size_t)(end - data), stdout);
	return fflush(stdout) != 0;
}
