/* SPDX-License-Identifier: MIT */
/* Packing and unpacking lineages. Keys are sorted, so that equal lineages are equal bytes. */
#include "model/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/lineage_keys.h"

struct pair {
	const char *key;
	size_t key_len;
	const struct ae_value *value;
};

static int by_key(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;
	size_t least = p->key_len < q->key_len ? p->key_len : q->key_len;
	int order = memcmp(p->key, q->key, least);
	return order != 0 ? order : (p->key_len > q->key_len) - (p->key_len < q->key_len);
}

static int keep_unknown(struct ae_lineage *lineage, const struct pair *pair, struct ae_error *err)
{
	char *key = ae_strndup(pair->key, pair->key_len, err);
	if (!key)
		return -1;
	struct ae_pack pack = {.out = &lineage->unknown, .err = err};
	ae_pack_str(&pack, key);
	free(key);
	lineage->unknown_count++;
	return pack.failed ? -1 : ae_value_raw(pair->value, &lineage->unknown, err);
}

static int take_pair(struct ae_lineage *lineage, const struct pair *pair, struct ae_error *err)
{
	const struct ae_lineage_key *key = ae_lineage_key_find(pair->key, pair->key_len);
	struct ae_error why = {0};
	if (!key)
		return keep_unknown(lineage, pair, err);
	int rc = ae_key_take(key->kind, lineage, key->at, key->size, key->has, pair->value, &why);
	return rc == 0 ? 0 : ae_fail_or(err, &why, "lineage: bad value of \"%s\"", key->key);
}

static int take_map(struct ae_lineage *lineage, const struct ae_value *map, struct ae_error *err)
{
	if (!ae_value_is_map(map))
		return ae_fail(err, "lineage: not a map");
	size_t n = ae_value_count(map);
	struct pair *pairs = ae_calloc(n, sizeof(*pairs), err);
	int rc = pairs ? 0 : -1;
	struct ae_walk walk = ae_walk_in(map);
	for (size_t i = 0; rc == 0 && ae_walk_pair(&walk, &pairs[i].key, &pairs[i].key_len, &pairs[i].value); i++) {
		if (!pairs[i].key || memchr(pairs[i].key, '\0', pairs[i].key_len))
			rc = ae_fail(err, "lineage: a key that is no text");
	}
	if (rc == 0 && n > 0)
		qsort(pairs, n, sizeof(*pairs), by_key);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (i > 0 && by_key(&pairs[i - 1], &pairs[i]) == 0)
			rc = ae_fail(err, "lineage: \"%.*s\" twice", (int)pairs[i].key_len, pairs[i].key);
		else
			rc = take_pair(lineage, &pairs[i], err);
	}
	free(pairs);
	if (rc == 0 && ae_prep_is_list(&lineage->prep) != (lineage->prep.source.shape.rank > 0))
		rc = ae_fail(err, "lineage: \"prep\" and \"source\" go together");
	return rc;
}

int ae_lineage_unpack(struct ae_lineage *lineage, const struct ae_buf *blob, struct ae_error *err)
{
	ae_lineage_free(lineage);
	if (blob->len == 0)
		return 0;
	const struct ae_value *map = ae_value_packed(blob->data, blob->len, "lineage", err);
	if (!map)
		return -1;
	int rc = take_map(lineage, map, err);
	if (rc != 0)
		ae_lineage_free(lineage);
	return rc;
}

static bool is_said(const struct ae_lineage_key *key, const struct ae_lineage *lineage)
{
	return ae_key_is_said(key->kind, lineage, key->at, key->has);
}

int ae_lineage_pack(const struct ae_lineage *lineage, struct ae_buf *blob, struct ae_error *err)
{
	const struct ae_lineage_key *key;
	size_t n = lineage->unknown_count;
	struct ae_pack pack = {.out = blob, .err = err};
	blob->len = 0;
	for (size_t i = 0; (key = ae_lineage_key_at(i)); i++)
		n += is_said(key, lineage);
	if (n == 0)
		return 0;
	ae_pack_map(&pack, n);
	for (size_t i = 0; (key = ae_lineage_key_at(i)); i++) {
		if (!is_said(key, lineage))
			continue;
		ae_pack_str(&pack, key->key);
		ae_key_pack(key->kind, lineage, key->at, &pack);
	}
	ae_pack_raw(&pack, &lineage->unknown);
	return pack.failed ? -1 : 0;
}

void ae_lineage_drop_smoothing(struct ae_lineage *lineage)
{
	lineage->smooth[0] = '\0';
	ae_grouping_free(&lineage->smooth_by);
}

bool ae_lineage_is_scaled(const struct ae_lineage *lineage)
{
	return ae_prep_find_scaler(&lineage->prep) != AE_PREP_NONE;
}

int ae_lineage_has_scaler(const struct ae_buf *blob, bool *scaled, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, blob, err);
	*scaled = ae_lineage_is_scaled(&lineage);
	ae_lineage_free(&lineage);
	return rc;
}

int ae_lineage_reorder(struct ae_buf *blob, const struct ae_order *order, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, blob, err);
	if (rc == 0 && lineage.prep.count) {
		rc = ae_prep_reorder(&lineage.prep, order, err);
		if (rc == 0)
			rc = ae_lineage_pack(&lineage, blob, err);
	}
	ae_lineage_free(&lineage);
	return rc;
}

int ae_lineage_group(char **name, const struct ae_lineage *lineage, struct ae_error *err)
{
	const struct ae_prep *prep = &lineage->prep;
	const char *text;
	size_t len;
	*name = NULL;
	if (lineage->smooth_by.group)
		return (*name = ae_strdup(lineage->smooth_by.group, err)) ? 0 : -1;
	for (size_t i = 0; !*name && i < prep->count; i++) {
		const struct ae_buf *packed = &prep->steps[i].packed;
		const struct ae_value *map = ae_value_packed(packed->data, packed->len, prep->steps[i].program, err);
		if (!map)
			return -1;
		if (ae_value_str(ae_value_get(map, "group"), &text, &len) == 0 && !(*name = ae_strndup(text, len, err)))
			return -1;
	}
	return 0;
}

void ae_lineage_free(struct ae_lineage *lineage)
{
	ae_prep_free(&lineage->prep);
	ae_grouping_free(&lineage->smooth_by);
	ae_buf_free(&lineage->unknown);
	*lineage = (struct ae_lineage){0};
}
