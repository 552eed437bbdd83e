/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. Each tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput for libFuzzer (make fuzz),
   and replay.c runs the same on the files of tests/fuzz/corpus/NAME (make test). An input begins with a line of
   switches where its target says so, so that corpora can be read and written by hand. Checksums of messages are not
   looked at. A target asserts what must hold of any input by FUZZ_CHECK. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/util.h"
#include "io/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program with a message if the condition does not hold. */
#define FUZZ_CHECK(condition, ...)                                                                                     \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			dprintf(STDERR_FILENO, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                         \
			dprintf(STDERR_FILENO, __VA_ARGS__);                                                           \
			dprintf(STDERR_FILENO, "\n");                                                                  \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* The part of an input that was not taken yet. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* Takes a line off the front, or all that is left. Copies its words, which tabs separate, into words->text; further
   words and bytes are left out, and so is what follows a NUL in a word. */
enum { FUZZ_LINE = 512, FUZZ_WORDS = 16 };
struct fuzz_words {
	char text[FUZZ_LINE];
	char *word[FUZZ_WORDS];
	size_t count;
};
void fuzz_take_words(struct fuzz_words *words, struct fuzz_input *input);

/* How a file is read: at most `bytes` at a time, 0 for no limit, and after each of these no more seem to be waiting. */
struct fuzz_cut {
	size_t bytes;
};

/* Sets the options that words name: a letter each, with the value behind it ("d;", "bskip"). fuzz.c has the table. */
void fuzz_set_options(struct ae_reader_options *options, struct fuzz_cut *cut, const struct fuzz_words *words);

/* A file in memory that holds these bytes until the next call. */
const char *fuzz_file(const void *bytes, size_t len);

struct ae_where;

/* What reading gave. */
struct fuzz_read {
	struct ae_buf streams; /* as AEST, one batch each, without an end where reading failed */
	struct ae_buf lines;   /* uint64_t: where rows of text end */
	uint64_t left_out[AE_LEFT_OUT_KINDS];
	int rc;
	struct ae_error err;
};

/* Reads a file as a program would, with the rows for which the conditions hold (NULL: all), and checks that header and
   values are what readers may rely on. Freed with fuzz_read_free. */
void fuzz_read(struct fuzz_read *got, const char *path, const struct ae_reader_options *options,
	const struct fuzz_cut *cut, struct ae_where *where);
void fuzz_read_free(struct fuzz_read *got);

/* Reads bytes cut and uncut, which must give the same; and what was read, written and read again, must be equal. */
void fuzz_check_reading(const struct fuzz_input *input, const struct ae_reader_options *options,
	const struct fuzz_cut *cut, struct ae_where *where);

/* The target of a format, NULL for what the first bytes say: a line of options, then the file. Returns 0. */
int fuzz_format(const char *format, const uint8_t *data, size_t size);

#endif
