/* SPDX-License-Identifier: MIT */
/* The order of a log's columns, and records taken apart at their delimiters. */
#include "stream/log_order.h"

#include <stdlib.h>

static char **copy_names(const struct ae_cell *cells, size_t count, struct ae_error *err)
{
	char **names = ae_calloc(count, sizeof(*names), err);
	for (size_t i = 0; names && i < count; i++) {
		names[i] = ae_strndup(cells[i].text, cells[i].len, err);
		if (!names[i]) {
			ae_names_free(names, i);
			return NULL;
		}
	}
	return names;
}

int ae_log_order_find(struct ae_order *order, const struct ae_cell *names, const struct ae_cell *log, size_t count,
	struct ae_error *err)
{
	char **ours = copy_names(names, count, err), **theirs = ours ? copy_names(log, count, err) : NULL;
	enum ae_order_found found = AE_ORDER_FAIL;
	if (theirs)
		found = ae_order_find(order, ours, theirs, count, err);
	if (ours)
		ae_names_free(ours, count);
	if (theirs)
		ae_names_free(theirs, count);
	return found == AE_ORDER_FAIL ? -1 : found == AE_ORDER_SAME_SET;
}

/* The end of the cell that begins here: its delimiter, or the newline of the record. */
static size_t find_end(const unsigned char *lines, size_t at, size_t len, bool tsv)
{
	bool quoted = false;
	for (; at < len; at++) {
		if (lines[at] == '"' && !tsv)
			quoted = !quoted;
		else if (!quoted && (lines[at] == (tsv ? '\t' : ',') || lines[at] == '\n'))
			break;
	}
	return at;
}

int ae_log_order_lines(const struct ae_order *order, bool tsv, const unsigned char *lines, size_t len,
	struct ae_buf *out, struct ae_error *err)
{
	size_t count = order->count;
	struct ae_cell *cells = ae_calloc(count, sizeof(*cells), err);
	int rc = cells ? ae_buf_reserve(out, len, err) : -1;
	for (size_t at = 0; rc == 0 && at < len;) {
		for (size_t i = 0; i < count; i++) { /* all are there: the records are of our making */
			size_t end = find_end(lines, at, len, tsv);
			cells[i] = (struct ae_cell){.text = (const char *)lines + at, .len = end - at};
			at = end + 1;
		}
		for (size_t i = 0; rc == 0 && i < count; i++) {
			const struct ae_cell *cell = &cells[order->from[i]];
			rc = ae_buf_append(out, cell->text, cell->len, err);
			if (rc == 0)
				rc = ae_buf_append(out, i + 1 == count ? "\n" : tsv ? "\t" : ",", 1, err);
		}
	}
	free(cells);
	return rc;
}
