/* SPDX-License-Identifier: MIT */
/* Parts common to the sources of arrays. */
#include "io/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void ae_left_out_add(struct ae_left_out *left_out, enum ae_left_out_kind kind, const char *reason)
{
	struct ae_left_out_reasons *r = &left_out->of[kind];
	r->count++;
	r->column = NULL;
	snprintf(r->last, sizeof(r->last), "%s", reason);
	if (r->count == 1)
		memcpy(r->first, r->last, sizeof(r->first));
}

int ae_left_out_keep(struct ae_left_out *l, const void *bytes, size_t len, size_t row, struct ae_error *err)
{
	if (!l->keep_rejects || (row && !l->keep_rows))
		return 0;
	if (ae_buf_append(&l->rejects, bytes, len, err) != 0)
		return -1;
	const struct ae_left_out_record kept = {row, l->rejects.len};
	return l->keep_rows ? ae_buf_append(&l->records, &kept, sizeof(kept), err) : 0;
}

int ae_left_out_write(struct ae_left_out *l, struct ae_error *err)
{
	return l->write && l->rejects.len >= AE_BATCH_BYTES ? l->write(l->write_arg, err) : 0;
}

void ae_left_out_sift(struct ae_left_out *l, const size_t *rows, size_t n)
{
	const struct ae_left_out_record *records = (const void *)l->records.data;
	size_t count = l->records.len / sizeof(*records), start = 0, kept = 0, next = 0;
	for (size_t i = 0; i < count; i++) {
		size_t len = records[i].end - start;
		bool out = records[i].row == 0 || (next < n && rows[next] + 1 == records[i].row);
		if (out)
			memmove(l->rejects.data + kept, l->rejects.data + start, len);
		kept += out ? len : 0;
		next += out && records[i].row;
		start = records[i].end;
	}
	if (count)
		l->rejects.len = kept;
	l->records.len = 0;
}

void ae_left_out_add_missing(struct ae_left_out *left_out, uint64_t line, const char *column)
{
	struct ae_left_out_reasons *r = &left_out->of[AE_LEFT_OUT_MISSING];
	r->count++;
	r->line = line;
	r->column = column;
	if (r->count == 1) {
		ae_left_out_last(left_out, AE_LEFT_OUT_MISSING);
		memcpy(r->first, r->last, sizeof(r->first));
	}
}

const char *ae_left_out_last(struct ae_left_out *left_out, enum ae_left_out_kind kind)
{
	struct ae_left_out_reasons *r = &left_out->of[kind];
	if (r->column)
		snprintf(r->last, sizeof(r->last), "line %llu: column \"%s\": missing value",
			(unsigned long long)r->line, r->column);
	r->column = NULL;
	return r->last;
}

int ae_source_fail_empty(const struct ae_input *input, struct ae_error *err)
{
	struct stat status;
	bool pipe = fstat(input->fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
	return ae_fail(err, "empty input: %s", pipe ? "the program before it wrote nothing" : "not even a header");
}

int ae_source_more_header(struct ae_input *input, const char *format, struct ae_error *err)
{
	switch (ae_input_fill(input, true, err)) {
	case AE_FILL_FAIL:
		return -1;
	case AE_FILL_END:
		if (input->stopped)
			return ae_fail_terminated(err, "stopped before the header");
		return input->at < input->buf.len ? ae_fail(err, "%s: cut inside the header", format)
						  : ae_source_fail_empty(input, err);
	default:
		return 0;
	}
}

struct ae_column *ae_source_add_x(struct ae_schema *schema, const struct ae_text_rules *rules, enum ae_type type,
	const struct ae_shape *shape, const char *row, struct ae_error *err)
{
	const struct ae_shape *given = &rules->shape;
	size_t n = ae_shape_size(shape);
	if (given->rank && ae_shape_size(given) != n) {
		ae_fail(err, "--shape %s holds %zu values, but %s has %zu", rules->options->shape, ae_shape_size(given),
			row, n);
		return NULL;
	}
	return ae_schema_add(schema, "x", AE_X, type, given->rank ? given : shape, err);
}

int ae_source_check_row(const struct ae_text_rules *rules, const unsigned char *values, enum ae_type type, size_t n,
	uint64_t row, struct ae_error *err)
{
	for (size_t i = 0; i < n; i++) {
		double value;
		ae_to_f64(&value, values + i * ae_type_size(type), type, 1);
		if (isfinite(value) || (isnan(value) && rules->missing == AE_MISSING_MASK))
			continue;
		return ae_fail(err, "row %llu, column \"x.%zu\": %s", (unsigned long long)row, i + 1,
			!isnan(value)                ? "infinity"
			: rules->options->whole_rows ? "missing value; ae-cat --missing mask makes AEST of it"
						     : "missing value; --missing mask keeps it");
	}
	return 0;
}

bool ae_source_is_full(const struct ae_rows *rows, size_t row_size)
{
	return rows->batch.rows >= AE_BATCH_ROWS || rows->batch.rows * row_size >= AE_BATCH_BYTES;
}

bool ae_source_more_rows(struct ae_input *input, const struct ae_rows *rows, enum ae_read *got, struct ae_error *err)
{
	switch (ae_input_fill(input, rows->batch.rows == 0, err)) {
	case AE_FILL_MORE:
		return true;
	case AE_FILL_FAIL:
		*got = AE_READ_FAIL;
		return false;
	case AE_FILL_IDLE:
	case AE_FILL_END:
		break;
	}
	*got = rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
	return false;
}

static int fail_cut(const struct ae_array *array, struct ae_error *err)
{
	return ae_fail(err, "%s: cut after row %llu of %llu", array->format, (unsigned long long)array->read,
		(unsigned long long)array->rows);
}

int ae_source_array_check(const struct ae_array *array, const struct ae_input *input, struct ae_error *err)
{
	return array->rows > 0 && ae_input_lacks(input, array->row_size) ? fail_cut(array, err) : 0;
}

enum ae_read ae_source_array_rows(struct ae_array *array, struct ae_input *input, struct ae_rows *rows,
	int (*add)(void *arg, struct ae_data *x, const unsigned char *row, struct ae_error *err), void *arg,
	struct ae_error *err)
{
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		bool whole = array->read == array->rows;
		if (ae_source_is_full(rows, array->row_size) || (whole && rows->batch.rows))
			return AE_READ_ROWS;
		if (!whole && have >= array->row_size) {
			if (add(arg, &rows->data[0], bytes, err) != 0)
				return AE_READ_FAIL;
			ae_input_take(input, array->row_size);
			rows->batch.rows++;
			array->read++;
			continue;
		}
		if (whole && have > 0) {
			ae_fail(err, "%s: something follows the array", array->format);
			return AE_READ_FAIL;
		}
		enum ae_read got;
		if (ae_source_more_rows(input, rows, &got, err))
			continue;
		if (got != AE_READ_END || whole || input->stopped)
			return got;
		fail_cut(array, err);
		return AE_READ_FAIL;
	}
}
