/* SPDX-License-Identifier: MIT */
/* ae-transform --invert. */
#include "cli/transform_undo.h"

#include <string.h>

/* Takes the last step out of the lineage and makes it the transform. */
static int take_last(struct ae_transforms *t, struct ae_lineage *lineage, struct ae_error *err)
{
	size_t count = lineage->prep.count;
	const struct ae_prep_step *last = count ? &lineage->prep.steps[count - 1] : NULL;
	if (!last)
		return ae_fail(err, "nothing to invert: x has gone through no ae-transform");
	if (strcmp(last->program, t->own.program) != 0)
		return ae_fail(err, "the last step of x is that of %s, which is to be undone first", last->program);
	if (ae_transform_list_unpack(&t->list, &last->packed, err) != 0)
		return -1;
	ae_transform_free(&t->transform);
	if (ae_transform_parse(&t->transform, t->list.steps, err) != 0)
		return -1;
	ae_prep_remove(&lineage->prep, count - 1);
	return 0;
}

/* Finds out what is to be undone: text does not say, options do. */
static int find_transform(
	struct ae_transforms *t, const struct ae_reader *reader, struct ae_buf *blob, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	bool text = ae_reader_is_text(reader);
	if (text && t->given.count == 0)
		return ae_fail(err, "text does not say what x has gone through: give the transforms beside --invert");
	if (text)
		return 0;
	if (t->given.count > 0)
		return ae_fail(err, "--%s: the stream says what is to be inverted", t->given.names[0]);
	int rc = ae_lineage_unpack(&lineage, blob, err);
	if (rc == 0)
		rc = take_last(t, &lineage, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, blob, err);
	ae_lineage_free(&lineage);
	return rc;
}

/* All that has an inverse leaves shapes as they are. */
static int find_columns(struct ae_transform_undo *u, struct ae_schema *out, struct ae_error *err)
{
	static const enum ae_role roles[AE_UNDO_COLUMNS] = {AE_X, AE_TARGET, AE_RECON};
	struct ae_transform *t = &u->transforms->transform;
	char shape[AE_SHAPE_TEXT], other[AE_SHAPE_TEXT];
	for (size_t i = 0; i < t->count; i++)
		if (!ae_transform_can_undo(&t->steps[i]))
			return ae_fail(err, "--%s %s has no inverse", t->steps[i].kind->name, t->steps[i].text);
	u->count = 0;
	for (size_t i = 0; i < AE_UNDO_COLUMNS; i++) {
		size_t at = ae_schema_find(out, roles[i]);
		if (at == AE_NO_COLUMN)
			continue;
		struct ae_column *c = &out->cols[at];
		if (u->count == 0 && ae_transform_bind(t, &c->shape, err) != 0)
			return -1;
		if (!ae_shape_equal(&c->shape, ae_transform_out(t)))
			return ae_fail(err, "column \"%s\" has the shape %s, and not that of x, %s", c->name,
				ae_shape_format(&c->shape, shape), ae_shape_format(ae_transform_out(t), other));
		c->type = c->type == AE_F64 ? AE_F64 : AE_F32;
		u->columns[u->count++] = at;
	}
	return u->count ? 0 : ae_fail(err, "no x, target or recon to invert");
}

int ae_transform_undo_begin(void *undo, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct ae_transform_undo *u = undo;
	u->in = ae_reader_schema(reader);
	if (ae_schema_copy_head(out, u->in, err) != 0 || ae_carry_columns(out, u->in, 0, &u->carried, err) != 0)
		return -1;
	if (find_transform(u->transforms, reader, &out->lineage, err) != 0 || find_columns(u, out, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return 0;
}

static int undo_column(struct ae_transform_undo *u, size_t i, const struct ae_batch *in, struct ae_error *err)
{
	struct ae_transform *t = &u->transforms->transform;
	const struct ae_column *c = &u->in->cols[u->columns[i]];
	size_t n = ae_shape_size(&c->shape), width = n * ae_type_size(c->type);
	const unsigned char *values = in->cols[u->columns[i]]->values.data;
	struct ae_buf *out = &u->data[i].values;
	enum ae_type type = c->type == AE_F64 ? AE_F64 : AE_F32;
	out->len = 0;
	if (ae_buf_reserve(out, ae_product(in->rows, n * ae_type_size(type)), err) != 0)
		return -1;
	for (size_t row = 0; row < in->rows; row++) {
		ae_transform_store(out->data + out->len, type, ae_transform_undo(t, values + row * width, c->type), n);
		out->len += n * ae_type_size(type);
	}
	return 0;
}

int ae_transform_undo_rows(void *undo, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct ae_transform_undo *u = undo;
	ae_carry_batch(out, in, &u->carried);
	for (size_t i = 0; i < u->count; i++) {
		if (undo_column(u, i, in, err) != 0)
			return -1;
		out->cols[u->columns[i]] = &u->data[i];
	}
	return 0;
}

void ae_transform_undo_free(struct ae_transform_undo *u)
{
	for (size_t i = 0; i < AE_UNDO_COLUMNS; i++)
		ae_data_free(&u->data[i]);
	ae_buf_free(&u->carried);
}
