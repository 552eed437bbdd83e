/* SPDX-License-Identifier: MIT */
/* Files of one value a row: npy, IDX or lines. */
#include "io/value_file.h"

#include <string.h>

#include "core/number.h"
#include "io/format.h"
#include "io/idx.h"
#include "io/npy.h"
#include "io/other_kind.h"

static int add_number(struct ae_data *data, double value, struct ae_error *err)
{
	char text[AE_NUMBER_TEXT];
	return ae_data_append_text(data, text, ae_number_format_f64(text, value), err);
}

static int read_npy(struct ae_data *data, size_t *rows, const struct ae_buf *file, struct ae_error *err)
{
	struct ae_npy npy;
	size_t head;
	int rc = ae_npy_header(&npy, file->data, file->len, &head, err);
	if (rc < 0)
		return -1;
	size_t row = ae_shape_size(&npy.shape) * npy.width, have = file->len - head;
	if (rc == 0 || have % row != 0 || have / row != npy.rows)
		return ae_fail(err, "npy: the file is cut, or longer than the array");
	if (ae_shape_size(&npy.shape) != 1)
		return ae_fail(err, "npy: an array of more than one value a row");
	for (*rows = 0; *rows < npy.rows; ++*rows) {
		double value;
		unsigned char element[8];
		if (ae_npy_convert(&npy, element, file->data + head + *rows * npy.width, 1, err) != 0)
			return -1;
		ae_to_f64(&value, element, ae_npy_type(&npy), 1);
		if (add_number(data, value, err) != 0)
			return -1;
	}
	return 0;
}

static int read_idx(struct ae_data *data, size_t *rows, const struct ae_buf *file, struct ae_error *err)
{
	struct ae_idx idx;
	size_t head;
	int rc = ae_idx_header(&idx, file->data, file->len, &head, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return ae_fail(err, "IDX: cut inside the header");
	if (ae_shape_size(&idx.shape) != 1)
		return ae_fail(err, "IDX: an array of more than one value a row");
	if (file->len - head != idx.rows)
		return ae_fail(err, "IDX: %llu values are announced, but %zu are there", (unsigned long long)idx.rows,
			file->len - head);
	for (*rows = 0; *rows < idx.rows; ++*rows)
		if (add_number(data, file->data[head + *rows], err) != 0)
			return -1;
	return 0;
}

static int read_lines(struct ae_data *data, size_t *rows, const struct ae_buf *file, struct ae_error *err)
{
	const char *at = (const char *)file->data, *end = at + file->len;
	at += ae_bom_length(at, file->len);
	for (*rows = 0; at < end; ++*rows) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		if (memchr(at, '\0', len))
			return ae_fail(err, "line %zu: NUL byte", *rows + 1);
		size_t bare = len - (len > 0 && at[len - 1] == '\r');
		if (bare == 1 && *at == '!')
			return ae_fail(err,
				"line %zu: \"!\": the program that wrote this failed; a value of ! is given in CSV, "
				"with --paste",
				*rows + 1);
		/* Elsewhere it holds a place. */
		if (bare == 0 && at + len + 1 >= end)
			return ae_fail(err,
				"line %zu: the last line is blank: take it away; if the last value is empty, give it "
				"in CSV, with --paste",
				*rows + 1);
		if (ae_data_append_text(data, at, bare, err) != 0)
			return -1;
		at += len + (stop != NULL);
	}
	return 0;
}

int ae_column_file_read(struct ae_data *data, size_t *rows, const char *path, struct ae_error *err)
{
	struct ae_buf file = {0};
	int rc = ae_read_file(&file, path, err);
	if (rc != 0) {
		ae_buf_free(&file);
		return -1;
	}
	if (ae_other_kind_begins(file.data, file.len, true, err) == AE_BEGINS_YES)
		rc = -1;
	else if (file.len > 0 && ae_npy_input.begins(file.data, file.len) != AE_BEGINS_NO)
		rc = read_npy(data, rows, &file, err);
	else if (file.len > 0 && ae_idx_input.begins(file.data, file.len) != AE_BEGINS_NO)
		rc = read_idx(data, rows, &file, err);
	else
		rc = read_lines(data, rows, &file, err);
	ae_buf_free(&file);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", path);
}
