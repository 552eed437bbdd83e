/* SPDX-License-Identifier: MIT */
/* A counting sort of rows by the block of the file where they begin, and one read of each block. */
#include "stream/spool_window.h"

#include <string.h>

/* Of a block that holds this many of the rows or fewer, only these are read. */
enum { BLOCK = 1 << 20, FEW = 128 };

/* Bytes of memory that a row takes besides its own. */
enum { PLACE = sizeof(uint64_t) + sizeof(uint32_t) };

/* Of the window, with the places of its rows. */
static uint64_t most_memory(const struct ae_spool_file *file)
{
	const uint64_t least = 8 << 20, most = 256 << 20;
	return file->rows < (most - least) / 4 ? least + 4 * file->rows : most;
}

uint64_t ae_spool_find(const struct ae_spool_file *file, uint64_t row, uint64_t *end)
{
	const uint64_t *offsets = (const void *)file->offsets.data;
	if (file->row_bytes > 0) {
		*end = (row + 1) * file->row_bytes;
		return row * file->row_bytes;
	}
	*end = row + 1 < file->rows ? offsets[row + 1] : file->bytes;
	return offsets[row];
}

int ae_spool_read(const struct ae_spool_file *file, void *bytes, uint64_t start, uint64_t end, struct ae_error *err)
{
	for (unsigned char *at = bytes; start < end;) {
		ssize_t n = ae_pread(file->fd, at, (size_t)(end - start), (off_t)start);
		if (n <= 0)
			return n < 0 ? ae_fail_errno(err, "<temporary file>")
				     : ae_fail(err, "<temporary file>: cut short");
		at += n;
		start += (uint64_t)n;
	}
	return 0;
}

void ae_spool_window_expect(struct ae_spool_window *window, const uint32_t *rows, size_t count)
{
	window->rows = rows;
	window->count = count;
	window->next = window->first = window->end = 0;
}

/* Chooses the rows that come next, as many as fit, and their places; counts those of block b in counts[b + 1]. */
static int choose(struct ae_spool_window *w, const struct ae_spool_file *file, uint32_t *counts, struct ae_error *err)
{
	uint64_t bytes = 0, left = most_memory(file), end;
	w->first = w->end;
	w->places.len = 0;
	for (; w->end < w->count; w->end++) {
		uint64_t start = ae_spool_find(file, w->rows[w->end], &end);
		if (w->end > w->first && end - start + PLACE > left)
			break;
		left -= end - start + PLACE < left ? end - start + PLACE : left;
		if (ae_buf_append(&w->places, &bytes, sizeof(bytes), err) != 0)
			return -1;
		bytes += end - start;
		counts[start / BLOCK + 1]++;
	}
	if (ae_buf_append(&w->places, &bytes, sizeof(bytes), err) != 0 ||
		ae_buf_reserve(&w->ordered, (w->end - w->first) * sizeof(uint32_t), err) != 0)
		return -1;
	return ae_buf_reserve(&w->bytes, bytes ? (size_t)bytes : 1, err);
}

/* Takes the rows that begin in a block: from the block, or, if they are few, one by one. */
static int take_block(struct ae_spool_window *w, const struct ae_spool_file *file, uint64_t block,
	const uint32_t *which, size_t n, struct ae_error *err)
{
	const uint64_t *places = (const void *)w->places.data;
	uint64_t begin = block * BLOCK, end, most = begin + BLOCK < file->bytes ? begin + BLOCK : file->bytes;
	bool whole = n > FEW;
	for (size_t i = 0; whole && i < n; i++) {
		(void)ae_spool_find(file, w->rows[w->first + which[i]], &end);
		most = end > most ? end : most;
	}
	if (whole && (ae_buf_reserve(&w->block, (size_t)(most - begin), err) != 0 ||
			     ae_spool_read(file, w->block.data, begin, most, err) != 0))
		return -1;
	for (size_t i = 0; i < n; i++) {
		uint64_t start = ae_spool_find(file, w->rows[w->first + which[i]], &end);
		unsigned char *to = w->bytes.data + places[which[i]];
		if (whole)
			memcpy(to, w->block.data + (start - begin), (size_t)(end - start));
		else if (ae_spool_read(file, to, start, end, err) != 0)
			return -1;
	}
	return 0;
}

static int fill(struct ae_spool_window *w, const struct ae_spool_file *file, struct ae_error *err)
{
	size_t blocks = (size_t)(file->bytes / BLOCK) + 1, from = 0;
	uint64_t end;
	w->blocks.len = 0;
	if (ae_buf_reserve(&w->blocks, ae_product(blocks + 1, sizeof(uint32_t)), err) != 0)
		return -1;
	uint32_t *ends = (void *)w->blocks.data;
	memset(ends, 0, (blocks + 1) * sizeof(*ends));
	if (choose(w, file, ends, err) != 0)
		return -1;
	for (size_t i = 1; i <= blocks; i++)
		ends[i] += ends[i - 1];
	uint32_t *ordered = (void *)w->ordered.data;
	for (size_t i = w->first; i < w->end; i++)
		ordered[ends[ae_spool_find(file, w->rows[i], &end) / BLOCK]++] = (uint32_t)(i - w->first);
	for (size_t block = 0; block < blocks; from = ends[block++])
		if (take_block(w, file, block, ordered + from, ends[block] - from, err) != 0)
			return -1;
	return 0;
}

const unsigned char *ae_spool_window_next(
	struct ae_spool_window *window, const struct ae_spool_file *file, size_t *len, struct ae_error *err)
{
	if (window->next == window->end && fill(window, file, err) != 0) {
		window->end = window->next;
		return NULL;
	}
	const uint64_t *place = (const uint64_t *)(const void *)window->places.data + (window->next - window->first);
	window->next++;
	*len = (size_t)(place[1] - place[0]);
	return window->bytes.data + place[0];
}

void ae_spool_window_free(struct ae_spool_window *window)
{
	ae_buf_free(&window->bytes);
	ae_buf_free(&window->places);
	ae_buf_free(&window->ordered);
	ae_buf_free(&window->blocks);
	ae_buf_free(&window->block);
}
