/* SPDX-License-Identifier: MIT */
/* Growing buffers, parsing of arguments, word lists, and whole reads and writes. */
#include "core/util.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/number.h"
#include "core/stop.h"

/* How long an output may take nothing after SIGTERM. */
enum { STALLED_MS = 200 };

int ae_buf_reserve(struct ae_buf *buf, size_t more, struct ae_error *err)
{
	if (more <= buf->cap - buf->len)
		return 0;
	if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4)
		return ae_fail_memory(err);
	size_t cap = buf->cap < 64 ? 64 : buf->cap;
	while (cap < buf->len + more)
		cap += cap / 2;
	void *data = realloc(buf->data, cap);
	if (!data)
		return ae_fail_memory(err);
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int ae_buf_append(struct ae_buf *buf, const void *bytes, size_t len, struct ae_error *err)
{
	if (len == 0)
		return 0;
	if (ae_buf_reserve(buf, len, err) != 0)
		return -1;
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	return 0;
}

int ae_buf_set(struct ae_buf *dst, const void *bytes, size_t len, struct ae_error *err)
{
	dst->len = 0;
	return ae_buf_append(dst, bytes, len, err);
}

bool ae_buf_equal(const struct ae_buf *a, const struct ae_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

void ae_buf_free(struct ae_buf *buf)
{
	free(buf->data);
	*buf = (struct ae_buf){0};
}

void *ae_calloc(size_t n, size_t size, struct ae_error *err)
{
	void *data = calloc(n ? n : 1, size ? size : 1);
	if (!data)
		ae_fail_memory(err);
	return data;
}

char *ae_strndup(const char *text, size_t len, struct ae_error *err)
{
	char *copy = strndup(text, len);
	if (!copy)
		ae_fail_memory(err);
	return copy;
}

int ae_names_copy(char ***copy, char *const *names, size_t n, struct ae_error *err)
{
	*copy = NULL;
	if (n == 0)
		return 0;
	char **out = ae_calloc(n, sizeof(*out), err);
	for (size_t i = 0; out && i < n; i++) {
		if (!(out[i] = ae_strdup(names[i], err))) {
			ae_names_free(out, n);
			return -1;
		}
	}
	*copy = out;
	return out ? 0 : -1;
}

void ae_names_free(char **names, size_t n)
{
	for (size_t i = 0; names && i < n; i++)
		free(names[i]);
	free(names);
}

char *ae_concat(const char *a, const char *b, struct ae_error *err)
{
	size_t len = strlen(a), more = strlen(b) + 1;
	char *text = ae_calloc(len + more, 1, err);
	if (text) {
		memcpy(text, a, len);
		memcpy(text + len, b, more);
	}
	return text;
}

char *ae_strdup(const char *text, struct ae_error *err)
{
	return ae_strndup(text, strlen(text), err);
}

static const unsigned char bom[] = {0xef, 0xbb, 0xbf};

size_t ae_bom_length(const void *bytes, size_t len)
{
	return len >= sizeof(bom) && memcmp(bytes, bom, sizeof(bom)) == 0 ? sizeof(bom) : 0;
}

bool ae_bom_cut(const void *bytes, size_t len)
{
	return len < sizeof(bom) && memcmp(bytes, bom, len) == 0;
}

int ae_parse_u64(uint64_t *value, const char *text, uint64_t min, uint64_t max)
{
	uint64_t n = 0;
	if (*text == '\0')
		return -1;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || n > (UINT64_MAX - (uint64_t)(*c - '0')) / 10)
			return -1;
		n = n * 10 + (uint64_t)(*c - '0');
	}
	if (n < min || n > max)
		return -1;
	*value = n;
	return 0;
}

int ae_parse_i64(int64_t *value, const char *text, int64_t min, int64_t max)
{
	bool negative = *text == '-';
	uint64_t n;
	if (ae_parse_u64(&n, text + negative, 0, INT64_MAX) != 0)
		return -1;
	int64_t v = negative ? -(int64_t)n : (int64_t)n;
	if (v < min || v > max)
		return -1;
	*value = v;
	return 0;
}

int ae_parse_real(double *value, const char *text, double min, double max)
{
	double v;
	if (ae_number_parse(&v, text, strlen(text)) != AE_NUMBER_OK || !(v >= min && v <= max))
		return -1;
	*value = v;
	return 0;
}

int ae_parse_range(double *low, double *high, const char *text)
{
	enum { LONGEST = 400 }; /* a double has up to 309 digits before the point */
	char first[LONGEST];
	size_t len = strcspn(text, ",");
	if (text[len] != ',' || len >= sizeof(first))
		return -1;
	memcpy(first, text, len);
	first[len] = '\0';
	if (ae_parse_real(low, first, -DBL_MAX, DBL_MAX) != 0 ||
		ae_parse_real(high, text + len + 1, -DBL_MAX, DBL_MAX) != 0)
		return -1;
	return *low < *high ? 0 : -1;
}

size_t ae_word_distance(const char *a, const char *b)
{
	size_t row[64];
	size_t n = strnlen(b, 63);
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t change = diagonal + (a[i] != b[j]);
			size_t least = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
			diagonal = row[j + 1];
			row[j + 1] = change < least ? change : least;
		}
	}
	return row[n];
}

/* Whether one word is the beginning of the other, as "hist" is of "histogram". */
static bool begins(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b), least = x < y ? x : y;
	return least >= 3 && strncmp(a, b, least) == 0;
}

