/* SPDX-License-Identifier: MIT */
/* Permutations of columns, and of features within a column. */
#include "stream/column_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int init(struct ae_column_order *order, size_t count, struct ae_error *err)
{
	*order = (struct ae_column_order){.count = count};
	order->from = ae_calloc(count, sizeof(*order->from), err);
	order->features = ae_calloc(count, sizeof(*order->features), err);
	for (size_t i = 0; order->from && i < count; i++)
		order->from[i] = i;
	return order->from && order->features ? 0 : -1;
}

/* Nothing to do is all zero. */
static void drop_identity(struct ae_column_order *order)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->from[i] != i || order->features[i].count)
			return;
	ae_column_order_free(order);
}

/* ---- names of places ---- */

static bool is_place(const char *name)
{
	size_t digits = strncmp(name, "x.", 2) == 0 ? strspn(name + 2, "0123456789") : 0;
	return digits > 0 && name[2] != '0' && name[2 + digits] == '\0';
}

static bool are_places(char *const *names, size_t count)
{
	size_t i = 0;
	while (i < count && is_place(names[i]))
		i++;
	return count > 0 && i == count;
}

/* Whether a column holds values of x, one a feature. */
static bool is_like_x(const struct ae_column *column)
{
	return column->shape.rank == 1 && (column->role == AE_X || column->role == AE_TARGET ||
						  column->role == AE_RECON || column->role == AE_ERR);
}

static int name_places(struct ae_column *column, struct ae_error *err)
{
	char name[32];
	size_t count = column->shape.dim[0];
	char **names = ae_calloc(count, sizeof(*names), err);
	int rc = names ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		snprintf(name, sizeof(name), "x.%zu", i + 1);
		names[i] = ae_strdup(name, err);
		rc = names[i] ? 0 : -1;
	}
	if (rc == 0)
		rc = ae_column_set_features(column, names, count, err);
	ae_names_free(names, names ? count : 0);
	return rc;
}

int ae_column_name_places(struct ae_schema *read, const struct ae_feature_names *wanted, struct ae_error *err)
{
	size_t count = are_places(wanted->names, wanted->count) ? wanted->count : 0;
	for (size_t i = 0; i < read->count && count == 0; i++)
		if (is_like_x(&read->cols[i]) && are_places(read->cols[i].features, read->cols[i].feature_count))
			count = read->cols[i].feature_count;
	for (size_t i = 0; i < read->count; i++) {
		struct ae_column *column = &read->cols[i];
		if (is_like_x(column) && column->feature_count == 0 && column->shape.dim[0] == count &&
			name_places(column, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- a first header ---- */

static enum ae_order_found match(struct ae_order *order, const struct ae_column *column,
	const struct ae_feature_names *wanted, struct ae_error *err)
{
	if (wanted->count == 0 || column->feature_count != wanted->count)
		return AE_ORDER_OTHER_SET;
	return ae_order_find(order, column->features, wanted->names, wanted->count, err);
}

static int pair_features(struct ae_column_order *order, const struct ae_schema *read, size_t x,
	const struct ae_feature_names *wanted, struct ae_error *err)
{
	size_t target = ae_schema_find(read, AE_TARGET);
	struct ae_feature_names references[3] = {[1] = *wanted};
	if (x != AE_NO_COLUMN && order->features[x].count)
		references[0] = *wanted;
	else if (x != AE_NO_COLUMN)
		references[0] = (struct ae_feature_names){
			.names = read->cols[x].features, .count = read->cols[x].feature_count};
	for (size_t i = 0; i < read->count; i++) {
		enum ae_role role = read->cols[i].role;
		enum ae_order_found found = AE_ORDER_OTHER_SET;
		if (role != AE_TARGET && role != AE_RECON && role != AE_ERR)
			continue;
		if (target != AE_NO_COLUMN && !order->features[target].count)
			references[2] = (struct ae_feature_names){
				.names = read->cols[target].features, .count = read->cols[target].feature_count};
		for (size_t k = 0; k < 3 && found == AE_ORDER_OTHER_SET; k++)
			found = match(&order->features[i], &read->cols[i], &references[k], err);
		if (found == AE_ORDER_FAIL)
			return -1;
	}
	return 0;
}

int ae_column_order_of_features(struct ae_column_order *order, const struct ae_schema *read,
	const struct ae_feature_names *wanted, bool pair, struct ae_error *err)
{
	size_t x = ae_schema_find(read, AE_X);
	if (init(order, read->count, err) != 0 ||
		(x != AE_NO_COLUMN && match(&order->features[x], &read->cols[x], wanted, err) == AE_ORDER_FAIL) ||
		(pair && pair_features(order, read, x, wanted, err) != 0)) {
		ae_column_order_free(order);
		return -1;
	}
	drop_identity(order);
	return 0;
}

/* ---- a later header ---- */

/* Columns sorted by their names, then by all else but their features: those that compare equal may be one. */
static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct ae_column *const *)a)->name, (*(struct ae_column *const *)b)->name);
}

