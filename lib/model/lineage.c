/* SPDX-License-Identifier: MIT */
/* Packing and unpacking lineages. Keys are sorted, so that equal lineages are equal bytes. */
#include "model/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"

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

static bool key_is(const struct pair *pair, const char *name)
{
	return pair->key_len == strlen(name) && memcmp(pair->key, name, pair->key_len) == 0;
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

/* One plain scaler, which has a key of its own. */
static int take_scaler(struct ae_prep *prep, const struct ae_value *value, struct ae_error *err)
{
	static const struct ae_shape none = {0};
	const unsigned char *bytes;
	struct ae_buf packed = {0};
	size_t len;
	if (prep->count || ae_value_bin(value, &bytes, &len) != 0)
		return -1;
	if (len == 0)
		return 0;
	int rc = ae_buf_set(&packed, bytes, len, err);
	if (rc == 0)
		rc = ae_prep_append(prep, AE_PREP_SCALER, &packed, &none, NULL, 0, err);
	ae_buf_free(&packed);
	return rc;
}

static int take_pair(struct ae_lineage *lineage, const struct pair *pair, struct ae_error *err)
{
	const unsigned char *bytes;
	struct ae_error why = {0};
	size_t len;
	int rc;
	if (key_is(pair, "scaler")) {
		rc = take_scaler(&lineage->prep, pair->value, &why);
	} else if (key_is(pair, "prep")) {
		rc = ae_prep_take_steps(&lineage->prep, pair->value, &why);
	} else if (key_is(pair, "source")) {
		rc = ae_prep_take_source(&lineage->prep, pair->value, &why);
	} else if (key_is(pair, "digest")) {
		rc = ae_value_bin(pair->value, &bytes, &len) != 0 || len != AE_DIGEST_SIZE ? -1 : 0;
		lineage->has_digest = rc == 0;
		if (rc == 0)
			memcpy(lineage->digest, bytes, len);
	} else if (key_is(pair, "stats")) {
		rc = ae_value_bin(pair->value, &bytes, &len) != 0 || len != AE_DIGEST_SIZE ? -1 : 0;
		lineage->has_stats = rc == 0;
		if (rc == 0)
			memcpy(lineage->stats, bytes, len);
	} else if (key_is(pair, "held_out")) {
		rc = ae_value_bool(pair->value, &lineage->held_out);
	} else if (key_is(pair, "loss")) {
		rc = ae_value_word(pair->value, lineage->loss, sizeof(lineage->loss));
	} else if (key_is(pair, "metric")) {
		rc = ae_value_word(pair->value, lineage->metric, sizeof(lineage->metric));
	} else if (key_is(pair, "reference")) {
		rc = ae_value_word(pair->value, lineage->reference, sizeof(lineage->reference));
	} else if (key_is(pair, "scaled_err")) {
		rc = ae_value_bool(pair->value, &lineage->scaled_err);
	} else if (key_is(pair, "smooth")) {
		rc = ae_value_word(pair->value, lineage->smooth, sizeof(lineage->smooth));
	} else if (key_is(pair, "smooth_group")) {
		rc = ae_grouping_take_group(&lineage->smooth_by, pair->value, &why);
	} else if (key_is(pair, "smooth_max_gap")) {
		rc = ae_grouping_take_gap(&lineage->smooth_by, pair->value);
	} else {
		return keep_unknown(lineage, pair, err);
	}
	return rc == 0 ? 0 : ae_fail_or(err, &why, "lineage: bad value of \"%.*s\"", (int)pair->key_len, pair->key);
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

static void pack_word(struct ae_pack *pack, const char *key, const char *word)
{
	if (word[0] == '\0')
		return;
	ae_pack_str(pack, key);
	ae_pack_str(pack, word);
}

int ae_lineage_pack(const struct ae_lineage *lineage, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	bool scaler = ae_prep_is_scaler(&lineage->prep), list = ae_prep_is_list(&lineage->prep);
	size_t n = lineage->unknown_count + lineage->has_digest + lineage->held_out + (lineage->loss[0] != '\0') +
		   (lineage->metric[0] != '\0') + (lineage->reference[0] != '\0') + (lineage->smooth[0] != '\0') +
		   ae_grouping_count(&lineage->smooth_by) + lineage->scaled_err + lineage->has_stats + scaler +
		   2 * list;
	if (n == 0)
		return 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, n);
	if (lineage->has_digest) {
		ae_pack_str(&pack, "digest");
		ae_pack_bin(&pack, lineage->digest, sizeof(lineage->digest));
	}
	if (lineage->held_out) {
		ae_pack_str(&pack, "held_out");
		ae_pack_bool(&pack, true);
	}
	pack_word(&pack, "loss", lineage->loss);
	pack_word(&pack, "metric", lineage->metric);
	if (list) {
		ae_pack_str(&pack, "prep");
		pack.failed |= ae_prep_pack_steps(&lineage->prep, blob, err) != 0;
	}
	pack_word(&pack, "reference", lineage->reference);
	if (lineage->scaled_err) {
		ae_pack_str(&pack, "scaled_err");
		ae_pack_bool(&pack, true);
	}
	if (scaler) {
		ae_pack_str(&pack, "scaler");
		ae_pack_bin(&pack, lineage->prep.steps->packed.data, lineage->prep.steps->packed.len);
	}
	pack_word(&pack, "smooth", lineage->smooth);
	ae_grouping_pack(&lineage->smooth_by, &pack, "smooth_group", "smooth_max_gap");
	if (list) {
		ae_pack_str(&pack, "source");
		pack.failed |= ae_prep_pack_source(&lineage->prep.source, blob, err) != 0;
	}
	if (lineage->has_stats) {
		ae_pack_str(&pack, "stats");
		ae_pack_bin(&pack, lineage->stats, sizeof(lineage->stats));
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
