/* SPDX-License-Identifier: MIT */
/* Scaling the columns of a stream. */
#include "cli/scale.h"

#include <math.h>
#include <stdio.h>

#include "cli/describe.h"
#include "cli/prepare.h"
#include "core/stop.h"
#include "core/text.h"
#include "stream/group_column.h"

static bool is_scaled(const struct ae_scale *s, enum ae_role role)
{
	return role == AE_X || role == AE_TARGET || (role == AE_RECON && s->invert);
}

/* f64 where the original was: scaled text is f64 because all numbers of text are. */
static enum ae_type inverted_type(const struct ae_column *c)
{
	return c->type == AE_F64 || c->was == AE_F64 ? AE_F64 : AE_F32;
}

static int read_model(struct ae_scale *s, const struct ae_model_from *from, struct ae_error *err)
{
	ae_model_free(s->model);
	s->model = NULL;
	return ae_model_read_scaler(&s->model, from, err);
}

int ae_scale_read_model(struct ae_scale *s, const char *path, struct ae_error *err)
{
	const struct ae_model_from from = {.path = path};
	return read_model(s, &from, err);
}

/* Checks the columns against x as it comes to step `step` of the model's preparation. */
static int check_columns(const struct ae_scale *s, size_t step, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	const struct ae_model *m = s->model;
	for (size_t i = 0; i < in->count; i++) {
		const struct ae_column *c = &in->cols[i];
		int rc = 0;
		if (c->role == AE_X && step == 0 && ae_prep_is_list(&m->prep))
			rc = ae_shape_check_size(&c->shape, &m->prep.source.shape, c->name, err);
		else if (c->role == AE_X && step + 1 == m->prep.count && !s->invert)
			rc = ae_model_check_input(m, c->name, &c->shape, c->features, c->feature_count, err);
		if (rc == 0 && is_scaled(s, c->role))
			rc = ae_model_check_names(m, c->name, c->features, c->feature_count, err);
		if (rc != 0)
			return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	}
	return 0;
}

/* The place of a step among the model's. */
static size_t place_of(const struct ae_prep *prep, const struct ae_buf *packed)
{
	size_t i = 0;
	while (&prep->steps[i].packed != packed)
		i++;
	return i;
}

int ae_scale_use_model(struct ae_scale *s, const char *path, const struct ae_reader *reader,
	const struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_buf *packed;
	const struct ae_model_from from = ae_model_of_stream(reader, path);
	if ((s->used || from.len) && read_model(s, &from, err) != 0)
		return -1;
	s->used = true;
	const struct ae_prep *prep = &s->model->prep;
	if (s->invert) {
		size_t i = ae_prep_find_undone(prep);
		if (i == AE_PREP_NONE)
			return ae_fail(err, "%s: the last step of the model's preparation is no scaler", path);
		packed = &prep->steps[i].packed;
	} else {
		if (ae_lineage_is_scaled(lineage) && !ae_prep_is_list(prep))
			return ae_scale_fail_scaled(reader, err);
		if (ae_prepare_next(&packed, s->model, path, AE_PREP_SCALER, reader, err) != 0)
			return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	}
	if (check_columns(s, place_of(prep, packed), reader, err) != 0)
		return -1;
	s->packed = packed;
	int rc = ae_scaler_groups_unpack(&s->groups, packed, err);
	if (rc == 0 && s->groups.column)
		rc = ae_scaler_groups_take_table(&s->groups, &s->model->scalers, err);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", path);
}

int ae_scale_fail_scaled(const struct ae_reader *reader, struct ae_error *err)
{
	return ae_fail(err, "%s: x is scaled already; --invert undoes it", ae_reader_name(reader));
}

/* The table of a stream that is to be undone. */
static int take_carried_table(struct ae_scale *s, const struct ae_reader *reader, struct ae_error *err)
{
	struct ae_buf table = {0};
	int rc = ae_scale_get_table(&table, ae_reader_schema(reader), err);
	if (rc == 0)
		rc = table.len
			     ? ae_scaler_groups_take_table(&s->groups, &table, err)
			     : ae_fail(err, "x was scaled by the scalers of groups, which the stream carries no more");
	ae_buf_free(&table);
	return rc == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(reader));
}