static int by_kind(const void *a, const void *b)
{
	const struct ae_column *p = *(struct ae_column *const *)a, *q = *(struct ae_column *const *)b;
	int order = by_name(a, b);
	if (order == 0)
		order = strcmp(p->role_text, q->role_text);
	if (order == 0)
		order = (int)p->type - (int)q->type;
	if (order == 0)
		order = (int)p->missing - (int)q->missing;
	if (order == 0)
		order = (p->maxval > q->maxval) - (p->maxval < q->maxval);
	if (order == 0)
		order = (int)p->shape.rank - (int)q->shape.rank;
	if (order == 0)
		order = memcmp(p->shape.dim, q->shape.dim, p->shape.rank * sizeof(*p->shape.dim));
	return order ? order : (p->feature_count > q->feature_count) - (p->feature_count < q->feature_count);
}

static const struct ae_column **sorted(const struct ae_schema *schema, struct ae_error *err)
{
	const struct ae_column **list = ae_calloc(schema->count, sizeof(*list), err);
	for (size_t i = 0; list && i < schema->count; i++)
		list[i] = &schema->cols[i];
	if (list)
		qsort(list, schema->count, sizeof(*list), by_kind);
	return list;
}

#define OTHER "columns other than those of the stream before it: "

/* The first thing in which a column differs from the one of its name before it. */
static int fail_column(const struct ae_column *is, const struct ae_column *was, struct ae_error *err)
{
	char a[AE_SHAPE_TEXT], b[AE_SHAPE_TEXT];
	if (strcmp(is->role_text, was->role_text) != 0)
		return ae_fail(err, OTHER "\"%s\" is %s, not %s", is->name, is->role_text, was->role_text);
	if (is->type != was->type)
		return ae_fail(
			err, OTHER "\"%s\" is %s, not %s", is->name, ae_type_name(is->type), ae_type_name(was->type));
	size_t n = is->feature_count, before = was->feature_count;
	const char *missing = NULL, *more = NULL;
	if (n && before && n != before &&
		(ae_names_first_without(&missing, was->features, before, is->features, n, err) != 0 ||
			ae_names_first_without(&more, is->features, n, was->features, before, err) != 0))
		return -1;
	if (missing || more)
		return ae_fail(err, OTHER "\"%s\" %s \"%.200s\"", is->name, missing ? "has no" : "has a new",
			missing ? missing : more);
	if (!ae_shape_equal(&is->shape, &was->shape))
		return ae_fail(err, OTHER "\"%s\" has shape %s, not %s", is->name, ae_shape_format(&is->shape, a),
			ae_shape_format(&was->shape, b));
	if (is->maxval != was->maxval)
		return ae_fail(err, "images of maxval %u, but those before it have %u: pamdepth makes them equal",
			is->maxval ? is->maxval : 255, was->maxval ? was->maxval : 255);
	if (is->missing != was->missing)
		return ae_fail(err, OTHER "missing values are legal in \"%s\" of one of them alone", is->name);
	return ae_fail(err, OTHER "\"%s\" has %s", is->name,
		is->feature_count == 0    ? "no names of features"
		: was->feature_count == 0 ? "names of features"
					  : "other names of features");
}

