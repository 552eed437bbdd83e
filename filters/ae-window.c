/* SPDX-License-Identifier: MIT */
/* ae-window: sliding windows over the rows of a series. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/window.h"

/* The windows that are made at once take no more than this, so that they are in a cache until they are written. */
enum { MOST_BYTES = 1 << 20 };

struct options {
	struct ae_common common;
	struct ae_series_options series;
	struct ae_window window;
	bool drop;
};

struct state {
	struct options *options;
	const struct ae_schema *in;
	size_t x; /* its column */
	size_t row_bytes;
	/* A group keeps its last W rows, each at two places W rows apart, so that they lie in one piece and in order
	   whichever came first. */
	struct ae_series series;
	char settings[64]; /* size and stride, as text */
	struct ae_buf carried;
	struct ae_data windows;
	uint64_t rows, made; /* so far */
};

static int find_columns(struct state *s, struct ae_error *err)
{
	static const enum ae_role of_rows[] = {AE_TARGET, AE_RECON, AE_LATENT};
	char text[AE_SHAPE_TEXT];
	if (ae_schema_need(s->in, AE_X, &s->x, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(of_rows) / sizeof(*of_rows); i++)
		if (ae_schema_find(s->in, of_rows[i]) != AE_NO_COLUMN)
			return ae_fail(err, "there is a %s of single rows: use ae-window before what made it",
				ae_role_name(of_rows[i]));
	const struct ae_column *x = &s->in->cols[s->x];
	if (x->shape.rank > 1)
		return ae_fail(err, "x has the shape %s: windows are made of rows of plain values",
			ae_shape_format(&x->shape, text));
	if (x->type == AE_U8 && !s->options->drop)
		return ae_fail(err, "x is integers, which cannot be missing: scale it first, or leave the rows "
				    "without a window out with --drop-incomplete");
	return 0;
}

/* Makes the second place of each row out of the first. */
static bool restore(void *arg, unsigned char *values)
{
	const struct state *s = arg;
	const struct ae_column *x = &s->in->cols[s->x];
	size_t bytes = s->options->window.size * s->row_bytes, n = bytes / ae_type_size(x->type);
	memcpy(values + bytes, values, bytes);
	return ae_column_first_bad(x, values, n) == n;
}

static int begin_series(struct state *s, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_column *x = &s->in->cols[s->x];
	size_t columns = ae_shape_size(&x->shape);
	s->row_bytes = ae_product(columns, ae_type_size(x->type));
	size_t bytes = ae_product(s->row_bytes, s->options->window.size);
	if (bytes > SIZE_MAX / 2)
		return ae_fail(err, "a window of %llu rows is too large", (unsigned long long)s->options->window.size);
	snprintf(s->settings, sizeof(s->settings), "size %llu, stride %llu",
		(unsigned long long)s->options->window.size, (unsigned long long)s->options->window.stride);
	const struct ae_series_layout layout = {.type = x->type,
		.count = s->options->window.size * columns,
		.derived = bytes,
		.restore = restore,
		.arg = s,
		.settings = s->settings,
		.column = s->x};
	return ae_series_begin(&s->series, reader, &layout, err);
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct state *s = state;
	s->in = ae_reader_schema(reader);
	struct ae_window *window = &s->options->window;
	if (ae_window_begin(window, &s->series, reader, err) != 0 || find_columns(s, err) != 0 ||
		begin_series(s, reader, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_schema_copy_head(out, s->in, err) != 0 || ae_window_record(window, &s->series, out, err) != 0 ||
		ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	struct ae_column *x = &out->cols[s->x];
	x->shape = (struct ae_shape){.rank = 2,
		.dim = {(uint32_t)s->options->window.size, (uint32_t)ae_shape_size(&s->in->cols[s->x].shape)}};
	x->missing |= !s->options->drop;
	return 0;
}

static size_t rows_at_once(const void *state)
{
	const struct state *s = state;
	size_t most = MOST_BYTES / (s->options->window.size * s->row_bytes);
	return most ? most : 1;
}

/* Puts a row where its group keeps it; NULL, or where its window starts. */
static const unsigned char *push(const struct state *s, struct ae_series_group *group, const unsigned char *row)
{
	uint64_t size = s->options->window.size, place = group->rows++ % size;
	memcpy(group->values + place * s->row_bytes, row, s->row_bytes);
	memcpy(group->values + (place + size) * s->row_bytes, row, s->row_bytes);
	if (group->rows < size || (group->rows - size) % s->options->window.stride != 0)
		return NULL;
	return group->values + (place + 1) * s->row_bytes;
}

static void fill_nan(unsigned char *out, enum ae_type type, size_t n)
{
	const float f32 = NAN;
	const double f64 = NAN;
	for (size_t i = 0; i < n; i++)
		memcpy(out + i * ae_type_size(type), type == AE_F32 ? (const void *)&f32 : &f64, ae_type_size(type));
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct state *s = state;
	const struct ae_column *x = &s->in->cols[s->x];
	size_t bytes = s->options->window.size * s->row_bytes, made = 0;
	s->windows.values.len = 0;
	if (ae_buf_reserve(&s->windows.values, ae_product(in->rows, bytes), err) != 0)
		return -1;
	for (size_t row = 0; row < in->rows; row++) {
		struct ae_series_group *group;
		int good = ae_series_row(&s->series, in, row, &group, err);
		if (good < 0)
			return -1;
		if (!good)
			continue;
		const unsigned char *window = push(s, group, in->cols[s->x]->values.data + row * s->row_bytes);
		if (!window && s->options->drop) {
			if (ae_series_drop(&s->series, row, err) != 0)
				return -1;
			continue;
		}
		unsigned char *place = s->windows.values.data + made++ * bytes;
		s->made += window != NULL;
		if (window)
			memcpy(place, window, bytes);
		else
			fill_nan(place, x->type, bytes / ae_type_size(x->type));
	}
	const struct ae_batch *kept = ae_series_kept(&s->series, in, err);
	if (!kept)
		return -1;
	s->rows += in->rows;
	s->windows.values.len = made * bytes;
	ae_carry_batch(out, kept, &s->carried);
	out->cols[s->x] = &s->windows;
	out->rows = made;
	return 0;
}

static int idle(void *state)
{
	struct state *s = state;
	return ae_series_idle(&s->series);
}

static int end(void *state, struct ae_error *err)
{
	struct state *s = state;
	return ae_series_last(&s->series, err);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}, .window.stride = 1, .series = AE_SERIES_DEFAULTS};
	const struct ae_opt table[] = {
		AE_GROUP("Windows"),
		AE_COUNT("size", 0, &o.window.size, 1, AE_WINDOW_SIZE_MAX, "W", "rows of a window"),
		AE_COUNT("stride", 0, &o.window.stride, 1, UINT32_MAX, "S", "a window at every S-th row"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "make the windows that the model takes"),
		AE_OPTIONS_SERIES(&o.series, "windows of rows that are equal in this column"),
		AE_FLAG("drop-incomplete", 0, &o.drop, "leave out rows without a window, whose x is missing otherwise"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-window", "--size W | -m FILE [options] [file ...]",
		"Makes sliding windows over the rows of a series.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct state s = {.options = &o, .series = {.program = &program, .common = &o.common, .options = &o.series}};
	const struct ae_filter filter = {.state = &s,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.rows_at_once = rows_at_once,
		.idle = idle,
		.end = end,
		.also = ae_series_also(&s.series)};
	int rc = ae_window_start(&o.window, &o.series, &program, &o.common, &err);
	if (rc == 0)
		rc = ae_series_start(&s.series, &err);
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0 && s.rows && !s.made)
		ae_note(&program, &o.common, "no window: no %s has %llu rows", o.series.group ? "group" : "stream",
			(unsigned long long)o.window.size);
	if (rc >= 0)
		ae_series_note(&s.series);
	ae_window_free(&o.window);
	ae_series_free(&s.series);
	ae_buf_free(&s.carried);
	ae_data_free(&s.windows);
	return ae_program_finish(program.name, rc, &err);
}