int ae_scale_undo(struct ae_scale *s, const char *path, const struct ae_reader *reader, struct ae_prep *prep,
	struct ae_error *err)
{
	const char *name = ae_reader_name(reader);
	struct ae_buf last = {0};
	bool text = ae_reader_is_text(reader);
	if (text && path)
		return ae_scale_use_model(s, path, reader, NULL, err);
	size_t i = ae_prep_find_undone(prep);
	if (i == AE_PREP_NONE && ae_prep_find_scaler(prep) != AE_PREP_NONE) {
		int rc = ae_prep_describe_step(&prep->steps[prep->count - 1], &last, err);
		if (rc == 0)
			rc = ae_fail(err, "%s: the last step of x is %.*s, and no scaler: nothing to invert", name,
				(int)last.len, (const char *)last.data);
		ae_buf_free(&last);
		return rc;
	}
	if (i == AE_PREP_NONE)
		return ae_fail(err, "%s: nothing to invert: x is not scaled%s", name,
			text ? ", or text does not say so: -m FILE gives the scaler" : "");
	if (ae_scaler_groups_unpack(&s->groups, &prep->steps[i].packed, err) != 0 ||
		(s->groups.column && take_carried_table(s, reader, err) != 0))
		return -1;
	ae_prep_remove(prep, i);
	return 0;
}