static int fail_match(const struct ae_schema *read, const struct ae_column **have, const struct ae_schema *before,
	const struct ae_column **want, struct ae_error *err)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct ae_column *was = &before->cols[i];
		const struct ae_column **named = bsearch(&was, have, read->count, sizeof(*have), by_name);
		if (!named)
			return ae_fail(err, OTHER "there is no column \"%s\"", was->name);
		if (!bsearch(&was, have, read->count, sizeof(*have), by_kind))
			return fail_column(*named, was, err);
	}
	for (size_t i = 0; i < read->count; i++) {
		const struct ae_column *is = &read->cols[i];
		if (!bsearch(&is, want, before->count, sizeof(*want), by_kind))
			return ae_fail(err, OTHER "column \"%s\" is new", is->name);
	}
	return ae_fail(err, OTHER "columns of one name stand in another order or number");
}

/* Pairs the columns of two sorted lists. Columns that compare equal mean nothing in another order. */
static bool pair_columns(struct ae_column_order *order, const struct ae_schema *read, const struct ae_column **have,
	const struct ae_schema *before, const struct ae_column **want)
{
	if (read->count != before->count)
		return false;
	for (size_t i = 0; i < before->count; i++) {
		if (by_kind(&have[i], &want[i]) != 0 || (i && by_kind(&have[i - 1], &have[i]) == 0))
			return false;
		order->from[want[i] - before->cols] = (size_t)(have[i] - read->cols);
	}
	return true;
}

static int match_columns(struct ae_column_order *order, const struct ae_schema *read, const struct ae_schema *before,
	struct ae_error *err)
{
	bool same = read->count == before->count;
	for (size_t i = 0; same && i < before->count; i++) {
		const struct ae_column *is = &read->cols[i], *was = &before->cols[i];
		same = by_kind(&is, &was) == 0;
	}
	if (same)
		return 0;
	const struct ae_column **have = sorted(read, err), **want = have ? sorted(before, err) : NULL;
	int rc = have && want ? 0 : -1;
	if (rc == 0 && !pair_columns(order, read, have, before, want))
		rc = fail_match(read, have, before, want, err);
	free(have);
	free(want);
	return rc;
}

int ae_column_order_match(struct ae_column_order *order, const struct ae_schema *read, const struct ae_schema *before,
	struct ae_error *err)
{
	int rc = init(order, before->count, err);
	if (rc == 0)
		rc = match_columns(order, read, before, err);
	for (size_t i = 0; rc == 0 && i < before->count; i++) {
		const struct ae_column *is = &read->cols[order->from[i]], *was = &before->cols[i];
		if (ae_order_need(&order->features[i], is->name, is->features, "that stream", was->features,
			    was->feature_count, err) != 0)
			rc = ae_fail_in(err, OTHER);
	}
	if (rc != 0)
		ae_column_order_free(order);
	else
		drop_identity(order);
	return rc;
}

/* ---- using ---- */

static int order_names(struct ae_column *column, const struct ae_order *order, struct ae_error *err)
{
	size_t count = column->feature_count;
	if (order->count == 0)
		return 0;
	char **names = ae_calloc(count, sizeof(*names), err);
	if (!names)
		return -1;
	for (size_t i = 0; i < count; i++)
		names[i] = column->features[order->from[i]];
	free(column->features);
	column->features = names;
	return 0;
}

int ae_column_order_schema(
	const struct ae_column_order *order, struct ae_schema *out, const struct ae_schema *read, struct ae_error *err)
{
	if (order->count == 0)
		return ae_schema_copy(out, read, err);
	if (ae_schema_copy_head(out, read, err) != 0)
		return -1;
	for (size_t i = 0; i < order->count; i++)
		if (ae_schema_add_copy(out, &read->cols[order->from[i]], err) != 0 ||
			order_names(&out->cols[i], &order->features[i], err) != 0)
			return -1;
	return 0;
}

void ae_column_order_rows(const struct ae_column_order *order, const struct ae_schema *read, struct ae_rows *rows)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct ae_column *column = &read->cols[order->from[i]];
		struct ae_data *data = &rows->data[order->from[i]];
		rows->batch.cols[i] = data;
		if (!order->features[i].count)
			continue;
		ae_order_apply(&order->features[i], data->values.data, ae_type_size(column->type),
			rows->batch.rows * ae_shape_size(&column->shape));
		data->sums.len = 0;
	}
}

void ae_column_order_free(struct ae_column_order *order)
{
	for (size_t i = 0; order->features && i < order->count; i++)
		ae_order_free(&order->features[i]);
	free(order->from);
	free(order->features);
	*order = (struct ae_column_order){0};
}
