/* SPDX-License-Identifier: MIT */
/* ae-window: sliding windows over the rows of a series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/anew.h"
#include "cli/program.h"
#include "io/csv.h"
#include "stream/groups.h"

/* The windows that are made at once take no more than this. */
enum { MOST_BYTES = 16 << 20 };

struct options {
	struct ae_common common;
	uint64_t size, stride, max_groups;
	const char *group;
	bool drop;
};

/* What a group keeps: its last W rows, each at two places W rows apart, so that they lie in one piece and in order
   whichever came first. */
struct ring {
	uint64_t rows; /* so far */
	unsigned char last[];
};

struct state {
	const struct options *options;
	const struct ae_schema *in;
	size_t x, group; /* columns */
	size_t row_bytes;
	struct ae_groups *rings;
	const char *name; /* of the input */
	uint64_t done;    /* rows of the stream before the batch */
	uint64_t forgotten;
	struct ae_anew anew;
	struct ae_buf carried;
	struct ae_data windows;
	struct ae_rows kept; /* with --drop-incomplete: carried columns of the rows that have a window */
};

/* No column has the name of --group, which is an input perhaps. */
static int fail_group(const struct state *s, struct ae_error *err)
{
	const char *group = s->options->group;
	const struct ae_column *x = &s->in->cols[s->x];
	for (size_t i = 0; i < x->feature_count; i++)
		if (strcmp(x->features[i], group) == 0)
			return ae_fail(
				err, "--group: \"%s\" is an input: --id or --pass makes it a column of its own", group);
	const char **names = ae_calloc(s->in->count, sizeof(*names), err);
	if (!names)
		return -1;
	for (size_t i = 0; i < s->in->count; i++)
		names[i] = s->in->cols[i].name;
	const char *near = ae_nearest(group, names, s->in->count);
	free(names);
	return ae_fail(err, "--group: no column \"%s\"%s%s%s", group, near ? "; the nearest is \"" : "",
		near ? near : "", near ? "\"" : "");
}

static int find_columns(struct state *s, struct ae_error *err)
{
	static const enum ae_role of_rows[] = {AE_TARGET, AE_RECON, AE_LATENT};
	const char *group = s->options->group;
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
	if (ae_csv_pick(s->in, group, &s->group, err) != 0)
		return ae_fail_in(err, "--group: ");
	if (group && s->group == AE_NO_COLUMN)
		return fail_group(s, err);
	if (group && ae_shape_size(&s->in->cols[s->group].shape) != 1)
		return ae_fail(err, "--group: column \"%s\" has several values a row", group);
	return 0;
}