int ae_scale_begin(struct ae_scale *s, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	char shape[AE_SHAPE_TEXT];
	size_t x = ae_schema_find(ae_reader_schema(reader), AE_X);
	s->in = ae_reader_schema(reader);
	s->name = ae_reader_name(reader);
	s->text = ae_reader_is_text(reader);
	s->done = 0;
	s->group = AE_NO_COLUMN;
	s->unseen.program = s->beyond.program;
	s->unseen.common = s->beyond.common;
	s->unseen.what = "scaler";
	s->filled.program = s->beyond.program;
	s->filled.common = s->beyond.common;
	s->filled.one = s->filled.many = "the mean";
	s->filled.why = "their rows have no value";
	if (s->groups.column && ae_group_column_find(&s->group, s->in, "--group", s->groups.column, err) != 0)
		return ae_fail_in(err, "%s: ", s->name);
	if (ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	for (size_t i = 0; i < out->count; i++) {
		struct ae_column *c = &out->cols[i];
		if (!is_scaled(s, c->role))
			continue;
		if (!ae_scaler_fits(&s->groups.all, &c->shape))
			return ae_fail(err, "%s: column \"%s\" of shape %s does not fit the scaler's %zu columns",
				s->name, c->name, ae_shape_format(&c->shape, shape), s->groups.all.columns);
		if (x != AE_NO_COLUMN && ae_column_check_pair(c, &s->in->cols[x], err) != 0)
			return ae_fail_in(err, "%s: ", s->name);
		if (!s->typed)
			s->inverted[c->role] = inverted_type(c);
		enum ae_type type = s->invert ? s->inverted[c->role] : AE_F32;
		c->missing = c->missing && !(s->fill && s->fitted && !s->empty_rows);
		c->was = s->invert || c->type == AE_U8 ? AE_F32 : c->type;
		c->type = type;
	}
	s->typed = true;
	return 0;
}

int ae_scale_idle(struct ae_scale *s)
{
	int unseen = ae_unseen_tell(&s->unseen), filled = ae_filled_tell(&s->filled);
	return ae_sooner(unseen, filled);
}

void ae_scale_note_end(struct ae_scale *s)
{
	ae_beyond_end(&s->beyond);
	ae_unseen_end(&s->unseen);
	ae_filled_end(&s->filled);
}

void ae_scale_note_white(const struct ae_scale *s, const struct ae_program *program, const struct ae_common *common)
{
	size_t at = ae_schema_find(s->in, AE_X);
	double white = at == AE_NO_COLUMN ? 0 : s->in->cols[at].maxval, by = s->groups.all.divisor;
	if (s->invert || white == 0 || by == 0 || by == white)
		return;
	ae_note(program, common, "%s: x has images of maxval %g, so that dividing by %g makes %g of white: %s", s->name,
		white, by, white / by,
		common->model ? "pamdepth gives all images one maxval" : "--fit div:MAXVAL makes 1 of it");
}

/* Some of the values became AE_BEYOND. */
static int take_beyond(struct ae_scale *s, const struct ae_column *c, const float *values, const struct ae_batch *in,
	struct ae_error *err)
{
	char name[300], at[AE_PLACE_TEXT];
	size_t size = ae_shape_size(&c->shape), first = 0;
	size_t beyond = ae_count_beyond(values, AE_F32, in->rows * size, &first);
	const struct ae_place place = {in, first / size, s->done};
	if (!s->fitted) {
		ae_beyond_add(&s->beyond, beyond, s->name, &place, c, first % size);
		return 0;
	}
	/* Text that was read twice has no lines any more. */
	ae_column_element_name(c, first % size, name, sizeof(name));
	return ae_fail(err, "%s: %s%s, column \"%s\": the scaled value is too large for f32", s->name,
		ae_place_format(&place, at), s->text && !in->lines ? " (header and comments not counted)" : "", name);
}

/* The scaler of rows from `row` on, and how many of them it is for. NULL and *err on failure. */
static const struct ae_scaler *scaler_of(
	struct ae_scale *s, const struct ae_batch *in, size_t row, size_t *rows, struct ae_error *err)
{
	char room[AE_NUMBER_TEXT];
	size_t len;
	*rows = in->rows - row;
	if (s->group == AE_NO_COLUMN)
		return &s->groups.all;
	*rows = ae_group_column_run(s->in, in, s->group, row);
	const char *name = ae_group_column_name(s->in, in, s->group, row, room, &len);
	const struct ae_scaler *scaler = ae_scaler_groups_find(&s->groups, name, len);
	bool unseen = scaler == &s->groups.all && !s->fitted && !s->invert;
	return unseen && ae_unseen_add(&s->unseen, name, len, err) != 0 ? NULL : scaler;
}

/* The values of column c in their original units, in s->scaled of its role. Scaled values are f32, whatever text says:
   text gets what AEST gets. */
static int invert_column(struct ae_scale *s, const struct ae_column *c, const struct ae_data *data,
	const struct ae_batch *in, struct ae_error *err)
{
	size_t rows = in->rows;
	const struct ae_column f32 = {.type = AE_F32, .shape = c->shape};
	const struct ae_column inverted = {.type = s->inverted[c->role], .shape = c->shape};
	const float *scaled = (const void *)data->values.data;
	void *values = ae_data_resize(&s->scaled[c->role], &inverted, rows, err);
	if (!values)
		return -1;
	if (c->type != AE_F32) {
		float *rounded = ae_data_resize(&s->rounded, &f32, rows, err);
		if (!rounded)
			return -1;
		ae_to_f32(rounded, data->values.data, c->type, rows * ae_shape_size(&c->shape));
		scaled = rounded;
	}
	size_t size = ae_shape_size(&c->shape), n;
	for (size_t row = 0; row < rows; row += n) {
		const struct ae_scaler *scaler = scaler_of(s, in, row, &n, err);
		if (!scaler)
			return -1;
		if (inverted.type == AE_F64)
			ae_scaler_invert(scaler, (double *)values + row * size, scaled + row * size, n, &c->shape);
		else
			ae_scaler_invert_f32(scaler, (float *)values + row * size, scaled + row * size, n, &c->shape);
	}
	return 0;
}

/* So many values of the batch became the mean; the last row that has some value and not all has the latest one. */
static void note_filled(struct ae_scale *s, uint64_t count, const struct ae_column *c, const struct ae_data *data,
	const struct ae_batch *in)
{
	size_t n = ae_shape_size(&c->shape), width = ae_type_size(c->type), row = in->rows, holes = 0, element = n - 1;
	const unsigned char *values = data->values.data;
	while (row > 0 && (holes == 0 || holes == n))
		holes = ae_count_nan(values + --row * n * width, c->type, n);
	while (element > 0 && ae_count_nan(values + (row * n + element) * width, c->type, 1) == 0)
		element--;
	const struct ae_place place = {in, row, s->done};
	ae_filled_add(&s->filled, count, s->name, &place, c, element);
}

/* The values of column c, scaled, in s->scaled of its role. */
static int scale_column(struct ae_scale *s, const struct ae_column *c, const struct ae_data *data,
	const struct ae_batch *in, struct ae_error *err)
{
	const struct ae_place place = {in, 0, s->done};
	size_t rows = in->rows;
	const struct ae_column f32 = {.type = AE_F32, .shape = c->shape};
	float *values = ae_data_resize(&s->scaled[c->role], &f32, rows, err);
	if (!values)
		return -1;
	if (s->fitted && ae_beyond_refuse(c, data->values.data, rows, &place, err) != 0)
		return ae_fail_in(err, "%s: ", s->name);
	size_t size = ae_shape_size(&c->shape), beyond = 0, filled = 0, n;
	for (size_t row = 0; row < rows; row += n) {
		const struct ae_scaler *scaler = scaler_of(s, in, row, &n, err);
		if (!scaler)
			return -1;
		const unsigned char *from = data->values.data + row * size * ae_type_size(c->type);
		beyond += ae_scaler_apply(scaler, values + row * size, from, c->type, n, &c->shape);
		if (s->fill) {
			filled += ae_scaler_fill_missing(scaler, values + row * size, n, &c->shape);
			s->filled.stayed += ae_count_nan(values + row * size, AE_F32, n * size);
		}
	}
	if (filled)
		note_filled(s, filled, c, data, in);
	return beyond == 0 ? 0 : take_beyond(s, c, values, in, err);
}

int ae_scale_rows(struct ae_scale *s, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	ae_carry_batch(out, in, &s->carried);
	for (size_t i = 0; i < s->in->count; i++) {
		const struct ae_column *c = &s->in->cols[i];
		if (!is_scaled(s, c->role))
			continue;
		if ((s->invert ? invert_column : scale_column)(s, c, in->cols[i], in, err) != 0)
			return -1;
		out->cols[i] = &s->scaled[c->role];
	}
	s->done += in->rows;
	return 0;
}

/* Whether a row of the column has no value. */
static bool has_empty_row(const struct ae_column *c, const struct ae_data *data, size_t rows)
{
	size_t n = ae_shape_size(&c->shape), size = n * ae_type_size(c->type);
	for (size_t row = 0; c->missing && row < rows; row++)
		if (ae_count_nan(data->values.data + row * size, c->type, n) == n)
			return true;
	return false;
}

int ae_scale_fit_by(struct ae_scale *s, const struct ae_schema *in, const char *column,
	const struct ae_scaler_rule *rule, bool per_tensor, const struct ae_shape *shape, struct ae_error *err)
{
	if (ae_group_column_find(&s->group, in, "--group", column, err) != 0)
		return -1;
	if (s->fit_groups)
		return 0;
	s->groups.column = ae_strdup(column, err);
	return s->groups.column ? ae_scaler_groups_fit_new(&s->fit_groups, rule, per_tensor, shape, err) : -1;
}

/* Fits the scaler of each group on the rows of a batch. */
static int fit_groups(const struct ae_scale *s, const struct ae_schema *in, size_t x, const struct ae_batch *batch,
	struct ae_error *err)
{
	const struct ae_column *c = &in->cols[x];
	const unsigned char *values = batch->cols[x]->values.data;
	size_t size = ae_shape_size(&c->shape) * ae_type_size(c->type), len, n;
	char room[AE_NUMBER_TEXT];
	for (size_t row = 0; row < batch->rows; row += n) {
		n = ae_group_column_run(in, batch, s->group, row);
		const char *name = ae_group_column_name(in, batch, s->group, row, room, &len);
		if (ae_scaler_groups_fit_rows(s->fit_groups, name, len, values + row * size, c->type, n, err) != 0)
			return -1;
	}
	return 0;
}

int ae_scale_fit_rows(struct ae_scale *s, struct ae_scaler_fit *fit, const struct ae_schema *in, size_t x,
	const struct ae_batch *batch, struct ae_error *err)
{
	const struct ae_column *c = &in->cols[x];
	const void *values = batch->cols[x]->values.data;
	const struct ae_place place = {batch, 0, s->done};
	s->done += batch->rows;
	for (size_t i = 0; s->fill && i < in->count; i++)
		if (is_scaled(s, in->cols[i].role))
			s->empty_rows |= has_empty_row(&in->cols[i], batch->cols[i], batch->rows);
	if (ae_beyond_refuse(c, values, batch->rows, &place, err) != 0)
		return -1;
	if (ae_scaler_fit_rows(fit, values, c->type, batch->rows, err) != 0)
		return -1;
	return s->fit_groups ? fit_groups(s, in, x, batch, err) : 0;
}

int ae_scale_fit_groups_end(struct ae_scale *s, struct ae_buf *table, struct ae_error *err)
{
	if (!s->fit_groups)
		return 0;
	if (ae_scaler_groups_fit_end(s->fit_groups, &s->groups, &s->partly, err) != 0)
		return -1;
	return ae_scaler_groups_pack_table(&s->groups, table, err);
}

int ae_scale_check_fit(const struct ae_scaler_fit *fit, const struct ae_column *x, struct ae_error *err)
{
	char name[300];
	size_t columns, empty = ae_scaler_fit_empty(fit, &columns);
	if (empty == columns)
		return 0;
	if (columns == 1)
		return ae_fail(err, "x has no value to fit on");
	ae_column_element_name(x, empty, name, sizeof(name));
	return ae_fail(err, "column \"%s\" has no value to fit on: leave it out", name);
}

/* Of groups. */
static void note_partly(const struct ae_scaler_groups_partly *partly, const struct ae_column *x,
	const struct ae_program *program, const struct ae_common *common)
{
	char group[200], column[300];
	if (partly->count == 0)
		return;
	ae_escape_controls(group, sizeof(group), partly->name);
	ae_column_element_name(x, partly->column, column, sizeof(column));
	ae_note(program, common,
		"%zu of %zu groups ha%s columns that are constant or have fewer than %d values: those take the scale "
		"of "
		"all rows (\"%s\", column \"%.80s\")",
		partly->count, partly->all, partly->count == 1 ? "s" : "ve", AE_GROUP_ROWS, group, column);
}

void ae_scale_note_fit(const struct ae_scale *s, const struct ae_scaler_fit *fit, const struct ae_column *x,
	const struct ae_program *program, const struct ae_common *common)
{
	enum { MOST = 10 };
	const bool *which;
	size_t count = ae_scaler_fit_constant(fit, &which), listed = 0;
	char name[300], text[1200];
	int used;
	ae_note_inputs(program, common, x);
	note_partly(&s->partly, x, program, common);
	if (count == 0)
		return;
	used = snprintf(text, sizeof(text), "%zu constant column%s left at scale 1", count, count > 1 ? "s" : "");
	for (size_t i = 0; listed < count && listed < MOST; i++) {
		if (!which[i])
			continue;
		ae_column_element_name(x, i, name, sizeof(name));
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s \"%.80s\"", listed++ ? "," : ":", name);
	}
	ae_note(program, common, "%s%s", text, count > MOST ? " and others" : "");
}

void ae_scale_free(struct ae_scale *s)
{
	ae_scaler_groups_free(&s->groups);
	ae_scaler_groups_fit_free(s->fit_groups);
	ae_unseen_free(&s->unseen);
	ae_model_free(s->model);
	ae_buf_free(&s->carried);
	ae_data_free(&s->rounded);
	for (size_t i = 0; i <= AE_RECON; i++)
		ae_data_free(&s->scaled[i]);
}
