/* SPDX-License-Identifier: MIT */
/* ae-window: sliding windows over the rows of a series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/series_filter.h"
#include "cli/window.h"

/* Windows that are made at once take no more than this: they are in a cache until they are written, and one message
   with the other columns. */
enum { MOST_BYTES = AE_BATCH_BYTES / 8 * 7 };

struct options {
	struct ae_common common;
	struct ae_series_options series;
	struct ae_window window;
};

/* A group keeps its last W rows, each at two places W rows apart, so that they lie in one piece and in order whichever
   came first. Before these stands n_obs of each, where the stream has it. */
struct windows {
	struct ae_window *window;
	const struct ae_column *x;
	size_t counts;     /* as many n_obs stand before the rows of a group: W or none */
	char settings[64]; /* size and stride, as text */
	uint64_t made;     /* so far */
};

static size_t values_of(const struct windows *w)
{
	return w->window->size * ae_shape_size(&w->x->shape);
}

/* The first row that a group keeps. */
static unsigned char *rows_of(const struct windows *w, unsigned char *values)
{
	return values + w->counts * ae_type_size(w->x->type);
}

/* Makes the second place of each row out of the first. */
static bool restore(void *arg, unsigned char *values, double first)
{
	(void)first;
	const struct windows *w = arg;
	size_t n = values_of(w), bytes = n * ae_type_size(w->x->type);
	unsigned char *rows = rows_of(w, values);
	memcpy(rows + bytes, rows, bytes);
	return ae_column_first_bad(w->x, values, w->counts + n) == w->counts + n;
}

static int begin(struct ae_series_filter *f, const struct ae_reader *reader, struct ae_series_layout *layout,
	struct ae_error *err)
{
	struct windows *w = f->own;
	struct ae_window *window = w->window;
	if (ae_window_begin(window, &f->series, reader, &layout->column, err) != 0)
		return -1;
	w->x = &f->in->cols[layout->column];
	size_t bytes = ae_product(ae_product(ae_shape_size(&w->x->shape), ae_type_size(w->x->type)), window->size);
	if (bytes > SIZE_MAX / 2)
		return ae_fail(err, "a window of %llu rows is too large", (unsigned long long)window->size);
	w->counts = f->observed != AE_NO_COLUMN && w->x->type != AE_U8 ? window->size : 0;
	snprintf(w->settings, sizeof(w->settings), "size %llu, stride %llu%s", (unsigned long long)window->size,
		(unsigned long long)window->stride, w->counts ? ", n_obs" : "");
	*layout = (struct ae_series_layout){.type = w->x->type,
		.count = w->counts + values_of(w),
		.derived = bytes,
		.restore = restore,
		.arg = w,
		.settings = w->settings,
		.column = layout->column};
	return 0;
}

static int describe(const struct ae_series_filter *f, struct ae_schema *out, struct ae_error *err)
{
	const struct windows *w = f->own;
	struct ae_column *x = &out->cols[f->column];
	x->shape =
		(struct ae_shape){.rank = 2, .dim = {(uint32_t)w->window->size, (uint32_t)ae_shape_size(&w->x->shape)}};
	x->missing |= !w->window->drop;
	return ae_window_record(w->window, &f->series, out, err);
}

static void fill_nan(unsigned char *out, enum ae_type type, size_t n)
{
	const float f32 = NAN;
	const double f64 = NAN;
	for (size_t i = 0; i < n; i++)
		memcpy(out + i * ae_type_size(type), type == AE_F32 ? (const void *)&f32 : &f64, ae_type_size(type));
}

/* Puts the row where its group keeps it; the window that ends there, if there is one. */
static enum ae_series_made make(struct ae_series_filter *f, struct ae_series_group *group, const unsigned char *in,
	unsigned char *out, struct ae_error *err)
{
	struct windows *w = f->own;
	uint64_t size = w->window->size, place = group->rows++ % size;
	(void)err;
	unsigned char *rows = rows_of(w, group->values);
	memcpy(rows + place * f->in_bytes, in, f->in_bytes);
	memcpy(rows + (place + size) * f->in_bytes, in, f->in_bytes);
	/* All values of integers are there. */
	f->n_obs = w->counts ? ae_window_observed(w->window, group->values, w->x->type, place, f->n_obs)
			     : (double)values_of(w);
	if (group->rows >= size && (group->rows - size) % w->window->stride == 0) {
		w->made++;
		memcpy(out, rows + (place + 1) * f->in_bytes, f->out_bytes);
		return AE_SERIES_MADE;
	}
	if (w->window->drop)
		return AE_SERIES_NONE;
	f->n_obs = 0;
	fill_nan(out, w->x->type, values_of(w));
	return AE_SERIES_MADE;
}

static void note(const struct ae_series_filter *f)
{
	const struct windows *w = f->own;
	if (f->rows && !w->made)
		ae_note(f->series.program, f->series.common, "no window: no %s has %llu rows",
			f->series.by.group ? "group" : "stream", (unsigned long long)w->window->size);
}

static const struct ae_series_kind windows = {.begin = begin,
	.describe = describe,
	.row = make,
	.note = note,
	.adds_observed = true,
	.most_bytes = MOST_BYTES};

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}, .window.stride = 1, .series = AE_SERIES_DEFAULTS};
	const struct ae_opt table[] = {
		AE_GROUP("Windows"),
		AE_COUNT("size", 0, &o.window.size, 1, AE_WINDOW_SIZE_MAX, "W", "rows of a window"),
		AE_COUNT("stride", 0, &o.window.stride, 1, UINT32_MAX, "S", "a window at every S-th row"),
		AE_FILE_IN("model", 'm', &o.common.model, "FILE", "make the windows that the model takes"),
		AE_OPTION_RELOAD(&o.common),
		AE_OPTIONS_SERIES(&o.series, "windows of rows that are equal in this column"),
		AE_FLAG("drop-incomplete", 0, &o.window.drop,
			"leave out rows without a window, whose x is missing otherwise"),
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
	struct windows w = {.window = &o.window};
	struct ae_series_filter filter = {.kind = &windows,
		.own = &w,
		.series = {.program = &program, .common = &o.common, .options = &o.series}};
	int rc = ae_window_start(&o.window, &program, &o.common, &err);
	if (rc == 0)
		rc = ae_series_filter_run(&filter, NULL, argv + first, (size_t)(argc - first), &err);
	ae_window_free(&o.window);
	ae_series_filter_free(&filter);
	return ae_program_finish(program.name, rc, &err);
}