/* Each stream begins anew. */
static int make_rings(struct state *s, struct ae_error *err)
{
	const struct ae_column *x = &s->in->cols[s->x];
	ae_groups_free(s->rings);
	s->rings = NULL;
	s->forgotten = s->done = 0;
	s->row_bytes = ae_product(ae_shape_size(&x->shape), ae_type_size(x->type));
	size_t rows = 2 * s->options->size;
	if (s->row_bytes > (SIZE_MAX - sizeof(struct ring)) / rows)
		return ae_fail(err, "a window of %llu rows is too large", (unsigned long long)s->options->size);
	return ae_groups_new(&s->rings, s->options->max_groups, sizeof(struct ring) + rows * s->row_bytes, err);
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct state *s = state;
	s->in = ae_reader_schema(reader);
	s->name = ae_reader_name(reader);
	if (find_columns(s, err) != 0 || make_rings(s, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (ae_schema_copy_head(out, s->in, err) != 0 || ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	struct ae_column *x = &out->cols[s->x];
	x->shape = (struct ae_shape){
		.rank = 2, .dim = {(uint32_t)s->options->size, (uint32_t)ae_shape_size(&s->in->cols[s->x].shape)}};
	x->missing |= !s->options->drop;
	ae_rows_free(&s->kept);
	return ae_rows_init(&s->kept, s->in->count, err);
}

static size_t rows_at_once(const void *state)
{
	const struct state *s = state;
	size_t most = MOST_BYTES / (s->options->size * s->row_bytes);
	return most ? most : 1;
}

static struct ring *ring_of(struct state *s, const struct ae_batch *in, size_t row, struct ae_error *err)
{
	const void *key = "";
	size_t len = 0;
	if (s->group != AE_NO_COLUMN && s->in->cols[s->group].type == AE_TEXT) {
		key = ae_data_text(in->cols[s->group], row, &len);
	} else if (s->group != AE_NO_COLUMN) {
		len = ae_type_size(s->in->cols[s->group].type);
		key = in->cols[s->group]->values.data + row * len;
	}
	struct ring *ring = ae_groups_state(s->rings, key, len, err);
	if (!ring || ae_groups_forgotten(s->rings) == s->forgotten)
		return ring;
	const struct ae_place place = {in, row, s->done};
	enum ae_type type = s->group != AE_NO_COLUMN ? s->in->cols[s->group].type : AE_TEXT;
	key = ae_groups_last_forgotten(s->rings, &len);
	ae_anew_add(&s->anew, s->name, &place, type, key, len);
	s->forgotten++;
	return ring;
}

/* Puts a row into its ring; NULL, or where its window starts. */
static const unsigned char *push(const struct state *s, struct ring *ring, const unsigned char *row)
{
	uint64_t size = s->options->size, place = ring->rows++ % size;
	memcpy(ring->last + place * s->row_bytes, row, s->row_bytes);
	memcpy(ring->last + (place + size) * s->row_bytes, row, s->row_bytes);
	if (ring->rows < size || (ring->rows - size) % s->options->stride != 0)
		return NULL;
	return ring->last + (place + 1) * s->row_bytes;
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
	size_t bytes = s->options->size * s->row_bytes, made = 0;
	s->windows.values.len = 0;
	ae_rows_clear(&s->kept);
	if (ae_buf_reserve(&s->windows.values, ae_product(in->rows, bytes), err) != 0)
		return -1;
	for (size_t row = 0; row < in->rows; row++) {
		struct ring *ring = ring_of(s, in, row, err);
		if (!ring)
			return -1;
		const unsigned char *window = push(s, ring, in->cols[s->x]->values.data + row * s->row_bytes);
		if (!window && s->options->drop)
			continue;
		unsigned char *place = s->windows.values.data + made++ * bytes;
		if (window)
			memcpy(place, window, bytes);
		else
			fill_nan(place, x->type, bytes / ae_type_size(x->type));
		if (s->options->drop && ae_rows_append(&s->kept, s->in, in, row, 1, err) != 0)
			return -1;
	}
	s->windows.values.len = made * bytes;
	ae_carry_batch(out, s->options->drop ? &s->kept.batch : in, &s->carried);
	out->cols[s->x] = &s->windows;
	out->rows = made;
	s->done += in->rows;
	ae_anew_tell(&s->anew);
	return 0;
}

static int idle(void *state)
{
	struct state *s = state;
	return ae_anew_tell(&s->anew);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}, .stride = 1, .max_groups = 65536};
	const struct ae_opt table[] = {
		AE_GROUP("Windows"),
		AE_COUNT("size", 0, &o.size, 1, 1 << 20, "W", "rows of a window; required"),
		AE_COUNT("stride", 0, &o.stride, 1, UINT32_MAX, "S", "a window at every S-th row"),
		AE_TEXT_OPTION("group", 0, &o.group, "COL", "windows of rows that are equal in this column"),
		AE_COUNT("max-groups", 0, &o.max_groups, 1, 1 << 24, "N",
			"beyond so many groups the one not seen for longest starts anew"),
		AE_FLAG("drop-incomplete", 0, &o.drop, "leave out rows without a window, whose x is missing otherwise"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	bool given[sizeof(table) / sizeof(*table)] = {false};
	const struct ae_program program = {"ae-window", "--size W [options] [file ...]",
		"Makes sliding windows over the rows of a series.", table, sizeof(table) / sizeof(*table), given};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct state s = {.options = &o, .anew = {.program = &program, .common = &o.common, .most = o.max_groups}};
	const struct ae_filter filter = {.state = &s,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.rows_at_once = rows_at_once,
		.idle = idle};
	int rc = ae_opt_given(&program, "size") ? 0 : ae_fail_usage(&err, "--size W is required");
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0)
		ae_anew_end(&s.anew);
	ae_groups_free(s.rings);
	ae_buf_free(&s.carried);
	ae_data_free(&s.windows);
	ae_rows_free(&s.kept);
	return ae_program_finish(program.name, rc, &err);
}
