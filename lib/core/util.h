/* SPDX-License-Identifier: MIT */
/* Growing buffers, checked numbers and small string helpers, used everywhere. No function keeps state: threads may call
   them at once on buffers of their own. */
#ifndef AE_CORE_UTIL_H
#define AE_CORE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "core/error.h"

/* A growing run of bytes. All zero is a valid empty buffer; the holder frees it with ae_buf_free.
   Storage is aligned for any number type. */
struct ae_buf {
	unsigned char *data;
	size_t len, cap;
};

/* a * b, or SIZE_MAX where that is no size: more than can be reserved. */
static inline size_t ae_product(size_t a, size_t b)
{
	size_t product;
	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/* Makes room for at least `more` bytes after len; len stays. */
int ae_buf_reserve(struct ae_buf *buf, size_t more, struct ae_error *err) AE_MUST_CHECK;
/* Copies len bytes to the end; bytes may be NULL if len is 0. */
int ae_buf_append(struct ae_buf *buf, const void *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Makes dst a copy of len bytes, whatever it held. */
int ae_buf_set(struct ae_buf *dst, const void *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;
bool ae_buf_equal(const struct ae_buf *a, const struct ae_buf *b);
void ae_buf_free(struct ae_buf *buf);

/* Zeroed array of n elements of size bytes, to be freed with free(). NULL and err set when memory is out, or
   for more than there are addresses. */
void *ae_calloc(size_t n, size_t size, struct ae_error *err) AE_MUST_CHECK;
/* Copy of a string, of its first len bytes; freed with free(). */
char *ae_strdup(const char *text, struct ae_error *err) AE_MUST_CHECK;
/* a and b in one new string. NULL and err on failure. */
char *ae_concat(const char *a, const char *b, struct ae_error *err) AE_MUST_CHECK;
char *ae_strndup(const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;

/* *copy is a copy of n strings, NULL if n is 0; freed with ae_names_free. Returns 0, or -1 with *copy NULL. */
int ae_names_copy(char ***copy, char *const *names, size_t n, struct ae_error *err) AE_MUST_CHECK;
void ae_names_free(char **names, size_t n);

/* A digit of ASCII, whatever the locale. */
static inline bool ae_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many bytes at the start are a byte order mark of UTF-8: 3 or 0. */
size_t ae_bom_length(const void *bytes, size_t len);
/* Whether these are the first bytes of one, and more must come to tell. */
bool ae_bom_cut(const void *bytes, size_t len);

/* Whole-string decimal numbers within [min, max]; 0 if it is one, else -1. The caller, who knows the option's name,
   makes the text of the error. */
int ae_parse_u64(uint64_t *value, const char *text, uint64_t min, uint64_t max) AE_MUST_CHECK;
int ae_parse_i64(int64_t *value, const char *text, int64_t min, int64_t max) AE_MUST_CHECK;
int ae_parse_real(double *value, const char *text, double min, double max) AE_MUST_CHECK;
/* "A,B", two numbers of which the second is larger; 0 if it is that, else -1. */
int ae_parse_range(double *low, double *high, const char *text) AE_MUST_CHECK;

/* Levenshtein distance, b cut at 63 characters. */
size_t ae_word_distance(const char *a, const char *b);
/* Of `count` words the one nearest to word in edit distance, the first of several, else one that begins with
   the word or with which it begins, or NULL if none is near. */
const char *ae_nearest(const char *word, const char *const *words, size_t count);

/* The names of a table: the i-th, or NULL beyond the last. Help texts and errors list them. */
typedef const char *ae_words(size_t i);
/* The place of a word in the table, -1 if it is not there. */
int ae_word_find(const char *word, ae_words *words);
/* The same as *index, 0 for NULL, or the error of ae_fail_word. */
int ae_word_index(
	size_t *index, const char *what, const char *word, ae_words *words, struct ae_error *err) AE_MUST_CHECK;
/* "a, b or c", cut to fit; returns text. `last` is the word before the last one: "or", "and", or NULL for a comma. */
char *ae_words_join(char *text, size_t size, ae_words *words, const char *last);
enum { AE_WORDS_TEXT = 400 };
/* The usage error for a word that is not among words: unknown WHAT "GIVEN", and the nearest of them or all. Of a word
   "NAME:ARGUMENT" the name decides which is near. Returns -1. */
int ae_fail_word(struct ae_error *err, const char *what, const char *given, ae_words *words);

/* Opens as open() does, with O_CLOEXEC, again where a signal interrupts it that does not ask to stop (core/stop.h). */
int ae_open(const char *path, int flags, mode_t mode);
/* Reads as pread() does, again where a signal interrupts it. */
ssize_t ae_pread(int fd, void *bytes, size_t len, off_t offset);
/* Reads a whole file. The file's name is part of any error. */
int ae_read_file(struct ae_buf *bytes, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The same for a regular file; anything else, which might be waited for, is an error at once. */
int ae_read_regular_file(struct ae_buf *bytes, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* An argument that is text or @FILE: a copy of the text, or what the file holds without line ends at its end. Freed
   with free(). NULL and err on failure. */
char *ae_read_argument(const char *argument, struct ae_error *err) AE_MUST_CHECK;
/* Writes as write() does, again where a signal interrupts it: how many bytes it took, or -1 and *err. Where SIGTERM has
   asked to stop (core/stop.h) and a fifth of a second passes without a byte taken, that is an error of
   AE_STATUS_SIGTERM. */
ssize_t ae_write_some(int fd, const void *bytes, size_t len, const char *name, struct ae_error *err) AE_MUST_CHECK;
/* The same as writev() does. */
ssize_t ae_write_some_parts(
	int fd, const struct iovec *parts, int count, const char *name, struct ae_error *err) AE_MUST_CHECK;
/* Writes all len bytes so. */
int ae_write_all(int fd, const void *bytes, size_t len, const char *name, struct ae_error *err) AE_MUST_CHECK;

#endif
