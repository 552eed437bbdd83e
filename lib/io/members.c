/* SPDX-License-Identifier: MIT */
/* Columns as members of an object. */
#include "io/members.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* A stream may announce names without limit in a few bytes. */
enum { MOST = 1 << 20 };

#define REPLACED "U+FFFD is written for each byte that is not UTF-8; CSV (-c) keeps it"

void ae_members_note_replaced(struct ae_members *m, uint64_t row, const struct ae_column *column)
{
	if (!*m->replaced)
		snprintf(m->replaced, sizeof(m->replaced), "row %llu, column \"%.100s\" is no UTF-8: " REPLACED,
			(unsigned long long)row, column->name);
}

void ae_members_free(struct ae_members *m)
{
	ae_buf_free(&m->list);
	ae_buf_free(&m->keys);
	*m = (struct ae_members){0};
}

static int add(struct ae_members *m, struct ae_member member, const char *name,
	int (*add_key)(struct ae_buf *, const char *, struct ae_error *), struct ae_error *err)
{
	member.key = m->keys.len;
	if (!*m->replaced && !ae_is_utf8(name, strlen(name)))
		snprintf(
			m->replaced, sizeof(m->replaced), "the name of column \"%.100s\" is no UTF-8: " REPLACED, name);
	if (add_key(&m->keys, name, err) != 0)
		return -1;
	member.key_len = m->keys.len - member.key;
	m->count++;
	return ae_buf_append(&m->list, &member, sizeof(member), err);
}

/* Whether a tensor is one array: where no element has a name, and no score has the name of the array. */
static bool is_array(const struct ae_schema *schema, const struct ae_column *c)
{
	bool score = c->role == AE_ERR && ae_schema_score(schema) != AE_NO_COLUMN;
	return c->shape.rank > 0 && c->feature_count == 0 && !score;
}

static int add_elements(struct ae_members *m, const struct ae_schema *schema, size_t column,
	int (*add_key)(struct ae_buf *, const char *, struct ae_error *), struct ae_error *err)
{
	const struct ae_column *c = &schema->cols[column];
	size_t n = ae_shape_size(&c->shape), longest = 0;
	if (n > MOST - m->count)
		return ae_fail(err, "column \"%s\": more than %d names in an object", c->name, MOST);
	for (size_t i = 0; i < c->feature_count; i++)
		if (strlen(c->features[i]) > longest)
			longest = strlen(c->features[i]);
	size_t size = strlen(c->name) + longest + AE_SHAPE_TEXT + 2;
	char *name = ae_calloc(size, 1, err);
	int rc = name ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		ae_column_element_name(c, i, name, size);
		rc = add(m, (struct ae_member){.column = column, .element = i}, name, add_key, err);
	}
	free(name);
	return rc;
}

/* ---- names that stand twice ---- */

static int by_key(const void *a, const void *b, void *keys)
{
	const struct ae_member *x = a, *y = b;
	const unsigned char *data = ((const struct ae_buf *)keys)->data;
	int order = memcmp(data + x->key, data + y->key, x->key_len < y->key_len ? x->key_len : y->key_len);
	return order ? order : (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

static int fail_twice(const struct ae_member *member, const struct ae_schema *schema, struct ae_error *err)
{
	const struct ae_column *c = &schema->cols[member->column];
	char name[300];
	snprintf(name, sizeof(name), "%s", c->name);
	if (!member->array && c->shape.rank > 0)
		ae_column_element_name(c, member->element, name, sizeof(name));
	if (!ae_is_utf8(name, strlen(name)))
		return ae_fail(err, "column \"%s\" has the name of another one, where " REPLACED, name);
	return ae_fail(err, "two columns have one name, \"%s\", which an object has once", name);
}

static int check_names(const struct ae_members *m, const struct ae_schema *schema, struct ae_error *err)
{
	struct ae_buf sorted = {0};
	if (ae_buf_append(&sorted, m->list.data, m->list.len, err) != 0)
		return -1;
	struct ae_member *list = (void *)sorted.data;
	if (m->count > 0)
		qsort_r(list, m->count, sizeof(*list), by_key, (void *)(uintptr_t)&m->keys);
	int rc = 0;
	for (size_t i = 1; rc == 0 && i < m->count; i++)
		if (by_key(&list[i - 1], &list[i], (void *)(uintptr_t)&m->keys) == 0)
			rc = fail_twice(&list[i], schema, err);
	ae_buf_free(&sorted);
	return rc;
}

int ae_members_init(struct ae_members *m, const struct ae_schema *schema,
	int (*add_key)(struct ae_buf *keys, const char *name, struct ae_error *err), struct ae_error *err)
{
	m->list.len = m->keys.len = m->count = 0;
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		bool array = is_array(schema, c), whole = array || c->shape.rank == 0;
		int rc = whole ? add(m, (struct ae_member){.column = i, .array = array}, c->name, add_key, err)
			       : add_elements(m, schema, i, add_key, err);
		if (rc != 0)
			return -1;
	}
	return check_names(m, schema, err);
}

bool ae_member_number(const struct ae_column *column, const struct ae_data *data, size_t at, double *value)
{
	const size_t size = ae_type_size(column->type);
	ae_to_f64(value, data->values.data + at * size, column->type, 1);
	if (column->role == AE_PRED && *value == AE_PRED_NONE)
		return false;
	if (isinf(*value))
		*value = ae_number_finite(*value);
	return !isnan(*value);
}
