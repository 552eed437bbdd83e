/* SPDX-License-Identifier: MIT */
/* Missing values of x become the last ones observed of the same element. */
#include "cli/fill_last.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/stop.h"
#include "model/lineage.h"

/* What is kept for a group, as f64: the last value of each element, NaN if there was none; where time matters, behind
   these the seconds at which each one came, and behind those the nanoseconds. */
enum { UNTIMED = 1, TIMED = 3 };

static size_t kinds(const struct ae_fill_last *f)
{
	return f->timed ? TIMED : UNTIMED;
}

static bool restore(void *arg, unsigned char *values, double first)
{
	enum { SECOND = 1000000000 };
	const double most = 1e12; /* seconds; beyond all years that are read */
	const struct ae_fill_last *f = arg;
	const double *kept = (void *)values;
	size_t n = ae_shape_size(&f->x->shape);
	bool good = true;
	(void)first;
	for (size_t i = 0; i < n; i++)
		good &= !isinf(kept[i]);
	for (size_t i = n; f->timed && i < 2 * n; i++)
		good &= fabs(kept[i]) < most && kept[i + n] >= 0 && kept[i + n] < SECOND;
	return good;
}

static int settled(void *state)
{
	struct ae_fill_last *f = state;
	return ae_series_settled(&f->series);
}

static int end(void *state, struct ae_error *err)
{
	struct ae_fill_last *f = state;
	return ae_series_last(&f->series, err);
}

int ae_fill_last_start(struct ae_fill_last *f, const struct ae_program *program, const struct ae_common *common,
	const struct ae_series_options *options, struct ae_filter *filter, struct ae_error *err)
{
	f->series = (struct ae_series){.program = program, .common = common, .options = options};
	f->filled = (struct ae_filled){.program = program,
		.common = common,
		.one = "the last one observed",
		.many = "the last ones observed",
		.why = "there was none before"};
	filter->settled = settled;
	filter->end = end;
	filter->also = ae_series_also(&f->series);
	filter->rejected = &f->series.rejected;
	return ae_series_start(&f->series, err);
}

/* The group by which the model tells rows apart, unless --group says. */
static int choose_group(struct ae_fill_last *f, const struct ae_model *model, struct ae_error *err)
{
	if (f->series.options->group)
		return 0;
	free(f->series.by.group);
	f->series.by.group = NULL;
	if (model->group_count == 0)
		return 0;
	if (model->group_count > 1)
		return ae_fail(err,
			"--missing last: the model tells rows apart by \"%s\" and by \"%s\": --group says whose last "
			"value is meant",
			model->groups[0], model->groups[1]);
	return (f->series.by.group = ae_strdup(model->groups[0], err)) ? 0 : -1;
}

/* x is that of single rows. */
static int find_x(struct ae_fill_last *f, const struct ae_schema *in, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	bool windows = false;
	if (ae_schema_need(in, AE_X, &f->column, err) != 0 || ae_lineage_unpack(&lineage, &in->lineage, err) != 0)
		return -1;
	for (size_t i = 0; i < lineage.prep.count; i++)
		windows |= strcmp(lineage.prep.steps[i].program, "ae-window") == 0;
	ae_lineage_free(&lineage);
	f->x = &in->cols[f->column];
	return windows ? ae_fail(err, "--missing last: x is windows already: fill the rows before ae-window") : 0;
}

static int make_batch(struct ae_fill_last *f, size_t columns, struct ae_error *err)
{
	free(f->batch.cols);
	free(f->row);
	f->row = NULL;
	f->columns = columns;
	f->batch.cols = ae_calloc(columns, sizeof(*f->batch.cols), err);
	return f->batch.cols ? 0 : -1;
}

static int begin(
	struct ae_fill_last *f, const struct ae_reader *reader, const struct ae_model *model, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	if (find_x(f, in, err) != 0 || choose_group(f, model, err) != 0 || make_batch(f, in->count, err) != 0)
		return -1;
	f->timed = f->series.by.max_gap > 0;
	const struct ae_series_layout layout = {.type = AE_F64,
		.count = ae_product(ae_shape_size(&f->x->shape), kinds(f)),
		.restore = restore,
		.arg = f,
		.settings = "last values",
		.column = f->column};
	return ae_series_begin(&f->series, reader, &layout, err);
}