const char *ae_nearest(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t least = strlen(word) / 2 + 1;
	for (size_t i = 0; i < count; i++) {
		size_t d = ae_word_distance(word, words[i]);
		if (d < least) {
			least = d;
			best = words[i];
		}
	}
	for (size_t i = 0; !best && i < count; i++)
		best = begins(word, words[i]) ? words[i] : NULL;
	return best;
}

int ae_word_find(const char *word, ae_words *words)
{
	for (int i = 0; words((size_t)i); i++)
		if (strcmp(word, words((size_t)i)) == 0)
			return i;
	return -1;
}

int ae_word_index(size_t *index, const char *what, const char *word, ae_words *words, struct ae_error *err)
{
	int i = word ? ae_word_find(word, words) : 0;
	if (i < 0)
		return ae_fail_word(err, what, word, words);
	*index = (size_t)i;
	return 0;
}

char *ae_words_join(char *text, size_t size, ae_words *words, const char *last)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; words(i) && used < size; i++) {
		bool is_last = last && i > 0 && !words(i + 1);
		const char *before = i == 0 ? "" : is_last ? " " : ", ";
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", before, is_last ? last : "",
			is_last ? " " : "", words(i));
	}
	return text;
}

/* The name of a word "NAME:ARGUMENT", cut at 63 characters. */
static const char *name_of(const char *word, char name[64])
{
	snprintf(name, 64, "%.*s", (int)strcspn(word, ":"), word);
	return name;
}

int ae_fail_word(struct ae_error *err, const char *what, const char *given, ae_words *words)
{
	char list[AE_WORDS_TEXT], given_name[64], name[64];
	const char *near = NULL;
	size_t least = strlen(name_of(given, given_name)) / 2 + 1;
	for (size_t i = 0; words(i); i++) {
		size_t d = ae_word_distance(given_name, name_of(words(i), name));
		if (d < least) {
			least = d;
			near = words(i);
		}
	}
	for (size_t i = 0; !near && words(i); i++)
		near = begins(given_name, name_of(words(i), name)) ? words(i) : NULL;
	if (near)
		return ae_fail_usage(err, "unknown %s \"%s\"; did you mean %s?", what, given, near);
	return ae_fail_usage(
		err, "unknown %s \"%s\": expected %s", what, given, ae_words_join(list, sizeof(list), words, "or"));
}

int ae_open(const char *path, int flags, mode_t mode)
{
	int fd;
	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR && !ae_stop_asked());
	return fd;
}

ssize_t ae_pread(int fd, void *bytes, size_t len, off_t offset)
{
	ssize_t n;
	do
		n = pread(fd, bytes, len, offset);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Reads to the end, and closes. */
static int read_all(struct ae_buf *bytes, int fd, const char *path, struct ae_error *err)
{
	int rc = 0;
	for (;;) {
		if ((rc = ae_buf_reserve(bytes, 65536, err)) != 0)
			break;
		ssize_t n = read(fd, bytes->data + bytes->len, bytes->cap - bytes->len);
		if (n == 0)
			break;
		if (n > 0)
			bytes->len += (size_t)n;
		else if (errno != EINTR) {
			rc = ae_fail_errno(err, "%s", path);
			break;
		}
	}
	close(fd);
	return rc;
}

int ae_read_file(struct ae_buf *bytes, const char *path, struct ae_error *err)
{
	int fd = ae_open(path, O_RDONLY, 0);
	return fd < 0 ? ae_fail_errno(err, "%s", path) : read_all(bytes, fd, path, err);
}

int ae_read_regular_file(struct ae_buf *bytes, const char *path, struct ae_error *err)
{
	struct stat st;
	int fd = ae_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return ae_fail_errno(err, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return read_all(bytes, fd, path, err);
	close(fd);
	return ae_fail(err, "%s: is no regular file", path);
}

char *ae_read_argument(const char *argument, struct ae_error *err)
{
	struct ae_buf bytes = {0};
	if (*argument != '@')
		return ae_strdup(argument, err);
	char *text = NULL;
	if (ae_read_file(&bytes, argument + 1, err) == 0) {
		while (bytes.len > 0 && (bytes.data[bytes.len - 1] == '\n' || bytes.data[bytes.len - 1] == '\r'))
			bytes.len--;
		text = ae_strndup((const char *)bytes.data, bytes.len, err);
	}
	ae_buf_free(&bytes);
	return text;
}

ssize_t ae_write_some_parts(int fd, const struct iovec *parts, int count, const char *name, struct ae_error *err)
{
	int64_t start = ae_stop_age();
	for (;;) {
		ssize_t n = count == 1 ? write(fd, parts->iov_base, parts->iov_len) : writev(fd, parts, count);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return ae_fail_errno(err, "%s", name);
		if (ae_stop_age() - start >= STALLED_MS)
			return ae_fail_terminated(err, "%s: takes nothing any more", name);
	}
}

ssize_t ae_write_some(int fd, const void *bytes, size_t len, const char *name, struct ae_error *err)
{
	const struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
	return ae_write_some_parts(fd, &part, 1, name, err);
}

int ae_write_all(int fd, const void *bytes, size_t len, const char *name, struct ae_error *err)
{
	const unsigned char *at = bytes;
	while (len > 0) {
		ssize_t n = ae_write_some(fd, at, len, name, err);
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}
