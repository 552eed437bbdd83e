/* SPDX-License-Identifier: MIT */
/* Names of single values, looked up without making the names of all elements. */
#include "stream/element.h"

#include <stdio.h>
#include <string.h>

#include "core/util.h"

/* What a name means in a schema. */
struct search {
	const struct ae_schema *schema;
	const char *name;
	size_t count;                    /* different meanings */
	struct ae_element first, second; /* the first two */
};

static void offer(struct search *s, size_t column, size_t element)
{
	if (s->count > 0 && s->first.column == column && s->first.element == element)
		return; /* a column of shape [1] and its feature */
	if (s->count < 2)
		*(s->count ? &s->second : &s->first) = (struct ae_element){column, element};
	s->count++;
}

static bool is_single(const struct ae_column *column)
{
	return ae_shape_size(&column->shape) == 1;
}

/* What follows "NAME." in a name, or NULL. */
static const char *after_prefix(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	return strncmp(name, prefix, len) == 0 && name[len] == '.' ? name + len + 1 : NULL;
}

/* Takes an index from 1 to most, as it is written in names, and the point after it; NULL if there is none. */
static const char *take_index(size_t *index, const char *at, uint32_t most)
{
	size_t len = strspn(at, "0123456789");
	uint64_t value = 0; /* ten digits */
	if (len == 0 || len > 10 || *at == '0')
		return NULL;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (uint64_t)(at[i] - '0');
	if (value > most)
		return NULL;
	*index = (size_t)value - 1;
	return at + len;
}

static void offer_features(struct search *s, size_t column, const char *feature, size_t first)
{
	const struct ae_column *c = &s->schema->cols[column];
	for (size_t i = 0; i < c->feature_count; i++)
		if (strcmp(c->features[i], feature) == 0)
			offer(s, column, first + i);
}

/* NAME.1.2, and where only the last axis has names NAME.1.flow; by place all axes are indices. */
static void offer_indexed(struct search *s, size_t column, bool by_place)
{
	const struct ae_column *c = &s->schema->cols[column];
	const char *at = after_prefix(s->name, c->name);
	size_t element = 0, index;
	for (uint32_t d = 0; at && d < c->shape.rank; d++) {
		bool last = d + 1 == c->shape.rank;
		element *= c->shape.dim[d];
		if (last && c->feature_count && !by_place) {
			offer_features(s, column, at, element);
			return;
		}
		at = take_index(&index, at, c->shape.dim[d]);
		if (!at || *at != (last ? '\0' : '.'))
			return;
		element += index;
		at++;
	}
	if (at)
		offer(s, column, element);
}

static void offer_elements(struct search *s, size_t column, bool by_place)
{
	const struct ae_column *c = &s->schema->cols[column];
	if (c->shape.rank == 0)
		return;
	if (by_place || c->feature_count != ae_shape_size(&c->shape)) {
		offer_indexed(s, column, by_place);
		return;
	}
	const char *feature = c->role == AE_X ? s->name : after_prefix(s->name, c->name);
	if (feature)
		offer_features(s, column, feature, 0);
}

static void offer_role(struct search *s)
{
	bool score = strcmp(s->name, ae_role_name(AE_ERR)) == 0;
	for (size_t i = 0; i < s->schema->count; i++)
		if (strcmp(s->schema->cols[i].role_text, s->name) == 0 && is_single(&s->schema->cols[i]) &&
			(!score || i == ae_schema_score(s->schema)))
			offer(s, i, 0);
}

static void find(struct search *s)
{
	for (size_t i = 0; i < s->schema->count; i++) {
		if (strcmp(s->schema->cols[i].name, s->name) == 0 && is_single(&s->schema->cols[i]))
			offer(s, i, 0);
		offer_elements(s, i, false);
	}
	for (size_t i = 0; s->count == 0 && i < s->schema->count; i++)
		offer_elements(s, i, true);
	if (s->count == 0)
		offer_role(s);
}

/* ---- errors ---- */

/* The names nearest to one that was not found, best first. */
struct nearest {
	enum { NEAREST = 3 } most;
	const char *wanted, *prefix[NEAREST], *name[NEAREST];
	size_t distance[NEAREST], count;
};

/* Takes "name", or "prefix.name". */
static void consider(struct nearest *n, const char *prefix, const char *name)
{
	char whole[200];
	snprintf(whole, sizeof(whole), "%s%s%s", prefix ? prefix : "", prefix ? "." : "", name);
	size_t distance = ae_word_distance(n->wanted, whole), at = n->count;
	if (distance > strlen(n->wanted) / 2)
		return;
	while (at > 0 && distance < n->distance[at - 1])
		at--;
	if (at == NEAREST)
		return;
	n->count += n->count < NEAREST;
	for (size_t i = n->count - 1; i > at; i--) {
		n->prefix[i] = n->prefix[i - 1];
		n->name[i] = n->name[i - 1];
		n->distance[i] = n->distance[i - 1];
	}
	n->prefix[at] = prefix;
	n->name[at] = name;
	n->distance[at] = distance;
}

static int fail_unknown(const struct ae_schema *schema, const char *name, struct ae_error *err)
{
	struct nearest n = {.wanted = name};
	char list[500] = "";
	size_t used = 0;
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		if (is_single(c))
			consider(&n, NULL, c->name);
		for (size_t k = 0; k < c->feature_count && c->shape.rank == 1; k++)
			consider(&n, c->role == AE_X ? NULL : c->name, c->features[k]);
	}
	for (size_t i = 0; i < n.count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s%s%s\"", i ? ", " : "",
			n.prefix[i] ? n.prefix[i] : "", n.prefix[i] ? "." : "", n.name[i]);
	for (size_t i = 0; n.count == 0 && i < schema->count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", schema->cols[i].name);
	return ae_fail(err, "no column \"%s\" of single values; %s: %s", name,
		n.count ? "similar names are" : "the columns are", list);
}

/* The name of an element by its place. */
static void format_place(char *text, size_t size, const struct ae_schema *schema, struct ae_element at)
{
	struct ae_column column = schema->cols[at.column];
	column.feature_count = 0;
	ae_column_element_name(&column, at.element, text, size);
}

static int fail_ambiguous(const struct search *s, struct ae_error *err)
{
	char first[200], second[200];
	format_place(first, sizeof(first), s->schema, s->first);
	format_place(second, sizeof(second), s->schema, s->second);
	if (strcmp(first, s->name) == 0 || strcmp(second, s->name) == 0)
		return ae_fail(err, "\"%s\" means %zu columns (the first two are number %zu and %zu of the stream)",
			s->name, s->count, s->first.column + 1, s->second.column + 1);
	return ae_fail(err, "\"%s\" means %zu columns, \"%s\" and \"%s\"%s: name the one", s->name, s->count, first,
		second, s->count > 2 ? " and so on" : "");
}

int ae_element_find(struct ae_element *found, const struct ae_schema *schema, const char *name, struct ae_error *err)
{
	struct search search = {.schema = schema, .name = name};
	find(&search);
	if (search.count == 0)
		return fail_unknown(schema, name, err);
	if (search.count > 1)
		return fail_ambiguous(&search, err);
	*found = search.first;
	return 0;
}

bool ae_element_exists(const struct ae_schema *schema, const char *name)
{
	struct search search = {.schema = schema, .name = name};
	find(&search);
	return search.count > 0;
}