int ae_fill_last_begin(
	struct ae_fill_last *f, const struct ae_reader *reader, const struct ae_model *model, struct ae_error *err)
{
	return begin(f, reader, model, err) == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

/* Whether the value that was kept for element i is not too old. */
static bool is_young(const struct ae_fill_last *f, const struct ae_series_group *group, size_t i)
{
	const double *kept = (const void *)group->values;
	size_t n = ae_shape_size(&f->x->shape);
	if (!f->timed)
		return true;
	const struct ae_time then = {(int64_t)kept[n + i], (uint32_t)kept[2 * n + i]};
	return ae_time_until(&then, &group->time) <= (uint64_t)f->series.by.max_gap;
}

static void keep(const struct ae_fill_last *f, struct ae_series_group *group, size_t i, double value)
{
	double *kept = (void *)group->values;
	size_t n = ae_shape_size(&f->x->shape);
	kept[i] = value;
	if (!f->timed)
		return;
	kept[n + i] = (double)group->time.seconds;
	kept[2 * n + i] = group->time.ns;
}

/* Fills f->row and goes on with its group. Returns how many values were filled, of which *last is the last. */
static size_t fill(struct ae_fill_last *f, struct ae_series_group *group, size_t *last)
{
	double *kept = (void *)group->values;
	size_t n = ae_shape_size(&f->x->shape), count = 0;
	for (size_t i = 0; group->rows == 0 && i < n; i++)
		kept[i] = NAN;
	group->rows++;
	for (size_t i = 0; i < n; i++) {
		if (!isnan(f->row[i])) {
			keep(f, group, i, f->row[i]);
		} else if (!isnan(kept[i]) && is_young(f, group, i)) {
			f->row[i] = kept[i];
			*last = i;
			count++;
		} else {
			f->filled.stayed++;
		}
	}
	return count;
}

/* Writes f->row as values of x. What was f32 is so again. */
static void store(const struct ae_fill_last *f, unsigned char *out)
{
	size_t n = ae_shape_size(&f->x->shape);
	float *f32 = (void *)out;
	if (f->x->type == AE_F64)
		memcpy(out, f->row, n * sizeof(*f->row));
	for (size_t i = 0; f->x->type == AE_F32 && i < n; i++)
		f32[i] = (float)f->row[i];
}

/* Appends the x of a row, unless it is left out. */
static int fill_row(struct ae_fill_last *f, const struct ae_batch *in, size_t row, struct ae_error *err)
{
	struct ae_series_group *group;
	size_t n = ae_shape_size(&f->x->shape), size = n * ae_type_size(f->x->type), last = 0;
	struct ae_buf *values = &f->x_filled.values;
	const unsigned char *x = in->cols[f->column]->values.data + row * size;
	int good = ae_series_row(&f->series, in, row, &group, err);
	if (good != 1)
		return good;
	ae_to_f64(f->row, x, f->x->type, n);
	size_t count = fill(f, group, &last);
	if (count)
		store(f, values->data + values->len);
	else
		memcpy(values->data + values->len, x, size);
	values->len += size;
	f->found.count += count;
	f->found.row = count ? row : f->found.row;
	f->found.element = count ? last : f->found.element;
	return 0;
}

int ae_fill_last_rows(struct ae_fill_last *f, const struct ae_batch *in, const struct ae_batch **kept,
	const struct ae_batch **out, struct ae_error *err)
{
	size_t n = ae_shape_size(&f->x->shape);
	uint64_t done = f->series.done;
	f->x_filled.values.len = 0;
	f->found.count = 0;
	if (ae_buf_reserve(&f->x_filled.values, ae_product(in->rows, n * ae_type_size(f->x->type)), err) != 0)
		return -1;
	/* With the first row: a header may announce rows of any size and hold none. */
	if (in->rows && !f->row && !(f->row = ae_calloc(n, sizeof(*f->row), err)))
		return -1;
	for (size_t row = 0; row < in->rows; row++)
		if (fill_row(f, in, row, err) != 0)
			return -1;
	const struct ae_place place = {in, f->found.row, done};
	ae_filled_add(&f->filled, f->found.count, f->series.name, &place, f->x, f->found.element);
	if (!(*kept = ae_series_kept(&f->series, in, err)))
		return -1;
	memcpy(f->batch.cols, (*kept)->cols, f->columns * sizeof(*f->batch.cols));
	f->batch.rows = (*kept)->rows;
	f->batch.lines = (*kept)->lines;
	f->batch.cols[f->column] = &f->x_filled;
	*out = &f->batch;
	return 0;
}

int ae_fill_last_idle(struct ae_fill_last *f)
{
	int series = ae_series_idle(&f->series), filled = ae_filled_tell(&f->filled);
	return ae_sooner(series, filled);
}

void ae_fill_last_note(const struct ae_fill_last *f)
{
	ae_filled_end(&f->filled);
	ae_series_note(&f->series);
}

void ae_fill_last_free(struct ae_fill_last *f)
{
	ae_series_free(&f->series);
	ae_data_free(&f->x_filled);
	free(f->batch.cols);
	free(f->row);
}
