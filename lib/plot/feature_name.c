/* SPDX-License-Identifier: MIT */
/* Names of features, shortened. */
#include "plot/feature_name.h"

#include <stdio.h>
#include <string.h>

#include "plot/gnuplot_script.h"

enum { NAME = 1000 };

void ae_feature_name(const struct ae_column *column, size_t i, char *text, size_t size)
{
	if (column->feature_count == ae_shape_size(&column->shape) && column->feature_count > 0)
		snprintf(text, size, "%s", column->features[i]);
	else
		ae_column_element_name(column, i, text, size);
}

static bool is_continued(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Where the last `wanted` characters of a text begin. */
static size_t find_tail(const struct ae_buf *text, size_t wanted)
{
	size_t at = text->len;
	while (at > 0 && wanted > 0)
		wanted -= !is_continued(text->data[--at]);
	return at;
}

static int add(struct ae_buf *text, const unsigned char *bytes, size_t len, bool format, struct ae_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < len; i++) {
		rc = ae_buf_append(text, bytes + i, 1, err);
		if (rc == 0 && format && bytes[i] == '%')
			rc = ae_buf_append(text, "%", 1, err);
	}
	return rc;
}

int ae_feature_label(
	const struct ae_column *column, size_t i, size_t most, bool format, struct ae_buf *text, struct ae_error *err)
{
	char name[NAME];
	struct ae_buf whole = {0};
	size_t count;
	ae_feature_name(column, i, name, sizeof(name));
	text->len = 0;
	int rc = ae_text_clean(&whole, name, strlen(name), NAME, &count, err);
	size_t tail = (most - 2) / 2, head = most - 2 - tail;
	if (rc == 0 && count <= most) {
		rc = add(text, whole.data, whole.len, format, err);
	} else if (rc == 0) {
		size_t end = 0;
		for (; head > 0 || is_continued(whole.data[end]); end++)
			head -= !is_continued(whole.data[end]);
		size_t begin = find_tail(&whole, tail);
		rc = add(text, whole.data, end, format, err);
		if (rc == 0)
			rc = ae_buf_append(text, "..", 2, err);
		if (rc == 0)
			rc = add(text, whole.data + begin, whole.len - begin, format, err);
	}
	ae_buf_free(&whole);
	return rc;
}
